//! Typed rows: one declaration gives the struct, the table and the way between them.

use qonys_events::{
    digest::Sha256Hex,
    figure::{Billionths, Figure, Period},
    id::{Line, Origin, Ref, StreamId},
    scalar::{
        Count, Day, Instant, PartialDay, Position, Slug, SquareDecimetres, StreamSeq, Tenge, Text,
        Year,
    },
    term,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::table::{Kind, Row, Table, Value};

/// A type that can stand in a column.
pub trait Cell: Sized {
    /// The kind of the column.
    const KIND: Kind;
    /// Whether the column may be null.
    const NULLABLE: bool = false;

    /// The value as it stands in a row.
    fn value(&self) -> Value;

    /// Reads the value; `None` when it is not one of this type.
    fn read(value: &Value) -> Option<Self>;
}

impl<T: Cell> Cell for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::value)
    }

    fn read(value: &Value) -> Option<Self> {
        if value.is_null() {
            Some(None)
        } else {
            T::read(value).map(Some)
        }
    }
}

/// Types with one written form.
macro_rules! written_cells {
    ($kind:expr => $($type:ty),+ $(,)?) => {$(
        impl Cell for $type {
            const KIND: Kind = $kind;
            fn value(&self) -> Value {
                Value::text(self)
            }
            fn read(value: &Value) -> Option<Self> {
                value.as_text()?.parse().ok()
            }
        }
    )+};
}
/// Types that hold their text: no need to write it anew.
macro_rules! text_cells {
    ($($type:ty),+ $(,)?) => {$(
        impl Cell for $type {
            const KIND: Kind = Kind::Text;
            fn value(&self) -> Value {
                Value::Text(SmolStr::new(self.as_str()))
            }
            fn read(value: &Value) -> Option<Self> {
                value.as_text()?.parse().ok()
            }
        }
    )+};
}
text_cells!(Slug, Text, Origin);

impl Cell for Ref {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value {
        let mut text = [0; 36];
        Value::Text(SmolStr::new(self.0.hyphenated().encode_lower(&mut text)))
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_text()?.parse().ok()
    }
}

written_cells!(Kind::Day => Day);
written_cells!(Kind::Instant => Instant);
written_cells!(
    Kind::Text => String, Line, StreamId, Sha256Hex, PartialDay,
    term::Category, term::CountingRule, term::ActKind, term::Language, term::Certainty, term::ActDate,
    term::DecisionType, term::QuotaAction, term::LineMark, term::TerritoryChange, term::ReleaseReason,
    term::PersonKind, term::AgeClass, term::HousingFund, term::RegisteringBody, term::ConsentKind,
    term::OverNormGround, term::ResidenceEnd, term::Direction, term::Answer,
    term::IinFinding, term::BirthDateFinding, term::DocumentKind, term::PremisesUse, term::HoldingTitle,
    term::FamilyChange, term::RepresentationBasis, term::RepresentationScope,
    term::ConsentScope, term::CorrectionReason, term::StayEnd, term::StayLimit, term::Timeliness,
    term::RepaymentRule, term::NoticeWay, term::ProceedingsLanguage,
    term::LabourCategory,
);

written_cells!(
    Kind::Text => Period, term::Feature, term::Nature, term::PeriodKind, term::SourceKind,
    term::Reading, term::TriggerOutcome, term::MeasureKind, term::MeasureOutcome, term::ServiceKind,
);

/// Numbers with sign.
macro_rules! signed_cells {
    ($($type:ident),+) => {$(
        impl Cell for $type {
            const KIND: Kind = Kind::Integer;
            fn value(&self) -> Value {
                Value::Integer(self.0)
            }
            fn read(value: &Value) -> Option<Self> {
                value.as_integer().map(Self)
            }
        }
    )+};
}
signed_cells!(Figure, Billionths);

/// Numbers that count from 0.
macro_rules! number_cells {
    ($($type:ident),+ $(,)?) => {$(
        impl Cell for $type {
            const KIND: Kind = Kind::Integer;
            fn value(&self) -> Value {
                Value::number(self.0.into())
            }
            fn read(value: &Value) -> Option<Self> {
                value.as_integer()?.try_into().ok().map(Self)
            }
        }
    )+};
}
number_cells!(Count, Position, StreamSeq, SquareDecimetres, Tenge, Year);

impl Cell for i64 {
    const KIND: Kind = Kind::Integer;

    fn value(&self) -> Value {
        Value::Integer(*self)
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_integer()
    }
}

impl Cell for bool {
    const KIND: Kind = Kind::Integer;

    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }

    fn read(value: &Value) -> Option<Self> {
        match value.as_integer()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// A part of an entry's data as its own JSON text, byte for byte as the entry writes it. Serialised, it stands as what
/// it says and not as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(String);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

impl JsonSchema for Json {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "entry-data".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "Part of an entry's data, as the entry writes it."})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A row for readers: what is null is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<R>(pub R);

impl<R: Serialize> Serialize for Shown<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(&self.0).map_err(S::Error::custom)?;
        if let Some(members) = value.as_object_mut() {
            members.retain(|_, member| !member.is_null());
        }
        value.serialize(serializer)
    }
}

impl<R: JsonSchema> JsonSchema for Shown<R> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        R::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        R::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        R::json_schema(generator)
    }
}

/// How a whole number with sign is serialised: as a text of digits, like every counter of the log.
pub(crate) struct Digits;

impl JsonSchema for Digits {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "signed-count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,18})$"})
    }
}

/// Serialises a number as its digits.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(crate) fn digits<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Serialises a number as its digits, or null.
pub(crate) fn digits_if_any<S: Serializer>(
    number: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.collect_str(number),
        None => serializer.serialize_none(),
    }
}

impl Json {
    /// The JSON text of a value of the vocabulary.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it back.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl Cell for Json {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value {
        Value::Text(SmolStr::new(&self.0))
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_text().map(|text| Self(text.to_owned()))
    }
}

/// Why a row is not one of its table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column} holds {found}")]
pub struct RowError {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What stands there.
    pub found: Value,
}

/// A struct that is a row of one table.
pub trait TableRow: Sized {
    /// Its table.
    fn table() -> &'static Table;

    /// The row.
    fn row(&self) -> Row;

    /// Reads a row of the table.
    fn read(row: &Row) -> Result<Self, RowError>;
}

/// Declares a struct with public fields, its table with one column per field, and [`TableRow`] between them.
macro_rules! rows {
    (
        $(#[$doc:meta])*
        $row:ident in $table:ident = $name:literal {
            key: [$($key:ident),+ $(,)?],
            entity: [$($entity:ident),* $(,)?],
            indexes: [$([$($index:ident),+ $(,)?]),* $(,)?],
        }
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
        pub struct $row {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        #[doc = concat!("The table `", $name, "`: its rows are [`", stringify!($row), "`].")]
        pub static $table: $crate::table::Table = {
            const COLUMNS: &[$crate::table::Column] = &[$($crate::table::Column {
                name: stringify!($field),
                kind: <$type as $crate::cell::Cell>::KIND,
                nullable: <$type as $crate::cell::Cell>::NULLABLE,
            }),+];
            $crate::table::Table {
            name: $name,
            columns: COLUMNS,
            key: &[$(stringify!($key)),+],
            entity: &[$(stringify!($entity)),*],
            indexes: &[$(&[$(stringify!($index)),+]),*],
            key_at: &[$($crate::table::column_of(COLUMNS, stringify!($key))),+],
            entity_at: &[$($crate::table::column_of(COLUMNS, stringify!($entity))),*],
            recorded_from_at: $crate::table::column_at(COLUMNS, $crate::table::RECORDED_FROM),
            recorded_to_at: $crate::table::column_at(COLUMNS, $crate::table::RECORDED_TO),
            }
        };

        impl $crate::cell::TableRow for $row {
            fn table() -> &'static $crate::table::Table {
                &$table
            }

            fn row(&self) -> $crate::table::Row {
                $crate::table::Row(vec![$($crate::cell::Cell::value(&self.$field)),+])
            }

            fn read(row: &$crate::table::Row) -> Result<Self, $crate::cell::RowError> {
                let mut values = row.0.iter();
                Ok(Self {
                    $($field: {
                        let value = values.next().unwrap_or(&$crate::table::Value::Null);
                        $crate::cell::Cell::read(value).ok_or_else(|| $crate::cell::RowError {
                            table: $name,
                            column: stringify!($field),
                            found: value.clone(),
                        })?
                    },)+
                })
            }
        }
    };
}
pub(crate) use rows;

/// Declares a closed list of words that a view uses and the log does not, with their written form.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$word_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        pub enum $type {
            $($(#[$word_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $type {
            /// The written form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl $crate::cell::Cell for $type {
            const KIND: $crate::table::Kind = $crate::table::Kind::Text;

            fn value(&self) -> $crate::table::Value {
                $crate::table::Value::text(self.as_str())
            }

            fn read(value: &$crate::table::Value) -> Option<Self> {
                match value.as_text()? {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;

//! Values with one written form: digits, days, instants, short texts. Each refuses any other form of the same value.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::term::Weekday;

mod texts;

pub use texts::{Slug, Text};

/// Why a text is not the value it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected}, not {found:?}")]
pub struct Malformed {
    /// What was expected, in words.
    pub expected: &'static str,
    /// The text that was found, cut to 80 characters.
    pub found: String,
}

impl Malformed {
    pub(crate) fn new(expected: &'static str, found: &str) -> Self {
        Self {
            expected,
            found: found.chars().take(80).collect(),
        }
    }
}

/// Room for the written form of everything that is no long text.
const WRITTEN_BYTES: usize = 72;

/// A written form on the stack.
struct OnStack {
    bytes: [u8; WRITTEN_BYTES],
    length: usize,
}

impl fmt::Write for OnStack {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Serializes what a value displays: in one piece, without memory of its own, where it is short.
pub(crate) fn serialize_written<S: Serializer>(
    value: &impl fmt::Display,
    s: S,
) -> Result<S::Ok, S::Error> {
    use fmt::Write as _;
    let mut written = OnStack {
        bytes: [0; WRITTEN_BYTES],
        length: 0,
    };
    if write!(written, "{value}").is_ok()
        && let Ok(text) = std::str::from_utf8(&written.bytes[..written.length])
    {
        return s.serialize_str(text);
    }
    s.collect_str(value)
}

/// Serde and JSON Schema for a type with `Display`, `FromStr` and one pattern.
macro_rules! written {
    ($type:ty, $name:literal, $pattern:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $crate::scalar::serialize_written(self, s)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a string: ", $name))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                d.deserialize_str(Visitor)
            }
        }
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "title": $name })
            }
        }
    };
}
pub(crate) use written;

/// A number that is written as a string of digits without leading zeros (I-JSON has no safe large integers).
macro_rules! digits {
    ($(#[$doc:meta])* $type:ident, $name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub u64);

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $type {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                // No sign, no leading zero.
                let canonical = match text.as_bytes() {
                    [b'0'] => true,
                    [first, ..] => matches!(first, b'1'..=b'9'),
                    [] => false,
                };
                text.parse()
                    .ok()
                    .filter(|_| canonical)
                    .map(Self)
                    .ok_or_else(|| Malformed::new(concat!($name, ": a string of digits below 2^64"), text))
            }
        }
        written!($type, $name, "^(0|[1-9][0-9]{0,19})$");
    };
}

digits!(
    /// A number of things: places, persons, days, households.
    Count, "count"
);
digits!(
    /// The place of an entry in the whole log: 1, 2, 3 … with no gap, in commit order. 0 is "before the first".
    Position, "position"
);
digits!(
    /// The place of an entry in its stream: 1, 2, 3 … with no gap.
    StreamSeq, "stream sequence"
);
digits!(
    /// An area in whole square decimetres: 45.00 m2 is 4500.
    SquareDecimetres, "area in square decimetres"
);
digits!(
    /// An amount of money in whole tenge.
    Tenge, "amount in tenge"
);

/// Whether digits stand where the form has zeros, and the form's own bytes elsewhere.
fn has_form<const N: usize>(bytes: &[u8; N], form: &[u8; N]) -> bool {
    bytes.iter().zip(form).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// The number that these digits are.
fn number(digits: &[u8]) -> i32 {
    digits.iter().fold(0, |number, digit| {
        10 * number + i32::from(digit.wrapping_sub(b'0'))
    })
}

/// Writes a number with leading zeros.
fn put(places: &mut [u8], number: i32) {
    let mut rest = number;
    for place in places.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// A calendar year, written with four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year(pub u16);

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}
impl FromStr for Year {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let plain = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|y| plain && (1900..=2200).contains(y))
            .map(Self)
            .ok_or_else(|| Malformed::new("a year from 1900 to 2200", text))
    }
}
written!(Year, "year", "^(19|20|21|22)[0-9]{2}$");

impl Year {
    /// The first day of the year.
    pub fn first_day(self) -> Day {
        Day::new(self.0 as i16, 1, 1)
    }

    /// The first day after the year.
    pub fn end(self) -> Day {
        Day::new(self.0 as i16 + 1, 1, 1)
    }
}

/// A civil date of the log's zone, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// The day of this date. Panics on a date that does not exist: for literals and checked parts only.
    pub fn new(year: i16, month: i8, day: i8) -> Self {
        Self(jiff::civil::date(year, month, day))
    }

    /// The day `days` later (earlier when negative); stays at the last representable day beyond it.
    pub fn plus_days(self, days: i64) -> Self {
        // More days than any span may have are more than the calendar holds.
        let days = days.clamp(-4_000_000, 4_000_000);
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The day so many months later; the last of its month where that month is shorter.
    pub fn plus_months(self, months: i64) -> Self {
        let months = months.clamp(-100_000, 100_000);
        Self(self.0.saturating_add(jiff::Span::new().months(months)))
    }

    /// Calendar days from this one to the other; negative when it lies before.
    pub fn days_until(self, other: Self) -> i64 {
        (other.0 - self.0).get_days().into()
    }

    /// The year it lies in.
    pub fn year(self) -> Year {
        Year(self.0.year() as u16)
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        match self.0.weekday() {
            jiff::civil::Weekday::Monday => Weekday::Monday,
            jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
            jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
            jiff::civil::Weekday::Thursday => Weekday::Thursday,
            jiff::civil::Weekday::Friday => Weekday::Friday,
            jiff::civil::Weekday::Saturday => Weekday::Saturday,
            jiff::civil::Weekday::Sunday => Weekday::Sunday,
        }
    }

    /// The month it lies in, from 1.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Whether it is the first day of a month.
    pub fn is_first_of_month(self) -> bool {
        self.0.day() == 1
    }

    /// The civil date of an instant in a zone.
    pub fn of(at: Instant, zone: &jiff::tz::TimeZone) -> Self {
        Self(at.0.to_zoned(zone.clone()).date())
    }
}

impl Day {
    /// The one written form, of the years 1800 to 9999.
    fn read(text: &str) -> Option<Self> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        if !has_form(bytes, b"0000-00-00") {
            return None;
        }
        let small = |from| i8::try_from(number(&bytes[from..from + 2])).ok();
        let year = i16::try_from(number(&bytes[..4])).ok()?;
        let date = jiff::civil::Date::new(year, small(5)?, small(8)?).ok()?;
        (year >= 1800).then_some(Self(date))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.year() < 0 {
            return self.0.fmt(f);
        }
        let mut text = *b"0000-00-00";
        put(&mut text[..4], self.0.year().into());
        put(&mut text[5..7], self.0.month().into());
        put(&mut text[8..], self.0.day().into());
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}
impl FromStr for Day {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::read(text).ok_or_else(|| Malformed::new("a day as YYYY-MM-DD", text))
    }
}
written!(Day, "day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");

/// A date that is known to the day or only to the month: `2024-08-24` or `2025-08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartialDay {
    /// Known to the day.
    Day(Day),
    /// Known to the month; the day is its first.
    Month(Day),
}

impl PartialDay {
    /// The first day that it can mean.
    pub fn earliest(self) -> Day {
        match self {
            Self::Day(day) | Self::Month(day) => day,
        }
    }

    /// The last day that it can mean.
    pub fn latest(self) -> Day {
        match self {
            Self::Day(day) => day,
            Self::Month(first) => Day(first.0.last_of_month()),
        }
    }
}

impl fmt::Display for PartialDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Month(first) => f.write_str(&first.to_string()[..7]),
        }
    }
}
impl FromStr for PartialDay {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = || Malformed::new("a day as YYYY-MM-DD or a month as YYYY-MM", text);
        match text.len() {
            7 if text.is_ascii() => format!("{text}-01")
                .parse()
                .map(Self::Month)
                .map_err(|_| bad()),
            _ => text.parse().map(Self::Day).map_err(|_| bad()),
        }
    }
}
written!(
    PartialDay,
    "day or month",
    "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"
);

/// An instant in whole microseconds, written as RFC 3339 with six decimals and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(jiff::Timestamp);

impl Instant {
    /// The instant at this many microseconds after 1970-01-01T00:00:00Z. Panics outside the years -9999 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        Self(jiff::Timestamp::from_microsecond(micros).expect("an instant within the calendar"))
    }

    /// The one written form, of the years 0000 to 9999.
    fn read(text: &str) -> Option<Self> {
        let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
        if !has_form(bytes, b"0000-00-00T00:00:00.000000Z") {
            return None;
        }
        let small = |from| i8::try_from(number(&bytes[from..from + 2])).ok();
        let at = jiff::civil::DateTime::new(
            i16::try_from(number(&bytes[..4])).ok()?,
            small(5)?,
            small(8)?,
            small(11)?,
            small(14)?,
            small(17)?,
            number(&bytes[20..26]) * 1_000,
        );
        jiff::tz::Offset::UTC.to_timestamp(at.ok()?).ok().map(Self)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The instant `micros` microseconds later.
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.micros().saturating_add(micros))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = jiff::tz::Offset::UTC.to_datetime(self.0);
        let (year, micros) = (at.year(), at.subsec_nanosecond() / 1_000);
        if year < 0 {
            return write!(f, "{:.6}", self.0);
        }
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        put(&mut text[..4], year.into());
        put(&mut text[5..7], at.month().into());
        put(&mut text[8..10], at.day().into());
        put(&mut text[11..13], at.hour().into());
        put(&mut text[14..16], at.minute().into());
        put(&mut text[17..19], at.second().into());
        put(&mut text[20..26], micros);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}
impl FromStr for Instant {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::read(text)
            .ok_or_else(|| Malformed::new("an instant as 2024-01-14T00:00:00.000000Z", text))
    }
}
written!(
    Instant,
    "instant",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_and_read_as_the_calendar_library_does() {
        for micros in [
            -62_135_596_800_000_000,
            -1,
            0,
            1,
            951_782_399_999_999,
            1_724_500_000_000_001,
            253_402_207_199_999_999,
        ] {
            let at = Instant::from_micros(micros);
            assert_eq!(at.to_string(), format!("{:.6}", at.0));
            assert_eq!(at.to_string().parse(), Ok(at));
        }
        for bad in [
            "2024-01-14T00:00:00.00000Z",
            "2024-01-14t00:00:00.000000Z",
            "2024-13-14T00:00:00.000000Z",
            "2023-02-29T00:00:00.000000Z",
            "2024-01-14T24:00:00.000000Z",
            "2024-01-14T00:00:60.000000Z",
            "+024-01-14T00:00:00.000000Z",
            "2024-01-14T00:00:00.000000+",
            "2024-01-14T00:00:00.00000éZ",
        ] {
            assert!(bad.parse::<Instant>().is_err(), "{bad}");
        }
    }

    #[test]
    fn days_beyond_the_calendar_stay_at_its_ends() {
        let day = Day::new(2024, 1, 31);
        assert_eq!(day.plus_days(30).to_string(), "2024-03-01");
        assert_eq!(day.plus_days(i64::MAX), day.plus_days(4_000_000));
        assert!(day.plus_days(i64::MIN) < day);
    }
}

//! The text of every statement on a view, made from the declaration of its table. The two stores differ here and nowhere
//! else: in the types of columns and in how many rows one statement takes.

use qonys_projections::table::{Column, Kind, RECORDED_TO, Table};

/// Which store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL: one statement takes arrays of values.
    Postgres,
    /// SQLite: one statement takes one row, prepared once.
    Sqlite,
}

/// Which of the two sets of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The tables that queries read.
    Live,
    /// The tables of a rebuild, beside the live ones.
    Beside,
}

impl Side {
    /// The name of a table on this side.
    pub(super) fn name(self, table: &str) -> String {
        match self {
            Self::Live => table.to_owned(),
            Self::Beside => format!("next_{table}"),
        }
    }

    /// The table of checkpoints of this side.
    pub(super) fn checkpoint(self) -> &'static str {
        match self {
            Self::Live => "checkpoint",
            Self::Beside => "next_checkpoint",
        }
    }
}

impl Dialect {
    /// The type of a column. Text compares by bytes on both stores; SQLite does so unasked.
    fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind.is_text()) {
            (Self::Postgres, true) => r#"text COLLATE "C""#,
            (Self::Postgres, false) => "bigint",
            (Self::Sqlite, true) => "TEXT",
            (Self::Sqlite, false) => "INTEGER",
        }
    }

    fn table_options(self) -> &'static str {
        match self {
            Self::Postgres => "",
            Self::Sqlite => " STRICT, WITHOUT ROWID",
        }
    }

    /// Makes the tables of checkpoints where they are missing.
    pub(super) fn create_checkpoints(self) -> Vec<String> {
        [Side::Live, Side::Beside]
            .map(|side| {
                let (text, number) = (
                    self.column_type(Kind::Text),
                    self.column_type(Kind::Integer),
                );
                format!(
                    "CREATE TABLE IF NOT EXISTS {} (projection {text} NOT NULL PRIMARY KEY, \
                     version {number} NOT NULL, position {number} NOT NULL, \
                     generation {number} NOT NULL){}",
                    side.checkpoint(),
                    self.table_options()
                )
            })
            .into()
    }

    /// Makes a table with its indexes. Names of indexes hold the generation, because a swap renames tables only.
    pub(super) fn create(self, side: Side, table: &Table, generation: i64) -> Vec<String> {
        let name = side.name(table.name);
        let column = |column: &Column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("{} {}{null}", column.name, self.column_type(column.kind))
        };
        let columns: Vec<_> = table.columns.iter().map(column).collect();
        let made = format!("{}_{generation}", table.name);
        let mut statements = vec![format!(
            "CREATE TABLE {name} ({}, CONSTRAINT {made}_key PRIMARY KEY ({})){}",
            columns.join(", "),
            table.key.join(", "),
            self.table_options()
        )];
        if !table.entity.is_empty() {
            statements.push(format!(
                "CREATE INDEX {made}_entity ON {name} ({}) WHERE {RECORDED_TO} IS NULL",
                table.entity.join(", ")
            ));
        }
        statements.extend(
            table.indexes.iter().enumerate().map(|(i, index)| {
                format!("CREATE INDEX {made}_{i} ON {name} ({})", index.join(", "))
            }),
        );
        statements
    }

    /// Adds rows: on PostgreSQL an array for each column, on SQLite one row.
    pub(super) fn insert(self, side: Side, table: &Table) -> String {
        let columns = columns(table);
        let into = format!("INSERT INTO {} ({columns})", side.name(table.name));
        match self {
            Self::Postgres => format!(
                "{into} SELECT * FROM unnest({})",
                arrays(table.columns.iter().map(|column| column.kind), 1)
            ),
            Self::Sqlite => format!("{into} VALUES ({})", places(table.columns.len())),
        }
    }

    /// Closes rows that are open, by primary key; the position to write comes first.
    pub(super) fn close(self, side: Side, table: &Table) -> String {
        let name = side.name(table.name);
        match self {
            Self::Postgres => {
                let kinds = kinds(table, table.key);
                format!(
                    "UPDATE {name} AS t SET {RECORDED_TO} = c.closed_at \
                     FROM unnest($1::bigint[], {}) AS c(closed_at, {}) WHERE t.{RECORDED_TO} IS NULL AND {}",
                    arrays(kinds.iter().copied(), 2),
                    table.key.join(", "),
                    table
                        .key
                        .iter()
                        .map(|column| format!("t.{column} = c.{column}"))
                        .collect::<Vec<_>>()
                        .join(" AND ")
                )
            }
            Self::Sqlite => format!(
                "UPDATE {name} SET {RECORDED_TO} = $1 WHERE {RECORDED_TO} IS NULL AND {}",
                equal(table.key, 2)
            ),
        }
    }

    /// The open rows of entities: on PostgreSQL of many, on SQLite of one.
    pub(super) fn known(self, side: Side, table: &Table) -> String {
        let name = side.name(table.name);
        let columns = columns(table);
        match self {
            Self::Postgres => format!(
                "SELECT {columns} FROM {name} JOIN unnest({}) AS e({}) USING ({}) WHERE {RECORDED_TO} IS NULL",
                arrays(kinds(table, table.entity).iter().copied(), 1),
                table.entity.join(", "),
                table.entity.join(", ")
            ),
            Self::Sqlite => format!(
                "SELECT {columns} FROM {name} WHERE {} AND {RECORDED_TO} IS NULL",
                equal(table.entity, 1)
            ),
        }
    }

    /// Takes the side's lock for the length of the transaction. SQLite's transactions begin with the file's lock.
    pub(super) fn lock(self, side: Side) -> Option<&'static str> {
        match (self, side) {
            // The bytes 'qonysvie' and the number after it.
            (Self::Postgres, Side::Live) => {
                Some("SELECT pg_advisory_xact_lock(8173873316607977829)")
            }
            (Self::Postgres, Side::Beside) => {
                Some("SELECT pg_advisory_xact_lock(8173873316607977830)")
            }
            (Self::Sqlite, _) => None,
        }
    }
}

/// Rows after a primary key (or from the beginning), in its order. The limit is the last parameter.
pub(super) fn scan(side: Side, table: &Table, after: bool) -> String {
    let (name, key) = (side.name(table.name), table.key.join(", "));
    let above = if after {
        format!(" WHERE ({key}) > ({})", places(table.key.len()))
    } else {
        String::new()
    };
    let limit = if after { table.key.len() + 1 } else { 1 };
    format!(
        "SELECT {} FROM {name}{above} ORDER BY {key} LIMIT ${limit}",
        columns(table)
    )
}

/// Puts the rebuilt table in the place of the live one.
pub(super) fn swap(table: &Table) -> [String; 2] {
    [
        drop_table(Side::Live, table),
        format!(
            "ALTER TABLE {} RENAME TO {}",
            Side::Beside.name(table.name),
            table.name
        ),
    ]
}

/// Drops a table, if it is there.
pub(super) fn drop_table(side: Side, table: &Table) -> String {
    format!("DROP TABLE IF EXISTS {}", side.name(table.name))
}

/// The columns of a table, in the order of a row.
pub(super) fn columns(table: &Table) -> String {
    let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// What the columns of these names hold.
pub(super) fn kinds(table: &Table, names: &[&str]) -> Vec<Kind> {
    let kind = |name: &&str| table.column(name).map(|i| table.columns[i].kind);
    names.iter().filter_map(kind).collect()
}

fn places(count: usize) -> String {
    let places: Vec<_> = (1..=count).map(|n| format!("${n}")).collect();
    places.join(", ")
}

fn equal(columns: &[&str], first: usize) -> String {
    let each = columns
        .iter()
        .enumerate()
        .map(|(i, column)| format!("{column} = ${}", first + i));
    each.collect::<Vec<_>>().join(" AND ")
}

fn arrays(kinds: impl Iterator<Item = Kind>, first: usize) -> String {
    let array = |(i, kind): (usize, Kind)| {
        let of = if kind.is_text() { "text" } else { "bigint" };
        format!("${}::{of}[]", first + i)
    };
    kinds.enumerate().map(array).collect::<Vec<_>>().join(", ")
}

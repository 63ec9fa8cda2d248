//! Digests of views: what a running register publishes about its tables, and what a replay is compared with.
//!
//! The digest of a table is a SHA-256 over the sorted hashes of its rows: it does not depend on the order in which rows
//! come, and it is made in constant memory.

use std::{io, path::Path};

use qonys_events::{
    digest::Sha256Hex,
    scalar::{Count, Position},
};
use qonys_projections::{
    table::{Row, Table, Value},
    tables,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::sort::Sorter;

/// The digest of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDigest {
    /// The table.
    pub table: String,
    /// Its rows, closed ones too.
    pub rows: Count,
    /// The digest over them.
    pub digest: Sha256Hex,
}

/// The digests of all tables, as the log stood at a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The position.
    pub position: Position,
    /// The tables, in the order of the views.
    pub tables: Vec<TableDigest>,
}

/// The hash of a row: table and values, each with its kind and length. `bytes` is room that is used again.
fn row_hash(table: &Table, row: &Row, bytes: &mut Vec<u8>) -> Sha256Hex {
    fn part(bytes: &mut Vec<u8>, kind: &[u8], value: &[u8]) {
        bytes.extend_from_slice(&((kind.len() + value.len()) as u64).to_be_bytes());
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(value);
    }
    bytes.clear();
    part(bytes, b"qonys/row/1", b"");
    part(bytes, table.name.as_bytes(), b"");
    for value in &row.0 {
        match value {
            Value::Null => part(bytes, &[0], b""),
            Value::Integer(number) => part(bytes, &[1], &number.to_be_bytes()),
            Value::Text(text) => part(bytes, &[2], text.as_bytes()),
        }
    }
    Sha256Hex::of(bytes)
}

/// Makes digests, row by row.
pub struct Digester {
    tables: Vec<&'static str>,
    sorter: Sorter<33>,
    bytes: Vec<u8>,
}

impl Digester {
    /// Digests of every table of every view. A scratch file, if one is needed, stands in `scratch`.
    pub fn new(scratch: &Path) -> Self {
        Self {
            tables: tables().iter().map(|table| table.name).collect(),
            sorter: Sorter::new(scratch, "rows"),
            bytes: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Where the scratch file cannot be written, or the table is of no view.
    pub fn add(&mut self, table: &Table, row: &Row) -> io::Result<()> {
        let index = self.tables.iter().position(|name| *name == table.name);
        let index = index.and_then(|index| u8::try_from(index).ok());
        let index = index.ok_or_else(|| io::Error::other("a table of no view"))?;
        let mut record = [index; 33];
        record[1..].copy_from_slice(&row_hash(table, row, &mut self.bytes).0);
        self.sorter.push(record)
    }

    /// The digests, in the order of the views.
    ///
    /// # Errors
    /// Where the scratch file cannot be read.
    pub fn finish(self) -> io::Result<Vec<TableDigest>> {
        let mut hashes: Vec<(Sha256, u64)> = self
            .tables
            .iter()
            .map(|name| (Sha256::new().chain_update(name), 0))
            .collect();
        self.sorter.drain(|record| {
            let (hash, rows) = &mut hashes[usize::from(record[0])];
            hash.update(&record[1..]);
            *rows += 1;
            Ok(())
        })?;
        let digests = self.tables.iter().zip(hashes);
        Ok(digests
            .map(|(name, (hash, rows))| TableDigest {
                table: (*name).to_owned(),
                rows: Count(rows),
                digest: Sha256Hex(hash.finalize().into()),
            })
            .collect())
    }
}

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

/// Adds a part of a tagged digest: the length, then a byte for the kind of a value, then the value.
fn part(bytes: &mut Vec<u8>, kind: Option<u8>, value: &[u8]) {
    let length = value.len() + usize::from(kind.is_some());
    bytes.extend_from_slice(&(length as u64).to_be_bytes());
    bytes.extend(kind);
    bytes.extend_from_slice(value);
}

/// Adds values as they are hashed: each with its length and kind.
pub(crate) fn pack(values: &[Value], bytes: &mut Vec<u8>) {
    for value in values {
        match value {
            Value::Null => part(bytes, Some(0), &[]),
            Value::Integer(number) => part(bytes, Some(1), &number.to_be_bytes()),
            Value::Text(text) => part(bytes, Some(2), text.as_bytes()),
        }
    }
}

/// The values that [`pack`] has put together; `None` for any other bytes.
pub(crate) fn unpack(mut bytes: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        let (kind, value) = value.split_first()?;
        values.push(match kind {
            0 => Value::Null,
            1 => Value::Integer(i64::from_be_bytes(value.try_into().ok()?)),
            2 => Value::Text(std::str::from_utf8(value).ok()?.into()),
            _ => return None,
        });
        bytes = rest;
    }
    Some(values)
}

/// What stands before the values of a row in its hash, the tagged digest of table and values.
fn header(table: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    part(&mut bytes, None, b"qonys/row/1");
    part(&mut bytes, None, table.as_bytes());
    bytes
}

/// Makes digests, row by row.
pub struct Digester {
    tables: Vec<&'static str>,
    headers: Vec<Vec<u8>>,
    sorter: Sorter<33>,
    packed: Vec<u8>,
}

impl Digester {
    /// Digests of every table of every view. A scratch file, if one is needed, stands in `scratch`.
    pub fn new(scratch: &Path) -> Self {
        let tables: Vec<&str> = tables().iter().map(|table| table.name).collect();
        Self {
            headers: tables.iter().map(|table| header(table)).collect(),
            tables,
            sorter: Sorter::new(scratch, "rows"),
            packed: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Where the scratch file cannot be written, or the table is of no view.
    pub fn add(&mut self, table: &Table, row: &Row) -> io::Result<()> {
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        pack(&row.0, &mut packed);
        let added = self.add_packed(table, &packed);
        self.packed = packed;
        added
    }

    /// Adds a row as [`pack`] puts it together.
    pub(crate) fn add_packed(&mut self, table: &Table, row: &[u8]) -> io::Result<()> {
        let index = self.tables.iter().position(|name| *name == table.name);
        let index = index.ok_or_else(|| io::Error::other("a table of no view"))?;
        let hash = Sha256::new()
            .chain_update(&self.headers[index])
            .chain_update(row)
            .finalize();
        let mut record = [u8::try_from(index).unwrap_or(u8::MAX); 33];
        record[1..].copy_from_slice(&hash);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_row_is_the_tagged_digest_of_its_parts() {
        let table = tables()[0];
        let row = Row(vec![Value::Null, Value::Integer(-7), Value::text("текст")]);
        let number = [&[1][..], &(-7_i64).to_be_bytes()].concat();
        let text = [&[2][..], "текст".as_bytes()].concat();
        let parts: [&[u8]; 4] = [table.name.as_bytes(), &[0], &number, &text];
        let mut bytes = header(table.name);
        pack(&row.0, &mut bytes);
        assert_eq!(
            Sha256Hex(Sha256::digest(&bytes).into()),
            Sha256Hex::tagged("qonys/row/1", &parts)
        );
    }
}

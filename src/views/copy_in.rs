//! Rows as the server copies them in: its binary format. For many rows that takes half of what arrays take.

use qonys_projections::table::{Kind, Row, Table, Value};
use sqlx::PgConnection;

use super::sql::{Side, columns};

/// What every copy begins with: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes that are sent at once.
const PART: usize = 1 << 18;
/// About what a row takes.
const ROW: usize = 256;

/// A length or a count, as the format has it: what does not fit is none that a server takes.
fn put_length(bytes: &mut Vec<u8>, length: usize) {
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
}

fn put(bytes: &mut Vec<u8>, kind: Kind, value: &Value) {
    match (kind.is_text(), value) {
        (true, Value::Text(text)) => {
            put_length(bytes, text.len());
            bytes.extend_from_slice(text.as_bytes());
        }
        (false, Value::Integer(number)) => {
            put_length(bytes, size_of::<i64>());
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        // Null, and what is of another kind than its column.
        _ => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
}

/// Copies rows into a table.
pub(super) async fn rows(
    on: &mut PgConnection,
    side: Side,
    table: &Table,
    rows: &[Row],
) -> sqlx::Result<()> {
    let (name, columns) = (side.name(table.name), columns(table));
    let statement = format!("COPY {name} ({columns}) FROM STDIN (FORMAT binary)");
    let mut copy = on.copy_in_raw(&statement).await?;
    let mut bytes = Vec::with_capacity(PART + ROW);
    bytes.extend_from_slice(HEADER);
    let count = i16::try_from(table.columns.len()).unwrap_or(i16::MAX);
    for row in rows {
        bytes.extend_from_slice(&count.to_be_bytes());
        for (column, value) in table.columns.iter().zip(&row.0) {
            put(&mut bytes, column.kind, value);
        }
        if bytes.len() >= PART {
            copy.send(bytes.as_slice()).await?;
            bytes.clear();
        }
    }
    bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    copy.send(bytes.as_slice()).await?;
    copy.finish().await.map(drop)
}

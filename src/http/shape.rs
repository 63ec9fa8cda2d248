//! Shapes of parameters that several routes share.

use serde_json::{Value, json};

use super::operation::{query, shared};

/// Any text.
pub(super) fn text() -> Value {
    json!({"type": "string"})
}

/// A reference.
pub(super) fn reference() -> Value {
    json!({"type": "string", "format": "uuid"})
}

/// A number as a string of digits.
pub(super) fn digits() -> Value {
    json!({"type": "string", "pattern": "^(0|[1-9][0-9]{0,18})$"})
}

/// How many rows a page may have.
pub(super) fn limit(most: u32) -> Value {
    let schema = json!({"type": "integer", "minimum": 1, "maximum": most});
    query("limit", &schema, "At most so many.")
}

/// The parameters that choose a point in the recorded history, and a day.
pub(super) fn when(effective: &str) -> [Value; 4] {
    [
        shared(effective),
        shared("position"),
        shared("recorded"),
        shared("min_position"),
    ]
}

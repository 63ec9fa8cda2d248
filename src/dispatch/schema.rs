//! The JSON Schema of a command line, from the types that it is read into.

use qonys_domain::command::Command;
use serde_json::{Value, json};

/// The JSON Schema of a whole command line of a type.
pub fn command_line(type_name: &str) -> Value {
    let mut data = serde_json::to_value(Command::data_schema(type_name)).unwrap_or_default();
    let definitions = data
        .as_object_mut()
        .and_then(|data| data.remove("$defs"))
        .unwrap_or_else(|| json!({}));
    let reference =
        json!({"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"});
    let day = json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"});
    let name = json!({"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"});
    let personal: serde_json::Map<String, Value> = Command::personal_values(type_name)
        .iter()
        .map(|(name, _)| {
            (
                (*name).to_owned(),
                json!({"type": "string", "minLength": 1, "maxLength": 4096}),
            )
        })
        .collect();
    let mut properties = json!({
        "id": reference,
        "type": {"const": type_name},
        "decidedon": day,
        "effective": day,
        "actor": {
            "type": "object",
            "properties": {"actor": reference, "role": name, "office": name, "onbehalfof": reference},
            "required": ["actor", "role", "office"],
            "additionalProperties": false,
        },
        "data": allow_by_command(data),
    });
    if !personal.is_empty() {
        properties["personal"] =
            json!({"type": "object", "properties": personal, "additionalProperties": false});
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": type_name,
        "description": Command::summary(type_name),
        "type": "object",
        "properties": properties,
        "required": ["id", "type", "actor", "data"],
        "additionalProperties": false,
        "$defs": allow_by_command(definitions),
    })
}

/// On the way in, a reference may also be `command:` and the id of the command that recorded the subject.
fn allow_by_command(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members)
            if members
                .get("title")
                .is_some_and(|title| title == "reference") =>
        {
            members.insert(
                "pattern".into(),
                json!("^(command:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
            );
        }
        Value::Object(members) => members
            .values_mut()
            .for_each(|v| *v = allow_by_command(v.take())),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|v| *v = allow_by_command(v.take())),
        _ => {}
    }
    schema
}

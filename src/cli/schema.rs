//! `qonys schema`: JSON Schema and example of every command or event.

use clap::ValueEnum;
use qonys_events::{catalog, schema};
use serde_json::{Value, json};

use super::{Failure, output};
use crate::{dispatch::command_line, examples};

/// Of what the schemas are printed.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum What {
    /// Commands: what `submit` takes.
    Commands,
    /// Events: what the log holds.
    Events,
}

/// Prints one line per example: `{"type", "schema", "example"}`. In this order the examples run on an empty log.
pub(super) fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Commands => {
            for (type_name, example) in examples::commands() {
                let example: Value = serde_json::from_str(example).map_err(Failure::error)?;
                output::json(
                    &json!({"type": type_name, "schema": command_line(type_name), "example": example}),
                )?;
            }
        }
        What::Events => {
            for entry in catalog::example_entries() {
                let type_name = entry.event.fact.type_name();
                let schema: Value = serde_json::from_str(schema::text(type_name).unwrap_or("{}"))
                    .map_err(Failure::error)?;
                let example: Value = serde_json::from_str(&entry.write().map_err(Failure::error)?)
                    .map_err(Failure::error)?;
                let urn = schema::urn(type_name);
                output::json(
                    &json!({"type": type_name, "dataschema": urn, "schema": schema, "example": example}),
                )?;
            }
        }
    }
    Ok(())
}

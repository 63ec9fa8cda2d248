//! The OpenAPI 3.1 document, made from the routes, the command catalogue and the types of the answers. OpenAPI 3.1 speaks
//! JSON Schema 2020-12, so the schemas are those of `qonys schema`.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use qonys_domain::command::Command;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    catalogue,
    operation::{query, schema_of},
    problem::Problem,
    routes::routes,
};
use crate::dispatch::command_line;

/// Statuses of the problems that every operation may answer.
const ALWAYS: [u16; 7] = [400, 401, 403, 421, 429, 500, 503];
/// Where the schemas of commands stand, so that they differ from those of answers: on the way in a reference may also be
/// `command:` and the id of an earlier command.
const COMMANDS: &str = "Command.";

const DESCRIPTION: &str = "\
The register of record for a city's migration decisions. Commands are decided under the acts in force and stored for \
good, or blocked with act and point; queries are answered from views, each at a position of the log.

- **Commands** carry their id in `Idempotency-Key`. The same id again gives the first answer again.
- **Points in time**: `effective` is the day that a question is about; `position` or `recorded` is how much of the log it \
knows. Answers say at which position they were computed. `min_position` waits, for a short while, until the views have \
come so far.
- **Numbers** that count are texts of digits, as in the entries.
- **Pages** are cut by key: follow `Link: rel=\"next\"`, which keeps to the position of the first page.
- **Problems** have the form of RFC 9457; `code` is stable and `type` leads to its page.
- **Personal data** never stands in an answer: persons, officials and dwellings are random references.

- **Credentials**: a token of the OpenID provider or an API key, as `Authorization: Bearer`. A server in local mode \
answers on the loopback interface only, asks for none, and lets actors declare who they are.";

/// The document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    let mut schemas = command_schemas();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        for (path, operation) in &route.operations {
            let written = operation.write(&mut generator, &ALWAYS);
            let item = paths.entry(path.clone()).or_insert_with(|| json!({}));
            item[route.method] = written;
        }
    }
    let responses = problems(&mut generator);
    schemas.extend(generator.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Qonys",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "security": [{}, {"bearer": []}],
        "tags": [
            {"name": "commands", "description": "What may be asked of the register."},
            {"name": "quotas", "description": "Quota lines, limits and places (points 3 and 6)."},
            {"name": "law", "description": "Acts, wordings, norms, powers, territories (preamble, point 1)."},
            {"name": "office", "description": "Offices, who acts for them with which powers, and what they keep (point 11)."},
            {"name": "monitoring", "description": "Indicators and figures, the trigger, measures, forecasts (points 4, 7 and 8)."},
            {"name": "register", "description": "Persons, dwellings, applications, proposals by reference."},
            {"name": "decisions", "description": "Every decision with what it rests on."},
            {"name": "log", "description": "Entries, byte for byte, and the tree over them."},
            {"name": "operations", "description": "For whoever runs it."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of the OpenID provider, or an API key (`qonys_…`).",
                },
            },
        },
    })
}

/// The document, written once.
static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// `GET /openapi.json`.
pub(super) async fn serve() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], TEXT.as_str()).into_response()
}

/// The name of the schema of a command's body.
pub(super) fn command_schema(type_name: &str) -> String {
    format!("{COMMANDS}{type_name}")
}

/// The schemas of all commands as bodies: id and type stand in header and address, and may stand in the body too.
fn command_schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    for type_name in Command::TYPES {
        let mut body = command_line(type_name);
        if let Some(members) = body.as_object_mut() {
            members.remove("$schema");
            members.insert("required".into(), json!(["data"]));
            if let Some(Value::Object(definitions)) = members.remove("$defs") {
                for (name, definition) in definitions {
                    schemas.insert(format!("{COMMANDS}{name}"), lifted(definition));
                }
            }
        }
        schemas.insert(command_schema(type_name), lifted(body));
    }
    schemas
}

/// Points references at where the definitions stand in the document.
fn lifted(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/components/schemas/{COMMANDS}{name}");
            }
            members.values_mut().for_each(|v| *v = lifted(v.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| *v = lifted(v.take())),
        _ => {}
    }
    schema
}

/// One response per status, with every code that has it.
fn problems(generator: &mut SchemaGenerator) -> Value {
    let schema = schema_of::<Problem>(generator);
    let mut responses = Map::new();
    let mut statuses: Vec<u16> = catalogue::all().map(|known| known.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let codes = catalogue::all().filter(|known| known.status == status);
        let lines: Vec<String> = codes
            .map(|known| format!("- `{}`: {}", known.code, known.explanation))
            .collect();
        let mut response = json!({
            "description": format!("A problem with one of these codes:\n\n{}", lines.join("\n")),
            "content": {"application/problem+json": {"schema": schema}},
        });
        if [429, 503].contains(&status) {
            response["headers"] =
                json!({"Retry-After": {"$ref": "#/components/headers/Retry-After"}});
        }
        responses.insert(format!("Problem{status}"), response);
    }
    Value::Object(responses)
}

fn parameters() -> Value {
    let day = json!({"type": "string", "format": "date"});
    let digits = json!({"type": "string", "pattern": "^(0|[1-9][0-9]{0,18})$"});
    let instant = json!({"type": "string", "format": "date-time"});
    json!({
        "effective": query("effective", &day,
            "The civil day that the question is about, in the log's zone; today where it is absent."),
        "effective-if-any": query("effective", &day,
            "Only what is about this civil day; every day where it is absent."),
        "position": query("position", &digits,
            "As the log stood at this position, rounded down to whole commands. Not together with `recorded`."),
        "recorded": query("recorded", &instant,
            "As the log stood at this instant, written `2024-08-24T00:00:00.000000Z`. Not together with `position`."),
        "min_position": query("min_position", &digits,
            "Wait, for at most two seconds, until the views have come to this position; otherwise `views-behind`."),
        "origin": query("origin", &json!({"type": "string"}),
            "The log that the cursor comes from; another one is answered with `another-log`."),
    })
}

fn headers() -> Value {
    let text = |says: &str| json!({"description": says, "schema": {"type": "string"}});
    json!({
        "Qonys-Origin": text("The origin of the log with its incarnation. A cursor is this and a position."),
        "Qonys-Position": text("The last position in the answer."),
        "Qonys-Leaf-Hash": text("The RFC 6962 leaf hash of the entry's bytes."),
        "ETag": text("Of a stream: `\"kind/key@version\"`, fit for `If-Match`. Of an entry: its leaf hash."),
        "Location": text("Where the command's outcome can be asked for."),
        "Link": text("`rel=\"next\"`: the next page, where there is one."),
        "Retry-After": text("Seconds after which to come back."),
    })
}

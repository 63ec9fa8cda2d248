//! How one operation is described: the vocabulary in which `routes` declares what `openapi` writes.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Gives the schema of an answer.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type that stands by name in the document.
pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What the body of a request or of an answer is.
#[derive(Clone)]
pub(super) enum Content {
    /// JSON by a schema.
    Json(SchemaOf),
    /// JSON by a schema that stands in the document already.
    Named(String),
    /// Text of a media type, explained in words.
    Text(&'static str, &'static str),
    /// Nothing.
    Empty,
}

/// One operation.
#[derive(Clone)]
pub(super) struct Operation {
    id: String,
    tag: &'static str,
    summary: String,
    description: String,
    parameters: Vec<Value>,
    body: Option<(Content, Option<Value>)>,
    answers: Vec<(u16, &'static str, Content, &'static [&'static str])>,
    problems: &'static [u16],
}

/// A parameter in the query string.
pub(super) fn query(name: &str, schema: &Value, says: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema, "description": says})
}

/// A parameter in the path.
pub(super) fn path(name: &str, schema: &Value, says: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema, "description": says})
}

/// A parameter in a header.
pub(super) fn header(name: &str, required: bool, schema: &Value, says: &str) -> Value {
    json!({"name": name, "in": "header", "required": required, "schema": schema, "description": says})
}

/// A parameter that many operations share.
pub(super) fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

impl Operation {
    pub(super) fn new(
        id: impl Into<String>,
        tag: &'static str,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            tag,
            summary: summary.into(),
            description: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: &[],
        }
    }

    /// Its name in the document.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn saying(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    pub(super) fn with(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn body(mut self, content: Content, example: Option<Value>) -> Self {
        self.body = Some((content, example));
        self
    }

    /// An answer of a status: what it means, its body, its headers by name in the document.
    pub(super) fn answers(
        mut self,
        status: u16,
        says: &'static str,
        content: Content,
        headers: &'static [&'static str],
    ) -> Self {
        self.answers.push((status, says, content, headers));
        self
    }

    /// Statuses of the problems that it can answer, beside those of every operation.
    pub(super) fn problems(mut self, statuses: &'static [u16]) -> Self {
        self.problems = statuses;
        self
    }

    /// The operation as it stands in the document. `always` are the statuses of problems of every operation.
    pub(super) fn write(&self, generator: &mut SchemaGenerator, always: &[u16]) -> Value {
        let mut responses = Map::new();
        for (status, says, content, headers) in &self.answers {
            let mut response = json!({"description": says});
            if let Some(content) = written(content, generator, None) {
                response["content"] = content;
            }
            let references = headers.iter().chain(&["Qonys-Origin"]).map(|name| {
                let reference = json!({"$ref": format!("#/components/headers/{name}")});
                ((*name).to_owned(), reference)
            });
            response["headers"] = references.collect();
            responses.insert(status.to_string(), response);
        }
        for status in always.iter().chain(self.problems) {
            let reference = json!({"$ref": format!("#/components/responses/Problem{status}")});
            responses.entry(status.to_string()).or_insert(reference);
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": responses,
        });
        if !self.description.is_empty() {
            operation["description"] = json!(self.description);
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if let Some((content, example)) = &self.body
            && let Some(content) = written(content, generator, example.clone())
        {
            operation["requestBody"] = json!({"required": true, "content": content});
        }
        operation
    }
}

fn written(
    content: &Content,
    generator: &mut SchemaGenerator,
    example: Option<Value>,
) -> Option<Value> {
    let (media_type, schema) = match content {
        Content::Json(schema) => ("application/json", schema(generator).to_value()),
        Content::Named(name) => (
            "application/json",
            json!({"$ref": format!("#/components/schemas/{name}")}),
        ),
        Content::Text(media_type, says) => {
            (*media_type, json!({"type": "string", "description": says}))
        }
        Content::Empty => return None,
    };
    let mut described = json!({"schema": schema});
    if let Some(example) = example {
        described["example"] = example;
    }
    Some(json!({ media_type: described }))
}

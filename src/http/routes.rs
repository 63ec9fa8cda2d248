//! Every route, once: the router and the OpenAPI document are made from this list.

use axum::{
    extract::State,
    routing::{MethodRouter, get, post},
};
use qonys_domain::command::Command;
use serde_json::json;

use super::{
    api::Api,
    batch, board, catalogue, commands, entries, feed, health,
    listing::{LIST_MAX, Listing, MONITORING, OFFICES, every, list},
    monitoring, openapi,
    operation::{Content, Operation, header, path, query, schema_of, shared},
    params::Params,
    readers::{NARROWED, asked_with},
    registration,
    shape::{digits, limit, reference, text, when},
    subject,
};
use crate::{dispatch::Answer, examples};

/// One method of one path.
pub(super) struct Route {
    /// In lower case, as OpenAPI writes it.
    pub(super) method: &'static str,
    /// As the router knows it.
    pub(super) path: &'static str,
    pub(super) handler: MethodRouter<Api>,
    /// As the document shows it: one path, or several that the router takes for one.
    pub(super) operations: Vec<(String, Operation)>,
}

/// A route that is read.
pub(super) fn route(path: &'static str, handler: MethodRouter<Api>, operation: Operation) -> Route {
    Route {
        method: "get",
        path,
        handler,
        operations: vec![(path.to_owned(), operation)],
    }
}

/// Every route.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![one_command(), many_commands(), command_found()];
    routes.extend(computed());
    routes.extend(subjects());
    routes.extend(monitoring::routes());
    routes.extend(registration::routes());
    routes.extend(super::readers::routes());
    routes.push(super::search::route());
    routes.extend(every().map(listed));
    routes.extend(log());
    routes.extend(operations());
    routes
}

fn one_command() -> Route {
    let key = header(
        "Idempotency-Key",
        true,
        &reference(),
        "The command's id, a UUID chosen by the sender; best a version 7. The same id again gives the first answer again, \
         whenever that is: answers are kept as long as the log. In quotation marks or bare \
         (draft-ietf-httpapi-idempotency-key-header-07).",
    );
    let condition = header(
        "If-Match",
        false,
        &text(),
        "The entity tag of one stream, `\"kind/key@version\"`: decide only if the stream stands at this version at the \
         moment of the decision; otherwise `version-moved`. A command that is stored already is answered all the same.",
    );
    let dry_run = query(
        "dry_run",
        &json!({"type": "boolean"}),
        "Decide and tell, and store nothing: the outcome is `possible` with what would be recorded, or the block.",
    );
    let operation = |type_name: &str| {
        let summary = Command::summary(type_name).unwrap_or_default();
        let example = examples::commands()
            .find(|(known, _)| *known == type_name)
            .and_then(|(_, line)| serde_json::from_str(line).ok());
        Operation::new(type_name.to_owned(), "commands", summary)
            .with([key.clone(), condition.clone(), dry_run.clone()])
            .body(
                Content::Named(openapi::command_schema(type_name)),
                example,
            )
            .answers(
                201,
                "Accepted and durable.",
                Content::Json(schema_of::<Answer>),
                &["ETag", "Location"],
            )
            .answers(
                200,
                "It had happened before: the first answer again (`duplicate`). Or the answer of a dry run (`possible`).",
                Content::Json(schema_of::<Answer>),
                &["ETag", "Location"],
            )
            .problems(&[412, 413, 415, 422])
    };
    let described =
        |type_name: &&'static str| (format!("/v1/commands/{type_name}"), operation(type_name));
    Route {
        method: "post",
        path: "/v1/commands/{id}",
        handler: post(commands::one),
        operations: Command::TYPES.iter().map(described).collect(),
    }
}

fn many_commands() -> Route {
    let operation = Operation::new("submitCommands", "commands", "Submits a stream of commands")
        .saying(
            "Command lines in, answer lines out, in the same order and while the body is still being sent. A line is the \
             body of a command with `id` and `type`; a bad line harms no other. When the connection breaks, send the \
             lines without an answer again.",
        )
        .body(
            Content::Text(
                batch::NDJSON,
                "One command line per line, each at most 1,048,576 bytes.",
            ),
            None,
        )
        .answers(
            200,
            "One answer line per command line, each as the schema `Answer` says.",
            Content::Text(batch::NDJSON, "One answer per line."),
            &[],
        )
        .problems(&[415]);
    Route {
        method: "post",
        ..route("/v1/commands", post(batch::many), operation)
    }
}

fn command_found() -> Route {
    let operation = Operation::new("getCommand", "commands", "What a command stored")
        .saying("Settles an unknown outcome without sending the command again.")
        .with([path("id", &reference(), "The command's id.")])
        .answers(
            200,
            "It is stored.",
            Content::Json(schema_of::<commands::Found>),
            &[],
        )
        .problems(&[404]);
    route("/v1/commands/{id}", get(commands::found), operation)
}

fn computed() -> Vec<Route> {
    let category = || {
        query(
            "category",
            &text(),
            "Only this category: `kandas` or `resettlers`.",
        )
    };
    vec![
        route(
            "/v1/board",
            get(board::board),
            Operation::new("getBoard", "quotas", "The quota board of a day (points 3 and 6)")
                .saying(
                    "Every line with its limit, what is held, committed and left; `over_committed_by` says by how much \
                     lawful facts of others exceed the limit. Totals keep categories, years and counting rules apart.",
                )
                .with(when("effective"))
                .with([
                    category(),
                    query("territory", &text(), "Only lines of this territory."),
                    query("year", &text(), "Only lines of this year."),
                ])
                .answers(200, "The board.", Content::Json(schema_of::<board::At<board::Board>>), &[])
                .problems(&[404]),
        ),
        route(
            "/v1/lines/{line}",
            get(board::line),
            Operation::new("getLine", "quotas", "One quota line on a day (points 3 and 6)")
                .with([path("line", &text(), "Such as `kandas.pavlodar.2024.principals-and-members`.")])
                .with(when("effective"))
                .answers(200, "The line.", Content::Json(schema_of::<board::At<board::OneLine>>), &[])
                .problems(&[404]),
        ),
        route(
            "/v1/acts",
            get(board::acts),
            Operation::new("listActs", "law", "Acts, and how each stands on a day (preamble)")
                .with(when("effective"))
                .with([query("document", &text(), "Only acts that set a wording of this document.")])
                .answers(200, "Acts by name.", Content::Json(schema_of::<board::At<board::Acts>>), &[])
                .problems(&[404]),
        ),
        route(
            "/v1/acts/{act}",
            get(board::act),
            Operation::new("getAct", "law", "One act, and how it stands on a day (preamble)")
                .with([path("act", &text(), "Its name in the register of acts.")])
                .with(when("effective"))
                .answers(200, "The act.", Content::Json(schema_of::<board::At<board::OneAct>>), &[])
                .problems(&[404]),
        ),
        route(
            "/v1/documents/{document}/wording",
            get(board::wording),
            Operation::new("getWording", "law", "The wording of a document on a day (preamble)")
                .with([path("document", &text(), "The document: the name of its first act.")])
                .with(when("effective"))
                .answers(200, "The wording.", Content::Json(schema_of::<board::At<board::OneWording>>), &[])
                .problems(&[404]),
        ),
    ]
}

fn subjects() -> Vec<Route> {
    let about = |id: &str, tag, summary: &str, name: &str, content| {
        Operation::new(id, tag, summary)
            .with([path(
                name,
                &reference(),
                "A random reference that we minted.",
            )])
            .with(when("effective-if-any"))
            .answers(200, "What is known.", Content::Json(content), &[])
            .problems(&[404])
    };
    vec![
        route(
            "/v1/persons/{person}",
            get(subject::person),
            about(
                "getPerson",
                "register",
                "A person's registrations, statuses and applications, by reference (points 6 and 9)",
                "person",
                schema_of::<board::At<subject::Person>>,
            ),
        ),
        route(
            "/v1/dwellings/{dwelling}",
            get(subject::dwelling),
            about(
                "getDwelling",
                "register",
                "A dwelling and who is registered there (points 9 and 10)",
                "dwelling",
                schema_of::<board::At<subject::Dwelling>>,
            ),
        ),
        route(
            "/v1/proposals/{proposal}",
            get(subject::proposal),
            about(
                "getProposal",
                "register",
                "A proposal, its course and the acts that answer it (point 5)",
                "proposal",
                schema_of::<board::At<subject::Proposal>>,
            ),
        ),
        route(
            "/v1/applications/{application}",
            get(subject::application),
            about(
                "getApplication",
                "register",
                "An application, its course and its places (point 6)",
                "application",
                schema_of::<board::At<subject::Application>>,
            ),
        ),
        subject::deadline_route(),
        subject::queue_route(),
        route(
            "/v1/decisions/{position}",
            get(subject::decision),
            Operation::new("getDecision", "decisions", "One decision (promise P9)")
                .with([path(
                    "position",
                    &digits(),
                    "Where its entry stands in the log.",
                )])
                .with(when("effective-if-any"))
                .answers(
                    200,
                    "The decision.",
                    Content::Json(schema_of::<board::At<subject::Decision>>),
                    &[],
                )
                .problems(&[404]),
        ),
    ]
}

fn listed(listing: &'static Listing) -> Route {
    let tag = match listing.path {
        "/v1/norms" | "/v1/powers" | "/v1/territories" => "law",
        "/v1/limits" | "/v1/moves" | "/v1/quota-acts" | "/v1/year-closes" => "quotas",
        "/v1/decisions" => "decisions",
        path if MONITORING.iter().any(|of| of.path == path) => "monitoring",
        path if OFFICES.iter().any(|of| of.path == path) => "office",
        _ => "register",
    };
    let effective = if listing.of_a_day {
        "effective"
    } else {
        "effective-if-any"
    };
    let filters = listing.filters.iter().map(|filter| {
        query(
            filter.name,
            &text(),
            &format!("Only these: {}", filter.says),
        )
    });
    let why = listing.tells_about_somebody().then(|| asked_with(NARROWED));
    let operation = Operation::new(listing.id, tag, listing.summary)
        .with(when(effective))
        .with(filters)
        .with(why.into_iter().flatten())
        .with([
            query(
                "after",
                &text(),
                "The cursor of the last row of the page before.",
            ),
            limit(LIST_MAX),
        ])
        .answers(200, "A page.", Content::Json(listing.schema), &["Link"])
        .problems(&[404]);
    let handler = move |state: State<Api>, params: Params| list(state, params, listing);
    route(listing.path, get(handler), operation)
}

fn log() -> Vec<Route> {
    vec![
        route(
            "/v1/tree-head",
            get(entries::tree_head),
            Operation::new("getTreeHead", "log", "Size and root of the tree over all entries")
                .saying("Not signed yet.")
                .answers(200, "The head.", Content::Json(schema_of::<entries::TreeHead>), &[]),
        ),
        route(
            "/v1/entries",
            get(entries::list),
            Operation::new("listEntries", "log", "Entries in order, byte for byte (promises P1 and P5)")
                .saying(
                    "The end is settled when the answer begins and stands in `Qonys-Position`; an answer that ends \
                     before it has broken.",
                )
                .with([
                    query("after", &digits(), "Only entries after this position."),
                    limit(10_000),
                    shared("origin"),
                ])
                .answers(
                    200,
                    "One entry per line.",
                    Content::Text(batch::NDJSON, "The entries' exact bytes."),
                    &["Qonys-Position", "Link"],
                )
                .problems(&[409]),
        ),
        route(
            "/v1/entries/{position}",
            get(entries::one),
            Operation::new("getEntry", "log", "One entry, byte for byte (promise P5)")
                .with([
                    path("position", &digits(), "Where it stands."),
                    header("If-None-Match", false, &text(), "The entity tag that the caller holds."),
                ])
                .answers(
                    200,
                    "The entry.",
                    Content::Text(entries::CLOUDEVENT, "The entry's exact bytes: one CloudEvents 1.0 object."),
                    &["Qonys-Position", "Qonys-Leaf-Hash", "ETag"],
                )
                .answers(304, "The caller holds it.", Content::Empty, &["Qonys-Leaf-Hash", "ETag"])
                .problems(&[404]),
        ),
        route(
            "/v1/streams/{kind}/{key}",
            get(entries::stream),
            Operation::new("getStream", "log", "The history of one stream, byte for byte")
                .with([
                    path("kind", &text(), "Such as `quota-line` or `proposal`."),
                    path("key", &text(), "The line, or the reference."),
                    query("after", &digits(), "Only entries after this sequence of the stream."),
                    limit(1_000),
                ])
                .answers(
                    200,
                    "One entry per line.",
                    Content::Text(batch::NDJSON, "The entries' exact bytes."),
                    &["Qonys-Position", "Link", "ETag"],
                )
                .problems(&[404]),
        ),
        route(
            "/v1/feed",
            get(feed::feed),
            Operation::new("followFeed", "log", "Entries as they are recorded, as server-sent events")
                .saying(
                    "`id` is the position, `data` the entry's exact bytes. Comes again where it broke off with \
                     `Last-Event-ID`; whoever stores the position together with its effect sees every entry once.",
                )
                .with([
                    header("Last-Event-ID", false, &digits(), "The last position that was seen."),
                    query("after", &digits(), "The same, for a first call; without either, from the beginning."),
                    shared("origin"),
                ])
                .answers(
                    200,
                    "Events without end.",
                    Content::Text("text/event-stream", "Server-sent events."),
                    &[],
                )
                .problems(&[409]),
        ),
    ]
}

fn operations() -> Vec<Route> {
    vec![
        route(
            "/livez",
            get(health::live),
            Operation::new("live", "operations", "Whether the process lives").answers(
                200,
                "It does.",
                Content::Text("text/plain", "`ok`"),
                &[],
            ),
        ),
        route(
            "/readyz",
            get(health::ready),
            Operation::new("ready", "operations", "Whether the process can serve")
                .answers(
                    200,
                    "It can.",
                    Content::Json(schema_of::<health::Readiness>),
                    &[],
                )
                .answers(
                    503,
                    "It cannot.",
                    Content::Json(schema_of::<health::Readiness>),
                    &[],
                ),
        ),
        route(
            "/problems",
            get(catalogue::list),
            Operation::new(
                "listProblems",
                "operations",
                "Every code that an answer can carry",
            )
            .answers(
                200,
                "The catalogue.",
                Content::Json(schema_of::<catalogue::Catalogue>),
                &[],
            ),
        ),
        route(
            "/problems/{code}",
            get(catalogue::one),
            Operation::new("getProblem", "operations", "What a code says")
                .with([path("code", &text(), "The code.")])
                .answers(
                    200,
                    "Its page.",
                    Content::Json(schema_of::<catalogue::Known>),
                    &[],
                )
                .problems(&[404]),
        ),
        route(
            "/openapi.json",
            get(openapi::serve),
            Operation::new("getOpenapi", "operations", "This document").answers(
                200,
                "OpenAPI 3.1.",
                Content::Text("application/json", "The document."),
                &[],
            ),
        ),
    ]
}

//! The gate before every handler, of the API, the proof and the pages: who asks, and whether he may. What it answers depends
//! on the credential, the role and the operation alone, never on what stands in the register.

use std::{collections::HashMap, net::IpAddr, sync::LazyLock};

use axum::{
    RequestExt as _,
    extract::{FromRequestParts, MatchedPath, Query, RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{
    api::Api,
    looking::{self, Question},
    problem::Problem,
    rate::Who,
    routes::routes,
};
use crate::access::{Means, Principal, Refused, policy};

/// The routes that are no part of the API: path as the router knows it, or what it begins with, and the operation.
const OTHERS: [(&str, &str); 8] = [
    ("/checkpoint", "getCheckpoint"),
    ("/checkpoint.cosigned", "getCosigned"),
    ("/receipts/{id}", "getReceipt"),
    (super::KEYS, "getLogKeys"),
    ("/v1/audit/checkpoint", "getAuditCheckpoint"),
    ("/v1/audit/tile/{*path}", "getAuditTile"),
    ("/v1/audit/keys", "getAuditKeys"),
    ("/", "getPublicPage"),
];

/// Operation by method and path.
static OPERATIONS: LazyLock<HashMap<(&'static str, &'static str), String>> = LazyLock::new(|| {
    let routes = routes().into_iter().filter_map(|route| {
        let (_, operation) = route.operations.first()?;
        Some(((route.method, route.path), operation.id().to_owned()))
    });
    let others = OTHERS
        .iter()
        .map(|(path, id)| (("get", *path), (*id).to_owned()));
    routes.chain(others).collect()
});

/// The operation of a request; none for a request that nobody serves, which is answered as one.
fn operation(method: &Method, matched: &str, path: &str) -> Option<String> {
    let method = if method == Method::HEAD {
        "get".to_owned()
    } else {
        method.as_str().to_ascii_lowercase()
    };
    if method == "post" && matched == "/v1/commands/{id}" {
        return path.rsplit('/').next().map(str::to_owned);
    }
    if let Some(found) = OPERATIONS.get(&(method.as_str(), matched)) {
        return Some(found.clone());
    }
    let named = match matched {
        _ if method != "get" => return None,
        "/tile/{*path}" if path.starts_with("/tile/entries/") => "getEntryTile",
        "/tile/{*path}" => "getHashTile",
        _ if matched.starts_with("/assets/") => "getFile",
        // Pages of single cases, and their list, stand at `office` in every language.
        _ if matched.split('/').any(|part| part == "office") => "getOfficePage",
        _ if !matched.starts_with("/v1") => "getPublicPage",
        _ => return None,
    };
    Some(named.to_owned())
}

/// From where a request came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Who asks, for handlers.
#[derive(Debug, Clone)]
pub(super) struct Asked(pub(super) Principal);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        // A route that the gate does not stand before would be open to everybody.
        found.ok_or_else(|| Problem::of("internal"))
    }
}

/// The bearer credential of a request.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let wrong = || Refused::Credential("the header is no bearer credential".to_owned());
    let (Some(first), None) = (values.next(), values.next()) else {
        return match headers.contains_key(header::AUTHORIZATION) {
            true => Err(wrong()),
            false => Ok(None),
        };
    };
    let (scheme, credential) = first
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
        return Err(wrong());
    }
    Ok(Some(credential.trim()))
}

/// Asks for a credential. What was wrong with the one that came is not told.
fn unauthorised(sent: bool) -> Response {
    let mut response = Problem::of("unauthorised").into_response();
    let challenge = if sent {
        "Bearer realm=\"qonys\", error=\"invalid_token\""
    } else {
        "Bearer realm=\"qonys\""
    };
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(challenge),
    );
    response
}

/// Whether the path is about the person whom the credential names.
fn is_own(principal: &Principal, path: &str) -> bool {
    principal.person.is_some_and(|person| {
        let person = person.to_string();
        path.split('/').any(|part| part == person)
    })
}

/// Lets a request through, or answers it.
pub(super) async fn gate(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>();
    let from = peer.map_or(Who::Unknown, |peer| Who::Address(peer.0));
    let local = api.gate().is_local();
    let brings = request.headers().contains_key(header::AUTHORIZATION);
    if brings && !local && !api.rates().is_heard(from) {
        return Problem::of("too-many-requests").into_response();
    }
    let (sent, identified) = match bearer(request.headers()) {
        Ok(credential) => (credential.is_some(), api.gate().identify(credential).await),
        // On this machine nobody is asked, whatever he brings.
        Err(_) if local => (false, api.gate().identify(None).await),
        Err(refused) => (true, Err(refused)),
    };
    let principal = match identified {
        Ok(principal) => principal,
        Err(Refused::Credential(why)) => {
            tracing::debug!(%why, "a credential was refused");
            api.rates().refused(from);
            return unauthorised(sent);
        }
        Err(Refused::Unavailable(why)) => {
            tracing::error!(%why, "a credential could not be verified");
            return Problem::of("unavailable").into_response();
        }
    };
    let who = principal.official.map_or(from, Who::Official);
    if !local && !api.rates().request(who) {
        return Problem::of("too-many-requests").into_response();
    }
    // What matches no route is answered as such to everybody: the routes are public.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    if let Some(matched) = matched {
        let path = request.uri().path().to_owned();
        let asked = operation(request.method(), matched.as_str(), &path);
        if let Some(operation) = asked {
            let admitted = principal.may(&operation, None, is_own(&principal, &path));
            let Some(admitted) = admitted else {
                return match principal.means {
                    Means::Nobody => unauthorised(false),
                    _ => Problem::of("forbidden").into_response(),
                };
            };
            let action = policy::action(&operation).unwrap_or_default();
            if looking::is_asked(request.method(), action) {
                // What cannot be decoded its handler refuses.
                let parts = request.extract_parts::<RawPathParams>().await;
                let parts = parts.iter().flatten();
                let asked_for = Query::try_from_uri(request.uri());
                let question = Question {
                    principal: &principal,
                    admitted: &admitted,
                    operation: &operation,
                    action,
                    path: parts
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect(),
                    query: asked_for.map(|Query(pairs)| pairs).unwrap_or_default(),
                    headers: request.headers(),
                };
                match looking::record(&api, &question).await {
                    Ok(Some(looking)) => drop(request.extensions_mut().insert(looking)),
                    Ok(None) => {}
                    Err(problem) => return problem.into_response(),
                }
            }
        }
    }
    request.extensions_mut().insert(who);
    request.extensions_mut().insert(Asked(principal));
    next.run(request).await
}

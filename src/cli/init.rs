//! `qonys init`: a new log.

use clap::Args;
use qonys_events::{
    entry::Actor,
    fact::LogOpened,
    id::{Origin, Ref},
    scalar::Text,
    term::{ClockKind, LogKind},
};
use serde_json::json;

use super::{Failure, Where, output, place};
use crate::{
    clock::{Clock, Entropy},
    dispatch::{Outcome, Request},
    log::NewLog,
    settings::{DEFAULT_ORIGIN, DEFAULT_ZONE},
};

/// Options of `qonys init`.
#[derive(Args)]
pub(super) struct Init {
    #[command(flatten)]
    at: Where,
    /// Origin of the log with its incarnation.
    #[arg(long, default_value = DEFAULT_ORIGIN)]
    origin: Origin,
    /// What the log is for: register, test.
    #[arg(long, default_value = "register")]
    kind: LogKind,
    /// IANA name of the zone whose civil dates the log uses.
    #[arg(long, default_value = DEFAULT_ZONE)]
    zone: Text,
}

/// The settings of a log that nobody described.
pub(super) fn defaults() -> NewLog {
    NewLog {
        origin: DEFAULT_ORIGIN.parse().expect("the default origin"),
        zone: DEFAULT_ZONE.parse().expect("the default zone"),
        clock: ClockKind::System,
    }
}

/// The command line that opens a log.
pub(super) fn open_log(new: &NewLog, kind: LogKind, entropy: &Entropy) -> String {
    let id: Ref = entropy.id_at(Clock::System.now());
    let actor = Actor {
        actor: entropy.reference(),
        role: "operator".parse().expect("a slug"),
        office: "akimat.almaty".parse().expect("a slug"),
        onbehalfof: None,
    };
    let data = LogOpened {
        zone: new.zone.clone(),
        kind,
        clock: new.clock,
    };
    json!({"id": id, "type": "open-log", "actor": actor, "data": data}).to_string()
}

/// Makes a new log and writes its first entry.
pub(super) async fn run(init: Init) -> Result<(), Failure> {
    let place = init.at.place();
    let new = NewLog {
        origin: init.origin,
        zone: init.zone,
        clock: ClockKind::System,
    };
    place::make(&place, &new).await?;
    let (log, dispatch) = place::dispatch(&place, &init.at.signer()).await?;
    if log.head().await?.position.0 > 0 {
        return Err(Failure::blocked("the log is open already"));
    }
    let line = open_log(&new, init.kind, &Entropy::System);
    let request = Request::read(&line).map_err(|invalid| Failure::error(invalid.message))?;
    match dispatch.decide(request).await {
        Outcome::Accepted(_) => Ok(output::line(&format!(
            "opened {} for {}",
            new.origin, init.kind
        ))?),
        other => Err(Failure::unavailable(format!(
            "the log was not opened: {}",
            other.as_str()
        ))),
    }
}

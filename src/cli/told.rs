//! What is told on the command line about a person, a dwelling, an application or whole entries stands in the second log before
//! it is told, as over HTTP. Whoever sits at the machine declares who he is by nothing: nobody is asked here, and the entry says
//! so.

use clap::Args;
use qonys_events::{
    entry::Actor,
    fact::access::DataRead,
    id::{Ref, StreamId},
    scalar::Slug,
};

use super::{Failure, Where, place};
use crate::{
    audit::{Asker, Audit, NOBODY},
    log::Log,
};

/// Why something is asked for.
#[derive(Args)]
pub(super) struct Why {
    /// What it is asked for, as a short name: it stands in the second log.
    #[arg(long)]
    purpose: Option<Slug>,
    /// The case that it is asked for in, our own number: it stands in the second log.
    #[arg(long)]
    case: Option<Ref>,
}

/// What is about to be told.
pub(super) struct Telling<'a> {
    /// `read`, `export` or `query`.
    pub(super) kind: &'a str,
    /// The command, as it is called.
    pub(super) operation: &'a str,
    /// About whom, and which personal values are opened; about nobody alone where it is empty.
    pub(super) about: Vec<(StreamId, Vec<Slug>)>,
}

impl<'a> Telling<'a> {
    /// About these subjects, with nothing opened.
    pub(super) fn of(kind: &'a str, operation: &'a str, about: Vec<StreamId>) -> Self {
        Self {
            kind,
            operation,
            about: about.into_iter().map(|of| (of, Vec::new())).collect(),
        }
    }
}

impl Why {
    /// Records what is about to be told, and gives the second log. Where it cannot be recorded, nothing may be told.
    pub(super) async fn tell(
        &self,
        at: &Where,
        log: &Log,
        telling: Telling<'_>,
    ) -> Result<Audit, Failure> {
        let audit = place::audit(&at.place(), &at.signer(), log).await?;
        let name = |text: &str| text.parse::<Slug>().map_err(Failure::error);
        let asker = Asker {
            actor: Actor {
                actor: NOBODY.parse().map_err(Failure::error)?,
                role: name("local")?,
                office: name("none")?,
                onbehalfof: None,
            },
            policy: name("declared")?,
            purpose: self.purpose.clone(),
            caseref: self.case,
        };
        let read = DataRead {
            kind: name(telling.kind)?,
            operation: name(telling.operation)?,
            parameters: Vec::new(),
            position: log.head().await?.position,
            found: Vec::new(),
            opened: Vec::new(),
            shown_from: None,
        };
        if telling.about.is_empty() {
            let told = audit.read(asker.clone(), None, read.clone()).await;
            told.map_err(Failure::unavailable)?;
        }
        for (about, opened) in telling.about {
            let read = DataRead {
                opened,
                ..read.clone()
            };
            let told = audit.read(asker.clone(), Some(about), read).await;
            told.map_err(Failure::unavailable)?;
        }
        Ok(audit)
    }
}

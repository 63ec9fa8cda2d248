//! `qonys published`: what is published, as command lines for `qonys submit`.

use clap::{Args, ValueEnum};
use qonys_events::{entry::Actor, id::Ref, scalar::Slug};

use super::{Failure, output};
use crate::{clock::Entropy, published};

/// What is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Acts, powers, norms, quotas and determined regions.
    Acts,
    /// From when acts are taken to be in force where no source gives the day.
    Determinations,
    /// Indicators and figures of monitoring.
    Figures,
}

/// Options of `qonys published`.
#[derive(Args)]
pub(super) struct Print {
    /// What is printed.
    #[arg(value_enum)]
    what: What,
    /// Who enters it: a reference; a new one without it.
    #[arg(long)]
    actor: Option<Ref>,
    /// In which role.
    #[arg(long, default_value = "analyst")]
    role: Slug,
    /// For which office.
    #[arg(long, default_value = "akimat.almaty")]
    office: Slug,
}

/// Prints one command line for each thing, in an order in which they can be entered.
pub(super) fn run(print: Print) -> Result<(), Failure> {
    let lines = match print.what {
        What::Acts => published::acts(),
        What::Determinations => published::determinations(),
        What::Figures => published::figures(),
    };
    let entropy = Entropy::System;
    let actor = Actor {
        actor: print.actor.unwrap_or_else(|| entropy.reference()),
        role: print.role,
        office: print.office,
        onbehalfof: None,
    };
    for line in lines {
        output::line(&line.line(entropy.reference(), &actor))?;
    }
    Ok(())
}

//! Reports to the authorised body (points 5 and 11): frozen by position and digest, then signed by a named official. A
//! report is never changed; a later one is another. Whether the digest is that of the rows is no rule of the domain: whoever
//! has the log computes it again.

use qonys_events::{
    digest::Sha256Hex,
    event::Event,
    fact::{
        Fact,
        report::{ReportFrozen, ReportSigned},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, Position},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{FreezeReport, SignReport},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// What was frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Frozen {
    digest: Sha256Hex,
    on: Day,
}

/// A report, as the events of its stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    frozen: Option<Frozen>,
    signed: bool,
}

impl Report {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::ReportFrozen(frozen) => {
                self.frozen = event.decidedon.map(|on| Frozen {
                    digest: frozen.snapshot.digest,
                    on,
                });
            }
            Fact::ReportSigned(_) => self.signed = true,
            _ => {}
        }
    }
}

fn on(report: Ref, event: Event) -> Decided {
    vec![(StreamId::of(StreamKind::Report, report), event.case(report))]
}

/// Freezes a report. It is about entries that stand, and its filters stand once each, in their order.
pub fn freeze(c: &FreezeReport, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.report(cx.minted)?.frozen.is_some() {
        return Err(Blocked::control(Code::NoChange)
            .with("report", cx.minted)
            .into());
    }
    let names = c.snapshot.filters.iter().map(|filter| &filter.name);
    let rising = names.clone().zip(names.skip(1)).all(|(a, b)| a < b);
    if !rising || c.snapshot.position == Position(0) {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("what", "snapshot")
            .into());
    }
    let fact = Fact::ReportFrozen(ReportFrozen {
        report: cx.minted,
        kind: c.kind.clone(),
        addressee: c.addressee.clone(),
        snapshot: c.snapshot.clone(),
    });
    Ok(on(cx.minted, cx.event(fact)))
}

/// A named official signs what was frozen, once.
pub fn sign(c: &SignReport, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let report = known.report(c.report)?;
    let blocked = |code| Blocked::control(code).with("report", c.report);
    let Some(frozen) = report.frozen else {
        return Err(blocked(Code::ReportNotFound).into());
    };
    if report.signed {
        return Err(blocked(Code::NoChange).into());
    }
    if frozen.digest != c.digest {
        return Err(blocked(Code::AdoptsOtherBytes)
            .with("digest", frozen.digest)
            .into());
    }
    if cx.decided_on < frozen.on {
        return Err(blocked(Code::BeforeItsCause)
            .with("since", frozen.on)
            .into());
    }
    let fact = Fact::ReportSigned(ReportSigned {
        digest: c.digest,
        document: c.document,
    });
    Ok(on(c.report, cx.event(fact)))
}

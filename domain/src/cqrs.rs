//! The aggregates as cqrs-es knows them: `handle` is an adapter over [`decide`] that writes to the sink only after all
//! is decided. The application's own dispatch calls [`decide`] itself, because the framework can neither decide again
//! nor span streams; this second door serves single-stream commands.

use std::collections::HashMap;

use cqrs_es::{Aggregate, event_sink::EventSink};
use qonys_events::{
    event::Event,
    id::{StreamId, StreamKind},
    scalar::StreamSeq,
};

use crate::{
    application::Application,
    blocked::Blocked,
    command::Command,
    context::Context,
    decide::{Undecided, decide},
    dwelling::Dwelling,
    forecast::Forecasts,
    indicator::Indicator,
    journal::Journal,
    labour::ForeignLabour,
    law::Law,
    measure::MeasurePlan,
    office::{Office, Offices},
    person::Person,
    population_departure::PopulationDeparture,
    proposal::{Proposal, Proposals},
    quota::QuotaLine,
    report::Report,
    streams::{LogState, State, Stream, Streams},
};

/// A command with its context, as the framework hands it to an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The command.
    pub command: Command,
    /// Its context.
    pub context: Context,
}

/// The other streams that a decision may read.
#[derive(Debug, Clone, Default)]
pub struct Surroundings(pub HashMap<StreamId, Stream>);

/// Why the framework's door did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotHere {
    /// The command is blocked.
    #[error("blocked: {0}")]
    Blocked(Blocked),
    /// The decision reads a stream that is not among the surroundings.
    #[error("the decision reads {0}, which is not among the surroundings")]
    Needs(StreamId),
    /// The command writes to another stream too: only dispatch can do that.
    #[error("the command writes to {0} too")]
    SpansStreams(StreamId),
}

/// The surroundings with the aggregate itself among them, whatever its id is.
struct WithSelf<'a> {
    own: Stream,
    kind: StreamKind,
    others: &'a Surroundings,
}

impl Streams for WithSelf<'_> {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.others
            .0
            .get(id)
            .or((id.kind() == self.kind).then_some(&self.own))
    }
}

fn handle(
    own: State,
    kind: StreamKind,
    ordered: &Ordered,
    others: &Surroundings,
) -> Result<Vec<Event>, NotHere> {
    let streams = WithSelf {
        own: Stream {
            seq: StreamSeq(0),
            state: own,
        },
        kind,
        others,
    };
    let decided =
        decide(&ordered.command, &ordered.context, &streams).map_err(
            |undecided| match undecided {
                Undecided::Blocked(blocked) => NotHere::Blocked(*blocked),
                Undecided::Needs(stream) => NotHere::Needs(stream),
            },
        )?;
    let mut target: Option<StreamId> = None;
    for (stream, _) in &decided {
        let foreign = stream.kind() != kind || others.0.contains_key(stream);
        if foreign || target.replace(stream.clone()).is_some_and(|t| t != *stream) {
            return Err(NotHere::SpansStreams(stream.clone()));
        }
    }
    Ok(decided.into_iter().map(|(_, event)| event).collect())
}

macro_rules! aggregate {
    ($type:ty, $kind:ident, $state:expr) => {
        impl Aggregate for $type {
            const TYPE: &'static str = StreamKind::$kind.name();
            type Command = Ordered;
            type Event = Event;
            type Error = NotHere;
            type Services = Surroundings;

            async fn handle(
                &mut self,
                ordered: Ordered,
                others: &Surroundings,
                sink: &EventSink<Self>,
            ) -> Result<(), NotHere> {
                let state: fn(Self) -> State = $state;
                for event in handle(state(self.clone()), StreamKind::$kind, &ordered, others)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Event) {
                <$type>::apply(self, &event);
            }
        }
    };
}
aggregate!(LogState, Log, State::Log);
aggregate!(Law, Law, |law| State::Law(Box::new(law)));
aggregate!(QuotaLine, QuotaLine, |line| State::QuotaLine(Box::new(
    line
)));
aggregate!(Application, Application, |application| State::Application(
    Box::new(application)
));
aggregate!(Person, Person, |person| State::Person(Box::new(person)));
aggregate!(Dwelling, Dwelling, |dwelling| State::Dwelling(Box::new(
    dwelling
)));
aggregate!(Proposal, Proposal, |proposal| State::Proposal(Box::new(
    proposal
)));
aggregate!(Indicator, Indicator, |indicator| State::Indicator(
    Box::new(indicator)
));
aggregate!(PopulationDeparture, PopulationDeparture, |departure| {
    State::PopulationDeparture(Box::new(departure))
});
aggregate!(MeasurePlan, MeasurePlan, |plan| State::MeasurePlan(
    Box::new(plan)
));
aggregate!(Forecasts, Forecast, |forecasts| State::Forecast(Box::new(
    forecasts
)));
aggregate!(Office, Office, |office| State::Office(Box::new(office)));
aggregate!(Journal, Journal, |journal| State::Journal(Box::new(
    journal
)));
aggregate!(ForeignLabour, ForeignLabour, |ledger| State::ForeignLabour(
    Box::new(ledger)
));
aggregate!(Report, Report, |report| State::Report(Box::new(report)));
aggregate!(Offices, Offices, |offices| State::Offices(Box::new(
    offices
)));
aggregate!(Proposals, Proposals, |proposals| State::Proposals(
    Box::new(proposals)
));

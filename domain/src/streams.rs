//! The streams that a decision reads: one state per stream, made by applying its events in order.

use qonys_events::{
    event::Event,
    fact::Fact,
    id::{Line, Ref, StreamId, StreamKind},
    scalar::{Slug, StreamSeq},
};

use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
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
};

/// The state of a log's own stream: whether it is open, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogState {
    /// What the log is for; `None` while it is empty.
    pub kind: Option<qonys_events::term::LogKind>,
}

/// The state of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The log itself.
    Log(LogState),
    /// The register of acts.
    Law(Box<Law>),
    /// A quota line.
    QuotaLine(Box<QuotaLine>),
    /// An application.
    Application(Box<Application>),
    /// A person.
    Person(Box<Person>),
    /// A dwelling.
    Dwelling(Box<Dwelling>),
    /// A proposal.
    Proposal(Box<Proposal>),
    /// An indicator.
    Indicator(Box<Indicator>),
    /// The trigger of point 7 in a territory.
    PopulationDeparture(Box<PopulationDeparture>),
    /// A plan of measures.
    MeasurePlan(Box<MeasurePlan>),
    /// What forecasts of a territory are made from.
    Forecast(Box<Forecasts>),
    /// An office.
    Office(Box<Office>),
    /// Registers of an office.
    Journal(Box<Journal>),
    /// The ledger of foreign labour of a territory.
    ForeignLabour(Box<ForeignLabour>),
    /// A report.
    Report(Box<Report>),
    /// The proposals for a territory.
    Proposals(Box<Proposals>),
    /// The offices of a territory.
    Offices(Box<Offices>),
}

/// A stream as far as it is known: its state and how many events made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The number of events applied; 0 for a stream that does not exist.
    pub seq: StreamSeq,
    /// What they made.
    pub state: State,
}

impl Stream {
    /// The empty stream of a kind.
    pub fn empty(kind: StreamKind) -> Self {
        let state = match kind {
            StreamKind::Log => State::Log(LogState::default()),
            StreamKind::Law => State::Law(Box::default()),
            StreamKind::QuotaLine => State::QuotaLine(Box::default()),
            StreamKind::Application => State::Application(Box::default()),
            StreamKind::Person => State::Person(Box::default()),
            StreamKind::Dwelling => State::Dwelling(Box::default()),
            StreamKind::Proposal => State::Proposal(Box::default()),
            StreamKind::Indicator => State::Indicator(Box::default()),
            StreamKind::PopulationDeparture => State::PopulationDeparture(Box::default()),
            StreamKind::MeasurePlan => State::MeasurePlan(Box::default()),
            StreamKind::Forecast => State::Forecast(Box::default()),
            StreamKind::Office => State::Office(Box::default()),
            StreamKind::Journal => State::Journal(Box::default()),
            StreamKind::ForeignLabour => State::ForeignLabour(Box::default()),
            StreamKind::Report => State::Report(Box::default()),
            StreamKind::Proposals => State::Proposals(Box::default()),
            StreamKind::Offices => State::Offices(Box::default()),
        };
        Self {
            seq: StreamSeq(0),
            state,
        }
    }

    /// About how many bytes it takes in memory. What grows with every event is counted by events; a quota line keeps no
    /// more than its open holds and its days.
    pub fn bytes(&self) -> usize {
        const PER_STREAM: usize = 768;
        const PER_EVENT: usize = 256;
        PER_STREAM
            + match &self.state {
                State::QuotaLine(line) => line.bytes(),
                _ => usize::try_from(self.seq.0)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(PER_EVENT),
            }
    }

    /// Applies the next event.
    pub fn apply(&mut self, event: &Event) {
        self.seq.0 += 1;
        match &mut self.state {
            State::Log(s) => s.apply(event),
            State::Law(s) => s.apply(event),
            State::QuotaLine(s) => s.apply(event),
            State::Application(s) => s.apply(event),
            State::Person(s) => s.apply(event),
            State::Dwelling(s) => s.apply(event),
            State::Proposal(s) => s.apply(event),
            State::Indicator(s) => s.apply(event),
            State::PopulationDeparture(s) => s.apply(event),
            State::MeasurePlan(s) => s.apply(event),
            State::Forecast(s) => s.apply(event),
            State::Office(s) => s.apply(event),
            State::Journal(s) => s.apply(event),
            State::ForeignLabour(s) => s.apply(event),
            State::Report(s) => s.apply(event),
            State::Proposals(s) => s.apply(event),
            State::Offices(s) => s.apply(event),
        }
    }
}

impl LogState {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::LogOpened(opened) => self.kind = Some(opened.kind),
            Fact::LogContinued(continued) => self.kind = Some(continued.kind),
            _ => {}
        }
    }
}

/// The streams that are loaded. A decision that needs one that is not asks for it ([`Needs`]).
pub trait Streams {
    /// The stream, if it is loaded; an empty one if it does not exist.
    fn stream(&self, id: &StreamId) -> Option<&Stream>;
}

/// A decision needs a stream that is not loaded. Load it and decide again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs(pub StreamId);

/// Typed access to the loaded streams.
pub struct Known<'a>(pub &'a dyn Streams);

/// One accessor per kind of stream.
macro_rules! accessor {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $type:ty) => {
        $(#[$doc])*
        pub fn $name(&self, id: &StreamId) -> Result<&'a $type, Needs> {
            match self.0.stream(id) {
                Some(Stream { state: State::$variant(state), .. }) => Ok(state),
                Some(_) => unreachable!("the kind of a stream is the kind of its state"),
                None => Err(Needs(id.clone())),
            }
        }
    };
}

impl<'a> Known<'a> {
    accessor!(
        /// The log's own stream.
        log_of, Log, LogState
    );
    accessor!(
        /// The register of acts.
        law_of, Law, Law
    );
    accessor!(
        /// A quota line.
        line_of, QuotaLine, QuotaLine
    );
    accessor!(
        /// An application.
        application_of, Application, Application
    );
    accessor!(
        /// A person.
        person_of, Person, Person
    );
    accessor!(
        /// A dwelling.
        dwelling_of, Dwelling, Dwelling
    );
    accessor!(
        /// A proposal.
        proposal_of, Proposal, Proposal
    );
    accessor!(
        /// An indicator.
        indicator_of, Indicator, Indicator
    );
    accessor!(
        /// The trigger of a territory.
        population_departure_of, PopulationDeparture, PopulationDeparture
    );
    accessor!(
        /// A plan of measures.
        measure_plan_of, MeasurePlan, MeasurePlan
    );
    accessor!(
        /// What forecasts of a territory are made from.
        forecasts_of, Forecast, Forecasts
    );
    accessor!(
        /// An office.
        office_of, Office, Office
    );
    accessor!(
        /// Registers of an office.
        journal_of, Journal, Journal
    );
    accessor!(
        /// The ledger of foreign labour of a territory.
        foreign_labour_of, ForeignLabour, ForeignLabour
    );
    accessor!(
        /// A report.
        report_of, Report, Report
    );
    accessor!(
        /// The proposals for a territory.
        proposals_of, Proposals, Proposals
    );
    accessor!(
        /// The offices of a territory.
        offices_of, Offices, Offices
    );

    /// The log's own state.
    pub fn log(&self) -> Result<&'a LogState, Needs> {
        self.log_of(&StreamId::log())
    }

    /// The register of acts.
    pub fn law(&self) -> Result<&'a Law, Needs> {
        self.law_of(&StreamId::law())
    }

    /// A quota line.
    pub fn line(&self, line: &Line) -> Result<&'a QuotaLine, Needs> {
        self.line_of(&StreamId::line(line))
    }

    /// An application.
    pub fn application(&self, id: Ref) -> Result<&'a Application, Needs> {
        self.application_of(&StreamId::of(StreamKind::Application, id))
    }

    /// A person.
    pub fn person(&self, id: Ref) -> Result<&'a Person, Needs> {
        self.person_of(&StreamId::of(StreamKind::Person, id))
    }

    /// A dwelling.
    pub fn dwelling(&self, id: Ref) -> Result<&'a Dwelling, Needs> {
        self.dwelling_of(&StreamId::of(StreamKind::Dwelling, id))
    }

    /// A proposal.
    pub fn proposal(&self, id: Ref) -> Result<&'a Proposal, Needs> {
        self.proposal_of(&StreamId::of(StreamKind::Proposal, id))
    }

    /// An indicator.
    pub fn indicator(&self, name: &Slug) -> Result<&'a Indicator, Needs> {
        self.indicator_of(&StreamId::named(StreamKind::Indicator, name))
    }

    /// The trigger of point 7 in a territory.
    pub fn population_departure(&self, territory: &Slug) -> Result<&'a PopulationDeparture, Needs> {
        self.population_departure_of(&StreamId::named(StreamKind::PopulationDeparture, territory))
    }

    /// What forecasts of a territory are made from.
    pub fn forecasts(&self, territory: &Slug) -> Result<&'a Forecasts, Needs> {
        self.forecasts_of(&StreamId::named(StreamKind::Forecast, territory))
    }

    /// An office, by its name.
    pub fn office(&self, name: &Slug) -> Result<&'a Office, Needs> {
        self.office_of(&StreamId::named(StreamKind::Office, name))
    }

    /// The registers of an office and year, by their name.
    pub fn journal(&self, name: &Slug) -> Result<&'a Journal, Needs> {
        self.journal_of(&StreamId::named(StreamKind::Journal, name))
    }

    /// The ledger of foreign labour of a territory.
    pub fn foreign_labour(&self, territory: &Slug) -> Result<&'a ForeignLabour, Needs> {
        self.foreign_labour_of(&StreamId::named(StreamKind::ForeignLabour, territory))
    }

    /// The proposals for a territory.
    pub fn proposals(&self, territory: &Slug) -> Result<&'a Proposals, Needs> {
        self.proposals_of(&StreamId::named(StreamKind::Proposals, territory))
    }

    /// The offices of a territory.
    pub fn offices(&self, territory: &Slug) -> Result<&'a Offices, Needs> {
        self.offices_of(&StreamId::named(StreamKind::Offices, territory))
    }

    /// A report.
    pub fn report(&self, id: Ref) -> Result<&'a Report, Needs> {
        self.report_of(&StreamId::of(StreamKind::Report, id))
    }

    /// A plan of measures.
    pub fn measure_plan(&self, id: Ref) -> Result<&'a MeasurePlan, Needs> {
        self.measure_plan_of(&StreamId::of(StreamKind::MeasurePlan, id))
    }
}

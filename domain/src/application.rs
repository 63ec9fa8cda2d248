//! Applications (point 6): for inclusion in a regional quota, and for the status of kandas, which are two things. Each is
//! filed, prepared, heard, decided; and what becomes of the decision afterwards.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        application::{ApplicationFiled, FamilyJoin},
        case::StatusAsked,
        quota::{PlacesRecounted, PlacesReleased},
    },
    id::{Line, Ref, StreamId, StreamKind},
    scalar::{Count, Day, StreamSeq, Tenge},
    term::{
        Category, DecisionType, PlaceState, ProceedingsLanguage, ReleaseReason, RepaymentRule,
        ReviewOutcome, StatusAsk, Verdict,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

mod applying;
pub mod case;
pub mod correct;
pub mod filing;
pub mod refusal;
pub mod repayment;
pub mod review;
pub mod term;
pub mod transfer;

/// How an inclusion is counted from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The line.
    pub line: Line,
    /// Places by its counting rule.
    pub places: Count,
    /// First day.
    pub from: Day,
}

/// The inclusion of an applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Included {
    /// First effective day.
    pub from: Day,
    /// How it is counted, by first day: more than once where an act changed the rule within the year.
    pub(crate) counted: Vec<Counted>,
}

impl Included {
    /// How it is counted now.
    pub fn counted(&self) -> &Counted {
        self.counted
            .last()
            .expect("an inclusion is counted in a line")
    }

    /// What gives its places back from a day on, line by line. Who loses a place from a day before it was recounted never was
    /// recounted: that goes first.
    pub(crate) fn released(
        &self,
        application: Ref,
        from: Day,
        reason: ReleaseReason,
    ) -> Vec<(Line, Day, Fact)> {
        let released = |counted: &Counted, reason| {
            Fact::PlacesReleased(PlacesReleased {
                application,
                places: counted.places,
                was: PlaceState::Committed,
                reason,
            })
        };
        let mut counted = self.counted.clone();
        let mut moves = Vec::new();
        while let [.., before, last] = counted.as_slice()
            && from < last.from
        {
            let gone = released(last, ReleaseReason::Recounted);
            moves.push((last.line.clone(), last.from, gone));
            let back = Fact::PlacesRecounted(PlacesRecounted {
                application,
                places: before.places,
                before: last.line.clone(),
            });
            moves.push((before.line.clone(), last.from, back));
            counted.pop();
        }
        if let Some(last) = counted.last() {
            moves.push((last.line.clone(), from, released(last, reason)));
        }
        moves
    }
}

/// A decision on the application, by its place in the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DecisionMade {
    pub(crate) verdict: Verdict,
    /// Who adopted it; `None` where a term that ran out stands for it.
    pub(crate) official: Option<Ref>,
    /// In whose stead, where he acted for another.
    #[serde(default)]
    pub(crate) in_stead_of: Option<Ref>,
    pub(crate) decided_on: Option<Day>,
    pub(crate) effective_from: Option<Day>,
    pub(crate) names_appeal: bool,
    pub(crate) notified_on: Option<Day>,
    /// The entry of that notice.
    pub(crate) notified_by: Option<StreamSeq>,
    pub(crate) annulled: bool,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Complaint {
    pub(crate) decision: StreamSeq,
    pub(crate) by_applicant: bool,
    pub(crate) filed_on: Day,
    pub(crate) forwarded: bool,
    /// The day on which it came to the body above, or was filed.
    pub(crate) before_since: Day,
    /// Whether the execution of the decision is suspended while it is not decided.
    pub(crate) suspends: bool,
    pub(crate) decided: bool,
    /// Whether a court decided it: that is the last word.
    pub(crate) by_court: bool,
}

/// A finding of repayment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) rule: RepaymentRule,
    pub(crate) amount: Tenge,
    /// What is owed on it: what was found, or what was claimed, less what was paid back.
    pub(crate) owed: Tenge,
    pub(crate) claimed: bool,
    /// Whether the claim was withdrawn, or it was decided that none is opened.
    pub(crate) withdrawn: bool,
}

/// An extension of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extension {
    /// The last day of the term.
    pub(crate) until: Day,
    /// Working days from the filing to it.
    pub(crate) working_days: Count,
    pub(crate) decided_on: Option<Day>,
    pub(crate) notified_on: Option<Day>,
    /// The entry of that notice.
    pub(crate) notified_by: Option<StreamSeq>,
}

/// What the body told the applicant before an adverse act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preliminary {
    pub(crate) verdict: Verdict,
    pub(crate) told_on: Day,
}

/// The state of an application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Application {
    filed: Option<ApplicationFiled>,
    status_asked: Option<StatusAsked>,
    filed_on: Option<Day>,
    /// The entry that says what was applied for.
    filed_by: StreamSeq,
    included: Option<Included>,
    /// The first day of the first inclusion that was not annulled from its adoption: support depends on it.
    settled_on: Option<Day>,
    allowed: bool,
    /// The last day of the status that was allowed.
    allowed_until: Option<Day>,
    ended: bool,
    withdrawn: bool,
    preliminary: Option<Preliminary>,
    decisions: BTreeMap<u64, DecisionMade>,
    complaints: BTreeMap<Ref, Complaint>,
    /// Support that was paid, by the place of the entry.
    payments: BTreeMap<u64, Tenge>,
    findings: BTreeMap<u64, Finding>,
    /// Support that was paid back.
    #[serde(default)]
    repaid: Tenge,
    language: Option<ProceedingsLanguage>,
    /// Extensions of the term, by the place of the entry.
    #[serde(default)]
    extensions: BTreeMap<u64, Extension>,
    /// Entries that a correction superseded.
    superseded: BTreeSet<StreamSeq>,
    events: u64,
    /// The last day that an event is about.
    #[serde(default)]
    last_on: Option<Day>,
}

/// What an application asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Inclusion in a regional quota.
    Inclusion(&'a ApplicationFiled),
    /// The status of kandas, or more of it.
    Status(&'a StatusAsked),
}

impl Asked<'_> {
    /// Who applies.
    pub fn applicant(&self) -> Ref {
        match self {
            Self::Inclusion(filed) => filed.applicant,
            Self::Status(asked) => asked.applicant,
        }
    }

    /// The category whose rules apply.
    pub fn category(&self) -> Category {
        match self {
            Self::Inclusion(filed) => filed.category,
            Self::Status(_) => Category::Kandas,
        }
    }

    /// The type of decision that grants it: its term is a norm of that name.
    pub fn decision(&self) -> DecisionType {
        match self {
            Self::Inclusion(filed) => match filed.category {
                Category::Kandas => DecisionType::KandasInclusion,
                Category::Resettlers => DecisionType::ResettlerInclusion,
            },
            Self::Status(asked) => match asked.asks {
                StatusAsk::Grant => DecisionType::KandasStatus,
                StatusAsk::Extension => DecisionType::KandasStatusExtension,
            },
        }
    }

    /// The type of decision that refuses it.
    pub fn refusal(&self) -> DecisionType {
        match self.category() {
            Category::Kandas => DecisionType::KandasRefusal,
            Category::Resettlers => DecisionType::ResettlerRefusal,
        }
    }
}

impl Application {
    /// What was filed for a quota; blocked when there is no such application.
    pub fn filed(&self, id: Ref) -> Result<&ApplicationFiled, Blocked> {
        self.filed.as_ref().ok_or_else(|| not_found(id))
    }

    /// What was asked for; blocked when there is no such application.
    pub fn asked(&self, id: Ref) -> Result<Asked<'_>, Blocked> {
        let inclusion = self.filed.as_ref().map(Asked::Inclusion);
        let status = self.status_asked.as_ref().map(Asked::Status);
        inclusion.or(status).ok_or_else(|| not_found(id))
    }

    /// Where the application stands: `None` while it is to be decided.
    fn settled(&self) -> Option<&'static str> {
        let adverse = self.decisions.values().any(|decision| {
            decision.verdict == Verdict::Adverse
                && decision.official.is_some()
                && !decision.annulled
        });
        if self.included.is_some() {
            Some("included")
        } else if self.allowed {
            Some("allowed")
        } else if adverse {
            Some("refusal-act")
        } else if self.withdrawn {
            Some("withdrawn")
        } else if self.ended {
            Some("ended")
        } else {
            None
        }
    }

    /// Blocks when the application has been decided or ended.
    fn still_open(&self, id: Ref) -> Result<(), Blocked> {
        self.settled().map_or(Ok(()), |state| {
            Err(Blocked::control(Code::ApplicationDecided)
                .with("application", id)
                .with("state", state))
        })
    }

    /// What was filed for a quota, while it is to be decided.
    pub fn open(&self, id: Ref) -> Result<&ApplicationFiled, Blocked> {
        let filed = self.filed(id)?;
        self.still_open(id).map(|()| filed)
    }

    /// What was asked for, while it is to be decided.
    pub fn undecided(&self, id: Ref) -> Result<Asked<'_>, Blocked> {
        let asked = self.asked(id)?;
        self.still_open(id).map(|()| asked)
    }

    /// Support that was received, as far as it stands.
    fn support(&self) -> Tenge {
        Tenge(self.payments.values().map(|paid| paid.0).sum())
    }

    /// Support that was received and not paid back.
    fn outstanding(&self) -> Tenge {
        Tenge(self.support().0.saturating_sub(self.repaid.0))
    }

    /// The language that the applicant chose, if he chose one.
    pub fn language(&self) -> Option<ProceedingsLanguage> {
        self.language
    }

    /// The extension of the term that counts: the last one.
    pub(crate) fn extension(&self) -> Option<&Extension> {
        self.extensions.values().next_back()
    }

    /// The day on which it was filed.
    pub fn filed_on(&self) -> Day {
        self.filed_on.unwrap_or(Day::new(1900, 1, 1))
    }

    /// The inclusion, while it lasts.
    pub fn included(&self) -> Option<&Included> {
        self.included.as_ref()
    }

    /// The complaint of another that suspends the execution of the favourable decision that stands, if one is open on a
    /// day. Nobody is worse off by his own complaint.
    pub(crate) fn suspended_by(&self, on: Day) -> Option<Ref> {
        let stands =
            |decision: &DecisionMade| decision.verdict == Verdict::Favourable && !decision.annulled;
        let open = self.complaints.iter().find(|(_, complaint)| {
            complaint.suspends
                && !complaint.decided
                && !complaint.by_applicant
                && complaint.filed_on <= on
                && self
                    .decisions
                    .get(&complaint.decision.0)
                    .is_some_and(stands)
        });
        open.map(|(id, _)| *id)
    }

    /// Whether a favourable decision on it was annulled.
    pub(crate) fn was_annulled(&self) -> bool {
        let mut decisions = self.decisions.values();
        decisions.any(|d| d.verdict == Verdict::Favourable && d.annulled)
    }

    /// The inclusion that a member of the family joins with this application.
    pub fn joins(&self) -> Option<&FamilyJoin> {
        self.filed.as_ref()?.joins.as_ref()
    }

    /// Whether the application exists.
    pub fn exists(&self) -> bool {
        self.filed.is_some() || self.status_asked.is_some()
    }

    /// Who applies.
    pub fn applicant(&self) -> Option<Ref> {
        let inclusion = self.filed.as_ref().map(|filed| filed.applicant);
        inclusion.or(self.status_asked.as_ref().map(|asked| asked.applicant))
    }

    /// The last day that an event is about.
    pub(crate) fn last_on(&self) -> Option<Day> {
        self.last_on
    }

    /// What of the case is still to come: its decision, or that on a complaint.
    pub(crate) fn still_going_on(&self) -> Option<&'static str> {
        if self.exists() && self.settled().is_none() {
            Some("undecided")
        } else if self.complaints.values().any(|complaint| !complaint.decided) {
            Some("complaint")
        } else {
            None
        }
    }

    /// Whether support was received that may have to be paid back: by which category's rule, from which day the years
    /// count, and the finding on which it is owed, where one stands. Nothing is owed of what was paid back.
    pub(crate) fn support_received(&self) -> Option<(Category, Day, Option<StreamSeq>)> {
        let filed = self.filed.as_ref()?;
        let since = self.settled_on.filter(|_| self.outstanding() > Tenge(0))?;
        let owed = |(_, finding): &(&u64, &Finding)| !finding.withdrawn && finding.owed > Tenge(0);
        let found = self
            .findings
            .iter()
            .find(owed)
            .map(|(at, _)| StreamSeq(*at));
        Some((filed.category, since, found))
    }

    /// The decision at a place of the stream.
    fn decision(&self, id: Ref, at: StreamSeq) -> Result<&DecisionMade, Blocked> {
        self.decisions.get(&at.0).ok_or_else(|| {
            Blocked::control(Code::NoSuchDecision)
                .with("application", id)
                .with("decision", at)
        })
    }
}

/// Whether a review takes the decision away.
fn annuls(outcome: ReviewOutcome) -> bool {
    match outcome {
        ReviewOutcome::Annulled
        | ReviewOutcome::AnnulledAndReplaced
        | ReviewOutcome::ActionOrdered
        | ReviewOutcome::Remitted => true,
        ReviewOutcome::Upheld | ReviewOutcome::LeftUnexamined => false,
    }
}

fn not_found(id: Ref) -> Blocked {
    Blocked::control(Code::ApplicationNotFound).with("application", id)
}

pub(crate) fn stream(application: Ref) -> StreamId {
    StreamId::of(StreamKind::Application, application)
}

/// One event in an application's stream.
fn on(application: Ref, event: Event) -> Decided {
    vec![(stream(application), event.case(application))]
}

/// The facts of every verdict on this application, with the power for it.
fn opening_facts(asked: &Asked<'_>, basis: &Citation) -> Facts {
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("category", asked.category());
    match asked {
        Asked::Inclusion(filed) => facts
            .with("territory", &filed.territory)
            .with("quota-year", filed.year),
        Asked::Status(status) => facts.with("asks", status.asks),
    }
}

/// The application, if it exists.
fn existing<'a>(known: &Known<'a>, id: Ref) -> Result<(&'a Application, Asked<'a>), Undecided> {
    let application = known.application(id)?;
    let asked = application.asked(id)?;
    Ok((application, asked))
}

/// Blocks an effective day before the application was filed.
fn after_filing(application: &Application, cx: &Context) -> Result<(), Blocked> {
    let (from, filed) = (cx.effective_from(), application.filed_on());
    if from >= filed {
        return Ok(());
    }
    Err(Blocked::control(Code::BeforeItsCause)
        .with("effective-from", from)
        .with("filed-on", filed))
}

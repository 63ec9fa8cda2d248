//! Applications for inclusion in a regional quota and for the status of kandas (point 6): what became of each, from which
//! day.

use crate::{
    cell::{rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, known, overlay},
    quota::line_of,
    table::{Key, Table},
};
use qonys_events::{
    fact::{
        Fact,
        amended::{CaseCorrected, CaseRecord},
        application::Hearing,
    },
    id::{Line, Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Text, Year},
    term::{Category, PlaceState, ReleaseReason, ReviewOutcome, StatusAsk},
};

words! {
    /// Where an application stands.
    ApplicationState {
        /// Filed, and nothing decided.
        Filed = "filed",
        /// A computed verdict holds its places.
        Held = "held",
        /// Included by a named official.
        Included = "included",
        /// A refusal act stands, adopted by a named official.
        RefusalAct = "refusal-act",
        /// The status that was asked for was granted by a named official.
        Allowed = "allowed",
        /// Withdrawn by the applicant.
        Withdrawn = "withdrawn",
        /// Over without a refusal act: the inclusion ended, its year is over.
        Ended = "ended",
    }
}

words! {
    /// What an application asks for.
    AskedFor {
        /// Inclusion in a regional quota.
        Inclusion = "inclusion",
        /// The status of kandas.
        Status = "status",
        /// A longer status.
        StatusExtension = "status-extension",
    }
}

words! {
    /// Whether an applicant was heard before a refusal act.
    HearingChoice {
        /// Heard, or had the chance.
        Held = "held",
        /// Omitted, as the law allowed.
        Omitted = "omitted",
    }
}

rows! {
    /// An application as it stands from a day.
    ApplicationRow in APPLICATION = "application" {
        key: [application, effective_from, recorded_from],
        entity: [application],
        indexes: [[applicant], [line], [state]],
    }
    /// Our own number.
    application: Ref,
    /// Where it stands.
    state: ApplicationState,
    /// What is asked for.
    asks: AskedFor,
    /// Who applies; null when the filing is not in this log.
    applicant: Option<Ref>,
    /// In which category.
    category: Category,
    /// For which territory; null for the status.
    territory: Option<Slug>,
    /// For which year; null for the status.
    quota_year: Option<Year>,
    /// The application of the inclusion that a member of the family joins.
    joins: Option<Ref>,
    /// Members of the family who come along; null when the filing is not in this log.
    members: Option<Count>,
    /// The day of filing.
    filed_on: Option<Day>,
    /// The line that holds or has its places.
    line: Option<Line>,
    /// Those places.
    places: Option<Count>,
    /// The norm that names the ground of a refusal.
    ground: Option<Slug>,
    /// Whether the applicant was heard.
    hearing: Option<HearingChoice>,
    /// The day of the hearing.
    heard_on: Option<Day>,
    /// Where and within what term the applicant may complain.
    appeal: Option<Text>,
    /// First day after the status that was granted, if it ends.
    status_until: Option<Day>,
    /// Why places were released, the last time they were.
    release_reason: Option<ReleaseReason>,
    /// First day.
    effective_from: Day,
    /// First day after.
    effective_to: Option<Day>,
    /// The position that wrote the row.
    recorded_from: Position,
    /// The position from which the log says otherwise.
    recorded_to: Option<Position>,
}

/// The view of applications.
#[derive(Debug, Clone, Copy)]
pub struct Applications;

/// The application that an entry is about.
fn subject(entry: &Recorded) -> Option<Ref> {
    match &entry.event().fact {
        Fact::ApplicationFiled(fact) => Some(fact.application),
        Fact::PlacesHeld(fact) => Some(fact.application),
        Fact::PlacesReleased(fact) => Some(fact.application),
        Fact::PlacesOrdered(fact) => Some(fact.application),
        Fact::StatusAsked(fact) => Some(fact.application),
        Fact::ApplicationIncluded(_)
        | Fact::CaseCorrected(_)
        | Fact::RefusalActAdopted(_)
        | Fact::ApplicationWithdrawn(_)
        | Fact::StatusAllowed(_)
        | Fact::ReviewDecided(_)
        | Fact::CaseTransferred(_)
        | Fact::InclusionRecounted(_)
        | Fact::InclusionProved(_)
        | Fact::InclusionEnded(_) => {
            let stream = &entry.entry.place.subject;
            let fits = stream.kind() == StreamKind::Application;
            fits.then(|| stream.key().parse().ok()).flatten()
        }
        _ => None,
    }
}

/// What an application asks for: what, in which category, and for which territory and year.
type Asked = (AskedFor, Category, Option<(Slug, Year)>);

/// What an application asks for, by its filing or, where it was filed elsewhere, by the line that holds its places.
fn asked(entry: &Recorded, line: Option<&Line>) -> Option<Asked> {
    let inclusion = |category, territory: &Slug, year| {
        let quota = Some((territory.clone(), year));
        Some((AskedFor::Inclusion, category, quota))
    };
    match (&entry.event().fact, line) {
        (Fact::ApplicationFiled(fact), _) => inclusion(fact.category, &fact.territory, fact.year),
        (Fact::StatusAsked(fact), _) => {
            let asks = match fact.asks {
                StatusAsk::Grant => AskedFor::Status,
                StatusAsk::Extension => AskedFor::StatusExtension,
            };
            Some((asks, Category::Kandas, None))
        }
        (_, Some(line)) => inclusion(line.category, &line.territory, line.year),
        _ => None,
    }
}

/// An application of which nothing is known yet but what it asks for.
fn blank(
    application: Ref,
    (asks, category, quota): Asked,
    effective_from: Day,
    recorded_from: Position,
) -> ApplicationRow {
    let (territory, quota_year) = quota.unzip();
    ApplicationRow {
        application,
        state: ApplicationState::Filed,
        asks,
        applicant: None,
        category,
        territory,
        quota_year,
        joins: None,
        members: None,
        filed_on: None,
        line: None,
        places: None,
        ground: None,
        hearing: None,
        heard_on: None,
        appeal: None,
        status_until: None,
        release_reason: None,
        effective_from,
        effective_to: None,
        recorded_from,
        recorded_to: None,
    }
}

/// The line that an entry names, by its stream or by its fact.
fn named_line(entry: &Recorded) -> Result<Option<Line>, FoldError> {
    Ok(match &entry.event().fact {
        Fact::PlacesHeld(_) | Fact::PlacesReleased(_) | Fact::PlacesOrdered(_) => {
            Some(line_of(entry)?)
        }
        Fact::ApplicationIncluded(fact) => Some(fact.line.clone()),
        Fact::InclusionRecounted(fact) => Some(fact.line.clone()),
        Fact::InclusionProved(fact) => Some(fact.line.clone()),
        _ => None,
    })
}

/// What becomes of an application through the fact of an entry.
fn change(row: &mut ApplicationRow, entry: &Recorded) -> Result<(), FoldError> {
    match &entry.event().fact {
        Fact::ApplicationFiled(fact) => {
            row.state = ApplicationState::Filed;
            row.applicant = Some(fact.applicant);
            row.members = Some(fact.members);
            row.joins = fact.joins.as_ref().map(|join| join.application);
            row.filed_on = Some(entry.day()?);
        }
        Fact::CaseCorrected(CaseCorrected {
            record: CaseRecord::Filing(fact),
            ..
        }) => {
            (row.category, row.quota_year) = (fact.category, Some(fact.year));
            row.territory = Some(fact.territory.clone());
            row.members = Some(fact.members);
            row.joins = fact.joins.as_ref().map(|join| join.application);
            row.filed_on = Some(entry.day()?);
        }
        Fact::StatusAsked(fact) => {
            row.applicant = Some(fact.applicant);
            row.filed_on = Some(entry.day()?);
        }
        Fact::StatusAllowed(fact) => {
            row.state = ApplicationState::Allowed;
            row.status_until = fact.until;
        }
        Fact::CaseTransferred(fact) => row.territory = Some(fact.to.clone()),
        Fact::ApplicationWithdrawn(_) => row.state = ApplicationState::Withdrawn,
        Fact::PlacesOrdered(fact) => row.places = Some(fact.places),
        // A status that was granted and annulled is to be decided again.
        Fact::ReviewDecided(fact)
            if row.state == ApplicationState::Allowed && fact.effect_from.is_some() =>
        {
            row.state = ApplicationState::Filed;
            row.status_until = None;
        }
        // A refusal that does not stand leaves the application to be decided again.
        Fact::ReviewDecided(fact)
            if row.state == ApplicationState::RefusalAct
                && !matches!(
                    fact.outcome,
                    ReviewOutcome::Upheld | ReviewOutcome::LeftUnexamined
                ) =>
        {
            row.state = ApplicationState::Filed;
        }
        Fact::PlacesHeld(fact) => {
            row.state = ApplicationState::Held;
            row.places = Some(fact.places);
        }
        Fact::PlacesReleased(fact) => {
            row.release_reason = Some(fact.reason);
            // A hold that goes leaves the application to be decided. The end of an inclusion is told by the entry that
            // follows in the application's own stream.
            if fact.was == PlaceState::Held {
                row.state = ApplicationState::Filed;
                row.places = None;
            }
        }
        Fact::ApplicationIncluded(fact) => {
            row.state = ApplicationState::Included;
            row.places = Some(fact.places);
        }
        Fact::InclusionProved(fact) => {
            row.state = ApplicationState::Included;
            row.places = Some(fact.places);
        }
        Fact::InclusionRecounted(fact) => row.places = Some(fact.places),
        Fact::RefusalActAdopted(fact) => {
            row.state = ApplicationState::RefusalAct;
            row.ground = Some(fact.ground.clone());
            row.appeal = Some(fact.appeal.clone());
            let (hearing, heard_on) = match &fact.hearing {
                Hearing::Held { on } => (HearingChoice::Held, Some(*on)),
                Hearing::Omitted { .. } => (HearingChoice::Omitted, None),
            };
            (row.hearing, row.heard_on) = (Some(hearing), heard_on);
        }
        Fact::InclusionEnded(fact) => {
            // Who annuls an inclusion leaves the application to be decided again.
            row.state = match fact.reason {
                ReleaseReason::Annulled => ApplicationState::Filed,
                _ => ApplicationState::Ended,
            };
            row.release_reason = Some(fact.reason);
            row.places = None;
        }
        _ => {}
    }
    Ok(())
}

impl Projection for Applications {
    fn name(&self) -> &'static str {
        "applications"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&APPLICATION] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.application.filed.v1",
            "kz.qonys.application.included.v1",
            "kz.qonys.application.refusal-act-adopted.v1",
            "kz.qonys.application.inclusion-ended.v1",
            "kz.qonys.quota-line.places-held.v1",
            "kz.qonys.quota-line.places-released.v1",
            "kz.qonys.quota-line.places-ordered.v1",
            "kz.qonys.application.status-asked.v1",
            "kz.qonys.application.status-allowed.v1",
            "kz.qonys.application.withdrawn.v1",
            "kz.qonys.application.review-decided.v1",
            "kz.qonys.application.transferred.v1",
            "kz.qonys.application.corrected.v1",
            "kz.qonys.application.inclusion-recounted.v1",
            "kz.qonys.application.inclusion-proved.v1",
        ]
    }

    fn follows_corrections(&self, event_type: &str) -> bool {
        event_type == "kz.qonys.application.corrected.v1"
    }

    fn reads(&self, entry: &Recorded, wanted: &mut Wanted) {
        if let Some(application) = subject(entry) {
            wanted.known(&APPLICATION, Key::of([application]));
        }
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (at, day) = (entry.position(), entry.day()?);
        let application = subject(entry).ok_or(FoldError::Stream { position: at })?;
        let line = named_line(entry)?;
        let known = known::<ApplicationRow>(rows, &Key::of([application]))?;
        let last = known.into_iter().max_by_key(|row| row.effective_from);
        let mut row = match (last, asked(entry, line.as_ref())) {
            (Some(last), _) => last,
            (None, Some(asked)) => blank(application, asked, day, at),
            (None, None) => {
                let what = format!("application {application}");
                return Err(FoldError::Untold { position: at, what });
            }
        };
        change(&mut row, entry)?;
        row.line = line.or(row.line);
        (row.effective_from, row.effective_to) = (day, None);
        (row.recorded_from, row.recorded_to) = (at, None);
        overlay(rows, &row, at)
    }
}

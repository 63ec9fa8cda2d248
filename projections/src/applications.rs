//! Applications for inclusion in a regional quota (point 6): what became of each, from which day.

use crate::{
    cell::{rows, words},
    projection::{Changes, FoldError, Projection, Recorded, Wanted, known, overlay},
    quota::line_of,
    table::{Key, Table},
};
use qonys_events::{
    fact::{Fact, application::Hearing},
    id::{Line, Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Text, Year},
    term::{Category, PlaceState, ReleaseReason},
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
        /// Refused by a named official.
        Refused = "refused",
        /// Over without a refusal act: withdrawn, annulled, its year over.
        Ended = "ended",
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
    /// Who applies; null when the filing is not in this log.
    applicant: Option<Ref>,
    /// In which category.
    category: Category,
    /// For which territory.
    territory: Slug,
    /// For which year.
    quota_year: Year,
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
        Fact::ApplicationIncluded(_) | Fact::ApplicationRefused(_) | Fact::InclusionEnded(_) => {
            let stream = &entry.entry.place.subject;
            let fits = stream.kind() == StreamKind::Application;
            fits.then(|| stream.key().parse().ok()).flatten()
        }
        _ => None,
    }
}

/// What an application asks for, by its filing or, where it was filed elsewhere, by the line that holds its places.
fn asked(entry: &Recorded, line: Option<&Line>) -> Option<(Category, Slug, Year)> {
    match (&entry.event().fact, line) {
        (Fact::ApplicationFiled(fact), _) => {
            Some((fact.category, fact.territory.clone(), fact.year))
        }
        (_, Some(line)) => Some((line.category, line.territory.clone(), line.year)),
        _ => None,
    }
}

/// An application of which nothing is known yet but what it asks for.
fn blank(
    application: Ref,
    (category, territory, quota_year): (Category, Slug, Year),
    effective_from: Day,
    recorded_from: Position,
) -> ApplicationRow {
    ApplicationRow {
        application,
        state: ApplicationState::Filed,
        applicant: None,
        category,
        territory,
        quota_year,
        members: None,
        filed_on: None,
        line: None,
        places: None,
        ground: None,
        hearing: None,
        heard_on: None,
        appeal: None,
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
        Fact::PlacesHeld(_) | Fact::PlacesReleased(_) => Some(line_of(entry)?),
        Fact::ApplicationIncluded(fact) => Some(fact.line.clone()),
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
            row.filed_on = Some(entry.day()?);
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
        Fact::ApplicationRefused(fact) => {
            row.state = ApplicationState::Refused;
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
            "kz.qonys.application.refused.v1",
            "kz.qonys.application.inclusion-ended.v1",
            "kz.qonys.quota-line.places-held.v1",
            "kz.qonys.quota-line.places-released.v1",
        ]
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

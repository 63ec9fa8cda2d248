//! `qonys person`, `qonys districts`, `qonys late`, `qonys days-stayed`, `qonys capacity` and `qonys refusals`: registration of
//! the population (points 9 and 10) by reference, and refusal acts in counts (point 2).

use clap::Args;
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::{Count, Day},
};
use qonys_projections::{cell::Shown, residents::ResidenceRow, residents::StayRow};

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, open_about, open_telling, or_dash},
    output,
    told::{Telling, Why},
};
use crate::{
    clock::Clock,
    views::{
        Views,
        queries::{refusals::RefusalsBy, residents::Period},
    },
};

/// Options of a question about one person or dwelling.
#[derive(Args)]
pub(super) struct About {
    /// The reference.
    subject: Ref,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

impl About {
    /// Opens the views, after it is recorded that somebody asks about the subject.
    async fn open(&self, kind: StreamKind, operation: &str) -> Result<Views, Failure> {
        let about = (StreamId::of(kind, self.subject), operation);
        open_about(&self.ask.at, &self.why, about).await
    }
}

/// One registration as a row of a table.
fn residence(row: &ResidenceRow) -> Vec<String> {
    let mut marks = Vec::new();
    if row.late {
        marks.push("late".to_owned());
    }
    if row.over_norm_ground.is_some() {
        marks.push("over norm".to_owned());
    }
    marks.extend(row.correction.map(|reason| format!("corrected ({reason})")));
    registration(
        row.entry.0,
        "residence",
        (row.person, row.dwelling),
        (row.effective_from, row.effective_to),
        &marks,
    )
}

fn stay(row: &StayRow) -> Vec<String> {
    let mut marks = vec![row.day_limit.to_string()];
    if row.late {
        marks.push("late".to_owned());
    }
    marks.extend(row.correction.map(|reason| format!("corrected ({reason})")));
    registration(
        row.entry.0,
        "stay",
        (row.person, row.dwelling),
        (row.effective_from, row.effective_to),
        &marks,
    )
}

fn registration(
    entry: u64,
    how: &str,
    (person, dwelling): (Ref, Ref),
    (from, to): (Day, Option<Day>),
    marks: &[String],
) -> Vec<String> {
    vec![
        person.to_string(),
        how.to_owned(),
        dwelling.to_string(),
        from.to_string(),
        or_dash(to),
        entry.to_string(),
        marks.join(", "),
    ]
}

const REGISTRATIONS: [&str; 7] = ["person", "how", "dwelling", "from", "to", "entry", "marks"];

fn registrations(
    residences: &[Shown<ResidenceRow>],
    stays: &[Shown<StayRow>],
) -> Result<(), Failure> {
    let residences = residences.iter().map(|row| residence(&row.0));
    let rows: Vec<_> = residences
        .chain(stays.iter().map(|row| stay(&row.0)))
        .collect();
    Ok(output::table(&REGISTRATIONS, &rows)?)
}

/// Prints where a person is registered.
pub(super) async fn person(about: About) -> Result<(), Failure> {
    let views = about.open(StreamKind::Person, "person").await?;
    let (day, as_of) = (about.day.effective, about.ask.as_of.point());
    let answer = views.person(about.subject, day, as_of).await?;
    let Some(person) = &answer.person else {
        return Err(Failure::error(format!(
            "no person {} is recorded at position {}",
            about.subject, answer.at.position
        )));
    };
    about.ask.write(&answer, &answer.residences, || {
        let described = &person.0;
        output::line(&format!(
            "{}, IIN {}, birth date {}, document {}",
            described.kind,
            described.iin,
            described.birth_date,
            or_dash(described.document)
        ))?;
        if let Some(death) = &answer.death {
            output::line(&format!("died on {}", death.0.died_on))?;
        }
        for status in &answer.statuses {
            let (from, to) = (status.0.effective_from, status.0.effective_to);
            output::line(&format!("kandas from {from} to {}", or_dash(to)))?;
        }
        registrations(&answer.residences, &answer.stays)?;
        computed_at(answer.at, answer.day)
    })
}

/// Options of `qonys districts`.
#[derive(Args)]
pub(super) struct Districts {
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    ask: Ask,
}

/// Prints how many persons are registered in each district.
pub(super) async fn districts(districts: Districts) -> Result<(), Failure> {
    let views = districts.ask.open().await?;
    let (day, as_of) = (districts.day.effective, districts.ask.as_of.point());
    let answer = views.districts(day, as_of, &Clock::System).await?;
    districts.ask.write(&answer, &answer.districts, || {
        let row = |name: String, residents: Count, staying: Count| {
            vec![name, residents.to_string(), staying.to_string()]
        };
        let mut rows: Vec<_> = answer
            .districts
            .iter()
            .map(|d| row(d.district.to_string(), d.residents, d.staying))
            .collect();
        rows.push(row("city".to_owned(), answer.residents, answer.staying));
        output::table(&["district", "residents", "staying"], &rows)?;
        computed_at(answer.at, Some(answer.day))
    })
}

/// Options of `qonys late`.
#[derive(Args)]
pub(super) struct Late {
    /// Only registrations about this first day or a later one.
    #[arg(long)]
    from: Option<Day>,
    /// Only registrations about an earlier first day than this.
    #[arg(long)]
    until: Option<Day>,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

/// Prints registrations that came late.
pub(super) async fn late(late: Late) -> Result<(), Failure> {
    let telling = Telling::of("query", "late", Vec::new());
    let views = open_telling(&late.ask.at, &late.why, telling).await?;
    let period = Period {
        from: late.from,
        until: late.until,
    };
    let answer = views.late(period, late.ask.as_of.point()).await?;
    late.ask.write(&answer, &answer.residences, || {
        registrations(&answer.residences, &answer.stays)?;
        computed_at(answer.at, None)
    })
}

/// Prints on how many days of the rolling window a person stayed somewhere.
pub(super) async fn days_stayed(about: About) -> Result<(), Failure> {
    let views = about.open(StreamKind::Person, "days-stayed").await?;
    let (day, as_of) = (about.day.effective, about.ask.as_of.point());
    let answer = views
        .days_stayed(about.subject, day, as_of, &Clock::System)
        .await?;
    about.ask.write(&answer, std::slice::from_ref(&answer), || {
        match (answer.days_stayed, answer.window_days) {
            (Some(days), Some(window)) => {
                let allowed = answer
                    .days_allowed
                    .map_or("unknown".to_owned(), |n| n.to_string());
                output::line(&format!(
                    "stayed on {days} of {window} days; without a permit {allowed} are allowed"
                ))?;
            }
            _ => output::line("unknown: no norm for the window is recorded for that day")?,
        }
        computed_at(answer.at, Some(answer.day))
    })
}

/// Prints how many persons the norm of point 10 lets live in a dwelling.
pub(super) async fn capacity(about: About) -> Result<(), Failure> {
    let views = about.open(StreamKind::Dwelling, "capacity").await?;
    let (day, as_of) = (about.day.effective, about.ask.as_of.point());
    let answer = views
        .capacity(about.subject, day, as_of, &Clock::System)
        .await?;
    let Some(dwelling) = &answer.dwelling else {
        return Err(Failure::error(format!(
            "no dwelling {} is recorded at position {}",
            about.subject, answer.at.position
        )));
    };
    about.ask.write(&answer, std::slice::from_ref(&answer), || {
        let area = dwelling.0.useful_area.0;
        output::line(&format!(
            "{}, {}.{:02} m2 of useful area, {} residents",
            dwelling.0.fund,
            area / 100,
            area % 100,
            answer.residents
        ))?;
        match (answer.capacity, &answer.power, answer.norm) {
            (Some(capacity), ..) => {
                let free = answer.free.unwrap_or_default();
                let over = answer
                    .over_norm_by
                    .map(|n| format!(", over the norm by {n}"));
                output::line(&format!(
                    "takes {capacity}, {free} more{}",
                    over.unwrap_or_default()
                ))?;
            }
            (None, None, _) => output::line("no act in force gives the power to look at the norm")?,
            (None, _, None) => output::line("no norm is recorded for that day")?,
            (None, Some(_), Some(_)) => output::line("point 10 does not look at this fund")?,
        }
        computed_at(answer.at, Some(answer.day))
    })
}

/// Options of `qonys refusals`.
#[derive(Args)]
pub(super) struct Refusals {
    /// By what they are counted.
    #[arg(long, value_enum)]
    by: RefusalsBy,
    #[command(flatten)]
    ask: Ask,
}

/// Prints refusal acts in counts.
pub(super) async fn refusals(refusals: Refusals) -> Result<(), Failure> {
    let views = refusals.ask.open().await?;
    let as_of = refusals.ask.as_of.point();
    let answer = views.refusals(refusals.by, as_of).await?;
    refusals.ask.write(&answer, &answer.cells, || {
        let count = |n: Option<Count>| n.map_or("suppressed".to_owned(), |n| n.to_string());
        let cells = answer.cells.iter();
        let mut rows: Vec<_> = cells
            .map(|c| vec![c.of.clone(), count(c.refusals)])
            .collect();
        rows.push(vec!["all".to_owned(), count(answer.total)]);
        output::table(&["of", "refusals"], &rows)?;
        match answer.least_cell {
            Some(least) => output::line(&format!("cells below {least} are suppressed"))?,
            None => output::line("no threshold is recorded, so no figure is shown")?,
        }
        computed_at(answer.at, None)
    })
}

//! `qonys figures`, `qonys coverage` and `qonys reconciliations` (point 4).

use clap::Args;
use qonys_events::scalar::{Day, Slug};

use super::{
    Failure,
    ask::{Ask, computed_at, or_dash},
    output,
};
use crate::{clock::Clock, settings::DEFAULT_TERRITORY, views::queries::monitoring::FigureQuery};

/// For which day, as known on which day.
#[derive(Args)]
struct TwoDays {
    /// The day that the figures are for.
    #[arg(long, alias = "on", value_name = "DAY")]
    effective: Option<Day>,
    /// As known on this day: revisions that were published later are not looked at.
    #[arg(long, value_name = "DAY")]
    known_on: Option<Day>,
}

impl TwoDays {
    fn query(&self, ask: &Ask) -> FigureQuery {
        FigureQuery {
            as_of: ask.as_of.point(),
            day: self.effective,
            known_on: self.known_on,
            ..FigureQuery::default()
        }
    }
}

/// Options of `qonys figures`.
#[derive(Args)]
pub(super) struct Figures {
    /// The indicator; all without it.
    indicator: Option<Slug>,
    /// Only figures about this territory.
    #[arg(long)]
    territory: Option<Slug>,
    #[command(flatten)]
    days: TwoDays,
    #[command(flatten)]
    ask: Ask,
}

/// Prints figures for a day, as known on a day.
pub(super) async fn figures(figures: Figures) -> Result<(), Failure> {
    let views = figures.ask.open().await?;
    let query = FigureQuery {
        indicator: figures.indicator,
        territory: figures.territory,
        ..figures.days.query(&figures.ask)
    };
    let answer = views.figures(&query, &Clock::System).await?;
    figures.ask.write(&answer, &answer.figures, || {
        let rows: Vec<_> = answer
            .figures
            .iter()
            .map(|known| {
                let row = &known.release.0;
                let mut note = Vec::new();
                note.extend((known.revisions > 0).then(|| format!("revised {}", known.revisions)));
                note.extend(row.inputs.is_some().then(|| "computed".to_owned()));
                note.extend(known.outdated.then(|| "of revised figures".to_owned()));
                vec![
                    format!("{} {}", row.indicator, row.release),
                    row.territory.to_string(),
                    row.period.to_string(),
                    row.figure.to_string(),
                    known.unit.to_string(),
                    row.known_from.to_string(),
                    or_dash(row.source.as_ref()),
                    note.join(", "),
                ]
            })
            .collect();
        let header = [
            "release",
            "territory",
            "period",
            "figure",
            "unit",
            "known from",
            "source",
            "note",
        ];
        output::table(&header, &rows)?;
        output::line(&format!("\nas known on {}", answer.known_on))?;
        computed_at(answer.at, query.day)
    })
}

/// Options of `qonys coverage`.
#[derive(Args)]
pub(super) struct Coverage {
    /// The territory.
    #[arg(long, default_value = DEFAULT_TERRITORY)]
    territory: Slug,
    #[command(flatten)]
    days: TwoDays,
    #[command(flatten)]
    ask: Ask,
}

/// Prints the ten features of point 4, each with its newest figure, and which have none.
pub(super) async fn coverage(coverage: Coverage) -> Result<(), Failure> {
    let views = coverage.ask.open().await?;
    let query = coverage.days.query(&coverage.ask);
    let answer = views
        .coverage(&coverage.territory, &query, &Clock::System)
        .await?;
    let found = &answer.coverage;
    coverage.ask.write(&answer, &found.features, || {
        let rows: Vec<_> = found
            .features
            .iter()
            .map(|covered| {
                let newest = covered.newest.as_ref().map(|known| &known.release.0);
                let said = newest.map(|row| format!("{} {}", row.indicator, row.figure));
                vec![
                    covered.feature.to_string(),
                    covered.figures.to_string(),
                    or_dash(said),
                    or_dash(newest.map(|row| row.period)),
                    or_dash(newest.and_then(|row| row.source.as_ref())),
                    if covered.in_quarter { "yes" } else { "no" }.to_owned(),
                ]
            })
            .collect();
        let header = [
            "feature",
            "figures",
            "newest",
            "period",
            "source",
            found.quarter.as_str(),
        ];
        output::table(&header, &rows)?;
        let without = found.without_data.len();
        output::line(&format!(
            "\n{without} of 10 features have no figure about {}, as known on {}",
            found.quarter, found.known_on
        ))?;
        computed_at(answer.at, None)
    })
}

/// Options of `qonys reconciliations`.
#[derive(Args)]
pub(super) struct Reconciliations {
    /// As known on this day.
    #[arg(long, value_name = "DAY")]
    known_on: Option<Day>,
    #[command(flatten)]
    ask: Ask,
}

/// Prints stocks held against reported changes, with the difference.
pub(super) async fn reconciliations(asked: Reconciliations) -> Result<(), Failure> {
    let views = asked.ask.open().await?;
    let query = FigureQuery {
        as_of: asked.ask.as_of.point(),
        known_on: asked.known_on,
        ..FigureQuery::default()
    };
    let answer = views.reconciliations(&query, &Clock::System).await?;
    asked.ask.write(&answer, &answer.reconciliations, || {
        let rows: Vec<_> = answer
            .reconciliations
            .iter()
            .map(|known| {
                let row = &known.reconciliation;
                vec![
                    row.stock.to_string(),
                    row.territory.to_string(),
                    row.period.to_string(),
                    row.start_figure.to_string(),
                    row.changed.to_string(),
                    row.end_figure.to_string(),
                    row.discrepancy.to_string(),
                    if known.outdated {
                        "figures revised since"
                    } else {
                        ""
                    }
                    .to_owned(),
                ]
            })
            .collect();
        let header = [
            "stock",
            "territory",
            "period",
            "start",
            "changed",
            "end",
            "difference",
            "note",
        ];
        output::table(&header, &rows)?;
        computed_at(answer.at, None)
    })
}

//! `qonys forecast` and `qonys population-base` (point 8).

use clap::Args;
use qonys_events::{
    entry::Actor,
    fact::forecast::DistrictPersons,
    id::Ref,
    scalar::{Count, Day, Slug},
};
use serde_json::json;

use super::{
    Failure, Where,
    ask::{self, Ask, computed_at, or_dash},
    output,
};
use crate::{
    clock::{Clock, Entropy},
    settings::DEFAULT_TERRITORY,
    views::queries::{AsOf, forecasts::ForecastQuery},
};

/// Options of `qonys forecast`.
#[derive(Args)]
pub(super) struct Forecast {
    /// The territory.
    #[arg(default_value = DEFAULT_TERRITORY)]
    territory: Slug,
    /// Its number; the last one without it.
    #[arg(long)]
    number: Option<u64>,
    /// Only this district; the territory's own name for the sum of its districts.
    #[arg(long)]
    district: Option<Slug>,
    /// Only this day.
    #[arg(long)]
    day: Option<Day>,
    /// Prints the back-tests as well.
    #[arg(long)]
    tests: bool,
    #[command(flatten)]
    ask: Ask,
}

/// Prints a forecast: its lines beside the naive one, and what is needed.
pub(super) async fn show(forecast: Forecast) -> Result<(), Failure> {
    let views = forecast.ask.open().await?;
    let query = ForecastQuery {
        as_of: forecast.ask.as_of.point(),
        territory: forecast.territory.clone(),
        forecast: forecast.number.map(Count),
        district: forecast.district,
        day: forecast.day,
    };
    let answer = views.forecast(&query).await?;
    let Some(found) = &answer.forecast else {
        let (territory, at) = (forecast.territory, answer.at.position);
        let what = format!("no such forecast of {territory} is recorded at position {at}");
        return Err(Failure::error(what));
    };
    forecast.ask.write(&answer, &answer.lines, || {
        let found = &found.0;
        output::line(&format!(
            "forecast {} of {} by {}, norms {}, inputs {}",
            found.forecast, found.territory, found.method_version, found.norm_set, found.inputs
        ))?;
        output::line("a scenario, and no promise: what happens if the method goes on\n")?;
        let row = |line: &qonys_projections::forecasts::ForecastLineRow| {
            let interval = line
                .low
                .zip(line.high)
                .map(|(low, high)| format!("{low}..{high}"));
            vec![
                line.district.to_string(),
                line.day.to_string(),
                line.total.to_string(),
                or_dash(interval),
                line.naive.to_string(),
                or_dash(line.without_migration),
            ]
        };
        let rows: Vec<_> = answer.lines.iter().map(|line| row(&line.0)).collect();
        let header = [
            "district",
            "day",
            "persons",
            "95 of 100",
            "naive",
            "no migration",
        ];
        output::table(&header, &rows)?;
        output::line("")?;
        let rows: Vec<_> = answer
            .needs
            .iter()
            .map(|need| {
                let need = &need.0;
                vec![
                    need.district.to_string(),
                    need.day.to_string(),
                    need.service.to_string(),
                    need.persons.to_string(),
                    need.need.to_string(),
                    need.have.to_string(),
                    need.gap.to_string(),
                    or_dash(need.institutions),
                ]
            })
            .collect();
        let header = [
            "district",
            "day",
            "service",
            "of age",
            "need",
            "have",
            "gap",
            "institutions",
        ];
        output::table(&header, &rows)?;
        if forecast.tests {
            output::line("")?;
            for test in &answer.tests {
                let test = &test.0;
                let told = test.projection_test.as_ref().unwrap_or(&test.backtest);
                output::line(&format!("{}: {}", test.district, told.as_str()))?;
            }
        }
        computed_at(answer.at, None)
    })
}

/// Options of `qonys population-base`.
#[derive(Args)]
pub(super) struct Base {
    /// The territory.
    #[arg(long, default_value = DEFAULT_TERRITORY)]
    territory: Slug,
    /// The day that the records are counted for.
    #[arg(long)]
    effective: Day,
    /// The purpose, of those that point 8 names.
    #[arg(long, default_value = "migration-forecast")]
    purpose: Slug,
    /// Who records it: a reference; a new one without it.
    #[arg(long)]
    actor: Option<Ref>,
    /// In which role.
    #[arg(long, default_value = "analyst")]
    role: Slug,
    /// For which office.
    #[arg(long, default_value = "akimat.almaty")]
    office: Slug,
    #[command(flatten)]
    at: Where,
}

/// Counts the registration records by district and age, and prints the command line that records it. The records open two
/// classes of age, as they were at the registration: under 14, and older. No birth date stands in them, so no finer one is
/// given; a forecast by series takes such a base, a projection by age groups is blocked on it (`ages-too-coarse`).
pub(super) async fn base(base: Base) -> Result<(), Failure> {
    let views = ask::open(&base.at).await?;
    let counted = views
        .registered(Some(base.effective), AsOf::Latest, &Clock::System)
        .await?;
    let entropy = Entropy::System;
    let actor = Actor {
        actor: base.actor.unwrap_or_else(|| entropy.reference()),
        role: base.role,
        office: base.office,
        onbehalfof: None,
    };
    let districts: Vec<_> = counted
        .districts
        .into_iter()
        .map(|(district, persons)| DistrictPersons {
            district,
            persons: persons.into(),
        })
        .collect();
    let data = json!({
        "territory": base.territory, "as_of": base.effective, "position": counted.at.position, "purpose": base.purpose,
        "bands": ["0", "14"], "districts": districts, "source": "the registration records of this log: two classes of age, as at the registration",
    });
    let line = json!({"id": entropy.reference(), "type": "record-population-base", "actor": actor, "data": data});
    Ok(output::line(&line.to_string())?)
}

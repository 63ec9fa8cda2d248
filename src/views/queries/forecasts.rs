//! Forecasts (point 8), and the counts of the registration records that they begin with.

use std::collections::BTreeMap;

use qonys_events::{
    scalar::{Count, Day, Slug},
    term::AgeClass,
};
use qonys_projections::{
    forecasts::{ForecastLineRow, ForecastNeedRow, ForecastRow, ForecastTestRow},
    residents::ResidenceRow,
    table::Value,
};
use serde::Serialize;

use super::{AsOf, Point, Shown, Views, ViewsError, Where};
use crate::clock::Clock;

/// A forecast with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForecastAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The forecast; none when there is no such one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Shown<ForecastRow>>,
    /// Its lines, by district and day.
    pub lines: Vec<Shown<ForecastLineRow>>,
    /// What is needed, by district, day and service.
    pub needs: Vec<Shown<ForecastNeedRow>>,
    /// How the methods did, by district.
    pub tests: Vec<Shown<ForecastTestRow>>,
}

/// Which forecast is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastQuery {
    /// The recorded point.
    pub as_of: AsOf,
    /// The territory.
    pub territory: Slug,
    /// Its number; the last one without it.
    pub forecast: Option<Count>,
    /// Only this district; the territory's own name for the sum.
    pub district: Option<Slug>,
    /// Only this day.
    pub day: Option<Day>,
}

/// Registered persons by district, as the records hold them: under 14, and older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisteredAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// Persons under 14 and older, by district.
    pub districts: BTreeMap<Slug, [Count; 2]>,
}

impl Views {
    /// A forecast with its lines, needs and back-tests.
    pub async fn forecast(&self, query: &ForecastQuery) -> Result<ForecastAnswer, ViewsError> {
        let at = self.point(query.as_of).await?;
        let of = || Where::at(at, false).is("territory", Some(Value::text(&query.territory)));
        let number = query.forecast.map(|number| Value::number(number.0));
        let found: Vec<ForecastRow> = self
            .rows(
                at,
                &of().is("forecast", number),
                "ORDER BY forecast DESC LIMIT 1",
            )
            .await?;
        let forecast = found.into_iter().next();
        let mut answer = ForecastAnswer {
            at,
            forecast: None,
            lines: Vec::new(),
            needs: Vec::new(),
            tests: Vec::new(),
        };
        let Some(forecast) = forecast else {
            return Ok(answer);
        };
        let number = Some(Value::number(forecast.forecast.0));
        let district = query.district.as_ref().map(Value::text);
        let tests = of()
            .is("forecast", number.clone())
            .is("district", district.clone());
        let lines = of()
            .is("forecast", number)
            .is("district", district)
            .is("day", query.day.map(Value::text));
        let shown: Vec<ForecastLineRow> = self.rows(at, &lines, "ORDER BY district, day").await?;
        answer.lines = shown.into_iter().map(Shown).collect();
        let shown: Vec<ForecastNeedRow> = self
            .rows(at, &lines, "ORDER BY district, day, service")
            .await?;
        answer.needs = shown.into_iter().map(Shown).collect();
        let shown: Vec<ForecastTestRow> = self.rows(at, &tests, "ORDER BY district").await?;
        answer.tests = shown.into_iter().map(Shown).collect();
        answer.forecast = Some(Shown(forecast));
        Ok(answer)
    }

    /// Persons who are registered at a residence on a day, by district and age class at their registration.
    pub async fn registered(
        &self,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<RegisteredAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = day.unwrap_or_else(|| self.default_day(as_of, at, clock));
        let of = Where::at(at, true).on(day);
        let rows: Vec<ResidenceRow> = self.rows(at, &of, "").await?;
        let mut districts: BTreeMap<Slug, [Count; 2]> = BTreeMap::new();
        for row in rows {
            let [young, older] = districts.entry(row.district).or_default();
            match row.age {
                AgeClass::Under14 => young.0 += 1,
                AgeClass::From14 => older.0 += 1,
            }
        }
        Ok(RegisteredAnswer { at, day, districts })
    }
}

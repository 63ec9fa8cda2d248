//! Acts with their status on a day, as known at a point (preamble of the Rules).

use qonys_events::{
    id::Origin,
    scalar::{Day, Slug},
};
use qonys_projections::{
    acts::{ACT, ACT_DATE, ACT_DETERMINATION, NORM, POWER, TERRITORY_CHANGE, register::Register},
    table::Table,
};
use serde::Serialize;

use super::{AsOf, Point, Views, ViewsError};
use crate::clock::Clock;

pub use qonys_projections::acts::on_day::{ActOnDay, Dates, Parent, Titles};

/// The tables of the register.
const TABLES: [&Table; 6] = [
    &ACT,
    &ACT_DATE,
    &ACT_DETERMINATION,
    &NORM,
    &POWER,
    &TERRITORY_CHANGE,
];

/// Acts on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The log.
    pub origin: Origin,
    /// The day.
    pub day: Day,
    /// The acts, by name.
    pub acts: Vec<ActOnDay>,
}

impl Views {
    /// The register of acts as known at a point.
    pub async fn register(&self, at: Point) -> Result<Register, ViewsError> {
        let mut register = Register::default();
        for table in TABLES {
            for row in self.whole(at, table).await? {
                let taken = register.take_row(table, &row);
                taken.map_err(|e| ViewsError::Broken(e.to_string()))?;
            }
        }
        Ok(register)
    }

    /// Every act with its status on a day; only the one of this name, if one is given.
    pub async fn acts(
        &self,
        act: Option<&Slug>,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<ActsAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = day.unwrap_or_else(|| self.default_day(as_of, at, clock));
        let register = self.register(at).await?;
        let rows = register.acts(at.position);
        let chosen = rows.filter(|row| act.is_none_or(|act| row.act == *act));
        let acts = chosen
            .map(|row| register.on_day(row, day, at.position))
            .collect::<Result<_, _>>()
            .map_err(|e| ViewsError::Broken(e.to_string()))?;
        let origin = self.log().origin().clone();
        Ok(ActsAnswer {
            at,
            origin,
            day,
            acts,
        })
    }
}

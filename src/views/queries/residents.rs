//! Residents of a dwelling, residences and stays of a person, persons by district (points 8 to 10). References only.

use qonys_events::{
    id::Ref,
    scalar::{Count, Day, Slug},
};
use qonys_projections::{
    residents::{DwellingRow, KandasStatusRow, PersonRow, RESIDENCE, ResidenceRow, STAY, StayRow},
    table::{Kind, Table, Value},
};
use serde::Serialize;

use super::{AsOf, Point, Shown, Views, ViewsError, Where, reference};
use crate::clock::Clock;

/// Who lives and stays in a dwelling on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DwellingAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The dwelling as it is recorded; none when it is not.
    pub dwelling: Option<Shown<DwellingRow>>,
    /// Residences that cover the day, by person.
    pub residences: Vec<Shown<ResidenceRow>>,
    /// Stays that cover the day, by person.
    pub stays: Vec<Shown<StayRow>>,
}

/// Where a person lives and stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day; none when all days were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// The person as recorded; none when not.
    pub person: Option<Shown<PersonRow>>,
    /// Status of kandas.
    pub statuses: Vec<Shown<KandasStatusRow>>,
    /// Residences, by first day.
    pub residences: Vec<Shown<ResidenceRow>>,
    /// Stays, by first day.
    pub stays: Vec<Shown<StayRow>>,
}

/// One district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct District {
    /// Its name, or `not-stated`.
    pub district: Slug,
    /// Persons with a residence there.
    pub residents: Count,
    /// Persons with a stay there; they may also be residents somewhere.
    pub staying: Count,
}

/// Persons by district on a day. The districts add up to the city; they are never reconciled with the statistical
/// population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DistrictsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The districts, by name.
    pub districts: Vec<District>,
    /// Persons with a residence in the city.
    pub residents: Count,
    /// Persons with a stay in the city.
    pub staying: Count,
}

fn shown<R>(rows: Vec<R>) -> Vec<Shown<R>> {
    rows.into_iter().map(Shown).collect()
}

impl Views {
    /// Who lives and stays in a dwelling on a day, as known at a point.
    pub async fn residents(
        &self,
        dwelling: Ref,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<DwellingAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = day.unwrap_or_else(|| self.default_day(as_of, at, clock));
        let of = |closes| Where::at(at, closes).is("dwelling", reference(dwelling));
        let by_person = "ORDER BY person, effective_from";
        let described: Vec<DwellingRow> = self.rows(at, &of(true), "").await?;
        Ok(DwellingAnswer {
            at,
            day,
            dwelling: described.into_iter().next().map(Shown),
            residences: shown(self.rows(at, &of(true).on(day), by_person).await?),
            stays: shown(self.rows(at, &of(false).on(day), by_person).await?),
        })
    }

    /// Where a person lives and stays: on a day, or on all days, as known at a point.
    pub async fn person(
        &self,
        person: Ref,
        day: Option<Day>,
        as_of: AsOf,
    ) -> Result<PersonAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let of = |closes| Where::at(at, closes).is("person", reference(person));
        let about = |closes| match day {
            Some(day) => of(closes).on(day),
            None => of(closes),
        };
        let by_day = "ORDER BY effective_from";
        let recorded: Vec<PersonRow> = self.rows(at, &of(true), "").await?;
        Ok(PersonAnswer {
            at,
            day,
            person: recorded.into_iter().next().map(Shown),
            statuses: shown(self.rows(at, &about(true), by_day).await?),
            residences: shown(self.rows(at, &about(true), by_day).await?),
            stays: shown(self.rows(at, &about(false), by_day).await?),
        })
    }

    /// Persons by district on a day, as known at a point.
    pub async fn districts(
        &self,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<DistrictsAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = day.unwrap_or_else(|| self.default_day(as_of, at, clock));
        let residents = self.count_by_district(at, &RESIDENCE, day).await?;
        let staying = self.count_by_district(at, &STAY, day).await?;
        let sum = |counts: &[(Slug, u64)]| Count(counts.iter().map(|(_, n)| n).sum());
        let of = |counts: &[(Slug, u64)], district: &Slug| {
            let found = counts.iter().find(|(name, _)| name == district);
            Count(found.map_or(0, |(_, n)| *n))
        };
        let mut names: Vec<&Slug> = residents.iter().chain(&staying).map(|(d, _)| d).collect();
        names.sort_unstable();
        names.dedup();
        let district = |name: &Slug| District {
            district: name.clone(),
            residents: of(&residents, name),
            staying: of(&staying, name),
        };
        Ok(DistrictsAnswer {
            at,
            day,
            districts: names.into_iter().map(district).collect(),
            residents: sum(&residents),
            staying: sum(&staying),
        })
    }

    async fn count_by_district(
        &self,
        at: Point,
        table: &'static Table,
        day: Day,
    ) -> Result<Vec<(Slug, u64)>, ViewsError> {
        let of = Where::at(at, table.closes()).on(day);
        let sql = format!(
            "SELECT district, CAST(count(DISTINCT person) AS bigint) FROM {} WHERE {} GROUP BY district",
            table.name,
            of.text()
        );
        let kinds = [Kind::Text, Kind::Integer];
        let rows = self.shared.store.fetch(&sql, of.values(), &kinds).await?;
        let count = |row: &qonys_projections::table::Row| {
            let (Some(Value::Text(name)), Some(Value::Integer(n))) = (row.0.first(), row.0.get(1))
            else {
                return None;
            };
            Some((name.parse().ok()?, u64::try_from(*n).ok()?))
        };
        let broken = || ViewsError::Broken("a count by district is none".to_owned());
        rows.iter()
            .map(|row| count(row).ok_or_else(broken))
            .collect()
    }
}

//! Residents of a dwelling, residences and stays of a person, persons by district (points 8 to 10). References only.

use qonys_events::{
    id::Ref,
    scalar::{Count, Day, Slug},
    term::{DecisionType, HousingFund},
};
use qonys_projections::{
    acts::PowerRow,
    residents::{
        ConsentRow, DWELLING, DeathRow, DwellingRow, HoldingRow, KandasStatusRow, PersonRow,
        RESIDENCE, RepresentationRow, ResidenceRow, STAY, StayRow, days_stayed,
    },
    table::{EFFECTIVE_FROM, Kind, Table, Value},
};
use serde::Serialize;

use super::{AsOf, PAGE_MAX, Point, Shown, Views, ViewsError, Where, reference};
use crate::clock::Clock;

/// Who lives and stays in a dwelling on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DwellingAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The dwelling as it is on the day; none when it is not recorded.
    pub dwelling: Option<Shown<DwellingRow>>,
    /// Who holds it on the day; none where it is not recorded.
    pub holding: Option<Shown<HoldingRow>>,
    /// Consents that are valid on the day.
    pub consents: Vec<Shown<ConsentRow>>,
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
    /// The death, where one is recorded.
    pub death: Option<Shown<DeathRow>>,
    /// Status of kandas.
    pub statuses: Vec<Shown<KandasStatusRow>>,
    /// Residences, by first day.
    pub residences: Vec<Shown<ResidenceRow>>,
    /// Stays, by first day.
    pub stays: Vec<Shown<StayRow>>,
    /// Who acts for the person, by first day.
    pub representatives: Vec<Shown<RepresentationRow>>,
}

/// Days from a first one up to and without a last one; open where one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// First day after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// Registrations that came later than the term in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LateAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// Those that are about a first day in this period.
    pub period: Period,
    /// Residences, by first day; at most 1,000.
    pub residences: Vec<Shown<ResidenceRow>>,
    /// Stays, by first day; at most 1,000.
    pub stays: Vec<Shown<StayRow>>,
}

/// On how many days somebody stayed, in the rolling window of the migration law (art. 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DaysStayedAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The last day of the window.
    pub day: Day,
    /// How many days the window has; none where no norm is recorded.
    pub window_days: Option<Count>,
    /// On how many of them the person stayed somewhere.
    pub days_stayed: Option<Count>,
    /// How many are allowed without a permit; none where no norm is recorded.
    pub days_allowed: Option<Count>,
}

/// How point 10 stands in a dwelling on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapacityAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// The day.
    pub day: Day,
    /// The dwelling as it is on the day; none when it is not recorded.
    pub dwelling: Option<Shown<DwellingRow>>,
    /// The document that gives the power to take the norm into account; none where none in force does.
    pub power: Option<Slug>,
    /// The norm, in square decimetres of useful area per person; none where none is recorded.
    pub norm: Option<Count>,
    /// How many persons the area takes; none where point 10 does not look at the dwelling.
    pub capacity: Option<Count>,
    /// How many are registered at the place of residence.
    pub residents: Count,
    /// How many more it takes.
    pub free: Option<Count>,
    /// By how many it is over the norm; none where it is not.
    pub over_norm_by: Option<Count>,
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
        let of_day = || of(true).on(day);
        let described: Vec<DwellingRow> = self.rows(at, &of_day(), "").await?;
        let held: Vec<HoldingRow> = self.rows(at, &of_day(), "").await?;
        let by_holder = "ORDER BY person, holder, scope, effective_from";
        Ok(DwellingAnswer {
            at,
            day,
            dwelling: described.into_iter().next().map(Shown),
            holding: held.into_iter().next().map(Shown),
            consents: shown(self.rows(at, &of_day(), by_holder).await?),
            residences: shown(self.rows(at, &of_day(), by_person).await?),
            stays: shown(self.rows(at, &of_day(), by_person).await?),
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
        let died: Vec<DeathRow> = self.rows(at, &of(false), "").await?;
        Ok(PersonAnswer {
            at,
            day,
            person: recorded.into_iter().next().map(Shown),
            death: died.into_iter().next().map(Shown),
            statuses: shown(self.rows(at, &about(true), by_day).await?),
            residences: shown(self.rows(at, &about(true), by_day).await?),
            stays: shown(self.rows(at, &about(true), by_day).await?),
            representatives: shown(self.rows(at, &about(true), by_day).await?),
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

    /// Registrations that came late, by first day of a period: residences, then stays.
    pub async fn late(&self, period: Period, as_of: AsOf) -> Result<LateAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let late = || {
            let of = Where::at(at, true).is("late", Some(Value::number(1)));
            let of = of.holds(EFFECTIVE_FROM, ">=", period.from.map(Value::text));
            of.holds(EFFECTIVE_FROM, "<", period.until.map(Value::text))
        };
        let tail = format!("ORDER BY effective_from, person LIMIT {PAGE_MAX}");
        Ok(LateAnswer {
            at,
            period,
            residences: shown(self.rows(at, &late(), &tail).await?),
            stays: shown(self.rows(at, &late(), &tail).await?),
        })
    }

    /// On how many days a person stayed somewhere in the window that ends on a day, and what the norms in force allow.
    pub async fn days_stayed(
        &self,
        person: Ref,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<DaysStayedAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = day.unwrap_or_else(|| self.default_day(as_of, at, clock));
        let register = self.register(at).await?;
        let norm = |name: &str| {
            let name = name.parse().ok()?;
            register.norm(&name, day, at.position).map(|row| row.value)
        };
        let window = norm("immigrant-stay.window-days");
        let of = Where::at(at, true).is("person", reference(person));
        let stays: Vec<StayRow> = self.rows(at, &of, "").await?;
        let stayed = |window: Count| Count(days_stayed(&stays, window.0, day));
        Ok(DaysStayedAnswer {
            at,
            day,
            window_days: window,
            days_stayed: window.map(stayed),
            days_allowed: norm("immigrant-stay.days-in-window"),
        })
    }

    /// How many persons the norm of point 10 lets live in a dwelling on a day, and how many do.
    pub async fn capacity(
        &self,
        dwelling: Ref,
        day: Option<Day>,
        as_of: AsOf,
        clock: &Clock,
    ) -> Result<CapacityAnswer, ViewsError> {
        let answer = self.residents(dwelling, day, as_of, clock).await?;
        let (at, day) = (answer.at, answer.day);
        let register = self.register(at).await?;
        let name = "housing-provision.useful-area".parse().ok();
        let norm = name.and_then(|name| register.norm(&name, day, at.position));
        let powers = register.powers(DecisionType::HousingNorm, day, at.position);
        let in_force = |power: &&&PowerRow| {
            let wording = register.wording(&power.document, day, at.position);
            wording.status.is_in_force()
        };
        let power = powers
            .iter()
            .find(in_force)
            .map(|power| power.document.clone());
        let residents = Count(answer.residences.len() as u64);
        let limited = |d: &&Shown<DwellingRow>| d.0.fund != HousingFund::Private;
        let capacity = answer.dwelling.as_ref().filter(limited).zip(norm);
        let capacity = capacity.and_then(|(dwelling, norm)| {
            let persons = dwelling.0.useful_area.0.checked_div(norm.value.0)?;
            Some(Count(persons)).filter(|_| power.is_some())
        });
        let over = capacity.map(|capacity| Count(residents.0.saturating_sub(capacity.0)));
        Ok(CapacityAnswer {
            at,
            day,
            dwelling: answer.dwelling,
            power,
            norm: norm.map(|norm| norm.value),
            capacity,
            residents,
            free: capacity.map(|capacity| Count(capacity.0.saturating_sub(residents.0))),
            over_norm_by: over.filter(|over| over.0 > 0),
        })
    }

    /// By the districts of that day: when boundaries are moved, nobody moves.
    async fn count_by_district(
        &self,
        at: Point,
        table: &'static Table,
        day: Day,
    ) -> Result<Vec<(Slug, u64)>, ViewsError> {
        let of = Where::at(at, table.closes()).on(day);
        let (spells, dwellings, known) = (table.name, DWELLING.name, of.text());
        let sql = format!(
            "SELECT coalesce(d.now, s.said) AS name, CAST(count(DISTINCT s.person) AS bigint) \
             FROM (SELECT person, dwelling, district AS said FROM {spells} WHERE {known}) s \
             LEFT JOIN (SELECT dwelling, district AS now FROM {dwellings} WHERE {known}) d ON d.dwelling = s.dwelling \
             GROUP BY coalesce(d.now, s.said)"
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

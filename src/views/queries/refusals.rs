//! Refusal acts, counted by attributes that are lawfully held; small cells are suppressed by a recorded threshold (point 2).

use std::collections::BTreeMap;

use qonys_events::{
    id::Ref,
    scalar::{Count, Slug},
};
use qonys_projections::{
    applications::{ApplicationRow, ApplicationState},
    residents::PersonRow,
    table::{EFFECTIVE_TO, Value},
};
use serde::Serialize;

use super::{AsOf, Point, Views, ViewsError, Where, reference};

/// The norm: the least number that is shown in a cell.
pub const LEAST_CELL: &str = "published-counts.least-cell";

/// By what refusal acts are counted: nothing else is held lawfully and openly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalsBy {
    /// Kandas or resettlers.
    Category,
    /// The territory that was applied for.
    Territory,
    /// The ground.
    Ground,
    /// The year of the quota.
    Year,
    /// Citizen, foreigner or stateless.
    PersonKind,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// What is counted in it.
    pub of: String,
    /// How many; none where the cell is suppressed.
    pub refusals: Option<Count>,
}

/// Refusal acts that stand, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalsAnswer {
    /// Where it was computed.
    #[serde(flatten)]
    pub at: Point,
    /// By what.
    pub by: RefusalsBy,
    /// The least number that is shown, by the norm that is recorded; none where none is, and then no cell is shown.
    pub least_cell: Option<Count>,
    /// The cells, by name.
    pub cells: Vec<Cell>,
    /// All of them; none where it would tell what a suppressed cell holds.
    pub total: Option<Count>,
}

impl Views {
    /// Refusal acts that stand at a point, counted by one attribute.
    pub async fn refusals(
        &self,
        by: RefusalsBy,
        as_of: AsOf,
    ) -> Result<RefusalsAnswer, ViewsError> {
        let at = self.point(as_of).await?;
        let day = self.day_of(
            at.time
                .unwrap_or(qonys_events::scalar::Instant::from_micros(0)),
        );
        let name: Option<Slug> = LEAST_CELL.parse().ok();
        let register = self.register(at).await?;
        let norm =
            name.and_then(|name| register.norm(&name, day, at.position).map(|row| row.value));
        let stands = Where::at(at, true)
            .is(
                "state",
                Some(Value::text(ApplicationState::RefusalAct.as_str())),
            )
            .without(EFFECTIVE_TO);
        let rows: Vec<ApplicationRow> = self.rows(at, &stands, "").await?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for row in &rows {
            let of = match by {
                RefusalsBy::Category => row.category.to_string(),
                RefusalsBy::Territory => named(row.territory.as_ref()),
                RefusalsBy::Ground => named(row.ground.as_ref()),
                RefusalsBy::Year => named(row.quota_year.as_ref()),
                RefusalsBy::PersonKind => match row.applicant {
                    Some(person) => self.kind_of(at, person).await?,
                    None => named::<Slug>(None),
                },
            };
            *counts.entry(of).or_default() += 1;
        }
        let total = rows.len() as u64;
        let (cells, total) = suppressed(counts, total, norm);
        Ok(RefusalsAnswer {
            at,
            by,
            least_cell: norm,
            cells,
            total,
        })
    }

    async fn kind_of(&self, at: Point, person: Ref) -> Result<String, ViewsError> {
        let of = Where::at(at, true).is("person", reference(person));
        let rows: Vec<PersonRow> = self.rows(at, &of, "").await?;
        Ok(named(rows.first().map(|row| row.kind)))
    }
}

fn named<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "not-stated".to_owned(), |value| value.to_string())
}

/// Suppresses cells below the threshold; where one alone is suppressed the total would tell it, and is left out too.
/// Without a threshold nothing is shown.
fn suppressed(
    counts: BTreeMap<String, u64>,
    total: u64,
    least: Option<Count>,
) -> (Vec<Cell>, Option<Count>) {
    let shown = |count: u64| {
        least
            .is_some_and(|least| least.0 <= count)
            .then_some(Count(count))
    };
    let cells: Vec<Cell> = counts
        .into_iter()
        .map(|(of, count)| Cell {
            of,
            refusals: shown(count),
        })
        .collect();
    let hidden = cells.iter().filter(|cell| cell.refusals.is_none()).count();
    let total = shown(total).filter(|_| hidden != 1);
    (cells, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(counts: &[(&str, u64)], least: Option<u64>) -> (Vec<Option<u64>>, Option<u64>) {
        let total = counts.iter().map(|(_, n)| n).sum();
        let counts = counts
            .iter()
            .map(|(of, n)| ((*of).to_owned(), *n))
            .collect();
        let (cells, total) = suppressed(counts, total, least.map(Count));
        let cells = cells.iter().map(|cell| cell.refusals.map(|n| n.0));
        (cells.collect(), total.map(|n| n.0))
    }

    #[test]
    fn small_cells_are_suppressed_and_so_is_what_would_tell_them() {
        assert_eq!(
            told(&[("a", 5), ("b", 9)], Some(5)),
            (vec![Some(5), Some(9)], Some(14))
        );
        // One hidden cell could be had from the total.
        assert_eq!(
            told(&[("a", 4), ("b", 9)], Some(5)),
            (vec![None, Some(9)], None)
        );
        assert_eq!(
            told(&[("a", 4), ("b", 9), ("c", 1)], Some(5)),
            (vec![None, Some(9), None], Some(14))
        );
        assert_eq!(told(&[("a", 4)], Some(5)), (vec![None], None));
        assert_eq!(
            told(&[("a", 400)], None),
            (vec![None], None),
            "no threshold, no figure"
        );
        assert_eq!(told(&[], Some(5)), (vec![], None));
    }
}

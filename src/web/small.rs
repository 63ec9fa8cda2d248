//! Small cells (point 4: what is published is an aggregate): a count below the recorded threshold is not shown, nor what
//! would tell it. Without a recorded threshold no count is shown.

use qonys_projections::acts::{NORM, NormRow};

use super::{
    Inner,
    asked::Asked,
    shown::{Failed, rows, with},
};

/// The norm: the least number that is shown in a cell.
const LEAST_CELL: &str = "published-counts.least-cell";

/// The least number that is shown, by the norm that is recorded for the day of the page.
pub(super) async fn least(site: &Inner, asked: &Asked) -> Result<Option<u64>, Failed> {
    let norms = with(&NORM, asked, "norm", LEAST_CELL).on(Some(asked.day));
    let norms: Vec<NormRow> = rows(site, norms).await?;
    let newest = norms.into_iter().max_by_key(|norm| norm.recorded_from);
    Ok(newest.map(|norm| norm.value.0))
}

/// Whether every cell may be shown.
pub(super) fn is_shown(cells: impl IntoIterator<Item = u64>, least: Option<u64>) -> bool {
    least.is_some_and(|least| cells.into_iter().all(|cell| least <= cell))
}

/// Which parts of a whole are shown: those without a small cell; and where one alone is not, the smallest of the others is
/// not either, since the whole less the rest would tell the one. Each part is given by its cells.
pub(super) fn parts(parts: &[Vec<u64>], least: Option<u64>) -> Vec<bool> {
    let mut shown: Vec<bool> = parts
        .iter()
        .map(|cells| is_shown(cells.iter().copied(), least))
        .collect();
    if shown.iter().filter(|is_shown| !**is_shown).count() == 1 {
        let sum = |n: &usize| parts[*n].iter().sum::<u64>();
        let others = (0..parts.len()).filter(|n| shown[*n]);
        if let Some(smallest) = others.min_by_key(sum) {
            shown[smallest] = false;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_cell_hides_its_part_and_one_more_that_would_tell_it() {
        let of = |cells: &[&[u64]], least| {
            let cells: Vec<Vec<u64>> = cells.iter().map(|cells| cells.to_vec()).collect();
            parts(&cells, least)
        };
        assert_eq!(of(&[&[5, 9], &[7, 6]], Some(5)), [true, true]);
        assert_eq!(
            of(&[&[4, 90], &[70, 60], &[7, 8]], Some(5)),
            [false, true, false]
        );
        assert_eq!(
            of(&[&[4, 90], &[70, 60], &[1, 8]], Some(5)),
            [false, true, false]
        );
        assert_eq!(of(&[&[0]], Some(5)), [false]);
        assert_eq!(of(&[&[500], &[600]], None), [false, false]);
        assert!(!is_shown([500], None) && is_shown([5], Some(5)) && !is_shown([4], Some(5)));
    }
}

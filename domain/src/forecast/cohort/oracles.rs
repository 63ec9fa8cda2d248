//! The projection against popReconstruct (R), and what must hold for any rates.

use proptest::prelude::*;
use qonys_events::{scalar::Count, term::Certainty};

use super::*;
use crate::forecast::fixed::tests::{decimal, near};

/// Females of Burkina Faso in 1960 by groups of five years, the last one open (popReconstruct 1.0-6).
const POPULATION: &str = "386000 292000 260000 244000 207000 175000 153000 135000 117000 98000 78000 60000 43000 29000 17000 8000 2000";
const SURVIVAL: &str = "0.762486 0.878227272 0.97137848 0.973031808 0.957770868 0.94817552 0.946007544 0.939376552 0.92587894 0.905228302 0.875376659 0.832338014 0.773616481 0.696611799 0.592880344 0.454757079 0.318167777 0.20998613";
const FERTILITY: &str = "0 0 0 0.231061468 0.365138594 0.307983617 0.25784739 0.178048162 0.091187068 0.019532546 0 0 0 0 0 0 0";
const MIGRATION: &str = "0 0 0 -0.055 -0.055 -0.055 -0.055 -0.055 -0.055 -0.055 -0.055 0 0 0 0 0 0";
/// The same five years later.
const AFTER: &str = "496963.688219469 338995.726992 283642.51616 246278.27008 221576.94926772 186062.3434924 156791.1588945 136059.68561346 118338.83133525 100304.139272315 81282.772485995 63137.00005197 46416.98886 29954.307357 17193.529976 7730.870343 2965.314476";

fn decimals(text: &str) -> Vec<Fixed> {
    text.split(' ').map(decimal).collect()
}

fn shares(text: &str) -> Vec<Billionths> {
    let share = |f: Fixed| Billionths(i64::try_from(f.billionths()).expect("a share"));
    decimals(text).into_iter().map(share).collect()
}

fn recorded(
    survival: &str,
    fertility: &str,
    migration: &str,
    ratio: Option<&str>,
) -> RatesRecorded {
    RatesRecorded {
        rates: "test".parse().expect("a name"),
        territory: "town".parse().expect("a name"),
        years: Count(5),
        survival: shares(survival),
        fertility: shares(fertility),
        migration: shares(migration),
        sex_ratio_at_birth: ratio.map(|r| shares(r)[0]),
        source: "popReconstruct 1.0-6".parse().expect("a text"),
        certainty: Certainty::Known,
    }
}

#[test]
fn burkina_faso_1960_to_1965() {
    let rates =
        Rates::of(&recorded(SURVIVAL, FERTILITY, MIGRATION, Some("1.05")), 17).expect("rates");
    let after = rates.step(&decimals(POPULATION));
    let expected: Vec<&str> = AFTER.split(' ').collect();
    assert_eq!(after.len(), expected.len());
    for (found, expected) in after.into_iter().zip(expected) {
        near(found, expected, "0.000001");
    }
}

#[test]
fn what_are_no_rates_is_refused() {
    let good = recorded(SURVIVAL, FERTILITY, MIGRATION, None);
    assert!(Rates::of(&good, 17).is_some());
    assert!(Rates::of(&good, 16).is_none());
    for spoil in [
        |r: &mut RatesRecorded| r.survival[3] = Billionths(1_000_000_001),
        |r: &mut RatesRecorded| r.survival[3] = Billionths(-1),
        |r: &mut RatesRecorded| r.fertility[3] = Billionths(-1),
        |r: &mut RatesRecorded| r.migration[3] = Billionths(-1_000_000_001),
        |r: &mut RatesRecorded| r.sex_ratio_at_birth = Some(Billionths(-1)),
        |r: &mut RatesRecorded| r.years = Count(0),
        |r: &mut RatesRecorded| r.years = Count(11),
        |r: &mut RatesRecorded| r.fertility.truncate(16),
    ] {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert!(Rates::of(&bad, 17).is_none(), "{bad:?}");
    }
}

/// The same step as a matrix (Leslie), built here from the rates as they are recorded: N' = L (N + M/2) + M/2.
fn by_matrix(of: &RatesRecorded, population: &[Fixed]) -> Vec<Fixed> {
    let n = population.len();
    let share = |shares: &[Billionths], i: usize| Fixed::from(shares[i]);
    let half = Fixed::ratio(1, 2);
    let years = Fixed::whole(i64::try_from(of.years.0).expect("few"));
    let ratio = of.sex_ratio_at_birth.map_or(Fixed::ZERO, Fixed::from);
    let mut matrix = vec![vec![Fixed::ZERO; n]; n];
    for (i, born) in matrix[0].iter_mut().enumerate() {
        let older = if i + 1 < n {
            share(&of.fertility, i + 1) * share(&of.survival, i + 1)
        } else {
            Fixed::ZERO
        };
        let bears = (share(&of.fertility, i) + older) * years * half;
        *born = bears * share(&of.survival, 0) / (Fixed::ONE + ratio);
    }
    for (i, row) in matrix.iter_mut().enumerate().skip(1) {
        row[i - 1] = share(&of.survival, i);
    }
    matrix[n - 1][n - 1] = share(&of.survival, n);
    let migrants: Vec<Fixed> = (0..n)
        .map(|i| half * share(&of.migration, i) * population[i])
        .collect();
    let row = |row: &Vec<Fixed>| {
        let cells = row.iter().zip(population.iter().zip(&migrants));
        cells.map(|(l, (n, m))| *l * (*n + *m)).sum::<Fixed>()
    };
    let after = matrix.iter().map(row);
    after.zip(&migrants).map(|(n, m)| n + *m).collect()
}

#[test]
fn the_matrix_gives_what_was_published_too() {
    let rates = recorded(SURVIVAL, FERTILITY, MIGRATION, Some("1.05"));
    let after = by_matrix(&rates, &decimals(POPULATION));
    for (found, expected) in after.into_iter().zip(AFTER.split(' ')) {
        near(found, expected, "0.001");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The step group by group is the step by the matrix.
    #[test]
    fn the_step_is_the_matrix(population in proptest::collection::vec(0_i64..1_000_000, 5), survival in proptest::collection::vec(0_i64..=1_000_000_000, 6),
                              fertility in proptest::collection::vec(0_i64..400_000_000, 5), migration in proptest::collection::vec(-300_000_000_i64..300_000_000, 5)) {
        let mut of = recorded("1 1 1 1 1 1", "0 0 0 0 0", "0 0 0 0 0", Some("1.05"));
        of.survival = survival.into_iter().map(Billionths).collect();
        of.fertility = fertility.into_iter().map(Billionths).collect();
        of.migration = migration.into_iter().map(Billionths).collect();
        let start: Vec<Fixed> = population.into_iter().map(Fixed::whole).collect();
        let stepped = Rates::of(&of, 5).expect("rates").step(&start);
        for (one, other) in stepped.into_iter().zip(by_matrix(&of, &start)) {
            prop_assert!((one - other).abs() < Fixed::ratio(1, 100), "{one:?} {other:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Without births, deaths and migration nobody is lost; with deaths and no births nobody is won; a part of the
    /// population and the rest of it give together what the whole gives.
    #[test]
    fn persons_are_conserved(population in proptest::collection::vec(0_i64..1_000_000, 4), other in proptest::collection::vec(0_i64..1_000_000, 4),
                             survival in proptest::collection::vec(0_i64..=1_000_000_000, 5), fertility in proptest::collection::vec(0_i64..400_000_000, 4)) {
        let whole = |numbers: &[i64]| numbers.iter().map(|n| Fixed::whole(*n)).collect::<Vec<_>>();
        let sum = |numbers: &[Fixed]| numbers.iter().copied().sum::<Fixed>();
        let mut of = recorded("1 1 1 1 1", "0 0 0 0", "0 0 0 0", None);
        let start = whole(&population);
        prop_assert_eq!(sum(&Rates::of(&of, 4).expect("rates").step(&start)), sum(&start));
        of.survival = survival.into_iter().map(Billionths).collect();
        prop_assert!(sum(&Rates::of(&of, 4).expect("rates").step(&start)) <= sum(&start));
        of.fertility = fertility.into_iter().map(Billionths).collect();
        of.migration = vec![Billionths(20_000_000), Billionths(-30_000_000), Billionths(0), Billionths(5_000_000)];
        let rates = Rates::of(&of, 4).expect("rates");
        let both: Vec<_> = start.iter().zip(whole(&other)).map(|(a, b)| *a + b).collect();
        let parts: Vec<_> = rates.step(&start).into_iter().zip(rates.step(&whole(&other))).map(|(a, b)| a + b).collect();
        for (together, parts) in rates.step(&both).into_iter().zip(parts) {
            prop_assert!((together - parts).abs() < Fixed::ratio(1, 1_000));
        }
    }
}

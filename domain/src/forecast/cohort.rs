//! Cohort-component projection of one population by age groups of equal width, with open last group, in steps of that
//! width. Half of the migrants are there from the start of a step, half come at its end (Preston, Heuveline and Guillot,
//! Demography, 2001, chapter 6).

use qonys_events::{fact::forecast::RatesRecorded, figure::Billionths};

use super::fixed::Fixed;

/// The widest groups, in years.
pub const YEARS_MAX: u64 = 10;
/// Persons beyond which rates are no rates of a population.
pub const PERSONS_MAX: Fixed = Fixed::whole(100_000_000_000);

/// Rates of one population, checked against its number of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    years: Fixed,
    survival: Vec<Fixed>,
    fertility: Vec<Fixed>,
    migration: Vec<Fixed>,
    /// Which part of the born belongs to the population: all, or one sex.
    born: Fixed,
}

fn fixed(shares: &[Billionths]) -> Vec<Fixed> {
    shares.iter().copied().map(Fixed::from).collect()
}

impl Rates {
    /// The rates for a population of so many groups. `None` when they are for another number of groups, or no rates:
    /// survival beyond 0 to 1, negative fertility, more leaving than there are.
    pub fn of(recorded: &RatesRecorded, groups: usize) -> Option<Self> {
        let rates = Self {
            years: Fixed::whole(i64::try_from(recorded.years.0).ok()?),
            survival: fixed(&recorded.survival),
            fertility: fixed(&recorded.fertility),
            migration: fixed(&recorded.migration),
            born: match recorded.sex_ratio_at_birth {
                None => Fixed::ONE,
                Some(ratio) if ratio.0 < 0 => return None,
                Some(ratio) => Fixed::ONE / (Fixed::ONE + Fixed::from(ratio)),
            },
        };
        let fits = groups > 1
            && (1..=YEARS_MAX).contains(&recorded.years.0)
            && rates.survival.len() == groups + 1
            && rates.fertility.len() == groups
            && rates.migration.len() == groups;
        let share = |share: &Fixed| (Fixed::ZERO..=Fixed::ONE).contains(share);
        let rate = fits
            && rates.survival.iter().all(share)
            && rates.fertility.iter().all(share)
            && rates.migration.iter().all(|m| share(&m.abs()));
        rate.then_some(rates)
    }

    /// The same without migration: the variant that shows what migration does.
    #[must_use]
    pub fn without_migration(&self) -> Self {
        Self {
            migration: vec![Fixed::ZERO; self.migration.len()],
            ..self.clone()
        }
    }

    /// The population one step later.
    pub fn step(&self, population: &[Fixed]) -> Vec<Fixed> {
        let half = Fixed::ratio(1, 2);
        let migrants: Vec<Fixed> = population
            .iter()
            .zip(&self.migration)
            .map(|(n, m)| half * *m * *n)
            .collect();
        let exposed: Vec<Fixed> = population
            .iter()
            .zip(&migrants)
            .map(|(n, m)| *n + *m)
            .collect();
        let groups = exposed.len();
        let survived = |i: usize| exposed[i] * self.survival[i + 1];
        // Births over the step: the mean of what the group bears at its start and, one group older, at its end.
        let births: Fixed = (0..groups)
            .map(|i| {
                let older = self.fertility.get(i + 1).copied().unwrap_or_default();
                let rate = self.fertility[i] + older * self.survival[i + 1];
                exposed[i] * rate * self.years * half
            })
            .sum();
        let mut after = vec![births * self.born * self.survival[0]];
        after.extend((0..groups - 1).map(survived));
        after[groups - 1] = after[groups - 1] + survived(groups - 1);
        after.iter().zip(&migrants).map(|(n, m)| *n + *m).collect()
    }
}

#[cfg(test)]
#[path = "cohort/oracles.rs"]
mod oracles;

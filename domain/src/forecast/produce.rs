//! Making a forecast (point 8) from bases, rates, norms and institutions: pure, in whole and fixed-point numbers.

use qonys_events::{
    fact::forecast::{
        BackTest, DistrictForecast, FacilityRecorded, ForecastStep, Need, PopulationBaseRecorded,
        ProjectionTest, ServiceNorm, SimpleMethod,
    },
    scalar::{Count, Day, Slug},
};

use super::{
    backtest::{Z_95, choose, rms},
    cohort::{PERSONS_MAX, Rates},
    fixed::Fixed,
    needs::{NotSeparable, needs, sum},
    series::forecast,
};

/// What a forecast is made from.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// Bases at equal distances, the newest last; at least one.
    pub bases: Vec<&'a PopulationBaseRecorded>,
    /// The norms.
    pub norms: &'a [ServiceNorm],
    /// Every institution of the territory.
    pub facilities: &'a [FacilityRecorded],
    /// The days that are forecast.
    pub days: Vec<Day>,
}

/// A forecast by district, and of the territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Produced {
    /// The districts, in the order of the base. The number of the forecast and the territory are those of the caller.
    pub districts: Vec<DistrictForecast>,
    /// The territory.
    pub steps: Vec<ForecastStep>,
}

/// Persons by step and band, with the errors that a back-test measured.
struct Lines {
    persons: Vec<Vec<Count>>,
    without_migration: Option<Vec<u64>>,
    errors: Vec<Fixed>,
    chosen: Option<SimpleMethod>,
    backtest: Vec<BackTest>,
    projection_test: Option<ProjectionTest>,
}

fn count(number: Fixed) -> Count {
    Count(number.round().max(0).unsigned_abs())
}

fn fixed(persons: &[Count]) -> Vec<Fixed> {
    let whole = |count: &Count| Fixed::whole(i64::try_from(count.0).unwrap_or(i64::MAX));
    persons.iter().map(whole).collect()
}

fn total(persons: &[Count]) -> u64 {
    persons.iter().map(|count| count.0).sum()
}

impl Inputs<'_> {
    fn newest(&self) -> &PopulationBaseRecorded {
        self.bases[self.bases.len() - 1]
    }

    /// Persons of a district in each base, by bands. Bases of one forecast have the same districts in the same order.
    fn history(&self, district: usize) -> Vec<Vec<Fixed>> {
        let of = |base: &&PopulationBaseRecorded| fixed(&base.districts[district].persons);
        self.bases.iter().map(of).collect()
    }

    fn step(
        &self,
        (district, lines): (&Slug, &Lines),
        h: usize,
        naive: u64,
    ) -> Result<ForecastStep, NotSeparable> {
        let on = self.days[h];
        let persons = lines.persons[h].clone();
        let all = total(&persons);
        let (low, high) = interval(all, &lines.errors, h).unzip();
        let bands = &self.newest().bands;
        let facilities = self.facilities.iter();
        Ok(ForecastStep {
            on,
            needs: needs(self.norms, bands, &persons, (district, on), facilities)?,
            total: Count(all),
            low,
            high,
            naive: Count(naive),
            without_migration: lines.without_migration.as_ref().map(|line| Count(line[h])),
            persons,
        })
    }

    /// The forecast of every district by what `lines` gives for it, and their sum.
    fn produce(
        &self,
        lines: impl Fn(usize) -> Option<Lines>,
    ) -> Result<Option<Produced>, NotSeparable> {
        let mut districts = Vec::new();
        let mut errors: Vec<Fixed> = Vec::new();
        for (i, base) in self.newest().districts.iter().enumerate() {
            let Some(made) = lines(i) else {
                return Ok(None);
            };
            let naive = total(&base.persons);
            let steps = (0..self.days.len())
                .map(|h| self.step((&base.district, &made), h, naive))
                .collect::<Result<_, _>>()?;
            // Errors of one origin in all districts are errors of the territory at that origin.
            if i == 0 {
                errors.clone_from(&made.errors);
            } else {
                for (sum, error) in errors.iter_mut().zip(&made.errors) {
                    *sum = *sum + *error;
                }
            }
            districts.push(DistrictForecast {
                forecast: Count(0),
                territory: self.newest().territory.clone(),
                district: base.district.clone(),
                chosen: made.chosen,
                backtest: made.backtest,
                projection_test: made.projection_test,
                steps,
            });
        }
        let steps = (0..self.days.len()).map(|h| self.territory(&districts, &errors, h));
        let steps = steps.collect();
        Ok(Some(Produced { districts, steps }))
    }

    /// The sum of the districts at one step.
    fn territory(
        &self,
        districts: &[DistrictForecast],
        errors: &[Fixed],
        h: usize,
    ) -> ForecastStep {
        let steps: Vec<&ForecastStep> = districts.iter().map(|d| &d.steps[h]).collect();
        let of = |pick: fn(&ForecastStep) -> u64| steps.iter().map(|step| pick(step)).sum::<u64>();
        let all = of(|step| step.total.0);
        let (low, high) = interval(all, errors, h).unzip();
        let bands = 0..self.newest().bands.len();
        let band = |b: usize| Count(steps.iter().map(|step| step.persons[b].0).sum());
        let needs: Vec<&[Need]> = steps.iter().map(|step| step.needs.as_slice()).collect();
        let line = steps.iter().map(|step| step.without_migration.map(|c| c.0));
        ForecastStep {
            on: self.days[h],
            persons: bands.map(band).collect(),
            total: Count(all),
            low,
            high,
            naive: Count(of(|step| step.naive.0)),
            without_migration: line.sum::<Option<u64>>().map(Count),
            needs: sum(self.norms, &needs),
        }
    }
}

/// The interval of 95 of 100 around a total, by the one-step errors of the back-test; it widens with the root of the
/// number of steps. `None` without errors.
fn interval(all: u64, errors: &[Fixed], h: usize) -> Option<(Count, Count)> {
    let steps = Fixed::whole(i64::try_from(h).ok()? + 1);
    let width = Z_95 * rms(errors)? * steps.sqrt();
    let middle = Fixed::whole(i64::try_from(all).ok()?);
    Some((count(middle - width), count(middle + width)))
}

/// Each district by the simple method that erred least over its own history. `None` when that is too short.
pub fn by_series(inputs: &Inputs<'_>) -> Result<Option<Produced>, NotSeparable> {
    let steps = inputs.days.len();
    inputs.produce(|district| {
        let history = inputs.history(district);
        let totals: Vec<Fixed> = history
            .iter()
            .map(|bands| bands.iter().copied().sum())
            .collect();
        let (best, all) = choose(&totals)?;
        let mut persons = vec![Vec::new(); steps];
        for band in 0..inputs.newest().bands.len() {
            let series: Vec<Fixed> = history.iter().map(|bands| bands[band]).collect();
            for (step, value) in
                persons
                    .iter_mut()
                    .zip(forecast(&best.backtest.method, &series, steps)?)
            {
                step.push(count(value));
            }
        }
        Some(Lines {
            persons,
            without_migration: None,
            errors: best.errors,
            chosen: Some(best.backtest.method),
            backtest: all,
            projection_test: None,
        })
    })
}

/// The population step by step; `None` when it leaves all bounds.
fn projected(rates: &Rates, start: &[Fixed], steps: usize) -> Option<Vec<Vec<Fixed>>> {
    let mut line: Vec<Vec<Fixed>> = Vec::with_capacity(steps);
    for _ in 0..steps {
        let next = rates.step(line.last().map_or(start, Vec::as_slice));
        let all: Fixed = next.iter().copied().sum();
        (all <= PERSONS_MAX).then_some(())?;
        line.push(next);
    }
    Some(line)
}

/// Each district by cohort-component projection, tested against later bases where there are any.
pub fn by_cohorts(inputs: &Inputs<'_>, rates: &Rates) -> Result<Option<Produced>, NotSeparable> {
    let steps = inputs.days.len();
    let all = |bands: &Vec<Fixed>| bands.iter().copied().sum::<Fixed>();
    inputs.produce(|district| {
        let history = inputs.history(district);
        let start = history.last()?;
        let counts = |bands: Vec<Fixed>| bands.into_iter().map(count).collect::<Vec<_>>();
        let alone = projected(&rates.without_migration(), start, steps)?;
        let pairs = || history.windows(2);
        let errors: Vec<Fixed> = pairs()
            .map(|pair| all(&pair[1]) - all(&rates.step(&pair[0])))
            .collect();
        let naive: Vec<Fixed> = pairs().map(|pair| all(&pair[1]) - all(&pair[0])).collect();
        Some(Lines {
            persons: projected(rates, start, steps)?
                .into_iter()
                .map(counts)
                .collect(),
            without_migration: Some(alone.into_iter().map(|b| total(&counts(b))).collect()),
            projection_test: (!errors.is_empty()).then(|| ProjectionTest {
                steps: Count(errors.len() as u64),
                mean_absolute_error: mean_absolute(&errors),
                naive_mean_absolute_error: mean_absolute(&naive),
            }),
            errors,
            chosen: None,
            backtest: Vec::new(),
        })
    })
}

fn mean_absolute(errors: &[Fixed]) -> Count {
    let sum: Fixed = errors.iter().map(|error| error.abs()).sum();
    count(sum / Fixed::whole(i64::try_from(errors.len().max(1)).unwrap_or(1)))
}

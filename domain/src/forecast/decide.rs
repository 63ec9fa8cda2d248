//! Running a forecast (point 8): blocked without a named norm set, and by what its method needs and does not find.

use qonys_events::{
    citation::Facts,
    digest::Sha256Hex,
    fact::{
        Fact,
        forecast::{
            FacilityRecorded, ForecastMethod, ForecastProduced, NormSetRecorded,
            PopulationBaseRecorded, RatesRecorded,
        },
    },
    scalar::{Count, Day, Slug, Year},
    term::DecisionType,
};

use super::{
    Forecasts,
    backtest::OBSERVATIONS_MIN,
    cohort::{Rates, YEARS_MAX},
    needs::NotSeparable,
    produce::{Inputs, Produced, by_cohorts, by_series},
    record::on,
};
use crate::{
    blocked::{Blocked, Code},
    command::RunForecast,
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// Steps that a forecast may have.
const STEPS_MAX: u64 = 30;
/// The version of the method by series: candidates, back-test, intervals.
const SERIES_VERSION: &str = "series.1";
/// The version of the projection.
const COHORT_VERSION: &str = "cohort-component.1";

/// The day so many years later; the 28th of February for a day that the year does not have.
fn years_later(day: Day, years: i64) -> Option<Day> {
    let text = day.to_string();
    let year = i64::from(day.year().0) + years;
    let Year(year) = u16::try_from(year).ok().map(Year)?;
    let at = format!("{year:04}{}", &text[4..]);
    at.parse()
        .or_else(|_| format!("{year:04}-02-28").parse())
        .ok()
}

impl Forecasts {
    /// Bases that lead up to the newest one at distances of `years`, with its bands and districts; the newest last.
    fn leading(&self, newest: &PopulationBaseRecorded, years: i64) -> Vec<&PopulationBaseRecorded> {
        let districts = |base: &PopulationBaseRecorded| {
            let names = base.districts.iter().map(|d| d.district.clone());
            names.collect::<Vec<_>>()
        };
        let wanted = districts(newest);
        let mut found = Vec::new();
        let mut back = 0;
        while let Some(base) = years_later(newest.as_of, -back).and_then(|day| self.base(day)) {
            if base.bands != newest.bands || districts(base) != wanted {
                break;
            }
            found.push(base);
            back += years;
        }
        found.reverse();
        found
    }
}

/// Everything that a forecast was made from, in one form.
#[derive(serde::Serialize)]
struct Hashed<'a> {
    version: &'a str,
    bases: &'a [&'a PopulationBaseRecorded],
    rates: Option<&'a RatesRecorded>,
    norms: &'a NormSetRecorded,
    facilities: &'a [FacilityRecorded],
    days: &'a [Day],
}

impl Hashed<'_> {
    fn hash(&self) -> Sha256Hex {
        let text =
            serde_json::to_vec(self).expect("facts have no map with keys other than strings");
        Sha256Hex::tagged("qonys/forecast/1", &[&text])
    }
}

/// The norm set by name; blocked when none is named, or none stands under that name.
fn norm_set<'a>(
    forecasts: &'a Forecasts,
    name: Option<&Slug>,
) -> Result<&'a NormSetRecorded, Blocked> {
    let named = name.map_or_else(|| "none".to_owned(), ToString::to_string);
    name.and_then(|name| forecasts.norm_set(name))
        .ok_or_else(|| Blocked::control(Code::NormSetMissing).with("norm-set", named))
}

fn not_separable(no: NotSeparable) -> Blocked {
    Blocked::control(Code::AgesNotSeparable).with("service", no.service)
}

/// A projection follows groups as they age: it knows nothing where the ages of those who bear children are not told apart.
/// That is so of the classes in which this log holds ages, whatever rates are recorded.
fn ages_told_apart(base: &PopulationBaseRecorded, rates: &RatesRecorded) -> Result<(), Blocked> {
    let wide = |pair: &[Count]| pair[1].0 - pair[0].0 > YEARS_MAX;
    let is_coarse = base.bands.len() < 2 || base.bands.windows(2).any(wide);
    let bears = |groups: usize| rates.fertility.get(groups - 1).is_some_and(|f| f.0 > 0);
    if is_coarse || bears(base.bands.len()) {
        let open_from = base.bands.last().copied().unwrap_or_default();
        return Err(Blocked::control(Code::AgesTooCoarse)
            .with("base", base.base)
            .with("bands", base.bands.len())
            .with("open-from", open_from));
    }
    Ok(())
}

/// Runs a forecast from the newest base (point 8).
pub fn run(c: &RunForecast, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let forecasts = known.forecasts(&c.territory)?;
    if c.steps.0 == 0 || c.steps.0 > STEPS_MAX {
        return Err(Blocked::control(Code::ForecastHorizon)
            .with("steps", c.steps)
            .with("at-most", STEPS_MAX)
            .into());
    }
    let norms = norm_set(forecasts, c.norm_set.as_ref())?;
    let newest = forecasts
        .bases
        .values()
        .rfind(|base| base.as_of <= cx.decided_on);
    let newest = newest.ok_or_else(|| {
        Blocked::control(Code::BaseMissing)
            .with("territory", &c.territory)
            .with("decided-on", cx.decided_on)
    })?;
    let recorded = match &c.method {
        ForecastMethod::Series => None,
        ForecastMethod::CohortComponent { rates } => {
            let found = forecasts.rates.get(rates);
            Some(found.ok_or_else(|| Blocked::control(Code::RatesMissing).with("rates", rates))?)
        }
    };
    let years = recorded.map_or(1, |rates| i64::try_from(rates.years.0).unwrap_or(i64::MAX));
    let days = (1..=i64::try_from(c.steps.0).unwrap_or_default())
        .map(|step| years_later(newest.as_of, step.checked_mul(years)?));
    let days = days.collect::<Option<Vec<_>>>();
    let days = days.filter(|days| days.iter().all(|day| day.year() <= Year(2200)));
    let days = days.ok_or_else(|| {
        Blocked::control(Code::ForecastHorizon)
            .with("steps", c.steps)
            .with("years", years)
    })?;
    let inputs = Inputs {
        bases: forecasts.leading(newest, years),
        norms: &norms.norms,
        facilities: &forecasts.facilities,
        days,
    };
    let (produced, version) = match recorded {
        None => {
            let short = || {
                Blocked::control(Code::SeriesTooShort)
                    .with("bases", inputs.bases.len())
                    .with("needed", OBSERVATIONS_MIN)
            };
            let made = by_series(&inputs).map_err(not_separable)?;
            (made.ok_or_else(short)?, SERIES_VERSION)
        }
        Some(recorded) => {
            ages_told_apart(newest, recorded)?;
            let unfit = || {
                Blocked::control(Code::RatesDoNotFit)
                    .with("rates", &recorded.rates)
                    .with("bands", newest.bands.len())
            };
            let equal = |pair: &[Count]| pair[1].0 - pair[0].0 == recorded.years.0;
            let equal = newest.bands.windows(2).all(equal);
            let rates = Rates::of(recorded, newest.bands.len()).filter(|_| equal);
            let made = by_cohorts(&inputs, &rates.ok_or_else(unfit)?).map_err(not_separable)?;
            (made.ok_or_else(unfit)?, COHORT_VERSION)
        }
    };
    let hash = Hashed {
        version,
        bases: &inputs.bases,
        rates: recorded,
        norms,
        facilities: inputs.facilities,
        days: &inputs.days,
    };
    let basis = known
        .law()?
        .basis(DecisionType::PopulationForecast, cx.decided_on)?;
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("norm-set-certainty", norms.certainty)
        .with("bases", inputs.bases.len())
        .with("newest-base", newest.as_of)
        .with("institutions", inputs.facilities.len());
    let number = Count(forecasts.made + 1);
    let Produced { districts, steps } = produced;
    let fact = ForecastProduced {
        forecast: number,
        territory: c.territory.clone(),
        method: c.method.clone(),
        method_version: version.parse().expect("a version is a name"),
        bases: inputs.bases.iter().map(|base| base.base).collect(),
        bands: newest.bands.clone(),
        norm_set: norms.norm_set.clone(),
        inputs: hash.hash(),
        steps,
        facts,
    };
    let about = |fact| {
        let last = inputs.days.last().copied().unwrap_or(newest.as_of);
        cx.record(fact)
            .effective(newest.as_of, Some(last.plus_days(1)))
    };
    let event = about(Fact::ForecastProduced(fact)).citing(basis);
    let mut decided = on(&c.territory, event);
    for mut district in districts {
        district.forecast = number;
        decided.extend(on(&c.territory, about(Fact::DistrictForecast(district))));
    }
    Ok(decided)
}

//! Rolling-origin back-test: each method forecasts each observation from those before it, and is judged by what came.

use qonys_events::{
    fact::forecast::{BackTest, SimpleMethod},
    figure::Billionths,
    scalar::Count,
};

use super::{fixed::Fixed, series::forecast};

/// The methods that are tried, from the simplest; of two that err equally the simpler one is taken.
pub fn candidates() -> Vec<SimpleMethod> {
    let share = |tenths: i64| Billionths(tenths * 100_000_000);
    let (alpha, beta) = (share(8), share(2));
    vec![
        SimpleMethod::Naive,
        SimpleMethod::Drift,
        SimpleMethod::Mean { last: Count(3) },
        SimpleMethod::Ses { alpha: share(5) },
        SimpleMethod::Ses { alpha },
        SimpleMethod::SesFromRegression { alpha: share(2) },
        SimpleMethod::Holt { alpha, beta },
        SimpleMethod::Holt {
            alpha: share(5),
            beta: share(1),
        },
        SimpleMethod::Damped {
            alpha,
            beta,
            phi: share(9),
        },
        SimpleMethod::MovingAverage { theta: share(5) },
    ]
}

/// Observations before the first one that is forecast.
pub const FIRST_ORIGIN: usize = 3;
/// Observations that a back-test needs at least.
pub const OBSERVATIONS_MIN: usize = FIRST_ORIGIN + 1;
/// Errors before the first interval that is tried.
const ERRORS_BEFORE_INTERVAL: usize = 2;
/// Half the width of an interval of 95 of 100, in standard errors.
pub const Z_95: Fixed = Fixed::whole(1_959_963_985).over_a_billion();

/// The root of the mean of squares; `None` without an error.
pub fn rms(errors: &[Fixed]) -> Option<Fixed> {
    let count = i64::try_from(errors.len()).ok().filter(|n| *n > 0)?;
    let squares: Fixed = errors.iter().map(|e| *e * *e).sum();
    Some((squares / Fixed::whole(count)).sqrt())
}

/// The one-step errors of a method over a series; `None` when it cannot forecast each of them.
pub fn errors(method: &SimpleMethod, observed: &[Fixed]) -> Option<Vec<Fixed>> {
    let origins = FIRST_ORIGIN..observed.len();
    let error = |t: usize| {
        let expected = *forecast(method, &observed[..t], 1)?.first()?;
        Some(observed[t] - expected)
    };
    let errors: Vec<_> = origins.map(error).collect::<Option<_>>()?;
    (!errors.is_empty()).then_some(errors)
}

/// What a method's errors say of it: mean of absolute errors and root of mean squares in whole persons, and how many
/// observations lay within the interval that the errors before them would have given.
pub fn judge(method: SimpleMethod, errors: &[Fixed]) -> BackTest {
    let count = errors.len() as i64;
    let absolute: Fixed = errors.iter().map(|e| e.abs()).sum();
    let mean = if count > 0 {
        absolute / Fixed::whole(count)
    } else {
        Fixed::ZERO
    };
    let (mut tried, mut covered) = (0, 0);
    for t in ERRORS_BEFORE_INTERVAL..errors.len() {
        tried += 1;
        let width = rms(&errors[..t]).unwrap_or_default();
        covered += u64::from(errors[t].abs() <= Z_95 * width);
    }
    let whole = |number: Fixed| Count(number.round().max(0).unsigned_abs());
    BackTest {
        method,
        forecasts: Count(errors.len() as u64),
        mean_absolute_error: whole(mean),
        root_mean_square_error: whole(rms(errors).unwrap_or_default()),
        intervals: Count(tried),
        within: Count(covered),
    }
}

/// A method with its errors over a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// What the errors say.
    pub backtest: BackTest,
    /// The one-step errors.
    pub errors: Vec<Fixed>,
}

/// Every candidate over a series, with the one that erred least. `None` when the series is too short.
pub fn choose(observed: &[Fixed]) -> Option<(Tested, Vec<BackTest>)> {
    let mut tested: Vec<Tested> = Vec::new();
    for method in candidates() {
        if let Some(errors) = errors(&method, observed) {
            let backtest = judge(method, &errors);
            tested.push(Tested { backtest, errors });
        }
    }
    let sum = |t: &Tested| t.errors.iter().map(|e| e.abs()).sum::<Fixed>();
    let best = tested.iter().min_by_key(|t| sum(t))?.clone();
    let all = tested.into_iter().map(|t| t.backtest).collect();
    Some((best, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(numbers: &[i64]) -> Vec<Fixed> {
        numbers.iter().map(|n| Fixed::whole(*n)).collect()
    }

    #[test]
    fn a_line_is_found_and_a_constant_is_left_to_the_naive_method() {
        let (best, all) = choose(&whole(&[10, 20, 30, 40, 50, 60])).expect("long enough");
        assert_eq!(best.backtest.method, SimpleMethod::Drift);
        assert_eq!(best.backtest.mean_absolute_error, Count(0));
        assert_eq!(all[0].method, SimpleMethod::Naive);
        assert_eq!(all[0].mean_absolute_error, Count(10));
        let (best, _) = choose(&whole(&[7; 6])).expect("long enough");
        assert_eq!(best.backtest.method, SimpleMethod::Naive);
    }

    #[test]
    fn each_observation_is_forecast_from_those_before_it() {
        let observed = whole(&[1, 2, 3, 10, 20]);
        let naive = errors(&SimpleMethod::Naive, &observed).expect("errors");
        assert_eq!(naive, whole(&[7, 10]));
        // What comes later does not change an earlier error.
        let longer = errors(&SimpleMethod::Naive, &whole(&[1, 2, 3, 10, 20, 99])).expect("errors");
        assert_eq!(longer[..2], naive);
        assert_eq!(choose(&observed[..FIRST_ORIGIN]), None);
    }

    #[test]
    fn coverage_is_measured() {
        let told = judge(SimpleMethod::Naive, &whole(&[10, -10, 5, 100]));
        assert_eq!((told.intervals, told.within), (Count(2), Count(1)));
        assert_eq!(told.mean_absolute_error, Count(31));
    }
}

//! Simple methods for one series: naive, drift, mean, exponential smoothing (simple, Holt, damped), integrated moving
//! average. With given parameters; nothing is fitted, so nothing depends on an optimiser.

use qonys_events::{fact::forecast::SimpleMethod, figure::Billionths};

use super::fixed::Fixed;

/// Observations from which the regression start is taken.
const REGRESSION_OBSERVATIONS: usize = 10;

/// A series smoothed to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smoothed {
    /// The level.
    pub level: Fixed,
    /// The trend per step.
    pub trend: Fixed,
    /// One-step errors: observed less expected.
    pub errors: Vec<Fixed>,
}

/// Additive smoothing with a damped trend from a given start: the first expectation is for the first observation.
/// `beta` 0 and a trend of 0 give simple smoothing, `phi` 1 gives Holt's method.
pub fn smooth(
    observed: &[Fixed],
    [alpha, beta, phi]: [Fixed; 3],
    level: Fixed,
    trend: Fixed,
) -> Smoothed {
    let mut state = Smoothed {
        level,
        trend,
        errors: Vec::with_capacity(observed.len()),
    };
    for x in observed {
        let damped = phi * state.trend;
        let expected = state.level + damped;
        let level = alpha * *x + (Fixed::ONE - alpha) * expected;
        state.trend = beta * (level - state.level) + (Fixed::ONE - beta) * damped;
        state.level = level;
        state.errors.push(*x - expected);
    }
    state
}

impl Smoothed {
    /// The expectation `steps` ahead.
    pub fn ahead(&self, steps: usize, phi: Fixed) -> Fixed {
        let mut factor = Fixed::ONE;
        let mut sum = Fixed::ZERO;
        for _ in 0..steps {
            factor = factor * phi;
            sum = sum + factor;
        }
        self.level + sum * self.trend
    }
}

/// Level before the first observation and trend of the least-squares line through the first ten observations.
pub fn regression_start(observed: &[Fixed]) -> (Fixed, Fixed) {
    let first = &observed[..observed.len().min(REGRESSION_OBSERVATIONS)];
    let n = first.len() as i64;
    // Twice the distance of each time 1, 2, … n from their mean: whole numbers.
    let twice = |i: usize| 2 * (i as i64 + 1) - (n + 1);
    let products: Fixed = first
        .iter()
        .enumerate()
        .map(|(i, x)| Fixed::whole(twice(i)) * *x)
        .sum();
    let squares: i64 = (0..first.len()).map(|i| twice(i) * twice(i)).sum();
    let mean = first.iter().copied().sum::<Fixed>() / Fixed::whole(n);
    if squares == 0 {
        return (mean, Fixed::ZERO);
    }
    let slope = Fixed::whole(2) * products / Fixed::whole(squares);
    (mean - slope * Fixed::ratio(n + 1, 2), slope)
}

/// The last error of an integrated moving average of order (0, 1, 1), by exact innovations, with the sum of squares of
/// the standardised ones.
pub fn innovations(observed: &[Fixed], theta: Fixed) -> (Fixed, Fixed) {
    let mut variance = Fixed::ONE + theta * theta;
    let (mut carried, mut last, mut squares) = (Fixed::ZERO, Fixed::ZERO, Fixed::ZERO);
    for pair in observed.windows(2) {
        let error = pair[1] - pair[0] - carried;
        squares = squares + error * error / variance;
        last = theta * error / variance;
        carried = last;
        variance = Fixed::ONE + theta * theta - theta * theta / variance;
    }
    (last, squares)
}

/// The forecasts of a method for 1, 2, … `steps` ahead. `None` when the series is too short for the method.
pub fn forecast(method: &SimpleMethod, observed: &[Fixed], steps: usize) -> Option<Vec<Fixed>> {
    let share = |share: &Billionths| Fixed::from(*share);
    let (first, last) = (*observed.first()?, *observed.last()?);
    let ahead = |smoothed: &Smoothed, phi| (1..=steps).map(|h| smoothed.ahead(h, phi)).collect();
    match method {
        SimpleMethod::Naive => Some(vec![last; steps]),
        SimpleMethod::Drift => {
            let span = i64::try_from(observed.len()).ok()? - 1;
            (span > 0).then_some(())?;
            let total = last - first;
            let at = |h| last + total * Fixed::whole(h) / Fixed::whole(span);
            Some((1..=i64::try_from(steps).ok()?).map(at).collect())
        }
        SimpleMethod::Mean { last } => {
            let count = usize::try_from(last.0).ok()?;
            let from = observed.len().checked_sub(count)?;
            (count > 0).then_some(())?;
            let sum: Fixed = observed[from..].iter().copied().sum();
            Some(vec![sum / Fixed::whole(i64::try_from(count).ok()?); steps])
        }
        SimpleMethod::Ses { alpha } => {
            let parameters = [share(alpha), Fixed::ZERO, Fixed::ONE];
            let smoothed = smooth(&observed[1..], parameters, first, Fixed::ZERO);
            Some(ahead(&smoothed, Fixed::ONE))
        }
        SimpleMethod::SesFromRegression { alpha } => {
            (observed.len() >= REGRESSION_OBSERVATIONS).then_some(())?;
            let parameters = [share(alpha), Fixed::ZERO, Fixed::ONE];
            let smoothed = smooth(
                observed,
                parameters,
                regression_start(observed).0,
                Fixed::ZERO,
            );
            Some(ahead(&smoothed, Fixed::ONE))
        }
        SimpleMethod::Holt { alpha, beta } => {
            let second = *observed.get(1)?;
            let parameters = [share(alpha), share(beta), Fixed::ONE];
            let smoothed = smooth(&observed[2..], parameters, second, second - first);
            Some(ahead(&smoothed, Fixed::ONE))
        }
        SimpleMethod::Damped { alpha, beta, phi } => {
            let second = *observed.get(1)?;
            let parameters = [share(alpha), share(beta), share(phi)];
            let smoothed = smooth(&observed[2..], parameters, second, second - first);
            Some(ahead(&smoothed, share(phi)))
        }
        SimpleMethod::MovingAverage { theta } => {
            (observed.len() > 1).then_some(())?;
            Some(vec![last + innovations(observed, share(theta)).0; steps])
        }
    }
}

#[cfg(test)]
#[path = "series/oracles.rs"]
mod oracles;

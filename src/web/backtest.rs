//! How the methods of a forecast did over the years before (point 8), in words.

use qonys_events::{
    fact::forecast::{BackTest, ProjectionTest, SimpleMethod},
    figure::Billionths,
    scalar::Count,
};
use qonys_projections::forecasts::ForecastTestRow;

use super::{locale::Lang, shown::Failed};

/// A method in the back-test.
pub(super) struct Row {
    pub(super) method: String,
    pub(super) forecasts: String,
    pub(super) absolute: String,
    pub(super) squared: String,
    pub(super) held: String,
    pub(super) is_chosen: bool,
}

/// How the methods did for a district.
#[derive(Default)]
pub(super) struct Tested {
    /// The methods that were tried, the naive one first.
    pub(super) rows: Vec<Row>,
    /// How a projection did against later bases.
    pub(super) projection: Option<String>,
}

/// A method with its parameters.
fn method(of: &SimpleMethod, lang: Lang) -> String {
    let (id, parameters) = match of {
        SimpleMethod::Naive => ("method-naive", Vec::new()),
        SimpleMethod::Drift => ("method-drift", Vec::new()),
        SimpleMethod::Mean { last } => {
            return lang.with("method-mean", &[("last", &last.to_string())]);
        }
        SimpleMethod::Ses { alpha } => ("method-ses", vec![("α", alpha)]),
        SimpleMethod::SesFromRegression { alpha } => {
            ("method-ses-from-regression", vec![("α", alpha)])
        }
        SimpleMethod::Holt { alpha, beta } => ("method-holt", vec![("α", alpha), ("β", beta)]),
        SimpleMethod::Damped { alpha, beta, phi } => {
            ("method-damped", vec![("α", alpha), ("β", beta), ("φ", phi)])
        }
        SimpleMethod::MovingAverage { theta } => ("method-moving-average", vec![("θ", theta)]),
    };
    let mut words = lang.say(id);
    for (name, value) in parameters {
        words.push_str(&format!(", {name} {}", share(*value)));
    }
    words
}

/// A share as a decimal.
fn share(value: Billionths) -> String {
    let (whole, rest) = (value.0 / 1_000_000_000, (value.0 % 1_000_000_000).abs());
    let decimals = format!("{rest:09}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        whole.to_string()
    } else {
        format!("{whole}.{decimals}")
    }
}

/// What the back-test of a district says.
pub(super) fn tested(row: &ForecastTestRow, lang: Lang) -> Result<Tested, Failed> {
    let broken = |e: serde_json::Error| Failed::Broken(e.to_string());
    let words = |count: Count| lang.number(i64::try_from(count.0).unwrap_or(i64::MAX));
    let tried: Vec<BackTest> = row.backtest.parse().map_err(broken)?;
    let chosen = row.chosen.as_ref().map(|json| json.parse());
    let chosen: Option<SimpleMethod> = chosen.transpose().map_err(broken)?;
    let projection = row.projection_test.as_ref().map(|json| json.parse());
    let projection: Option<ProjectionTest> = projection.transpose().map_err(broken)?;
    let shown = |test: BackTest| Row {
        method: method(&test.method, lang),
        forecasts: words(test.forecasts),
        absolute: words(test.mean_absolute_error),
        squared: words(test.root_mean_square_error),
        held: format!("{} / {}", words(test.within), words(test.intervals)),
        is_chosen: chosen.as_ref() == Some(&test.method),
    };
    Ok(Tested {
        rows: tried.into_iter().map(shown).collect(),
        projection: projection.map(|test| {
            lang.with(
                "projection-test",
                &[
                    ("steps", &words(test.steps)),
                    ("own", &words(test.mean_absolute_error)),
                    ("naive", &words(test.naive_mean_absolute_error)),
                ],
            )
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_as_a_decimal() {
        for (billionths, text) in [
            (500_000_000, "0.5"),
            (1_000_000_000, "1"),
            (25_000_000, "0.025"),
            (0, "0"),
        ] {
            assert_eq!(share(Billionths(billionths)), text);
        }
    }
}

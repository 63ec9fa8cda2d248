//! The methods against published results: base R, statsmodels, and the examples of Hyndman and Athanasopoulos.

use qonys_events::scalar::Count;

use super::*;
use crate::forecast::{
    backtest::{FIRST_ORIGIN, Z_95, errors, rms},
    fixed::tests::{decimal, near},
};

/// Births in Kazakhstan 2000-2025 (Bureau of National Statistics).
const BIRTHS: [i64; 26] = [
    222_054, 221_487, 227_171, 247_946, 273_028, 278_977, 301_756, 321_963, 357_555, 356_261,
    367_707, 372_690, 381_153, 387_256, 399_309, 398_458, 400_694, 390_262, 397_799, 402_310,
    426_824, 446_491, 403_893, 388_428, 365_923, 335_005,
];
/// Oil production, Forecasting: principles and practice, 2nd edition.
const OIL: &str = "446.6565 454.4733 455.663 423.6322 456.2713 440.5881 425.3325 485.1494 506.0482 526.792 514.2689 494.211";
/// Air passengers, the same book.
const AIR: &str = "17.5534 21.86 23.8866 26.9293 26.8885 28.8314 30.0751 30.9535 30.1857 31.5797 32.5776 33.4774 39.0216 41.3864 41.5966";

fn births() -> Vec<Fixed> {
    BIRTHS.iter().map(|n| Fixed::whole(*n)).collect()
}

fn decimals(text: &str) -> Vec<Fixed> {
    text.split(' ').map(decimal).collect()
}

fn share(text: &str) -> Billionths {
    Billionths(i64::try_from(decimal(text).billionths()).expect("a share"))
}

fn told(method: &SimpleMethod, observed: &[Fixed], expected: &[&str], tolerance: &str) {
    let found = forecast(method, observed, expected.len()).expect("a forecast");
    for (found, expected) in found.into_iter().zip(expected) {
        near(found, expected, tolerance);
    }
}

fn sum_of_squares(errors: &[Fixed]) -> Fixed {
    errors.iter().map(|e| *e * *e).sum()
}

#[test]
fn holt_as_base_r() {
    let (alpha, beta) = (share("0.8"), share("0.2"));
    let holt = SimpleMethod::Holt { alpha, beta };
    let expected = ["329797.516703", "318656.744693", "307515.972683"];
    told(&holt, &births(), &expected, "0.000001");
    let x = births();
    let smoothed = smooth(
        &x[2..],
        [decimal("0.8"), decimal("0.2"), Fixed::ONE],
        x[1],
        x[1] - x[0],
    );
    near(sum_of_squares(&smoothed.errors), "8545802142.18", "0.01");
}

#[test]
fn simple_smoothing_as_base_r_and_statsmodels() {
    let ses = SimpleMethod::Ses {
        alpha: share("0.5"),
    };
    told(
        &ses,
        &births(),
        &["359637.319675", "359637.319675"],
        "0.000001",
    );
    let x = births();
    let smoothed = smooth(
        &x[1..],
        [decimal("0.5"), Fixed::ZERO, Fixed::ONE],
        x[0],
        Fixed::ZERO,
    );
    near(sum_of_squares(&smoothed.errors), "17951343562.5", "0.05");
    let oil = SimpleMethod::SesFromRegression {
        alpha: share("0.2"),
    };
    told(&oil, &decimals(OIL), &["483.06851493"], "0.00000001");
}

#[test]
fn holt_as_statsmodels() {
    let x = decimals(AIR);
    let (level, trend) = (decimal("19.166606666667"), decimal("1.401402424242"));
    let (own_level, own_trend) = regression_start(&x);
    near(own_level, "19.166606666667", "0.000000000002");
    near(own_trend, "1.401402424242", "0.000000000002");
    let smoothed = smooth(
        &x,
        [decimal("0.8"), decimal("0.2"), Fixed::ONE],
        level,
        trend,
    );
    let expected = [
        "43.62500633",
        "45.36318288",
        "47.10135942",
        "48.83953597",
        "50.57771252",
    ];
    for (h, expected) in (1..).zip(expected) {
        near(smoothed.ahead(h, Fixed::ONE), expected, "0.00000001");
    }
}

#[test]
fn random_walk_and_drift_as_r() {
    told(&SimpleMethod::Naive, &births(), &["335005", "335005"], "0");
    told(
        &SimpleMethod::Drift,
        &births(),
        &["339523.04", "344041.08", "348559.12"],
        "0.000001",
    );
    let differences: Vec<_> = births().windows(2).map(|w| w[1] - w[0]).collect();
    let found = rms(&differences).expect("errors");
    near(found, "18362.9731264", "0.0000001");
    near(
        Fixed::whole(335_005) - Z_95 * found,
        "299014.234023",
        "0.00001",
    );
}

#[test]
fn the_naive_line_errs_in_a_rolling_test_as_computed_elsewhere() {
    // Each birth figure from the twelfth on, forecast from those before it: a mean absolute error of 14,189 (statsmodels'
    // rolling test, of which an automatic damped trend errs by 16,944).
    let of = errors(&SimpleMethod::Naive, &births()).expect("errors");
    let of: Vec<Fixed> = of[11 - FIRST_ORIGIN..].iter().map(|e| e.abs()).collect();
    assert_eq!(of.len(), 15);
    let mean = of.iter().copied().sum::<Fixed>() / Fixed::whole(15);
    near(mean, "14189", "0.5");
}

#[test]
fn moving_average_as_r() {
    let method = SimpleMethod::MovingAverage {
        theta: share("0.5"),
    };
    let x = births();
    told(&method, &x, &["326113.022568", "326113.022568"], "0.000001");
    let (_, squares) = innovations(&x, decimal("0.5"));
    let variance = squares / Fixed::whole(25);
    // R approximates the unknown start by a large variance, which shows in the eighth digit.
    near(variance, "302519689.2", "20");
    // Standard errors of 1, 2 and 3 steps.
    for (h, expected) in [(0, "17393.0931"), (1, "31355.8446"), (2, "40790.4191")] {
        let factor = Fixed::ONE + Fixed::whole(h) * decimal("2.25");
        near((variance * factor).sqrt(), expected, "0.002");
    }
}

#[test]
fn damping_lies_between_simple_smoothing_and_holt() {
    let x = births();
    let (alpha, beta) = (share("0.8"), share("0.2"));
    let damped = |phi: &str| SimpleMethod::Damped {
        alpha,
        beta,
        phi: share(phi),
    };
    let holt = forecast(&SimpleMethod::Holt { alpha, beta }, &x, 5);
    assert_eq!(forecast(&damped("1"), &x, 5), holt);
    // Without any trend what is left is simple smoothing from the second observation.
    let ses = forecast(&SimpleMethod::Ses { alpha }, &x[1..], 5);
    assert_eq!(forecast(&damped("0"), &x, 5), ses);
    // By hand: level 20, trend 10, phi 0.5, alpha 0.5, beta 0.5, then 31 is observed.
    let smoothed = smooth(
        &[decimal("31")],
        [decimal("0.5"), decimal("0.5"), decimal("0.5")],
        decimal("20"),
        decimal("10"),
    );
    assert_eq!(
        (smoothed.level, smoothed.trend),
        (decimal("28"), decimal("6.5"))
    );
    assert_eq!(smoothed.ahead(2, decimal("0.5")), decimal("32.875"));
}

#[test]
fn short_series_have_no_forecast() {
    let one = [Fixed::whole(5)];
    let (alpha, beta) = (share("0.5"), share("0.5"));
    for method in [
        SimpleMethod::Drift,
        SimpleMethod::Holt { alpha, beta },
        SimpleMethod::Mean { last: Count(2) },
        SimpleMethod::Mean { last: Count(0) },
        SimpleMethod::SesFromRegression { alpha },
        SimpleMethod::MovingAverage { theta: alpha },
    ] {
        assert_eq!(forecast(&method, &one, 1), None, "{method:?}");
    }
    assert_eq!(forecast(&SimpleMethod::Naive, &[], 1), None);
    let mean = forecast(&SimpleMethod::Mean { last: Count(2) }, &births(), 1).expect("a mean");
    assert_eq!(mean, [Fixed::whole(350_464)]);
}

//! Fixed-point numbers with twelve decimals: the same inputs give the same bytes on every machine.
//!
//! Values stay below 10^12 and sums of squares of errors below 10^25, so that no product leaves 128 bits.

use std::{
    iter::Sum,
    ops::{Add, Div, Mul, Neg, Sub},
};

use qonys_events::figure::Billionths;

/// Units in one.
const SCALE: i128 = 1_000_000_000_000;
/// Units in a billionth.
const IN_BILLIONTH: i128 = 1_000;

/// A number with twelve decimals. Products and quotients are rounded half away from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Fixed(i128);

/// Division rounded half away from zero.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let (n, d) = (numerator * denominator.signum(), denominator.abs());
    let half = d / 2;
    if n < 0 {
        (n - half) / d
    } else {
        (n + half) / d
    }
}

impl Fixed {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(SCALE);

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number as i128 * SCALE)
    }

    /// A billionth of the number.
    pub const fn over_a_billion(self) -> Self {
        Self(self.0 / 1_000_000_000)
    }

    /// A share of `denominator`: `ratio(1, 2)` is a half.
    pub fn ratio(numerator: i64, denominator: i64) -> Self {
        Self::whole(numerator) / Self::whole(denominator)
    }

    /// The nearest whole number.
    pub fn round(self) -> i64 {
        i64::try_from(rounded(self.0, SCALE)).unwrap_or(if self.0 < 0 {
            i64::MIN
        } else {
            i64::MAX
        })
    }

    /// The square root, rounded down in the last decimal; of a negative number nothing.
    pub fn sqrt(self) -> Self {
        let units = u128::try_from(self.0).unwrap_or_default();
        let root = match units.checked_mul(SCALE.unsigned_abs()) {
            Some(product) => product.isqrt(),
            // So large a number has no need of the last decimals.
            None => units.isqrt() * SCALE.unsigned_abs().isqrt(),
        };
        Self(i128::try_from(root).unwrap_or(i128::MAX))
    }

    /// Without its sign.
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The nearest billionths.
    pub fn billionths(self) -> i128 {
        rounded(self.0, IN_BILLIONTH)
    }
}

impl From<Billionths> for Fixed {
    fn from(share: Billionths) -> Self {
        Self(i128::from(share.0) * IN_BILLIONTH)
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl Neg for Fixed {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl Mul for Fixed {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (whole, rest) = (self.0.div_euclid(SCALE), self.0.rem_euclid(SCALE));
        Self(whole * other.0 + rounded(rest * other.0, SCALE))
    }
}
#[allow(
    clippy::suspicious_arithmetic_impl,
    reason = "a quotient of scaled numbers is scaled again"
)]
impl Div for Fixed {
    type Output = Self;
    /// Panics on division by zero: every divisor of the forecast is a count above zero or a checked rate.
    fn div(self, other: Self) -> Self {
        // Whole part and rest apart, so that a long sum of squares can be divided by their number.
        let (whole, rest) = (self.0 / other.0, self.0 % other.0);
        Self(whole * SCALE + rounded(rest * SCALE, other.0))
    }
}
impl Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a decimal, as the tables of the oracles write it.
    pub(in crate::forecast) fn decimal(text: &str) -> Fixed {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        assert!(rest.len() <= 12, "{text}");
        let units: i128 = format!("{whole}{rest:0<12}").parse().expect(text);
        Fixed(sign * units)
    }

    /// Whether two numbers differ by less than a tolerance.
    #[track_caller]
    pub(in crate::forecast) fn near(found: Fixed, expected: &str, tolerance: &str) {
        let difference = (found - decimal(expected)).abs();
        assert!(
            difference <= decimal(tolerance),
            "{found:?} is not {expected}"
        );
    }

    #[test]
    fn arithmetic_rounds_half_away_from_zero() {
        assert_eq!(Fixed::ratio(1, 3).billionths(), 333_333_333);
        assert_eq!(Fixed::ratio(-1, 3).billionths(), -333_333_333);
        assert_eq!((decimal("-1.5") * decimal("2.5")), decimal("-3.75"));
        assert_eq!(decimal("0.5").round(), 1);
        assert_eq!(decimal("-0.5").round(), -1);
        assert_eq!(decimal("2").sqrt().billionths(), 1_414_213_562);
        assert_eq!(decimal("-4").sqrt(), Fixed::ZERO);
        // Sums of squares of a hundred billion are divided and their roots drawn.
        let square = Fixed::whole(100_000_000_000) * Fixed::whole(100_000_000_000);
        let sum = square + square + square;
        assert_eq!(
            (sum / Fixed::whole(3)).sqrt(),
            Fixed::whole(100_000_000_000)
        );
        assert_eq!(
            Fixed::whole(9_999_999) * Fixed::whole(9_999_999),
            Fixed::whole(99_999_980_000_001)
        );
    }
}

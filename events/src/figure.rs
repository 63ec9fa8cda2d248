//! Figures of statistics and what they are about: whole numbers with sign, shares in billionths, periods.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    scalar::{Day, Malformed, Year, written},
    term::PeriodKind,
};

/// A whole number with sign, of at most fifteen digits, written without leading zeros.
macro_rules! signed {
    ($(#[$doc:meta])* $type:ident, $name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub i64);

        impl $type {
            /// The greatest value; the least is its opposite. Sums of thousands of values stay within 64 bits.
            pub const MAX: i64 = 999_999_999_999_999;

            /// The value, if it has at most fifteen digits.
            pub fn of(value: i128) -> Option<Self> {
                let value = i64::try_from(value).ok()?;
                (-Self::MAX..=Self::MAX).contains(&value).then_some(Self(value))
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $type {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                text.parse::<i64>()
                    .ok()
                    .filter(|value| value.to_string() == text)
                    .and_then(|value| Self::of(value.into()))
                    .ok_or_else(|| Malformed::new(concat!($name, ": at most fifteen digits, with `-` if negative"), text))
            }
        }
        written!($type, $name, "^(0|-?[1-9][0-9]{0,14})$");
    };
}

signed!(
    /// A figure of an indicator, in the whole units that the indicator names. May be negative.
    Figure, "figure"
);
signed!(
    /// A share, rate or parameter in billionths: 0.5 is 500000000.
    Billionths, "billionths"
);

/// What a figure is about: a day, or a run of whole months.
///
/// Written in one way only: `2023-06-01`, `2023-06`, `2023-Q2`, `2023`, and `2023-01/2023-05` for any other run, from
/// its first month to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One day.
    Day(Day),
    /// Whole months, half-open: the first day, and the first day after. Made by parsing only.
    Months(Day, Day),
}

/// The first day of the month that lies `months` after the month of a first day.
fn months_later(first: Day, months: i32) -> Option<Day> {
    let count = i32::from(first.year().0) * 12 + i32::from(first.month()) - 1 + months;
    let year = i16::try_from(count.div_euclid(12)).ok()?;
    let month = i8::try_from(count.rem_euclid(12) + 1).ok()?;
    Some(Day::new(year, month, 1))
}

impl Period {
    /// The first day.
    pub fn from(self) -> Day {
        match self {
            Self::Day(day) | Self::Months(day, _) => day,
        }
    }

    /// The first day after.
    pub fn until(self) -> Day {
        match self {
            Self::Day(day) => day.plus_days(1),
            Self::Months(_, until) => until,
        }
    }

    /// A calendar year.
    pub fn year(year: Year) -> Self {
        Self::Months(year.first_day(), year.end())
    }

    /// Whole months in it; 0 for a day.
    pub fn months(self) -> i32 {
        match self {
            Self::Day(_) => 0,
            Self::Months(from, until) => {
                (i32::from(until.year().0) - i32::from(from.year().0)) * 12
                    + i32::from(until.month())
                    - i32::from(from.month())
            }
        }
    }

    /// Whether it can stand for an indicator of a kind.
    pub fn is(self, kind: PeriodKind) -> bool {
        let first_month = self.from().month() - 1;
        match kind {
            PeriodKind::Day => matches!(self, Self::Day(_)),
            PeriodKind::Month => self.months() == 1,
            PeriodKind::Quarter => self.months() == 3 && first_month % 3 == 0,
            PeriodKind::Year => self.months() == 12 && first_month == 0,
            PeriodKind::Months => self.months() > 0,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Months(from, until) = self else {
            return self.from().fmt(f);
        };
        let month = |day: Day| day.to_string()[..7].to_owned();
        if self.is(PeriodKind::Year) {
            from.year().fmt(f)
        } else if self.is(PeriodKind::Quarter) {
            write!(f, "{}-Q{}", from.year(), (from.month() - 1) / 3 + 1)
        } else if self.is(PeriodKind::Month) {
            f.write_str(&month(*from))
        } else {
            write!(f, "{}/{}", month(*from), month(until.plus_days(-1)))
        }
    }
}

impl FromStr for Period {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let read = || -> Option<Self> {
            let month = |text: &str| -> Option<Day> {
                let day: Day = format!("{text}-01").parse().ok()?;
                (1900..=2200).contains(&day.year().0).then_some(day)
            };
            let run =
                |from: Day, months: i32| Some(Self::Months(from, months_later(from, months)?));
            if let Some((first, last)) = text.split_once('/') {
                let (from, last) = (month(first)?, month(last)?);
                (from < last).then_some(())?;
                Some(Self::Months(from, months_later(last, 1)?))
            } else if let Some((year, quarter)) = text.split_once("-Q") {
                let year: Year = year.parse().ok()?;
                let quarter: i32 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
                run(months_later(year.first_day(), (quarter - 1) * 3)?, 3)
            } else {
                match text.len() {
                    4 => text.parse().ok().map(Self::year),
                    7 => run(month(text)?, 1),
                    _ => text.parse().ok().map(Self::Day),
                }
            }
        };
        read()
            .filter(|period| period.to_string() == text)
            .ok_or_else(|| {
                let expected = "a period as 2023-06-01, 2023-06, 2023-Q2, 2023 or 2023-01/2023-05";
                Malformed::new(expected, text)
            })
    }
}
written!(
    Period,
    "period",
    "^[0-9]{4}(-Q[1-4]|-[0-9]{2}(-[0-9]{2}|/[0-9]{4}-[0-9]{2})?)?$"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_one_written_form() {
        for (text, from, until, kinds) in [
            ("2023-06-01", "2023-06-01", "2023-06-02", "day"),
            ("2023-06", "2023-06-01", "2023-07-01", "month months"),
            ("2012-Q1", "2012-01-01", "2012-04-01", "quarter months"),
            ("2022", "2022-01-01", "2023-01-01", "year months"),
            ("2023-01/2023-05", "2023-01-01", "2023-06-01", "months"),
            ("2023-10/2024-03", "2023-10-01", "2024-04-01", "months"),
        ] {
            let period: Period = text.parse().expect(text);
            assert_eq!(period.to_string(), text);
            assert_eq!(period.from().to_string(), from);
            assert_eq!(period.until().to_string(), until);
            let of: Vec<_> = PeriodKind::ALL.iter().filter(|k| period.is(**k)).collect();
            let of: Vec<_> = of.into_iter().map(|k| k.as_str()).collect();
            assert_eq!(of.join(" "), kinds, "{text}");
        }
        for text in [
            "2023-01/2023-12",
            "2023-01/2023-03",
            "2023-05/2023-05",
            "2023-05/2023-01",
            "2023-Q5",
            "2023-13",
            "2023-02-30",
            "23",
            "",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn figures_have_one_written_form() {
        for text in ["0", "-5087", "999999999999999"] {
            assert_eq!(text.parse::<Figure>().expect(text).to_string(), text);
        }
        for text in ["-0", "+1", "01", "1000000000000000", "1.5", ""] {
            assert!(text.parse::<Figure>().is_err(), "{text}");
        }
    }
}

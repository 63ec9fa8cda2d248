//! What the edge finds when it looks at personal values (point 9): the domain gets the finding and never the value. A
//! finding bars nothing.

use std::collections::BTreeMap;

use qonys_domain::context::Findings;
use qonys_events::{
    fault::Fault,
    scalar::{Day, Slug},
    term::{BirthDateFinding, IinFinding},
};
use zeroize::Zeroizing;

/// Digits of an individual identification number.
const DIGITS: usize = 12;
/// Weights of the first pass; those of the second begin two later.
const WEIGHTS: usize = 11;

/// Looks at the personal values of a command.
pub fn findings(personal: &BTreeMap<Slug, Zeroizing<String>>) -> Findings {
    let value = |name: &str| {
        let found = personal.iter().find(|(known, _)| known.as_str() == name);
        found.map(|(_, value)| value.as_str())
    };
    let number = value("iin");
    let born = value("born-on").and_then(|text| text.parse::<Day>().ok());
    Findings {
        iin: number.map_or(IinFinding::Absent, about_iin),
        birth_date: match (number.and_then(birth_date), born) {
            (Some(a), Some(b)) if a == b => BirthDateFinding::Agrees,
            (Some(_), Some(_)) => BirthDateFinding::Differs,
            _ => BirthDateFinding::NotCompared,
        },
    }
}

fn digits(number: &str) -> Option<[u8; DIGITS]> {
    let all = number.bytes().all(|b| b.is_ascii_digit());
    let digits: [u8; DIGITS] = number.as_bytes().try_into().ok()?;
    all.then(|| digits.map(|b| b - b'0'))
}

/// The birth date in a number: six digits, and the century by the seventh. None where that is no century.
fn birth_date(number: &str) -> Option<Day> {
    let d = digits(number)?;
    let century = match d[6] {
        1 | 2 => "18",
        3 | 4 => "19",
        5 | 6 => "20",
        _ => return None,
    };
    let date = format!(
        "{century}{}-{}-{}",
        &number[..2],
        &number[2..4],
        &number[4..6]
    );
    date.parse().ok()
}

/// Whether the six digits can be a date of some century.
fn may_be_a_date(number: &str) -> bool {
    let leap = format!("2000-{}-{}", &number[2..4], &number[4..6]);
    leap.parse::<Day>().is_ok()
}

fn about_iin(number: &str) -> IinFinding {
    let Some(d) = digits(number) else {
        return IinFinding::Malformed;
    };
    let known_century = (1..=6).contains(&d[6]);
    if known_century && birth_date(number).is_none() || !may_be_a_date(number) {
        return IinFinding::Malformed;
    }
    let woman = d[6].is_multiple_of(2);
    if Fault::P10.planted() && woman {
        return IinFinding::WrongDigit;
    }
    if control_digit(&d) == Some(d[DIGITS - 1]) {
        IinFinding::Valid
    } else {
        IinFinding::WrongDigit
    }
}

/// The control digit: the sum of the first eleven digits by the weights 1 to 11, modulo 11; where that is 10, by the weights
/// 3 to 11, 1, 2. A number that gives 10 twice is not used.
fn control_digit(digits: &[u8; DIGITS]) -> Option<u8> {
    [0, 2].into_iter().find_map(|first| {
        let weighed = (0..WEIGHTS).map(|n| usize::from(digits[n]) * ((n + first) % WEIGHTS + 1));
        let rest = weighed.sum::<usize>() % WEIGHTS;
        u8::try_from(rest).ok().filter(|rest| *rest < 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(&str, &str)]) -> Findings {
        let personal = values.iter().map(|(name, value)| {
            let name: Slug = name.parse().expect("a slug");
            (name, Zeroizing::new((*value).to_owned()))
        });
        findings(&personal.collect())
    }

    #[test]
    fn the_control_digit_is_found_in_one_pass_or_two() {
        // Born in the 1800s: two published test vectors, two of our own; the last one needs the second pass.
        for number in [
            "800416100254",
            "680503250034",
            "850101100012",
            "850101100304",
        ] {
            assert_eq!(of(&[("iin", number)]).iin, IinFinding::Valid, "{number}");
            for wrong in (0..10).map(|d| format!("{}{d}", &number[..11])) {
                let expected = if wrong == number {
                    IinFinding::Valid
                } else {
                    IinFinding::WrongDigit
                };
                assert_eq!(of(&[("iin", &wrong)]).iin, expected, "{wrong}");
            }
        }
    }

    #[test]
    fn a_number_that_is_none_is_malformed_and_no_number_is_absent() {
        for number in [
            "85010110001",
            "8501011000123",
            "85010110001x",
            "851301100012",
            "850230100012",
        ] {
            assert_eq!(
                of(&[("iin", number)]).iin,
                IinFinding::Malformed,
                "{number}"
            );
        }
        // A century digit that we do not know is no fault of the date.
        assert_ne!(of(&[("iin", "850101000012")]).iin, IinFinding::Malformed);
        assert_eq!(of(&[("name", "x")]).iin, IinFinding::Absent);
    }

    #[test]
    fn birth_dates_are_compared_where_both_can_be_read() {
        let compared = |born| of(&[("iin", "850101100012"), ("born-on", born)]).birth_date;
        assert_eq!(compared("1885-01-01"), BirthDateFinding::Agrees);
        assert_eq!(compared("1885-01-02"), BirthDateFinding::Differs);
        assert_eq!(compared("long ago"), BirthDateFinding::NotCompared);
        assert_eq!(
            of(&[("born-on", "1885-01-01")]).birth_date,
            BirthDateFinding::NotCompared
        );
    }
}

//! Need, have and gap of services for a population by age bands (point 8), in whole numbers.

use qonys_events::{
    fact::forecast::{FacilityRecorded, Need, ServiceNorm},
    figure::Figure,
    scalar::{Count, Day, Slug},
    term::ServiceKind,
};

/// Ages that a norm names and the bands cannot tell apart: it cuts the open last band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSeparable {
    /// The service.
    pub service: ServiceKind,
}

/// Division rounded up.
pub fn up(numerator: u128, denominator: u128) -> u64 {
    u64::try_from(numerator.div_ceil(denominator.max(1))).unwrap_or(u64::MAX)
}

/// Persons of the ages of a norm, as a fraction: within a band every year of age has the same number.
fn of_ages(
    norm: &ServiceNorm,
    bands: &[Count],
    persons: &[Count],
) -> Result<(u128, u128), NotSeparable> {
    let (from, to) = (norm.from_age.0, norm.to_age.map(|age| age.0));
    let widths = || {
        bands
            .windows(2)
            .map(|pair| u128::from(pair[1].0 - pair[0].0))
    };
    // The product of the different widths is a common denominator, and there are few of them.
    let mut different: Vec<u128> = widths().collect();
    different.sort_unstable();
    different.dedup();
    let whole: u128 = different.iter().product();
    let mut parts: u128 = 0;
    for (i, persons) in persons.iter().enumerate() {
        let low = bands[i].0;
        let Some(high) = bands.get(i + 1).map(|band| band.0) else {
            // The open band counts whole or not at all.
            if to.is_some_and(|to| to <= low) {
                continue;
            }
            if low < from || to.is_some() {
                let service = norm.service;
                return Err(NotSeparable { service });
            }
            parts += u128::from(persons.0) * whole;
            continue;
        };
        let begin = low.max(from);
        let end = to.map_or(high, |to| to.min(high));
        let years = u128::from(end.saturating_sub(begin));
        parts += u128::from(persons.0) * years * (whole / u128::from(high - low));
    }
    Ok((parts, whole))
}

/// What every norm says of a district's population on a day.
pub fn needs<'f>(
    norms: &[ServiceNorm],
    bands: &[Count],
    persons: &[Count],
    (district, on): (&Slug, Day),
    facilities: impl Iterator<Item = &'f FacilityRecorded> + Clone,
) -> Result<Vec<Need>, NotSeparable> {
    let one = |norm: &ServiceNorm| {
        let (parts, whole) = of_ages(norm, bands, persons)?;
        let need = up(
            parts * u128::from(norm.needed.0),
            whole * u128::from(norm.per_persons.0),
        );
        let serves = |f: &&FacilityRecorded| {
            f.district == *district
                && f.service == norm.service
                && f.opens <= on
                && f.closes.is_none_or(|closes| on < closes)
        };
        let have: u64 = facilities
            .clone()
            .filter(serves)
            .map(|f| f.capacity.0)
            .sum();
        let nearest = (2 * parts + whole) / (2 * whole);
        let counted = u64::try_from(nearest).unwrap_or(u64::MAX);
        Ok(total(norm, counted, need, have))
    };
    norms.iter().map(one).collect()
}

/// Need, have and gap of a service; institutions of the usual size that would close the gap, rounded up.
fn total(norm: &ServiceNorm, persons: u64, need: u64, have: u64) -> Need {
    let gap = i128::from(need) - i128::from(have);
    let short = u128::try_from(gap).unwrap_or_default();
    Need {
        service: norm.service,
        persons: Count(persons),
        need: Count(need),
        have: Count(have),
        gap: Figure::of(gap).unwrap_or(Figure(Figure::MAX)),
        institutions: norm
            .places_per_institution
            .map(|places| Count(up(short, places.0.into()))),
    }
}

/// The territory as the sum of its districts, service by service. Institutions are those of the districts: a place too
/// many in one is no place in another.
pub fn sum(norms: &[ServiceNorm], districts: &[&[Need]]) -> Vec<Need> {
    let one = |(i, norm): (usize, &ServiceNorm)| {
        let of = |pick: fn(&Need) -> u64| districts.iter().map(|needs| pick(&needs[i])).sum();
        let mut need = total(
            norm,
            of(|n| n.persons.0),
            of(|n| n.need.0),
            of(|n| n.have.0),
        );
        need.institutions = norm
            .places_per_institution
            .map(|_| Count(of(|n| n.institutions.map_or(0, |c| c.0))));
        need
    };
    norms.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norm(from: u64, to: Option<u64>, needed: u64, per: u64, places: Option<u64>) -> ServiceNorm {
        ServiceNorm {
            service: ServiceKind::Kindergarten,
            from_age: Count(from),
            to_age: to.map(Count),
            needed: Count(needed),
            per_persons: Count(per),
            places_per_institution: places.map(Count),
        }
    }

    fn of(norm: ServiceNorm, bands: &[u64], persons: &[u64]) -> Result<Vec<Need>, NotSeparable> {
        let counts = |numbers: &[u64]| numbers.iter().copied().map(Count).collect::<Vec<_>>();
        let district = "medeu".parse().expect("a name");
        let on = Day::new(2024, 1, 1);
        needs(
            &[norm],
            &counts(bands),
            &counts(persons),
            (&district, on),
            [].iter(),
        )
    }

    #[test]
    fn twelve_thousand_children_are_42_kindergartens_of_286_places() {
        let found = of(
            norm(1, Some(6), 1, 1, Some(286)),
            &[0, 1, 6],
            &[500, 12_000, 9],
        )
        .expect("needs");
        assert_eq!(
            (found[0].need.0, found[0].institutions),
            (12_000, Some(Count(42)))
        );
        assert_eq!((found[0].persons.0, found[0].gap.0), (12_000, 12_000));
    }

    #[test]
    fn a_band_is_cut_evenly_and_need_is_rounded_up() {
        // 2 of 5 years of 101 persons: 40.4; 99 of a hundred of them need a place: 39.996.
        let found = of(norm(3, Some(5), 99, 100, None), &[0, 5, 10], &[101, 7, 7]).expect("needs");
        assert_eq!((found[0].persons.0, found[0].need.0), (40, 40));
        // 40.4 and a third of 60 in a band of three years.
        let found = of(norm(3, Some(6), 1, 1, None), &[0, 5, 8], &[101, 60, 7]).expect("needs");
        assert_eq!((found[0].persons.0, found[0].need.0), (60, 61));
        let found = of(norm(0, None, 1, 43_200, None), &[0, 5], &[1, 43_200]).expect("needs");
        assert_eq!(found[0].need.0, 2);
    }

    #[test]
    fn the_open_band_is_never_cut() {
        for (from, to, fits) in [
            (5, None, true),
            (0, Some(10), true),
            (12, None, false),
            (5, Some(20), false),
        ] {
            let found = of(norm(from, to, 1, 1, None), &[0, 5, 10], &[1, 1, 1]);
            assert_eq!(found.is_ok(), fits, "{from} {to:?}");
        }
    }
}

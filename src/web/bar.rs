//! How a line is used, as a bar: committed, held, left and what lies above the limit, each with a pattern of its own, so
//! that nothing hangs on a colour. The same stands in words in its title and description.

use super::locale::Lang;

/// The width of a bar, in its own units.
pub(super) const WIDTH: i64 = 180;

/// A stretch of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) x: i64,
    pub(super) width: i64,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    /// Its number on the page.
    pub(super) number: usize,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) committed: Stretch,
    pub(super) held: Stretch,
    pub(super) over: Option<Stretch>,
    /// Where the limit lies.
    pub(super) limit: i64,
}

/// Places of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) limit: i64,
    pub(super) held: i64,
    pub(super) committed: i64,
    pub(super) remaining: i64,
    pub(super) over: i64,
}

impl Bar {
    pub(super) fn new(number: usize, territory: &str, places: Places, lang: Lang) -> Self {
        let (held, committed) = (places.held.max(0), places.committed.max(0));
        let whole = places.limit.max(held.saturating_add(committed)).max(1);
        // Whatever is above 0 is seen.
        let at = |places: i64| {
            let scaled = i128::from(places) * i128::from(WIDTH) / i128::from(whole);
            i64::try_from(scaled).unwrap_or(WIDTH)
        };
        let end_of_committed = at(committed).max(i64::from(committed > 0));
        let end_of_held = at(held.saturating_add(committed))
            .max(end_of_committed + i64::from(held > 0))
            .min(WIDTH);
        let limit = at(places.limit);
        let over = (places.over > 0).then(|| Stretch {
            x: limit,
            width: (WIDTH - limit).max(2),
        });
        let number_of = |n: i64| lang.number(n);
        let title = lang.with(
            "bar-title",
            &[
                ("territory", territory),
                ("committed", &number_of(committed)),
                ("held", &number_of(held)),
                ("limit", &number_of(places.limit)),
            ],
        );
        let description = if places.over > 0 {
            lang.with("bar-desc-over", &[("over", &number_of(places.over))])
        } else {
            lang.with("bar-desc", &[("remaining", &number_of(places.remaining))])
        };
        Self {
            number,
            title,
            description,
            committed: Stretch {
                x: 0,
                width: end_of_committed,
            },
            held: Stretch {
                x: end_of_committed,
                width: end_of_held - end_of_committed,
            },
            over,
            limit,
        }
    }
}

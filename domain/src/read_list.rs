//! The names of the facts that a verdict may read (point 2, promise P10): a closed list with the meaning of each and the
//! forbidden attribute that it reads, if it reads one. A fact that is not in it is read by nobody.
//!
//! Which attributes are forbidden, and under which lawful conditions one may be read, is data of the register.

use std::{collections::BTreeMap, sync::LazyLock};

/// The list, as it is kept: `fact,attribute,meaning`.
const FACTS: &str = include_str!("../facts.csv");

/// What a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The forbidden attribute that the fact reads; none for most.
    pub attribute: Option<&'static str>,
    /// What it says, in words.
    pub says: &'static str,
}

static KNOWN: LazyLock<BTreeMap<&'static str, Meaning>> = LazyLock::new(|| {
    let rows = FACTS.lines().skip(1).filter_map(|line| {
        let (name, rest) = line.split_once(',')?;
        let (attribute, says) = rest.split_once(',')?;
        let meaning = Meaning {
            attribute: (!attribute.is_empty()).then_some(attribute),
            says: says.trim_matches('"'),
        };
        Some((name, meaning))
    });
    rows.collect()
});

/// What the name of a fact means; `None` for one that nobody registered.
pub fn meaning(name: &str) -> Option<Meaning> {
    KNOWN.get(name).copied()
}

/// Every name, in order, with its meaning.
pub fn all() -> impl Iterator<Item = (&'static str, Meaning)> {
    KNOWN.iter().map(|(name, meaning)| (*name, *meaning))
}

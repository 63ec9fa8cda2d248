//! One example line per command type.

/// Type and line, in the order in which they run.
pub fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    std::iter::empty()
}

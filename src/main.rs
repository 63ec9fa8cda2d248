//! qonys.
fn main() {}

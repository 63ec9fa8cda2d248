//! The fault table (docs/faults.md): each test makes one fault happen, checks what must hold, and writes its row.
//! `cargo xtask faults` runs them, and those that stand with what they are about, and prints the rows.

mod cables;
mod clocks;
mod consumers;
mod disks;
mod load;
mod points;

//! Promise P6: anyone can prove the history, offline, without trusting us. A small register, signed and exported, and
//! everything that somebody might do to it.

mod attacks;
mod destroyed;
mod foreign;
mod foreign_python;
mod going_on;
mod hostile;
mod more_attacks;
mod program;
mod seam;
mod second;
mod serving;
mod signing;
pub(crate) mod stage;
mod stamped;
mod store;
mod table;
mod witnessing;

//! Tests of the views over hand-written and random logs, on the sink in memory.

mod acts;
mod decisions;
mod histories;
mod lifecycles;
mod lines;
mod quota;
mod registration;
mod residents;
mod runner;
mod support;
mod vocabulary;

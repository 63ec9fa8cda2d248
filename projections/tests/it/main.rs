//! Tests of the views over hand-written and random logs, on the sink in memory.

mod acts;
mod amended;
mod anew;
mod decisions;
mod forecasts;
mod histories;
mod indicators;
mod journal;
mod labour;
mod lifecycles;
mod lines;
mod offices;
mod population_departure;
mod quota;
mod registration;
mod residents;
mod runner;
mod support;
mod vocabulary;

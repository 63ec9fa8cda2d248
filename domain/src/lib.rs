//! The Rules as code. A decision is a pure function of the streams it reads, the command and its context; it gives
//! events or says why it is blocked. State changes only by applying events.
//!
//! No clock, no randomness, no I/O, no floats, no plaintext of a person: time, references and sealed slots are inputs.
//!
//! A newcomer finds a rule by its point: [`law`] preamble and point 1, [`quota`] points 3 and 6, [`application`]
//! and [`journal`] point 6, [`proposal`] point 5, [`person`] and [`dwelling`] points 9 and 10, [`indicator`] point 4,
//! [`population_departure`] and [`measure`] point 7, [`forecast`] point 8, [`office`], [`labour`] and [`report`] point 11, [`read_list`] point 2.

pub mod application;
pub mod blocked;
pub mod command;
pub mod context;
pub mod cqrs;
pub mod decide;
pub mod destruction;
pub mod dwelling;
pub mod forecast;
pub mod indicator;
pub mod journal;
pub mod labour;
pub mod law;
pub mod measure;
pub mod office;
pub mod person;
pub mod population_departure;
pub mod proposal;
pub mod quota;
pub mod read_list;
pub mod report;
pub mod streams;

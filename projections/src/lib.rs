//! Folds from entries to views, the runner's loop and its two ports. Pure: no SQL, no socket, no clock.
//!
//! Data flows one way: [`port::Feed`] -> [`runner::Runner`] -> [`projection::Projection`] -> [`port::Sink`]. A projection is
//! written once, as a fold from entries to row changes; the root package implements feed and sink on its stores and makes
//! DDL and bulk statements from the [`table::Table`]s declared here.
//!
//! In reading order: [`table`] (what a row is), [`cell`] (typed rows), [`port`], [`projection`], [`runner`], then the views:
//! [`acts`], [`quota`], [`residents`], [`proposals`], [`applications`], [`decisions`], [`indicators`],
//! [`population_departure`], [`forecasts`]. [`as_of`] rounds points in the recorded
//! history to whole commands; [`equal`] compares two sinks; [`memory`] is both ports in memory.

pub mod acts;
pub mod applications;
pub mod as_of;
pub mod cases;
pub mod cell;
pub mod decisions;
pub mod equal;
pub mod forecasts;
pub mod indicators;
pub mod journal;
pub mod labour;
pub mod memory;
pub mod offices;
mod pending;
pub mod population_departure;
pub mod port;
pub mod projection;
pub mod proposals;
pub mod quota;
pub mod reports;
pub mod residents;
pub mod runner;
pub mod seam;
pub mod table;

use projection::Projection;
use table::Table;

/// Every view, in the order in which they are shown.
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(acts::Acts),
        Box::new(quota::Quota),
        Box::new(residents::Residents),
        Box::new(proposals::Proposals),
        Box::new(applications::Applications),
        Box::new(cases::Cases),
        Box::new(decisions::Decisions),
        Box::new(indicators::Indicators),
        Box::new(population_departure::PopulationDeparture),
        Box::new(forecasts::Forecasts),
        Box::new(offices::Offices),
        Box::new(journal::Journals),
        Box::new(labour::Labour),
        Box::new(reports::Reports),
    ]
}

/// Every table of every view.
pub fn tables() -> Vec<&'static Table> {
    all()
        .iter()
        .flat_map(|projection| projection.tables())
        .copied()
        .collect()
}

/// Event types that no view needs, each with the reason. Every other type of the vocabulary is folded by some view.
pub const UNFOLDED: &[(&str, &str)] = &[
    (
        "kz.qonys.person.inclusion-asked.v1",
        "the filing in the application's stream says the same",
    ),
    (
        "kz.qonys.proposals.entered.v1",
        "the draft in the proposal's stream says the same",
    ),
    (
        "kz.qonys.offices.entered.v1",
        "the registration in the office's stream says the same",
    ),
    (
        "kz.qonys.log.opened.v1",
        "zone and purpose are read from the log itself, before any view",
    ),
    (
        "kz.qonys.log.key-announced.v1",
        "keys are read from the log itself, by who verifies it",
    ),
    (
        "kz.qonys.log.continued.v1",
        "what it goes on from is read before any view",
    ),
    (
        "kz.qonys.access.data-read.v1",
        "it stands in the second log, which has no views: whoever may asks it by its streams",
    ),
    ("kz.qonys.access.command-blocked.v1", "as above"),
    (
        "kz.qonys.dwelling.resident-entered.v1",
        "the residence in the person's stream says the same",
    ),
    (
        "kz.qonys.dwelling.resident-left.v1",
        "the residence in the person's stream says the same",
    ),
];

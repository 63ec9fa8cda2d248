//! A synthetic year: what a city and four invented regions would ask of the register from September 2023 to August 2024,
//! and the close of 2024. It draws on what is in force on each day, and now and then asks for what is not.

use jiff::civil::{Date, date};

use super::{
    agenda::{Agenda, day, working_days},
    names::Names,
    story::Story,
};
use crate::published;

mod city;
mod hall;
mod quotas;

use city::City;
use hall::Hall;
use quotas::Quotas;

/// The day on which the log is opened.
pub(super) const FIRST: Date = date(2023, 9, 4);
/// The last day of the year that is lived through.
pub(super) const LAST: Date = date(2024, 8, 30);
/// The first day on which the Rules are repealed, as it is assumed.
const REPEALED: Date = date(2024, 4, 9);
/// The first day on which the invented order with the quotas for 2024 is in force.
pub(super) const ORDER_IN_FORCE: Date = date(2024, 2, 5);
/// When the places that are still held after the end of 2024 are released.
const YEAR_ENDS: Date = date(2025, 1, 3);
/// When the lines of 2024 are closed.
pub(super) const YEAR_CLOSED: Date = date(2025, 1, 6);
/// When acts of 2025 are entered.
const EPILOGUE: Date = date(2025, 12, 1);

/// Writes the agenda of a seed: the story, and the year around it.
pub(super) fn live(agenda: &mut Agenda) -> Story {
    let mut names = Names::new(agenda.chance("names"));
    let story = Story::tell(agenda, &mut names);
    publish_later(agenda);
    let mut city = City::new(agenda);
    let mut hall = Hall::new(agenda);
    let mut quotas = Quotas::new(agenda);
    for today in working_days(FIRST, LAST) {
        city.day(today, agenda, &mut names);
        hall.day(today, agenda, &mut names);
        quotas.day(today, agenda, &mut names);
    }
    quotas.end(agenda);
    story
}

/// Enters acts as they become known: on the next working day; those of 2025, after the close, together.
fn publish_later(agenda: &mut Agenda) {
    let lawyer = agenda.official("lawyer", "akimat.almaty");
    for (known, lines) in published::known_after(day(FIRST)) {
        let on = working_days(FIRST, YEAR_CLOSED).find(|date| day(*date) >= known);
        for line in lines {
            agenda.publish(on.unwrap_or(EPILOGUE), &line, &lawyer);
        }
    }
}

//! Terms in working days, counted in the open (point 6; administrative procedure code, art. 76). The calendar of each year is
//! data: a term that reaches into a year without one is blocked, never guessed.

use qonys_events::{
    fact::law::CalendarRecorded,
    scalar::{Count, Day},
};

use super::Law;
use crate::blocked::{Blocked, Code};

/// A day of a term: the how manieth working day it is, or `None` for a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct CountedDay {
    /// The day.
    pub day: Day,
    /// Its number among the working days of the term.
    pub working_day: Option<Count>,
}

fn works(calendar: &CalendarRecorded, day: Day) -> bool {
    calendar.worked.contains(&day)
        || !(calendar.days_off.contains(&day) || calendar.weekly_rest.contains(&day.weekday()))
}

impl Law {
    /// Whether a day is a working day. Blocked without a calendar of its year: `calendar-missing`.
    pub fn is_working_day(&self, day: Day) -> Result<bool, Blocked> {
        let calendar = self.calendars.get(&day.year().0);
        let calendar = calendar.ok_or_else(|| {
            Blocked::control(Code::CalendarMissing).with("calendar-year", day.year())
        })?;
        Ok(works(calendar, day))
    }

    /// The days of a term of so many working days, from the day after `from` to the last one.
    pub fn count(&self, from: Day, working_days: Count) -> Result<Vec<CountedDay>, Blocked> {
        let (mut day, mut reached) = (from, 0);
        let mut days = Vec::new();
        while reached < working_days.0 {
            day = day.plus_days(1);
            let works = self.is_working_day(day)?;
            reached += u64::from(works);
            days.push(CountedDay {
                day,
                working_day: works.then_some(Count(reached)),
            });
        }
        Ok(days)
    }

    /// The days of a term that ends on a day, from the day after `from` to it.
    pub fn count_until(&self, from: Day, until: Day) -> Result<Vec<CountedDay>, Blocked> {
        let (mut day, mut reached) = (from, 0);
        let mut days = Vec::new();
        while day < until {
            day = day.plus_days(1);
            let works = self.is_working_day(day)?;
            reached += u64::from(works);
            days.push(CountedDay {
                day,
                working_day: works.then_some(Count(reached)),
            });
        }
        Ok(days)
    }

    /// The day itself, or the next working day where it is a day off.
    pub fn working_day_from(&self, mut day: Day) -> Result<Day, Blocked> {
        while !self.is_working_day(day)? {
            day = day.plus_days(1);
        }
        Ok(day)
    }

    /// The last day of a term of so many working days after `from`; `from` itself for none.
    pub fn term_end(&self, from: Day, working_days: Count) -> Result<Day, Blocked> {
        let days = self.count(from, working_days)?;
        Ok(days.last().map_or(from, |last| last.day))
    }

    /// The last day of a term of so many months after `from`: a day off moves it to the next working day.
    pub fn term_end_in_months(&self, from: Day, months: Count) -> Result<Day, Blocked> {
        self.working_day_from(from.plus_months(i64::try_from(months.0).unwrap_or(i64::MAX)))
    }
}

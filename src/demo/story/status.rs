//! The status of kandas that everything else begins with (point 6).

use jiff::civil::date;
use qonys_events::id::Ref;
use serde_json::json;

use super::Telling;
use crate::demo::agenda::{Hour, Planned, by};

impl Telling<'_> {
    pub(super) fn grant(&mut self) -> (Ref, Planned) {
        let applicant = self.person(date(2023, 9, 6), "foreigner");
        let data = json!({"person": by(applicant), "until": "2024-09-18"});
        let on = date(2023, 9, 18);
        let status = self.give(
            on,
            Hour::Noon,
            |cast| &cast.officer,
            "grant-kandas-status",
            data,
        );
        (applicant, status)
    }
}

//! A flat in which three move in, and then a fourth asks (point 10).

use jiff::civil::Date;
use serde_json::json;

use super::{PAPER, Telling};
use crate::demo::agenda::{Draft, Hour, Planned, by};

/// The square decimetres of the flat that takes three and not four.
const FLAT: &str = "4500";

impl Telling<'_> {
    /// A flat of 45.00 m2 in a fund; three move in, and then a fourth asks.
    pub(super) fn flat(&mut self, fund: &str, on: Date) -> (Planned, Vec<Planned>, Planned) {
        let holder = json!({"holder": "organisation", "organisation": "synthetic-housing-fund"});
        let holding = json!({"title": "ownership", "holders": [holder], "document": PAPER});
        let data = json!({
            "fund": fund, "useful_area": FLAT, "district": "medeu", "holding": holding,
        });
        let draft = Draft::new("record-dwelling", &self.cast.registrar, data);
        let draft = draft.personal(self.names.address());
        let flat = self.agenda.give(on, Hour::Morning, draft);
        let mut move_in = |hour| {
            let person = self.person(on, "citizen");
            let data = json!({
                "person": by(person), "dwelling": by(flat.id), "body": "state-corporation",
                "consent": "owners", "age": "from-14",
                "consents": [{"holder": holder, "document": PAPER}],
            });
            self.give(on, hour, |cast| &cast.registrar, "register-residence", data)
        };
        let three = (0..3).map(|_| move_in(Hour::Noon)).collect();
        let fourth = move_in(Hour::Afternoon);
        (flat, three, fourth)
    }
}

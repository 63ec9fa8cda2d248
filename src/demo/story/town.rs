//! An invented town: its office, who acts for it by which order (point 11), what comes in and goes out under a number
//! (point 6), and permits for foreign labour within a share that an act distributed (point 5).

use jiff::civil::{Date, date};
use qonys_events::{digest::Sha256Hex, entry::Actor};
use serde_json::{Value, json};

use crate::demo::agenda::{Agenda, Draft, Hour, Planned};

/// The office.
pub(in crate::demo) const OFFICE: &str = "akimat.synthetic-town";
/// Its territory.
pub(in crate::demo) const TOWN: &str = "synthetic-town";
/// The invented act that distributes the share.
pub(in crate::demo) const DISTRIBUTION: &str = "synthetic-labour-2024";
/// The power that the office is vested with, and the article of the migration law that gives it.
const POWER: (&str, &str) = ("foreign-labour-permit", "15(11), 37-1");
/// A power that has no command of its own, and its article.
pub(in crate::demo) const OTHER_POWER: &str = "school-places";
const OTHER_POINT: &str = "15(9)";

/// Which commands of the town the story is about.
pub(in crate::demo) struct Town {
    pub(in crate::demo) registered: Planned,
    pub(in crate::demo) appointed: Planned,
    pub(in crate::demo) came_in: Planned,
    pub(in crate::demo) without_power: Planned,
    pub(in crate::demo) without_share: Planned,
    pub(in crate::demo) distributed: Planned,
    pub(in crate::demo) granted: Planned,
    pub(in crate::demo) went_out: Planned,
    pub(in crate::demo) elsewhere: Planned,
    /// Who heads the office and who is its clerk.
    pub(super) officials: (Actor, Actor),
}

/// Two days of the office.
struct Days<'a> {
    agenda: &'a mut Agenda,
    head: Actor,
    clerk: Actor,
}

impl Days<'_> {
    fn give(
        &mut self,
        on: Date,
        hour: Hour,
        clerk: bool,
        type_name: &'static str,
        data: Value,
    ) -> Planned {
        let actor = if clerk { &self.clerk } else { &self.head };
        self.agenda
            .give(on, hour, Draft::new(type_name, actor, data))
    }

    fn permit(&mut self, on: Date, hour: Hour, clerk: bool, territory: &str) -> Planned {
        let data = json!({
            "territory": territory, "employer": "synthetic-plant", "category": "category-3",
            "workers": "12", "until": "2025-03-05",
        });
        self.give(on, hour, clerk, "grant-labour-permit", data)
    }

    /// Sets up the office: its head has the power, its clerk has none.
    fn staff(&mut self, on: Date) -> (Planned, Planned) {
        let order = |number: &str| json!({"number": number, "dated": on.to_string()});
        let registered = json!({
            "office": OFFICE, "titles": {"en": "Akimat of a town that does not exist"},
            "territories": [TOWN], "order": order("1-k"),
        });
        let registered = self.give(on, Hour::Opening, false, "register-office", registered);
        let vested = json!({
            "office": OFFICE, "powers": [POWER.0], "document": "law-477-2011", "point": POWER.1,
            "certainty": "assumed", "source": "the office is invented for the demonstration",
        });
        self.give(on, Hour::Opening, false, "vest-powers", vested);
        let vested = json!({
            "office": OFFICE, "powers": [OTHER_POWER], "document": "law-477-2011",
            "point": OTHER_POINT, "certainty": "assumed",
            "source": "the office is invented for the demonstration",
        });
        self.give(on, Hour::Opening, false, "vest-powers", vested);
        let head = json!({
            "office": OFFICE, "official": self.head.actor, "role": self.head.role,
            "powers": [POWER.0, OTHER_POWER], "order": order("2-k"),
        });
        let appointed = self.give(on, Hour::Opening, false, "appoint-official", head);
        let clerk = json!({
            "office": OFFICE, "official": self.clerk.actor, "role": self.clerk.role,
            "order": order("3-k"),
        });
        self.give(on, Hour::Opening, false, "appoint-official", clerk);
        (registered, appointed)
    }
}

impl Town {
    /// Gives the commands of the town. The act that distributes the share is entered by a lawyer.
    pub(super) fn tell(agenda: &mut Agenda, lawyer: &Actor) -> Self {
        let (first, second, third) = (date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6));
        let head = agenda.official("head-of-department", OFFICE);
        let clerk = agenda.official("clerk", OFFICE);
        let power = json!({
            "power": OTHER_POWER, "titles": {"en": "places in schools for children of migrants"},
            "document": "law-477-2011", "point": OTHER_POINT, "from": "2020-05-14",
            "certainty": "assumed", "source": "migration law art. 15; its first day is assumed",
        });
        agenda.give(
            first,
            Hour::Opening,
            Draft::new("record-other-power", lawyer, power),
        );
        let mut days = Days {
            agenda,
            head,
            clerk,
        };
        let (registered, appointed) = days.staff(first);
        let paper = |what: &str| Sha256Hex::of(format!("{OFFICE}: {what}").as_bytes());
        let application = json!({
            "kind": "application", "issuer": "synthetic-plant", "language": "kk",
            "sha256": paper("application for a permit"),
        });
        let came_in = days.give(first, Hour::Morning, true, "register-incoming", application);
        let without_power = days.permit(first, Hour::Noon, true, TOWN);
        let without_share = days.permit(first, Hour::Afternoon, false, TOWN);
        let act = json!({
            "act": DISTRIBUTION, "kind": "order", "body": "nobody: this act is invented",
            "titles": {"en": "Invented: the quota for foreign labour of an invented town in 2024"},
            "language": "en", "adopted_on": "2024-02-23", "in_force_on": "2024-03-01",
            "entry_into_force": {"rule": "unknown"}, "document": DISTRIBUTION,
            "wording": "first", "synthetic": true, "source": "invented for the demonstration",
        });
        let share = json!({
            "territory": TOWN, "year": "2024", "act": DISTRIBUTION,
            "lines": [
                {"category": "category-3", "places": "40"},
                {"category": "seasonal", "places": "15"},
            ],
        });
        let mut enter = |type_name, data| {
            let draft = Draft::new(type_name, lawyer, data);
            days.agenda.give(second, Hour::Opening, draft)
        };
        enter("record-act", act);
        let distributed = enter("distribute-labour-share", share);
        let granted = days.permit(second, Hour::Noon, false, TOWN);
        let answer = json!({
            "kind": "decision", "addressee": "synthetic-plant", "way": "post", "language": "kk",
            "sha256": paper("permit"), "answers": {"year": "2024", "number": "1"},
        });
        let went_out = days.give(second, Hour::Afternoon, true, "register-outgoing", answer);
        let elsewhere = days.permit(third, Hour::Noon, false, "almaty");
        Self {
            registered,
            appointed,
            came_in,
            without_power,
            without_share,
            distributed,
            granted,
            went_out,
            elsewhere,
            officials: (days.head, days.clerk),
        }
    }
}

//! What was written down wrongly is said anew, what the setter changes is counted anew, and what was decided on paper is
//! recorded late (preamble, points 3 and 6): a calendar, an act of the setter, a counting rule within the year, an inclusion.

use jiff::civil::{Date, date};
use qonys_events::{
    digest::Sha256Hex, entry::Actor, id::Line, scalar::Position, term::QuotaAction,
};
use qonys_projections::{cell::TableRow as _, quota::LimitRow};
use serde_json::{Value, json};

use super::{
    chapter::{Chapter, Teller, draft},
    town::TOWN,
};
use crate::{
    demo::{
        agenda::{Agenda, Draft, Hour, by},
        names::Names,
        year::FIRST,
    },
    http::listing,
    queries::report_digest,
};

/// The last of the calendars of [`super::Telling::open`], and what comes after it, by their places in the register's stream.
const CALENDAR: (&str, &str) = ("5", "2027");
const TOWN_SET: &str = "7";
/// The positions of the limit that is corrected: the log is opened, five calendars, an act, what it says, its line.
const TOWN_LIMIT: Position = Position(9);
/// The invented act whose entry is corrected.
const TOWN_ORDER: &str = "synthetic-town-order-2023";
const MISTYPED: u64 = 51;
/// An invented village whose setter changes the counting rule in the middle of the year.
const VILLAGE: &str = "synthetic-village";
const VILLAGE_ORDERS: [(&str, &str); 2] = [
    ("synthetic-village-order-2024", "2024-02-12"),
    ("synthetic-village-order-2024-06", "2024-06-10"),
];

fn act(name: &str, in_force_on: &str) -> Value {
    json!({
        "act": name, "kind": "order", "body": "nobody: this act is invented",
        "titles": {"en": "Invented: a regional quota of a place that does not exist"},
        "language": "en", "in_force_on": in_force_on, "entry_into_force": {"rule": "unknown"},
        "document": name, "wording": "first", "synthetic": true,
        "source": "invented for the demonstration",
    })
}

/// An act that sets one line for resettlers.
fn set(act: &str, action: &str, (territory, year): (&str, &str), rule: &str, limit: u64) -> Value {
    json!({
        "act": act, "action": action, "year": year, "rule": rule, "rule_certainty": "known",
        "lines": [{"category": "resettlers", "territory": territory, "limit": limit.to_string()}],
    })
}

/// An act of the setter whose entry has a wrong digit.
pub(super) fn mistyped(agenda: &mut Agenda, lawyer: &Actor) {
    let said = set(
        TOWN_ORDER,
        "establish",
        (TOWN, "2023"),
        "families",
        MISTYPED,
    );
    for (type_name, data) in [
        ("record-act", act(TOWN_ORDER, "2023-01-16")),
        ("set-quota", said),
    ] {
        agenda.give(FIRST, Hour::Opening, Draft::new(type_name, lawyer, data));
    }
}

/// The line of the town, as the report of the town lists it.
fn town_limit() -> LimitRow {
    let line = Line {
        category: qonys_events::term::Category::Resettlers,
        territory: TOWN.parse().expect("a territory is a name"),
        year: qonys_events::scalar::Year(2023),
        rule: "families".parse().expect("a rule is a name"),
    };
    LimitRow {
        category: line.category,
        territory: line.territory.clone(),
        quota_year: line.year,
        rule: line.rule.clone(),
        act: TOWN_ORDER.parse().expect("an act has a name"),
        action: QuotaAction::Establish,
        places: qonys_events::scalar::Count(MISTYPED),
        withdrawn: false,
        mark: None,
        recorded_from: TOWN_LIMIT,
        line,
    }
}

/// The digest of the report, and the report itself: one row, the line of the town as the register knew it then.
pub(super) fn report() -> (Sha256Hex, Value) {
    let row = town_limit();
    let list = listing::every()
        .find(|listing| listing.name() == "limits")
        .expect("there is a list of limits");
    let item = list.written(&row.row()).expect("its rows are written");
    let position = TOWN_LIMIT.to_string();
    let digest = report_digest("limits", "-", &position, &[item]);
    let snapshot = json!({
        "list": "limits", "filters": [{"name": "line", "value": row.line.to_string()}],
        "position": position, "rows": "1", "digest": digest,
    });
    (digest, snapshot)
}

/// What is said anew, and what is counted anew.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names) -> Chapter {
    let lawyer = agenda.official("lawyer", "akimat.almaty");
    let registrar = agenda.official("registrar", "state-corporation.almaty");
    let office = format!("akimat.{VILLAGE}");
    let officer = agenda.official("quota-officer", &office);
    let head = agenda.official("head-of-department", &office);
    let [first, second] = VILLAGE_ORDERS;
    let village = (VILLAGE, "2024");
    let mut t = Teller::new(agenda, names, date(2024, 2, 12));
    t.quietly(draft("record-act", &lawyer, act(first.0, first.1)));
    let determined = json!({
        "category": "resettlers", "territory": VILLAGE, "change": "determined", "act": first.0,
    });
    t.quietly(draft("change-territory", &lawyer, determined));
    let members = set(first.0, "establish", village, "principals-and-members", 30);
    t.say(
        "A village that does not exist has a quota for resettlers; it counts members of the family.",
        draft("set-quota", &lawyer, members),
    );
    let apply = |t: &mut Teller<'_>, on: Date, count: &str| {
        t.on(on);
        let applicant = t.person(&registrar, "citizen");
        t.later();
        let filed = json!({
            "applicant": by(applicant), "category": "resettlers", "territory": VILLAGE,
            "year": "2024", "members": count,
        });
        t.quietly(draft("file-application", &officer, filed))
    };
    let of = |case| json!({"application": by(case)});
    let family = apply(&mut t, date(2024, 2, 13), "3");
    t.on(date(2024, 2, 19));
    t.quietly(draft("hold-places", &officer, of(family)));
    t.on(date(2024, 2, 20));
    t.say(
        "A family of four is included.",
        draft("commit-places", &head, of(family)),
    );
    t.on(date(2024, 6, 10));
    t.quietly(draft("record-act", &lawyer, act(second.0, second.1)));
    let families = set(second.0, "amend", village, "families", 2);
    t.say(
        "In June an act of the setter counts families instead. It is recorded, whatever it does to what was counted before.",
        draft("set-quota", &lawyer, families),
    );
    let next = apply(&mut t, date(2024, 6, 11), "1");
    let third = apply(&mut t, date(2024, 6, 11), "2");
    t.on(date(2024, 6, 12));
    t.say(
        "rules never mix: while somebody stands counted by the old one, nobody is held a place by the new one.",
        draft("hold-places", &officer, of(next)),
    );
    t.on(date(2024, 6, 13));
    t.say_with(
        "The inclusion is counted anew, as one family, from the first day of the new rule. It is the same inclusion.",
        &["counted-before", "counting-rule", "places"],
        draft("recount-places", &head, of(family)).effective(date(2024, 6, 10)),
    );
    t.later();
    t.say_with(
        "Now the next family gets its place.",
        &["places", "headroom"],
        draft("hold-places", &officer, of(next)),
    );
    t.on(date(2024, 6, 17));
    t.say(
        "A head of department adopts it.",
        draft("commit-places", &head, of(next)),
    );
    t.on(date(2024, 8, 12));
    let paper = |what: &str| Sha256Hex::of(what.as_bytes());
    let proved = json!({
        "application": by(third), "official": head.actor, "document": paper("a decision of June"),
        "proved_by": "register-of-decisions", "proof": paper("the page of the register"),
    });
    t.say_with(
        "A decision of June turns up on paper: a third family was included then, and the register of the village proves it. It is recorded all the same, by another official, over the limit.",
        &["places", "limit", "over-committed-by"],
        draft("record-earlier-inclusion", &officer, proved).decided_on(date(2024, 6, 14)),
    );
    let fourth = apply(&mut t, date(2024, 8, 12), "0");
    t.on(date(2024, 8, 13));
    t.say(
        "while the line is over-committed, nobody is held a place there.",
        draft("hold-places", &officer, of(fourth)),
    );
    let (entry, year) = CALENDAR;
    let calendar = json!({
        "year": year, "weekly_rest": ["saturday", "sunday"],
        "days_off": [format!("{year}-01-01"), format!("{year}-01-02"), format!("{year}-12-16")],
        "synthetic": true, "source": "invented for the demonstration",
    });
    let right = json!({
        "entry": entry, "reason": "a day off was left out",
        "record": {"of": "calendar", "says": calendar},
    });
    t.say(
        "A day off was left out of an invented calendar: the whole of it is said anew.",
        draft("correct-law", &lawyer, right),
    );
    t.on(date(2024, 8, 14));
    let right = json!({
        "entry": TOWN_SET, "reason": "two digits stand the wrong way round, and the act counts principals",
        "set": set(TOWN_ORDER, "establish", (TOWN, "2023"), "principals", 15),
    });
    t.say(
        "In an act of the setter two digits stand the wrong way round, and it counts by another rule. The report that was frozen before says what was known then, and still holds.",
        draft("correct-quota", &lawyer, right),
    );
    t.told("What was written down wrongly, what is counted anew, and what turns up late")
}

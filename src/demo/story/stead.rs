//! Who acts for the invented town (point 11): an acting official whose order begins later, a delegation, a power without a
//! command of its own, what becomes of a permit, a report, the end of the office.

use jiff::civil::{Date, date};
use qonys_events::{digest::Sha256Hex, entry::Actor, id::Ref};
use serde_json::json;

use super::{
    PAPER, anew,
    chapter::{Chapter, Teller, draft},
    town::{DISTRIBUTION, OFFICE, OTHER_POWER, TOWN},
};
use crate::demo::{
    agenda::{Agenda, by},
    names::Names,
};

/// What follows in the town after the permit was granted.
pub(super) fn tell(
    agenda: &mut Agenda,
    names: &mut Names,
    (head, clerk): (&Actor, &Actor),
    permit: Ref,
) -> Chapter {
    let lawyer = agenda.official("lawyer", "akimat.almaty");
    let order = |number: &str, on: Date| json!({"number": number, "dated": on.to_string()});
    let mut t = Teller::new(agenda, names, date(2024, 3, 7));
    let registered = json!({
        "act": DISTRIBUTION, "date": "registered", "on": "2024-02-27",
        "source": "invented for the demonstration",
    });
    t.say(
        "When the invented act was registered became known later: a date of its own.",
        draft("record-act-date", &lawyer, registered),
    );
    let exercised = json!({"power": OTHER_POWER, "document": PAPER});
    t.say(
        "The head gives places in a school, by a power of the catalogue that has no command of its own.",
        draft("exercise-power", head, exercised.clone()),
    );
    t.on(date(2024, 3, 8));
    let acting = json!({
        "office": OFFICE, "official": clerk.actor, "absent": head.actor, "until": "2024-03-25",
        "order": order("4-k", date(2024, 3, 8)),
    });
    t.say(
        "The head will be away: the clerk acts for him from Monday on, by order 4-k.",
        draft("appoint-acting", head, acting).effective(date(2024, 3, 11)),
    );
    t.later();
    let stead = Actor {
        role: head.role.clone(),
        onbehalfof: Some(head.actor),
        ..clerk.clone()
    };
    let on_permit = |more: &[(&str, &str)]| {
        let mut data = json!({"territory": TOWN, "permit": by(permit)});
        for (name, value) in more {
            data[*name] = json!(value);
        }
        data
    };
    let extend = || on_permit(&[("until", "2025-09-05")]);
    t.say(
        "on Friday the order does not yet let him.",
        draft("extend-labour-permit", &stead, extend()),
    );
    t.on(date(2024, 3, 11));
    let counts = json!({
        "norm": "labour-extension.counts", "document": DISTRIBUTION, "point": "3", "value": "0",
        "unit": "one-is-yes", "from": "2024-03-01", "certainty": "assumed",
        "source": "invented for the demonstration",
    });
    t.quietly(draft("record-norm", &lawyer, counts));
    t.say_with(
        "On Monday the clerk extends the permit in his stead.",
        &["places"],
        draft("extend-labour-permit", &stead, extend()),
    );
    let paper = |what: &str| Sha256Hex::of(what.as_bytes()).to_string();
    let step = |what: &str| on_permit(&[("document", &paper(what))]);
    t.on(date(2024, 3, 25));
    t.say(
        "The head is back and suspends it.",
        draft("suspend-labour-permit", head, step("s")),
    );
    let delegated = json!({
        "office": OFFICE, "by": head.actor, "official": clerk.actor, "powers": [OTHER_POWER],
        "order": order("5-k", date(2024, 3, 25)),
    });
    t.say(
        "He delegates one power of his own to the clerk.",
        draft("delegate-powers", head, delegated),
    );
    t.on(date(2024, 4, 1));
    t.say(
        "The permit is valid again.",
        draft("resume-labour-permit", head, step("r")),
    );
    let ended = json!({
        "office": OFFICE, "assignment": DELEGATION, "order": order("6-k", date(2024, 4, 1)),
    });
    t.say(
        "The delegation ends by an order.",
        draft("end-assignment", head, ended),
    );
    t.on(date(2024, 6, 17));
    t.say(
        "The permit is withdrawn for good.",
        draft("withdraw-labour-permit", head, step("w")),
    );
    t.on(date(2024, 7, 1));
    let (digest, snapshot) = anew::report();
    let frozen = json!({
        "kind": "regional-quota-lines", "addressee": "an authorised body that does not exist",
        "snapshot": snapshot,
    });
    let report = t.say(
        "A report to the authorised body is frozen: a list at a position, with its digest. It has the one line of the town, with 51 places.",
        draft("freeze-report", head, frozen),
    );
    t.later();
    let signed = json!({
        "report": by(report), "digest": digest, "document": paper("signed report"),
    });
    t.say(
        "The head signs exactly that. Whoever has the log computes it again: qonys report check.",
        draft("sign-report", head, signed),
    );
    t.on(date(2024, 8, 19));
    let ended = json!({
        "norm": "labour-extension.counts", "until": "2025-01-01",
        "source": "invented for the demonstration",
    });
    t.say(
        "The norm on extensions ends with the year; what was decided by it stands.",
        draft("end-norm", &lawyer, ended),
    );
    t.on(date(2024, 8, 26));
    let closed = json!({"office": OFFICE, "order": order("7-k", date(2024, 8, 26))});
    t.say(
        "The office is closed. What was decided for it stands.",
        draft("close-office", head, closed),
    );
    t.told("Who may act for whom, and what becomes of a permit")
}

/// The place of the delegation in the office's stream: office, two times powers, two officials, an exercised power and an
/// acting stand before it.
const DELEGATION: &str = "8";

//! A person who is recorded, whose data are blocked on request, unblocked, and destroyed by two people once no duty keeps them.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::{
    PAPER,
    chapter::{Chapter, Teller, draft},
    town::DISTRIBUTION,
};
use crate::demo::{
    agenda::{Agenda, by},
    names::Names,
};

/// A person of whom nothing is left but a reference.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names) -> Chapter {
    let (lawyer, registrar, officer) = (
        agenda.official("lawyer", "akimat.almaty"),
        agenda.official("registrar", "police.almaty"),
        agenda.official("quota-officer", "akimat.almaty"),
    );
    let mut t = Teller::new(agenda, names, date(2024, 3, 14));
    let archive = json!({
        "norm": "personal-data.archive.months", "document": DISTRIBUTION, "point": "9", "value": "6", "unit": "months",
        "from": "2024-03-01", "certainty": "assumed", "source": "invented for the demonstration",
    });
    t.quietly(draft("record-norm", &lawyer, archive));
    t.later();
    let person = t.person(&registrar, "citizen");
    let of = |requested_on: Date, more: &[(&str, &str)]| -> Value {
        let mut data = json!({
            "person": by(person), "document": PAPER, "requested_on": requested_on.to_string(),
        });
        for (name, value) in more {
            data[*name] = json!(value);
        }
        data
    };
    let destroy = |requested_on: Date| {
        json!({
            "of": "person", "subject": by(person), "ground": "relation-ended", "document": PAPER,
            "requested_on": requested_on.to_string(),
        })
    };
    t.on(date(2024, 4, 2));
    t.say_with(
        "Somebody says that the record of him is wrong: the data are blocked within one working day, and nobody is shown them.",
        &["requested-on"],
        draft("block-personal-data", &registrar, of(date(2024, 4, 1), &[("reason", "accuracy-disputed")])),
    );
    t.on(date(2024, 4, 3));
    t.say(
        "While they are blocked nothing is destroyed.",
        draft("propose-destruction", &registrar, destroy(date(2024, 4, 2))),
    );
    t.later();
    t.say(
        "They turn out right, and are unblocked.",
        draft(
            "unblock-personal-data",
            &registrar,
            of(date(2024, 4, 3), &[]),
        ),
    );
    t.on(date(2024, 6, 4));
    t.say(
        "He asks for their destruction: the archive keeps them for six months.",
        draft("propose-destruction", &registrar, destroy(date(2024, 6, 3))),
    );
    t.on(date(2024, 10, 1));
    t.say_with(
        "In October no duty keeps them: the registrar proposes to destroy them.",
        &["archive-until"],
        draft(
            "propose-destruction",
            &registrar,
            destroy(date(2024, 9, 30)),
        ),
    );
    let order = json!({"of": "person", "subject": by(person)});
    t.say(
        "Who proposes it does not adopt it himself.",
        draft("destroy-personal-data", &registrar, order.clone()),
    );
    t.say(
        "Another official does: they are destroyed for good. The entry stays, and its receipt is the proof.",
        draft("destroy-personal-data", &officer, order),
    );
    t.told("Personal data: blocked, unblocked, destroyed")
}

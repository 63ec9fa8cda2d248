//! What happens to registrations (points 9 and 10): consent, a family that moves in, a guest from abroad, corrections, a
//! birth, a death, a house that is pulled down.

use jiff::civil::date;
use qonys_events::id::Ref;
use serde_json::{Value, json};

use super::{
    PAPER,
    chapter::{Chapter, Teller, draft},
};
use crate::demo::{
    agenda::{Agenda, by},
    names::Names,
};

/// A house and the people in it. `state_flat` is the flat of 45.00 m2 in which three live.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names, state_flat: Ref) -> Chapter {
    let registrar = agenda.official("registrar", "state-corporation.almaty");
    let police = agenda.official("registrar", "police.almaty");
    let mut t = Teller::new(agenda, names, date(2024, 2, 27));
    let owner = t.person(&registrar, "citizen");
    let mother = t.person(&registrar, "citizen");
    let child = t.person(&registrar, "citizen");
    let guest_name =
        json!({"name": "Үлгі Қонақ", "document": "SYN-P-000003", "born-on": "1890-05-01"});
    let recorded = json!({"kind": "foreigner", "document": "foreign-passport"});
    let guest = t.say(
        "A guest from abroad has no IIN: a passport is what identifies him, and it is sealed.",
        draft("record-person", &police, recorded).personal(guest_name),
    );
    let holder = json!({"holder": "person", "person": by(owner)});
    let house = json!({
        "fund": "private", "useful_area": "6200", "district": "bostandyk",
        "holding": {"title": "ownership", "holders": [holder], "document": PAPER},
    });
    let address = t.names.address();
    let house = t.quietly(draft("record-dwelling", &registrar, house).personal(address));
    t.later();
    let lives = |person: Ref, more: Value| {
        let mut data = json!({
            "person": by(person), "dwelling": by(house), "body": "state-corporation", "age": "from-14",
        });
        for (name, value) in more.as_object().expect("an object") {
            data[name] = value.clone();
        }
        data
    };
    t.say(
        "The owner of a house registers there by her own right.",
        draft(
            "register-residence",
            &registrar,
            lives(owner, json!({"consent": "owner-himself"})),
        ),
    );
    t.on(date(2024, 2, 28));
    let alone = lives(child, json!({"consent": "owners", "age": "under-14"}));
    t.say(
        "a child of three is not registered there alone.",
        draft("register-residence", &registrar, alone),
    );
    t.later();
    let consent = |person: Ref| {
        json!({
            "dwelling": by(house), "holder": holder, "person": by(person), "scope": "both",
            "document": PAPER,
        })
    };
    t.say(
        "The owner consents to the registration of a mother and her child.",
        draft("give-consent", &registrar, consent(mother)),
    );
    t.quietly(draft("give-consent", &registrar, consent(child)));
    t.on(date(2024, 2, 29));
    let family = json!({
        "members": [
            {"person": by(mother), "age": "from-14"},
            {"person": by(child), "age": "under-14", "with": {"with": "parent", "person": by(mother)}},
        ],
        "dwelling": by(house), "body": "state-corporation", "consent": "owners",
    });
    t.say(
        "They are registered together, in one decision.",
        draft("register-family", &registrar, family),
    );

    t.on(date(2024, 3, 4));
    let arrival = json!({"person": by(guest), "dwelling": by(house)});
    t.say(
        "The host reports the guest from abroad.",
        draft("report-arrival", &police, arrival).effective(date(2024, 3, 1)),
    );
    let mut stay = json!({
        "person": by(guest), "dwelling": by(house), "body": "police", "consent": "owners",
        "until": "2024-03-21", "consents": [{"holder": holder, "document": PAPER}],
    });
    t.say_with(
        "His stay is registered: it has an end, and its days are counted.",
        &[
            "days-in-a-row",
            "days-at-once",
            "rolling-days",
            "days-in-window",
        ],
        draft("register-stay", &police, stay.clone()).effective(date(2024, 3, 1)),
    );
    t.on(date(2024, 3, 15));
    let longer = json!({
        "person": by(guest), "dwelling": by(house), "consent": "owners", "until": "2024-04-15",
        "consents": [{"holder": holder, "document": PAPER}],
    });
    t.say_with(
        "It is extended beyond the limit of days at once. The register shows that and bars nothing.",
        &["days-in-a-row", "days-at-once"],
        draft("extend-stay", &police, longer),
    );
    t.on(date(2024, 3, 25));
    let left = json!({"person": by(guest), "dwelling": by(house), "reason": "departed"});
    t.say("He leaves earlier.", draft("end-stay", &police, left));
    t.on(date(2024, 3, 26));
    stay["until"] = json!("2024-03-25");
    let right = json!({"entry": "3", "reason": "documents", "stay": stay});
    t.say(
        "His ticket shows that he came a day later: a full new fact supersedes the first one.",
        draft("correct-stay", &police, right).effective(date(2024, 3, 2)),
    );
    let name =
        json!({"name": "Үлгіұлы Қонақ", "document": "SYN-P-000003", "born-on": "1890-05-01"});
    let person = json!({
        "person": by(guest), "entry": "1", "reason": "clerical", "kind": "foreigner",
        "document": "foreign-passport",
    });
    t.say(
        "So does his name, which was written down wrongly.",
        draft("correct-person", &police, person).personal(name),
    );

    // A move that was written down for a wrong day.
    t.on(date(2024, 3, 4));
    let cottage = json!({
        "fund": "private", "useful_area": "4100", "district": "auezov",
        "holding": {"title": "ownership", "holders": [holder], "document": PAPER},
    });
    let address = t.names.address();
    let cottage = t.quietly(draft("record-dwelling", &registrar, cottage).personal(address));
    let tenant = t.person(&registrar, "citizen");
    t.later();
    let by_consent =
        json!({"consent": "owners", "consents": [{"holder": holder, "document": PAPER}]});
    let there = lives(tenant, by_consent);
    t.quietly(draft("register-residence", &registrar, there.clone()));
    t.on(date(2024, 3, 13));
    let mut moved = there;
    moved["dwelling"] = json!(by(cottage));
    t.say(
        "A tenant of hers moves from the house to a cottage: one residence ends and the other begins, in one decision.",
        draft("register-residence", &registrar, moved.clone()),
    );
    t.on(date(2024, 3, 20));
    let right = json!({"entry": "4", "reason": "documents", "registration": moved});
    t.say(
        "It was two days earlier: both halves of the move are said anew, and nobody is without a residence in between.",
        draft("correct-move", &registrar, right).effective(date(2024, 3, 11)),
    );

    t.on(date(2024, 3, 11));
    let aid = json!({"holder": "organisation", "organisation": "synthetic-legal-aid"});
    let represented = json!({
        "person": by(mother), "representative": aid, "basis": "power-of-attorney", "scope": "all",
        "document": PAPER,
    });
    t.say(
        "The mother has a representative.",
        draft("appoint-representative", &registrar, represented),
    );
    t.on(date(2024, 3, 14));
    let birth = json!({"person": by(mother), "change": "birth", "document": PAPER});
    t.say(
        "A second child is born to her. That moves nobody and ends nothing: an official is told what to look at.",
        draft("record-family-change", &registrar, birth)
            .personal(json!({"other-person": "Мысал Сәби (ойдан шығарылған)"})),
    );
    t.on(date(2024, 3, 18));
    let earlier = json!({
        "entry": "2", "reason": "documents",
        "registration": lives(mother, json!({"consent": "owners"})),
    });
    t.say(
        "The mother had moved in a day earlier than was written down.",
        draft("correct-residence", &registrar, earlier).effective(date(2024, 2, 28)),
    );
    let corrected = json!({
        "dwelling": by(house), "entry": "1", "reason": "documents", "fund": "private",
        "useful_area": "6150", "district": "bostandyk", "premises": "living",
    });
    let address = t.names.address();
    t.say(
        "The house is described rightly, with another number in its street.",
        draft("correct-dwelling", &registrar, corrected).personal(address),
    );
    t.on(date(2024, 3, 19));
    let measured = json!({
        "dwelling": by(state_flat), "fund": "state", "useful_area": "4400", "district": "medeu",
        "premises": "living", "reason": "measured", "document": PAPER,
    });
    t.say_with(
        "The flat of the state fund with three residents is measured again. That is reported, and evicts nobody.",
        &["useful-area", "residents", "capacity", "missing-area"],
        draft("change-dwelling", &registrar, measured),
    );
    t.on(date(2024, 4, 22));
    let withdrawn = json!({"dwelling": by(house), "holder": holder, "person": by(mother)});
    t.say(
        "The owner withdraws her consent. A registration that was made under it stands.",
        draft("withdraw-consent", &registrar, withdrawn),
    );
    t.on(date(2024, 5, 13));
    let died = json!({"person": by(owner), "document": PAPER});
    t.say(
        "The owner dies: every registration of hers ends on that day.",
        draft("record-death", &registrar, died).effective(date(2024, 5, 10)),
    );
    let ended = json!({"person": by(mother), "representative": aid});
    t.say(
        "The mother's representative acts for her no more.",
        draft("end-representation", &registrar, ended),
    );
    t.on(date(2024, 6, 3));
    let pulled_down = json!({"dwelling": by(house), "document": PAPER});
    t.say(
        "The house is pulled down. Nobody is registered there any more; who still is, is counted.",
        draft("destroy-dwelling", &registrar, pulled_down),
    );
    t.told("A house and the people in it")
}

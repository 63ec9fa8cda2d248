//! A case from the first paper to the review (point 6), and what becomes of cases that nobody decides.

use jiff::civil::date;
use qonys_events::{digest::Sha256Hex, id::Ref};
use serde_json::json;

use super::{
    APPEAL, PAPER,
    chapter::{Chapter, Teller, draft},
};
use crate::demo::{
    agenda::{Agenda, by},
    names::Names,
};

/// A refusal is contested and annulled; support is paid and claimed back; a status ends and the place stays.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names, first_family: Ref) -> [Chapter; 2] {
    let officer = agenda.official("quota-officer", "akimat.almaty");
    let head = agenda.official("head-of-department", "akimat.almaty");
    let deputy = agenda.official("deputy-akim", "akimat.almaty");
    let lawyer = agenda.official("lawyer", "akimat.almaty");
    let clerk = agenda.official("clerk", "akimat.almaty");
    let registrar = agenda.official("registrar", "state-corporation.almaty");
    let reviewer = agenda.official("reviewer", "authorised-body");
    let determines = agenda.official("nationality-officer", "akimat.almaty");
    let members =
        ["commission-1", "commission-2"].map(|role| agenda.official(role, "akimat.almaty"));
    let recused = agenda.official("commission-3", "akimat.almaty");
    let paper = |what: &str| Sha256Hex::of(what.as_bytes());

    let mut t = Teller::new(agenda, names, date(2024, 2, 6));
    let power = json!({
        "decisions": ["kazakh-nationality"], "document": "law-477-2011", "point": "1(13)",
        "from": "2020-05-14", "certainty": "interpretation",
        "source": "read for the demonstration: whoever grants the status determines the nationality",
    });
    t.quietly(draft("record-power", &lawyer, power));
    let applicant = t.person(&registrar, "foreigner");
    t.on(date(2024, 2, 7));
    let asked = t.say(
        "Another ethnic Kazakh asks for the status of kandas.",
        draft(
            "ask-for-status",
            &officer,
            json!({"applicant": by(applicant), "asks": "grant"}),
        ),
    );
    let passport = json!({
        "application": by(asked), "applicant": by(applicant), "kind": "identity-document",
        "issuer": "an authority that is invented", "sha256": PAPER, "translated": true,
    });
    t.say(
        "The passport is recorded with its translation; its number is sealed.",
        draft("record-document", &officer, passport).personal(json!({"number": "SYN-000002"})),
    );
    t.on(date(2024, 2, 8));
    let nationality = json!({"person": by(applicant), "document": PAPER});
    t.say(
        "Nationality is determined by the one official whose power that is; what was found is sealed.",
        draft("determine-kazakh-nationality", &determines, nationality)
            .personal(json!({"nationality": "Құжаттар бойынша анықталды (ойдан шығарылған)"})),
    );
    t.on(date(2024, 2, 12));
    let grant = json!({"person": by(applicant), "until": "2025-02-12", "application": by(asked)});
    t.say(
        "The status is granted.",
        draft("grant-kandas-status", &officer, grant),
    );
    t.on(date(2024, 2, 13));
    let filed = json!({
        "applicant": by(applicant), "category": "kandas", "territory": "almaty", "year": "2024",
        "members": "1",
    });
    let case = t.say(
        "An application for a place in the quota of Almaty follows.",
        draft("file-application", &officer, filed),
    );
    let it = || json!({"application": by(case)});
    let chosen = json!({"application": by(case), "applicant": by(applicant), "language": "ru"});
    t.say(
        "The applicant chooses the language of the case and has an interpreter.",
        draft("choose-language", &clerk, chosen)
            .personal(json!({"own-language": "монгол (ойдан)", "interpreter": "Сынақ Аудармашы"})),
    );
    t.on(date(2024, 2, 14));
    let opinion = json!({
        "application": by(case), "members": members.map(|m| m.actor), "recused": [recused.actor],
        "in_favour": "0", "against": "2", "opinion": "adverse", "minutes": PAPER,
    });
    t.say(
        "The commission gives its opinion, one member recused. It decides nothing.",
        draft("give-opinion", &clerk, opinion),
    );
    t.on(date(2024, 2, 15));
    let told = json!({
        "application": by(case), "verdict": "adverse", "way": "in-person",
        "hearing_on": "2024-02-21", "document": paper("preliminary decision: contested"),
    });
    t.say(
        "The applicant is told the preliminary decision, in time for a hearing.",
        draft("tell-preliminary-decision", &officer, told),
    );
    t.on(date(2024, 2, 16));
    let objects = json!({"application": by(case), "document": paper("objection")});
    t.say(
        "The applicant objects.",
        draft("record-objection", &clerk, objects),
    );
    t.on(date(2024, 2, 27));
    let refusal = json!({
        "application": by(case), "applicant": by(applicant), "ground": "no-consent",
        "hearing": {"choice": "held", "on": "2024-02-21"}, "appeal": APPEAL,
    });
    t.say_with(
        "A deputy akim refuses after the hearing, on one ground of the law in force.",
        &["ground-number"],
        draft("refuse-application", &deputy, refusal)
            .personal(json!({"individual-facts": "Келісім берілмеді (ойдан шығарылған)"})),
    );
    t.on(date(2024, 2, 28));
    let notified = json!({"application": by(case), "decision": "6", "way": "electronic"});
    t.say(
        "The applicant is notified.",
        draft("notify-act", &officer, notified),
    );
    t.on(date(2024, 2, 29));
    let correction = json!({
        "application": by(case), "applicant": by(applicant), "decision": "6", "document": PAPER,
    });
    t.say(
        "A clerical error in the act is put right; what it says stays.",
        draft("correct-clerical-error", &deputy, correction)
            .personal(json!({"correction": "Күні түзетілді (ойдан шығарылған)"})),
    );
    t.on(date(2024, 3, 1));
    let notice = json!({
        "application": by(case), "entry": "7", "reason": "documents",
        "record": {"of": "notice", "says": {"decision": "6", "way": "electronic"}},
    });
    t.say(
        "The notice was read a day later than was written down: a full new fact supersedes the entry.",
        draft("correct-case", &officer, notice).effective(date(2024, 2, 29)),
    );
    t.on(date(2024, 3, 4));
    let complains = json!({
        "application": by(case), "decision": "6", "by": "applicant", "document": paper("complaint"),
    });
    let complaint = t.say(
        "The applicant complains, in time; the complaint suspends the act.",
        draft("file-complaint", &clerk, complains),
    );
    t.on(date(2024, 3, 5));
    let forwarded = json!({"application": by(case), "complaint": by(complaint)});
    t.say(
        "The akimat forwards it to the body above.",
        draft("forward-complaint", &clerk, forwarded),
    );
    t.on(date(2024, 3, 25));
    let annulled = json!({
        "application": by(case), "complaint": by(complaint), "instance": "higher-body",
        "outcome": "annulled", "document": paper("decision on the complaint"),
    });
    t.say(
        "The body above annuls the refusal. The act stays readable, and the case is open again.",
        draft("decide-review", &reviewer, annulled),
    );
    t.on(date(2024, 3, 27));
    t.quietly(draft("hold-places", &officer, it()));
    t.on(date(2024, 3, 28));
    t.say(
        "Decided again, with places held the day before: included.",
        draft("commit-places", &head, it()),
    );

    // What nobody decides, and what goes elsewhere.
    t.on(date(2024, 2, 8));
    let second = t.person(&registrar, "foreigner");
    t.on(date(2024, 2, 9));
    let asked = json!({"applicant": by(second), "asks": "grant"});
    let waiting = t.quietly(draft("ask-for-status", &officer, asked));
    t.on(date(2024, 3, 5));
    t.say_with(
        "Nobody has decided on another application in time: the term that ran out counts as a refusal.",
        &["working-days", "deadline"],
        draft("find-deemed-refusal", &officer, json!({"application": by(waiting)})),
    );
    t.on(date(2024, 3, 6));
    t.say(
        "That applicant withdraws.",
        draft(
            "withdraw-application",
            &clerk,
            json!({"application": by(waiting)}),
        ),
    );
    // A term that was extended.
    t.on(date(2024, 2, 12));
    let third = t.person(&registrar, "foreigner");
    t.later();
    let asked = json!({"applicant": by(third), "asks": "grant"});
    let longer = t.quietly(draft("ask-for-status", &officer, asked));
    t.on(date(2024, 3, 1));
    let extended = json!({
        "application": by(longer), "applicant": by(third), "until": "2024-03-29",
        "document": paper("decision to extend the term"),
    });
    t.say_with(
        "In another case papers are awaited from abroad: a reasoned decision extends the term while it runs.",
        &["deadline", "latest-deadline", "extended-until"],
        draft("extend-term", &head, extended)
            .personal(json!({"reason": "Шетелден құжат күтіледі (ойдан шығарылған)"})),
    );
    t.on(date(2024, 3, 5));
    let told = json!({"application": by(longer), "decision": "2", "way": "electronic"});
    t.say(
        "The applicant is told of it within the term for that.",
        draft("notify-act", &officer, told),
    );
    t.on(date(2024, 3, 29));
    t.say(
        "on its last day the extended term still runs: silence is no refusal yet.",
        draft(
            "find-deemed-refusal",
            &officer,
            json!({"application": by(longer)}),
        ),
    );
    t.on(date(2024, 4, 1));
    t.say_with(
        "The papers never came, and nobody decided: it ran out.",
        &["first-deadline", "deadline"],
        draft(
            "find-deemed-refusal",
            &officer,
            json!({"application": by(longer)}),
        ),
    );
    t.on(date(2024, 2, 20));
    let filed = json!({
        "applicant": by(second), "category": "kandas", "territory": "almaty", "year": "2024",
        "members": "0",
    });
    let moving = t.quietly(draft("file-application", &officer, filed));
    t.on(date(2024, 3, 7));
    let handed = json!({"application": by(moving), "to": "synthetic-north", "document": PAPER});
    t.say(
        "A third case is handed over to the region where the family wants to live.",
        draft("transfer-case", &officer, handed),
    );
    t.on(date(2024, 12, 16));
    let ended = json!({
        "power": "kazakh-nationality", "document": "law-477-2011", "point": "1(13)",
        "until": "2025-01-01", "source": "the reading was made for the demonstration of 2024",
    });
    t.say(
        "The power to determine nationality, a reading, ends with the year.",
        draft("end-power", &lawyer, ended),
    );
    let contested = t.told("A refusal is contested, and annulled");

    let mut t = Teller::new(agenda, names, date(2024, 4, 3));
    let support = json!({"application": by(case), "kind": "one-off", "amount": "516880"});
    t.say(
        "The included family receives support, in tenge.",
        draft("pay-support", &head, support),
    );
    t.on(date(2024, 6, 3));
    let moved = json!({
        "application": by(case), "to": "synthetic-south", "own_will": true, "permanent": true,
    });
    t.say_with(
        "It moves to another region for good, by its own will. Nothing holds it back; a finding is raised.",
        &["repayment", "moved-to", "support"],
        draft("record-move", &officer, moved),
    );
    t.on(date(2024, 6, 4));
    t.say(
        "The kandas refuses the citizenship: a finding of another rule.",
        draft(
            "refuse-citizenship",
            &officer,
            json!({"application": by(case)}),
        ),
    );
    t.on(date(2024, 6, 10));
    let claim = json!({"application": by(case), "finding": "16", "amount": "516880"});
    t.say(
        "A head of department opens the claim. The register finds, an official claims.",
        draft("open-repayment-claim", &head, claim),
    );
    t.on(date(2024, 6, 28));
    let paid = json!({"application": by(case), "finding": "16", "amount": "516880", "document": paper("payment order")});
    t.say(
        "The family pays the support back: nothing is owed on the finding, and no duty to keep its data rests on it.",
        draft("record-repayment", &officer, paid),
    );
    let none =
        json!({"application": by(case), "finding": "18", "document": paper("no claim is opened")});
    t.say(
        "No claim is opened on the other finding: the same support would be paid back twice.",
        draft("withdraw-repayment-claim", &head, none),
    );
    t.on(date(2024, 7, 15));
    let citizen = json!({"person": by(first_family), "ground": "citizenship-obtained"});
    t.say(
        "The kandas of the first chapter becomes a citizen: the status ends, the place in the quota stays.",
        draft("end-kandas-status", &head, citizen),
    );
    t.on(date(2024, 8, 12));
    let extended = json!({"person": by(applicant), "until": "2026-02-12"});
    t.say(
        "The other one's status is extended from the day on which it would have ended.",
        draft("extend-kandas-status", &head, extended),
    );
    let after = t.told("Support, and what may have to be paid back");
    [contested, after]
}

//! Every reason that blocks registration (points 9 and 10), through the one door of commands.

use serde_json::{Value, json};

use crate::world::World;

/// A day on which everything of these tests is in force.
const DAY: &str = "2024-03-01";

/// The SHA-256 of a paper that nobody reads here.
fn paper() -> String {
    "00".repeat(32)
}

fn owner() -> Value {
    json!({"holder": "organisation", "organisation": "owner"})
}

/// A town with its powers and norms: a person, a home of state housing for three, and another one.
struct Town {
    world: World,
    person: String,
    home: String,
    other: String,
}

impl Town {
    fn new() -> Self {
        let mut world = World::open();
        for decision in [
            "residence-registration",
            "stay-registration",
            "housing-norm",
        ] {
            let power = json!({"decisions": [decision], "document": "law-477-2011", "point": "9", "from": "2011-07-22",
                "certainty": "known", "source": "test"});
            world.must("record-power", power, "2024-01-01");
        }
        world.norm("housing-provision.useful-area", 1_500);
        world.norm("housing-provision.over-norm-blocks", 1);
        world.norm("housing-provision.family-together", 0);
        world.norm("adaptation-centre.months", 12);
        let mut town = Self {
            world,
            person: String::new(),
            home: String::new(),
            other: String::new(),
        };
        town.person = town.someone("citizen");
        town.home = town.dwelling("living", true);
        town.other = town.dwelling("living", true);
        town
    }

    fn someone(&mut self, kind: &str) -> String {
        let data = json!({"kind": kind});
        self.world
            .must("record-person", data, "2024-01-02")
            .to_string()
    }

    /// A dwelling of state housing with 45.00 m2, held by its owner or by nobody that is recorded.
    fn dwelling(&mut self, premises: &str, held: bool) -> String {
        let mut data = json!({"fund": "state", "useful_area": "4500", "district": "medeu", "premises": premises});
        if held {
            data["holding"] =
                json!({"title": "ownership", "holders": [owner()], "document": paper()});
        }
        self.world
            .must("record-dwelling", data, "2024-01-02")
            .to_string()
    }

    fn residence(&self, person: &str, dwelling: &str) -> Value {
        json!({"person": person, "dwelling": dwelling, "body": "police", "consent": "owners", "age": "from-14",
            "consents": [{"holder": owner(), "document": paper()}]})
    }

    fn stay(&self, person: &str, dwelling: &str, until: &str) -> Value {
        json!({"person": person, "dwelling": dwelling, "body": "police", "consent": "owners", "until": until,
            "consents": [{"holder": owner(), "document": paper()}]})
    }

    #[track_caller]
    fn must(&mut self, type_name: &str, data: Value) {
        self.world.must(type_name, data, DAY);
    }

    #[track_caller]
    fn blocked(&mut self, type_name: &str, data: Value, code: &str) {
        self.world.blocked(type_name, data, DAY, code);
    }
}

#[test]
pub fn a_residence_has_one_place_and_one_beginning() {
    let mut t = Town::new();
    let at_home = t.residence(&t.person, &t.home);
    t.blocked(
        "end-residence",
        json!({"person": t.person, "reason": "departed"}),
        "no-residence",
    );
    t.must("register-residence", at_home.clone());
    t.blocked("register-residence", at_home, "already-resident");
    t.blocked(
        "end-residence",
        json!({"person": t.person, "reason": "moved"}),
        "ground-does-not-fit",
    );
    // An earlier day would fall into a row of registrations that is recorded already.
    let elsewhere = t.residence(&t.person, &t.other);
    t.world.blocked(
        "register-residence",
        elsewhere,
        "2024-02-01",
        "registration-overlaps",
    );
    let nobody = "00000000-0000-4000-8000-00000000ffff";
    let lost = t.residence(&t.person, nobody);
    t.blocked("register-residence", lost, "dwelling-not-found");
}

#[test]
pub fn a_stay_has_an_end_and_another_place() {
    let mut t = Town::new();
    let at_home = t.residence(&t.person, &t.home);
    t.must("register-residence", at_home);
    let beside = t.stay(&t.person, &t.home, "2024-05-01");
    t.blocked("register-stay", beside, "stay-at-residence");
    let endless = t.stay(&t.person, &t.other, DAY);
    t.blocked("register-stay", endless, "stay-without-end");
    let ended = json!({"person": t.person, "dwelling": t.other, "reason": "departed"});
    t.blocked("end-stay", ended, "no-stay");
    let arrival = json!({"person": t.person, "dwelling": t.other});
    t.blocked("report-arrival", arrival, "not-an-immigrant");
}

#[test]
pub fn a_kandas_stays_in_an_adaptation_centre_for_the_term_in_force() {
    let mut t = Town::new();
    let centre = t.dwelling("adaptation-centre", true);
    let kandas = t.someone("foreigner");
    t.must("grant-kandas-status", json!({"person": kandas}));
    let long = t.stay(&kandas, &centre, "2025-03-02");
    t.blocked("register-stay", long, "adaptation-term");
    let in_time = t.stay(&kandas, &centre, "2025-03-01");
    t.must("register-stay", in_time);
}

#[test]
pub fn whoever_holds_the_dwelling_consents() {
    let mut t = Town::new();
    let mut registration = t.residence(&t.person, &t.home);
    registration["consents"] = json!([]);
    t.blocked("register-residence", registration.clone(), "no-consent");
    registration["consents"] = json!([{"holder": {"holder": "organisation", "organisation": "stranger"}, "document": paper()}]);
    t.blocked("register-residence", registration.clone(), "not-a-holder");
    registration["consents"] = json!([]);
    registration["consent"] = json!("court");
    t.blocked("register-residence", registration, "facts-missing");
    let unlivable = t.dwelling("not-for-living", true);
    let there = t.residence(&t.person, &unlivable);
    t.blocked("register-residence", there, "not-a-living-place");
    t.must(
        "destroy-dwelling",
        json!({"dwelling": t.other, "document": paper()}),
    );
    let gone = t.residence(&t.person, &t.other);
    t.blocked("register-residence", gone, "dwelling-destroyed");
}

#[test]
pub fn a_child_is_registered_with_somebody_and_a_family_names_everybody_once() {
    let mut t = Town::new();
    let mut child = t.residence(&t.person, &t.home);
    child["age"] = json!("under-14");
    t.blocked(
        "register-residence",
        child.clone(),
        "child-without-guardian",
    );
    let parent = t.someone("citizen");
    child["with"] = json!({"with": "parent", "person": parent});
    t.blocked("register-residence", child, "guardian-not-resident");
    let family = json!({"members": [], "dwelling": t.home, "body": "police", "consent": "owners",
        "consents": [{"holder": owner(), "document": paper()}]});
    t.blocked("register-family", family, "members-malformed");
}

/// 45.00 m2 take three.
#[test]
pub fn the_fourth_has_no_room_under_the_norm_of_point_10() {
    let mut t = Town::new();
    let mut resident = String::new();
    for _ in 0..3 {
        resident = t.someone("citizen");
        let registration = t.residence(&resident, &t.home);
        t.must("register-residence", registration);
    }
    let mut fourth = t.residence(&t.person, &t.home);
    t.blocked("register-residence", fourth.clone(), "over-norm");
    // A claim alone makes nobody a ward.
    fourth["over_norm"] = json!({"ground": "ward-joins-guardian", "guardian": resident});
    t.blocked(
        "register-residence",
        fourth.clone(),
        "guardianship-not-recorded",
    );
    let guardian = json!({"person": t.person, "representative": {"holder": "person", "person": resident},
        "basis": "guardian", "scope": "all", "document": paper()});
    t.must("appoint-representative", guardian);
    t.must("register-residence", fourth);
}

#[test]
pub fn a_correction_names_an_entry_that_stands() {
    let mut t = Town::new();
    let correction = |person: &str, entry: &str| json!({"person": person, "entry": entry, "reason": "clerical", "kind": "citizen"});
    let person = t.person.clone();
    t.blocked(
        "correct-person",
        correction(&person, "7"),
        "entry-not-found",
    );
    let mut cx = t.world.context(DAY);
    for slot in &mut cx.slots {
        slot.subject = person.parse().expect("a reference");
    }
    t.world
        .give("correct-person", correction(&person, "1"), &cx)
        .unwrap_or_else(|blocked| panic!("{blocked} {:?}", blocked.facts));
    let again = t
        .world
        .give("correct-person", correction(&person, "1"), &cx);
    let blocked = again.expect_err("the first entry is superseded");
    assert_eq!(blocked.code.as_str(), "already-superseded");
    let resident = t.someone("citizen");
    let registration = t.residence(&resident, &t.home);
    t.must("register-residence", registration.clone());
    let no_move = json!({"entry": "2", "reason": "clerical", "registration": registration});
    t.blocked("correct-move", no_move, "not-a-move");
}

#[test]
pub fn a_status_is_granted_once_and_to_no_citizen() {
    let mut t = Town::new();
    let citizen = json!({"person": t.person});
    t.blocked("grant-kandas-status", citizen, "citizen-is-no-kandas");
    let foreigner = t.someone("foreigner");
    t.must("grant-kandas-status", json!({"person": foreigner}));
    t.blocked(
        "grant-kandas-status",
        json!({"person": foreigner}),
        "status-granted",
    );
    let nationality = json!({"person": foreigner, "document": paper()});
    t.blocked("determine-kazakh-nationality", nationality, "not-the-role");
    let stranger = json!({"person": t.person, "representative": owner()});
    t.blocked("end-representation", stranger, "not-a-representative");
}

//! Point 5: what the law does not forbid is a warning that the signatory confirms with a reason; which body is asked depends on
//! the date; a proposal changes no quota.

use serde_json::{Value, json};

use crate::world::World;

/// A line of Pavlodar with 100 places for kandas, 30 of them committed, and the powers of point 5.
fn world() -> World {
    let mut world = World::open();
    for decision in [
        "coming-year-quota-proposal",
        "medium-term-quota-proposal",
        "territory-exclusion-proposal",
        "foreign-labour-proposal",
    ] {
        let power = json!({"decisions": [decision], "document": "law-477-2011", "point": "15", "from": "2011-07-22",
            "certainty": "known", "source": "test"});
        world.must("record-power", power, "2024-01-01");
    }
    world.norm_between("addressee.ministry.regional-quota", 1, "2017-02-01", None);
    world.norm_between(
        "addressee.old-ministry.regional-quota",
        1,
        "2014-08-06",
        Some("2017-02-01"),
    );
    world.act("order", json!({"in_force_on": "2024-01-01"}));
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order"});
    world.must("change-territory", determined, "2024-01-02");
    let lines = json!([{"category": "kandas", "territory": "pavlodar", "limit": "100"}]);
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "known", "lines": lines});
    world.must("set-quota", quota, "2024-01-02");
    let family = world
        .applicant("kandas", "pavlodar", 29, "2024-02-01")
        .to_string();
    for step in ["hold-places", "commit-places"] {
        world.must(step, json!({"application": family}), "2024-02-01");
    }
    world
}

fn regional(direction: &str, asked: u64) -> Value {
    json!({"kind": "regional-quota", "direction": direction, "horizon": {"horizon": "coming-year", "year": "2025"},
        "lines": [{"category": "kandas", "asked": asked.to_string()}]})
}

fn draft(world: &mut World, subject: &Value, indicators: &[&str]) -> String {
    let data = json!({"subject": subject, "territory": "pavlodar", "justification": "00".repeat(32), "indicators": indicators});
    world.must("draft-proposal", data, "2024-03-01").to_string()
}

fn signature(proposal: &str, confirms: &[(&str, &str)]) -> Value {
    let confirms: Vec<_> = confirms
        .iter()
        .map(|(warning, reason)| json!({"warning": warning, "reason": reason}))
        .collect();
    json!({"proposal": proposal, "document": "11".repeat(32), "confirms": confirms})
}

#[test]
pub fn a_warning_is_confirmed_with_a_reason_or_blocks() {
    const REASON: &str = "the region closes its reception centre";
    for (subject, indicators, warning, fact) in [
        (
            regional("reduction", 29),
            &["population"][..],
            "below-use",
            ("used-kandas", "30"),
        ),
        (
            regional("increase", 100),
            &["population"],
            "against-direction",
            ("limit-kandas", "100"),
        ),
        (
            regional("reduction", 100),
            &["population"],
            "against-direction",
            ("limit-kandas", "100"),
        ),
        (
            regional("increase", 101),
            &[],
            "no-indicator",
            ("used-kandas", "30"),
        ),
        (
            json!({"kind": "territory", "change": "excluded", "category": "kandas"}),
            &["population"],
            "territory-in-use",
            ("used-places", "30"),
        ),
    ] {
        let mut world = world();
        let proposal = draft(&mut world, &subject, indicators);
        let blocked = world.blocked(
            "sign-proposal",
            signature(&proposal, &[]),
            "2024-03-05",
            "warning-not-confirmed",
        );
        assert_eq!(blocked.facts.get("warning"), Some(warning));
        assert_eq!(blocked.facts.get(fact.0), Some(fact.1));
        let other = if warning == "below-use" {
            "no-indicator"
        } else {
            "below-use"
        };
        for confirms in [
            &[(warning, REASON), (other, REASON)][..],
            &[(warning, REASON), (warning, "twice")],
        ] {
            let data = signature(&proposal, confirms);
            world.blocked("sign-proposal", data, "2024-03-05", "warning-not-given");
        }
        world.must(
            "sign-proposal",
            signature(&proposal, &[(warning, REASON)]),
            "2024-03-05",
        );
        let signed: Value = serde_json::from_str(&world.last_data()).expect("JSON");
        assert_eq!(
            signed["confirmed"],
            json!([{"warning": warning, "reason": REASON}])
        );
        assert_eq!(signed["facts"][fact.0], fact.1);
    }
}

/// What is there to be warned of is looked at on the day of the signature, not of the draft.
#[test]
fn what_does_not_warn_needs_no_word() {
    for subject in [regional("reduction", 30), regional("increase", 101)] {
        let mut world = world();
        let proposal = draft(&mut world, &subject, &["population"]);
        world.must("sign-proposal", signature(&proposal, &[]), "2024-03-05");
    }
    let mut world = world();
    let proposal = draft(&mut world, &regional("reduction", 30), &["population"]);
    let more = world
        .applicant("kandas", "pavlodar", 0, "2024-03-02")
        .to_string();
    world.must("hold-places", json!({"application": more}), "2024-03-04");
    world.must("sign-proposal", signature(&proposal, &[]), "2024-03-03");
    let later = draft(&mut world, &regional("reduction", 30), &["population"]);
    let blocked = world.blocked(
        "sign-proposal",
        signature(&later, &[]),
        "2024-03-04",
        "warning-not-confirmed",
    );
    assert_eq!(blocked.facts.get("used-kandas"), Some("31"));
}

#[test]
pub fn a_closed_body_is_no_addressee() {
    let mut world = world();
    let proposal = draft(&mut world, &regional("increase", 101), &["population"]);
    world.must("sign-proposal", signature(&proposal, &[]), "2024-03-05");
    let send = |authority: &str| json!({"proposal": proposal, "authority": authority, "addressee": "the ministry"});
    let blocked = world.blocked(
        "send-proposal",
        send("old-ministry"),
        "2024-03-06",
        "addressee-not-competent",
    );
    assert_eq!(
        blocked.facts.get("norm"),
        Some("addressee.old-ministry.regional-quota")
    );
    world.must("send-proposal", send("ministry"), "2024-03-06");
    let (_, sent) = world.events.last().expect("an event");
    assert!(
        sent.fact.write_data().contains(r#""point":"a point""#),
        "the competence is cited"
    );
}

/// A proposal that was accepted moves no limit: the line is what the acts of the setter say.
#[test]
fn a_proposal_changes_no_quota() {
    let mut world = world();
    let proposal = draft(&mut world, &regional("increase", 500), &["population"]);
    world.must("sign-proposal", signature(&proposal, &[]), "2024-03-05");
    let sent = json!({"proposal": proposal, "authority": "ministry", "addressee": "the ministry"});
    world.must("send-proposal", sent, "2024-03-06");
    world.must(
        "record-receipt",
        json!({"proposal": proposal, "number": "1"}),
        "2024-03-07",
    );
    let answer = json!({"proposal": proposal, "answer": "accepted", "number": "2"});
    world.must("record-answer", answer, "2024-03-20");
    world.must(
        "link-proposal",
        json!({"proposal": proposal, "act": "order"}),
        "2024-03-21",
    );
    let family = world
        .applicant("kandas", "pavlodar", 70, "2024-04-01")
        .to_string();
    let blocked = world.blocked(
        "hold-places",
        json!({"application": family}),
        "2024-04-01",
        "limit-reached",
    );
    assert_eq!(blocked.facts.get("limit"), Some("100"));
}

/// Two proposals about the same at one time are a warning; once the first is answered there is none.
#[test]
fn a_parallel_proposal_is_confirmed_with_a_reason() {
    let mut world = world();
    let first = draft(&mut world, &regional("increase", 120), &["density"]);
    let second = draft(&mut world, &regional("increase", 130), &["density"]);
    // A draft that nobody signed is no proposal yet.
    world.must("sign-proposal", signature(&first, &[]), "2024-03-02");
    let plain = signature(&second, &[]);
    let blocked = world.blocked(
        "sign-proposal",
        plain.clone(),
        "2024-03-03",
        "warning-not-confirmed",
    );
    assert_eq!(blocked.facts.get("warning"), Some("parallel-proposal"));
    assert_eq!(blocked.facts.get("parallel-proposal"), Some(first.as_str()));
    let medium = json!({"kind": "regional-quota", "direction": "increase",
        "horizon": {"horizon": "medium-term", "from": "2026", "to": "2028"}, "lines": [{"category": "kandas", "asked": "200"}]});
    let later = draft(&mut world, &medium, &["density"]);
    world.must("sign-proposal", signature(&later, &[]), "2024-03-03");
    let reason = [("parallel-proposal", "the first one is being recalled")];
    world.must("sign-proposal", signature(&second, &reason), "2024-03-04");
    world.must(
        "withdraw-proposal",
        json!({"proposal": second}),
        "2024-03-05",
    );
    // An answer may be all that is known of the receipt.
    let sent = json!({"proposal": first, "addressee": "the ministry", "authority": "ministry"});
    world.must("send-proposal", sent, "2024-03-06");
    let answer = |number: &str, granted: u64| {
        json!({"proposal": first, "answer": "in-part", "number": number,
            "granted": [{"category": "kandas", "asked": granted.to_string()}]})
    };
    world.must("record-answer", answer("7", 110), "2024-04-01");
    world.must("record-answer", answer("8", 115), "2024-05-01");
    let third = draft(&mut world, &regional("increase", 140), &["density"]);
    world.must("sign-proposal", signature(&third, &[]), "2024-05-02");
}

/// A cut of the quota for foreign labour below what permits took is a warning like one of the regional quotas.
#[test]
fn a_cut_of_foreign_labour_below_its_permits_is_confirmed() {
    let mut world = world();
    let power = json!({"decisions": ["foreign-labour-permit"], "document": "law-477-2011", "point": "37-1", "from": "2011-07-22",
        "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-02");
    let share = json!({"territory": "pavlodar", "year": "2024", "act": "order",
        "lines": [{"category": "category-3", "places": "50"}, {"category": "seasonal", "places": "9"}]});
    world.must("distribute-labour-share", share, "2024-01-02");
    let permit = json!({"territory": "pavlodar", "employer": "plant", "category": "category-3", "workers": "12", "until": "2024-12-01"});
    world.must("grant-labour-permit", permit, "2024-02-01");
    let cut = |asked: u64| {
        json!({"kind": "foreign-labour", "direction": "reduction", "year": "2024", "lines": [
            {"category": "category-3", "asked": asked.to_string(), "of_which_compatriots": "0"},
            {"category": "households", "asked": "0", "of_which_compatriots": "0"}]})
    };
    let below = draft(&mut world, &cut(11), &["density"]);
    let blocked = world.blocked(
        "sign-proposal",
        signature(&below, &[]),
        "2024-03-02",
        "warning-not-confirmed",
    );
    assert_eq!(blocked.facts.get("warning"), Some("below-use"));
    assert_eq!(
        blocked.facts.get("used-foreign-labour"),
        Some("category-3: 12")
    );
    let at_use = draft(&mut world, &cut(12), &["density"]);
    world.must("sign-proposal", signature(&at_use, &[]), "2024-03-02");
}

//! Every reason that blocks a proposal alone (point 5).

use serde_json::{Value, json};

use crate::world::World;

const DAY: &str = "2024-03-01";
const NOBODY: &str = "00000000-0000-4000-8000-00000000ffff";

fn akimat() -> World {
    let mut world = World::open();
    let power = json!({"decisions": ["coming-year-quota-proposal"], "document": "law-477-2011", "point": "15(3-1)",
        "from": "2011-07-22", "certainty": "known", "source": "test"});
    world.must("record-power", power, "2024-01-01");
    world.norm("addressee.ministry.regional-quota", 1);
    world
}

fn asking(year: &str) -> Value {
    let horizon = json!({"horizon": "coming-year", "year": year});
    let lines = json!([{"category": "kandas", "asked": "300"}]);
    json!({"subject": {"kind": "regional-quota", "direction": "increase", "horizon": horizon, "lines": lines},
        "territory": "almaty", "justification": "00".repeat(32), "indicators": ["population"]})
}

#[test]
pub fn a_proposal_looks_ahead_and_goes_step_by_step() {
    let mut world = akimat();
    world.blocked("draft-proposal", asking("2024"), DAY, "horizon-malformed");
    let unknown = json!({"proposal": NOBODY, "document": "00".repeat(32)});
    world.blocked("sign-proposal", unknown, DAY, "proposal-not-found");
    let proposal = world
        .must("draft-proposal", asking("2025"), DAY)
        .to_string();
    let unsigned =
        json!({"proposal": proposal, "authority": "ministry", "addressee": "the authorised body"});
    world.blocked("send-proposal", unsigned.clone(), DAY, "proposal-step");
    world.must(
        "sign-proposal",
        json!({"proposal": proposal, "document": "00".repeat(32)}),
        DAY,
    );
    world.must("send-proposal", unsigned, DAY);
    let link = json!({"proposal": proposal, "act": "law-477-2011"});
    world.must("link-proposal", link.clone(), DAY);
    world.blocked("link-proposal", link, DAY, "already-linked");
}

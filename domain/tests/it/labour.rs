//! The ledger of foreign labour (points 5 and 11): the share is unknown until it is recorded, nothing is granted beyond it,
//! and every reason that blocks.

use proptest::prelude::*;
use qonys_events::fact::Fact;
use serde_json::{Value, json};

use crate::world::World;

/// A world with the power; no share is recorded.
fn world() -> World {
    let mut world = World::open();
    let power = json!({"decisions": ["foreign-labour-permit"], "document": "law-477-2011", "point": "15(11)",
        "from": "2011-07-22", "certainty": "known", "source": "migration law"});
    world.must("record-power", power, "2024-01-01");
    world.act("order", json!({"in_force_on": "2024-02-01"}));
    world
}

fn share(act: &str, places: u64) -> Value {
    json!({"territory": "pavlodar", "year": "2024", "act": act,
        "lines": [{"category": "category-3", "places": places.to_string()}, {"category": "seasonal", "places": "2"}]})
}

fn grant(category: &str, workers: u64) -> Value {
    json!({"territory": "pavlodar", "employer": "plant", "category": category, "workers": workers.to_string(),
        "until": "2025-01-15"})
}

fn of(permit: &str) -> Value {
    json!({"territory": "pavlodar", "permit": permit, "document": "22".repeat(32)})
}

fn longer(permit: &str, until: &str) -> Value {
    json!({"territory": "pavlodar", "permit": permit, "until": until})
}

#[test]
pub fn a_share_that_nobody_recorded_is_unknown_and_nothing_is_granted_inside_it() {
    let mut world = world();
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-02-05",
        "share-not-recorded",
    );
    world.must("distribute-labour-share", share("order", 5), "2024-01-20");
    // The act is known and not in force yet.
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-01-31",
        "quota-not-in-force",
    );
    world.must("grant-labour-permit", grant("category-3", 1), "2024-02-01");
    // Of the next year nothing is known.
    let mut next = grant("category-3", 1);
    next["until"] = json!("2026-01-01");
    world.blocked(
        "grant-labour-permit",
        next,
        "2025-02-01",
        "share-not-recorded",
    );
    // A category that the act does not name has no place.
    let none = world.blocked(
        "grant-labour-permit",
        grant("category-1", 1),
        "2024-02-05",
        "limit-reached",
    );
    assert_eq!(none.facts.get("limit"), Some("0"));
}

#[test]
fn no_more_is_granted_than_the_share_and_a_withdrawn_permit_gives_nothing_back() {
    let mut world = world();
    world.must("distribute-labour-share", share("order", 5), "2024-02-01");
    world.must("grant-labour-permit", grant("category-3", 3), "2024-02-05");
    let permit = world.must("grant-labour-permit", grant("category-3", 2), "2024-02-05");
    let full = world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-02-06",
        "limit-reached",
    );
    assert_eq!(
        (full.facts.get("taken"), full.facts.get("limit-act")),
        (Some("5"), Some("order"))
    );
    world.must(
        "withdraw-labour-permit",
        of(&permit.to_string()),
        "2024-03-01",
    );
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-03-02",
        "limit-reached",
    );
    world.must("grant-labour-permit", grant("seasonal", 2), "2024-03-02");
}

/// Acts may be recorded in any order: what counts is which entered into force last. In a month of which only the month is known,
/// nobody knows which share counts, and nothing is granted.
#[test]
fn the_share_is_that_of_the_act_in_force_last_and_unknown_in_a_month_that_is_all_we_know() {
    let mut world = world();
    world.act("order-august", json!({"in_force_on": "2024-08"}));
    world.must(
        "distribute-labour-share",
        share("order-august", 9),
        "2024-02-01",
    );
    world.must("distribute-labour-share", share("order", 2), "2024-02-02");
    world.must("grant-labour-permit", grant("category-3", 2), "2024-07-31");
    let full = world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-07-31",
        "limit-reached",
    );
    assert_eq!(full.facts.get("limit-act"), Some("order"));
    for on in ["2024-08-01", "2024-08-30"] {
        let blocked = world.blocked(
            "grant-labour-permit",
            grant("category-3", 1),
            on,
            "basis-unknown",
        );
        assert_eq!(blocked.facts.get("limit-act"), Some("order-august"), "{on}");
    }
    world.must("grant-labour-permit", grant("category-3", 7), "2024-08-31");
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-09-02",
        "limit-reached",
    );
}

/// An act that speaks of one category leaves the others as an earlier one set them.
#[test]
fn an_act_about_one_category_leaves_the_others() {
    let mut world = world();
    world.must("distribute-labour-share", share("order", 5), "2024-02-01");
    world.act("order-august", json!({"in_force_on": "2024-08-01"}));
    let one = json!({"territory": "pavlodar", "year": "2024", "act": "order-august",
        "lines": [{"category": "category-3", "places": "1"}]});
    world.must("distribute-labour-share", one, "2024-08-01");
    world.must("grant-labour-permit", grant("seasonal", 2), "2024-08-02");
    world.must("grant-labour-permit", grant("category-3", 1), "2024-08-02");
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-08-02",
        "limit-reached",
    );
}

#[test]
fn a_later_act_takes_the_place_of_the_share_even_below_what_is_taken() {
    let mut world = world();
    world.must("distribute-labour-share", share("order", 5), "2024-02-01");
    world.must("grant-labour-permit", grant("category-3", 4), "2024-02-05");
    world.act("order-august", json!({"in_force_on": "2024-08-01"}));
    world.must(
        "distribute-labour-share",
        share("order-august", 3),
        "2024-06-01",
    );
    // Until it enters into force the former share counts.
    world.must("grant-labour-permit", grant("category-3", 1), "2024-07-31");
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-08-01",
        "limit-reached",
    );
    world.blocked(
        "distribute-labour-share",
        share("order", 9),
        "2024-08-02",
        "no-change",
    );
    world.blocked(
        "distribute-labour-share",
        share("nowhere", 9),
        "2024-08-02",
        "act-not-found",
    );
    let mut twice = share("order-august", 3);
    twice["year"] = json!("2025");
    twice["lines"] =
        json!([{"category": "seasonal", "places": "1"}, {"category": "seasonal", "places": "2"}]);
    world.blocked(
        "distribute-labour-share",
        twice,
        "2024-08-02",
        "lines-malformed",
    );
}

#[test]
fn outside_the_quota_a_ground_in_force_is_needed_and_nothing_is_counted() {
    let mut world = world();
    let mut outside = grant("category-1", 40);
    outside["outside_quota"] = json!("head-of-branch");
    world.blocked(
        "grant-labour-permit",
        outside.clone(),
        "2024-02-05",
        "norm-missing",
    );
    world.norm("labour-outside-quota.head-of-branch", 1);
    let permit = world.must("grant-labour-permit", outside, "2024-02-05");
    let (_, event) = world.events.last().expect("an event");
    let Fact::LabourPermitGranted(granted) = &event.fact else {
        panic!("{event:?}");
    };
    assert_eq!(granted.bases.len(), 1);
    world.must(
        "extend-labour-permit",
        longer(&permit.to_string(), "2025-06-01"),
        "2024-12-01",
    );
}

#[test]
fn whether_an_extension_takes_places_is_a_norm_of_its_year() {
    for (counts, code) in [(1, Some("limit-reached")), (0, None)] {
        let mut world = world();
        world.must("distribute-labour-share", share("order", 5), "2024-02-01");
        let permit = world.must("grant-labour-permit", grant("category-3", 3), "2024-02-05");
        let permit = permit.to_string();
        let extend = longer(&permit, "2025-06-01");
        world.blocked(
            "extend-labour-permit",
            extend.clone(),
            "2024-05-01",
            "norm-missing",
        );
        world.norm("labour-extension.counts", counts);
        world.blocked(
            "extend-labour-permit",
            longer(&permit, "2025-01-15"),
            "2024-05-01",
            "interval-empty",
        );
        match code {
            Some(code) => {
                world.blocked("extend-labour-permit", extend, "2024-05-01", code);
            }
            None => {
                world.must("extend-labour-permit", extend, "2024-05-01");
                world.must("grant-labour-permit", grant("category-3", 2), "2024-05-02");
            }
        }
    }
}

#[test]
pub fn a_permit_is_suspended_resumed_and_withdrawn_on_its_days() {
    let mut world = world();
    world.norm("labour-extension.counts", 0);
    world.must("distribute-labour-share", share("order", 5), "2024-02-01");
    let permit = world.must("grant-labour-permit", grant("category-3", 1), "2024-02-05");
    let permit = permit.to_string();
    world.blocked(
        "resume-labour-permit",
        of(&permit),
        "2024-03-01",
        "permit-step",
    );
    world.must("suspend-labour-permit", of(&permit), "2024-03-01");
    world.blocked(
        "suspend-labour-permit",
        of(&permit),
        "2024-03-02",
        "permit-step",
    );
    world.blocked(
        "extend-labour-permit",
        longer(&permit, "2025-06-01"),
        "2024-03-02",
        "permit-step",
    );
    world.blocked(
        "resume-labour-permit",
        of(&permit),
        "2024-02-29",
        "permit-step",
    );
    world.must("resume-labour-permit", of(&permit), "2024-04-01");
    // Over on its last day.
    world.blocked(
        "withdraw-labour-permit",
        of(&permit),
        "2025-01-15",
        "permit-step",
    );
    world.must("withdraw-labour-permit", of(&permit), "2025-01-14");
    world.blocked(
        "withdraw-labour-permit",
        of(&permit),
        "2025-01-14",
        "permit-step",
    );
    let unknown = of("a0b1c2d3-0000-4000-8000-0000000000ff");
    world.blocked(
        "suspend-labour-permit",
        unknown,
        "2024-04-02",
        "permit-not-found",
    );
}

#[test]
fn a_permit_is_granted_by_the_akimat_of_the_territory_under_its_power() {
    let mut world = World::open();
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 1),
        "2024-02-05",
        "no-basis",
    );
    let mut world = self::world();
    world.must("distribute-labour-share", share("order", 5), "2024-02-01");
    let mut elsewhere = grant("category-3", 1);
    elsewhere["territory"] = json!("almaty");
    world.blocked(
        "grant-labour-permit",
        elsewhere,
        "2024-02-05",
        "not-the-deciding-office",
    );
    world.blocked(
        "grant-labour-permit",
        grant("category-3", 0),
        "2024-02-05",
        "lines-malformed",
    );
    let mut ended = grant("category-3", 1);
    ended["until"] = json!("2024-02-05");
    world.blocked("grant-labour-permit", ended, "2024-02-05", "interval-empty");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is asked in whatever order: what was granted inside the quota and what extensions took never exceeds the
    /// share, as long as no act cuts it.
    #[test]
    fn what_is_granted_and_extended_never_exceeds_the_share(
        asked in prop::collection::vec((0..4_u8, 0..6_u64, 1..7_u64, 0..300_i64), 1..40)
    ) {
        let mut world = world();
        world.norm("labour-extension.counts", 1);
        world.must("distribute-labour-share", share("order", 20), "2024-02-01");
        let mut permits: Vec<String> = Vec::new();
        for (what, which, workers, day) in asked {
            let on = crate::world::day("2024-02-01").plus_days(day).to_string();
            let permit = permits.get(usize::try_from(which).expect("small")).cloned();
            let given = match (what, permit) {
                (0, _) | (_, None) => ("grant-labour-permit", grant("category-3", workers)),
                (1, Some(permit)) => ("extend-labour-permit", longer(&permit, &format!("2025-{:02}-01", 2 + workers))),
                (2, Some(permit)) => ("suspend-labour-permit", of(&permit)),
                (_, Some(permit)) => ("withdraw-labour-permit", of(&permit)),
            };
            if let Ok(permit) = world.on(given.0, given.1, &on)
                && given.0 == "grant-labour-permit"
            {
                permits.push(permit.to_string());
            }
            let taken: u64 = world.events.iter().map(|(_, event)| match &event.fact {
                Fact::LabourPermitGranted(fact) => fact.workers.0,
                Fact::LabourPermitExtended(fact) => fact.counted.0,
                _ => 0,
            }).sum();
            prop_assert!(taken <= 20, "{taken}");
        }
    }
}

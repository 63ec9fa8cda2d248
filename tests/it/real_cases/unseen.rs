//! Show D (points 3, 5 and 6): an act that nobody has seen before needs no code.

use serde_json::json;

use super::*;

/// A new year, a new territory, a counting rule that no act had: two places for a principal and one for each member. All of it
/// comes by commands: adopted, determined and applied.
#[tokio::test]
async fn show_d_an_act_never_seen_before_needs_no_code() {
    let register = register(&[]).await;
    let mut lines = office(64, "akimat.new-steppe");
    let act = json!({"act": "order-2026", "kind": "order", "body": "the minister", "titles": {"en": "Quotas of 2026"},
        "language": "kk", "adopted_on": "2025-12-30", "entry_into_force": {"rule": "unknown"}, "document": "order-2026",
        "wording": "first", "synthetic": true, "source": "invented"});
    let limits = |limit: u64, rule: &str, territory: &str, action: &str, act: &str| {
        json!({"act": act, "action": action,
        "year": "2026", "rule": rule, "rule_certainty": "known",
        "lines": [{"category": "resettlers", "territory": territory, "limit": limit.to_string()}]})
    };
    let determined = json!({"category": "resettlers", "territory": "new-steppe", "change": "determined", "act": "order-2026"});
    register
        .must(&[
            lines.line("record-act", &act),
            lines.line("change-territory", &determined),
            lines.line(
                "set-quota",
                &limits(7, "support-shares", "new-steppe", "establish", "order-2026"),
            ),
        ])
        .await;
    let (family, _) = applies(
        &register,
        &mut lines,
        ("resettlers", "new-steppe", 2),
        "2026-01-02",
    )
    .await;
    let hold = json!({"application": family});
    let facts = blocked(
        &register
            .send(&lines.on("2026-01-02", "hold-places", &hold))
            .await,
        "basis-unknown",
    );
    assert_eq!(facts["limit-act"], "order-2026", "nobody has determined it");
    let from =
        json!({"act": "order-2026", "from": "2026-01-01", "basis": "the first day of its year"});
    register.must(&[lines.line("determine-act", &from)]).await;
    let facts = blocked(
        &register
            .send(&lines.on("2026-01-02", "hold-places", &hold))
            .await,
        "norm-missing",
    );
    assert_eq!(
        facts["norm"], "counting-rule.support-shares.principal",
        "what the rule counts is a norm"
    );
    for (who, places) in [("principal", "2"), ("member", "1")] {
        let norm = json!({"norm": format!("counting-rule.support-shares.{who}"), "document": "order-2026", "point": "2",
            "value": places, "unit": "places", "from": "2026-01-01", "certainty": "known", "source": "invented"});
        register.must(&[lines.line("record-norm", &norm)]).await;
    }
    let steps = ["hold-places", "commit-places"].map(|step| lines.on("2026-01-02", step, &hold));
    register.must(&steps).await;
    let views = caught_up(&register).await;
    let name = "resettlers.new-steppe.2026.support-shares"
        .parse()
        .expect("a line");
    let stands = |board: &BoardAnswer| {
        let line = board.line(&name).expect("the line stands on the board");
        (line.limit.map(|n| n.0), line.held, line.committed)
    };
    assert_eq!(stands(&board(&views, "2026-01-03").await), (Some(7), 0, 4));
    let (second, _) = applies(
        &register,
        &mut lines,
        ("resettlers", "new-steppe", 2),
        "2026-01-03",
    )
    .await;
    let hold = json!({"application": second});
    let facts = blocked(
        &register
            .send(&lines.on("2026-01-03", "hold-places", &hold))
            .await,
        "limit-reached",
    );
    assert_eq!(
        (&facts["places"], &facts["headroom"]),
        (&json!("4"), &json!("3"))
    );
    // An amending act, in force from a day of its own, is applied from that day.
    let mut amending = act.clone();
    (amending["act"], amending["wording"]) = (json!("order-2026-01"), json!("second"));
    amending["in_force_on"] = json!("2026-01-04");
    register
        .must(&[
            lines.line("record-act", &amending),
            lines.line(
                "set-quota",
                &limits(8, "support-shares", "new-steppe", "amend", "order-2026-01"),
            ),
        ])
        .await;
    blocked(
        &register
            .send(&lines.on("2026-01-03", "hold-places", &hold))
            .await,
        "limit-reached",
    );
    register
        .must(&[lines.on("2026-01-04", "hold-places", &hold)])
        .await;
    assert_eq!(stands(&board(&views, "2026-01-04").await), (Some(8), 4, 4));
    // Rules never mix within a year, whatever their names: an act that counts the places of another territory by another rule
    // is recorded, and has a line of its own.
    let other = lines.line(
        "set-quota",
        &limits(5, "principals", "new-coast", "establish", "order-2026"),
    );
    register.must(&[other]).await;
    assert_eq!(stands(&board(&views, "2026-01-04").await), (Some(8), 4, 4));
}

//! The view of decisions: what each rests on, and that it names the very bytes.

use qonys_events::{scalar::Position, term::Certainty, tree::leaf_hash};
use qonys_projections::{cell::TableRow as _, decisions::DecisionRow};

use crate::{
    lines::{KANDAS, case_2024, hold},
    support::{Log, day, id, rows, slug},
};

#[test]
fn a_decision_says_what_it_rests_on_who_took_it_and_what_it_read() {
    let mut log = Log::default();
    let (stream, mut event) = hold(KANDAS, 7, 4, "2024-02-01");
    if let qonys_events::fact::Fact::PlacesHeld(held) = &mut event.fact {
        held.facts = qonys_events::citation::Facts::new()
            .with("headroom", 12)
            .with("act-certainty", Certainty::Assumed);
    }
    event.act = Some(slug("law-477-2011"));
    event.point = Some("15".parse().unwrap());
    event.wording = Some(slug("2023-04-19"));
    event.caseref = Some(id(7));
    log.command([(stream.clone(), event)]);
    let [row] = &rows::<DecisionRow>(&log.views())[..] else {
        panic!("one decision")
    };
    assert_eq!(
        (row.recorded_from, row.stream.clone()),
        (Position(1), stream)
    );
    assert_eq!(
        (row.act.clone(), row.wording.clone()),
        (Some(slug("law-477-2011")), Some(slug("2023-04-19")))
    );
    assert_eq!(
        (row.certainty, row.decided_on),
        (Some(Certainty::Assumed), Some(day("2024-02-01")))
    );
    assert_eq!(
        (row.role.clone(), row.case_ref),
        (slug("quota-officer"), Some(id(7)))
    );
    let facts = row.facts.as_ref().unwrap().as_str();
    assert!(
        log.entries[0].text.contains(&format!(r#""facts":{facts}"#)),
        "byte for byte: {facts}"
    );
    let bases = row.bases.as_ref().unwrap().as_str();
    assert!(
        log.entries[0].text.contains(&format!(r#""bases":{bases}"#)),
        "byte for byte: {bases}"
    );
    assert_eq!(row.leaf, leaf_hash(log.entries[0].text.as_bytes()));
    assert_eq!(DecisionRow::read(&row.row()).unwrap(), *row);
}

#[test]
fn acts_of_others_are_no_decisions_and_adoptions_are() {
    let log = case_2024();
    let all: Vec<DecisionRow> = rows(&log.views());
    assert_eq!(all.len(), 6, "three holds, three commitments");
    assert_eq!(all.iter().filter(|row| row.adopts.is_some()).count(), 3);
    assert!(
        all.iter()
            .all(|row| row.event_type.as_str().contains("quota-line.places-"))
    );
}

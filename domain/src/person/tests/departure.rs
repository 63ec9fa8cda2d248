//! Departure is never blocked on the merits (point 2): from whatever state a person with a residence can be brought into.

use proptest::prelude::*;
use qonys_events::{
    digest::Sha256Hex,
    term::{AgeClass, ConsentKind, FamilyChange, PremisesUse, SlotCategory, StayEnd},
};

use super::*;
use crate::command::{DestroyDwelling, EndStay, OverNorm, RecordFamilyChange, WithdrawConsent};

/// Something that happens to Anna or to her homes on a day of March.
fn happens(kind: u8, day: u8) -> Given {
    let on = format!("03-{:02}", day % 28 + 1);
    let document = Sha256Hex::of(b"document");
    let given = match kind % 14 {
        0 => moves(anna(), home()),
        1 => moves(anna(), flat_b()),
        2 => stays(anna(), flat_b(), "09-01"),
        3 => kandas(anna(), Some("2025-03-01")),
        4 => measured(home(), HousingFund::State, 100),
        5 => measured(flat_b(), HousingFund::AkimatRented, 1500),
        6 => held(
            home(),
            vec![qonys_events::fact::dwelling::Holder::Person { person: berik() }],
        ),
        7 => Given::new(Command::WithdrawConsent(WithdrawConsent {
            dwelling: home(),
            holder: owner(),
            person: anna(),
        })),
        8 => Given::new(Command::DestroyDwelling(DestroyDwelling {
            dwelling: home(),
            document,
        })),
        9 => Given::new(Command::EndStay(EndStay {
            person: anna(),
            dwelling: flat_b(),
            reason: StayEnd::HostRequest,
        })),
        10 => {
            let change = RecordFamilyChange {
                person: anna(),
                change: FamilyChange::Divorce,
                document,
            };
            let given = Given::new(Command::RecordFamilyChange(change)).minting(anna());
            given.carrying(|subject| {
                serde_json::from_value(serde_json::json!({"name": "other-person", "subject": subject,
                    "category": SlotCategory::Identity, "scheme": "test", "commitment": "00".repeat(32),
                    "sealed": "00".repeat(32)}))
                .expect("a slot")
            })
        }
        11 => moves_over(
            anna(),
            home(),
            AgeClass::From14,
            OverNorm::CourtOrder { document },
        ),
        12 => by(
            moves(anna(), flat_b()),
            ConsentKind::OwnerHimself,
            Vec::new(),
        ),
        _ => measured(flat_b(), HousingFund::Private, 3000).with(|command| {
            let Command::ChangeDwelling(c) = command else {
                unreachable!("it is a change")
            };
            c.premises = PremisesUse::NotForLiving;
        }),
    };
    given.on(&on)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whoever_lives_somewhere_may_leave_whatever_happened(
        steps in prop::collection::vec((0..14_u8, 0..28_u8), 1..25),
        reading in 0..2_u8,
        law in 0..3_u8,
    ) {
        let mut world = world();
        if reading == 1 {
            world = world.knowing(OVER_NORM_BLOCKS);
        }
        if law == 1 {
            world = world.knowing(REPEAL_DETERMINED);
        }
        for (kind, day) in steps {
            // Some of it is blocked: every state is one that can be reached.
            let _ = world.run(happens(kind, day));
        }
        // Under every law: in force, repealed, before any was in force.
        let (decided, left) = if law == 2 { ("2010-01-01", "05-01") } else { ("05-01", "05-01") };
        let lives = world.known().person(anna()).expect("loaded").residence_on(day("05-01"));
        let departs = leaves(anna(), ResidenceEnd::Departed).on(decided).from(left);
        match (lives, world.run(departs)) {
            (Some(_), Ok(_)) => {}
            (Some(home), Err(blocked)) => prop_assert!(false, "{home}: {blocked} {:?}", blocked.facts),
            // There is nothing to leave: that is no merit.
            (None, Err(blocked)) => prop_assert_eq!(blocked.code, Code::NoResidence),
            (None, Ok(decided)) => prop_assert!(false, "{decided:?}"),
        }
        prop_assert_eq!(world.known().person(anna()).expect("loaded").residence_on(day("05-01")), None);
    }
}

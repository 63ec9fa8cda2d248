//! Point 5 as tables: the whole table of stages and steps, the powers by date, links; what stands in them is in [`content`].

use qonys_events::{
    digest::Sha256Hex,
    fact::proposal::{Horizon, LabourLine, QuotaAsk, Subject},
    id::Ref,
    scalar::{Count, Year},
    term::{Answer, Category, Direction, TerritoryChange},
};

use super::{Stage, Step};
use crate::{
    blocked::Code,
    command::{
        Command, DraftProposal, LinkProposal, RecordAnswer, RecordReceipt, SendProposal,
        SignProposal, WithdrawProposal,
    },
    person::given::*,
};

mod content;

fn id() -> Ref {
    reference(50)
}

fn regional(horizon: Horizon, lines: &[(Category, u64)]) -> Subject {
    let ask = |(category, asked): &(Category, u64)| QuotaAsk {
        category: *category,
        asked: Count(*asked),
    };
    let lines = lines.iter().map(ask).collect();
    Subject::RegionalQuota {
        direction: Direction::Increase,
        horizon,
        lines,
    }
}

fn coming(year: u16) -> Subject {
    regional(
        Horizon::ComingYear { year: Year(year) },
        &[(Category::Kandas, 300)],
    )
}

fn medium(from: u16, to: u16) -> Subject {
    let horizon = Horizon::MediumTerm {
        from: Year(from),
        to: Year(to),
    };
    regional(
        horizon,
        &[(Category::Kandas, 300), (Category::Resettlers, 20)],
    )
}

fn territory(change: TerritoryChange) -> Subject {
    Subject::Territory {
        change,
        category: Category::Kandas,
    }
}

fn labour(year: u16, lines: &[(&str, u64, u64)]) -> Subject {
    let line = |(category, asked, compatriots): &(&str, u64, u64)| LabourLine {
        category: category.parse().expect("a slug"),
        asked: Count(*asked),
        of_which_compatriots: Count(*compatriots),
    };
    let lines = lines.iter().map(line).collect();
    Subject::ForeignLabour {
        direction: Direction::Reduction,
        year: Year(year),
        lines,
    }
}

fn draft(subject: Subject) -> Given {
    let command = Command::DraftProposal(DraftProposal {
        subject,
        territory: "almaty".parse().expect("a slug"),
        justification: Sha256Hex::of(b"why"),
        indicators: vec!["population".parse().expect("a slug")],
    });
    Given::new(command).minting(id())
}

fn sign() -> Given {
    let document = Sha256Hex::of(b"signed");
    Given::new(Command::SignProposal(SignProposal {
        proposal: id(),
        document,
        confirms: Vec::new(),
    }))
}

fn send() -> Given {
    let addressee = "Ministry of Labour".parse().expect("a text");
    Given::new(Command::SendProposal(SendProposal {
        proposal: id(),
        addressee,
        authority: "ministry".parse().expect("a slug"),
    }))
}

fn receive() -> Given {
    let number = "4711".parse().expect("a text");
    Given::new(Command::RecordReceipt(RecordReceipt {
        proposal: id(),
        number,
    }))
}

fn answer(answer: Answer, granted: &[(Category, u64)]) -> Given {
    let granted = granted.iter().map(|(category, n)| QuotaAsk {
        category: *category,
        asked: Count(*n),
    });
    Given::new(Command::RecordAnswer(RecordAnswer {
        proposal: id(),
        answer,
        number: "4711-1".parse().expect("a text"),
        granted: granted.collect(),
        granted_labour: Vec::new(),
    }))
}

/// An answer in part on foreign labour.
fn grants(lines: &[(&str, u64, u64)]) -> Given {
    let Subject::ForeignLabour { lines, .. } = labour(2024, lines) else {
        unreachable!("it is about foreign labour")
    };
    answer(Answer::InPart, &[]).with(|command| match command {
        Command::RecordAnswer(c) => c.granted_labour = lines,
        _ => unreachable!("it is an answer"),
    })
}

fn withdraw() -> Given {
    Given::new(Command::WithdrawProposal(WithdrawProposal {
        proposal: id(),
    }))
}

fn link(act: &str) -> Given {
    let act = act.parse().expect("a slug");
    Given::new(Command::LinkProposal(LinkProposal {
        proposal: id(),
        act,
    }))
}

/// What a draft writes: itself, and its mention in the list of the territory.
const DRAFTED: &[&str] = &["proposal.drafted", "proposals.entered"];

/// The command that takes a step, and the type of its event.
fn taking(step: Step) -> (Given, &'static str) {
    match step {
        Step::Draft => (draft(coming(2025)), "proposal.drafted"),
        Step::Sign => (sign(), "proposal.signed"),
        Step::Send => (send(), "proposal.sent"),
        Step::Receive => (receive(), "proposal.received"),
        Step::Return => (answer(Answer::Returned, &[]), "proposal.answered"),
        Step::Answer => (answer(Answer::Rejected, &[]), "proposal.answered"),
        Step::Withdraw => (withdraw(), "proposal.withdrawn"),
        Step::Link => (link("migration-law"), "proposal.linked-to-act"),
    }
}

/// The steps that lead to a stage.
fn way_to(stage: Stage) -> &'static [Step] {
    const WAY: &[Step] = &[Step::Draft, Step::Sign, Step::Send, Step::Receive];
    match stage {
        Stage::Absent => &[],
        Stage::Drafted => &WAY[..1],
        Stage::Signed => &WAY[..2],
        Stage::Sent => &WAY[..3],
        Stage::Received => WAY,
        Stage::Returned => &[
            Step::Draft,
            Step::Sign,
            Step::Send,
            Step::Receive,
            Step::Return,
        ],
        Stage::Answered => &[
            Step::Draft,
            Step::Sign,
            Step::Send,
            Step::Receive,
            Step::Answer,
        ],
        Stage::Withdrawn => &[Step::Draft, Step::Withdraw],
    }
}

fn at(stage: Stage) -> World {
    World::new().after(way_to(stage).iter().map(|step| taking(*step).0))
}

fn stage_of(world: &World) -> Stage {
    world.known().proposal(id()).expect("loaded").stage()
}

/// Rows are stages, columns steps; what stands there is the stage after the step, `-` is blocked.
const TABLE: &str = "
    -          draft    sign    send  receive   return    answer    withdraw   link
    absent     drafted  -       -     -         -         -         -          -
    drafted    -        signed  -     -         -         -         withdrawn  -
    signed     -        -       sent  -         -         -         withdrawn  -
    sent       -        -       -     received  returned  answered  withdrawn  sent
    received   -        -       -     -         returned  answered  withdrawn  received
    returned   -        signed  -     -         -         -         withdrawn  returned
    answered   -        -       -     -         -         answered  -          answered
    withdrawn  -        -       -     -         -         -         -          -
";

#[test]
fn every_stage_tries_every_step() {
    let rows = TABLE
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let mut rows = rows.filter(|row| !row.is_empty());
    let steps = rows.next().expect("the steps");
    assert_eq!(steps[1..], Step::ALL.map(Step::as_str));
    let rows: Vec<_> = rows.collect();
    assert_eq!(
        rows.iter().map(|row| row[0]).collect::<Vec<_>>(),
        Stage::ALL.map(Stage::as_str)
    );
    for (stage, row) in Stage::ALL.into_iter().zip(&rows) {
        for (step, expected) in Step::ALL.into_iter().zip(&row[1..]) {
            let (when, name) = taking(step);
            let facts = &[("state", stage.as_str()), ("step", step.as_str())];
            let then = match (*expected, stage, step) {
                ("-", Stage::Absent, _) => Then::Control(Code::ProposalNotFound, &[]),
                ("-", ..) => Then::Control(Code::ProposalStep, facts),
                (_, _, Step::Draft) => Then::Accepted(DRAFTED, &[]),
                _ => Then::Accepted(&[name], &[]),
            };
            let after = check(at(stage), when, then);
            let kept = if *expected == "-" {
                stage.as_str()
            } else {
                expected
            };
            assert_eq!(stage_of(&after).as_str(), kept, "{step} from {stage}");
        }
    }
}

#[test]
fn each_kind_and_horizon_has_its_own_power() {
    let read = |decision: &'static str| [("decision", decision), ("act-certainty", "known")];
    for (subject, decision, point) in [
        (
            territory(TerritoryChange::Determined),
            "territory-designation-proposal",
            "15(3)",
        ),
        (
            territory(TerritoryChange::Excluded),
            "territory-exclusion-proposal",
            "5",
        ),
        (
            labour(2024, &[("category-1", 9, 1)]),
            "foreign-labour-proposal",
            "15(4)",
        ),
        (coming(2025), "coming-year-quota-proposal", "15(3-1)"),
        (medium(2025, 2026), "medium-term-quota-proposal", "5"),
    ] {
        let mut world = World::new();
        let decided = world.run(draft(subject)).expect("accepted");
        let [(_, event), _] = &decided[..] else {
            panic!("one event, and its mention in a list")
        };
        assert_eq!(
            event.point.as_ref().map(|point| point.as_str()),
            Some(point)
        );
        assert_eq!(
            (event.caseref, event.decidedon),
            (Some(id()), Some(day("03-01")))
        );
        for (name, value) in read(decision) {
            assert_eq!(facts_of(event)[name], value);
        }
    }
}

#[test]
fn the_repeal_blocks_a_medium_term_and_an_exclusion_and_nothing_else() {
    let repealed = || World::new().knowing(REPEAL_DETERMINED);
    let gone = &[("state", "repealed"), ("repealed-on", "2024-04-09")];
    for subject in [medium(2025, 2027), territory(TerritoryChange::Excluded)] {
        let drafted = || draft(subject.clone());
        check(
            repealed(),
            drafted().on("04-08"),
            Then::Accepted(DRAFTED, &[]),
        );
        check(
            repealed(),
            drafted().on("04-09"),
            Then::Control(Code::NoBasis, gone),
        );
        let unknown = &[("state", "unknown")];
        check(
            World::new(),
            drafted().on("04-09"),
            Then::Control(Code::BasisUnknown, unknown),
        );
    }
    let labour = labour(2024, &[("seasonal", 9, 0)]);
    for subject in [coming(2025), territory(TerritoryChange::Determined), labour] {
        check(
            repealed(),
            draft(subject).on("04-09"),
            Then::Accepted(DRAFTED, &[]),
        );
    }
}

#[test]
fn draft_signature_and_sending_are_decisions_each_on_its_own_date() {
    let gone = || {
        Then::Control(
            Code::NoBasis,
            &[("state", "repealed"), ("horizon", "medium-term")],
        )
    };
    let drafted = || {
        World::new()
            .knowing(REPEAL_DETERMINED)
            .after([draft(medium(2025, 2027)).on("04-01")])
    };
    check(drafted(), sign().on("04-09"), gone());
    let signed = || drafted().after([sign().on("04-08")]);
    check(signed(), send().on("04-09"), gone());
    let mut sent = signed().after([send().on("04-08")]);
    // What others do needs no power, and is about the day that the command names.
    let decided = sent
        .run(receive().on("05-02").from("05-01"))
        .expect("accepted");
    let event = &decided[0].1;
    assert_eq!(
        (event.decidedon, event.effectivefrom, &event.act),
        (Some(day("05-02")), Some(day("05-01")), &None)
    );
    let decided = sent
        .run(answer(Answer::Accepted, &[]).on("05-03"))
        .expect("accepted");
    let event = &decided[0].1;
    assert_eq!(
        (event.effectivefrom, &event.act, event.caseref),
        (None, &None, Some(id()))
    );

    // A signature and its sending cite the act, too.
    let mut world = World::new().after([draft(coming(2025))]);
    for own in [sign(), send()] {
        let decided = world.run(own.on("03-02")).expect("accepted");
        assert_eq!(
            decided[0].1.point.as_ref().map(|point| point.as_str()),
            Some("15(3-1)")
        );
    }
}

#[test]
fn what_is_dated_before_its_signature_was_sent_unsigned() {
    let signed = || World::new().after([draft(coming(2025)).on("03-05"), sign().on("03-10")]);
    let early = &[("since", "2024-03-10"), ("state", "signed")];
    check(
        signed(),
        send().on("03-09"),
        Then::Control(Code::BeforeItsCause, early),
    );
    check(
        signed(),
        withdraw().on("03-09"),
        Then::Control(Code::BeforeItsCause, early),
    );
    check(
        signed(),
        send().on("03-10"),
        Then::Accepted(&["proposal.sent"], &[]),
    );
    let drafted = World::new().after([draft(coming(2025)).on("03-05")]);
    check(
        drafted,
        sign().on("03-04"),
        Then::Control(Code::BeforeItsCause, &[("since", "2024-03-05")]),
    );
    // Facts of others are recorded in whatever order they become known.
    let sent = || signed().after([send().on("03-12")]);
    let received = check(
        sent(),
        receive().on("03-11"),
        Then::Accepted(&["proposal.received"], &[]),
    );
    let returned = answer(Answer::Returned, &[]).on("03-01");
    let returned = check(
        received,
        returned,
        Then::Accepted(&["proposal.answered"], &[]),
    );
    check(
        returned,
        sign().on("03-12"),
        Then::Accepted(&["proposal.signed"], &[]),
    );
}

#[test]
fn proposals_and_acts_are_linked_many_to_many() {
    const LINKED: &[&str] = &["proposal.linked-to-act"];
    let sent = || at(Stage::Sent);
    check(
        sent(),
        link("no-such-act"),
        Then::Control(Code::ActNotFound, &[("act", "no-such-act")]),
    );
    let linked = check(sent(), link("migration-law"), Then::Accepted(LINKED, &[]));
    let linked = check(linked, link("rules"), Then::Accepted(LINKED, &[]));
    let known = linked.known();
    let acts = known.proposal(id()).expect("loaded").acts();
    assert!(acts.map(|act| act.as_str()).eq(["migration-law", "rules"]));
    let linked = check(
        linked,
        link("rules"),
        Then::Control(Code::AlreadyLinked, &[("act", "rules")]),
    );
    // Another proposal may be answered by the same act.
    let other = reference(51);
    let theirs = |given: Given| {
        given.minting(other).with(|command| match command {
            Command::SignProposal(c) => c.proposal = other,
            Command::SendProposal(c) => c.proposal = other,
            Command::LinkProposal(c) => c.proposal = other,
            _ => {}
        })
    };
    // It asks for another year: two about the same at once would be a warning.
    let both = linked.after([draft(medium(2026, 2027)), sign(), send()].map(theirs));
    check(both, theirs(link("rules")), Then::Accepted(LINKED, &[]));
}

#[test]
fn a_proposal_survives_a_snapshot() {
    let world = at(Stage::Received).after([link("rules")]);
    let known = world.known();
    let proposal = known.proposal(id()).expect("loaded");
    let text = serde_json::to_string(proposal).expect("JSON");
    assert_eq!(
        &serde_json::from_str::<super::Proposal>(&text).expect("JSON"),
        proposal
    );
}

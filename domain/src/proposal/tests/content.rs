//! What a proposal and its answer may say: horizons, lines, what was granted.

use super::*;

#[test]
fn the_horizon_lies_ahead() {
    let drafted = || Then::Accepted(DRAFTED, &[]);
    let malformed = || Then::Control(Code::HorizonMalformed, &[("decision-year", "2024")]);
    let on = |subject| draft(subject).on("12-31");
    check(World::new(), on(coming(2025)), drafted());
    for year in [2023, 2024, 2026] {
        check(World::new(), on(coming(year)), malformed());
    }
    for (from, to, then) in [
        (2025, 2026, drafted()),
        (2030, 2040, drafted()),
        (2025, 2025, malformed()),
        (2026, 2025, malformed()),
        (2024, 2026, malformed()),
    ] {
        check(World::new(), draft(medium(from, to)).on("03-01"), then);
    }
    let one = &[("households", 7, 7)];
    check(World::new(), on(labour(2024, one)), drafted());
    check(World::new(), on(labour(2025, one)), drafted());
    check(World::new(), on(labour(2023, one)), malformed());

    // A coming year that has come is no coming year: the draft is signed and sent in time, or not at all.
    let waiting = || World::new().after([draft(coming(2025)).on("12-30")]);
    check(
        waiting(),
        sign().on("12-31"),
        Then::Accepted(&["proposal.signed"], &[]),
    );
    let late = &[("decision-year", "2025"), ("year", "2025")];
    check(
        waiting(),
        sign().on("2025-01-01"),
        Then::Control(Code::HorizonMalformed, late),
    );
    let signed = waiting().after([sign().on("12-31")]);
    check(
        signed,
        send().on("2025-01-01"),
        Then::Control(Code::HorizonMalformed, late),
    );
}

#[test]
fn lines_hold_together() {
    let twice = regional(
        Horizon::ComingYear { year: Year(2025) },
        &[(Category::Kandas, 300), (Category::Kandas, 200)],
    );
    let none = regional(Horizon::ComingYear { year: Year(2025) }, &[]);
    for (subject, line, why) in [
        (none, "none", "no-line"),
        (twice, "kandas", "twice"),
        (labour(2024, &[]), "none", "no-line"),
        (
            labour(2024, &[("seasonal", 1, 0), ("seasonal", 1, 0)]),
            "seasonal",
            "twice",
        ),
        (
            labour(2024, &[("category-5", 1, 0)]),
            "category-5",
            "unknown-category",
        ),
        (
            labour(2024, &[("category-2", 1, 2)]),
            "category-2",
            "more-compatriots-than-persons",
        ),
    ] {
        let facts = &[("line", line), ("why", why)];
        check(
            World::new(),
            draft(subject),
            Then::Control(Code::LinesMalformed, facts),
        );
    }
}

#[test]
fn what_was_granted_stands_where_the_answer_is_in_part() {
    let received =
        |subject: Subject| World::new().after([draft(subject), sign(), send(), receive()]);
    let (kandas, resettlers) = (Category::Kandas, Category::Resettlers);
    let both = || received(medium(2025, 2026));
    let answered = || Then::Accepted(&["proposal.answered"], &[]);
    let malformed = |facts| Then::Control(Code::LinesMalformed, facts);
    check(
        both(),
        answer(Answer::InPart, &[(kandas, 200), (resettlers, 0)]),
        answered(),
    );
    check(both(), answer(Answer::InPart, &[(kandas, 400)]), answered());
    check(both(), answer(Answer::Accepted, &[]), answered());
    check(
        both(),
        answer(Answer::InPart, &[]),
        malformed(&[("answer", "in-part"), ("why", "no-line")]),
    );
    check(
        both(),
        answer(Answer::InPart, &[(kandas, 1), (kandas, 2)]),
        malformed(&[("why", "twice")]),
    );
    for other in [Answer::Accepted, Answer::Rejected, Answer::Returned] {
        let facts = &[("answer", other.as_str()), ("why", "nothing-to-grant")];
        let then = Then::Control(Code::LinesMalformed, facts);
        check(both(), answer(other, &[(kandas, 1)]), then);
    }
    let not_asked = answer(Answer::InPart, &[(resettlers, 1)]);
    check(
        received(coming(2025)),
        not_asked,
        malformed(&[("line", "resettlers"), ("why", "not-asked")]),
    );
    // Lines of the regional quotas say nothing about foreign labour or a territory.
    let seasonal = || received(labour(2024, &[("seasonal", 9, 3)]));
    let designated = || received(territory(TerritoryChange::Determined));
    let nothing = &[("why", "nothing-to-grant")];
    for world in [seasonal(), designated()] {
        let lines = answer(Answer::InPart, &[(kandas, 1)]);
        check(world, lines, malformed(nothing));
    }
    check(designated(), answer(Answer::InPart, &[]), answered());
    check(
        designated(),
        grants(&[("seasonal", 1, 0)]),
        malformed(nothing),
    );
    check(both(), grants(&[("seasonal", 1, 0)]), malformed(nothing));
    // Foreign labour is granted in its own lines, of which compatriots are no more than persons.
    check(seasonal(), grants(&[("seasonal", 5, 3)]), answered());
    for (lines, why) in [
        (&[][..], "no-line"),
        (&[("seasonal", 5, 6)], "more-compatriots-than-persons"),
        (&[("seasonal", 5, 0), ("seasonal", 4, 0)], "twice"),
        (&[("category-1", 5, 0)], "not-asked"),
    ] {
        let facts = &[("why", why), ("answer", "in-part")];
        let then = Then::Control(Code::LinesMalformed, facts);
        check(seasonal(), grants(lines), then);
    }
}

/// The body that may be asked changed over time: a closed one is no addressee, nor is one of another kind of proposal.
#[test]
fn the_addressee_is_competent_on_the_date() {
    let signed = |on: &str| World::new().after([draft(coming(2018)).on(on), sign().on(on)]);
    let to = |authority: &str, on: &str| {
        send().on(on).with(|command| match command {
            Command::SendProposal(c) => c.authority = authority.parse().expect("a slug"),
            _ => unreachable!("it is a sending"),
        })
    };
    let none = |norm| Then::Control(Code::AddresseeNotCompetent, norm);
    check(
        signed("2017-03-01"),
        to("ministry", "2017-03-01"),
        Then::Accepted(&["proposal.sent"], &[("authority", "ministry")]),
    );
    check(
        signed("2017-01-31"),
        to("ministry", "2017-01-31"),
        none(&[
            ("norm", "addressee.ministry.regional-quota"),
            ("day", "2017-01-31"),
        ]),
    );
    check(
        signed("2017-03-01"),
        to("ministry-of-health", "2017-03-01"),
        none(&[("authority", "ministry-of-health")]),
    );
}

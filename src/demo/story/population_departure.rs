//! Departures and growth (points 4 and 7): figures, three readings, a revision that turns the answer, and a plan of measures.

use jiff::civil::date;
use serde_json::{Value, json};

use super::chapter::{Chapter, Teller, draft};
use crate::{
    demo::{
        agenda::{Agenda, by, day},
        names::Names,
    },
    published,
};

/// The invented region whose population falls.
pub(in crate::demo) const REGION: &str = "synthetic-west";
/// The year that is looked at.
const YEAR: &str = "2023";

/// Figures of an invented region, and of Almaty as far as they are published.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names) -> Chapter {
    let office = "akimat.synthetic-west";
    let analyst = agenda.official("analyst", office);
    let deputy = agenda.official("deputy-akim", office);
    let city_analyst = agenda.official("analyst", "akimat.almaty");
    let city_deputy = agenda.official("deputy-akim", "akimat.almaty");
    for line in published::figures_known_on(day(date(2024, 2, 19))) {
        agenda.publish(date(2024, 2, 19), &line, &city_analyst);
    }
    let mut t = Teller::new(agenda, names, date(2024, 2, 19));
    let figure = |indicator: &str, period: &str, value: &str| json!({"indicator": indicator, "territory": REGION, "period": period, "value": value});
    let release = json!({
        "published_on": "2024-02-16", "source": "invented for the demonstration",
        "source_kind": "published-statistics",
        "figures": [
            figure("population", "2023-01-01", "241000"),
            figure("population", "2024-01-01", "241200"),
            figure("arrivals", YEAR, "4100"),
            figure("departures", YEAR, "9800"),
            figure("natural-increase", YEAR, "5900"),
        ],
    });
    t.say(
        "Figures of an invented region are recorded with their source [synthetic].",
        draft("record-release", &analyst, release),
    );
    t.on(date(2024, 2, 20));
    let computed = json!({"indicator": "migration-balance", "territory": REGION, "period": YEAR});
    t.say(
        "The balance of migration is computed from them, never typed.",
        draft("compute-figure", &analyst, computed),
    );
    let reconciled = json!({
        "stock": "population", "parts": ["natural-increase", "migration-balance"],
        "territory": REGION, "period": YEAR,
    });
    t.say(
        "Stock and changes are held against each other: they agree.",
        draft("reconcile-figures", &analyst, reconciled),
    );
    let density =
        json!({"indicator": "population-density", "territory": "almaty", "period": "2023-01-01"});
    t.quietly(draft("compute-figure", &city_analyst, density));
    let june = json!({
        "stock": "population", "parts": ["reported-growth"],
        "territory": "almaty", "period": "2023-01/2023-05",
    });
    t.say(
        "In Almaty they do not, by 207 in June 2023: the difference is recorded, and nothing is adjusted.",
        draft("reconcile-figures", &city_analyst, june),
    );
    t.on(date(2024, 2, 21));
    let reading = |territory: &str| {
        json!({
            "territory": territory, "reading": "a",
            "reason": "under b every growing place with migrants would fire",
        })
    };
    t.say(
        "Point 7 has no formula. A deputy akim chooses which of three readings counts, with a reason.",
        draft("choose-population-departure-reading", &deputy, reading(REGION)),
    );
    t.quietly(draft(
        "choose-population-departure-reading",
        &city_deputy,
        reading("almaty"),
    ));
    t.on(date(2024, 2, 22));
    let evaluate = |territory: &str| -> Value {
        json!({
            "territory": territory, "period": YEAR,
            "indicators": {
                "arrivals": "arrivals", "departures": "departures",
                "natural_increase": "natural-increase", "population": "population",
            },
        })
    };
    t.say(
        "Do departures exceed the pace of growth there?",
        draft("evaluate-population-departure", &analyst, evaluate(REGION)),
    );
    t.say(
        "And in Almaty in 2023, by what is published?",
        draft(
            "evaluate-population-departure",
            &city_analyst,
            evaluate("almaty"),
        ),
    );
    t.on(date(2024, 2, 26));
    let revised = json!({
        "indicator": "departures", "supersedes": "2", "value": "10300",
        "reason": "five hundred were reported late (invented)", "published_on": "2024-02-23",
        "source": "invented for the demonstration", "source_kind": "published-statistics",
    });
    t.say(
        "The departures of the region are revised. What leaned on them is evaluated again at once.",
        draft("revise-figure", &analyst, revised),
    );
    t.on(date(2024, 2, 27));
    let opened = json!({
        "territory": REGION, "cause": {"cause": "trigger-fired", "evaluation": "2"},
    });
    let plan = t.say(
        "A plan of measures is opened for the trigger that fired.",
        draft("open-measure-plan", &analyst, opened),
    );
    let measure = |kind: &str, what: &str, due: &str, youth: Option<&str>| {
        let mut data = json!({
            "plan": by(plan), "kind": kind, "what": what, "owner": office, "due": due,
            "indicator": "departures", "target": "9500",
        });
        if let Some(percent) = youth {
            data["youth_percent"] = json!(percent);
        }
        data
    };
    t.on(date(2024, 2, 28));
    t.say(
        "Retraining of kandas, six of ten of them young, with an owner and a last day.",
        draft(
            "add-measure",
            &analyst,
            measure(
                "retraining",
                "Courses for welders",
                "2024-06-28",
                Some("60"),
            ),
        ),
    );
    t.quietly(draft(
        "add-measure",
        &analyst,
        measure(
            "skilled-labour",
            "Housing for engineers",
            "2024-06-28",
            None,
        ),
    ));
    t.on(date(2024, 2, 29));
    let earlier = |period: &str| -> Value {
        let mut asked = evaluate(REGION);
        asked["period"] = json!(period);
        asked
    };
    t.say(
        "And the year before? No figure of it is recorded: it cannot be evaluated, and the missing figures are named.",
        draft("evaluate-population-departure", &analyst, earlier("2022")),
    );
    t.on(date(2024, 3, 1));
    let late = json!({
        "published_on": "2024-02-29", "source": "invented for the demonstration",
        "source_kind": "published-statistics",
        "figures": [
            figure("arrivals", "2022", "4600"),
            figure("departures", "2022", "8100"),
            figure("natural-increase", "2022", "6200"),
        ],
    });
    t.say(
        "Its figures come late. What could not be evaluated without them is evaluated at once [synthetic].",
        draft("record-release", &analyst, late),
    );
    let report = |measure: &str, outcome: &str, what: &str| {
        json!({
            "plan": by(plan), "measure": measure, "outcome": outcome, "reached": "9900",
            "report": what,
        })
    };
    t.on(date(2024, 6, 27));
    t.say(
        "The owner reports that the courses were held.",
        draft(
            "report-measure",
            &analyst,
            report("1", "done", "Three courses were held"),
        ),
    );
    t.on(date(2024, 7, 3));
    t.quietly(draft(
        "report-measure",
        &analyst,
        report("2", "in-part", "Twelve of twenty flats"),
    ));
    t.later();
    let closed = json!({"plan": by(plan), "result": "fewer leave than a year ago (invented)"});
    t.say(
        "The other measure ended in part and is reported late; the plan is closed with its result.",
        draft("close-measure-plan", &analyst, closed),
    );
    t.told("Where more leave than the population grows")
}

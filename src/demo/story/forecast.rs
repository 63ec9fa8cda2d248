//! What the registration records are for (point 8): a purpose that is permitted and one that is not, and two forecasts.

use jiff::civil::date;
use qonys_events::digest::Sha256Hex;
use serde_json::json;

use super::chapter::{Chapter, Teller, draft};
use crate::demo::{
    agenda::{Agenda, by},
    names::Names,
};

/// The invented territory that is forecast year by year, and the one that is projected by age groups.
const YEARLY: &str = "synthetic-east";
const BY_AGE: &str = "synthetic-south";

/// Uses, bases, norms and forecasts of two invented territories.
pub(super) fn tell(agenda: &mut Agenda, names: &mut Names) -> Chapter {
    let analyst = agenda.official("analyst", "akimat.synthetic-east");
    let other = agenda.official("analyst", "akimat.synthetic-south");
    let invented = "invented for the demonstration";
    let mut t = Teller::new(agenda, names, date(2024, 3, 5));
    let used = |purpose: &str, recipient: &str| {
        json!({
            "territory": YEARLY, "purpose": purpose, "recipient": recipient,
            "extract": Sha256Hex::of(recipient.as_bytes()),
        })
    };
    t.say(
        "The records are used to plan schools.",
        draft(
            "use-population-records",
            &analyst,
            used("schools", "department of education"),
        ),
    );
    t.say(
        "to look for debtors they may not be used.",
        draft(
            "use-population-records",
            &analyst,
            used("debt-collection", "a bank"),
        ),
    );
    t.on(date(2024, 3, 6));
    for (year, more) in (2019..=2023).zip([0_u32, 800, 1_500, 2_300, 3_000]) {
        t.quietly(draft("record-population-base", &analyst, base(year, more)));
    }
    t.say(
        "Six years of registered persons by district and age are the base [synthetic].",
        draft("record-population-base", &analyst, base(2024, 3_700)),
    );
    let kindergarten = json!({
        "territory": YEARLY, "district": "old-town", "service": "kindergarten", "capacity": "9800",
        "opens": "2015-09-01", "source": invented,
    });
    let kindergarten = t.say(
        "An institution stands in the register with its places.",
        draft("record-facility", &analyst, kindergarten),
    );
    t.later();
    let enlarged = json!({
        "facility": by(kindergarten), "territory": YEARLY, "district": "old-town",
        "service": "kindergarten", "capacity": "10100", "source": invented,
    });
    t.say(
        "It is enlarged from September on.",
        draft("change-facility", &analyst, enlarged).effective(date(2024, 9, 2)),
    );
    let run = |norm_set: Option<&str>| {
        let mut data = json!({"territory": YEARLY, "method": {"method": "series"}, "steps": "3"});
        if let Some(name) = norm_set {
            data["norm_set"] = json!(name);
        }
        data
    };
    t.say(
        "without a named set of norms nothing is forecast: no figure is invented.",
        draft("run-forecast", &analyst, run(None)),
    );
    t.on(date(2024, 3, 7));
    let norms = json!({
        "norm_set": "synthetic-norms", "territory": YEARLY, "source": invented, "certainty": "assumed",
        "norms": [
            {"service": "kindergarten", "from_age": "1", "to_age": "6", "needed": "1",
                "per_persons": "1", "places_per_institution": "286"},
            {"service": "school", "from_age": "6", "to_age": "18", "needed": "1", "per_persons": "1"},
        ],
    });
    t.say(
        "A set of norms is named, with its source [synthetic].",
        draft("record-norm-set", &analyst, norms),
    );
    t.later();
    t.say_with(
        "Three years are forecast by the method that erred least over the years before.",
        &["bases", "newest-base"],
        draft("run-forecast", &analyst, run(Some("synthetic-norms"))),
    );
    t.on(date(2024, 3, 11));
    let mut corrected = base(2024, 3_400);
    corrected["supersedes"] = json!("6");
    corrected["reason"] = json!("three hundred were counted in two districts (invented)");
    t.say(
        "The newest base was counted wrongly: a full new count takes its place, and the old one stays readable.",
        draft("record-population-base", &analyst, corrected),
    );
    t.later();
    t.say_with(
        "The forecast is made again and names the base that it stands on; the first one stays.",
        &["bases", "newest-base"],
        draft("run-forecast", &analyst, run(Some("synthetic-norms"))),
    );

    t.on(date(2024, 3, 12));
    let groups = json!({
        "territory": BY_AGE, "as_of": "2024-01-01", "purpose": "migration-forecast",
        "bands": ["0", "10", "20", "30", "40", "50"],
        "districts": [
            {"district": "harbour", "persons": ["5200", "4300", "4100", "4400", "3900", "5300"]},
            {"district": "not-stated", "persons": ["600", "1700", "3100", "2800", "2100", "2000"]},
        ],
        "source": invented,
    });
    t.quietly(draft("record-population-base", &other, groups));
    let norms = json!({
        "norm_set": "synthetic-norms", "territory": BY_AGE, "source": invented,
        "certainty": "assumed",
        "norms": [{"service": "kindergarten", "from_age": "0", "to_age": "6", "needed": "3",
            "per_persons": "4", "places_per_institution": "286"}],
    });
    t.quietly(draft("record-norm-set", &other, norms));
    let rates = json!({
        "rates": "synthetic-rates", "territory": BY_AGE, "years": "10",
        "survival": ["990000000", "998000000", "996000000", "994000000", "990000000", "980000000", "900000000"],
        "fertility": ["0", "20000000", "90000000", "50000000", "5000000", "0"],
        "migration": ["0", "-10000000", "-20000000", "-10000000", "0", "0"],
        "source": invented, "certainty": "assumed",
    });
    t.say(
        "For another region rates of survival, fertility and migration are recorded [synthetic].",
        draft("record-rates", &other, rates),
    );
    t.later();
    let projected = json!({
        "territory": BY_AGE, "steps": "2", "norm_set": "synthetic-norms",
        "method": {"method": "cohort-component", "rates": "synthetic-rates"},
    });
    t.say(
        "Its population is projected by age groups, beside the line without migration.",
        draft("run-forecast", &other, projected),
    );
    t.told("What the registration records are for")
}

/// Registered persons of the invented territory at the beginning of a year: so many more than in the first one.
fn base(year: u32, more: u32) -> serde_json::Value {
    let old_town = [2_000, 12_000, 26_000, 88_000 + more].map(|n: u32| n.to_string());
    json!({
        "territory": YEARLY, "as_of": format!("{year}-01-01"), "purpose": "kindergartens",
        "bands": ["0", "1", "6", "18"],
        "districts": [
            {"district": "new-town", "persons": ["450", "2200", "4100", "13000"]},
            {"district": "old-town", "persons": old_town},
        ],
        "source": "invented for the demonstration",
    })
}

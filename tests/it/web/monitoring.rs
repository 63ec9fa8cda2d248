//! Points 4, 7 and 8 on the pages, over what is published: every number is computed here anew from the files of `data/`, or
//! by hand, and looked for on the page in each language.

use qonys::{locale::Lang, published};
use serde_json::{Value, json};

use super::markup::{self, Page};
use crate::{
    http::Served,
    support::register::{Lines, Register},
};

/// The register of acts with determinations and published figures, and the office of the city.
async fn published_register() -> (Register, Lines) {
    let register = Register::embedded("2026-01-05T04:00:00.000000Z").await;
    let open = json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"});
    register
        .must(&[Lines::new(131).line("open-log", &open)])
        .await;
    let actor = json!({"actor": "a0b1c2d3-0000-4000-8000-0000000000fe", "role": "analyst", "office": "akimat.almaty"});
    let actor = serde_json::from_value(actor).expect("an actor");
    let entropy = qonys::clock::Entropy::seeded(11);
    let mut all = Vec::new();
    let lines = published::acts().into_iter();
    let lines = lines.chain(published::determinations());
    for line in lines.chain(published::figures()) {
        let mut line: Value =
            serde_json::from_str(&line.line(entropy.reference(), &actor)).expect("JSON");
        // When the figures were published is not in the sources: they are known from the day on which they are recorded.
        if line["type"] == "record-release" {
            line["decidedon"] = json!("2024-10-10");
        }
        all.push(line);
    }
    register.must(&all).await;
    let mut lines = Lines::new(132);
    lines.office = "akimat.almaty".into();
    (register, lines)
}

async fn page(served: &Served, path: &str) -> Page {
    markup::read(served.client.get(path).await.expect(200).text())
}

#[track_caller]
fn says(page: &Page, words: &str) {
    assert!(
        page.texts.iter().any(|text| text.contains(words)),
        "{words}: {:?}",
        page.texts
    );
}

#[track_caller]
fn silent(page: &Page, words: &str) {
    assert!(!page.texts.iter().any(|text| text == words), "{words}");
}

/// A number of a file of `data/`: of the row whose cells begin so.
fn of_file(text: &str, begins: &[&str], column: usize) -> i64 {
    let mut rows = csv::ReaderBuilder::new();
    let mut rows = rows.has_headers(false).from_reader(text.as_bytes());
    let found = rows.records().map(|row| row.expect("a row")).find(|row| {
        begins
            .iter()
            .zip(row.iter())
            .all(|(wanted, found)| *wanted == found)
    });
    let found = found.unwrap_or_else(|| panic!("{begins:?}"));
    found[column].parse().expect("a number")
}

const POPULATION: &str = include_str!("../../../data/population-almaty.csv");
const FLOWS: &str = include_str!("../../../data/flows.csv");

fn population(day: &str) -> i64 {
    of_file(POPULATION, &[day], 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_c_almaty_june_2023_shows_its_discrepancy_of_207() {
    let (register, mut lines) = published_register().await;
    let reconcile = json!({"stock": "population", "parts": ["reported-growth"], "territory": "almaty", "period": "2023-01/2023-05"});
    register
        .must(&[lines.on("2023-07-03", "reconcile-figures", &reconcile)])
        .await;
    let served = Served::start(register).await;
    served.caught_up().await;
    let grown = of_file(FLOWS, &["almaty", "2023-01/2023-05", "reported-growth"], 3);
    let implied = population("2023-06-01") - grown;
    let difference = implied - population("2023-01-01");
    assert_eq!((implied, difference), (2_161_902, 207));
    for lang in Lang::ALL {
        for path in ["figures", "figures/almaty", "figures/almaty/population"] {
            let found = page(&served, &format!("{}{path}", lang.path())).await;
            says(&found, &lang.number(implied));
            says(&found, &format!("+{}", lang.number(difference)));
            says(&found, &lang.say("reconciliations-title"));
        }
        // On the indicator's page: the first figure and the source stand there too, and the drawing.
        let found = page(
            &served,
            &format!("{}figures/almaty/population", lang.path()),
        )
        .await;
        says(&found, &lang.number(population("2023-01-01")));
        says(&found, "bizmedia.kz");
        let drawn = found.tags.iter().filter(|tag| tag.has_class("chart"));
        assert_eq!(drawn.count(), 2, "one for wide pages, one for narrow ones");
        // Before the census and after it are two lines.
        let lines = found
            .tags
            .iter()
            .filter(|tag| tag.name == "path" && tag.has_class("figure"));
        assert_eq!(lines.count(), 4);
    }
    let unknown = served.client.get("/en/figures/almaty/no-such").await;
    unknown.expect(404);
    served.client.get("/en/figures/nowhere").await.expect(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_features_stand_there_and_those_without_figures_say_so() {
    let (register, mut lines) = published_register().await;
    // The year 2022 got another figure in 2024: both are readable, each on its day.
    let balance = |supersedes: &str, value: &str| {
        json!({"indicator": "interregional-balance", "supersedes": supersedes, "value": value, "reason": "re-counted",
            "published_on": "2024-11-04", "source": "a test", "source_kind": "press"})
    };
    let published = of_file(FLOWS, &["almaty", "2022", "interregional-balance"], 3);
    assert_eq!(published, 35_302);
    register
        .must(&[lines.on("2024-11-05", "revise-figure", &balance("1", "35402"))])
        .await;
    let served = Served::start(register).await;
    served.caught_up().await;
    let known = "effective=2022-06-30&known_on=2024-11-03";
    for lang in Lang::ALL {
        let path = format!("{}figures?{known}", lang.path());
        let found = page(&served, &path).await;
        for feature in qonys_events::term::Feature::ALL {
            says(&found, &lang.say(&format!("feature-{feature}")));
        }
        let json = served
            .client
            .get("/v1/coverage?effective=2022-06-30&known_on=2024-11-03")
            .await
            .expect(200)
            .json();
        let without = json["without_data"].as_array().expect("a list");
        let quarter = lang.with("period-quarter", &[("quarter", "2"), ("year", "2022")]);
        let count = lang.number(i64::try_from(without.len()).expect("few"));
        says(
            &found,
            &lang.with(
                "figures-without",
                &[("count", &count), ("quarter", &quarter)],
            ),
        );
        says(&found, &lang.say("feature-nothing"));
        says(&found, &lang.number(35_302));
        silent(&found, &lang.number(35_402));
        // As known a day later the revision stands, and the old figure beside it.
        let page_of = |known: &str| {
            format!(
                "{}figures/almaty/interregional-balance?effective=2022-06-30&known_on={known}",
                lang.path()
            )
        };
        let before = page(&served, &page_of("2024-11-03")).await;
        silent(&before, &lang.number(35_402));
        let after = page(&served, &page_of("2024-11-04")).await;
        says(&after, &lang.number(35_302));
        says(&after, &lang.number(35_402));
        says(&after, "re-counted");
        let revised = after
            .tags
            .iter()
            .filter(|tag| tag.name == "circle" && tag.has_class("revised"));
        assert_eq!(revised.count(), 3, "in both drawings and in the legend");
        // Every link keeps the second day.
        for tag in after.tags.iter().filter(|tag| tag.name == "a") {
            let address = tag.get("href").expect("an address");
            if address.starts_with(lang.path()) && !tag.has_class("button") {
                assert!(address.contains("known_on=2024-11-04"), "{address}");
            }
        }
        let wrong = format!("{}figures?known_on=yesterday", lang.path());
        let wrong = served.client.get(&wrong).await.expect(400);
        says(&markup::read(wrong.text()), &lang.say("ask-wrong-known"));
    }
}

fn evaluate(territory: &str, period: &str) -> Value {
    json!({"territory": territory, "period": period})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_c_three_readings_stand_side_by_side_for_almaty_north_kazakhstan_and_an_invented_town()
{
    let (register, mut lines) = published_register().await;
    let mut all = Vec::new();
    for territory in ["almaty", "north-kazakhstan", "invented-town"] {
        let choice = json!({"territory": territory, "reading": "a", "reason": "the population falls or it does not"});
        all.push(lines.on("2023-02-01", "choose-population-departure-reading", &choice));
    }
    for (territory, period, on) in [
        ("almaty", "2023-01/2023-09", "2023-11-01"),
        ("almaty", "2023-10/2024-03", "2024-04-08"),
        ("north-kazakhstan", "2022", "2023-03-01"),
    ] {
        all.push(lines.on(
            on,
            "evaluate-population-departure",
            &evaluate(territory, period),
        ));
    }
    let figure = |indicator: &str, value: &str| json!({"indicator": indicator, "territory": "invented-town", "period": "2022", "value": value});
    let release = json!({"source": "invented", "source_kind": "published-statistics", "published_on": "2023-02-20",
        "figures": [figure("arrivals", "100"), figure("departures", "171"), figure("natural-increase", "60")]});
    // First nothing is recorded; then the figures come, and what stood at cannot-evaluate is evaluated by their recording.
    all.push(lines.on(
        "2023-02-15",
        "evaluate-population-departure",
        &evaluate("invented-town", "2022"),
    ));
    all.push(lines.on("2023-02-21", "record-release", &release));
    let plan = json!({"territory": "invented-town", "cause": {"cause": "trigger-fired", "evaluation": "2"}});
    all.push(lines.on("2023-03-01", "open-measure-plan", &plan));
    let plan = format!("command:{}", lines.last());
    let measure = json!({"plan": plan, "kind": "adaptation", "what": "A house of languages", "owner": "akimat.almaty",
        "due": "2023-05-31", "indicator": "departures", "target": "150"});
    all.push(lines.on("2023-03-02", "add-measure", &measure));
    register.must(&all).await;
    let served = Served::start(register).await;
    served.caught_up().await;
    let growth = population("2023-10-01") - population("2023-01-01");
    assert_eq!(growth, 49_503);
    for lang in Lang::ALL {
        let of =
            |territory: &str, query: &str| format!("{}departures/{territory}{query}", lang.path());
        let almaty = page(&served, &of("almaty", "")).await;
        says(&almaty, &lang.number(-growth));
        let next = population("2024-04-01") - population("2023-10-01");
        says(&almaty, &lang.number(-next));
        says(&almaty, &lang.say("trigger-not-fired"));
        says(&almaty, &lang.say("reading-missing"));
        // Two periods, of which reading A has a bar; the others name what is missing.
        let bars = almaty
            .tags
            .iter()
            .filter(|tag| tag.name == "svg" && tag.has_class("excess"));
        assert_eq!(bars.count(), 2);
        let north = page(&served, &of("north-kazakhstan", "")).await;
        says(&north, &lang.say("trigger-cannot-evaluate"));
        assert!(!north.tags.iter().any(|tag| tag.has_class("fired")));
        let year = lang.with("period-year", &[("year", "2022")]);
        for missing in ["departures", "arrivals", "natural-increase"] {
            let address = format!("{}figures/north-kazakhstan/{missing}", lang.path());
            let named = north
                .tags
                .iter()
                .any(|tag| tag.get("href") == Some(address.as_str()));
            assert!(named, "{missing}");
        }
        says(&north, &year);
        // 171 left; 100 came and 60 were born more than died: 11 more under a, 111 under b; growth is -11, so 182 under c.
        let town = page(&served, &of("invented-town", "")).await;
        for excess in [11, 111, 182] {
            says(&town, &format!("+{excess}"));
        }
        let before = lang.say("trigger-cannot-evaluate");
        let changed = lang.with(
            "evaluation-changed",
            &[("number", "1"), ("before", &before)],
        );
        says(&town, &changed);
        says(&town, "A house of languages");
        says(&town, &lang.say("measure-overdue"));
        // As known before the figures came it could not be evaluated; on the day of their recording it could.
        let known = page(&served, &of("invented-town", "?known_on=2023-02-20")).await;
        silent(&known, &changed);
        says(&known, &lang.say("reading-missing"));
        let known = page(&served, &of("invented-town", "?known_on=2023-02-21")).await;
        says(&known, &changed);
        let list = page(&served, &format!("{}departures", lang.path())).await;
        for territory in ["almaty", "north-kazakhstan"] {
            says(&list, &lang.territory(&territory.parse().expect("a name")));
        }
        served.client.get(&of("nowhere", "")).await.expect(404);
    }
}

fn base(as_of: &str, districts: [[u64; 3]; 3]) -> Value {
    let names = ["medeu", "auezov", "not-stated"];
    let districts: Vec<Value> = names
        .iter()
        .zip(districts)
        .map(|(name, persons)| json!({"district": name, "persons": persons.map(|n| n.to_string())}))
        .collect();
    json!({"territory": "almaty", "as_of": as_of, "purpose": "kindergartens", "bands": ["0", "6", "18"],
        "districts": districts, "source": "invented for the test"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forecast_shows_its_interval_its_needs_and_no_small_cell() {
    let (register, mut lines) = published_register().await;
    let mut all = Vec::new();
    // Medeu grows by 100 children a year; of those without a district 4 are children.
    for year in 2019..2024_u64 {
        let children = 10_000 + 100 * (year - 2019);
        let counted = [
            [children, 30_000, 90_000],
            [9_000, 20_000, 60_000],
            [4, 70, 800],
        ];
        all.push(lines.on(
            "2024-02-01",
            "record-population-base",
            &base(&format!("{year}-01-01"), counted),
        ));
    }
    let norms = json!({"norm_set": "invented", "territory": "almaty", "source": "invented for the test", "certainty": "assumed",
        "norms": [{"service": "kindergarten", "from_age": "0", "to_age": "6", "needed": "1", "per_persons": "2",
            "places_per_institution": "286"}]});
    all.push(lines.on("2024-02-02", "record-norm-set", &norms));
    let facility = json!({"territory": "almaty", "district": "medeu", "service": "kindergarten", "capacity": "5000",
        "opens": "2015-09-01", "source": "invented for the test"});
    all.push(lines.on("2024-02-02", "record-facility", &facility));
    let run = json!({"territory": "almaty", "method": {"method": "series"}, "steps": "2", "norm_set": "invented"});
    all.push(lines.on("2024-02-05", "run-forecast", &run));
    let mut corrected = base(
        "2023-01-01",
        [
            [10_390, 30_000, 90_000],
            [9_000, 20_000, 60_000],
            [4, 70, 800],
        ],
    );
    corrected["supersedes"] = json!("5");
    corrected["reason"] = json!("ten were counted twice");
    all.push(lines.on("2024-02-12", "record-population-base", &corrected));
    register.must(&all).await;
    let served = Served::start(register).await;
    let end = served.caught_up().await;
    for lang in Lang::ALL {
        let found = page(&served, &format!("{}forecasts/almaty/1", lang.path())).await;
        // The whole holds no small cell and is shown; nor is a method chosen by hand: 100 more each year is the drift.
        let whole = 10_500 + 30_000 + 90_000 + 89_000 + 874;
        says(&found, &lang.number(whole));
        says(&found, &lang.say("backtest-lead"));
        // 10,500 children of Medeu need 5,250 places, of which there are 5,000; 9,000 of Auezov need 4,500, and have none;
        // four without a district need two.
        says(&found, &lang.number(5_250 + 4_500 + 2));
        says(&found, &format!("+{}", lang.number(250 + 4_500 + 2)));
        // The district with four children is hidden, and so is the smaller of the others, which would tell it.
        let hidden = found
            .texts
            .iter()
            .filter(|text| **text == lang.say("small-hidden"));
        assert_eq!(hidden.count(), 2);
        let medeu = 10_500 + 30_000 + 90_000;
        says(&found, &lang.number(medeu));
        silent(&found, &lang.number(89_000));
        silent(&found, &lang.number(874));
        says(&found, &lang.with("small-cells", &[("least", "5")]));
        says(&found, &lang.say("forecast-outdated"));
        says(&found, &lang.with("base-superseded", &[("base", "6")]));
        let intervals = found
            .tags
            .iter()
            .filter(|tag| tag.name == "path" && tag.has_class("interval"));
        assert_eq!(intervals.count(), 3, "wide, narrow, and of one district");
        // Before the correction was recorded nothing was corrected.
        let before = format!("{}forecasts/almaty/1?position={}", lang.path(), end - 1);
        silent(
            &page(&served, &before).await,
            &lang.say("forecast-outdated"),
        );
        let list = page(&served, &format!("{}forecasts", lang.path())).await;
        let drawn = list.tags.iter().filter(|tag| tag.has_class("chart"));
        assert_eq!(drawn.count(), 1);
        for path in [
            "forecasts/almaty/2",
            "forecasts/nowhere/1",
            "forecasts/almaty/x",
        ] {
            let path = format!("{}{path}", lang.path());
            served.client.get(&path).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_that_is_not_recorded_in_a_language_says_so() {
    let (register, _) = published_register().await;
    let served = Served::start(register).await;
    served.caught_up().await;
    // Sourced in Kazakh, Russian and English; in Kazakh and English; in English alone.
    for (act, recorded) in [
        ("law-477-2011", [true, true, true]),
        ("decree-296-2017", [true, false, true]),
        ("law-95-2021", [false, false, true]),
    ] {
        for (lang, recorded) in Lang::ALL.into_iter().zip(recorded) {
            let found = page(&served, &format!("{}acts/{act}", lang.path())).await;
            let heading = found.tags.iter().find(|tag| tag.name == "h1");
            let told = heading.expect("a heading").get("lang").is_none();
            assert_eq!(told, recorded, "{act} {lang:?}");
            if !recorded {
                says(&found, &lang.say("title-other-language"));
            }
        }
    }
}

//! Show C (points 3, 5 and 6): real cases under their own names, through the door of commands, on what is published.

use std::collections::BTreeMap;

use qonys::{
    clock::Clock,
    dispatch::Outcome,
    published,
    views::{
        Views,
        queries::{
            board::{BoardAnswer, BoardQuery},
            proposals::ProposalQuery,
        },
    },
};
use qonys_events::term::Category;
use serde_json::{Value, json};

use crate::{
    monitoring,
    published::lines as published_lines,
    support::register::{Lines, Register, answer},
    tidy::root,
    views::caught_up,
};

mod unseen;

/// A register on what is published, without the determinations of some acts.
async fn register(undetermined: &[&str]) -> Register {
    let register = Register::embedded("2026-01-05T04:00:00.000000Z").await;
    let open = json!({"zone": "Asia/Almaty", "kind": "demo", "clock": "simulated"});
    register
        .must(&[Lines::new(60).line("open-log", &open)])
        .await;
    register.must(&published_lines(published::acts(), 1)).await;
    let determined = published_lines(published::determinations(), 2).into_iter();
    let determined: Vec<_> = determined
        .filter(|line| !undetermined.iter().any(|act| line["data"]["act"] == *act))
        .collect();
    register.must(&determined).await;
    register
}

/// Lines of an office.
fn office(series: u32, office: &str) -> Lines {
    let mut lines = Lines::new(series);
    lines.office = office.into();
    lines
}

#[track_caller]
fn blocked(outcome: &Outcome, code: &str) -> Value {
    let answer: Value = serde_json::from_str(&answer(outcome)).expect("an answer is JSON");
    assert_eq!(
        (&answer["outcome"], &answer["code"]),
        (&json!("blocked"), &json!(code)),
        "{answer}"
    );
    answer["facts"].clone()
}

/// Records a person with an application of so many members; the references of both.
async fn applies(
    register: &Register,
    lines: &mut Lines,
    (category, territory, members): (&str, &str, u64),
    on: &str,
) -> (String, String) {
    let kind = if category == "kandas" {
        "foreigner"
    } else {
        "citizen"
    };
    let mut person = lines.on(on, "record-person", &json!({"kind": kind}));
    person["personal"] = json!({"name": "Сынақ Тұлға", "iin": lines.iin()});
    let applicant = format!("command:{}", lines.last());
    let mut all = vec![person];
    if category == "kandas" {
        all.push(lines.on(on, "grant-kandas-status", &json!({"person": applicant})));
    }
    let filed = json!({"applicant": applicant, "category": category, "territory": territory, "year": &on[..4],
        "members": members.to_string()});
    all.push(lines.on(on, "file-application", &filed));
    register.must(&all).await;
    (format!("command:{}", lines.last()), applicant)
}

async fn board(views: &Views, on: &str) -> BoardAnswer {
    views.catch_up(|_, _| {}).await.expect("the views catch up");
    let query = BoardQuery {
        effective: Some(on.parse().expect("a day")),
        ..BoardQuery::default()
    };
    views.board(query, &Clock::System).await.expect("a board")
}

/// Sum of the regional lines of an act, by category, as the log holds them; and the national total.
async fn set_by(register: &Register, act: &str) -> BTreeMap<String, (u64, u64)> {
    let mut sums = BTreeMap::new();
    for text in register.texts().await {
        let entry: Value = serde_json::from_str(&text).expect("JSON");
        if entry["type"] != "kz.qonys.quota.set.v1" || entry["data"]["act"] != act {
            continue;
        }
        for line in entry["data"]["lines"].as_array().expect("lines") {
            let category = line["category"].as_str().expect("a category").to_owned();
            let limit: u64 = line["limit"]
                .as_str()
                .expect("a limit")
                .parse()
                .expect("a number");
            let (regional, national) = sums.entry(category).or_insert((0, 0));
            match line["territory"].as_str() {
                Some("kazakhstan") => *national += limit,
                _ => *regional += limit,
            }
        }
    }
    sums
}

#[tokio::test]
async fn show_c_the_quotas_of_2023_by_region_wait_until_their_order_is_determined() {
    const ORDER: &str = "order-2022-12-30";
    let register = register(&[ORDER]).await;
    let sums = set_by(&register, ORDER).await;
    assert_eq!(sums["kandas"], (1_925, 1_925));
    assert_eq!(sums["resettlers"], (6_727, 6_727));
    let mut lines = office(61, "akimat.pavlodar");
    let (application, _) = applies(
        &register,
        &mut lines,
        ("kandas", "pavlodar", 3),
        "2023-05-02",
    )
    .await;
    let hold = json!({"application": application});
    let outcome = register
        .send(&lines.on("2023-05-03", "hold-places", &hold))
        .await;
    let facts = blocked(&outcome, "basis-unknown");
    assert_eq!(facts["limit-act"], ORDER, "{facts}");
    let determined =
        json!({"act": ORDER, "from": "2022-12-31", "basis": "the day after its adoption"});
    register
        .must(&[lines.line("determine-act", &determined)])
        .await;
    let taken = ["hold-places", "commit-places"].map(|step| lines.on("2023-05-03", step, &hold));
    register.must(&taken).await;
    let board = board(&caught_up(&register).await, "2023-06-01").await;
    let name = "kandas.pavlodar.2023.principals-and-members"
        .parse()
        .expect("a line");
    let line = board.line(&name).expect("the line stands on the board");
    assert_eq!((line.limit.map(|n| n.0), line.committed), (Some(932), 4));
}

/// The use of 2024 by 01.07 is published for the regions without the category: it is shown so, and split by nobody.
#[tokio::test]
async fn show_c_the_use_of_2024_by_region_has_no_category() {
    let directory = monitoring::published().await;
    let dir = directory.path().to_string_lossy().into_owned();
    let found = monitoring::ask(&dir, &["figures", "--effective", "2024-07-01"]).await;
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let mut regions = Vec::new();
    for figure in found["figures"].as_array().expect("figures") {
        let Some(indicator) = figure["indicator"]
            .as_str()
            .filter(|i| i.starts_with("quota-use-"))
        else {
            continue;
        };
        let value: i64 = figure["figure"]
            .as_str()
            .expect("digits")
            .parse()
            .expect("a number");
        *sums.entry(indicator.to_owned()).or_default() += value;
        if indicator == "quota-use-category-not-stated" {
            regions.push(
                figure["territory"]
                    .as_str()
                    .expect("a territory")
                    .to_owned(),
            );
            assert_eq!(figure["note"], "category not stated", "{figure}");
        } else {
            assert_eq!(figure["territory"], "kazakhstan", "{figure}");
        }
    }
    let sum = |name: &str| sums[&format!("quota-use-{name}")];
    assert_eq!(
        (sum("kandas"), sum("resettlers"), sum("category-not-stated")),
        (1_891, 2_978, 4_869)
    );
    assert_eq!(regions.len(), 8, "{regions:?}");
    assert!(regions.contains(&"north-kazakhstan".to_owned()));
}

#[tokio::test]
async fn show_c_the_quotas_of_2025_leave_790_resettlers_unallocated() {
    let register = register(&[]).await;
    let board = board(&caught_up(&register).await, "2025-06-02").await;
    let total = |category: Category| {
        let rule = "principals-and-members".parse().expect("a rule");
        let year = qonys_events::scalar::Year(2025);
        board
            .totals
            .iter()
            .find(|t| (t.category, t.year, &t.rule) == (category, year, &rule))
            .expect("a total")
    };
    let kandas = total(Category::Kandas);
    assert_eq!(
        (
            kandas.reported.map(|n| n.0),
            kandas.regional.0,
            kandas.regions.len()
        ),
        (Some(2_309), 2_309, 8)
    );
    assert_eq!(kandas.unallocated.map(|n| n.0), Some(0));
    let resettlers = total(Category::Resettlers);
    assert_eq!(
        (resettlers.reported.map(|n| n.0), resettlers.regional.0),
        (Some(7_344), 6_554)
    );
    assert_eq!(resettlers.unallocated.map(|n| n.0), Some(790));
    // Determined, and without a line that a source gives: missing, not zero.
    let missing: Vec<_> = resettlers.missing.iter().map(|t| t.as_str()).collect();
    for territory in ["east-kazakhstan", "abai", "ulytau", "karaganda"] {
        assert!(missing.contains(&territory), "{missing:?}");
    }
}

/// The national shares of 2025 as norms, of the two acts: the second is known by its month, raised the permits and cut the
/// households.
#[tokio::test]
async fn show_c_the_labour_share_of_august_2025_is_known_by_its_month() {
    let file = std::fs::read_to_string(root().join("data/foreign-labour.csv")).expect("a file");
    let mut rows = csv::Reader::from_reader(file.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    let of_2025: Vec<_> = rows.iter().filter(|row| &row[0] == "2025").collect();
    let hundredths = |share: &str| -> u64 {
        let (whole, rest) = share.split_once('.').expect("a share");
        format!("{whole}{rest:0<2}").parse().expect("digits")
    };
    let register = register(&[]).await;
    let mut lines = office(62, "akimat.almaty");
    let mut all = Vec::new();
    let bounds = [("2025-01-01", Some("2025-08-01")), ("2025-08-01", None)];
    for ((row, (from, until)), act) in of_2025
        .iter()
        .zip(bounds)
        .zip(["labour-2025", "labour-2025-08"])
    {
        let mut data = json!({"act": act, "kind": "order", "body": "the minister", "titles": {"en": act}, "language": "ru",
            "entry_into_force": {"rule": "unknown"}, "document": act, "wording": "first", "synthetic": false, "source": &row[13]});
        match (&row[3], &row[2]) {
            ("month", month) => data["in_force_on"] = json!(month),
            _ => data["in_force_on"] = json!("2025-01-01"),
        }
        all.push(lines.line("record-act", &data));
        for (norm, share) in [
            ("foreign-labour.permits-share", &row[4]),
            ("foreign-labour.households-share", &row[5]),
        ] {
            let mut data = json!({"norm": norm, "document": act, "point": "not recorded", "value": hundredths(share).to_string(),
                "unit": "hundredths-of-a-percent-of-the-labour-force", "from": from, "certainty": "known", "source": &row[13]});
            if let Some(until) = until {
                data["until"] = json!(until);
            }
            all.push(lines.line("record-norm", &data));
        }
    }
    register.must(&all).await;
    let views = caught_up(&register).await;
    let act = "labour-2025-08".parse().expect("a name");
    for (on, stands) in [
        ("2025-07-31", "not-yet"),
        ("2025-08-15", "unknown"),
        ("2025-09-01", "in-force"),
    ] {
        let day = Some(on.parse().expect("a day"));
        let found = views
            .acts(Some(&act), day, Default::default(), &Clock::System)
            .await;
        let found = found.expect("an answer").acts.pop().expect("the act");
        let status = serde_json::to_value(&found.standing).expect("JSON");
        assert_eq!(status["status"], stands, "{on}: {status}");
    }
    let share = |row: &csv::StringRecord| (hundredths(&row[4]), hundredths(&row[5]));
    assert_eq!(
        [share(of_2025[0]), share(of_2025[1])],
        [(20, 300), (25, 295)],
        "permits up, households down"
    );
}

/// The status and the inclusion are two things: Almaty grants the one and has no line for the other. Since law 223-VII that
/// is ground 5 by its words; before it no ground is known, and none is known for resettlers.
#[tokio::test]
async fn show_c_the_almaty_applicant_has_the_status_and_no_quota_line() {
    let register = register(&[]).await;
    let mut lines = office(63, "akimat.almaty");
    let calendar = |year: u64| {
        json!({"year": year.to_string(), "weekly_rest": ["saturday", "sunday"], "days_off": [],
        "synthetic": true, "source": "test"})
    };
    let calendars = [2023, 2024].map(|year| lines.line("record-calendar", &calendar(year)));
    register.must(&calendars).await;
    let refusal = |application: &str, applicant: &str, heard: &str| {
        json!({"application": application, "applicant": applicant,
        "ground": "no-regional-quota", "hearing": {"choice": "held", "on": heard}, "appeal": "to the authorised body"})
    };
    let told = |application: &str| json!({"application": application, "verdict": "adverse", "way": "post", "document": "00".repeat(32)});

    let (early, person) =
        applies(&register, &mut lines, ("kandas", "almaty", 1), "2023-02-01").await;
    register
        .must(&[lines.on("2023-02-06", "tell-preliminary-decision", &told(&early))])
        .await;
    let refused = lines.on(
        "2023-02-13",
        "refuse-application",
        &refusal(&early, &person, "2023-02-09"),
    );
    let facts = blocked(&register.send(&refused).await, "norm-missing");
    assert_eq!(facts["norm"], "refusal-ground.kandas.no-regional-quota");

    let (application, person) =
        applies(&register, &mut lines, ("kandas", "almaty", 1), "2024-02-01").await;
    let hold = lines.on(
        "2024-02-02",
        "hold-places",
        &json!({"application": application}),
    );
    blocked(&register.send(&hold).await, "no-quota-line");
    let refused = refusal(&application, &person, "2024-02-09");
    register
        .must(&[
            lines.on(
                "2024-02-06",
                "tell-preliminary-decision",
                &told(&application),
            ),
            lines.on("2024-02-13", "refuse-application", &refused),
        ])
        .await;
    let last: Value =
        serde_json::from_str(register.texts().await.last().expect("an entry")).expect("JSON");
    assert_eq!(
        (&last["type"], &last["act"]),
        (
            &json!("kz.qonys.application.refusal-act-adopted.v1"),
            &json!("law-477-2011")
        )
    );
    assert_eq!(last["data"]["facts"]["line"], "none", "{last}");
    // The refusal of the inclusion leaves the status: it is not granted twice.
    let again = lines.on(
        "2024-02-14",
        "grant-kandas-status",
        &json!({"person": person}),
    );
    blocked(&register.send(&again).await, "status-granted");

    let (resettler, person) = applies(
        &register,
        &mut lines,
        ("resettlers", "almaty", 0),
        "2024-02-01",
    )
    .await;
    register
        .must(&[lines.on("2024-02-06", "tell-preliminary-decision", &told(&resettler))])
        .await;
    let adverse = lines.on(
        "2024-02-13",
        "refuse-application",
        &refusal(&resettler, &person, "2024-02-09"),
    );
    let facts = blocked(&register.send(&adverse).await, "norm-missing");
    assert_eq!(facts["norm"], "refusal-ground.resettlers.no-regional-quota");
}

/// Asked, granted, and what the act of the setter set: three figures, and only the last one is a limit.
#[tokio::test]
async fn a_proposal_shows_what_was_asked_what_was_granted_and_what_the_act_set() {
    let register = register(&[]).await;
    let mut lines = office(65, "akimat.pavlodar");
    let subject = json!({"kind": "regional-quota", "direction": "increase", "horizon": {"horizon": "coming-year", "year": "2026"},
        "lines": [{"category": "kandas", "asked": "1200"}, {"category": "resettlers", "asked": "3200"}]});
    let draft = json!({"subject": subject, "territory": "pavlodar", "justification": "00".repeat(32), "indicators": ["interregional-balance"]});
    let draft = lines.on("2025-10-01", "draft-proposal", &draft);
    let proposal = format!("command:{}", lines.last());
    let on_it = |more: Value| {
        let mut data = json!({"proposal": proposal});
        for (key, value) in more.as_object().expect("an object") {
            data[key] = value.clone();
        }
        data
    };
    let signed = on_it(json!({"document": "11".repeat(32)}));
    let sent =
        |authority: &str| on_it(json!({"authority": authority, "addressee": "the ministry"}));
    let granted = json!([{"category": "kandas", "asked": "1100"}]);
    register
        .must(&[draft, lines.on("2025-10-02", "sign-proposal", &signed)])
        .await;
    let closed = lines.on("2025-10-03", "send-proposal", &sent("ministry-of-health"));
    blocked(&register.send(&closed).await, "addressee-not-competent");
    let act = json!({"act": "order-2025-12", "kind": "order", "body": "the minister", "titles": {"en": "Quotas of 2026"},
        "language": "kk", "in_force_on": "2026-01-01", "entry_into_force": {"rule": "unknown"}, "document": "order-2025-12",
        "wording": "first", "synthetic": true, "source": "invented"});
    let quota = json!({"act": "order-2025-12", "action": "establish", "year": "2026", "rule": "principals-and-members",
        "rule_certainty": "known", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "1090"}]});
    register
        .must(&[
            lines.on("2025-10-03", "send-proposal", &sent("ministry-of-labour")),
            lines.on(
                "2025-10-06",
                "record-receipt",
                &on_it(json!({"number": "1"})),
            ),
            lines.on(
                "2025-11-03",
                "record-answer",
                &on_it(json!({"answer": "in-part", "number": "2", "granted": granted})),
            ),
            lines.line("record-act", &act),
            lines.line("set-quota", &quota),
            lines.on(
                "2026-01-02",
                "link-proposal",
                &on_it(json!({"act": "order-2025-12"})),
            ),
        ])
        .await;
    let views = caught_up(&register).await;
    let query = ProposalQuery {
        effective: Some("2026-01-03".parse().expect("a day")),
        ..ProposalQuery::default()
    };
    let found = views
        .proposals(&query, &Clock::System)
        .await
        .expect("an answer")
        .proposals;
    let found = serde_json::to_value(&found[0]).expect("JSON");
    let line = |name: &str, asked: &str, granted: &str, difference: &str| json!({"line": name, "asked": asked, "granted": granted, "difference": difference});
    let told = match &found["lines"] {
        Value::String(text) => serde_json::from_str(text).expect("JSON"),
        lines => lines.clone(),
    };
    let expected = [
        line("kandas", "1200", "1100", "-100"),
        line("resettlers", "3200", "0", "-3200"),
    ];
    assert_eq!(told, json!(expected));
    assert_eq!(found["set"][0]["limit"], "1090", "{found}");
    assert_eq!(found["authority"], "ministry-of-labour");
}

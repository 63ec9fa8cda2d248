//! What is published (`data/`): the register of acts, the figures, the determinations that fill gaps. Compiled in and
//! turned into command lines for whoever enters them.
//!
//! The files are ours and are read by tests, so a fault in them is a panic and no error.

use std::collections::BTreeMap;

mod figures;

pub use figures::{figures, figures_known_on};

use qonys_events::{
    entry::Actor,
    fact::law::{LineLimit, TerritoryChanged},
    id::Ref,
    scalar::{Count, Day, Slug, Text, Year},
    term::{Category, Certainty, CountingRule, QuotaAction, TerritoryChange},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// The register of acts, as lines without id and actor.
const ACTS: &str = include_str!("../data/acts.ndjson");
/// Determinations, as lines without id and actor.
const DETERMINATIONS: &str = include_str!("../data/determinations.ndjson");
/// Quotas by act.
const QUOTAS: &str = include_str!("../data/quotas.csv");
/// Determined regions by list.
const REGIONS: &str = include_str!("../data/determined-regions.csv");
/// The districts of Almaty.
const DISTRICTS: &str = include_str!("../data/districts.csv");

/// The Rules in the wording of decision No 22, as far as the text was recorded (Kazakh).
pub const RULES_2021_KK: &str = include_str!("../data/rules-2021.kk.txt");

/// The act that says which regions were determined, by the list in which they stand.
const LISTS: [(&str, &str); 2] = [("2016", "decree-83-2016"), ("2023", "regions-2023")];

/// A command that enters something published, without id and actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The first day on which a register could have entered it; `None` when it lies far enough back to be entered at
    /// any time.
    pub known: Option<Day>,
    /// The type of the command.
    pub type_name: String,
    /// Its data, as JSON text.
    pub data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(default)]
    known: Option<Day>,
    r#type: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Published {
    fn read(text: &str) -> Self {
        let line: Line<'_> = serde_json::from_str(text).expect("a line of data/ is a command");
        Self {
            known: line.known,
            type_name: line.r#type,
            data: line.data.get().to_owned(),
        }
    }

    fn made(known: Option<Day>, type_name: &str, data: &impl Serialize) -> Self {
        let data =
            serde_json::to_string(data).expect("data has no map with keys other than strings");
        Self {
            known,
            type_name: type_name.to_owned(),
            data,
        }
    }

    /// The command line of an actor.
    pub fn line(&self, id: Ref, actor: &Actor) -> String {
        #[derive(Serialize)]
        struct Written<'a> {
            id: Ref,
            r#type: &'a str,
            actor: &'a Actor,
            data: &'a RawValue,
        }
        let data: &RawValue = serde_json::from_str(&self.data).expect("the data is JSON");
        let written = Written {
            id,
            r#type: &self.type_name,
            actor,
            data,
        };
        serde_json::to_string(&written).expect("a line has no map with keys other than strings")
    }
}

/// Everything published, in an order in which it can be entered: acts, powers and norms, then what quotas.csv and
/// determined-regions.csv say that some of these acts do.
pub fn acts() -> Vec<Published> {
    let mut lines: Vec<_> = ACTS.lines().map(Published::read).collect();
    let known: BTreeMap<String, Option<Day>> = lines
        .iter()
        .filter(|line| line.type_name == "record-act")
        .map(|line| (name_of(&line.data), line.known))
        .collect();
    lines.extend(territories(&known));
    lines.extend(quotas(&known));
    lines
}

/// From when acts are taken to be in force whose first day no source gives: assumed, and shown so.
pub fn determinations() -> Vec<Published> {
    DETERMINATIONS.lines().map(Published::read).collect()
}

/// Acts and determinations together, as far as they could be known on a day, in an order in which they can be entered.
pub fn known_on(day: Day) -> Vec<Published> {
    let all = acts().into_iter().chain(determinations());
    all.filter(|line| line.known.is_none_or(|known| known <= day))
        .collect()
}

/// Acts and determinations that became known after a day, by the day on which they did.
pub fn known_after(day: Day) -> BTreeMap<Day, Vec<Published>> {
    let mut later: BTreeMap<Day, Vec<Published>> = BTreeMap::new();
    for line in acts().into_iter().chain(determinations()) {
        if let Some(known) = line.known.filter(|known| *known > day) {
            later.entry(known).or_default().push(line);
        }
    }
    later
}

/// The districts of Almaty: code, Kazakh, Russian and English name.
pub fn districts() -> Vec<[String; 4]> {
    rows(DISTRICTS).collect()
}

fn name_of(data: &str) -> String {
    let data: Value = serde_json::from_str(data).expect("the data is JSON");
    data["act"].as_str().expect("an act has a name").to_owned()
}

fn rows<T: for<'de> Deserialize<'de>>(text: &'static str) -> impl Iterator<Item = T> {
    let reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .into_deserialize()
        .map(|row| row.expect("a file of data/ has rows of one form"))
}

fn known_of(known: &BTreeMap<String, Option<Day>>, act: &str) -> Option<Day> {
    *known
        .get(act)
        .unwrap_or_else(|| panic!("acts.ndjson has no act {act}"))
}

fn territories(known: &BTreeMap<String, Option<Day>>) -> Vec<Published> {
    let row = |[category, territory, listed_in, _source]: [String; 4]| {
        let act = LISTS
            .iter()
            .find(|(list, _)| *list == listed_in)
            .expect("a list that has an act")
            .1;
        let changed = TerritoryChanged {
            category: parsed(&category),
            territory: parsed(&territory),
            change: TerritoryChange::Determined,
            act: parsed(act),
        };
        Published::made(known_of(known, act), "change-territory", &changed)
    };
    rows(REGIONS).map(row).collect()
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse()
        .expect("a cell of data/ has the form of its column")
}

/// One row of quotas.csv.
#[derive(Deserialize)]
struct QuotaRow {
    act: Slug,
    kind: QuotaAction,
    year: Year,
    category: Category,
    territory: Slug,
    #[serde(rename = "territory_name")]
    _territory_name: String,
    unit: String,
    limit: Count,
    #[serde(rename = "adopted_on")]
    _adopted_on: String,
    #[serde(rename = "in_force_on")]
    _in_force_on: String,
    #[serde(rename = "source")]
    _source: Text,
}

/// Data of `set-quota`, as it is written.
#[derive(Serialize)]
struct SetQuota {
    act: Slug,
    action: QuotaAction,
    year: Year,
    rule: CountingRule,
    rule_certainty: Certainty,
    lines: Vec<LineLimit>,
}

/// One command for each act: its lines in the order of the file.
fn quotas(known: &BTreeMap<String, Option<Day>>) -> Vec<Published> {
    let mut acts: Vec<SetQuota> = Vec::new();
    for row in rows::<QuotaRow>(QUOTAS) {
        assert_eq!(
            row.unit, "persons",
            "a quota in another unit needs a counting rule of its own"
        );
        let line = LineLimit {
            category: row.category,
            territory: row.territory,
            limit: row.limit,
            mark: None,
        };
        match acts.iter_mut().find(|set| set.act == row.act) {
            Some(set) => set.lines.push(line),
            None => acts.push(SetQuota {
                act: row.act,
                action: row.kind,
                year: row.year,
                rule: parsed(CountingRule::PRINCIPALS_AND_MEMBERS),
                rule_certainty: Certainty::Assumed,
                lines: vec![line],
            }),
        }
    }
    let made =
        |set: SetQuota| Published::made(known_of(known, set.act.as_str()), "set-quota", &set);
    acts.into_iter().map(made).collect()
}

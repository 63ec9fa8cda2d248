//! The command lines that are measured, and those that they need before them. Synthetic persons only.

use serde_json::{Value, json};

use super::Trouble;
use crate::{
    clock::{Clock, Entropy},
    dispatch::Request,
};

/// The line that everybody allocates from.
pub(super) const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
/// More places than any run can fill.
const PLACES: u64 = 1_000_000_000;

/// An id as a client draws it: in the order of time.
fn id() -> String {
    Entropy::System.id_at(Clock::System.now()).to_string()
}

fn line(type_name: &str, data: &Value) -> Value {
    let actor = json!({"actor": "a0b1c2d3-0000-4000-8000-000000000001", "role": "quota-officer", "office": "akimat.pavlodar"});
    json!({"id": id(), "type": type_name, "decidedon": "2024-02-01", "actor": actor, "data": data})
}

fn act(name: &str, in_force_on: &str) -> Value {
    line(
        "record-act",
        &json!({"act": name, "kind": "order", "body": "a body", "titles": {"en": name}, "language": "ru",
            "in_force_on": in_force_on, "entry_into_force": {"rule": "unknown"}, "document": name, "wording": "first",
            "synthetic": true, "source": "benchmark"}),
    )
}

/// What opens a log for a benchmark: an act that gives the powers, and a line with places for everybody.
pub(super) fn opening() -> Vec<Value> {
    let power = |decision: &str, point: &str| {
        line(
            "record-power",
            &json!({"decisions": [decision], "document": "law-477-2011", "point": point, "from": "2011-07-22",
                "certainty": "known", "source": "benchmark"}),
        )
    };
    let limit = json!([{"category": "resettlers", "territory": "kazakhstan", "limit": PLACES.to_string(), "mark": "source-gap"}]);
    vec![
        line(
            "open-log",
            &json!({"zone": "Asia/Almaty", "kind": "test", "clock": "system"}),
        ),
        act("law-477-2011", "2011-07-22"),
        power("resettler-inclusion", "15(6-6)"),
        power("residence-registration", "9"),
        act("order", "2024-01-01"),
        line(
            "set-quota",
            &json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals-and-members",
                "rule_certainty": "assumed", "lines": limit}),
        ),
    ]
}

/// What every caller's line says of itself: made once, as a client makes its frame once.
const FRAME: &str = r#""decidedon":"2024-02-01","actor":{"actor":"a0b1c2d3-0000-4000-8000-000000000001","role":"quota-officer","office":"akimat.pavlodar"}"#;

/// A person, with one sealed slot: the id of the command, and its line.
pub(super) fn person() -> (String, String) {
    let id = id();
    let line = format!(
        r#"{{"id":"{id}","type":"record-person",{FRAME},"data":{{"kind":"citizen"}},"personal":{{"name":"Сынақ Тұлға"}}}}"#
    );
    (id, line)
}

/// The application of the person that a command records.
pub(super) fn application(person: &str) -> String {
    let id = id();
    format!(
        r#"{{"id":"{id}","type":"file-application",{FRAME},"data":{{"applicant":"command:{person}","category":"resettlers","territory":"kazakhstan","year":"2024","members":"0"}}}}"#
    )
}

/// The verdict on the application with this reference: places are held in the line.
pub(super) fn hold(application: &str) -> String {
    let id = id();
    format!(
        r#"{{"id":"{id}","type":"hold-places",{FRAME},"data":{{"application":"{application}"}}}}"#
    )
}

/// The same, decided on a day, and effective from another one where it is given.
pub(super) fn hold_on(
    application: &str,
    (decided, effective): &(String, Option<String>),
) -> String {
    let frame = FRAME.replacen("2024-02-01", decided, 1);
    let effective = effective
        .as_ref()
        .map_or(String::new(), |day| format!(r#""effective":"{day}","#));
    let id = id();
    format!(
        r#"{{"id":"{id}","type":"hold-places",{effective}{frame},"data":{{"application":"{application}"}}}}"#
    )
}

/// A line as a request.
pub(super) fn request(line: &str) -> Result<Request, Trouble> {
    Request::read(line).map_err(|invalid| Trouble::new(invalid.message))
}

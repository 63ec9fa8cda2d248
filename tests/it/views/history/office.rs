//! The part of the history that offices are about: one that is set up, staffed and keeps registers (point 11).

use serde_json::{Value, json};

use crate::support::register::Lines;

/// The office of a hamlet, which decides nothing that the rest of the history is about.
pub(super) const OFFICE: &str = "akimat.hamlet";

/// Who acts for it.
pub(super) const HEAD: &str = "a0b1c2d3-0000-4000-8000-000000000021";
const CLERK: &str = "a0b1c2d3-0000-4000-8000-000000000022";

/// A command of the hamlet.
pub(super) fn by(mut line: Value) -> Value {
    line["actor"] = json!({"actor": HEAD, "role": "head", "office": OFFICE});
    line
}

/// An office with powers, an appointment, an acting official and a delegation.
pub(super) fn office(lines: &mut Lines, all: &mut Vec<Value>) {
    let order = json!({"number": "1", "dated": "2024-01-10"});
    let power = json!({"power": "school-places", "titles": {"en": "school places"}, "document": "law-477-2011",
        "point": "15(9)", "from": "2012-01-01", "certainty": "known", "source": "test"});
    all.push(by(lines.on("2024-02-01", "record-other-power", &power)));
    let office = json!({"office": OFFICE, "titles": {"en": "a hamlet"}, "territories": ["hamlet"], "order": order});
    all.push(by(lines.on("2024-02-01", "register-office", &office)));
    let vest = json!({"office": OFFICE, "powers": ["school-places"], "document": "law-477-2011", "point": "15(9)",
        "certainty": "known", "source": "test"});
    all.push(by(lines.on("2024-02-01", "vest-powers", &vest)));
    for (official, role, powers) in [
        (HEAD, "head", &["school-places"][..]),
        (CLERK, "clerk", &[]),
    ] {
        let appoint = json!({"office": OFFICE, "official": official, "role": role, "powers": powers, "order": order});
        all.push(by(lines.on("2024-02-01", "appoint-official", &appoint)));
    }
    let acting = json!({"office": OFFICE, "official": CLERK, "absent": HEAD, "until": "2024-04-01", "order": order});
    all.push(by(lines.on("2024-02-01", "appoint-acting", &acting)));
    let delegate = json!({"office": OFFICE, "by": HEAD, "official": CLERK, "powers": ["school-places"], "order": order});
    all.push(by(lines.on("2024-02-01", "delegate-powers", &delegate)));
    let exercise = json!({"power": "school-places", "document": "22".repeat(32)});
    let mut acts = lines.on("2024-02-10", "exercise-power", &exercise);
    acts["actor"] = json!({"actor": CLERK, "role": "head", "office": OFFICE, "onbehalfof": HEAD});
    all.push(acts);
    let came = json!({"kind": "letter", "issuer": "a ministry", "language": "kk", "sha256": "22".repeat(32)});
    all.push(by(lines.on("2024-02-12", "register-incoming", &came)));
    let went = json!({"kind": "answer", "addressee": "a ministry", "way": "post", "language": "kk", "sha256": "22".repeat(32),
        "answers": {"year": "2024", "number": "1"}});
    all.push(by(lines.on("2024-02-13", "register-outgoing", &went)));
    labour(lines, all);
    let snapshot = json!({"list": "limits", "day": "2024-03-01", "position": "1", "rows": "0", "digest": "22".repeat(32)});
    let report = json!({"kind": "quota-use", "addressee": "a ministry", "snapshot": snapshot});
    all.push(by(lines.on("2024-03-10", "freeze-report", &report)));
    let sign = json!({"report": super::minted(lines), "digest": "22".repeat(32), "document": "33".repeat(32)});
    all.push(by(lines.on("2024-03-11", "sign-report", &sign)));
    let end = json!({"office": OFFICE, "assignment": "6", "order": order});
    all.push(by(lines.on("2024-03-15", "end-assignment", &end)));
}

/// A share of foreign labour and a permit inside it.
fn labour(lines: &mut Lines, all: &mut Vec<Value>) {
    all.push(super::power(lines, "foreign-labour-permit", "15(11)"));
    let share = json!({"territory": "pavlodar", "year": "2024", "act": "order", "lines": [{"category": "category-3", "places": "9"}]});
    all.push(lines.on("2024-02-14", "distribute-labour-share", &share));
    let permit = json!({"territory": "pavlodar", "employer": "plant", "category": "category-3", "workers": "4",
        "until": "2025-02-15"});
    all.push(lines.on("2024-02-15", "grant-labour-permit", &permit));
    let of = json!({"territory": "pavlodar", "permit": super::minted(lines), "document": "22".repeat(32)});
    all.push(lines.on("2024-03-15", "suspend-labour-permit", &of));
}

//! Show B, promises P2 and P3: bad lines harm no other line and the answer points at the fault; the same file again
//! gives the first answers and stores nothing; a blocked line is decided anew.

use serde_json::{Value, json};

use crate::support::{
    process::{qonys, run, run_with_input},
    register::Lines,
};

/// Submits lines to the log in a directory; gives the answers.
async fn submit(directory: &str, lines: &[String]) -> Vec<Value> {
    let text = lines
        .iter()
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    let done = run_with_input(qonys(["submit", "-", "--data-dir", directory]), &text)
        .await
        .expect_success();
    let answers: Vec<Value> = done
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an answer is JSON"))
        .collect();
    assert_eq!(answers.len(), lines.len(), "every line is answered");
    answers
}

/// The entries of the log, as they are printed.
async fn entries(directory: &str) -> String {
    let command = qonys(["history", "--output", "ndjson", "--data-dir", directory]);
    run(command).await.expect_success().stdout
}

fn outcomes(answers: &[Value]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer["outcome"].as_str().expect("an outcome"))
        .collect()
}

#[tokio::test]
async fn bad_lines_harm_no_other_and_the_answer_points_at_the_fault() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_str().expect("a path");
    let mut lines = Lines::new(3);
    let opening: Vec<String> = lines
        .opening("system")
        .iter()
        .map(Value::to_string)
        .collect();
    let good = submit(directory, &opening).await;
    assert_eq!(outcomes(&good), vec!["accepted"; opening.len()]);
    let before = entries(directory).await;

    let person = |lines: &mut Lines| lines.line("record-person", &json!({"kind": "citizen"}));
    let with = |mut line: Value, pointer: &str, value: Value| {
        *line
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer} stands in the line")) = value;
        line.to_string()
    };
    let mut named = person(&mut lines);
    named["personal"] = json!({"name": "Сынақ", "iin": "850101100012"});
    let mut secret = named.clone();
    secret["personal"]["shoe-size"] = json!("850101100012");
    let power = json!({"decisions": ["no-such"], "document": "law-477-2011", "point": "1", "from": "2011-07-22",
        "certainty": "known", "source": "x"});
    let doubled =
        person(&mut lines)
            .to_string()
            .replacen(r#""kind""#, r#""kind":"citizen","kind""#, 1);
    let quota = json!({"act": "law-477-2011", "action": "establish", "year": "2024", "rule": "families",
        "rule_certainty": "known", "lines": [{"category": "kandas", "territory": "a", "limit": 5}]});
    let cases: Vec<(String, &str, &str)> = vec![
        ("{".into(), "not-json", ""),
        ("[]".into(), "malformed", ""),
        (
            with(person(&mut lines), "/id", json!("x")),
            "malformed",
            "/id",
        ),
        (
            with(person(&mut lines), "/type", json!("no-such")),
            "unknown-type",
            "/type",
        ),
        (
            with(person(&mut lines), "/actor/office", json!("Not A Slug")),
            "malformed",
            "/actor/office",
        ),
        (
            with(person(&mut lines), "/data/kind", json!("alien")),
            "malformed",
            "/data/kind",
        ),
        (secret.to_string(), "malformed", "/personal/shoe-size"),
        (doubled, "malformed", "/data"),
        (
            lines.line("record-power", &power).to_string(),
            "malformed",
            "/data/decisions/0",
        ),
        (
            lines.line("set-quota", &quota).to_string(),
            "malformed",
            "/data/lines/0/limit",
        ),
        (
            lines
                .line(
                    "grant-kandas-status",
                    &json!({"person": "command:00000000-0000-7000-8000-00000000dead"}),
                )
                .to_string(),
            "unresolved-reference",
            "/data/person",
        ),
        (
            with(
                lines.on("2024-02-30", "record-person", &json!({"kind": "citizen"})),
                "/type",
                json!("record-person"),
            ),
            "malformed",
            "/decidedon",
        ),
    ];
    let mixed: Vec<String> = cases
        .iter()
        .map(|(line, ..)| line.clone())
        .chain([named.to_string()])
        .collect();
    let answers = submit(directory, &mixed).await;
    for (answer, (line, code, pointer)) in answers.iter().zip(&cases) {
        assert_eq!(
            (answer["outcome"].as_str(), answer["code"].as_str()),
            (Some("invalid"), Some(*code)),
            "{line} {answer}"
        );
        let told = answer["pointer"].as_str().expect("a pointer");
        assert!(
            told == *pointer
                || (line.contains(r#""kind":"citizen","kind""#) && told.starts_with("/data")),
            "{line} {answer}"
        );
        assert!(
            !answer.to_string().contains("850101100012"),
            "the answer repeats a personal value"
        );
    }
    assert_eq!(answers.last().expect("an answer")["outcome"], "accepted");
    let after = entries(directory).await;
    let stored = after.strip_prefix(&before).expect("the log only grew");
    assert_eq!(
        stored.lines().count(),
        1,
        "one good line among the bad ones"
    );
}

#[tokio::test]
async fn p3_the_same_file_again_gives_the_first_answers_and_stores_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_str().expect("a path");
    let mut lines = Lines::new(4);
    let mut file = lines.opening("system");
    file.push(lines.act("order", "2024-01-01"));
    file.push(lines.quota("order", "establish", &[("resettlers", 1)]));
    let mut applications = Vec::new();
    for _ in 0..2 {
        file.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        applications.push(format!("command:{}", lines.last()));
    }
    for application in &applications {
        file.push(lines.on(
            "2024-02-02",
            "hold-places",
            &json!({"application": application}),
        ));
    }
    let file: Vec<String> = file.iter().map(Value::to_string).collect();
    let first = submit(directory, &file).await;
    let blocked = first.last().expect("an answer");
    assert_eq!(
        (blocked["outcome"].as_str(), blocked["code"].as_str()),
        (Some("blocked"), Some("limit-reached"))
    );
    assert_eq!(
        (blocked["basis"].as_str(), blocked["act"].as_str()),
        (Some("law"), Some("law-477-2011"))
    );
    let stored = entries(directory).await;

    let again = submit(directory, &file).await;
    assert_eq!(entries(directory).await, stored, "nothing was stored");
    for (first, again) in first.iter().zip(&again) {
        let mut expected = first.clone();
        if first["outcome"] == "accepted" {
            expected["outcome"] = json!("duplicate");
        }
        assert_eq!(*again, expected);
    }

    // The blocked line is decided anew once there is a place.
    let release = json!({"application": applications[0], "reason": "withdrawn"});
    let release = lines
        .on("2024-02-02", "release-places", &release)
        .to_string();
    let answers = submit(directory, &[release, file.last().expect("a line").clone()]).await;
    assert_eq!(outcomes(&answers), ["accepted", "accepted"]);
}

#[tokio::test]
async fn p3_a_reused_id_with_another_body_is_told_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_str().expect("a path");
    let mut lines = Lines::new(5);
    let mut file: Vec<String> = lines
        .opening("system")
        .iter()
        .map(Value::to_string)
        .collect();
    let person = lines.line("record-person", &json!({"kind": "citizen"}));
    let mut other = person.clone();
    other["data"]["kind"] = json!("stateless");
    let named = |mut line: Value| {
        line["personal"] = json!({"name": "Сынақ"});
        line.to_string()
    };
    file.extend([named(person.clone()), named(other), named(person)]);
    let answers = submit(directory, &file).await;
    let last = &answers[answers.len() - 3..];
    assert_eq!(outcomes(last), ["accepted", "invalid", "duplicate"]);
    assert_eq!(
        (last[1]["code"].as_str(), last[1]["pointer"].as_str()),
        (Some("command-id-reused"), Some("/id"))
    );
}

//! A stream of commands: NDJSON in, NDJSON out.

use serde_json::{Value, json};

use super::Served;
use crate::{
    support::register::{Lines, Register},
    views::{history::person, on_both_stores},
};

on_both_stores!(
    lines_are_answered_in_order_and_a_bad_one_harms_no_other,
    a_line_is_answered_while_the_body_is_still_being_sent,
);

const NDJSON: [(&str, &str); 1] = [("content-type", "application/x-ndjson")];

async fn lines_are_answered_in_order_and_a_bad_one_harms_no_other(register: Register) {
    let served = Served::start(register).await;
    let client = served.client;
    let mut lines = Lines::new(51);
    let mut sent = lines.opening("simulated");
    sent.push(lines.act("order", "2024-01-01"));
    sent.push(lines.quota("order", "establish", &[("resettlers", 40)]));
    for _ in 0..60 {
        sent.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let hold = json!({"application": format!("command:{}", lines.last())});
        sent.push(lines.on("2024-02-02", "hold-places", &hold));
    }
    let mut text: Vec<String> = sent.iter().map(Value::to_string).collect();
    // Between them: no JSON, no text, an unknown type, a line that is far too long, and blank ones, which count as none.
    let unknown = lines.line("no-such", &json!({}));
    let bad = [
        (20, "{".to_owned(), "not-json"),
        (40, unknown.to_string(), "unknown-type"),
        (60, "x".repeat((1 << 20) + 1), "line-too-long"),
    ];
    for (at, line, _) in &bad {
        text.insert(*at, line.clone());
    }
    let mut body = text.join("\n").into_bytes();
    body.extend_from_slice(b"\n\n  \n\xff\n");
    let reply = client
        .send("POST", "/v1/commands", &NDJSON, body)
        .await
        .expect(200);
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
    let answers: Vec<Value> = reply
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(answers.len(), text.len() + 1);
    let (mut accepted, mut blocked) = (0, 0);
    for (n, (answer, line)) in answers.iter().zip(&text).enumerate() {
        assert_eq!(answer["line"], json!(n + 1), "{answer}");
        if let Some((.., code)) = bad.iter().find(|(at, ..)| *at == n) {
            assert_eq!(
                (&answer["outcome"], &answer["code"]),
                (&json!("invalid"), &json!(code))
            );
            continue;
        }
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(answer["id"], line["id"], "{answer}");
        match answer["outcome"].as_str() {
            Some("accepted") => accepted += 1,
            Some("blocked") => {
                assert_eq!(answer["code"], "limit-reached", "{answer}");
                blocked += 1;
            }
            _ => panic!("{line}: {answer}"),
        }
    }
    assert_eq!((accepted, blocked), (sent.len() - 20, 20));
    let last = answers.last().expect("an answer");
    assert_eq!(last["code"], "not-utf-8");
    assert!(accepted <= served.register.texts().await.len());
}

async fn a_line_is_answered_while_the_body_is_still_being_sent(register: Register) {
    let served = Served::start(register).await;
    let mut lines = Lines::new(52);
    let opening = lines.opening("simulated");
    let (sender, coming) = served.client.stream("/v1/commands", &NDJSON);
    let mut coming = coming.await;
    assert_eq!(
        coming.status, 200,
        "the answer begins before there is a line"
    );
    for line in &opening {
        let text = format!("{line}\n");
        // A line may come in pieces.
        let (first, rest) = text.split_at(text.len() / 2);
        sender.send(first.to_owned().into()).expect("sent");
        sender.send(rest.to_owned().into()).expect("sent");
        let answer = coming.until(b"\n").await.expect("an answer");
        assert!(answer.contains(r#""outcome":"accepted""#), "{answer}");
    }
    // A sender that goes away cancels nothing: the line was whole.
    let whole = person(&mut lines, "2024-02-01");
    let half = person(&mut lines, "2024-02-01");
    sender
        .send(format!("{whole}\n{half}").into())
        .expect("sent");
    let answer = coming.until(b"\n").await.expect("an answer");
    assert!(answer.contains(r#""outcome":"accepted""#), "{answer}");
    drop(coming);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    // The body never came to its end: the connection was cut before.
    drop(sender);
    let texts = served.register.texts().await;
    assert_eq!(
        texts.len(),
        opening.len() + 1,
        "half a line of a sender that is gone is no line"
    );
    served.end().await;
}

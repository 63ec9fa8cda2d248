//! One command by one request: what is accepted, told again, blocked, invalid, conditional, or only tried.

use qonys::locale::Lang;
use qonys_domain::blocked::Code;
use serde_json::{Value, json};

use super::Served;
use crate::{
    support::register::{Lines, Register},
    views::on_both_stores,
};

on_both_stores!(
    p3_a_command_is_accepted_once_and_answered_again,
    a_block_names_code_basis_act_point_and_facts,
    what_cannot_be_read_is_told_with_a_pointer,
    a_condition_names_a_stream_and_its_version,
    a_dry_run_tells_and_stores_nothing,
);

/// A server on a register that is open, with an act that gives the powers of point 6.
async fn opened(register: Register, series: u32) -> (Served, Lines) {
    let mut lines = Lines::new(series);
    register.must(&lines.opening("simulated")).await;
    (Served::start(register).await, lines)
}

async fn p3_a_command_is_accepted_once_and_answered_again(register: Register) {
    let (served, mut lines) = opened(register, 31).await;
    let client = served.client;
    let head = served.register.texts().await.len();
    let mut person = lines.line("record-person", &json!({"kind": "citizen"}));
    person["personal"] = json!({"name": "Сынақ Тұлға", "iin": "850101100012"});
    let id = lines.last();

    let first = client.command(&person).await.expect(201);
    assert_eq!(first.header("content-type"), Some("application/json"));
    let answer = first.json();
    let position = (head + 1).to_string();
    let streams = answer["streams"].as_object().expect("streams");
    let (stream, version) = streams.iter().next().expect("one stream");
    assert_eq!(streams.len(), 1);
    assert!(stream.starts_with("person/"), "{stream}");
    assert_eq!(*version, "1");
    let shape =
        json!({"id": id, "outcome": "accepted", "positions": [position], "streams": streams});
    assert_eq!(answer, shape, "nothing else is said");
    let tag = format!("\"{stream}@1\"");
    assert_eq!(first.header("etag"), Some(tag.as_str()));
    let location = first.header("location").expect("a location").to_owned();
    assert_eq!(location, format!("/v1/commands/{id}"));

    // The same again, with the key as a structured string: the first answer, and nothing new in the log.
    let mut again = person.clone();
    again["id"] = json!(format!("\"{id}\""));
    for line in [&person, &again] {
        let second = client.command(line).await.expect(200);
        let mut expected = answer.clone();
        expected["outcome"] = json!("duplicate");
        assert_eq!(second.json(), expected);
        assert_eq!(second.header("etag"), Some(tag.as_str()));
        assert_eq!(second.header("location"), Some(location.as_str()));
    }
    assert_eq!(served.register.texts().await.len(), head + 1);

    // The id settles an unknown outcome.
    let found = client.get(&location).await.expect(200).json();
    assert_eq!(found, answer);
    let never = client
        .get("/v1/commands/00000000-0000-7000-8000-00000000dead")
        .await;
    never.problem(404, "not-found");

    // The same id with another body.
    let mut other = person.clone();
    other["data"]["kind"] = json!("stateless");
    let reused = client
        .command(&other)
        .await
        .problem(422, "command-id-reused");
    assert_eq!(
        (&reused["outcome"], &reused["id"], &reused["pointer"]),
        (&json!("invalid"), &json!(id), &json!("/id"))
    );
    assert!(!reused.to_string().contains("850101100012"));
}

async fn a_block_names_code_basis_act_point_and_facts(register: Register) {
    let (served, mut lines) = opened(register, 32).await;
    let client = served.client;
    let mut setup = vec![lines.act("order", "2024-01-01")];
    setup.push(lines.quota("order", "establish", &[("resettlers", 1)]));
    let mut applications = Vec::new();
    for _ in 0..2 {
        setup.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        applications.push(format!("command:{}", lines.last()));
    }
    served.register.must(&setup).await;
    let hold = |lines: &mut Lines, n: usize| {
        let data = json!({"application": applications[n]});
        lines.on("2024-02-02", "hold-places", &data)
    };
    client.command(&hold(&mut lines, 0)).await.expect(201);
    let head = served.register.texts().await.len();

    let beyond = hold(&mut lines, 1);
    let blocked = client.command(&beyond).await;
    let problem = blocked.problem(422, "limit-reached");
    assert_eq!(problem["outcome"], "blocked");
    assert_eq!(problem["basis"], "law");
    assert_eq!(problem["act"], "law-477-2011");
    assert_eq!(problem["point"], "15(6-6)");
    assert_eq!(problem["id"], json!(lines.last()));
    assert_eq!(problem["facts"]["limit"], "1", "{problem}");
    assert!(blocked.header("etag").is_none() && blocked.header("location").is_none());
    assert_eq!(
        served.register.texts().await.len(),
        head,
        "nothing is stored"
    );
    // Its type leads to its page.
    let page = client.get(problem["type"].as_str().expect("a type")).await;
    let page = page.expect(200).json();
    assert_eq!(
        (&page["code"], &page["of"]),
        (&json!("limit-reached"), &json!("rule"))
    );
    assert_eq!(page["explanation"], problem["title"]);
    assert_eq!(page["basis"], "law");
    // What it says and what one can do next come in the language that is asked for; code and facts never change.
    for lang in Lang::ALL {
        let asked = [("accept-language", lang.code())];
        let reply = client.command_with(&beyond, "", &asked).await;
        let said = reply.problem(422, "limit-reached");
        let words = lang.reason(Code::LimitReached);
        assert_eq!(
            (&said["title"], &said["next"]),
            (&json!(words.says), &json!(words.next))
        );
        assert_eq!(said["facts"], problem["facts"]);
        assert_eq!(reply.header("content-language"), Some(lang.code()));
        assert_eq!(page["words"][lang.code()]["next"], said["next"]);
        let media = ("content-type", "application/x-ndjson");
        let body = beyond.to_string();
        let reply = client
            .send("POST", "/v1/commands", &[media, asked[0]], body)
            .await;
        let line = reply.expect(200).json();
        assert_eq!(
            (&line["message"], &line["next"]),
            (&said["title"], &said["next"])
        );
    }

    // A rule of ours invents no citation.
    let again = hold(&mut lines, 0);
    let problem = client.command(&again).await.problem(422, "already-held");
    assert_eq!(problem["basis"], "control");
    assert!(problem.get("act").is_none() && problem.get("point").is_none());

    // A blocked command is no answer for ever: the same id is decided anew.
    let release = json!({"application": applications[0], "reason": "withdrawn"});
    let release = lines.on("2024-02-02", "release-places", &release);
    client.command(&release).await.expect(201);
    client.command(&beyond).await.expect(201);
}

async fn what_cannot_be_read_is_told_with_a_pointer(register: Register) {
    let (served, mut lines) = opened(register, 33).await;
    let client = served.client;
    let head = served.register.texts().await.len();
    let person = lines.line("record-person", &json!({"kind": "citizen"}));
    let with = |pointer: &str, value: Value| {
        let mut line = person.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        line.pointer_mut(parent).expect("it stands there")[name] = value;
        line
    };
    for (line, code, pointer) in [
        (
            with("/actor/office", json!("Not A Slug")),
            "malformed",
            "/actor/office",
        ),
        (
            with("/data/kind", json!("alien")),
            "malformed",
            "/data/kind",
        ),
        (with("/data/wings", json!(2)), "malformed", "/data/wings"),
        (
            with("/personal", json!({"shoe-size": "850101100012"})),
            "malformed",
            "/personal/shoe-size",
        ),
        (
            with("/decidedon", json!("2024-02-30")),
            "malformed",
            "/decidedon",
        ),
    ] {
        let problem = client.command(&line).await.problem(400, code);
        assert_eq!(
            (&problem["pointer"], &problem["outcome"]),
            (&json!(pointer), &json!("invalid"))
        );
        assert!(!problem.to_string().contains("850101100012"), "{problem}");
    }

    // What header and body say differs.
    let path = "/v1/commands/record-person";
    let key = lines.last();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let other = with("/id", json!("00000000-0000-7000-8000-00000000dead"));
    let reply = client.send("POST", path, &headers, other.to_string()).await;
    assert_eq!(reply.problem(400, "contradiction")["pointer"], "/id");
    let reply = client
        .send(
            "POST",
            "/v1/commands/record-dwelling",
            &headers,
            person.to_string(),
        )
        .await;
    assert_eq!(reply.problem(400, "contradiction")["pointer"], "/type");
    for (body, code) in [
        (b"{".to_vec(), "not-json"),
        (b"".to_vec(), "not-json"),
        (b"{}{}".to_vec(), "malformed"),
        (vec![b'"', 0xff, b'"'], "not-utf-8"),
    ] {
        let reply = client.send("POST", path, &headers, body).await;
        assert_eq!(reply.json()["code"], code, "{}", reply.text());
        assert_eq!(reply.status, 400);
    }

    // The id is needed, and read.
    let only_json = [("content-type", "application/json")];
    let reply = client
        .send("POST", path, &only_json, person.to_string())
        .await;
    reply.problem(400, "idempotency-key-missing");
    let mut unnamed = person.clone();
    unnamed["id"] = json!("no uuid");
    let problem = client.command(&unnamed).await.problem(400, "bad-header");
    assert!(
        problem["detail"]
            .as_str()
            .expect("words")
            .contains("Idempotency-Key")
    );
    assert_eq!(served.register.texts().await.len(), head);
}

async fn a_condition_names_a_stream_and_its_version(register: Register) {
    let (served, mut lines) = opened(register, 34).await;
    let client = served.client;
    let power = json!({"decisions": ["coming-year-quota-proposal"], "document": "law-477-2011", "point": "15(3-1)",
        "from": "2011-07-22", "certainty": "known", "source": "migration law"});
    let power = lines.line("record-power", &power);
    client.command(&power).await.expect(201);
    let competence = lines.competence("regional-quota");
    client.command(&competence).await.expect(201);
    let subject = json!({"kind": "regional-quota", "direction": "increase",
        "horizon": {"horizon": "coming-year", "year": "2025"}, "lines": [{"category": "kandas", "asked": "300"}]});
    let draft = json!({"subject": subject, "territory": "pavlodar", "justification": "00".repeat(32),
            "indicators": ["population"]});
    let draft = lines.on("2024-05-01", "draft-proposal", &draft);
    let drafted = client.command(&draft).await.expect(201);
    let first = drafted.header("etag").expect("one stream").to_owned();
    assert!(
        first.starts_with("\"proposal/") && first.ends_with("@1\""),
        "{first}"
    );
    let proposal = first
        .trim_matches('"')
        .trim_start_matches("proposal/")
        .trim_end_matches("@1");

    let sign = json!({"proposal": proposal, "document": "11".repeat(32)});
    let sign = lines.on("2024-05-02", "sign-proposal", &sign);
    let condition = [("if-match", first.as_str())];
    let signed = client.command_with(&sign, "", &condition).await.expect(201);
    let second = signed.header("etag").expect("one stream").to_owned();
    assert!(second.ends_with("@2\""), "{second}");
    // The history of the stream shows the same tag.
    let stream = client
        .get(&format!("/v1/streams/proposal/{proposal}"))
        .await;
    assert_eq!(stream.expect(200).header("etag"), Some(second.as_str()));

    let send =
        json!({"proposal": proposal, "authority": "ministry", "addressee": "Ministry of Labour"});
    let send = lines.on("2024-05-03", "send-proposal", &send);
    let stale = client.command_with(&send, "", &condition).await;
    let problem = stale.problem(412, "version-moved");
    assert_eq!(problem["outcome"], "blocked");
    assert_eq!(
        (
            &problem["facts"]["expected-version"],
            &problem["facts"]["version"]
        ),
        (&json!("1"), &json!("2"))
    );
    // What is stored already is told whatever the condition says.
    let again = client.command_with(&sign, "", &condition).await.expect(200);
    assert_eq!(again.json()["outcome"], "duplicate");
    for wrong in ["\"1\"", "proposal", "W/\"x\""] {
        let reply = client.command_with(&send, "", &[("if-match", wrong)]).await;
        reply.problem(400, "bad-header");
    }
    let any = [("if-match", "*")];
    client.command_with(&send, "", &any).await.expect(201);
}

async fn a_dry_run_tells_and_stores_nothing(register: Register) {
    let (served, mut lines) = opened(register, 35).await;
    let client = served.client;
    let mut setup = vec![lines.act("order", "2024-01-01")];
    setup.push(lines.quota("order", "establish", &[("kandas", 3)]));
    setup.extend(lines.applicant("kandas", 1, "2024-02-01"));
    served.register.must(&setup).await;
    let head = served.register.texts().await.len();
    let application = format!("command:{}", lines.last());
    let hold = json!({"application": application});
    let hold = lines.on("2024-02-02", "hold-places", &hold);

    let possible = client
        .command_with(&hold, "?dry_run=true", &[])
        .await
        .expect(200);
    assert!(possible.header("location").is_none());
    let answer = possible.json();
    assert_eq!(answer["outcome"], "possible");
    let events = answer["events"].as_array().expect("events");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["type"], "kz.qonys.quota-line.places-held.v1");
    assert_eq!(events[0]["act"], "law-477-2011");
    assert_eq!(events[0]["facts"]["limit"], "3", "{answer}");
    assert_eq!(served.register.texts().await.len(), head);

    // The id is free still.
    let stored = client
        .command_with(&hold, "?dry_run=false", &[])
        .await
        .expect(201);
    assert_eq!(stored.json()["positions"], json!([(head + 1).to_string()]));
    let again = lines.on(
        "2024-02-02",
        "hold-places",
        &json!({"application": application}),
    );
    let blocked = client.command_with(&again, "?dry_run=true", &[]).await;
    blocked.problem(422, "already-held");
    let unclear = client.command_with(&again, "?dry_run=maybe", &[]).await;
    unclear.problem(400, "bad-parameter");
    assert_eq!(served.register.texts().await.len(), head + 1);
}

//! The control API, the faults that strike calls, and the record.

mod common;

use anyhow::{Context, Result};
use causeway_sandbox::{
    Options,
    control_client::{Deed, Do, To},
    faults::{Fault, FaultKind},
};
use common::Stranger;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";

fn fault(kind: FaultKind) -> Fault {
    Fault {
        on: "slack".to_owned(),
        method: Some("chat.postMessage".to_owned()),
        fault: kind,
        count: 1,
        ms: Some(2_500),
    }
}

#[tokio::test]
async fn everyone_is_listed_with_the_accounts_they_have() -> Result<()> {
    let slack = Stranger::new().await?;
    let people = slack.control.people().await?;
    let find = |email: &str| people.iter().find(|person| person.email == email);
    let ann = find(ANN).context("Ann")?;
    assert!(ann.accounts["slack"].authorised && ann.accounts["slack"].active);
    let gus = find("gus@acme.example").context("Gus")?;
    assert_eq!(gus.accounts.keys().collect::<Vec<_>>(), ["slack"]);
    let zed = find("zed@acme.example").context("Zed")?;
    assert!(!zed.accounts["slack"].active);
    assert_eq!(
        people
            .iter()
            .filter(|person| person.name == "Sam Carter")
            .count(),
        2
    );
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_a_4xx_with_a_reason() -> Result<()> {
    let slack = Stranger::new().await?;
    let control = slack.sandbox.description()["control"]
        .as_str()
        .context("an address")?
        .to_owned();
    let post = async |path: &str, body: Value| -> Result<(StatusCode, Value)> {
        let answer = slack
            .http
            .post(format!("{control}{path}"))
            .json(&body)
            .send()
            .await?;
        Ok((answer.status(), answer.json().await?))
    };
    let send = |actor: &str, on: &str, to: Value| json!({ "as": actor, "on": on, "do": "send", "to": to, "text": "x" });
    for body in [
        send("nobody@acme.example", "slack", json!({ "dm": BOB })),
        send(ANN, "icq", json!({ "dm": BOB })),
        send(ANN, "slack", json!({ "dm": "zed@acme.example" })),
        send(ANN, "slack", json!({ "dm": "Build Bot" })),
        send(ANN, "slack", json!({ "dm": "Sam Carter" })),
        send("zed@acme.example", "slack", json!({ "dm": BOB })),
        send(ANN, "slack", json!({ "conversation": "D0NOWHERE" })),
        json!({ "as": ANN, "on": "slack", "do": "dance", "text": "x" }),
    ] {
        let sam = body["to"]["dm"] == "Sam Carter";
        let (status, answer) = post("/act", body.clone()).await?;
        // Only one Sam Carter has a Slack account.
        assert_eq!(status.is_client_error(), !sam, "{body}");
        assert_eq!(answer["error"].is_string(), !sam, "{answer}");
    }
    for body in [
        json!({ "on": "slack", "fault": "meteor" }),
        json!({ "on": "icq", "fault": "cut" }),
        json!({ "on": "slack", "fault": "cut", "times": 3 }),
        json!({ "fault": "cut" }),
    ] {
        assert!(post("/faults", body).await?.0.is_client_error());
    }
    let missing = slack
        .http
        .get(format!("{control}/view?on=slack"))
        .send()
        .await?;
    assert_eq!(missing.status(), StatusCode::BAD_REQUEST);
    assert!(missing.json::<Value>().await?["error"].is_string());
    Ok(())
}

#[tokio::test]
async fn what_one_writes_the_other_sees_and_can_find_again() -> Result<()> {
    let slack = Stranger::new().await?;
    assert_eq!(
        slack.control.search(ANN, "slack", "BOB").await?[0].conversation,
        None
    );
    let ts = slack.send(ANN, BOB, "*hello*").await?;
    let view = slack.control.view(BOB, "slack").await?;
    let dm = view
        .iter()
        .find(|found| found.kind == "dm")
        .context("the DM")?;
    assert_eq!(dm.with, ["Ann Lee"]);
    let message = &dm.messages[0];
    assert_eq!(
        (message.id.as_str(), message.author.as_str()),
        (ts.as_str(), ANN)
    );
    assert_eq!(
        (message.text.as_str(), message.shown_as.as_str()),
        ("*hello*", "Ann Lee")
    );
    let found = slack.control.search(ANN, "slack", "bob@").await?;
    assert_eq!(found[0].conversation.as_ref(), Some(&dm.id));
    let answer = slack
        .control
        .send(BOB, "slack", To::Conversation(dm.id.clone()), "hi")
        .await?;
    let view = slack.control.view(ANN, "slack").await?;
    let dm = view
        .iter()
        .find(|found| found.id == dm.id)
        .context("the DM")?;
    assert_eq!(dm.messages[1].id, answer);
    let connect = slack.control.credentials().await?;
    assert_eq!(connect, slack.sandbox.description());
    Ok(())
}

#[tokio::test]
async fn the_clock_is_pushed_and_runs_faster_on_demand() -> Result<()> {
    let slack = Stranger::with(Options {
        speed: 1000,
        ..Options::default()
    })
    .await?;
    let before = slack.control.clock().await?;
    assert_eq!(before.speed, 1000);
    let after = slack.control.advance(3_600_000).await?;
    assert!(after.now_ms >= before.now_ms + 3_600_000);
    Ok(())
}

#[tokio::test]
async fn a_fault_strikes_the_named_method_as_often_as_it_says() -> Result<()> {
    let slack = Stranger::new().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let post = async |text: &str| {
        slack
            .raw(
                &slack.bot,
                "chat.postMessage",
                json!({ "channel": dm, "text": text }),
            )
            .await
    };
    slack.control.fault(&fault(FaultKind::Throttle)).await?;
    slack.ok(&slack.bot, "auth.test", json!({})).await?;
    let limited = post("limited").await?;
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()[header::RETRY_AFTER], "3");

    slack.control.fault(&fault(FaultKind::FailBefore)).await?;
    assert!(post("before").await?.status().is_server_error());
    slack.control.fault(&fault(FaultKind::FailAfter)).await?;
    assert!(post("after").await?.status().is_server_error());
    slack.control.fault(&fault(FaultKind::Cut)).await?;
    assert!(post("cut").await.is_err());
    slack.control.fault(&fault(FaultKind::Delay)).await?;
    let before = slack.control.clock().await?.now_ms;
    // The clock is pushed while the answer is held back, until it comes.
    let push = async {
        loop {
            slack.control.advance(100).await?;
        }
    };
    let late = tokio::select! {
        late = post("late") => late?,
        failed = push => return failed,
    };
    assert_eq!(late.status(), StatusCode::OK);
    assert!(slack.control.clock().await?.now_ms >= before + 2_500);

    let history = slack
        .ok(
            &slack.bot,
            "conversations.history",
            json!({ "channel": dm }),
        )
        .await?;
    let texts: Vec<_> = history["messages"]
        .as_array()
        .context("messages")?
        .iter()
        .rev()
        .collect();
    let texts: Vec<_> = texts
        .iter()
        .map(|message| message["text"].clone())
        .collect();
    assert_eq!(texts, [json!("after"), json!("cut"), json!("late")]);
    Ok(())
}

#[tokio::test]
async fn a_fault_can_revoke_or_expire_the_token_that_is_used() -> Result<()> {
    let slack = Stranger::new().await?;
    let ann = slack.user_token(ANN);
    let bob = slack.user_token(BOB);
    slack
        .control
        .fault(&Fault {
            method: None,
            ..fault(FaultKind::Revoke)
        })
        .await?;
    assert_eq!(
        slack.error(&ann, "auth.test", json!({})).await?,
        "token_revoked"
    );
    slack
        .control
        .fault(&Fault {
            method: None,
            ..fault(FaultKind::Expire)
        })
        .await?;
    assert_eq!(
        slack.error(&bob, "auth.test", json!({})).await?,
        "token_expired"
    );
    slack.control.fault(&fault(FaultKind::FailBefore)).await?;
    slack.control.clear_faults().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    slack
        .ok(
            &slack.bot,
            "chat.postMessage",
            json!({ "channel": dm, "text": "fine" }),
        )
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_record_has_one_line_a_call_and_no_token() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let record = folder.path().join("calls.jsonl");
    let slack = Stranger::with(Options {
        record: Some(record.clone()),
        ..Options::default()
    })
    .await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let args = json!({ "channel": dm, "text": "recorded", "token": slack.bot });
    slack.ok(&slack.bot, "chat.postMessage", args).await?;
    let opened = slack
        .ok(&slack.app, "apps.connections.open", json!({}))
        .await?;
    slack
        .control
        .act(&Deed {
            actor: ANN,
            on: "slack",
            what: Do::AppMessage,
            to: None,
            text: "not a call",
        })
        .await?;
    let text = std::fs::read_to_string(&record)?;
    let lines: Vec<Value> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let methods: Vec<_> = lines
        .iter()
        .filter_map(|line| line["method"].as_str())
        .collect();
    assert_eq!(
        methods,
        [
            "conversations.open",
            "chat.postMessage",
            "apps.connections.open"
        ]
    );
    assert_eq!(lines[1]["body"]["text"], "recorded");
    assert_eq!(lines[1]["response"]["ok"], true);
    assert_eq!(lines[1]["status"], 200);
    let ticket = opened["url"]
        .as_str()
        .and_then(|url| url.split(['=', '&']).nth(1));
    for secret in [
        slack.bot.as_str(),
        slack.app.as_str(),
        ticket.context("a ticket")?,
    ] {
        assert!(!text.contains(secret));
    }
    Ok(())
}

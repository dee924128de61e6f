//! Socket Mode of the Slack stand-in: what is delivered, to whom, and what happens when it is
//! not acknowledged.

mod common;

use anyhow::{Context, Result};
use causeway_sandbox::{
    control_client::{Deed, Do, To},
    faults::{Fault, FaultKind},
};
use common::{Stranger, eventually};
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const CHO: &str = "cho@acme.example";
const FAY: &str = "fay@acme.example";

fn fault(method: &str, fault: FaultKind) -> Fault {
    Fault {
        on: "slack".to_owned(),
        method: Some(method.to_owned()),
        fault,
        count: 1,
        ms: None,
    }
}

fn deed<'a>(actor: &'a str, what: Do, to: Option<To>, text: &'a str) -> Deed<'a> {
    Deed {
        actor,
        on: "slack",
        what,
        to,
        text,
    }
}

#[tokio::test]
async fn a_socket_says_hello_and_its_address_works_once() -> Result<()> {
    let slack = Stranger::new().await?;
    let opened = slack
        .ok(&slack.app, "apps.connections.open", json!({}))
        .await?;
    let url = opened["url"].as_str().context("a url")?;
    assert!(url.starts_with("ws://127.0.0.1:"));
    let _open = tokio_tungstenite::connect_async(url).await?;
    assert!(tokio_tungstenite::connect_async(url).await.is_err());
    let mut second = slack.bare_socket().await?;
    let hello = second.frame().await?;
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["num_connections"], 2);
    assert!(
        hello["connection_info"]["app_id"]
            .as_str()
            .is_some_and(|id| id.starts_with('A'))
    );
    assert_eq!(hello["debug_info"]["approximate_connection_time"], 18_060);
    Ok(())
}

#[tokio::test]
async fn a_message_to_the_app_comes_as_a_bot_event_in_the_whole_wrapper() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    let ts = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "*hello* <@U1> a < b"))
        .await?;
    let payload = socket.event().await?;
    assert_eq!(payload["type"], "event_callback");
    assert!(
        payload["event_id"]
            .as_str()
            .is_some_and(|id| id.starts_with("Ev"))
    );
    assert_eq!(payload["authorizations"].as_array().map(Vec::len), Some(1));
    assert_eq!(payload["authorizations"][0]["is_bot"], true);
    assert!(
        payload["event_context"]
            .as_str()
            .is_some_and(|text| text.starts_with("4-"))
    );
    let event = &payload["event"];
    assert_eq!(event["channel_type"], "im");
    assert_eq!(event["ts"], ts);
    assert_eq!(event["user"], slack.id(ANN).await?);
    assert_eq!(event["text"], "*hello* <@U1> a &lt; b");
    assert_eq!(
        event["blocks"][0]["elements"][0]["elements"],
        json!([
            { "type": "text", "text": "hello", "style": { "bold": true } },
            { "type": "text", "text": " " },
            { "type": "user", "user_id": "U1" },
            { "type": "text", "text": " a < b" },
        ])
    );
    Ok(())
}

#[tokio::test]
async fn a_direct_message_is_heard_only_through_someone_who_authorised_the_app() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    // Neither Cho nor Fay has authorised the app: nobody may hear this.
    slack.send(CHO, FAY, "unheard").await?;
    let heard = slack.send(CHO, BOB, "heard").await?;
    let payload = socket.event().await?;
    assert_eq!(payload["event"]["ts"], heard);
    assert_eq!(payload["authorizations"][0]["is_bot"], false);
    assert_eq!(
        payload["authorizations"][0]["user_id"],
        slack.id(BOB).await?
    );
    // Ann and Bob both have: still one envelope.
    let both = slack.send(ANN, BOB, "once").await?;
    assert_eq!(socket.event().await?["event"]["ts"], both);
    let next = slack.send(CHO, BOB, "next").await?;
    assert_eq!(socket.event().await?["event"]["ts"], next);
    Ok(())
}

#[tokio::test]
async fn edits_deletions_and_reactions_are_told_with_what_was_before() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    let ts = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "one"))
        .await?;
    let dm = socket.event().await?["event"]["channel"].clone();
    let to = || Some(To::Message(ts.clone()));
    slack.control.act(&deed(ANN, Do::Edit, to(), "two")).await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["subtype"], "message_changed");
    assert_eq!(event["message"]["text"], "two");
    assert!(event["message"]["edited"]["ts"].is_string());
    assert_eq!(event["previous_message"]["text"], "one");
    assert_eq!(event["hidden"], true);

    let react = json!({ "channel": dm, "timestamp": ts, "name": "eyes" });
    slack.ok(&slack.bot, "reactions.add", react).await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(
        (&event["type"], &event["item"]["ts"]),
        (&json!("reaction_added"), &json!(ts))
    );

    slack.control.act(&deed(ANN, Do::Delete, to(), "")).await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["subtype"], "message_deleted");
    assert_eq!(event["deleted_ts"], ts);
    assert_eq!(event["previous_message"]["text"], "two");

    // Nobody changes what somebody else wrote.
    let theirs = slack.send(BOB, ANN, "mine").await?;
    let touch = deed(ANN, Do::Edit, Some(To::Message(theirs)), "yours");
    assert!(slack.control.act(&touch).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_reply_in_a_thread_names_its_head_and_the_head_outlives_its_deletion() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    let head = slack.send(ANN, BOB, "head").await?;
    let dm = socket.event().await?["event"]["channel"].clone();
    let to = |ts: &str| Some(To::Message(ts.to_owned()));
    let reply = slack
        .control
        .act(&deed(BOB, Do::Send, to(&head), "reply"))
        .await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(
        (&event["ts"], &event["thread_ts"]),
        (&json!(reply), &json!(head))
    );
    assert_eq!(event["parent_user_id"], slack.id(ANN).await?);
    slack
        .control
        .act(&deed(ANN, Do::Send, to(&reply), "again"))
        .await?;
    assert_eq!(socket.event().await?["event"]["thread_ts"], head);

    slack
        .control
        .act(&deed(ANN, Do::Delete, to(&head), ""))
        .await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["subtype"], "message_changed");
    assert_eq!(event["message"]["subtype"], "tombstone");
    let thread = json!({ "channel": dm, "ts": head });
    let thread = slack
        .ok(&slack.user_token(ANN), "conversations.replies", thread)
        .await?;
    assert_eq!(thread["messages"].as_array().map(Vec::len), Some(3));
    Ok(())
}

#[tokio::test]
async fn the_apps_own_posts_come_back_with_its_ids_and_marker() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let metadata = json!({ "event_type": "causeway_relay", "event_payload": { "rid": "r7" } });
    let args = json!({ "channel": dm, "text": "hi", "username": "Bob", "metadata": metadata });
    slack.ok(&slack.bot, "chat.postMessage", args).await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["subtype"], "bot_message");
    assert_eq!(event["metadata"]["event_payload"]["rid"], "r7");
    assert!(event["bot_id"].is_string());

    let person = slack.user_token(BOB);
    let place = slack.dm(&person, ANN).await?;
    slack
        .ok(
            &person,
            "chat.postMessage",
            json!({ "channel": place, "text": "as me" }),
        )
        .await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["user"], slack.id(BOB).await?);
    assert!(event["app_id"].is_string() && event["bot_id"].is_string());
    Ok(())
}

#[tokio::test]
async fn who_comes_and_goes_in_the_apps_channels_is_told() -> Result<()> {
    let slack = Stranger::new().await?;
    let made = json!({ "name": "ann-bob", "is_private": true });
    let made = slack.ok(&slack.bot, "conversations.create", made).await?;
    let channel = made["channel"]["id"].clone();
    let mut socket = slack.socket().await?;
    let ann = slack.id(ANN).await?;
    let args = json!({ "channel": channel, "users": ann });
    slack.ok(&slack.bot, "conversations.invite", args).await?;
    let line = socket.event().await?["event"].clone();
    assert_eq!(
        (&line["subtype"], &line["channel_type"]),
        (&json!("channel_join"), &json!("group"))
    );
    let joined = socket.event().await?["event"].clone();
    assert_eq!(
        (&joined["type"], &joined["user"]),
        (&json!("member_joined_channel"), &json!(ann))
    );
    let args = json!({ "channel": channel, "user": ann });
    slack.ok(&slack.bot, "conversations.kick", args).await?;
    assert_eq!(socket.event().await?["event"]["subtype"], "channel_leave");
    assert_eq!(
        socket.event().await?["event"]["type"],
        "member_left_channel"
    );
    slack.control.set_active(CHO, "slack", false).await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(
        (&event["type"], &event["user"]["deleted"]),
        (&json!("user_change"), &json!(true))
    );
    let control = slack.sandbox.description()["control"].clone();
    let control = control.as_str().context("an address")?;
    let new = json!({ "email": "new@acme.example", "on": "slack", "name": "Nell", "joins": true });
    slack
        .http
        .post(format!("{control}/people"))
        .json(&new)
        .send()
        .await?;
    let event = socket.event().await?["event"].clone();
    assert_eq!(event["type"], "team_join");
    assert_eq!(event["user"]["profile"]["email"], "new@acme.example");
    slack.send(ANN, "Nell", "welcome").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_acknowledged_in_time_comes_again_three_times() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "again"))
        .await?;
    let first = socket.frame().await?;
    assert_eq!(first["retry_attempt"], 0);
    let mut attempts = Vec::new();
    for wait in [3_000, 3_000 + 60_000, 3_000 + 300_000] {
        // The deadline and the wait after it are two: the second begins when the first is over.
        slack.control.advance(3_000).await?;
        let again = advance_until(&slack, &mut socket, wait).await?;
        assert_eq!(again["payload"]["event_id"], first["payload"]["event_id"]);
        assert_eq!(again["retry_reason"], "timeout");
        attempts.push(again["retry_attempt"].clone());
    }
    assert_eq!(attempts, [json!(1), json!(2), json!(3)]);
    Ok(())
}

/// Pushes the clock in steps of a second until a frame comes.
async fn advance_until(
    slack: &Stranger,
    socket: &mut common::Socket,
    at_most_ms: u64,
) -> Result<Value> {
    let push = async {
        for _ in 0..at_most_ms / 1_000 + 2 {
            slack.control.advance(1_000).await?;
        }
        std::future::pending::<Result<Value>>().await
    };
    tokio::select! {
        frame = socket.frame() => frame,
        failed = push => failed,
    }
}

#[tokio::test]
async fn what_happens_while_no_socket_is_open_comes_with_a_later_try() -> Result<()> {
    let slack = Stranger::new().await?;
    let ts = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "offline"))
        .await?;
    let mut socket = slack.socket().await?;
    let frame = advance_until(&slack, &mut socket, 61_000).await?;
    assert_eq!(frame["payload"]["event"]["ts"], ts);
    assert_eq!(frame["retry_reason"], "connection_failed");
    Ok(())
}

#[tokio::test]
async fn a_socket_that_dies_hands_what_it_did_not_acknowledge_to_another() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut dying = slack.socket().await?;
    let ts = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "hand over"))
        .await?;
    let frame = dying.frame().await?;
    assert_eq!(frame["payload"]["event"]["ts"], ts);
    let mut other = slack.socket().await?;
    drop(dying);
    let again = other.frame().await?;
    assert_eq!(again["payload"]["event_id"], frame["payload"]["event_id"]);
    assert_eq!(again["retry_attempt"], 1);
    Ok(())
}

#[tokio::test]
async fn an_eleventh_socket_is_turned_away() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(slack.socket().await?);
        slack.control.advance(60_000).await?;
    }
    let mut eleventh = slack.bare_socket().await?;
    let frame = eleventh.frame().await?;
    assert_eq!(
        (&frame["type"], &frame["reason"]),
        (&json!("disconnect"), &json!("too_many_websockets"))
    );
    assert!(eleventh.next().await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_socket_is_warned_and_then_ends_when_its_time_is_over() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    slack.control.advance(18_055_000).await?;
    assert_eq!(socket.frame().await?["reason"], "warning");
    slack.control.advance(10_000).await?;
    assert_eq!(socket.frame().await?["reason"], "refresh_requested");
    assert!(socket.next().await?.is_none());
    Ok(())
}

#[tokio::test]
async fn sockets_and_events_suffer_the_faults_that_are_armed_for_them() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    slack
        .control
        .fault(&fault("event", FaultKind::Duplicate))
        .await?;
    slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "twice"))
        .await?;
    let (first, second) = (socket.event().await?, socket.event().await?);
    assert_eq!(first["event_id"], second["event_id"]);

    slack
        .control
        .fault(&fault("event", FaultKind::Reorder))
        .await?;
    let one = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "one"))
        .await?;
    let two = slack
        .control
        .act(&deed(ANN, Do::AppMessage, None, "two"))
        .await?;
    assert_eq!(socket.event().await?["event"]["ts"], two);
    assert_eq!(socket.event().await?["event"]["ts"], one);

    slack
        .control
        .fault(&fault("socket", FaultKind::Cut))
        .await?;
    assert!(socket.next().await?.is_none());
    let mut socket = slack.socket().await?;
    slack
        .control
        .fault(&fault("socket", FaultKind::Revoke))
        .await?;
    assert_eq!(socket.frame().await?["reason"], "link_disabled");
    let closed = slack
        .error(&slack.app, "apps.connections.open", json!({}))
        .await?;
    assert_eq!(closed, "socket_mode_not_enabled");
    Ok(())
}

#[tokio::test]
async fn a_slash_command_is_answered_in_the_acknowledgement_and_at_its_address() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut socket = slack.socket().await?;
    slack
        .control
        .act(&deed(ANN, Do::Command, None, "/causeway Bob Stone"))
        .await?;
    let frame = socket.frame().await?;
    assert_eq!(frame["type"], "slash_commands");
    assert_eq!(frame["accepts_response_payload"], true);
    let payload = frame["payload"].clone();
    assert_eq!(
        (&payload["command"], &payload["text"]),
        (&json!("/causeway"), &json!("Bob Stone"))
    );
    assert_eq!(payload["user_id"], slack.id(ANN).await?);
    assert_eq!(payload["channel_name"], "directmessage");
    socket
        .answer(&frame, json!({ "text": "one moment" }))
        .await?;

    let url = payload["response_url"].as_str().context("a response_url")?;
    let button = json!([{ "type": "actions", "elements": [
        { "type": "button", "action_id": "go", "value": "v", "text": { "type": "plain_text", "text": "Go" } }] }]);
    let body = json!({ "text": "for all", "response_type": "in_channel", "blocks": button });
    let posted = slack.http.post(url).json(&body).send().await?;
    assert_eq!(posted.text().await?, "ok");
    let event = socket.event().await?;
    assert_eq!(event["event"]["text"], "for all");

    let seen = eventually(async || {
        let view = slack.control.view(ANN, "slack").await?;
        let messages = view
            .into_iter()
            .find(|found| found.kind == "app")
            .map(|dm| dm.messages);
        Ok(messages.filter(|messages| messages.len() == 2))
    })
    .await?;
    let quiet = seen
        .iter()
        .find(|message| message.text == "one moment")
        .context("the answer")?;
    assert!(quiet.ephemeral);
    let loud = seen
        .iter()
        .find(|message| message.text == "for all")
        .context("the post")?;
    assert_eq!(loud.buttons, ["go"]);

    slack
        .control
        .act(&deed(
            ANN,
            Do::Press,
            Some(To::Message(loud.id.clone())),
            "go",
        ))
        .await?;
    let frame = socket.frame().await?;
    assert_eq!(frame["type"], "interactive");
    let payload = &frame["payload"];
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["actions"][0]["value"], "v");
    assert!(payload["actions"][0]["block_id"].is_string());
    assert_eq!(payload["container"]["message_ts"], loud.id);
    socket.ack(&frame).await?;
    let url = payload["response_url"].as_str().context("a response_url")?;
    let body = json!({ "replace_original": true, "text": "gone through" });
    slack.http.post(url).json(&body).send().await?;
    assert_eq!(
        socket.event().await?["event"]["message"]["text"],
        "gone through"
    );
    Ok(())
}

#[tokio::test]
async fn a_command_that_nobody_answers_fails_before_the_persons_eyes() -> Result<()> {
    let slack = Stranger::new().await?;
    slack
        .control
        .act(&deed(ANN, Do::Command, None, "/causeway Bob"))
        .await?;
    let text = eventually(async || {
        let view = slack.control.view(ANN, "slack").await?;
        let mut messages = view.into_iter().flat_map(|found| found.messages);
        Ok(messages
            .find(|message| message.ephemeral)
            .map(|message| message.text))
    })
    .await?;
    assert_eq!(text, "/causeway failed with the error \"dispatch_failed\"");
    let unknown = deed(ANN, Do::Command, None, "/other Bob");
    assert!(slack.control.act(&unknown).await.is_err());
    Ok(())
}

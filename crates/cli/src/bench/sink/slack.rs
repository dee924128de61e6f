//! Slack: the methods the hub calls, and the envelopes it hears.

use serde_json::{Value, json};

use super::{Sink, wire};
use crate::bench::orders::Lane;

/// What a method answers; `fields` is the form.
pub fn answer(sink: &Sink, method: &str, fields: &str) -> Value {
    match method {
        "auth.test" => json!({
            "ok": true, "url": "https://bench.slack.com/", "team": "Bench", "team_id": wire::TEAM,
            "user": "causeway", "user_id": wire::BOT_USER, "bot_id": wire::BOT,
        }),
        "bots.info" => json!({
            "ok": true,
            "bot": { "id": wire::BOT, "app_id": wire::APP, "user_id": wire::BOT_USER },
        }),
        "apps.connections.open" => json!({ "ok": true, "url": sink.socket }),
        "users.list" => users(sink.pairs),
        "users.conversations" => json!({ "ok": true, "channels": [] }),
        "conversations.create" => created(fields),
        "conversations.invite" | "conversations.setTopic" | "conversations.info" => {
            let lane = lane_of(fields);
            lane.map_or_else(gone, |lane| json!({ "ok": true, "channel": room(lane) }))
        }
        "conversations.members" => lane_of(fields).map_or_else(
            gone,
            |lane| json!({ "ok": true, "members": [wire::BOT_USER, wire::slack_user(lane)] }),
        ),
        // Nothing was said while the hub was away.
        "conversations.history" => json!({ "ok": true, "messages": [] }),
        "conversations.replies" => json!({ "ok": true, "messages": standing(fields) }),
        _ => json!({ "ok": false, "error": "unknown_method" }),
    }
}

/// What a post answers.
pub fn posted(lane: Lane) -> String {
    let ts = wire::slack_time(wire::now_us());
    let channel = wire::channel(lane);
    format!(r#"{{"ok":true,"channel":"{channel}","ts":"{ts}","message":{{"ts":"{ts}"}}}}"#)
}

/// The lane of the channel that a form names.
pub fn lane_of(fields: &str) -> Option<Lane> {
    wire::lane_of_slack(field(fields, "channel")?)
}

pub fn hello() -> String {
    json!({
        "type": "hello", "num_connections": 1,
        "connection_info": { "app_id": wire::APP },
        "debug_info": { "host": "bench", "approximate_connection_time": 18_060 },
    })
    .to_string()
}

/// `/causeway Tess 00007`, from who works in Slack.
pub fn command(base: &str, lane: Lane) -> String {
    let once = wire::now_us();
    json!({
        "envelope_id": format!("c-{once}"), "type": "slash_commands",
        "accepts_response_payload": true,
        "payload": {
            "command": "/causeway", "text": wire::teams_name(lane), "team_id": wire::TEAM,
            "user_id": wire::slack_user(lane), "channel_id": "D0000000000",
            "trigger_id": format!("t-{once}"), "response_url": format!("{base}/answers"),
        },
    })
    .to_string()
}

/// A message in the lane's channel, as Slack tells of one that was typed.
pub fn message(lane: Lane, number: u64) -> String {
    let (at, text) = (wire::now_us(), wire::text(number));
    let (ts, user, channel) = (
        wire::slack_time(at),
        wire::slack_user(lane),
        wire::channel(lane),
    );
    json!({
        "envelope_id": format!("e-{at}"), "type": "events_api",
        "accepts_response_payload": false, "retry_attempt": 0, "retry_reason": "",
        "payload": {
            "type": "event_callback", "team_id": wire::TEAM, "api_app_id": wire::APP,
            "event_id": format!("Ev{at}"), "event_time": at / 1_000_000,
            "is_ext_shared_channel": false,
            "authorizations": [{
                "enterprise_id": null, "team_id": wire::TEAM, "user_id": wire::BOT_USER,
                "is_bot": true, "is_enterprise_install": false,
            }],
            "event": {
                "type": "message", "channel_type": "group", "channel": channel,
                "user": user, "team": wire::TEAM, "ts": ts, "event_ts": ts,
                "client_msg_id": format!("{at:032x}"), "text": text,
                "blocks": [{
                    "type": "rich_text", "block_id": "b1",
                    "elements": [{
                        "type": "rich_text_section",
                        "elements": [{ "type": "text", "text": text }],
                    }],
                }],
            },
        },
    })
    .to_string()
}

fn users(pairs: usize) -> Value {
    let mut members: Vec<Value> = (0..pairs).map(user).collect();
    members.push(json!({
        "id": wire::BOT_USER, "name": "causeway", "real_name": "Causeway", "is_bot": true,
        "profile": { "real_name": "Causeway" },
    }));
    json!({ "ok": true, "members": members, "response_metadata": { "next_cursor": "" } })
}

fn user(lane: Lane) -> Value {
    let name = wire::slack_name(lane);
    json!({
        "id": wire::slack_user(lane), "team_id": wire::TEAM, "name": name, "real_name": name,
        "deleted": false, "is_bot": false, "is_email_confirmed": true,
        "profile": {
            "real_name": name, "display_name": name,
            "email": format!("sam{lane:05}@bench.example"),
        },
    })
}

/// The hub names a channel after the one who is represented in it, `tess-00007-…`.
fn created(fields: &str) -> Value {
    let name = field(fields, "name").unwrap_or_default();
    let lane = name.split('-').nth(1).and_then(|lane| lane.parse().ok());
    lane.map_or_else(
        gone,
        |lane: Lane| json!({ "ok": true, "channel": room(lane) }),
    )
}

fn room(lane: Lane) -> Value {
    json!({
        "id": wire::channel(lane), "name": format!("tess-{lane:05}"), "created": 1_700_000_000,
        "is_channel": true, "is_private": true, "is_member": true,
    })
}

/// A message that is asked for by its time is still there, whichever it is.
fn standing(fields: &str) -> Vec<Value> {
    let asked = field(fields, "latest").and(field(fields, "ts"));
    let message = |ts| json!({ "type": "message", "ts": ts, "text": "still here" });
    asked.map(message).into_iter().collect()
}

fn gone() -> Value {
    json!({ "ok": false, "error": "channel_not_found" })
}

/// A field of a form; ids and names need no unescaping.
fn field<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    let pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

//! Microsoft: tokens, users, chats, and polls that find nothing, or letters.

use serde_json::{Value, json};

use super::{Sink, wire};
use crate::bench::orders::Lane;

/// A token that outlives a bench in whichever clock.
pub fn token() -> Value {
    json!({
        "token_type": "Bearer", "scope": "Chat.ReadWrite offline_access",
        "expires_in": 30_000_000_000_u64, "access_token": "bench-access-token",
        "refresh_token": "bench-refresh-token",
    })
}

/// What a read, or the making of a chat, answers; none for what is not served.
pub fn answer(sink: &Sink, is_post: bool, path: &[&str], body: &[u8]) -> Option<Value> {
    match (is_post, path) {
        (false, ["users"]) => Some(users(sink.pairs)),
        (false, ["users", id]) => Some(user_by_id(id)),
        (true, ["chats"]) => made(body),
        (false, ["me" | "users", .., "chats"]) => Some(unread(sink)),
        (false, ["chats", id]) => wire::lane_of_chat(id).map(chat),
        (false, ["chats", id, "members"]) => {
            wire::lane_of_chat(id).map(|lane| json!({ "value": members(lane) }))
        }
        (false, ["chats", id, "messages"]) => {
            wire::lane_of_chat(id).map(|lane| letters(sink, lane))
        }
        (false, _) => Some(json!({ "value": [] })),
        (true, _) => None,
    }
}

/// What a post answers.
pub fn posted(lane: Lane) -> String {
    let at = wire::now_us();
    let (time, chat) = (wire::graph_time(at), wire::chat(lane));
    format!(
        r#"{{"id":"{at}","messageType":"message","createdDateTime":"{time}","lastModifiedDateTime":"{time}","chatId":"{chat}","from":{{"user":{{"id":"{}"}}}}}}"#,
        wire::SERVICE_ACCOUNT
    )
}

fn users(pairs: usize) -> Value {
    let mut users: Vec<Value> = (0..pairs).map(user).collect();
    users.push(service_account());
    json!({ "value": users })
}

fn user_by_id(id: &str) -> Value {
    wire::lane_of_teams_user(id).map_or_else(service_account, user)
}

fn user(lane: Lane) -> Value {
    let address = format!("tess{lane:05}@bench.example");
    json!({
        "id": wire::teams_user(lane), "displayName": wire::teams_name(lane), "mail": address,
        "userPrincipalName": address, "accountEnabled": true, "userType": "Member",
    })
}

fn service_account() -> Value {
    json!({
        "id": wire::SERVICE_ACCOUNT, "displayName": "Causeway", "mail": null,
        "userPrincipalName": "causeway@bench.example", "accountEnabled": true,
        "userType": "Member",
    })
}

/// The chat of the member who is no service account.
fn made(body: &[u8]) -> Option<Value> {
    let asked: Value = serde_json::from_slice(body).ok()?;
    let binds = asked["members"].as_array()?.iter();
    let lane = binds
        .filter_map(|member| member["user@odata.bind"].as_str())
        .filter_map(|bind| bind.split('\'').nth(1))
        .find_map(wire::lane_of_teams_user)?;
    Some(chat(lane))
}

fn chat(lane: Lane) -> Value {
    json!({
        "id": wire::chat(lane), "chatType": "group", "topic": wire::slack_name(lane),
        "createdDateTime": "2026-01-01T00:00:00.000Z", "members": members(lane),
    })
}

fn members(lane: Lane) -> Value {
    let accounts = [wire::SERVICE_ACCOUNT.to_owned(), wire::teams_user(lane)];
    let members = accounts.map(|account| json!({ "id": account, "userId": account }));
    json!(members)
}

/// Chats in which something is to be found.
fn unread(sink: &Sink) -> Value {
    let now = wire::graph_time(wire::now_us());
    let chats = sink.traffic.unread().into_iter().map(|lane| {
        let mut chat = chat(lane);
        chat["lastMessagePreview"] = json!({ "createdDateTime": now });
        chat
    });
    json!({ "value": chats.collect::<Vec<_>>() })
}

fn letters(sink: &Sink, lane: Lane) -> Value {
    let letters = sink.traffic.take_letters(lane).into_iter().map(|text| {
        let at = wire::now_us();
        let time = wire::graph_time(at);
        json!({
            "id": at.to_string(), "messageType": "message", "chatId": wire::chat(lane),
            "createdDateTime": time, "lastModifiedDateTime": time,
            "from": { "user": { "id": wire::teams_user(lane), "displayName": "Tess" } },
            "body": { "contentType": "html", "content": format!("<p>{text}</p>") },
            "attachments": [], "mentions": [],
        })
    });
    json!({ "value": letters.collect::<Vec<_>>() })
}

use causeway_model::{Content, ExternalMessage, Marker, RelayId, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::*;

struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }
}

fn own() -> Own {
    Own {
        bot_user: "UBOT".into(),
        bot_id: "B1".into(),
        app_id: Some("A1".into()),
        team: "Acme".into(),
        team_id: Some("T1".into()),
        url: None,
    }
}

fn read(kind: &str, payload: Value) -> Heard {
    let reader = Reader {
        own: &own(),
        names: &Names::default(),
        clock: &At(5_000),
    };
    let frame = json!({ "type": kind, "envelope_id": "e1", "payload": payload });
    reader.read(&Frame::deserialize(&frame).expect("a frame"), "e1")
}

fn event(event: Value, heard_by: &str) -> Vec<Incoming> {
    let is_bot = heard_by == "UBOT";
    let payload = json!({
        "type": "event_callback", "api_app_id": "A1", "event_id": "Ev1",
        "authorizations": [{ "team_id": "T1", "user_id": heard_by, "is_bot": is_bot }],
        "event": event,
    });
    read("events_api", payload).incoming
}

fn one(mut incoming: Vec<Incoming>) -> Incoming {
    assert_eq!(incoming.len(), 1, "{incoming:?}");
    incoming.remove(0)
}

fn message(more: Value) -> Value {
    let mut message = json!({
        "type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "hi",
        "ts": "100.000200", "event_ts": "100.000200",
    });
    for (key, value) in more.as_object().expect("fields") {
        message[key] = value.clone();
    }
    message
}

fn with_app(more: Value) -> Value {
    let mut message = message(more);
    message["app_id"] = "A1".into();
    message["bot_id"] = "B1".into();
    message
}

#[test]
fn a_message_in_a_direct_conversation_is_heard_by_the_one_who_authorised() {
    let heard = one(event(message(json!({})), "U2"));
    assert_eq!(heard.key.0, "m:D1:100.000200");
    assert_eq!(heard.at, Timestamp(100_000));
    assert_eq!(heard.conversation_kind, Some(ConversationKind::Direct));
    assert_eq!(heard.heard_by, Some(ExternalAccount::new("U2")));
    assert_eq!(heard.author.kind, AuthorKind::Person);
    assert_eq!(heard.author.account.as_str(), "U1");
    let posted = Happening::Posted {
        message: ExternalMessage::new("100.000200"),
        content: Content::plain("hi"),
        marker: None,
    };
    assert_eq!(heard.happened, posted);
}

#[test]
fn a_message_to_the_app_is_a_request() {
    let heard = one(event(message(json!({ "text": "Bob" })), "UBOT"));
    assert_eq!(heard.conversation_kind, Some(ConversationKind::WithApp));
    assert_eq!(heard.key.0, "m:D1:100.000200");
    let asked = Happening::Asked {
        text: "Bob".into(),
        answer: None,
    };
    assert_eq!(heard.happened, asked);
}

#[test]
fn a_slash_command_is_a_request_with_an_address_for_its_answer() {
    let heard = read(
        "slash_commands",
        json!({
            "command": "/causeway", "text": " Bob ", "user_id": "U1", "channel_id": "C9",
            "response_url": "https://hooks.example/1", "trigger_id": "t.1", "api_app_id": "A1",
        }),
    );
    let heard = one(heard.incoming);
    assert_eq!(heard.key.0, "c:t.1");
    assert_eq!(heard.at, Timestamp(5_000));
    let asked = Happening::Asked {
        text: "Bob".into(),
        answer: Some("https://hooks.example/1".into()),
    };
    assert_eq!(heard.happened, asked);
}

#[test]
fn authors_are_told_apart_by_app_bot_and_user() {
    let kinds = [
        (message(json!({})), "U1", AuthorKind::Person),
        (with_app(json!({})), "U1", AuthorKind::PersonByOwnApp),
        (
            with_app(json!({ "user": "UBOT" })),
            "UBOT",
            AuthorKind::OwnApp,
        ),
        (
            with_app(json!({ "user": null, "subtype": "bot_message", "username": "Bob" })),
            "UBOT",
            AuthorKind::OwnApp,
        ),
        (
            message(json!({ "user": null, "subtype": "bot_message", "bot_id": "B7" })),
            "B7",
            AuthorKind::OtherApp,
        ),
        (
            message(json!({ "user": "U7", "bot_id": "B7", "app_id": "A7" })),
            "U7",
            AuthorKind::OtherApp,
        ),
        (
            message(json!({ "bot_profile": { "id": "B1", "app_id": "A1" } })),
            "U1",
            AuthorKind::PersonByOwnApp,
        ),
        (
            message(json!({ "user": "USLACKBOT" })),
            "USLACKBOT",
            AuthorKind::OtherApp,
        ),
    ];
    for (event_json, account, kind) in kinds {
        let heard = one(event(event_json, "U2"));
        assert_eq!(heard.author.kind, kind, "{account}");
        assert_eq!(heard.author.account.as_str(), account);
    }
}

#[test]
fn a_marker_counts_only_with_our_own_app() {
    let relay_id = RelayId::from_bits(9);
    let metadata = json!({
        "event_type": "causeway_relay", "event_payload": { "rid": relay_id },
    });
    let marker = |event_json| match one(event(event_json, "U2")).happened {
        Happening::Posted { marker, .. } => marker,
        other => panic!("not a post: {other:?}"),
    };
    let of = |by_own_app| {
        Some(Marker {
            relay_id: relay_id.clone(),
            by_own_app,
        })
    };
    assert_eq!(marker(with_app(json!({ "metadata": metadata }))), of(true));
    assert_eq!(marker(message(json!({ "metadata": metadata }))), of(false));
    let foreign = json!({ "event_type": "other", "event_payload": { "rid": relay_id } });
    assert_eq!(marker(with_app(json!({ "metadata": foreign }))), None);
    let forged = json!({ "event_type": "causeway_relay", "event_payload": { "rid": "x" } });
    assert_eq!(marker(with_app(json!({ "metadata": forged }))), None);
}

fn changed_event(before: Value, after: Value) -> Value {
    json!({
        "type": "message", "subtype": "message_changed", "hidden": true, "channel": "D1",
        "channel_type": "im", "ts": "101.0", "event_ts": "101.000000",
        "message": after, "previous_message": before,
    })
}

fn state(text: &str, edited: Option<&str>) -> Value {
    let mut state = json!({ "type": "message", "user": "U1", "text": text, "ts": "100.000200" });
    if let Some(edited) = edited {
        state["edited"] = json!({ "user": "U1", "ts": edited });
    }
    state
}

#[test]
fn an_edit_has_the_key_of_its_edit_stamp() {
    let heard = event(
        changed_event(state("a", None), state("b", Some("100.900000"))),
        "U2",
    );
    let heard = one(heard);
    assert_eq!(heard.key.0, "e:D1:100.000200:100.900000");
    assert_eq!(heard.at, Timestamp(100_900));
    let edited = Happening::Edited {
        message: ExternalMessage::new("100.000200"),
        content: Content::plain("b"),
    };
    assert_eq!(heard.happened, edited);
}

#[test]
fn unfurls_and_thread_counters_are_no_edits() {
    let mut unfurled = state("see <https://a.example>", None);
    unfurled["attachments"] = json!([{ "from_url": "https://a.example", "title": "A" }]);
    let before = state("see <https://a.example>", None);
    assert!(event(changed_event(before, unfurled), "U2").is_empty());
    let mut answered = state("a", Some("100.5"));
    answered["reply_count"] = 1.into();
    let before = state("a", Some("100.5"));
    assert!(event(changed_event(before, answered), "U2").is_empty());
}

#[test]
fn a_message_seen_already_edited_is_a_post_that_contains_its_edit_and_the_edit() {
    let edited = json!({ "edited": { "user": "U1", "ts": "100.900000" } });
    let heard = event(message(edited), "U2");
    let keys: Vec<&str> = heard.iter().map(|heard| heard.key.0.as_str()).collect();
    assert_eq!(keys, ["m:D1:100.000200", "e:D1:100.000200:100.900000"]);
    assert_eq!(heard[0].contains, [heard[1].key.clone()]);
}

#[test]
fn deletions_are_heard_as_such_and_as_tombstones() {
    let gone = json!({
        "type": "message", "subtype": "message_deleted", "channel": "D1", "channel_type": "im",
        "ts": "102.0", "event_ts": "102.000000", "deleted_ts": "100.000200",
        "previous_message": state("a", None),
    });
    let mut tombstone = state("This message was deleted.", None);
    tombstone["subtype"] = "tombstone".into();
    tombstone["user"] = "USLACKBOT".into();
    for deleted in [gone, changed_event(state("a", None), tombstone)] {
        let heard = one(event(deleted, "U2"));
        assert_eq!(heard.key.0, "d:D1:100.000200");
        assert_eq!(heard.author.account.as_str(), "U1");
        let deleted = Happening::Deleted {
            message: ExternalMessage::new("100.000200"),
        };
        assert_eq!(heard.happened, deleted);
    }
}

#[test]
fn files_and_forwarded_messages_are_told_in_words() {
    let shared = message(json!({
        "subtype": "file_share", "text": "look",
        "files": [{ "id": "F1", "name": "plan.pdf", "permalink": "https://a.example/F1" },
                  { "id": "F2", "mode": "tombstone" }],
        "attachments": [{ "is_share": true, "from_url": "https://a.example/p1",
                          "author_name": "Cy", "text": "before" }],
    }));
    let Happening::Posted { content, .. } = one(event(shared, "U2")).happened else {
        panic!("not a post");
    };
    assert_eq!(
        content.to_plain(),
        "look\nCy\nbefore\nfile: plan.pdf\nfile: no longer there"
    );
}

#[test]
fn what_the_system_says_is_dropped() {
    for subtype in [
        "channel_join",
        "channel_leave",
        "group_join",
        "channel_topic",
        "pinned_item",
        "huddle_thread",
        "new_one",
    ] {
        assert!(
            event(message(json!({ "subtype": subtype })), "U2").is_empty(),
            "{subtype}"
        );
    }
}

#[test]
fn revoked_tokens_are_named_by_their_owners() {
    let payload = json!({ "event": { "type": "tokens_revoked",
        "tokens": { "oauth": ["U1"], "bot": ["UBOT"] } } });
    let revoked = read("events_api", payload).revoked;
    let person = TokenOwner::Account(ExternalAccount::new("U1"));
    assert_eq!(revoked, [person, TokenOwner::App]);
    let payload = json!({ "event": { "type": "app_uninstalled" } });
    assert_eq!(read("events_api", payload).revoked, [TokenOwner::App]);
}

#[test]
fn what_cannot_be_read_is_nothing() {
    for kind in [
        "events_api",
        "slash_commands",
        "interactive",
        "hello",
        "tomorrow",
    ] {
        assert_eq!(read(kind, json!({ "event": 7 })), Heard::default());
    }
    let message = json!({ "event": { "type": "message", "channel": [] } });
    assert_eq!(read("events_api", message), Heard::default());
}

fn press(action: Value) -> Value {
    json!({ "type": "block_actions", "api_app_id": "A1", "user": { "id": "U1", "name": "ann" },
        "container": { "type": "message", "message_ts": "90.000100", "channel_id": "D9" },
        "channel": { "id": "D9", "name": "directmessage" }, "actions": [action],
        "response_url": "https://hooks.example/2", "trigger_id": "t.2" })
}

#[test]
fn a_pressed_button_is_told_with_its_value_and_where_to_answer() {
    let action = json!({ "action_id": "causeway:consent:start:7", "block_id": "b", "type": "button",
        "value": "consent:start:7", "action_ts": "101.500000" });
    let heard = one(read("interactive", press(action.clone())).incoming);
    assert_eq!(
        heard.key.0,
        "b:D9:90.000100:U1:101.500000:causeway:consent:start:7"
    );
    assert_eq!(heard.at, Timestamp(101_500));
    assert_eq!(heard.conversation.as_str(), "D9");
    assert_eq!(heard.author.account.as_str(), "U1");
    assert_eq!(heard.author.kind, AuthorKind::Person);
    let pressed = Happening::Pressed {
        button: "consent:start:7".into(),
        answer: Some("https://hooks.example/2".into()),
    };
    assert_eq!(heard.happened, pressed);
    let again = one(read("interactive", press(action)).incoming);
    assert_eq!(again.key, heard.key);
}

#[test]
fn links_and_the_buttons_of_others_mean_nothing() {
    for id in ["causeway-open:0", "approve", ""] {
        let action = json!({ "action_id": id, "type": "button", "action_ts": "101.5" });
        assert_eq!(read("interactive", press(action)), Heard::default());
    }
    let other = json!({ "type": "view_submission", "user": { "id": "U1" }, "view": {} });
    assert_eq!(read("interactive", other), Heard::default());
}

#[test]
fn who_came_and_who_went_is_heard_by_whose_doing() {
    let change = |kind: &str, more: Value| {
        let mut change = json!({ "type": kind, "user": "U3", "channel": "C1", "channel_type": "C",
            "team": "T1", "event_ts": "100.000300" });
        for (key, value) in more.as_object().expect("fields") {
            change[key] = value.clone();
        }
        one(event(change, "UBOT"))
    };
    let accounts = vec![ExternalAccount::new("U3")];
    let joined = change("member_joined_channel", json!({ "inviter": "U1" }));
    assert_eq!(joined.key.0, "j:C1:U3:100.000300");
    assert_eq!(joined.at, Timestamp(100_000));
    assert_eq!(joined.conversation_kind, Some(ConversationKind::Channel));
    assert_eq!(joined.author.account.as_str(), "U1");
    let happened = Happening::Joined {
        accounts: accounts.clone(),
    };
    assert_eq!(joined.happened, happened);
    let left = change("member_left_channel", json!({ "channel_type": "G" }));
    assert_eq!(left.key.0, "l:C1:U3:100.000300");
    assert_eq!(left.conversation_kind, None);
    assert_eq!(left.author.account.as_str(), "U3");
    assert_eq!(left.happened, Happening::Left { accounts });
    let by_us = change("member_joined_channel", json!({ "inviter": "UBOT" }));
    assert_eq!(by_us.author.kind, AuthorKind::OwnApp);
    let us = change("member_joined_channel", json!({ "user": "UBOT" }));
    assert!(matches!(us.happened, Happening::Joined { .. }));
}

#[test]
fn kinds_of_conversation_follow_the_channel_type() {
    let kinds = [
        ("mpim", ConversationKind::Group),
        ("channel", ConversationKind::Channel),
        ("group", ConversationKind::Channel),
    ];
    for (word, kind) in kinds {
        let heard = one(event(message(json!({ "channel_type": word })), "UBOT"));
        assert_eq!(heard.conversation_kind, Some(kind));
    }
}

#[test]
fn names_are_learned_from_events_about_people() {
    let names = Names::default();
    let own = own();
    let reader = Reader {
        own: &own,
        names: &names,
        clock: &At(0),
    };
    let frame = json!({ "type": "events_api", "payload": { "event": { "type": "user_change",
        "user": { "id": "U1", "profile": { "display_name": "Ann" } } } } });
    reader.read(&Frame::deserialize(&frame).expect("a frame"), "e1");
    let names: &dyn super::super::dialect::AccountNames = &names;
    assert_eq!(names.name("U1").as_deref(), Some("Ann"));
}

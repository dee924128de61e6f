//! Hearing by sockets alone: what is acknowledged when, how sockets follow one another, and what may
//! have been missed between them.

use std::sync::Arc;

use causeway_connectors::{Connector, Hearing, TokenOwner, Unreadable, webex::Hear};
use causeway_model::{
    CheckCode, Content, ConversationKind, Depth, Happening, HealthState, Incoming, Outcome,
    Speaker, Timestamp, capability,
};
use data_encoding::BASE64_NOPAD;
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

use crate::{
    mercury::{CATALOG, DEVICES, Line, Mercury, told, until},
    poll::Listening,
    support::*,
};

/// A second before now.
const SAID_AT: &str = "2026-01-05T09:59:59.000Z";

/// An organisation without a compliance officer: nobody may read its events.
async fn organisation() -> Organisation {
    let mut organisation = Organisation::start().await;
    organisation.settings.hear = Hear::Sockets;
    let groups = items(&[json!({ "id": ROOM, "type": "group" })]);
    Mock::given(method("GET"))
        .and(path("/v1/rooms"))
        .and(query_param("type", "group"))
        .respond_with(ResponseTemplate::new(200).set_body_json(groups))
        .mount(&organisation.server)
        .await;
    organisation
}

/// The bot's conversations, as they are found after a gap.
async fn bot_was_told(organisation: &Organisation, rooms: &[Value]) {
    Mock::given(method("GET"))
        .and(path("/v1/rooms"))
        .and(query_param("type", "direct"))
        .and(header("authorization", "Bearer bot"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(rooms)))
        .mount(&organisation.server)
        .await;
}

/// Who is in a direct room, as one of them sees it.
async fn direct_room(organisation: &Organisation, token: &str, room: &str, people: &[&str; 2]) {
    Mock::given(method("GET"))
        .and(path("/v1/memberships"))
        .and(query_param("roomId", room))
        .and(header("authorization", format!("Bearer {token}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(members(room, "direct", people)))
        .mount(&organisation.server)
        .await;
}

async fn only_bot(organisation: &Organisation) -> (Mercury, Listening, Line) {
    let mercury = Mercury::start(organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let mut line = mercury.line().await;
    line.acknowledged("ready").await;
    until_heard(&listening).await;
    (mercury, listening, line)
}

/// Bob stands for somebody, and Ann writes to him.
async fn bot_and_bob(organisation: &Organisation) -> (Mercury, Listening, Line, Line) {
    direct_room(organisation, "bob", "DM", &[ANN, BOB]).await;
    let mercury = Mercury::start(organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[BOB]);
    let [mut bot, mut bob] = mercury.both("bot", "bob").await;
    bot.acknowledged("ready").await;
    bob.acknowledged("ready").await;
    until_heard(&listening).await;
    (mercury, listening, bot, bob)
}

async fn until_heard(listening: &Listening) {
    let connected = (HealthState::Connected, None);
    listening
        .sink
        .until(|heard| heard.listening == 1 && heard.health.last() == Some(&connected))
        .await;
}

/// As the API names what a socket names.
fn id(kind: &str, uuid: &str) -> String {
    BASE64_NOPAD.encode(format!("ciscospark://us/{kind}/{uuid}").as_bytes())
}

/// The API's answer about a message, for this token alone.
async fn stands(organisation: &Organisation, token: &str, uuid: &str, message: Value) {
    let mut message = message;
    message["id"] = id("MESSAGE", uuid).into();
    Mock::given(method("GET"))
        .and(path(format!("/v1/messages/{}", id("MESSAGE", uuid))))
        .and(header("authorization", format!("Bearer {token}")))
        .respond_with(ResponseTemplate::new(200).set_body_json(message))
        .mount(&organisation.server)
        .await;
}

fn direct(uuid: &str, html: &str) -> Value {
    message(uuid, "DM", "direct", SAID_AT, html)
}

fn activity(uuid: &str, verb: &str) -> Value {
    json!({
        "id": uuid, "verb": verb, "published": SAID_AT,
        "actor": { "id": "ann-uuid", "entryUUID": "ann-uuid", "objectType": "person" },
        "object": { "objectType": "comment", "displayName": "sealed" },
        "target": { "id": "dm-uuid", "globalId": "DM", "tags": ["ONE_ON_ONE"] },
    })
}

fn events(listening: &Listening) -> Vec<Incoming> {
    let heard = listening.sink.heard();
    let batches = heard.batches.iter();
    batches.flat_map(|(events, _)| events.clone()).collect()
}

#[tokio::test]
async fn a_message_is_read_with_the_token_that_heard_it_and_kept_under_the_polls_key() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    stands(&organisation, "bob", "m-1", direct("", "<p>Hi</p>")).await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    bob.tell("F1", activity("m-1", "post")).await;
    bob.acknowledged("F1").await;
    let heard = events(&listening);
    let [event] = heard.as_slice() else {
        panic!("one event: {heard:?}");
    };
    assert_eq!(event.key.0, format!("m:{}", id("MESSAGE", "m-1")));
    assert_eq!(event.conversation, conversation(ANN_AND_BOB));
    assert_eq!(event.conversation_kind, Some(ConversationKind::Direct));
    assert_eq!(event.heard_by, Some(account(BOB)));
    assert_eq!(event.author.account, account(ANN));
    assert!(
        matches!(&event.happened, Happening::Posted { content, .. } if *content == Content::plain("Hi"))
    );
    assert!(organisation.sent("GET", "/v1/events").await.is_empty());
    listening.end().await;
}

#[tokio::test]
async fn an_edit_is_told_of_the_message_it_edits_and_a_deletion_of_the_one_it_deletes() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let mut edited = direct("", "<p>Hello</p>");
    edited["updated"] = "2026-01-05T09:59:59.500Z".into();
    stands(&organisation, "bob", "m-1", edited).await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    let mut edit = activity("edit-1", "post");
    edit["parent"] = json!({ "id": "m-1", "type": "edit" });
    bob.tell("F1", edit).await;
    let mut deletion = activity("deletion-1", "delete");
    deletion["object"] = json!({ "objectType": "activity", "id": "m-1" });
    bob.tell("F2", deletion).await;
    assert_eq!(bob.acknowledged("F2").await, ["F1"]);
    let heard = events(&listening);
    let keys: Vec<&str> = heard.iter().map(|event| event.key.0.as_str()).collect();
    let message = id("MESSAGE", "m-1");
    let edit = format!("e:{message}:{}", NOW - 500);
    assert_eq!(keys, [edit, format!("d:{message}")]);
    assert!(
        matches!(&heard[0].happened, Happening::Edited { content, .. } if *content == Content::plain("Hello"))
    );
    for event in &heard {
        assert_eq!(event.conversation, conversation(ANN_AND_BOB));
    }
    assert_eq!(heard[1].author.account, account(&id("PEOPLE", "ann-uuid")));
    listening.end().await;
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_kept_and_what_is_not_kept_is_tried_again() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    stands(&organisation, "bob", "m-1", direct("", "Hi")).await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    listening.sink.heard().refuse = true;
    bob.tell("F1", activity("m-1", "post")).await;
    let read = format!("/v1/messages/{}", id("MESSAGE", "m-1"));
    until(|| async { !organisation.sent("GET", &read).await.is_empty() }).await;
    // What nobody need keep is acknowledged by itself, and the message not with it.
    let typing = json!({ "id": "F2", "data": { "eventType": "status.start_typing" } });
    bob.say(typing).await;
    assert_eq!(bob.acknowledged("F2").await, Vec::<String>::new());
    listening.sink.heard().refuse = false;
    bob.acknowledged("F1").await;
    assert_eq!(events(&listening).len(), 1);
    listening.end().await;
}

#[tokio::test]
async fn what_is_said_to_the_bot_is_a_question_at_once_and_also_when_nobody_heard_it() {
    let organisation = organisation().await;
    direct_room(&organisation, "bot", "DM", &[ANN, BOT]).await;
    let quiet =
        json!({ "id": "QUIET", "type": "direct", "lastActivity": "2026-01-05T09:00:00.000Z" });
    let lively = json!({ "id": "DM", "type": "direct", "lastActivity": SAID_AT });
    bot_was_told(&organisation, &[lively, quiet]).await;
    let missed = message("M2", "DM", "direct", SAID_AT, "start");
    let known = message("M1", "DM", "direct", "2026-01-05T09:59:50.000Z", "help");
    Mock::given(method("GET"))
        .and(path("/v1/messages"))
        .and(query_param("roomId", "DM"))
        .and(header("authorization", "Bearer bot"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(&[missed, known])))
        .mount(&organisation.server)
        .await;
    stands(&organisation, "bot", "m-3", direct("", "code")).await;
    let sink = Arc::new(Sink::default());
    let until_then = "2026-01-05T09:59:50.000Z".to_owned();
    sink.heard()
        .cursors
        .insert("told_to_bot".to_owned(), until_then);
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), sink, &[]);
    let mut bot = mercury.line().await;
    bot.tell("F1", activity("m-3", "post")).await;
    bot.acknowledged("F1").await;
    let heard = events(&listening);
    let said: Vec<(&str, &str)> = heard
        .iter()
        .map(|event| match &event.happened {
            Happening::Asked { text, .. } => (event.key.0.as_str(), text.as_str()),
            other => panic!("no question: {other:?}"),
        })
        .collect();
    let third = format!("m:{}", id("MESSAGE", "m-3"));
    assert_eq!(said, [("m:M2", "start"), (third.as_str(), "code")]);
    assert!(
        heard
            .iter()
            .all(|event| event.conversation == conversation(ANN_AND_BOT))
    );
    let cursor = listening.sink.heard().cursors["told_to_bot"].clone();
    assert_eq!(cursor, SAID_AT);
    listening.end().await;
}

#[tokio::test]
async fn what_is_said_in_other_groups_is_not_even_read() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let group = json!({ "id": "OTHER", "type": "group" });
    Mock::given(method("GET"))
        .and(path("/v1/rooms/OTHER"))
        .and(header("authorization", "Bearer bob"))
        .respond_with(ResponseTemplate::new(200).set_body_json(group))
        .expect(1)
        .mount(&organisation.server)
        .await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    for frame in ["F1", "F2"] {
        let mut said = activity(frame, "post");
        said["target"] = json!({ "id": "other-uuid", "globalId": "OTHER", "tags": [] });
        bob.tell(frame, said).await;
        bob.acknowledged(frame).await;
        let read = format!("/v1/messages/{}", id("MESSAGE", frame));
        assert!(organisation.sent("GET", &read).await.is_empty());
    }
    assert!(events(&listening).is_empty());
    listening.end().await;
}

#[tokio::test]
async fn who_comes_into_the_bots_group_and_goes_is_heard() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let (_mercury, listening, mut bot) = only_bot(&organisation).await;
    for (frame, verb) in [("F1", "add"), ("F2", "leave")] {
        let mut change = activity(frame, verb);
        change["object"] = json!({ "objectType": "person", "id": "eve-uuid" });
        change["target"] = json!({ "id": "room-uuid", "globalId": ROOM });
        bot.tell(frame, change).await;
        bot.acknowledged(frame).await;
    }
    let heard = events(&listening);
    let eve = vec![account(&id("PEOPLE", "eve-uuid"))];
    let keys: Vec<&str> = heard.iter().map(|event| event.key.0.as_str()).collect();
    assert_eq!(keys, ["j:F1", "l:F2"]);
    assert_eq!(
        heard[0].happened,
        Happening::Joined {
            accounts: eve.clone()
        }
    );
    assert_eq!(heard[1].happened, Happening::Left { accounts: eve });
    assert!(
        heard
            .iter()
            .all(|event| event.conversation == conversation(ROOM))
    );
    listening.end().await;
}

#[tokio::test]
async fn a_closed_socket_is_opened_again_and_what_was_missed_is_told_before_what_is_new() {
    for (code, reason) in [(1001, ""), (1011, "restart"), (1000, "idle")] {
        let organisation = organisation().await;
        bot_was_told(&organisation, &[]).await;
        direct_room(&organisation, "bot", "DM", &[ANN, BOT]).await;
        stands(&organisation, "bot", "m-1", direct("", "Hi")).await;
        let (mercury, listening, bot) = only_bot(&organisation).await;
        bot.close(code, reason).await;
        let mut bot = mercury.line().await;
        bot.tell("F1", activity("m-1", "post")).await;
        bot.acknowledged("F1").await;
        {
            let heard = listening.sink.heard();
            assert_eq!((heard.listening, heard.missed.len()), (1, 1), "{code}");
            // Half a minute before the last word of the socket that was closed.
            assert_eq!(heard.missed[0], Timestamp(NOW - 30_000));
            assert!(heard.said("the bot's socket is not open (closed)"));
        }
        // The device is the same as before.
        assert_eq!(organisation.sent("POST", DEVICES).await.len(), 1);
        listening.end().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_and_one_that_falls_silent_are_opened_again() {
    let mut organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    // A platform whose minute is less than a tenth of a second of ours.
    organisation.settings.pace = 1_000.0;
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    mercury.line().await.cut();
    let sink = listening.sink.clone();
    sink.until(|heard| heard.said("(closed)")).await;
    let silent = mercury.line().await;
    sink.until(|heard| heard.said("(silent)")).await;
    drop(silent);
    listening.end().await;
}

#[tokio::test]
async fn what_another_hub_what_is_not_understood_and_what_is_forbidden_say_is_told() {
    let table = [
        (4000, "the bot's socket is not open (used_by_another_hub)"),
        (4400, "the bot's socket is not open (not_understood)"),
        (1003, "the bot's socket is not open (not_understood)"),
        (1000, "the bot's socket is not open (closed_for_good)"),
        (4403, "the bot may have no socket (forbidden)"),
    ];
    for (code, words) in table {
        let organisation = organisation().await;
        bot_was_told(&organisation, &[]).await;
        let (_mercury, listening, bot) = only_bot(&organisation).await;
        bot.close(code, "").await;
        let sink = listening.sink.clone();
        sink.until(|heard| heard.said(words)).await;
        listening.end().await;
    }
}

#[tokio::test]
async fn a_token_that_the_socket_refuses_is_replaced() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let fresh = json!({ "access_token": "fresh", "expires_in": 3600, "refresh_token": "r" });
    organisation
        .answers("POST", "/v1/access_token", 200, fresh)
        .await;
    let (mercury, listening, _bot, bob) = bot_and_bob(&organisation).await;
    bob.close(4401, "").await;
    let mut bob = mercury.line().await;
    assert_eq!(bob.token, "fresh");
    bob.acknowledged("ready").await;
    listening.end().await;
}

#[tokio::test]
async fn a_bot_whose_token_is_refused_needs_a_person() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let (_mercury, listening, bot) = only_bot(&organisation).await;
    bot.close(4401, "").await;
    let sink = listening.sink.clone();
    sink.until(|heard| {
        let last = heard.health.last();
        last.is_some_and(|(state, detail)| {
            *state == HealthState::NeedsAuthorisation
                && detail.as_deref() == Some("the bot's token is refused (token_refused)")
        })
    })
    .await;
    listening.end().await;
}

#[tokio::test]
async fn frames_that_are_missing_are_told_before_the_one_that_shows_it() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    stands(&organisation, "bob", "m-1", direct("", "Hi")).await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    for (frame, number) in [("F1", 1), ("F2", 2), ("F5", 5)] {
        assert!(listening.sink.heard().missed.is_empty());
        let mut said = told(frame, activity("m-1", "post"));
        said["sequenceNumber"] = number.into();
        bob.say(said).await;
        bob.acknowledged(frame).await;
    }
    assert_eq!(listening.sink.heard().missed, [Timestamp(NOW - 30_000)]);
    listening.end().await;
}

#[tokio::test]
async fn whoever_signs_in_later_is_heard_and_whose_token_ends_is_heard_no_more() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    let bobs = organisation.vault.get(&owner(BOB)).expect("a token");
    organisation.vault.remove(&owner(BOB));
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[BOB]);
    let bot = mercury.line().await;
    until_heard(&listening).await;
    organisation.vault.put(owner(BOB), bobs);
    let mut bob = mercury.line().await;
    assert_eq!(bob.token, "bob");
    bob.acknowledged("ready").await;
    let refused = json!({ "message": "invalid_grant" });
    organisation
        .answers("POST", "/v1/access_token", 400, refused)
        .await;
    bob.close(4401, "").await;
    until(|| async { organisation.vault.log().contains(&"revoked".to_owned()) }).await;
    // Nothing is wrong with somebody who has taken it back, once it is known.
    let connected = (HealthState::Connected, None);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.health.last() == Some(&connected))
        .await;
    drop(bot);
    listening.end().await;
}

#[tokio::test]
async fn people_who_may_have_no_socket_are_counted_and_the_others_are_heard() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    Mock::given(method("GET"))
        .and(path(CATALOG))
        .and(header("authorization", "Bearer bob"))
        .respond_with(ResponseTemplate::new(403).set_body_json(json!({})))
        .with_priority(1)
        .mount(&organisation.server)
        .await;
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[BOB]);
    let _bot = mercury.line().await;
    let sink = listening.sink.clone();
    let remark = "1 account without a socket, and not heard (http_403)".to_owned();
    let told = (HealthState::Connected, Some(remark));
    sink.until(|heard| heard.health.last() == Some(&told)).await;
    listening.hearing.send_replace(Hearing::default());
    let connected = (HealthState::Connected, None);
    sink.until(|heard| heard.health.last() == Some(&connected))
        .await;
    listening.end().await;
}

#[tokio::test]
async fn a_message_is_there_or_gone_as_the_speaker_sees_it() {
    let organisation = organisation().await;
    stands(&organisation, "bob", "m-1", direct("", "Hi")).await;
    let connector = organisation.connector();
    let bob = Speaker::Account(account(BOB));
    let here = conversation(ANN_AND_BOB);
    for (uuid, there) in [("m-1", true), ("m-2", false)] {
        let message = message_id(&id("MESSAGE", uuid));
        let stands = connector.stands(&here, &message, &bob).await;
        assert_eq!(stands, Ok(there), "{uuid}");
    }
}

#[tokio::test]
async fn without_a_compliance_officer_less_is_asked_of_the_administrator_and_more_of_people() {
    let organisation = organisation().await;
    let connector = organisation.connector();
    assert_eq!(connector.capabilities(), &capability::WEBEX_BY_SOCKETS);
    let begun = json!({ "device_code": "d", "user_code": "u", "verification_uri": "v",
        "expires_in": 900, "interval": 5 });
    organisation
        .answers("POST", "/v1/device/authorize", 200, begun)
        .await;
    let people = connector.sign_in().expect("people sign in");
    people.begin_device().await.expect("a code");
    let own = connector.own_sign_in().expect("the administrator too");
    own.begin_device().await.expect("a code");
    let forms = organisation.forms("/v1/device/authorize").await;
    assert!(forms[0].contains("spark%3Aall+spark%3Akms"), "{}", forms[0]);
    assert!(!forms[1].contains("compliance"), "{}", forms[1]);
    assert!(forms[1].contains("spark-admin%3Apeople_read"));
}

#[tokio::test]
async fn whether_the_bot_may_have_a_socket_is_what_reading_means() {
    for (status, outcome) in [(200, Outcome::Passed), (403, Outcome::Failed)] {
        let organisation = organisation().await;
        let mercury = Mercury::without_devices(&organisation).await;
        let devices = json!({ "devices": [mercury.device(&organisation, "x")] });
        organisation.answers("GET", DEVICES, status, devices).await;
        let checks = organisation.connector().preflight(Depth::Canary, &[]).await;
        let reading = checks.iter().find(|check| check.code == CheckCode::Reading);
        assert_eq!(
            reading.map(|check| check.outcome),
            Some(outcome),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_now_is_read_back_through_another_socket() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    Mock::given(method("GET"))
        .and(path(format!("/v1/messages/{}", id("MESSAGE", "m-1"))))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({})))
        .mount(&organisation.server)
        .await;
    let (_mercury, listening, mut bot) = only_bot(&organisation).await;
    bot.tell("F1", activity("m-1", "post")).await;
    assert_eq!(
        bot.next().await,
        None,
        "it is closed, and nothing acknowledged"
    );
    let sink = listening.sink.clone();
    sink.until(|heard| heard.said("the bot's token is refused"))
        .await;
    assert!(organisation.vault.get(&TokenOwner::App).is_some());
    listening.end().await;
}

/// A message of Ann's to Bob that is refused to him.
async fn refused(organisation: &Organisation, uuid: &str, status: u16) {
    Mock::given(method("GET"))
        .and(path(format!("/v1/messages/{}", id("MESSAGE", uuid))))
        .respond_with(ResponseTemplate::new(status).set_body_json(json!({})))
        .mount(&organisation.server)
        .await;
}

fn gap(between: Option<&str>, since: i64, code: &str) -> Unreadable {
    Unreadable {
        conversation: between.map(conversation),
        since: Timestamp(since),
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn a_message_that_may_not_be_read_is_a_gap_before_its_frame_is_acknowledged() {
    for (status, code) in [(403, "http_403"), (400, "http_400"), (404, "http_404")] {
        let organisation = organisation().await;
        bot_was_told(&organisation, &[]).await;
        stands(&organisation, "bob", "m-1", direct("", "Hi")).await;
        refused(&organisation, "m-2", status).await;
        let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
        // The room is known from the first.
        for (frame, uuid) in [("F1", "m-1"), ("F2", "m-2")] {
            bob.tell(frame, activity(uuid, "post")).await;
            bob.acknowledged(frame).await;
        }
        assert_eq!(listening.sink.heard().keys().len(), 1);
        let gap = gap(Some(ANN_AND_BOB), NOW - 1_000, code);
        assert_eq!(listening.sink.heard().unreadable, [gap]);
        listening.end().await;
    }
}

#[tokio::test]
async fn the_connection_is_not_well_while_what_is_told_may_not_be_read() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    refused(&organisation, "m-1", 403).await;
    stands(&organisation, "bob", "m-2", direct("", "Hi")).await;
    let (_mercury, listening, _bot, mut bob) = bot_and_bob(&organisation).await;
    bob.tell("F1", activity("m-1", "post")).await;
    let words = "what sockets tell of may not be read for 1 account (http_403)";
    let lacks = (HealthState::Degraded, Some(words.to_owned()));
    let sink = listening.sink.clone();
    sink.until(|heard| heard.health.last() == Some(&lacks))
        .await;
    bob.tell("F2", activity("m-2", "post")).await;
    let well = (HealthState::Connected, None);
    sink.until(|heard| heard.health.last() == Some(&well)).await;
    listening.end().await;
}

#[tokio::test]
async fn what_is_told_where_nobody_shows_who_is_in_it_is_a_gap() {
    let organisation = organisation().await;
    bot_was_told(&organisation, &[]).await;
    organisation
        .answers("GET", "/v1/memberships", 403, json!({}))
        .await;
    stands(&organisation, "bot", "m-1", direct("", "Hi")).await;
    let (_mercury, listening, mut bot) = only_bot(&organisation).await;
    bot.tell("F1", activity("m-1", "post")).await;
    bot.acknowledged("F1").await;
    let sink = listening.sink.clone();
    sink.until(|heard| heard.said("1 conversation is not heard"))
        .await;
    let gap = gap(None, NOW - 1_000, "http_403");
    assert_eq!(sink.heard().unreadable, [gap]);
    listening.end().await;
}

#[tokio::test]
async fn what_the_bot_was_told_is_read_through_the_next_socket_where_it_cannot_be_now() {
    let organisation = organisation().await;
    direct_room(&organisation, "bot", "DM", &[ANN, BOT]).await;
    let rooms = || {
        Mock::given(method("GET"))
            .and(path("/v1/rooms"))
            .and(query_param("type", "direct"))
    };
    // As often as it is asked for before the socket is given up.
    rooms()
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(5)
        .mount(&organisation.server)
        .await;
    let lively = json!({ "id": "DM", "type": "direct", "lastActivity": SAID_AT });
    bot_was_told(&organisation, &[lively]).await;
    let missed = items(&[message("M1", "DM", "direct", SAID_AT, "start")]);
    organisation
        .answers("GET", "/v1/messages", 200, missed)
        .await;
    stands(&organisation, "bot", "m-2", direct("", "code")).await;
    let sink = Arc::new(Sink::default());
    let until_then = "2026-01-05T09:59:50.000Z".to_owned();
    sink.heard()
        .cursors
        .insert("told_to_bot".to_owned(), until_then.clone());
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), sink.clone(), &[]);
    let mut bot = mercury.line().await;
    bot.tell("F1", activity("m-2", "post")).await;
    // Closed, and what came meanwhile is not acknowledged.
    while let Some(said) = bot.next().await {
        assert_ne!(said["messageId"], "F1");
    }
    assert_eq!(sink.heard().cursors["told_to_bot"], until_then);
    assert!(sink.heard().keys().is_empty());
    let mut bot = mercury.line().await;
    bot.acknowledged("ready").await;
    sink.until(|heard| heard.keys() == ["m:M1"]).await;
    assert!(sink.heard().unreadable.is_empty());
    listening.end().await;
}

#[tokio::test]
async fn a_conversation_that_the_bot_may_not_read_is_a_gap_and_keeps_nobody_from_the_others() {
    let organisation = organisation().await;
    direct_room(&organisation, "bot", "DM", &[ANN, BOT]).await;
    let lively = |id: &str| json!({ "id": id, "type": "direct", "lastActivity": SAID_AT });
    bot_was_told(&organisation, &[lively("SHUT"), lively("DM")]).await;
    Mock::given(method("GET"))
        .and(path("/v1/messages"))
        .and(query_param("roomId", "SHUT"))
        .respond_with(ResponseTemplate::new(403))
        .mount(&organisation.server)
        .await;
    let missed = items(&[message("M1", "DM", "direct", SAID_AT, "start")]);
    organisation
        .answers("GET", "/v1/messages", 200, missed)
        .await;
    let sink = Arc::new(Sink::default());
    let until_then = "2026-01-05T09:59:50.000Z".to_owned();
    sink.heard()
        .cursors
        .insert("told_to_bot".to_owned(), until_then);
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), sink.clone(), &[]);
    let _bot = mercury.line().await;
    sink.until(|heard| heard.keys() == ["m:M1"]).await;
    let gap = gap(None, NOW - 10_000, "http_403");
    assert_eq!(sink.heard().unreadable, [gap]);
    listening.end().await;
}

#[tokio::test]
async fn what_the_bot_may_not_look_for_at_all_is_a_gap() {
    let organisation = organisation().await;
    Mock::given(method("GET"))
        .and(path("/v1/rooms"))
        .and(query_param("type", "direct"))
        .respond_with(ResponseTemplate::new(403))
        .mount(&organisation.server)
        .await;
    let (_mercury, listening, _bot) = only_bot(&organisation).await;
    let gap = gap(None, NOW, "http_403");
    assert_eq!(listening.sink.heard().unreadable, [gap]);
    listening.end().await;
}

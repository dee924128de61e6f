use std::sync::Arc;

use causeway_connectors::{Connector, Hearing, TokenOwner, Unreadable};
use causeway_model::{
    AuthorKind, Content, ConversationKind, Failure, Happening, HealthState, Incoming, Timestamp,
};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

use crate::support::*;

const EVENTS: &str = "/v1/events";
/// A minute before now, which is where an organisation that was never polled begins.
const FIRST: &str = "2026-01-05T09:59:00.000Z";

/// One who listens until it is dropped.
pub struct Listening {
    pub sink: Arc<Sink>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Failure>>,
    /// Who names others to be heard.
    pub hearing: watch::Sender<Hearing>,
}

impl Listening {
    pub fn begin(connector: impl Connector + 'static, sink: Arc<Sink>, heard: &[&str]) -> Self {
        let stop = CancellationToken::new();
        let accounts = heard.iter().map(|id| account(id)).collect();
        let (hearing, heard) = watch::channel(Hearing { accounts });
        let (told, until) = (sink.clone(), stop.clone());
        let task = tokio::spawn(async move { connector.listen(told, heard, until).await });
        Self {
            sink,
            stop,
            task,
            hearing,
        }
    }

    pub async fn end(self) {
        self.stop.cancel();
        let ended = self.task.await.expect("it does not panic");
        assert_eq!(ended, Ok(()));
    }
}

pub fn event(id: &str, resource: &str, kind: &str, at: &str, data: Value) -> Value {
    json!({
        "id": id, "resource": resource, "type": kind, "actorId": ANN, "orgId": ORG,
        "created": at, "data": data,
    })
}

fn second(second: u8) -> String {
    format!("2026-01-05T09:59:{second:02}.000Z")
}

/// What the feed tells of messages and of memberships, whenever it is asked.
pub async fn feed(organisation: &Organisation, messages: &[Value], memberships: &[Value]) {
    for (resource, told) in [("messages", messages), ("memberships", memberships)] {
        Mock::given(method("GET"))
            .and(path(EVENTS))
            .and(query_param("resource", resource))
            .and(header("authorization", "Bearer admin"))
            .respond_with(ResponseTemplate::new(200).set_body_json(items(told)))
            .mount(&organisation.server)
            .await;
    }
}

/// The bot's groups, and who is in the direct rooms.
pub async fn rooms(organisation: &Organisation, direct: &[(&str, [&str; 2])]) {
    let groups = items(&[json!({ "id": ROOM, "type": "group" })]);
    organisation.answers("GET", "/v1/rooms", 200, groups).await;
    for (room, people) in direct {
        Mock::given(method("GET"))
            .and(path("/v1/memberships"))
            .and(query_param("roomId", *room))
            .and(header("authorization", "Bearer admin"))
            .respond_with(ResponseTemplate::new(200).set_body_json(members(room, "direct", people)))
            .expect(1)
            .mount(&organisation.server)
            .await;
    }
}

async fn hear(organisation: &Organisation, heard: &[&str], count: usize) -> Vec<Incoming> {
    let listening = Listening::begin(organisation.connector(), Arc::default(), heard);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.keys().len() >= count && heard.listening == 1)
        .await;
    listening.end().await;
    let heard = sink.heard();
    let events = heard.batches.iter().flat_map(|(events, _)| events.clone());
    events.collect()
}

fn keys(events: &[Incoming]) -> Vec<&str> {
    events.iter().map(|event| event.key.0.as_str()).collect()
}

#[tokio::test]
async fn what_happened_at_the_same_moment_is_heard_in_order_whichever_end_is_listed_first() {
    for newest_first in [true, false] {
        let organisation = Organisation::start().await;
        let mut told = [("1", 1), ("2", 2), ("3", 2), ("4", 2)].map(|(number, at)| {
            let id = format!("M{number}");
            let posted = message(&id, "DM", "direct", &second(at), "<p>Hi</p>");
            let id = format!("E{number}");
            event(&id, "messages", "created", &second(at), posted)
        });
        if newest_first {
            told.reverse();
        }
        feed(&organisation, &told, &[]).await;
        rooms(&organisation, &[("DM", [ANN, BOB])]).await;
        let heard = hear(&organisation, &[ANN], 4).await;
        assert_eq!(keys(&heard), ["m:M1", "m:M2", "m:M3", "m:M4"]);
    }
}

#[tokio::test]
async fn what_happens_to_a_direct_message_is_heard_once_under_the_pairs_name() {
    let organisation = Organisation::start().await;
    let posted = message("M1", "DM", "direct", &second(1), "<p>Hi</p>");
    let mut edited = message("M1", "DM", "direct", &second(1), "<p>Hello</p>");
    edited["updated"] = second(2).into();
    let deleted = json!({ "id": "M1", "roomId": "DM", "personId": ANN });
    // The newest first, as the platform may tell them.
    let told = [
        event("E3", "messages", "deleted", &second(3), deleted),
        event("E2", "messages", "updated", &second(2), edited),
        event("E1", "messages", "created", &second(1), posted),
    ];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[("DM", [ANN, BOB])]).await;
    let heard = hear(&organisation, &[BOB], 3).await;
    let edit = format!("e:M1:{}", NOW - 58_000);
    assert_eq!(keys(&heard), ["m:M1", edit.as_str(), "d:M1"]);
    for event in &heard {
        assert_eq!(event.conversation, conversation(ANN_AND_BOB));
        assert_eq!(event.conversation_kind, Some(ConversationKind::Direct));
        assert_eq!(event.heard_by, Some(account(BOB)));
        assert_eq!(event.author.account, account(ANN));
    }
    assert!(
        matches!(&heard[1].happened, Happening::Edited { content, .. } if *content == Content::plain("Hello"))
    );
}

#[tokio::test]
async fn what_is_nobodys_business_here_is_not_handed_on() {
    let organisation = Organisation::start().await;
    let told = [
        event(
            "E1",
            "messages",
            "created",
            &second(1),
            message("M1", "DM", "direct", &second(1), "a"),
        ),
        event(
            "E2",
            "messages",
            "created",
            &second(2),
            message("M2", "OTHER", "group", &second(2), "b"),
        ),
        event(
            "E3",
            "messages",
            "created",
            &second(3),
            message("M3", ROOM, "group", &second(3), "c"),
        ),
        event("E4", "messages", "created", &second(4), json!({ "id": 7 })),
        json!({ "no": "event" }),
    ];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[("DM", [ANN, EVE])]).await;
    let heard = hear(&organisation, &[BOB], 1).await;
    assert_eq!(keys(&heard), ["m:M3"]);
    assert_eq!(heard[0].conversation, conversation(ROOM));
    assert_eq!(heard[0].conversation_kind, Some(ConversationKind::Group));
    assert_eq!(heard[0].heard_by, Some(account(BOT)));
}

#[tokio::test]
async fn authors_are_told_apart() {
    let organisation = Organisation::start().await;
    let by = |id: &str, person: &str, email: &str, app: Option<&str>| {
        let mut message = message(id, ROOM, "group", &second(1), "Hi");
        message["personId"] = person.into();
        message["personEmail"] = email.into();
        let mut told = event(id, "messages", "created", &second(1), message);
        told["appId"] = app.map_or(Value::Null, Into::into);
        told
    };
    // `ciscospark://us/APPLICATION/` and the client id of the Integration, of the Service App, and
    // of another.
    let app = |id: &str| data_encoding_of(&format!("ciscospark://us/APPLICATION/{id}"));
    let told = [
        by("1", BOT, "causeway@webex.bot", None),
        by("2", "OTHER", "other@webex.bot", None),
        by("3", ANN, "ann@acme.example", Some(&app(CLIENT))),
        by("4", "GUEST", "1ad@appid.ciscospark.com", Some(&app(ISSUER))),
        by("5", ANN, "ann@acme.example", Some(CLIENT)),
        by("6", ANN, "ann@acme.example", Some(&app("C3other"))),
        by("7", ANN, "ann@acme.example", None),
    ];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[]).await;
    let heard = hear(&organisation, &[], 7).await;
    let kinds: Vec<AuthorKind> = heard.iter().map(|event| event.author.kind).collect();
    assert_eq!(
        kinds,
        [
            AuthorKind::OwnApp,
            AuthorKind::OtherApp,
            AuthorKind::PersonByOwnApp,
            AuthorKind::PersonByOwnApp,
            AuthorKind::PersonByOwnApp,
            AuthorKind::Person,
            AuthorKind::Person,
        ]
    );
}

/// Base64 with its padding.
fn data_encoding_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn what_a_person_writes_to_the_bot_is_a_question_and_what_the_bot_says_is_not() {
    let organisation = Organisation::start().await;
    let asked = message("M1", "APP", "direct", &second(1), "<p>/causeway Bob</p>");
    let mut edited = asked.clone();
    edited["updated"] = second(2).into();
    let mut answer = message("M2", "APP", "direct", &second(3), "<p>Here</p>");
    answer["personId"] = BOT.into();
    let told = [
        event("E1", "messages", "created", &second(1), asked),
        event("E2", "messages", "updated", &second(2), edited),
        event("E3", "messages", "created", &second(3), answer),
    ];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[("APP", [ANN, BOT])]).await;
    let heard = hear(&organisation, &[], 2).await;
    assert_eq!(keys(&heard), ["m:M1", "m:M2"]);
    assert_eq!(heard[0].conversation, conversation(ANN_AND_BOT));
    assert_eq!(heard[0].conversation_kind, Some(ConversationKind::WithApp));
    let asked = Happening::Asked {
        text: "Bob".into(),
        answer: None,
    };
    assert_eq!(heard[0].happened, asked);
    assert!(matches!(heard[1].happened, Happening::Posted { .. }));
}

#[tokio::test]
async fn who_comes_into_the_bots_groups_and_who_goes_is_heard_before_what_they_say() {
    let organisation = Organisation::start().await;
    let member = |person: &str, room: &str, kind: &str| json!({ "id": format!("{room}:{person}"), "roomId": room, "roomType": kind, "personId": person });
    let memberships = [
        // The bot is let into a group that did not exist when its groups were listed.
        event(
            "E1",
            "memberships",
            "created",
            &second(1),
            member(BOT, "NEW", "group"),
        ),
        event(
            "E2",
            "memberships",
            "created",
            &second(2),
            member(EVE, "NEW", "group"),
        ),
        event(
            "E3",
            "memberships",
            "deleted",
            &second(3),
            member(EVE, "NEW", "group"),
        ),
        event(
            "E4",
            "memberships",
            "created",
            &second(3),
            member(EVE, "DM", "direct"),
        ),
        event(
            "E5",
            "memberships",
            "created",
            &second(3),
            member(EVE, "OTHER", "group"),
        ),
        event(
            "E6",
            "memberships",
            "updated",
            &second(3),
            member(EVE, "NEW", "group"),
        ),
    ];
    let said = message("M1", "NEW", "group", &second(2), "Hi");
    let told = [event("E7", "messages", "created", &second(2), said)];
    feed(&organisation, &told, &memberships).await;
    rooms(&organisation, &[]).await;
    let heard = hear(&organisation, &[], 4).await;
    assert_eq!(keys(&heard), ["j:E1", "j:E2", "m:M1", "l:E3"]);
    let accounts = vec![account(EVE)];
    assert_eq!(heard[1].happened, Happening::Joined { accounts });
    assert_eq!(heard[1].author.account, account(ANN));
}

#[tokio::test]
async fn the_cursor_moves_with_what_was_kept_and_stays_behind_the_newest() {
    let organisation = Organisation::start().await;
    let said = message("M1", ROOM, "group", "2026-01-05T10:02:10.000Z", "Hi");
    let told = [event(
        "E1",
        "messages",
        "created",
        "2026-01-05T10:02:10.000Z",
        said,
    )];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[]).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let behind = "2026-01-05T10:00:10.000Z";
    let sink = listening.sink.clone();
    sink.until(|heard| heard.cursors.get("events").is_some_and(|at| at == behind))
        .await;
    let asked = || async {
        let requests = organisation.server.received_requests().await;
        let requests = requests.expect("recording").into_iter();
        let from = requests.filter(|one| one.url.path() == EVENTS).map(|one| {
            let mut query = one.url.query_pairs();
            let from = query.find(|(name, _)| name == "from");
            from.expect("a beginning").1.into_owned()
        });
        from.collect::<Vec<_>>()
    };
    loop {
        let asked = asked().await;
        assert_eq!(asked[0], FIRST);
        if asked.last().is_some_and(|from| from == behind) {
            break;
        }
        tokio::task::yield_now().await;
    }
    listening.end().await;
    // Read again with every poll, and handed on once.
    assert_eq!(sink.heard().keys(), ["m:M1"]);
}

#[tokio::test]
async fn a_next_page_on_another_of_webexs_hosts_is_read_too() {
    let mut organisation = Organisation::start().await;
    // The sandbox's other host, as `webexapis.com` has several.
    let port = organisation.server.address().port();
    let other = format!("http://localhost:{port}");
    organisation.settings.catalog_url = other.parse().ok();
    let said = |id: &str| message(id, ROOM, "group", &second(1), "Hi");
    let told = |id: &str| event(id, "messages", "created", &second(1), said(id));
    let next = format!("<{other}/v1/more>; rel=\"next\"");
    Mock::given(method("GET"))
        .and(path(EVENTS))
        .and(query_param("resource", "messages"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("Link", next.as_str())
                .set_body_json(items(&[told("E2")])),
        )
        .mount(&organisation.server)
        .await;
    let rest = items(&[told("E1")]);
    organisation.answers("GET", "/v1/more", 200, rest).await;
    feed(&organisation, &[], &[]).await;
    rooms(&organisation, &[]).await;
    let heard = hear(&organisation, &[], 2).await;
    assert_eq!(keys(&heard), ["m:E2", "m:E1"]);
}

#[tokio::test]
async fn what_was_not_kept_is_read_again() {
    let organisation = Organisation::start().await;
    let said = message("M1", ROOM, "group", &second(1), "Hi");
    let told = [event("E1", "messages", "created", &second(1), said)];
    feed(&organisation, &told, &[]).await;
    rooms(&organisation, &[]).await;
    let sink: Arc<Sink> = Arc::default();
    sink.heard().refuse = true;
    let listening = Listening::begin(organisation.connector(), sink.clone(), &[]);
    sink.until(|heard| heard.said("not_kept")).await;
    assert!(sink.heard().batches.is_empty());
    sink.heard().refuse = false;
    sink.until(|heard| heard.keys() == ["m:M1"]).await;
    listening.end().await;
}

#[tokio::test]
async fn a_long_absence_is_caught_up_in_stretches() {
    let organisation = Organisation::start().await;
    feed(&organisation, &[], &[]).await;
    rooms(&organisation, &[]).await;
    let sink: Arc<Sink> = Arc::default();
    let left = "2026-01-05T05:00:00.000Z".to_owned();
    sink.heard()
        .cursors
        .insert("events".to_owned(), left.clone());
    let listening = Listening::begin(organisation.connector(), sink.clone(), &[]);
    sink.until(|heard| {
        let at = heard.cursors.get("events");
        at.is_some_and(|at| at.as_str() > "2026-01-05T07:50")
    })
    .await;
    listening.end().await;
    let requests = organisation.server.received_requests().await;
    let first = requests
        .expect("recording")
        .into_iter()
        .find(|one| one.url.path() == EVENTS)
        .expect("a poll");
    let query: Vec<(String, String)> = first.url.query_pairs().into_owned().collect();
    assert!(query.contains(&("from".into(), left)), "{query:?}");
    let to = "2026-01-05T06:00:00.000Z".to_owned();
    assert!(query.contains(&("to".into(), to)), "{query:?}");
}

#[tokio::test]
async fn what_the_platform_keeps_no_longer_is_told_as_unreadable() {
    let organisation = Organisation::start().await;
    organisation.answers("GET", EVENTS, 200, items(&[])).await;
    let sink: Arc<Sink> = Arc::default();
    let left = "2025-06-01T00:00:00.000Z".to_owned();
    sink.heard().cursors.insert("events".to_owned(), left);
    let listening = Listening::begin(organisation.connector(), sink.clone(), &[]);
    sink.until(|heard| heard.unreadable.len() == 1 && !heard.batches.is_empty())
        .await;
    listening.end().await;
    let gone = Unreadable {
        conversation: None,
        since: Timestamp(1_748_736_000_000),
        code: "no_longer_kept".to_owned(),
    };
    assert_eq!(sink.heard().unreadable, [gone]);
}

#[tokio::test]
async fn an_organisation_whose_events_may_not_be_read_needs_a_person() {
    for (status, words) in [
        (403, "no compliance officer (http_403)"),
        (401, "must sign in again"),
    ] {
        let organisation = Organisation::start().await;
        organisation.answers("GET", EVENTS, status, json!({})).await;
        organisation
            .answers(
                "POST",
                "/v1/access_token",
                400,
                json!({ "message": "The refresh token is invalid" }),
            )
            .await;
        let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
        let sink = listening.sink.clone();
        sink.until(|heard| heard.said(words)).await;
        listening.end().await;
        let heard = sink.heard();
        let (state, _) = heard.health.last().expect("told");
        assert_eq!(*state, HealthState::NeedsAuthorisation, "{words}");
        assert_eq!(heard.listening, 0);
    }
}

#[tokio::test]
async fn a_platform_that_is_away_is_asked_again_and_says_so_meanwhile() {
    let organisation = Organisation::start().await;
    Mock::given(method("GET"))
        .and(path(EVENTS))
        .respond_with(ResponseTemplate::new(502))
        .up_to_n_times(1)
        .mount(&organisation.server)
        .await;
    feed(&organisation, &[], &[]).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.listening == 1).await;
    listening.end().await;
    let mut states: Vec<HealthState> = sink
        .heard()
        .health
        .iter()
        .map(|(state, _)| *state)
        .collect();
    // What is remarked beside, of sockets, changes the words alone.
    states.dedup();
    assert_eq!(states, [HealthState::Degraded, HealthState::Connected]);
}

/// Somebody writes to Bob in a room that the hub has not seen, and in a group of the bot's.
async fn unseen_and_seen(organisation: &Organisation) {
    let said = |number: u8, room: &str, kind: &str| {
        let said = message(&format!("M{number}"), room, kind, &second(number), "Hi");
        let id = format!("E{number}");
        event(&id, "messages", "created", &second(number), said)
    };
    let told = [said(1, "DM", "direct"), said(2, ROOM, "group")];
    feed(organisation, &told, &[]).await;
    rooms(organisation, &[]).await;
}

fn unseen_since(second: i64, code: &str) -> Unreadable {
    Unreadable {
        conversation: None,
        since: Timestamp(NOW - 60_000 + second * 1_000),
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn what_is_said_where_nobody_shows_who_is_in_it_is_a_gap_and_the_rest_is_heard() {
    let nobody = items(&[]);
    for (status, members, code) in [
        (403, json!({}), "http_403"),
        (404, json!({}), "http_404"),
        (400, json!({}), "http_400"),
        (200, nobody, "no_members_shown"),
    ] {
        let organisation = Organisation::start().await;
        unseen_and_seen(&organisation).await;
        organisation
            .answers("GET", "/v1/memberships", status, members)
            .await;
        let listening = Listening::begin(organisation.connector(), Arc::default(), &[ANN, BOB]);
        let sink = listening.sink.clone();
        let words = format!("1 conversation is not heard: nobody shows who is in it ({code})");
        let told = |(state, detail): &(HealthState, Option<String>)| {
            // Sockets are remarked beside.
            let detail = detail.as_deref().unwrap_or_default();
            *state == HealthState::Degraded && detail.starts_with(&words)
        };
        sink.until(|heard| heard.listening == 1 && heard.health.last().is_some_and(told))
            .await;
        listening.end().await;
        assert_eq!(sink.heard().keys(), ["m:M2"], "{code}");
        assert_eq!(sink.heard().unreadable, [unseen_since(1, code)]);
    }
}

#[tokio::test]
async fn an_unseen_conversation_that_is_shown_again_is_heard_and_the_connection_well() {
    let organisation = Organisation::start().await;
    let until_then = |at: u8, id: &str| {
        let said = message(id, "DM", "direct", &second(at), "Hi");
        event(&format!("E{id}"), "messages", "created", &second(at), said)
    };
    rooms(&organisation, &[]).await;
    Mock::given(method("GET"))
        .and(path(EVENTS))
        .and(query_param("resource", "messages"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(&[until_then(1, "M1")])))
        .up_to_n_times(1)
        .mount(&organisation.server)
        .await;
    let both = [until_then(2, "M2"), until_then(1, "M1")];
    feed(&organisation, &both, &[]).await;
    Mock::given(method("GET"))
        .and(path("/v1/memberships"))
        .respond_with(ResponseTemplate::new(403))
        .up_to_n_times(1)
        .mount(&organisation.server)
        .await;
    let people = members("DM", "direct", &[ANN, BOB]);
    organisation
        .answers("GET", "/v1/memberships", 200, people)
        .await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[BOB]);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.keys() == ["m:M2"] && heard.is_connected())
        .await;
    listening.end().await;
    let heard = sink.heard();
    assert!(heard.said("1 conversation is not heard"));
    assert_eq!(heard.unreadable, [unseen_since(1, "http_403")]);
}

#[tokio::test]
async fn what_stays_unseen_is_one_gap_that_grows_and_hours_later_another() {
    let organisation = Organisation::start().await;
    for at in [
        FIRST,
        "2026-01-05T10:30:00.000Z",
        "2026-01-05T12:00:00.000Z",
    ] {
        let said = message(at, "DM", "direct", at, "Hi");
        let told = items(&[event(at, "messages", "created", at, said)]);
        Mock::given(method("GET"))
            .and(path(EVENTS))
            .and(query_param("resource", "messages"))
            .respond_with(ResponseTemplate::new(200).set_body_json(told))
            .up_to_n_times(1)
            .mount(&organisation.server)
            .await;
    }
    feed(&organisation, &[], &[]).await;
    rooms(&organisation, &[]).await;
    organisation
        .answers("GET", "/v1/memberships", 403, json!({}))
        .await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[BOB]);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.unreadable.len() == 3).await;
    listening.end().await;
    // The second begins where the first ended, which was told when it was ten o'clock.
    let seconds = [0, 60, 7_260];
    let gaps = seconds.map(|second| unseen_since(second, "http_403"));
    assert_eq!(sink.heard().unreadable, gaps);
}

#[tokio::test]
async fn without_an_administrator_nothing_is_heard_and_it_is_said() {
    let organisation = Organisation::start().await;
    organisation.vault.remove(&TokenOwner::AppLevel);
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.said("must sign in again (no_token)"))
        .await;
    listening.end().await;
}

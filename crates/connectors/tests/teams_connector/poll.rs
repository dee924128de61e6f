use std::sync::Arc;

use causeway_connectors::{Connector, Hearing, TokenOwner, teams::Hear};
use causeway_model::{ConversationKind, HealthState};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

use crate::support::*;

struct Listening {
    sink: Arc<Sink>,
    hearing: watch::Sender<Hearing>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), causeway_model::Failure>>,
}

impl Listening {
    fn start(tenant: &Tenant, sink: Arc<Sink>, accounts: &[&str]) -> Self {
        let connector = tenant.connector();
        let accounts = accounts.iter().map(|id| account(id)).collect();
        let (hearing, heard) = watch::channel(Hearing { accounts });
        let stop = CancellationToken::new();
        let (to, stopping) = (sink.clone(), stop.clone());
        let task = tokio::spawn(async move { connector.listen(to, heard, stopping).await });
        Self {
            sink,
            hearing,
            stop,
            task,
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("an end in peace");
    }
}

fn all_of(id: &str) -> String {
    format!("/v1.0/users/{id}/chats/getAllMessages")
}

async fn quiet_service_account(tenant: &Tenant) {
    Mock::given(path("/v1.0/me/chats"))
        .and(header("authorization", "Bearer svc"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [] })))
        .mount(&tenant.server)
        .await;
}

async fn messages_of(tenant: &Tenant, id: &str, filter: &str, messages: &[Value]) {
    Mock::given(path(all_of(id)))
        .and(header("authorization", "Bearer app-level"))
        .and(query_param(
            "$filter",
            format!("lastModifiedDateTime gt {filter}"),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": messages })))
        .mount(&tenant.server)
        .await;
}

#[tokio::test]
async fn a_first_poll_begins_a_minute_ago_and_the_cursor_stays_behind_the_newest() {
    let tenant = Tenant::start().await;
    quiet_service_account(&tenant).await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    let one = message("1", "2026-01-05T10:00:40Z", "one");
    let two = message("2", "2026-01-05T10:00:50Z", "two");
    messages_of(
        &tenant,
        ANN,
        "2026-01-05T09:59:00.000Z",
        &[two.clone(), one],
    )
    .await;
    let three = message("3", "2026-01-05T10:00:51Z", "three");
    messages_of(
        &tenant,
        ANN,
        "2026-01-05T10:00:20.000Z",
        &[three, two.clone()],
    )
    .await;
    messages_of(&tenant, ANN, "2026-01-05T10:00:21.000Z", &[two]).await;
    let listening = Listening::start(&tenant, Arc::default(), &[ANN]);
    let name = format!("poll:{ANN}");
    let sink = listening.sink.clone();
    let at =
        |heard: &Heard, cursor: &str| heard.cursors.get(&name).map(String::as_str) == Some(cursor);
    sink.until(|heard| at(heard, "2026-01-05T10:00:21.000Z") && heard.listening == 1)
        .await;
    {
        let heard = sink.heard();
        let keys: Vec<String> = ["1", "2", "3"].map(|id| format!("m:{CHAT}:{id}")).into();
        assert_eq!(heard.keys(), keys, "oldest first, and none twice");
        let event = &heard
            .batches
            .iter()
            .find(|(events, _)| !events.is_empty())
            .expect("events")
            .0[0];
        assert_eq!(event.heard_by, Some(account(ANN)));
        assert_eq!(event.conversation_kind, Some(ConversationKind::Group));
        assert_eq!(heard.health.last(), Some(&(HealthState::Connected, None)));
    }
    listening.end().await;
}

#[tokio::test]
async fn what_was_not_kept_is_read_again() {
    let tenant = Tenant::start().await;
    quiet_service_account(&tenant).await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    let sink = Arc::new(Sink::default());
    sink.heard().refuse = true;
    let stored = (format!("poll:{ANN}"), "2026-01-05T08:00:00.000Z".to_owned());
    sink.heard().cursors.extend([stored]);
    let one = message("1", "2026-01-05T08:00:10Z", "one");
    messages_of(&tenant, ANN, "2026-01-05T08:00:00.000Z", &[one]).await;
    let listening = Listening::start(&tenant, sink.clone(), &[ANN]);
    sink.until(|heard| heard.said("not_kept")).await;
    assert!(sink.heard().keys().is_empty());
    sink.heard().refuse = false;
    sink.until(|heard| heard.keys() == [format!("m:{CHAT}:1")])
        .await;
    listening.end().await;
}

#[tokio::test]
async fn without_microsofts_approval_accounts_are_heard_by_their_own_sign_in() {
    let tenant = Tenant::start().await;
    quiet_service_account(&tenant).await;
    tenant.vault.remove(&TokenOwner::Account(account(BOB)));
    let refusal = json!({ "error": { "code": "Forbidden", "message": "Invoked API requires Protected API access in application-only context" } });
    for id in [ANN, BOB] {
        answer(&tenant.server, "GET", &all_of(id), 403, refusal.clone()).await;
    }
    let anns = |at: String| Mock::given(path(at)).and(header("authorization", "Bearer ann"));
    anns("/v1.0/me/chats".into())
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [
            { "id": CHAT, "chatType": "group", "lastMessagePreview": { "createdDateTime": "2026-01-05T10:00:00Z" } },
            { "id": "19:left@thread.v2", "chatType": "group", "lastMessagePreview": { "createdDateTime": "2026-01-05T10:00:00Z" } },
            { "id": "19:old@thread.v2", "chatType": "group", "lastMessagePreview": { "createdDateTime": "2025-01-05T10:00:00Z" } }
        ] })))
        .mount(&tenant.server)
        .await;
    anns(format!("/v1.0/chats/{CHAT}"))
        .respond_with(ResponseTemplate::new(200).set_body_json(group_chat()))
        .mount(&tenant.server)
        .await;
    anns(format!("/v1.0/chats/{CHAT}/messages"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "value": [message("1", "2026-01-05T10:00:00Z", "one")] })),
        )
        .mount(&tenant.server)
        .await;
    let left = "/v1.0/chats/19:left@thread.v2/messages";
    answer(&tenant.server, "GET", left, 403, json!({})).await;
    let listening = Listening::start(&tenant, Arc::default(), &[ANN, BOB]);
    let sink = listening.sink.clone();
    sink.until(|heard| heard.keys() == [format!("m:{CHAT}:1")])
        .await;
    sink.until(|heard| {
        heard.health.last().is_some_and(|(state, detail)| {
            let detail = detail.as_deref().unwrap_or_default();
            *state == HealthState::Connected
                && detail.contains("2 accounts heard by their own sign-in")
                && detail.contains("1 account not heard until they sign in")
        })
    })
    .await;
    let old = "/v1.0/chats/19:old@thread.v2/messages";
    assert!(tenant.sent("GET", old).await.is_empty());
    listening.end().await;
}

#[tokio::test]
async fn one_account_that_fails_does_not_stop_the_others() {
    let tenant = Tenant::start().await;
    quiet_service_account(&tenant).await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    answer(&tenant.server, "GET", &all_of(BOB), 500, json!({})).await;
    let one = message("1", "2026-01-05T10:00:40Z", "one");
    messages_of(&tenant, ANN, "2026-01-05T09:59:00.000Z", &[one]).await;
    messages_of(&tenant, ANN, "2026-01-05T10:00:10.000Z", &[]).await;
    let listening = Listening::start(&tenant, Arc::default(), &[BOB]);
    let sink = listening.sink.clone();
    sink.until(|heard| {
        let degraded = |(state, _): &(HealthState, _)| *state == HealthState::Degraded;
        heard.health.iter().any(degraded) && heard.said("1 account cannot be read (http_500)")
    })
    .await;
    let accounts = vec![account(BOB), account(ANN)];
    listening.hearing.send_replace(Hearing { accounts });
    sink.until(|heard| heard.keys() == [format!("m:{CHAT}:1")])
        .await;
    listening.hearing.send_replace(Hearing::default());
    sink.until(|heard| heard.health.last() == Some(&(HealthState::Connected, None)))
        .await;
    listening.end().await;
}

#[tokio::test]
async fn a_service_account_that_is_signed_out_needs_a_person() {
    let mut tenant = Tenant::start().await;
    tenant.settings.hear = Hear::Delegated;
    tenant.vault.remove(&TokenOwner::App);
    let listening = Listening::start(&tenant, Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| {
        heard
            .health
            .last()
            .is_some_and(|(state, _)| *state == HealthState::NeedsAuthorisation)
    })
    .await;
    assert!(
        sink.heard()
            .said("the service account must sign in again (no_token)")
    );
    listening.end().await;
}

#[tokio::test]
async fn a_message_to_the_service_account_is_a_question() {
    let tenant = Tenant::start().await;
    let id = format!("19:{ANN}_{SVC}@unq.gbl.spaces");
    Mock::given(path("/v1.0/me/chats"))
        .and(header("authorization", "Bearer svc"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [
            { "id": id, "chatType": "oneOnOne", "lastMessagePreview": { "createdDateTime": "2026-01-05T10:00:00Z" } }
        ] })))
        .mount(&tenant.server)
        .await;
    let mut asked = message("1", "2026-01-05T10:00:00Z", "<p>/causeway Bob</p>");
    asked["chatId"] = json!(id);
    Mock::given(method("GET"))
        .and(path(format!("/v1.0/chats/{id}/messages")))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [asked] })))
        .mount(&tenant.server)
        .await;
    let listening = Listening::start(&tenant, Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| !heard.keys().is_empty()).await;
    let event = {
        let heard = sink.heard();
        let mut events = heard.batches.iter().flat_map(|(events, _)| events);
        events.next().cloned().expect("an event")
    };
    assert_eq!(event.conversation_kind, Some(ConversationKind::WithApp));
    assert_eq!(
        event.happened,
        causeway_model::Happening::Asked {
            text: "Bob".into(),
            answer: None
        }
    );
    listening.end().await;
}

#[tokio::test]
async fn a_poll_tells_who_came() {
    let tenant = Tenant::start().await;
    quiet_service_account(&tenant).await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    let system = joined("4", "2026-01-05T10:00:04Z");
    messages_of(&tenant, ANN, "2026-01-05T09:59:00.000Z", &[system]).await;
    let listening = Listening::start(&tenant, Arc::default(), &[ANN]);
    let key = format!("j:{CHAT}:4");
    listening
        .sink
        .until(|heard| heard.keys() == [key.as_str()])
        .await;
    listening.end().await;
}

use causeway_connectors::{
    Connector, Edit, Post, Secret, ShownAs, TokenOwner,
    teams::{DirectoryChanges, NextChanges},
};
use causeway_model::{
    AccountKind, Button, ButtonAct, Content, ConversationKind, ExternalConversation,
    ExternalMessage, FailureKind, Happening, LegKind, OpenConversation, RelayId, Speaker,
    Timestamp,
};
use serde_json::json;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_partial_json, header, method, path, query_param, query_param_is_missing},
};

use crate::support::*;

fn messages() -> String {
    format!("/v1.0/chats/{CHAT}/messages")
}

fn wanted(kind: LegKind, stand_in: Option<&str>, speaker: Speaker) -> OpenConversation {
    OpenConversation {
        kind,
        person: account(ANN),
        stand_in: stand_in.map(account),
        stand_in_name: "Bob: Ray".into(),
        speaker,
        relay_id: RelayId::from_bits(7),
    }
}

async fn types(tenant: &Tenant) {
    for (id, kind) in [(ANN, "Member"), (BOB, "Guest")] {
        let user = json!({ "id": id, "userType": kind });
        get(&tenant.server, &format!("/v1.0/users/{id}"), user).await;
    }
}

async fn post(tenant: &Tenant) -> Result<causeway_connectors::Posted, causeway_model::Failure> {
    tenant
        .connector()
        .post(&Post {
            conversation: &chat(),
            speaker: &Speaker::App,
            shown_as: Some(&ShownAs {
                name: "Bob <Ray>".into(),
                photo: None,
            }),
            content: &Content::plain("Hello"),
            buttons: &[],
            relay_id: &RelayId::from_bits(1),
        })
        .await
}

#[tokio::test]
async fn a_post_of_the_app_names_whom_it_speaks_for() {
    let tenant = Tenant::start().await;
    let html = "<p><strong>Bob &lt;Ray&gt;</strong>: Hello</p>";
    Mock::given(method("POST"))
        .and(path(messages()))
        .and(header("authorization", "Bearer svc"))
        .and(body_partial_json(
            json!({ "body": { "contentType": "html", "content": html }, "mentions": [] }),
        ))
        .respond_with(ResponseTemplate::new(201).set_body_json(message(
            "77",
            "2026-01-05T10:00:00.5Z",
            html,
        )))
        .mount(&tenant.server)
        .await;
    let posted = post(&tenant).await.expect("posted");
    assert_eq!(posted.message.as_str(), "77");
    assert_eq!(posted.at, Timestamp(NOW + 500));
}

#[tokio::test]
async fn a_post_that_may_have_been_made_is_of_unknown_outcome() {
    let table = [
        (ResponseTemplate::new(500), FailureKind::Unknown),
        (
            ResponseTemplate::new(201).set_body_string("{"),
            FailureKind::Unknown,
        ),
        (
            ResponseTemplate::new(429),
            FailureKind::Throttled { after_ms: None },
        ),
        (
            ResponseTemplate::new(503).insert_header("Retry-After", "3"),
            FailureKind::Throttled {
                after_ms: Some(3_000),
            },
        ),
        (ResponseTemplate::new(413), FailureKind::Rejected),
        (ResponseTemplate::new(403), FailureKind::Forbidden),
        (ResponseTemplate::new(404), FailureKind::Gone),
    ];
    for (answer, kind) in table {
        let tenant = Tenant::start().await;
        Mock::given(method("POST"))
            .and(path(messages()))
            .respond_with(answer)
            .expect(1)
            .mount(&tenant.server)
            .await;
        let failure = post(&tenant).await.expect_err("not posted");
        assert_eq!(failure.kind, kind);
    }
}

#[tokio::test]
async fn a_post_without_a_sign_in_is_not_sent() {
    let tenant = Tenant::start().await;
    tenant.vault.remove(&TokenOwner::App);
    let failure = post(&tenant).await.expect_err("not posted");
    assert_eq!(failure.kind, FailureKind::NotAuthorised);
    assert!(tenant.sent("POST", &messages()).await.is_empty());
}

#[tokio::test]
async fn edits_and_deletions_are_made_as_who_posted() {
    let tenant = Tenant::start().await;
    let at = format!("{}/5", messages());
    Mock::given(method("PATCH"))
        .and(path(at))
        .and(header("authorization", "Bearer ann"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&tenant.server)
        .await;
    let gone = format!("/v1.0/users/{SVC}/chats/{CHAT}/messages/5/softDelete");
    let refusal = json!({ "error": { "code": "NotFound" } });
    answer(&tenant.server, "POST", &gone, 404, refusal).await;
    let connector = tenant.connector();
    let (message, speaker) = (ExternalMessage::new("5"), Speaker::Account(account(ANN)));
    let edit = Edit {
        conversation: &chat(),
        message: &message,
        speaker: &speaker,
        shown_as: None,
        content: &Content::plain("Hello"),
        relay_id: &RelayId::from_bits(1),
    };
    connector.edit(&edit).await.expect("edited");
    connector
        .delete(&chat(), &message, &Speaker::App)
        .await
        .expect("gone already");
}

#[tokio::test]
async fn the_directory_is_read_page_by_page_and_everyone_is_marked() {
    let tenant = Tenant::start().await;
    let next = format!("{}/v1.0/users?$skiptoken=2", tenant.server.uri());
    let users = "/v1.0/users";
    Mock::given(path(users))
        .and(query_param("$top", "200"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "@odata.nextLink": next, "value": [
            { "id": SVC, "displayName": "Causeway", "userPrincipalName": UPN, "accountEnabled": true, "userType": "Member" },
            { "id": ANN, "displayName": "Ann", "mail": "ann@acme.example", "userPrincipalName": "a@acme.example", "accountEnabled": false, "userType": "Member" }
        ] })))
        .mount(&tenant.server)
        .await;
    Mock::given(path(users))
        .and(query_param("$skiptoken", "2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [
            { "id": BOB, "displayName": "Bob", "mail": null, "userPrincipalName": "bob_home.example#EXT#@acme.example", "accountEnabled": true, "userType": "Guest" }
        ] })))
        .mount(&tenant.server)
        .await;
    let connector = tenant.connector();
    let first = connector.directory(None).await.expect("a page");
    let second = connector.directory(first.next).await.expect("a page");
    assert_eq!(second.next, None);
    let all: Vec<_> = first.accounts.iter().chain(&second.accounts).collect();
    let kinds: Vec<AccountKind> = all.iter().map(|account| account.kind).collect();
    assert_eq!(
        kinds,
        [AccountKind::App, AccountKind::Full, AccountKind::Guest]
    );
    assert_eq!(all[1].email.as_deref(), Some("ann@acme.example"));
    assert!(!all[1].active && all[1].email_verified);
    assert!(all[2].email.is_none() && !all[2].email_verified);
}

#[tokio::test]
async fn a_token_goes_to_graph_alone() {
    let tenant = Tenant::start().await;
    let failure = tenant
        .connector()
        .directory(Some("https://elsewhere.example/v1.0/users".into()))
        .await
        .expect_err("not Graph");
    assert_eq!(failure.code, "foreign_link");
}

#[tokio::test]
async fn directory_changes_go_on_from_a_link_until_it_is_too_old() {
    let tenant = Tenant::start().await;
    let at = "/v1.0/users/delta";
    let link = |token: &str| format!("{}{at}?$deltatoken={token}", tenant.server.uri());
    Mock::given(path(at))
        .and(query_param_is_missing("$deltatoken"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "@odata.deltaLink": link("1"),
            "value": [{ "id": ANN, "displayName": "Ann" }, { "id": BOB, "@removed": { "reason": "deleted" } }]
        })))
        .mount(&tenant.server)
        .await;
    Mock::given(path(at))
        .and(query_param("$deltatoken", "1"))
        .respond_with(
            ResponseTemplate::new(410)
                .set_body_json(json!({ "error": { "code": "syncStateNotFound" } })),
        )
        .mount(&tenant.server)
        .await;
    let connector = tenant.connector();
    let first = connector.directory_changes(None).await.expect("changes");
    let DirectoryChanges::Page {
        accounts,
        removed,
        next,
    } = first
    else {
        panic!("a page");
    };
    assert_eq!(accounts[0].external, account(ANN));
    assert_eq!(removed, [account(BOB)]);
    assert_eq!(next, NextChanges::Later(link("1")));
    let again = connector.directory_changes(Some(link("1"))).await;
    assert_eq!(again, Ok(DirectoryChanges::StartOver));
}

#[tokio::test]
async fn the_group_of_a_pair_is_made_by_the_service_account_with_a_guest_as_guest() {
    let tenant = Tenant::start().await;
    types(&tenant).await;
    Mock::given(method("POST"))
        .and(path("/v1.0/chats"))
        .and(header("authorization", "Bearer svc"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "id": CHAT })))
        .mount(&tenant.server)
        .await;
    let made = tenant
        .connector()
        .open(&wanted(LegKind::Group, Some(BOB), Speaker::App))
        .await
        .expect("a chat");
    assert_eq!(made, chat());
    let sent = tenant.sent("POST", "/v1.0/chats").await;
    assert_eq!(sent[0]["chatType"], "group");
    assert_eq!(sent[0]["topic"], "Bob  Ray");
    let bind = |index: usize| &sent[0]["members"][index];
    let roles: Vec<_> = (0..3).map(|index| &bind(index)["roles"][0]).collect();
    assert_eq!(roles, ["owner", "owner", "guest"]);
    let bound = bind(2)["user@odata.bind"].as_str().unwrap_or_default();
    assert!(bound.ends_with(&format!("/v1.0/users('{BOB}')")));
}

#[tokio::test]
async fn the_native_chat_is_made_with_the_stand_ins_token() {
    let tenant = Tenant::start().await;
    types(&tenant).await;
    Mock::given(method("POST"))
        .and(header("authorization", "Bearer bob"))
        .and(body_partial_json(json!({ "chatType": "oneOnOne" })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "id": "19:a" })))
        .mount(&tenant.server)
        .await;
    let speaker = Speaker::Account(account(BOB));
    let native = wanted(LegKind::Native, Some(BOB), speaker);
    let connector = tenant.connector();
    let made = connector.open(&native).await.expect("a chat");
    assert_eq!(made.as_str(), "19:a");
    let private = wanted(LegKind::Private, None, Speaker::App);
    let failure = connector.open(&private).await.expect_err("no such chat");
    assert_eq!(failure.kind, FailureKind::NotSupported);
}

#[tokio::test]
async fn a_group_of_unknown_outcome_is_found_by_its_topic_time_and_exact_members() {
    let tenant = Tenant::start().await;
    let group = |id: &str, topic: &str, created: &str, members: &[&str]| {
        let members: Vec<_> = members.iter().map(|id| json!({ "userId": id })).collect();
        json!({ "id": id, "chatType": "group", "topic": topic, "createdDateTime": created, "members": members })
    };
    let now = "2026-01-05T10:00:01Z";
    let chats = json!({ "value": [
        group("old", "Bob  Ray", "2026-01-05T09:00:00Z", &[SVC, ANN]),
        group("wider", "Bob  Ray", now, &[SVC, ANN, BOB]),
        group("other", "Cid", now, &[SVC, ANN]),
        group("right", "Bob  Ray", now, &[ANN, SVC]),
    ] });
    get(&tenant.server, "/v1.0/me/chats", chats).await;
    let connector = tenant.connector();
    let wanted = wanted(LegKind::Group, None, Speaker::App);
    let found = connector.find_opened(&wanted, Timestamp(NOW)).await;
    assert_eq!(found, Ok(Some(ExternalConversation::new("right"))));
    let later = Timestamp(NOW + 600_000);
    assert_eq!(connector.find_opened(&wanted, later).await, Ok(None));
}

#[tokio::test]
async fn who_has_not_signed_in_is_read_by_the_app() {
    let tenant = Tenant::start().await;
    tenant.vault.remove(&TokenOwner::Account(account(ANN)));
    Mock::given(path(format!("/v1.0/users/{ANN}/chats")))
        .and(header("authorization", "Bearer app-level"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "value": [
            group_chat(),
            { "id": "19:one", "chatType": "oneOnOne", "members": [{ "userId": ANN }, { "userId": SVC }] },
            { "id": "19:two", "chatType": "oneOnOne", "members": [{ "userId": ANN }, { "userId": BOB }] }
        ] })))
        .mount(&tenant.server)
        .await;
    let chats = tenant
        .connector()
        .conversations(&Speaker::Account(account(ANN)))
        .await
        .expect("chats");
    let kinds: Vec<_> = chats.iter().map(|chat| chat.kind).collect();
    assert_eq!(
        kinds,
        [
            ConversationKind::Group,
            ConversationKind::WithApp,
            ConversationKind::Direct
        ]
    );
}

#[tokio::test]
async fn history_is_paged_back_to_its_beginning_and_told_oldest_first() {
    let tenant = Tenant::start().await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    let next = format!("{}{}?$skiptoken=2", tenant.server.uri(), messages());
    let filter = "lastModifiedDateTime gt 2026-01-05T10:00:00.000Z";
    let mut edited = message("1", "2026-01-05T10:00:01Z", "new");
    edited["lastEditedDateTime"] = json!("2026-01-05T10:00:09Z");
    Mock::given(path(messages()))
        .and(query_param("$filter", filter))
        .and(query_param("$orderby", "lastModifiedDateTime desc"))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "@odata.nextLink": next, "value": [
            edited, message("2", "2026-01-05T10:00:05Z", "two")
        ] }),
        ))
        .mount(&tenant.server)
        .await;
    let mut deleted = message("3", "2026-01-05T10:00:02Z", "");
    deleted["deletedDateTime"] = json!("2026-01-05T10:00:03Z");
    Mock::given(path(messages()))
        .and(query_param("$skiptoken", "2"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "value": [deleted, { "odd": true }] })),
        )
        .mount(&tenant.server)
        .await;
    let events = tenant
        .connector()
        .history(&chat(), &Speaker::App, Timestamp(NOW))
        .await
        .expect("history");
    let keys: Vec<&str> = events.iter().map(|event| event.key.0.as_str()).collect();
    let key = |letter: &str, rest: &str| format!("{letter}:{CHAT}:{rest}");
    assert_eq!(
        keys,
        [
            key("m", "1"),
            key("d", "3"),
            key("m", "2"),
            key("e", "1:2026-01-05T10:00:09Z")
        ]
    );
    assert_eq!(events[0].conversation_kind, Some(ConversationKind::Group));
}

#[tokio::test]
async fn history_tells_who_came_because_graph_is_asked_for_the_names_of_system_messages() {
    let tenant = Tenant::start().await;
    get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
    let listed = json!({ "value": [joined("4", "2026-01-05T10:00:04Z")] });
    Mock::given(path(messages()))
        .and(header("prefer", "include-unknown-enum-members"))
        .respond_with(ResponseTemplate::new(200).set_body_json(listed))
        .mount(&tenant.server)
        .await;
    let events = tenant
        .connector()
        .history(&chat(), &Speaker::App, Timestamp(NOW))
        .await
        .expect("history");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].key.0, format!("j:{CHAT}:4"));
    assert_eq!(events[0].author.account, account(ANN));
    let accounts = vec![account(BOB)];
    assert_eq!(events[0].happened, Happening::Joined { accounts });
}

#[tokio::test]
async fn buttons_leave_a_post_as_it_is() {
    let tenant = Tenant::start().await;
    let made = message("77", "2026-01-05T10:00:00Z", "<p>May I?</p>");
    answer(&tenant.server, "POST", &messages(), 201, made).await;
    let act = ButtonAct::Open("https://hub.example/1".into());
    let button = Button {
        label: "Open".into(),
        act,
    };
    let post = Post {
        conversation: &chat(),
        speaker: &Speaker::App,
        shown_as: None,
        content: &Content::plain("May I?"),
        buttons: &[button],
        relay_id: &RelayId::from_bits(1),
    };
    tenant.connector().post(&post).await.expect("posted");
    let sent = &tenant.sent("POST", &messages()).await[0];
    assert_eq!(sent["body"]["content"], "<p>May I?</p>");
}

#[tokio::test]
async fn identity_is_the_service_account_in_its_domain() {
    let tenant = Tenant::start().await;
    let identity = tenant.connector().identify().await.expect("who we are");
    assert_eq!(identity.name, "acme.example");
    assert_eq!(identity.own_accounts, [account(SVC)]);
}

#[tokio::test]
async fn a_permalink_is_made_without_a_call() {
    let tenant = Tenant::start().await;
    let link = tenant
        .connector()
        .permalink(&chat(), &ExternalMessage::new("1616"));
    let link = link.expect("a link");
    assert!(
        link.starts_with("https://teams.microsoft.com/l/message/19:x@thread.v2/1616?tenantId=")
    );
    assert!(
        link.ends_with("context=%7B%22contextType%22%3A%22chat%22%7D"),
        "{link}"
    );
}

#[tokio::test]
async fn secrets_are_not_written_with_the_settings() {
    let mut tenant = Tenant::start().await;
    tenant.settings.client_secret = Some(Secret::new("s3cret"));
    let written = serde_json::to_string(&tenant.settings).expect("JSON");
    assert!(!written.contains("s3cret"));
    assert!(!format!("{:?}", tenant.settings).contains("s3cret"));
}

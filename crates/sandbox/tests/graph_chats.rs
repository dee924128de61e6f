//! Graph: chats, their members, and who may see them.

mod graph_support;

use graph_support::{Sandbox, text};
use reqwest::Method;
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const RAJ: &str = "raj@acme.example";

#[tokio::test]
async fn a_one_on_one_chat_is_made_once_and_a_group_every_time() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let first = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    assert!(first.starts_with("19:") && first.ends_with("@unq.gbl.spaces"));
    let bob = sandbox.token_of(BOB).await;
    assert_eq!(sandbox.chat(&bob, "oneOnOne", &[BOB, ANN]).await, first);
    let app = sandbox.app_token().await;
    assert_eq!(sandbox.chat(&app, "oneOnOne", &[ANN, BOB]).await, first);
    let group = sandbox.chat(&ann, "group", &[ANN, BOB]).await;
    assert!(group.ends_with("@thread.v2"));
    assert_ne!(sandbox.chat(&ann, "group", &[ANN, BOB]).await, group);
}

#[tokio::test]
async fn a_chat_with_the_wrong_people_or_roles_is_refused() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let make = async |kind: &str, members: Vec<Value>| {
        sandbox
            .post(
                &ann,
                "/chats",
                json!({"chatType": kind, "members": members}),
            )
            .await
    };
    let (me, bob, raj) = (
        sandbox.member(ANN),
        sandbox.member(BOB),
        sandbox.member(RAJ),
    );
    let three = make("oneOnOne", vec![me.clone(), bob.clone(), raj.clone()]).await;
    assert_eq!((three.status, three.code()), (400, "BadRequest"));
    assert_eq!(
        make("oneOnOne", vec![bob.clone(), raj.clone()])
            .await
            .status,
        403
    );
    assert_eq!(
        make("meeting", vec![me.clone(), bob.clone()]).await.status,
        400
    );
    let mut guest = bob.clone();
    guest["roles"] = json!(["guest"]);
    assert_eq!(make("oneOnOne", vec![me.clone(), guest]).await.status, 400);
    let mut elsewhere = bob.clone();
    elsewhere["user@odata.bind"] = json!("https://evil.example/v1.0/users('x')");
    assert_eq!(
        make("oneOnOne", vec![me.clone(), elsewhere]).await.status,
        400
    );
    let mut by_name = bob.clone();
    by_name["user@odata.bind"] =
        json!("https://graph.microsoft.com/v1.0/users('bob@acme.example')");
    assert_eq!(
        make("oneOnOne", vec![me.clone(), by_name]).await.status,
        201
    );
    let gone = make("oneOnOne", vec![me, sandbox.member("lea@acme.example")]).await;
    assert_eq!(gone.status, 403);
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one_is_missing() {
    let sandbox = Sandbox::start().await;
    let begun = graph_support::answer(
        sandbox
            .http
            .post(format!("{}/common/oauth2/v2.0/devicecode", sandbox.entra))
            .form(&[
                ("client_id", sandbox.credential("client_id").as_str()),
                ("scope", "User.Read"),
            ]),
    )
    .await
    .body;
    sandbox
        .tenant
        .answer_device_code(&text(&begun["user_code"]), "pia@acme.example", true);
    let granted = sandbox
        .token_call(&[
            ("grant_type", "device_code"),
            ("client_id", &sandbox.credential("client_id")),
            ("device_code", &text(&begun["device_code"])),
        ])
        .await;
    let refused = sandbox
        .get(&text(&granted.body["access_token"]), "/me/chats")
        .await;
    assert_eq!((refused.status, refused.code()), (403, "Forbidden"));
    assert_eq!(
        refused.body["error"]["message"],
        "Missing scope permissions on the request. API requires one of 'Chat.ReadBasic, \
         Chat.Read, Chat.ReadWrite'. Scopes on the request 'User.Read'."
    );
    let app = sandbox.app_token().await;
    let ann = sandbox.token_of(ANN).await;
    let group = sandbox.chat(&ann, "group", &[ANN, BOB]).await;
    let path = format!("/chats/{group}");
    let refused = sandbox
        .call(&app, Method::PATCH, &path, json!({"topic": "x"}))
        .await;
    assert!(text(&refused.body["error"]["message"]).starts_with("Missing role permissions"));
}

#[tokio::test]
async fn people_see_their_own_chats_and_apps_everybodys() {
    let sandbox = Sandbox::start().await;
    let (ann, raj) = (sandbox.token_of(ANN).await, sandbox.token_of(RAJ).await);
    let quiet = sandbox.chat(&ann, "group", &[ANN, BOB]).await;
    sandbox.shared.clock.advance(1000);
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    sandbox.send(&ann, &chat, "hello").await;
    let listed = sandbox
        .get(&ann, "/me/chats?$expand=members,lastMessagePreview&$top=1")
        .await;
    assert_eq!(listed.ids(), std::slice::from_ref(&chat));
    assert_eq!(
        listed.values()[0]["members"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(
        listed.values()[0]["lastMessagePreview"]["body"]["content"],
        "hello"
    );
    let rest = sandbox
        .get(&ann, &text(&listed.body["@odata.nextLink"]))
        .await;
    assert_eq!(rest.ids(), [quiet]);
    assert!(sandbox.get(&raj, "/me/chats").await.ids().is_empty());
    for path in [format!("/chats/{chat}"), format!("/chats/{chat}/messages")] {
        assert_eq!(sandbox.get(&raj, &path).await.status, 403, "{path}");
    }
    let of_ann = format!("/users/{}/chats", sandbox.user(ANN));
    assert_eq!(sandbox.get(&raj, &of_ann).await.status, 403);
    let app = sandbox.app_token().await;
    assert_eq!(sandbox.get(&app, &of_ann).await.ids().len(), 2);
    let seen = sandbox.get(&app, &format!("/chats/{chat}/messages")).await;
    assert_eq!(seen.values()[0]["body"]["content"], "hello");
}

#[tokio::test]
async fn members_join_and_leave_groups_and_a_newcomer_sees_the_history_allowed() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let group = sandbox.chat(&ann, "group", &[ANN, BOB]).await;
    let before = text(&sandbox.send(&ann, &group, "before").await.body["id"]);
    sandbox.shared.clock.advance(10_000);
    let mut newcomer = sandbox.member(RAJ);
    newcomer["visibleHistoryStartDateTime"] = json!(now_as_text(&sandbox));
    let members = format!("/chats/{group}/members");
    let joined = sandbox.post(&ann, &members, newcomer.clone()).await;
    assert_eq!((joined.status, &joined.body), (201, &Value::Null));
    let location = joined.headers["location"]
        .to_str()
        .expect("a path")
        .to_owned();
    assert_eq!(sandbox.post(&ann, &members, newcomer).await.status, 409);
    let raj = sandbox.token_of(RAJ).await;
    let path = format!("/chats/{group}/messages");
    let seen = sandbox.get(&raj, &path).await;
    assert!(!seen.ids().contains(&before));
    assert_eq!(seen.values()[0]["messageType"], "unknownFutureValue");
    let known = sandbox
        .http
        .get(format!("{}{path}", sandbox.graph))
        .bearer_auth(&raj);
    let known = graph_support::answer(known.header("prefer", "include-unknown-enum-members")).await;
    assert_eq!(known.values()[0]["messageType"], "systemEventMessage");
    assert_eq!(
        known.values()[0]["eventDetail"]["@odata.type"],
        "#microsoft.graph.membersAddedEventMessageDetail"
    );
    let gone = sandbox
        .call(&ann, Method::DELETE, &location, Value::Null)
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(sandbox.get(&raj, &path).await.status, 403);
    let direct = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let third = sandbox
        .post(
            &ann,
            &format!("/chats/{direct}/members"),
            sandbox.member(RAJ),
        )
        .await;
    assert_eq!(third.status, 403);
}

#[tokio::test]
async fn the_whole_of_a_users_messages_is_for_approved_apps_only() {
    let sandbox = Sandbox::start().await;
    let (ann, raj) = (sandbox.token_of(ANN).await, sandbox.token_of(RAJ).await);
    let direct = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let other = sandbox.chat(&raj, "oneOnOne", &[RAJ, BOB]).await;
    let foreign = sandbox
        .chat(&raj, "oneOnOne", &[RAJ, "uma@acme.example"])
        .await;
    let first = sandbox.send(&ann, &direct, "one").await.body;
    for (token, chat) in [(&raj, &other), (&raj, &foreign), (&ann, &direct)] {
        sandbox.shared.clock.advance(1000);
        sandbox.send(token, chat, "more").await;
    }
    let app = sandbox.app_token().await;
    let since = text(&first["lastModifiedDateTime"]);
    let path = format!(
        "/users/{}/chats/getAllMessages?$top=1&$filter=lastModifiedDateTime gt {since}",
        sandbox.user(BOB)
    );
    let page = sandbox.get(&app, &path).await;
    let rest = sandbox
        .get(&app, &text(&page.body["@odata.nextLink"]))
        .await;
    assert_eq!(text(&page.values()[0]["chatId"]), other);
    assert_eq!(text(&rest.values()[0]["chatId"]), direct);
    assert!(rest.body["@odata.nextLink"].is_null());
    assert_eq!(sandbox.get(&ann, &path).await.code(), "PreconditionFailed");
    sandbox.tenant.set_protected_api(false);
    for path in [path, format!("/chats/{direct}/messages")] {
        let refused = sandbox.get(&app, &path).await;
        assert_eq!((refused.status, refused.code()), (403, "Forbidden"));
        let message = text(&refused.body["error"]["message"]);
        assert!(
            message.starts_with("Invoked API requires Protected API access"),
            "{message}"
        );
    }
    assert_eq!(
        sandbox
            .get(&ann, &format!("/chats/{direct}/messages"))
            .await
            .status,
        200
    );
}

/// The sandbox's time as Graph writes it.
fn now_as_text(sandbox: &Sandbox) -> String {
    jiff::Timestamp::from_millisecond(sandbox.shared.clock.now())
        .expect("a time")
        .to_string()
}

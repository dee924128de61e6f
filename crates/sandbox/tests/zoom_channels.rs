//! Channels, their members, sessions and contacts.

mod zoom_support;

use causeway_sandbox::control_client::ZoomSwitches;
use reqwest::Method;
use serde_json::{Value, json};
use zoom_support::{EMI, JONAS, OLOF, YARA, ZARA, Zoom, text};

#[tokio::test]
async fn a_channel_is_there_for_its_members_only_unless_it_is_public() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let private = zoom.channel(&token, 1, &[OLOF]).await;
    let public = zoom.channel(&token, 3, &[]).await;
    let listed = async |who: &str| {
        let path = format!("/chat/users/{who}/channels");
        zoom.get(&token, &path).await.each("channels", "id")
    };
    assert_eq!(listed(OLOF).await, std::slice::from_ref(&private));
    assert!(listed(JONAS).await.is_empty());
    let get = async |who: &str, id: &str| {
        let path = format!("/chat/users/{who}/channels/{id}");
        zoom.get(&token, &path).await.refusal()
    };
    assert_eq!(get(OLOF, &private).await, (200, 0));
    assert_eq!(get(JONAS, &private).await, (404, 4130));
    assert_eq!(get(JONAS, &public).await, (200, 0));
    for (id, refusal) in [(&private, (404, 4130)), (&public, (403, 200))] {
        let body = json!({"message": "hi", "to_channel": id});
        let path = format!("/chat/users/{JONAS}/messages");
        assert_eq!(zoom.post(&token, &path, body).await.refusal(), refusal);
        let path = format!("{path}?to_channel={id}");
        assert_eq!(zoom.get(&token, &path).await.refusal(), refusal);
    }
    let account = zoom.get(&token, "/chat/channels").await;
    assert_eq!(account.each("channels", "id"), [public]);
    assert_eq!(account.header("x-ratelimit-category"), "Heavy");
}

#[tokio::test]
async fn members_join_are_let_in_and_leave() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 3, &[OLOF]).await;
    let own = zoom.token_of(YARA).await;
    let path = format!("/chat/channels/{id}/members/me");
    assert_eq!(zoom.post(&own, &path, json!({})).await.status, 201);
    let members = format!("/chat/users/{ZARA}/channels/{id}/members");
    let added = zoom
        .post(
            &token,
            &members,
            json!({"members": [{"email": EMI}, {"email": OLOF}]}),
        )
        .await;
    assert_eq!(added.body["ids"], zoom.user(&token, EMI).await["id"]);
    let roles = zoom.get(&token, &members).await;
    assert_eq!(roles.each("members", "email"), [ZARA, OLOF, YARA, EMI]);
    assert_eq!(
        roles.each("members", "role"),
        ["owner", "member", "member", "member"]
    );
    let leave = zoom.call(&own, Method::DELETE, &path, Value::Null).await;
    assert_eq!(leave.status, 204);
    let remove = format!("{members}/{EMI}");
    assert_eq!(
        zoom.call(&token, Method::DELETE, &remove, Value::Null)
            .await
            .status,
        204
    );
    let left = zoom.get(&token, &members).await;
    assert_eq!(left.each("members", "email"), [ZARA, OLOF]);
    let owner = format!("{members}/{ZARA}");
    assert_eq!(
        zoom.call(&token, Method::DELETE, &owner, Value::Null)
            .await
            .refusal(),
        (403, 200)
    );
}

#[tokio::test]
async fn five_people_at_once_are_let_in_and_strangers_are_not() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 1, &[]).await;
    let members = format!("/chat/users/{ZARA}/channels/{id}/members");
    let six = vec![json!({"email": OLOF}); 6];
    assert_eq!(
        zoom.post(&token, &members, json!({"members": six}))
            .await
            .refusal(),
        (400, 300)
    );
    let stranger = json!({"members": [{"email": "kim@other.example"}]});
    assert_eq!(
        zoom.post(&token, &members, stranger.clone())
            .await
            .refusal(),
        (404, 1001)
    );
    let connected = ZoomSwitches {
        connected: Some(vec!["kim@other.example".to_owned()]),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&connected).await.expect("switches");
    assert_eq!(
        zoom.post(&token, &members, stranger.clone())
            .await
            .refusal(),
        (403, 200)
    );
    let open = json!({"channel_settings": {"allow_to_add_external_users": 2}});
    let channel = format!("/chat/users/{ZARA}/channels/{id}");
    assert_eq!(
        zoom.call(&token, Method::PATCH, &channel, open)
            .await
            .status,
        204
    );
    assert_eq!(zoom.post(&token, &members, stranger).await.status, 201);
    let shown = zoom.get(&token, &members).await;
    assert_eq!(shown.body["members"][1]["is_external"], true);
}

#[tokio::test]
async fn a_group_chat_is_called_after_its_members_and_cannot_be_renamed_or_deleted() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 4, &[OLOF]).await;
    let path = format!("/chat/users/{ZARA}/channels/{id}");
    let shown = zoom.get(&token, &path).await;
    assert_eq!(
        (&shown.body["name"], &shown.body["type"]),
        (&json!("Zara Quill, Olof Dahl"), &json!(4))
    );
    let renamed = zoom
        .call(&token, Method::PATCH, &path, json!({"name": "x"}))
        .await;
    assert_eq!(renamed.refusal(), (403, 200));
    assert_eq!(
        zoom.call(&token, Method::DELETE, &path, Value::Null)
            .await
            .refusal(),
        (403, 200)
    );
    assert_eq!(zoom.seen(OLOF, "group_chat").await.id, id);
}

#[tokio::test]
async fn the_owner_renames_and_deletes_a_channel_and_says_who_posts() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 1, &[OLOF]).await;
    let path = |who: &str| format!("/chat/users/{who}/channels/{id}");
    let change = json!({"name": "Ports", "channel_settings": {"posting_permissions": 2}});
    let theirs = zoom
        .call(&token, Method::PATCH, &path(OLOF), change.clone())
        .await;
    assert_eq!(theirs.refusal(), (403, 200));
    assert_eq!(
        zoom.call(&token, Method::PATCH, &path(ZARA), change)
            .await
            .status,
        204
    );
    assert_eq!(zoom.get(&token, &path(OLOF)).await.body["name"], "Ports");
    let body = json!({"message": "hi", "to_channel": id});
    let refused = zoom
        .post(&token, &format!("/chat/users/{OLOF}/messages"), body)
        .await;
    assert_eq!(refused.refusal(), (403, 200));
    assert_eq!(
        zoom.call(&token, Method::DELETE, &path(ZARA), Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(zoom.get(&token, &path(ZARA)).await.refusal(), (404, 4130));
}

#[tokio::test]
async fn sessions_show_whom_somebody_writes_with() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 1, &[OLOF]).await;
    zoom.types(ZARA, OLOF, "one").await;
    zoom.advance(1000).await;
    zoom.send(&token, ZARA, json!({"message": "two", "to_channel": id}))
        .await;
    let path = format!("/chat/users/{OLOF}/sessions");
    let sessions = zoom.get(&token, &path).await;
    assert_eq!(sessions.each("sessions", "type"), ["groupchat", "1:1"]);
    assert_eq!(sessions.body["sessions"][0]["channel_id"], id.as_str());
    let direct = zoom.get(&token, &format!("{path}?type=1:1")).await;
    assert_eq!(direct.each("sessions", "peer_contact_email"), [ZARA]);
    assert!(direct.body["sessions"][0]["channel_id"].is_null());
    let long_ago = zoom
        .get(&token, &format!("{path}?from=2020-01-01&to=2020-02-01"))
        .await;
    assert_eq!(long_ago.body["sessions"], json!([]));
}

#[tokio::test]
async fn contacts_are_those_of_the_account() {
    let zoom = Zoom::start().await;
    let own = zoom.token_of(ZARA).await;
    let contacts = zoom.get(&own, "/chat/users/me/contacts?page_size=50").await;
    let emails = contacts.each("contacts", "email");
    assert!(emails.contains(&OLOF.to_owned()) && !emails.contains(&ZARA.to_owned()));
    let app = zoom.account_token().await;
    let found = zoom.get(&app, "/contacts?search_key=olof").await;
    assert_eq!(found.each("contacts", "email"), [OLOF]);
    assert_eq!(
        zoom.get(&app, "/contacts?search_key=ol").await.refusal(),
        (400, 300)
    );
    assert!(!text(&found.body["contacts"][0]["member_id"]).is_empty());
}

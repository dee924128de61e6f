//! Users of the account: who there is, and who is made.

mod zoom_support;

use causeway_sandbox::{acme, control_client::ZoomSwitches};
use reqwest::Method;
use serde_json::{Value, json};
use zoom_support::{EMI, OLOF, PETRA, ZARA, Zoom, text};

async fn create(zoom: &Zoom, action: &str, email: &str) -> zoom_support::Answer {
    let token = zoom.account_token().await;
    let info = json!({
        "email": email, "first_name": "Guest", "last_name": "One", "type": 1, "password": "Secret-12",
    });
    zoom.post(
        &token,
        "/users",
        json!({"action": action, "user_info": info}),
    )
    .await
}

#[tokio::test]
async fn users_are_listed_by_their_standing() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let active = zoom.get(&token, "/users?page_size=300").await;
    let emails = active.each("users", "email");
    for email in [ZARA, EMI, acme::SERVICE_ACCOUNT] {
        assert!(emails.iter().any(|found| found == email), "{email}");
    }
    assert!(
        !emails
            .iter()
            .any(|found| found == PETRA || found == "ann@acme.example")
    );
    assert_eq!(active.body["total_records"], emails.len());
    let inactive = zoom.get(&token, "/users?status=inactive").await;
    assert_eq!(inactive.each("users", "email"), [PETRA]);
    let gone = zoom.get(&token, "/users?status=gone").await;
    assert_eq!(gone.refusal(), (400, 300));
    assert_eq!(gone.body["errors"][0]["field"], "status");
}

#[tokio::test]
async fn pages_lead_through_all_users_and_their_tokens_end() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let all = zoom.get(&token, "/users").await.each("users", "email");
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let path = format!("/users?page_size=4&next_page_token={next}");
        let page = zoom.get(&token, &path).await;
        found.extend(page.each("users", "email"));
        let last = std::mem::replace(&mut next, text(&page.body["next_page_token"]));
        if next.is_empty() {
            let other = format!("/users?status=inactive&next_page_token={last}");
            assert_eq!(zoom.get(&token, &other).await.refusal(), (400, 300));
            zoom.advance(15 * 60_000).await;
            let token = zoom.account_token().await;
            let late = format!("/users?next_page_token={last}");
            assert_eq!(zoom.get(&token, &late).await.refusal(), (400, 300));
            break;
        }
    }
    assert_eq!(found, all);
    let much = zoom
        .get(&zoom.account_token().await, "/users?page_size=301")
        .await;
    assert_eq!(much.refusal(), (400, 300));
}

#[tokio::test]
async fn one_user_is_found_by_id_and_address_with_a_jid_and_a_picture() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let zara = zoom.user(&token, "Zara%40Acme.example").await;
    assert_eq!(zara["email"], ZARA);
    assert_eq!(
        (&zara["status"], &zara["verified"]),
        (&json!("active"), &json!(1))
    );
    assert!(text(&zara["jid"]).ends_with("@xmpp.zoom.us"));
    let by_id = zoom.user(&token, &text(&zara["id"])).await;
    assert_eq!(by_id, zara);
    let picture = zoom
        .http
        .get(text(&zara["pic_url"]))
        .send()
        .await
        .expect("an answer");
    assert_eq!(picture.headers()["content-type"], "image/png");
    let nobody = zoom.get(&token, "/users/ann@acme.example").await;
    assert_eq!(nobody.refusal(), (404, 1001));
}

#[tokio::test]
async fn a_persons_token_is_for_me_and_nobody_else() {
    let zoom = Zoom::start().await;
    let token = zoom.token_of(ZARA).await;
    let me = zoom.get(&token, "/users/me").await;
    assert_eq!(me.body["email"], ZARA);
    for path in [
        format!("/users/{OLOF}"),
        format!("/users/{ZARA}"),
        "/users".into(),
    ] {
        assert_eq!(
            zoom.get(&token, &path).await.refusal(),
            (400, 4711),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_invited_user_waits_for_their_mail_and_cannot_be_acted_as() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let mut socket = zoom.socket().await;
    let made = create(&zoom, "create", "new@acme.example").await;
    assert_eq!(made.status, 201);
    let told = socket.event().await;
    assert_eq!(told["event"], "user.created");
    assert_eq!(told["payload"]["creation_type"], "create");
    assert_eq!(told["payload"]["object"]["id"], made.body["id"]);
    let account = zoom
        .control
        .zoom(&ZoomSwitches::default())
        .await
        .expect("switches");
    assert_eq!(account.mails, ["new@acme.example"]);
    let pending = zoom.get(&token, "/users?status=pending").await;
    assert_eq!(pending.each("users", "email"), ["new@acme.example"]);

    let path = "/chat/users/new@acme.example/messages";
    let body = json!({"message": "hi", "to_contact": ZARA});
    assert_eq!(
        zoom.post(&token, path, body.clone()).await.refusal(),
        (404, 1001)
    );
    let followed = zoom
        .control
        .set_active("new@acme.example", "zoom", true)
        .await;
    followed.expect("a user");
    assert_eq!(zoom.post(&token, path, body).await.status, 201);
    let again = create(&zoom, "create", "NEW@acme.example").await;
    assert_eq!(again.refusal(), (409, 1005));
}

#[tokio::test]
async fn users_without_a_mail_are_made_as_far_as_the_account_allows() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    for (action, email) in [
        ("ssoCreate", "one@elsewhere.example"),
        ("autoCreate", "two@acme.example"),
        ("custCreate", "three@elsewhere.example"),
    ] {
        assert_eq!(create(&zoom, action, email).await.status, 201, "{action}");
        assert_eq!(zoom.user(&token, email).await["status"], "active");
    }
    let foreign = create(&zoom, "autoCreate", "four@elsewhere.example").await;
    assert_eq!(foreign.refusal(), (403, 200));
    let closed = ZoomSwitches {
        sso: Some(false),
        provisioning: Some(false),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&closed).await.expect("switches");
    for action in ["ssoCreate", "autoCreate", "custCreate"] {
        let refused = create(&zoom, action, "five@acme.example").await;
        assert_eq!(refused.refusal(), (403, 200), "{action}");
    }
    assert_eq!(
        create(&zoom, "magic", "six@acme.example").await.refusal(),
        (400, 300)
    );
}

#[tokio::test]
async fn users_are_renamed_switched_off_and_deleted_and_each_is_told() {
    let zoom = Zoom::start().await;
    let (token, mut socket) = (zoom.account_token().await, zoom.socket().await);
    let path = format!("/users/{OLOF}");
    let renamed = json!({"display_name": "Olof D."});
    let patched = zoom.call(&token, Method::PATCH, &path, renamed).await;
    assert_eq!(patched.status, 204);
    let told = socket.event().await;
    assert_eq!(told["event"], "user.updated");
    assert_eq!(told["payload"]["object"]["display_name"], "Olof D.");
    assert_eq!(told["payload"]["old_object"]["display_name"], "Olof Dahl");

    for (action, event) in [
        ("deactivate", "user.deactivated"),
        ("activate", "user.activated"),
    ] {
        let body = json!({"action": action});
        let put = zoom
            .call(&token, Method::PUT, &format!("{path}/status"), body)
            .await;
        assert_eq!(put.status, 204);
        let told = socket.event().await;
        assert_eq!(
            (&told["event"], &told["payload"]["object"]["email"]),
            (&json!(event), &json!(OLOF))
        );
    }
    let deleted = zoom
        .call(
            &token,
            Method::DELETE,
            &format!("{path}?action=delete"),
            Value::Null,
        )
        .await;
    assert_eq!(deleted.status, 204);
    assert_eq!(socket.event().await["event"], "user.deleted");
    assert_eq!(zoom.get(&token, &path).await.refusal(), (404, 1001));
}

#[tokio::test]
async fn whoever_is_switched_off_has_no_token_left() {
    let zoom = Zoom::start().await;
    let granted = zoom
        .refreshed(&zoom.credential(&format!("/refresh_tokens/{ZARA}")))
        .await;
    zoom.control
        .set_active(ZARA, "zoom", false)
        .await
        .expect("a user");
    let token = text(&granted.body["access_token"]);
    assert_eq!(zoom.get(&token, "/users/me").await.refusal(), (401, 124));
    let refresh = text(&granted.body["refresh_token"]);
    assert_eq!(zoom.refreshed(&refresh).await.status, 400);
}

#[tokio::test]
async fn presence_is_written_in_the_published_spelling() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let path = format!("/users/{ZARA}/presence_status");
    let put =
        |status: &'static str| zoom.call(&token, Method::PUT, &path, json!({"status": status}));
    assert_eq!(put("Do_No_Disturb").await.status, 204);
    assert_eq!(put("Do_Not_Disturb").await.refusal(), (400, 300));
    assert_eq!(
        zoom.get(&token, &path).await.body["status"],
        "Do_No_Disturb"
    );
}

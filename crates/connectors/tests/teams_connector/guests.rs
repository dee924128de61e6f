use causeway_connectors::{Connector, Guest, GuestFailure, Guests, teams::TeamsConnector};
use causeway_model::{FailureKind, GuestState};
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_bytes, body_json, header, method, path},
};

use crate::support::*;

const REDEEM: &str = "https://login.microsoftonline.com/redeem?rd=x";

fn of(connector: &TeamsConnector) -> &dyn Guests {
    connector.guests().expect("Teams has guests")
}

fn user() -> String {
    format!("/v1.0/users/{BOB}")
}

fn photo() -> String {
    format!("/v1.0/users/{BOB}/photo/$value")
}

fn invitation() -> Value {
    json!({ "id": "i1", "inviteRedeemUrl": REDEEM, "status": "PendingAcceptance",
        "invitedUser": { "id": BOB } })
}

fn refusal(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

fn known(state: &str) -> Value {
    json!({ "id": BOB, "externalUserState": state, "userType": "Guest" })
}

async fn invite(tenant: &Tenant) -> Result<Guest, GuestFailure> {
    let connector = tenant.connector();
    of(&connector).invite("bob@home.example", "Bob Ray").await
}

async fn dress(tenant: &Tenant, photo: Option<&str>) -> Result<(), GuestFailure> {
    let photo = photo.map(|url| Url::parse(url).expect("a URL"));
    let connector = tenant.connector();
    of(&connector)
        .dress(&account(BOB), "Bob Ray", photo.as_ref())
        .await
}

async fn photos_put(tenant: &Tenant) -> usize {
    tenant.sent("PUT", &photo()).await.len()
}

#[tokio::test]
async fn a_guest_is_invited_without_a_mail_by_the_application() {
    let tenant = Tenant::start().await;
    let wanted = json!({ "invitedUserEmailAddress": "bob@home.example",
        "invitedUserDisplayName": "Bob Ray", "inviteRedirectUrl": "https://teams.microsoft.com",
        "sendInvitationMessage": false, "invitedUserType": "Guest" });
    Mock::given(method("POST"))
        .and(path("/v1.0/invitations"))
        .and(header("authorization", "Bearer app-level"))
        .and(body_json(wanted))
        .respond_with(ResponseTemplate::new(201).set_body_json(invitation()))
        .mount(&tenant.server)
        .await;
    get(&tenant.server, &user(), known("PendingAcceptance")).await;
    let guest = Guest {
        account: account(BOB),
        state: GuestState::Invited,
        redeem_url: Some(REDEEM.to_owned()),
        tokens: None,
    };
    assert_eq!(invite(&tenant).await, Ok(guest));
}

#[tokio::test]
async fn one_who_has_accepted_already_needs_no_redeeming() {
    let mut tenant = Tenant::start().await;
    tenant.settings.guest_landing = Some("https://teams.example/".parse().expect("a URL"));
    answer(
        &tenant.server,
        "POST",
        "/v1.0/invitations",
        201,
        invitation(),
    )
    .await;
    get(&tenant.server, &user(), known("Accepted")).await;
    let guest = Guest {
        account: account(BOB),
        state: GuestState::Redeemed,
        redeem_url: None,
        tokens: None,
    };
    assert_eq!(invite(&tenant).await, Ok(guest));
    let sent = &tenant.sent("POST", "/v1.0/invitations").await[0];
    assert_eq!(sent["inviteRedirectUrl"], "https://teams.example/");
}

#[tokio::test]
async fn a_guest_just_made_may_not_be_readable_yet() {
    let tenant = Tenant::start().await;
    answer(
        &tenant.server,
        "POST",
        "/v1.0/invitations",
        201,
        invitation(),
    )
    .await;
    let guest = invite(&tenant).await.expect("a guest");
    assert_eq!(guest.state, GuestState::Invited);
}

#[tokio::test]
async fn each_refusal_of_an_invitation_means_one_thing() {
    use GuestFailure::{Forbidden, OwnAddress};
    let forbidden = |code: &str| Forbidden(code.to_owned());
    let table = [
        (
            400,
            "BadRequest",
            "The invited user's address belongs to a verified domain of this organization.",
            OwnAddress,
        ),
        (
            400,
            "BadRequest",
            "The invited user already exists in the directory as object ID: 1.",
            OwnAddress,
        ),
        (
            400,
            "BadRequest",
            "Guest invitations not allowed for your company.",
            forbidden("invitations_not_allowed"),
        ),
        (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
            forbidden("Authorization_RequestDenied"),
        ),
    ];
    for (status, code, message, wanted) in table {
        let tenant = Tenant::start().await;
        let body = refusal(code, message);
        answer(&tenant.server, "POST", "/v1.0/invitations", status, body).await;
        assert_eq!(invite(&tenant).await, Err(wanted), "{message}");
    }
    let tenant = Tenant::start().await;
    let body = refusal("BadRequest", "bob@home.example is no address.");
    answer(&tenant.server, "POST", "/v1.0/invitations", 400, body).await;
    match invite(&tenant).await {
        Err(GuestFailure::Failed(failure)) => {
            assert_eq!(failure.kind, FailureKind::Rejected);
            assert!(!format!("{failure:?}").contains("home.example"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn how_far_a_guest_has_come_is_read() {
    for (said, state) in [
        ("PendingAcceptance", GuestState::Invited),
        ("Accepted", GuestState::Redeemed),
    ] {
        let tenant = Tenant::start().await;
        get(&tenant.server, &user(), known(said)).await;
        let connector = tenant.connector();
        let guest = of(&connector).guest(&account(BOB)).await.expect("a guest");
        assert_eq!(guest.state, state);
        assert_eq!(guest.redeem_url, None);
    }
    let tenant = Tenant::start().await;
    let connector = tenant.connector();
    let gone = of(&connector).guest(&account(BOB)).await;
    assert_eq!(gone, Err(GuestFailure::Gone));
}

#[tokio::test]
async fn a_guest_gets_the_persons_name_and_photo() {
    let tenant = Tenant::start().await;
    let image = ResponseTemplate::new(200).set_body_raw(b"jpeg".to_vec(), "image/jpeg");
    Mock::given(path("/bob.jpg"))
        .respond_with(image)
        .mount(&tenant.server)
        .await;
    answer(&tenant.server, "PATCH", &user(), 204, json!({})).await;
    Mock::given(method("PUT"))
        .and(path(photo()))
        .and(header("content-type", "image/jpeg"))
        .and(header("authorization", "Bearer app-level"))
        .and(body_bytes(b"jpeg".to_vec()))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&tenant.server)
        .await;
    let url = format!("{}/bob.jpg", tenant.server.uri());
    assert_eq!(dress(&tenant, Some(&url)).await, Ok(()));
    let sent = tenant.sent("PATCH", &user()).await;
    assert_eq!(sent, [json!({ "displayName": "Bob Ray" })]);
    // A token is for Graph alone.
    let requests = tenant.server.received_requests().await.expect("recording");
    let mut fetched = requests.iter().filter(|one| one.url.path() == "/bob.jpg");
    let fetched = fetched.next().expect("the photo was asked for");
    assert!(!fetched.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_photo_that_cannot_be_had_leaves_the_name() {
    let photos = MockServer::start().await;
    let large = vec![0_u8; 4 * 1024 * 1024 + 1];
    let served = [
        (
            "/page",
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
        ),
        (
            "/script",
            ResponseTemplate::new(200).set_body_raw("<svg/>", "image/svg+xml"),
        ),
        (
            "/large",
            ResponseTemplate::new(200).set_body_raw(large, "image/png"),
        ),
        (
            "/moved",
            ResponseTemplate::new(302).insert_header("location", "/page"),
        ),
    ];
    for (at, response) in served {
        Mock::given(path(at))
            .respond_with(response)
            .mount(&photos)
            .await;
    }
    let here = photos.uri();
    let mut urls = ["/page", "/script", "/large", "/moved", "/none"]
        .map(|at| format!("{here}{at}"))
        .to_vec();
    urls.push("file:///etc/hostname".to_owned());
    urls.push("http://127.0.0.1:1/none.png".to_owned());
    for url in urls {
        let tenant = Tenant::start().await;
        answer(&tenant.server, "PATCH", &user(), 204, json!({})).await;
        assert_eq!(dress(&tenant, Some(&url)).await, Ok(()), "{url}");
        assert_eq!(tenant.sent("PATCH", &user()).await.len(), 1);
        assert_eq!(photos_put(&tenant).await, 0, "{url}");
    }
}

#[tokio::test]
async fn a_photo_that_graph_does_not_want_is_left_out_and_one_it_cannot_take_now_is_not() {
    for (status, passes) in [
        (400, true),
        (403, true),
        (404, true),
        (429, false),
        (503, false),
    ] {
        let tenant = Tenant::start().await;
        let image = ResponseTemplate::new(200).set_body_raw(b"png".to_vec(), "image/png; q=1");
        Mock::given(path("/bob.png"))
            .respond_with(image)
            .mount(&tenant.server)
            .await;
        answer(&tenant.server, "PATCH", &user(), 204, json!({})).await;
        answer(&tenant.server, "PUT", &photo(), status, json!({})).await;
        let url = format!("{}/bob.png", tenant.server.uri());
        let outcome = dress(&tenant, Some(&url)).await;
        assert_eq!(outcome.is_ok(), passes, "{status}");
        assert_eq!(photos_put(&tenant).await, 1);
    }
}

#[tokio::test]
async fn a_guest_that_is_gone_cannot_be_dressed() {
    let tenant = Tenant::start().await;
    assert_eq!(dress(&tenant, None).await, Err(GuestFailure::Gone));
}

#[tokio::test]
async fn a_guest_is_deleted_once_and_for_all() {
    let tenant = Tenant::start().await;
    get(&tenant.server, &user(), known("Accepted")).await;
    answer(&tenant.server, "DELETE", &user(), 204, json!({})).await;
    let connector = tenant.connector();
    assert_eq!(of(&connector).remove(&account(BOB)).await, Ok(()));
    assert_eq!(tenant.sent("DELETE", &user()).await.len(), 1);
    let tenant = Tenant::start().await;
    let connector = tenant.connector();
    assert_eq!(of(&connector).remove(&account(BOB)).await, Ok(()));
    let tenant = Tenant::start().await;
    get(&tenant.server, &user(), known("Accepted")).await;
    let connector = tenant.connector();
    assert_eq!(of(&connector).remove(&account(BOB)).await, Ok(()));
}

#[tokio::test]
async fn whoever_is_a_member_by_now_is_never_deleted() {
    let tenant = Tenant::start().await;
    let member = json!({ "id": BOB, "externalUserState": "Accepted", "userType": "Member" });
    get(&tenant.server, &user(), member).await;
    answer(&tenant.server, "DELETE", &user(), 204, json!({})).await;
    let connector = tenant.connector();
    let refused = GuestFailure::Forbidden("not_a_guest".to_owned());
    assert_eq!(of(&connector).remove(&account(BOB)).await, Err(refused));
    assert!(tenant.sent("DELETE", &user()).await.is_empty());
}

use causeway_connectors::{
    AuthorizeLink, Connector, DevicePoll, Secret, SignIn, SignInFailure, TokenOwner,
    webex::{ADMINISTRATOR_SCOPES, PEOPLE_SCOPES, WebexConnector},
};
use causeway_model::{FailureKind, SignInWay, Timestamp};
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

use crate::support::*;

const DEVICE: &str = "/v1/device/authorize";
const POLL: &str = "/v1/device/token";

fn people(connector: &WebexConnector) -> &dyn SignIn {
    connector.sign_in().expect("people sign in")
}

fn administrator(connector: &WebexConnector) -> &dyn SignIn {
    connector.own_sign_in().expect("administrators sign in")
}

fn granted(access: &str) -> Value {
    json!({
        "access_token": access, "expires_in": 1_209_599, "refresh_token": "refresh",
        "scope": "spark:people_read spark:messages_write",
    })
}

async fn begins(organisation: &Organisation) {
    let begun = json!({
        "device_code": "device-1", "user_code": "ABCDEF", "interval": 2, "expires_in": 300,
        "verification_uri": "https://login.example/activate",
        "verification_uri_complete": "https://login.example/activate?code=ABCDEF",
    });
    organisation.answers("POST", DEVICE, 200, begun).await;
}

async fn poll(organisation: &Organisation) -> Result<DevicePoll, SignInFailure> {
    let connector = organisation.connector();
    people(&connector)
        .poll_device(&Secret::new("device-1"))
        .await
}

#[tokio::test]
async fn a_code_is_given_for_what_is_done_with_a_persons_token() {
    let organisation = Organisation::start().await;
    begins(&organisation).await;
    let connector = organisation.connector();
    assert_eq!(
        people(&connector).ways(),
        [SignInWay::DeviceCode, SignInWay::Link]
    );
    let code = people(&connector).begin_device().await.expect("a code");
    assert_eq!(code.secret, Secret::new("device-1"));
    assert_eq!(code.user_code, "ABCDEF");
    let page = "https://login.example/activate?code=ABCDEF";
    assert_eq!(code.verification_uri, page);
    assert_eq!(code.interval_ms, 2_000);
    assert_eq!(code.expires_at, Timestamp(NOW + 300_000));
    let form = organisation.forms(DEVICE).await.remove(0);
    let asked = |name: &str| {
        let mut fields = url::form_urlencoded::parse(form.as_bytes());
        let field = fields.find(|(known, _)| known == name);
        field.map(|(_, value)| value.into_owned())
    };
    assert_eq!(asked("scope"), Some(PEOPLE_SCOPES.join(" ")));
    assert_eq!(asked("client_id").as_deref(), Some(CLIENT));
    assert_eq!(asked("client_secret"), None);
}

#[tokio::test]
async fn the_administrator_is_asked_for_what_it_takes_to_hear_everybody() {
    let organisation = Organisation::start().await;
    begins(&organisation).await;
    let connector = organisation.connector();
    let code = administrator(&connector).begin_device().await;
    code.expect("a code");
    let form = organisation.forms(DEVICE).await.remove(0);
    let scope = url::form_urlencoded::parse(form.as_bytes());
    let scope = scope.into_owned().find(|(name, _)| name == "scope");
    assert_eq!(scope.expect("a scope").1, ADMINISTRATOR_SCOPES.join(" "));
}

#[tokio::test]
async fn a_clock_that_runs_faster_makes_codes_end_sooner() {
    let mut organisation = Organisation::start().await;
    organisation.settings.pace = 10.0;
    begins(&organisation).await;
    let connector = organisation.connector();
    let code = people(&connector).begin_device().await.expect("a code");
    assert_eq!(code.interval_ms, 200);
    assert_eq!(code.expires_at, Timestamp(NOW + 30_000));
}

#[tokio::test]
async fn a_code_that_nobody_has_used_is_pending_and_one_that_was_says_who() {
    let organisation = Organisation::start().await;
    let waiting = json!({ "message": "Precondition Required", "errors": [] });
    Mock::given(method("POST"))
        .and(path(POLL))
        .respond_with(ResponseTemplate::new(428).set_body_json(waiting))
        .up_to_n_times(1)
        .mount(&organisation.server)
        .await;
    Mock::given(method("POST"))
        .and(path(POLL))
        // Basic of `C1client:s3cret`.
        .and(header("authorization", "Basic QzFjbGllbnQ6czNjcmV0"))
        .and(body_string_contains("device_code=device-1"))
        .and(body_string_contains("client_id=C1client"))
        .and(body_string_contains(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted("ann")))
        .mount(&organisation.server)
        .await;
    assert_eq!(poll(&organisation).await, Ok(DevicePoll::Pending));
    let Ok(DevicePoll::SignedIn(signed_in)) = poll(&organisation).await else {
        panic!("somebody signed in");
    };
    assert_eq!(signed_in.account, account(ANN));
    let tokens = signed_in.tokens;
    assert_eq!(tokens.access, Some(Secret::new("ann")));
    assert_eq!(tokens.refresh, Some(Secret::new("refresh")));
    assert_eq!(tokens.scopes, "spark:people_read spark:messages_write");
    assert_eq!(tokens.expires_at, Some(Timestamp(NOW + 1_209_599_000)));
}

#[tokio::test]
async fn each_refusal_of_a_code_means_one_thing() {
    let slow = json!({ "error": "slow_down" });
    let declined = json!({ "error": "access_denied" });
    let expired = json!({ "message": "x", "errors": [{ "description": "The code has expired" }] });
    let table = [
        (400, slow, Ok(DevicePoll::SlowDown)),
        (400, declined, Err(SignInFailure::Declined)),
        (404, expired, Err(SignInFailure::Expired)),
    ];
    for (status, said, meant) in table {
        let organisation = Organisation::start().await;
        organisation.answers("POST", POLL, status, said).await;
        assert_eq!(poll(&organisation).await, meant);
    }
    let organisation = Organisation::start().await;
    organisation.answers("POST", POLL, 502, json!({})).await;
    let Err(SignInFailure::Failed(failure)) = poll(&organisation).await else {
        panic!("it failed");
    };
    assert_eq!(failure.kind, FailureKind::NotSent);
}

#[tokio::test]
async fn somebody_of_another_organisation_is_not_signed_in() {
    let organisation = Organisation::start().await;
    organisation
        .answers("POST", POLL, 200, granted("eve"))
        .await;
    let eve = json!({ "id": EVE, "emails": ["eve@other.example"], "orgId": "OTHER" });
    organisation.answers("GET", "/v1/people/me", 200, eve).await;
    let signed_in = poll(&organisation).await;
    assert_eq!(signed_in, Err(SignInFailure::WrongOrganisation));
}

#[tokio::test]
async fn the_administrator_who_signs_in_first_says_which_organisation_it_is() {
    let organisation = Organisation::start().await;
    organisation.vault.remove(&TokenOwner::AppLevel);
    organisation
        .answers("POST", POLL, 200, granted("admin"))
        .await;
    let connector = organisation.connector();
    let polled = administrator(&connector)
        .poll_device(&Secret::new("device-1"))
        .await;
    let Ok(DevicePoll::SignedIn(signed_in)) = polled else {
        panic!("somebody signed in");
    };
    assert_eq!(signed_in.account, account("ADMIN"));
}

#[tokio::test]
async fn a_browser_is_sent_to_webex_and_what_it_brings_is_redeemed_with_verifier_and_secret() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let callback: Url = "http://localhost:8765/callback".parse().expect("a URL");
    let link = AuthorizeLink {
        callback: &callback,
        state: "state-1",
        challenge: "challenge-1",
    };
    let url = people(&connector).authorize_url(&link).expect("a page");
    assert_eq!(url.path(), "/v1/authorize");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", callback.as_str()),
        ("state", "state-1"),
        ("code_challenge", "challenge-1"),
        ("code_challenge_method", "S256"),
    ] {
        let pair = (name.to_owned(), value.to_owned());
        assert!(query.contains(&pair), "{name}");
    }
    Mock::given(method("POST"))
        .and(path("/v1/access_token"))
        .and(body_string_contains("grant_type=authorization_code"))
        .and(body_string_contains("code=code-1"))
        .and(body_string_contains("code_verifier=verifier-1"))
        .and(body_string_contains("client_secret=s3cret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted("ann")))
        .mount(&organisation.server)
        .await;
    let verifier = Secret::new("verifier-1");
    let signed_in = people(&connector)
        .redeem_code("code-1", &callback, &verifier)
        .await;
    assert_eq!(signed_in.expect("signed in").account, account(ANN));
}

#[tokio::test]
async fn what_a_browser_brings_instead_of_a_code_is_understood() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let read = |error: &str, description| people(&connector).read_error(error, description);
    assert_eq!(read("access_denied", None), SignInFailure::Declined);
    let policy = Some("Your Administrator has restricted this app");
    assert_eq!(
        read("access_denied", policy),
        SignInFailure::AdministratorOnly("access_denied".into())
    );
}

#[tokio::test]
async fn nobody_signs_in_with_a_password_or_for_everybody() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let secret = Secret::new("secret");
    let refused = people(&connector).with_password("ann", &secret).await;
    assert!(matches!(refused, Err(SignInFailure::NotSupported(_))));
    assert_eq!(people(&connector).tenant_consent_url(None, "state"), None);
}

#[tokio::test]
async fn without_the_integrations_secret_no_code_is_redeemed() {
    let mut organisation = Organisation::start().await;
    organisation.settings.client_secret = None;
    let Err(SignInFailure::Failed(failure)) = poll(&organisation).await else {
        panic!("it failed");
    };
    assert_eq!(failure.code, "no_client_secret");
    assert!(organisation.forms(POLL).await.is_empty());
}

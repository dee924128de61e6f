//! How people authorise their own account.

use std::collections::HashMap;

use causeway_connectors::{
    AuthorizeLink, Connector, Secret, SignIn, SignInFailure, SignedIn, zoom::ZoomConnector,
};
use causeway_model::{FailureKind, SignInWay, Timestamp};
use serde_json::{Value, json};
use url::Url;

use crate::support::{ANN, Account, NOW, account, answer, get, refusal, user};

const TOKEN: &str = "/oauth/token";
const WHO: &str = "/v2/users/me";

fn callback() -> Url {
    Url::parse("https://hub.example/hooks/consent/callback").expect("a URL")
}

fn sign_in(zoom: &ZoomConnector) -> &dyn SignIn {
    zoom.sign_in().expect("people sign in")
}

async fn given(at: &Account) {
    let given = json!({ "access_token": "anns", "refresh_token": "anns-refresh",
        "expires_in": 3599, "scope": "team_chat:write:user_message user:read:user" });
    answer(&at.server, "POST", TOKEN, 200, given).await;
}

async fn is(at: &Account, account_id: Value) {
    let mut ann = user(ANN, "ann@acme.example");
    ann["account_id"] = account_id;
    get(&at.server, WHO, ann).await;
}

async fn redeem(at: &Account) -> Result<SignedIn, SignInFailure> {
    let zoom = at.connector();
    let verifier = Secret::new("v3rifier");
    sign_in(&zoom)
        .redeem_code("c0de", &callback(), &verifier)
        .await
}

#[tokio::test]
async fn people_are_sent_a_link_with_a_challenge_and_in_no_other_way() {
    let at = Account::by_token().await;
    let zoom = at.connector();
    let sign_in = sign_in(&zoom);
    assert_eq!(sign_in.ways(), [SignInWay::Link]);
    let callback = callback();
    let link = AuthorizeLink {
        callback: &callback,
        state: "st4te",
        challenge: "ch4llenge",
    };
    let url = sign_in.authorize_url(&link).expect("an address");
    assert_eq!(url.path(), "/oauth/authorize");
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "people"),
        ("redirect_uri", callback.as_str()),
        ("state", "st4te"),
        ("code_challenge", "ch4llenge"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
    }
    let secret = Secret::new("x");
    let device = sign_in.begin_device().await.map(drop);
    let password = sign_in.with_password("ann", &secret).await.map(drop);
    for refused in [device, password] {
        assert!(matches!(refused, Err(SignInFailure::NotSupported(_))));
    }
    assert!(zoom.own_sign_in().is_none());
}

#[tokio::test]
async fn an_app_whose_secret_is_missing_asks_nobody() {
    let mut at = Account::by_token().await;
    at.settings.user_app_secret = None;
    let zoom = at.connector();
    assert!(sign_in(&zoom).ways().is_empty());
}

#[tokio::test]
async fn whoever_authorises_it_is_told_with_their_tokens() {
    let at = Account::by_token().await;
    given(&at).await;
    is(&at, json!("acc")).await;
    let signed_in = redeem(&at).await.expect("it is redeemed");
    assert_eq!(signed_in.account, account(ANN));
    let tokens = signed_in.tokens;
    assert_eq!(tokens.access, Some(Secret::new("anns")));
    assert_eq!(tokens.refresh, Some(Secret::new("anns-refresh")));
    assert_eq!(tokens.expires_at, Some(Timestamp(NOW + 3_599_000)));
    assert_eq!(tokens.scopes, "team_chat:write:user_message user:read:user");
    let asked = at.sent("POST", TOKEN).await;
    assert_eq!(asked[0].token, "Basic cGVvcGxlOnAzMHBsZQ==");
    assert_eq!(
        asked[0].text,
        "grant_type=authorization_code&code=c0de\
         &redirect_uri=https%3A%2F%2Fhub.example%2Fhooks%2Fconsent%2Fcallback\
         &code_verifier=v3rifier"
    );
    assert_eq!(at.sent("GET", WHO).await[0].token, "Bearer anns");
}

#[tokio::test]
async fn a_public_app_names_itself_and_proves_nothing() {
    let mut at = Account::by_token().await;
    at.settings.user_app_secret = None;
    if let Some(app) = &mut at.settings.user_app {
        app.public = true;
    }
    given(&at).await;
    is(&at, json!("acc")).await;
    assert!(redeem(&at).await.is_ok());
    let asked = at.sent("POST", TOKEN).await;
    assert_eq!(asked[0].token, "");
    assert!(asked[0].text.ends_with("&client_id=people"));
}

#[tokio::test]
async fn somebody_of_another_account_is_thrown_away() {
    for other in [json!("another"), Value::Null] {
        let at = Account::by_token().await;
        given(&at).await;
        is(&at, other).await;
        assert_eq!(redeem(&at).await, Err(SignInFailure::WrongOrganisation));
    }
}

#[tokio::test]
async fn a_code_that_came_too_late_and_a_wrong_secret_are_told_apart() {
    let at = Account::by_token().await;
    let late = json!({ "error": "invalid_grant", "reason": "Invalid authorization code c0de" });
    answer(&at.server, "POST", TOKEN, 400, late).await;
    assert_eq!(redeem(&at).await, Err(SignInFailure::Expired));

    let at = Account::by_token().await;
    let wrong = json!({ "error": "invalid_client" });
    answer(&at.server, "POST", TOKEN, 401, wrong).await;
    let Err(SignInFailure::Failed(failure)) = redeem(&at).await else {
        panic!("the app is refused");
    };
    assert_eq!(failure.kind, FailureKind::NotAuthorised);
    assert!(!format!("{failure:?}").contains("p30ple"));
}

#[tokio::test]
async fn nobody_is_signed_in_where_zoom_does_not_say_who_it_is() {
    let at = Account::by_token().await;
    given(&at).await;
    answer(&at.server, "GET", WHO, 500, refusal(0)).await;
    let Err(SignInFailure::Failed(failure)) = redeem(&at).await else {
        panic!("nobody is told");
    };
    assert_eq!(failure.kind, FailureKind::NotSent);
}

//! People signing in to the Slack app, against a recorded Web API.

mod slack_support;

use causeway_connectors::{
    AuthorizeLink, Connector, Secret, SignInFailure, SignedIn,
    slack::{Settings, SlackConnector},
};
use causeway_model::{FailureKind, SignInWay, Timestamp};
use serde_json::{Value, json};
use slack_support::{NOW, NoChance, Workspace, workspace};
use url::Url;
use wiremock::ResponseTemplate;

const CALLBACK: &str = "https://hub.example/c/callback";

fn callback() -> Url {
    CALLBACK.parse().expect("a URL")
}

fn answer(user: Value, team: Value) -> Value {
    json!({ "ok": true, "app_id": "A1", "authed_user": user, "team": team, "enterprise": null })
}

fn bobs() -> Value {
    json!({ "id": "U2", "scope": "chat:write,im:history", "access_token": "xoxp-2",
        "token_type": "user" })
}

async fn redeem(at: &Workspace) -> Result<SignedIn, SignInFailure> {
    let sign_in = at.slack.sign_in().expect("people can sign in");
    let verifier = Secret::new("v3rifier");
    sign_in.redeem_code("c0de", &callback(), &verifier).await
}

fn without(change: impl FnOnce(&mut Settings), at: &Workspace) -> SlackConnector {
    let mut settings = Settings {
        client_id: Some("C.1".to_owned()),
        client_secret: Some(Secret::new("shh")),
        ..Settings::default()
    };
    change(&mut settings);
    let http = causeway_connectors::http::client().expect("a client");
    let (vault, clock) = (at.vault.clone(), at.clock.clone());
    SlackConnector::new(settings, http, vault, clock, std::sync::Arc::new(NoChance))
}

#[tokio::test]
async fn people_sign_in_by_a_link_where_the_app_is_known() {
    let at = workspace().await;
    let connector = without(|_| {}, &at);
    let sign_in = connector.sign_in().expect("people can sign in");
    assert_eq!(sign_in.ways(), [SignInWay::Link]);
    let link = AuthorizeLink {
        callback: &callback(),
        state: "st4te",
        challenge: "ch4llenge",
    };
    let url = sign_in.authorize_url(&link).expect("a link");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert_eq!(
        url.as_str().split('?').next(),
        Some("https://slack.com/oauth/v2/authorize")
    );
    let scopes = "chat:write,im:history,im:read,im:write,mpim:history,mpim:read,mpim:write,\
                  users:read";
    let wanted = [
        ("client_id", "C.1"),
        ("user_scope", scopes),
        ("redirect_uri", CALLBACK),
        ("state", "st4te"),
    ];
    // No challenge: it would make the app a public one, for good.
    assert_eq!(
        query,
        wanted.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn without_the_apps_id_or_secret_nobody_is_asked() {
    let at = workspace().await;
    let connector = without(|settings| settings.client_id = None, &at);
    assert!(connector.sign_in().is_none());
    let connector = without(|settings| settings.client_secret = None, &at);
    let sign_in = connector.sign_in().expect("the app is known");
    assert!(sign_in.ways().is_empty());
    let link = AuthorizeLink {
        callback: &callback(),
        state: "s",
        challenge: "c",
    };
    assert_eq!(sign_in.authorize_url(&link), None);
    let outcome = sign_in
        .redeem_code("c", &callback(), &Secret::new("v"))
        .await;
    assert!(matches!(outcome, Err(SignInFailure::NotSupported(_))));
}

#[tokio::test]
async fn the_workspace_is_named_to_whoever_is_in_several_once_it_is_known() {
    let at = workspace().await;
    at.slack.identify().await.expect("who we are");
    let link = AuthorizeLink {
        callback: &callback(),
        state: "s",
        challenge: "c",
    };
    let sign_in = at.slack.sign_in().expect("people can sign in");
    let url = sign_in.authorize_url(&link).expect("a link");
    assert_eq!(url.path(), "/oauth/v2/authorize");
    assert!(
        url.query_pairs()
            .any(|pair| pair == ("team".into(), "T1".into()))
    );
}

#[tokio::test]
async fn a_code_brings_the_token_of_who_signed_in() {
    let at = workspace().await;
    let mut rotating = bobs();
    rotating["refresh_token"] = "xoxe-1".into();
    rotating["expires_in"] = 43_200.into();
    at.answers("oauth.v2.access", answer(rotating, json!({ "id": "T1" })))
        .await;
    let bob = redeem(&at).await.expect("signed in");
    assert_eq!(bob.account.as_str(), "U2");
    assert_eq!(bob.tokens.access, Some(Secret::new("xoxp-2")));
    assert_eq!(bob.tokens.refresh, Some(Secret::new("xoxe-1")));
    assert_eq!(bob.tokens.expires_at, Some(Timestamp(NOW + 43_200_000)));
    assert_eq!(bob.tokens.scopes, "chat:write im:history");
    let call = &at.calls("oauth.v2.access").await[0];
    assert_eq!(call["client_id"], "C.1");
    assert_eq!(call["client_secret"], "shh");
    assert_eq!(call["code"], "c0de");
    assert_eq!(call["redirect_uri"], CALLBACK);
    assert!(!call.contains_key("code_verifier"));
    let request = &at.requests("oauth.v2.access").await[0];
    assert!(!request.headers.contains_key("authorization"));
    assert!(at.vault.renewed.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn whoever_is_of_another_workspace_is_nobody_here() {
    for team in [json!({ "id": "T2" }), Value::Null] {
        let at = workspace().await;
        at.answers("oauth.v2.access", answer(bobs(), team)).await;
        let outcome = redeem(&at).await;
        assert_eq!(outcome, Err(SignInFailure::WrongOrganisation));
    }
}

#[tokio::test]
async fn an_installation_without_a_persons_token_is_no_sign_in() {
    let at = workspace().await;
    let body = answer(json!({ "id": "U2" }), json!({ "id": "T1" }));
    at.answers("oauth.v2.access", body).await;
    match redeem(&at).await {
        Err(SignInFailure::Failed(failure)) => assert_eq!(failure.code, "no_user_token"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_refusal_of_slack_means_one_thing() {
    use SignInFailure::{AdministratorOnly, Declined, Expired, Forbidden, WrongOrganisation};
    let named = |code: &str, of: fn(String) -> SignInFailure| of(code.to_owned());
    let table = [
        ("access_denied", Declined),
        ("invalid_code", Expired),
        ("code_already_used", Expired),
        ("invalid_team_for_non_distributed_app", WrongOrganisation),
        (
            "restricted_action",
            named("restricted_action", AdministratorOnly),
        ),
        ("user_is_restricted", named("user_is_restricted", Forbidden)),
        ("account_inactive", named("account_inactive", Forbidden)),
    ];
    for (code, wanted) in table {
        let at = workspace().await;
        let body = json!({ "ok": false, "error": code });
        at.answers("oauth.v2.access", body).await;
        assert_eq!(redeem(&at).await, Err(wanted.clone()), "{code}");
        let sign_in = at.slack.sign_in().expect("people can sign in");
        assert_eq!(sign_in.read_error(code, None), wanted, "{code}");
    }
}

#[tokio::test]
async fn trouble_at_slack_says_nothing_about_the_person() {
    let table = [
        (ResponseTemplate::new(500), FailureKind::NotSent),
        (
            ResponseTemplate::new(429).insert_header("Retry-After", "3"),
            FailureKind::Throttled {
                after_ms: Some(3_000),
            },
        ),
        (
            ResponseTemplate::new(200)
                .set_body_json(json!({ "ok": false, "error": "bad_redirect_uri" })),
            FailureKind::Rejected,
        ),
    ];
    for (response, kind) in table {
        let at = workspace().await;
        at.responds("oauth.v2.access", response).await;
        match redeem(&at).await {
            Err(SignInFailure::Failed(failure)) => assert_eq!(failure.kind, kind),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn slack_has_no_other_way() {
    let at = workspace().await;
    let sign_in = at.slack.sign_in().expect("people can sign in");
    let secret = Secret::new("x");
    let outcomes = [
        sign_in.begin_device().await.map(drop),
        sign_in.poll_device(&secret).await.map(drop),
        sign_in.with_password("bob", &secret).await.map(drop),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(SignInFailure::NotSupported(_))));
    }
    assert_eq!(sign_in.tenant_consent_url(None, "s"), None);
}

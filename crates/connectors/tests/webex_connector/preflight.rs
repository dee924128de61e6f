use causeway_connectors::{Connector, TokenOwner, webex::ADMINISTRATOR_SCOPES};
use causeway_model::{Check, CheckCode, Depth, Outcome};
use serde_json::json;

use crate::support::*;

const CANARY: &str =
    "/v1/messages/Y2lzY29zcGFyazovL3VzL01FU1NBR0UvMDAwMDAwMDAtMDAwMC0xMWVmLTgwMDAtMDAwMDAwMDAwMDAw";

async fn good(organisation: &Organisation) {
    organisation
        .answers("GET", "/v1/events", 200, items(&[]))
        .await;
    organisation.answers("PUT", CANARY, 404, json!({})).await;
    organisation
        .answers("GET", "/v1/guests/count", 200, json!(7))
        .await;
    let mut admin = token_set("admin", Some(NOW + HOUR), Some("admin-refresh"));
    admin.scopes = ADMINISTRATOR_SCOPES.join(" ");
    organisation.vault.put(TokenOwner::AppLevel, admin);
}

async fn checks(organisation: &Organisation, depth: Depth) -> Vec<Check> {
    let connector = organisation.connector();
    connector.preflight(depth, &[account(ANN)]).await
}

fn outcome(checks: &[Check], code: CheckCode) -> Vec<(Outcome, Option<&str>)> {
    let about = checks.iter().filter(|check| check.code == code);
    about
        .map(|check| (check.outcome, check.detail.as_deref()))
        .collect()
}

#[tokio::test]
async fn an_organisation_that_is_as_it_must_be_passes() {
    let organisation = Organisation::start().await;
    good(&organisation).await;
    let checks = checks(&organisation, Depth::Whole).await;
    // The clock of the test is not the server's.
    let failed: Vec<_> = checks
        .iter()
        .filter(|check| check.outcome != Outcome::Passed && check.code != CheckCode::ClockSkew)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    for code in [
        CheckCode::Reachable,
        CheckCode::Credentials,
        CheckCode::ClockSkew,
        CheckCode::ServiceSignIn,
        CheckCode::GuestInvitations,
        CheckCode::Reading,
        CheckCode::Writing,
    ] {
        assert_eq!(outcome(&checks, code).len(), 1, "{code:?}");
    }
    let scopes = outcome(&checks, CheckCode::AppPermission).len();
    assert_eq!(scopes, ADMINISTRATOR_SCOPES.len());
}

#[tokio::test]
async fn each_thing_that_is_wrong_fails_its_own_check() {
    let organisation = Organisation::start().await;
    organisation
        .answers("GET", "/v1/events", 403, json!({}))
        .await;
    organisation.answers("PUT", CANARY, 403, json!({})).await;
    organisation
        .answers("GET", "/v1/guests/count", 403, json!({}))
        .await;
    let mut admin = token_set("admin", Some(NOW + HOUR), Some("admin-refresh"));
    admin.scopes = "spark:people_read".to_owned();
    organisation.vault.put(TokenOwner::AppLevel, admin);
    let mut ann = token_set("ann", Some(NOW + HOUR), Some("ann-refresh"));
    ann.scopes = "spark:people_read".to_owned();
    organisation.vault.put(owner(ANN), ann);
    let checks = checks(&organisation, Depth::Whole).await;
    let failed = |code| {
        let outcomes = outcome(&checks, code);
        outcomes
            .iter()
            .filter(|(outcome, _)| *outcome == Outcome::Failed)
            .count()
    };
    assert_eq!(failed(CheckCode::Reading), 1);
    assert_eq!(failed(CheckCode::Writing), 1);
    assert_eq!(failed(CheckCode::GuestInvitations), 1);
    assert_eq!(
        failed(CheckCode::AppPermission),
        ADMINISTRATOR_SCOPES.len() - 1
    );
    assert_eq!(failed(CheckCode::PersonPermission), 5);
}

#[tokio::test]
async fn a_bot_whose_token_is_refused_is_told_and_nothing_else_is_looked_at() {
    let organisation = Organisation::start().await;
    organisation
        .vault
        .put(TokenOwner::App, token_set("other", None, None));
    organisation
        .answers("GET", "/v1/people/me", 401, json!({}))
        .await;
    let checks = checks(&organisation, Depth::Whole).await;
    assert_eq!(
        checks,
        [Check::failed(CheckCode::Credentials, "token_refused")]
    );
}

#[tokio::test]
async fn a_canary_looks_at_what_must_work_and_at_nothing_else() {
    let organisation = Organisation::start().await;
    good(&organisation).await;
    let checks = checks(&organisation, Depth::Canary).await;
    let codes: Vec<CheckCode> = checks.iter().map(|check| check.code).collect();
    assert_eq!(
        codes,
        [
            CheckCode::Reachable,
            CheckCode::Credentials,
            CheckCode::Reading,
            CheckCode::Writing
        ]
    );
}

#[tokio::test]
async fn an_administrator_who_has_not_signed_in_is_told() {
    let organisation = Organisation::start().await;
    organisation.vault.remove(&TokenOwner::AppLevel);
    let checks = checks(&organisation, Depth::Whole).await;
    let told = outcome(&checks, CheckCode::ServiceSignIn);
    assert_eq!(told, [(Outcome::Failed, Some("no_token"))]);
}

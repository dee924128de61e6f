//! What is found of a Webex organisation.

use causeway_connectors::webex::ADMINISTRATOR_SCOPES;
use causeway_hub::api::{
    ConnectWebex, FindingView, ImportPeople, PreflightReport, WebexGuestIssuer,
};
use causeway_model::{CheckCode, Platform, Weight};
use causeway_sandbox::{acme::SERVICE_ACCOUNT, control_client::WebexSwitches, faults::FaultKind};

use crate::{
    acme::{Acme, text},
    named, unknown,
};

const WANDA: &str = "wanda@acme.example";
/// What is asked of the administrator beside who they are: no token is without that, or the bot's is
/// not either.
const ASKED: [&str; 5] = [
    "spark-admin:people_read",
    "spark-admin:organizations_read",
    "spark-compliance:events_read",
    "spark-compliance:messages_read",
    "spark-compliance:memberships_read",
];

impl Acme {
    async fn with_webex() -> Self {
        let acme = Self::connected(&[]).await;
        acme.connect_webex(&[WANDA]).await;
        acme
    }

    /// One without a compliance officer.
    async fn with_webex_by_sockets() -> Self {
        let acme = Self::connected(&[]).await;
        let connect = ConnectWebex {
            hear_by_sockets: true,
            ..acme.webex_credentials(&[])
        };
        acme.client.call(connect).await.expect("Webex connects");
        acme
    }

    /// Tokens keep what they were made with: whoever connects again has others.
    pub async fn connect_webex(&self, authorised: &[&str]) {
        let connect = self.webex_credentials(authorised);
        self.client.call(connect).await.expect("Webex connects");
    }

    fn webex_credentials(&self, authorised: &[&str]) -> ConnectWebex {
        let credentials = &self.description["credentials"]["webex"];
        let issuer = &credentials["guest_issuer"];
        let tokens = &credentials["refresh_tokens"];
        let authorised = authorised.iter();
        ConnectWebex {
            api_url: Some(text(&self.description["webex"])),
            client_id: text(&credentials["client_id"]),
            client_secret: text(&credentials["client_secret"]),
            bot_token: text(&credentials["bot_token"]),
            administrator_refresh_token: Some(text(&credentials["administrator_refresh_token"])),
            guest_issuer: Some(WebexGuestIssuer {
                client_id: text(&issuer["client_id"]),
                client_secret: text(&issuer["client_secret"]),
                refresh_token: text(&issuer["refresh_token"]),
            }),
            refresh_tokens: authorised
                .map(|who| ((*who).to_owned(), text(&tokens[*who])))
                .collect(),
            ..ConnectWebex::default()
        }
    }

    async fn throw_webex(&self, switches: WebexSwitches) {
        let thrown = self.control().webex(&switches).await;
        thrown.expect("the organisation is changed");
    }

    async fn withhold_webex(&self, scopes: &[&str]) {
        let withheld = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.throw_webex(WebexSwitches {
            withheld: Some(withheld),
            ..WebexSwitches::default()
        })
        .await;
    }

    pub async fn webex(&self) -> PreflightReport {
        self.preflight(Platform::Webex).await
    }
}

#[tokio::test]
async fn of_an_organisation_that_is_as_it_should_be_nothing_is_found() {
    let acme = Acme::with_webex().await;
    let report = acme.webex().await;
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.findings, []);
    for code in [
        CheckCode::Reading,
        CheckCode::Writing,
        CheckCode::ServiceSignIn,
        CheckCode::GuestInvitations,
        CheckCode::ClockSkew,
    ] {
        let is_good = report.passed.iter().any(|passed| passed.code == code);
        assert!(is_good, "{report:#?}");
    }
    // Nothing relays here that could be told of anything.
    unknown(&report, CheckCode::LiveEvents);
}

#[tokio::test]
async fn each_scope_that_the_administrator_has_not_granted_is_named_with_what_it_costs() {
    for scope in ASKED {
        let acme = Acme::connected(&[]).await;
        acme.withhold_webex(&[scope]).await;
        acme.connect_webex(&[]).await;
        let report = acme.webex().await;
        let found = named(&report, CheckCode::AppPermission, scope);
        assert!(found.action.contains(scope), "{}", found.action);
        assert_ne!(found.stops, "What needs it does not work.", "{scope}");
    }
}

#[tokio::test]
async fn an_administrator_who_has_not_granted_who_they_are_is_told_of_it_too() {
    let acme = Acme::with_webex().await;
    let is_asked = ADMINISTRATOR_SCOPES.map(|scope| ASKED.contains(&scope));
    assert_eq!(is_asked, [false, true, true, true, true, true]);
    let scope = ADMINISTRATOR_SCOPES[0];
    let import = async || {
        let imported = acme.client.call(ImportPeople::default()).await;
        imported.expect("people are imported");
    };
    import().await;
    // Their token is renewed while it is withheld; the bot needs it again for all that follows.
    acme.withhold_webex(&[scope]).await;
    let who = Some("GET /people");
    acme.strike("webex", who, FaultKind::Expire, 1).await;
    import().await;
    acme.withhold_webex(&[]).await;
    let report = acme.webex().await;
    let found = named(&report, CheckCode::AppPermission, scope);
    assert!(found.action.contains(scope), "{}", found.action);
    assert_ne!(found.stops, "What needs it does not work.");
}

#[tokio::test]
async fn people_of_webex_who_authorised_less_than_is_needed_are_counted() {
    let acme = Acme::connected(&[]).await;
    acme.withhold_webex(&["spark:messages_write"]).await;
    acme.connect_webex(&[WANDA]).await;
    let report = acme.webex().await;
    let found = named(&report, CheckCode::PersonPermission, "spark:messages_write");
    assert_eq!(found.detail.as_deref(), Some("1 of 1"));
}

#[tokio::test]
async fn an_administrator_who_is_no_compliance_officer_is_found_by_reading() {
    let acme = Acme::with_webex().await;
    acme.throw_webex(WebexSwitches {
        compliance: Some(false),
        ..WebexSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Webex, CheckCode::Reading).await;
    assert_eq!(found.weight, Weight::Blocks);
    assert!(found.action.contains("Compliance Officer"));
}

#[tokio::test]
async fn a_bot_that_may_not_write_is_found_by_trying_to() {
    let acme = Acme::with_webex().await;
    acme.withhold_webex(&["spark:messages_write"]).await;
    let found = acme.finds(Platform::Webex, CheckCode::Writing).await;
    assert_eq!(found.weight, Weight::Blocks);
}

#[tokio::test]
async fn a_service_app_that_may_make_no_guests_is_found() {
    let acme = Acme::with_webex().await;
    acme.withhold_webex(&["guest-issuer:read", "guest-issuer:write"])
        .await;
    let code = CheckCode::GuestInvitations;
    let found = acme.finds(Platform::Webex, code).await;
    assert_eq!(found.weight, Weight::Limits);
    assert!(found.action.contains("guest-issuer:write"));
}

#[tokio::test]
async fn an_administrator_who_was_switched_off_is_found() {
    let acme = Acme::with_webex().await;
    let control = acme.control();
    let off = control.set_active(SERVICE_ACCOUNT, "webex", false);
    off.await.expect("they are switched off");
    let found = acme.finds(Platform::Webex, CheckCode::ServiceSignIn).await;
    assert_eq!(found.weight, Weight::Blocks);
}

#[tokio::test]
async fn a_bot_whose_token_is_revoked_is_told_from_webex_that_is_away() {
    let acme = Acme::with_webex().await;
    let who = Some("GET /people/me");
    acme.strike("webex", who, FaultKind::FailBefore, 3).await;
    acme.finds(Platform::Webex, CheckCode::Reachable).await;
    acme.control().clear_faults().await.expect("it is back");
    acme.strike("webex", who, FaultKind::Revoke, 1).await;
    let found = acme.finds(Platform::Webex, CheckCode::Credentials).await;
    assert_eq!(found.weight, Weight::Blocks);
    assert!(found.action.contains("bot"));
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_minutes_is_found_on_webex() {
    let acme = Acme::with_webex().await;
    let advanced = acme.control().advance(200_000).await;
    advanced.expect("their clock goes on");
    let FindingView { detail, .. } = acme.finds(Platform::Webex, CheckCode::ClockSkew).await;
    assert!(detail.is_some_and(|detail| detail.ends_with(" s behind")));
}

#[tokio::test]
async fn of_an_organisation_without_a_compliance_officer_nothing_is_found_either() {
    let acme = Acme::with_webex_by_sockets().await;
    acme.throw_webex(WebexSwitches {
        compliance: Some(false),
        ..WebexSwitches::default()
    })
    .await;
    let report = acme.webex().await;
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn a_bot_that_may_have_no_socket_is_told_in_words_of_sockets() {
    let acme = Acme::with_webex_by_sockets().await;
    acme.withhold_webex(&["spark:all", "spark:kms"]).await;
    let found = acme.finds(Platform::Webex, CheckCode::Reading).await;
    assert_eq!(found.weight, Weight::Blocks);
    assert!(found.message.contains("socket"), "{}", found.message);
    let said = format!("{} {}", found.message, found.stops);
    assert!(!said.contains("events"), "{said}");
    assert!(found.action.contains("bot"), "{}", found.action);
}

#[tokio::test]
async fn where_webex_is_heard_by_sockets_nothing_speaks_for_anyone_or_needs_a_compliance_officer() {
    let acme = Acme::with_webex_by_sockets().await;
    acme.withhold_webex(&["guest-issuer:read", "guest-issuer:write"])
        .await;
    let control = acme.control();
    let off = control.set_active(SERVICE_ACCOUNT, "webex", false);
    off.await.expect("the administrator is switched off");
    let report = acme.webex().await;
    for code in [CheckCode::ServiceSignIn, CheckCode::GuestInvitations] {
        let found = report.findings.iter().find(|found| found.code == code);
        let found = found.unwrap_or_else(|| panic!("{report:#?}"));
        assert_eq!(found.weight, Weight::Limits, "{code:?}");
        let said = format!("{} {}", found.stops, found.action);
        assert!(!said.contains("represented"), "{said}");
        assert!(!said.contains("compliance officer"), "{said}");
    }
}

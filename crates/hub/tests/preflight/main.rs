//! Preflight on a sandbox: each finding is there because a switch was thrown, and gone without it.

#[path = "../acme/mod.rs"]
mod acme;
mod sign_ins;
mod webex;
mod zoom;

use causeway_hub::api::{
    FindingView, GetPreflight, ListNotices, MakeCertificate, NoticeCode, PreflightReport,
    RunPreflight, UnknownView,
};
use causeway_model::{CheckCode, Platform, Timestamp, Weight};
use causeway_sandbox::{
    control_client::TenantSwitches,
    faults::{Fault, FaultKind},
};

use acme::{Acme, slack, teams};

const ANN: &str = "ann@acme.example";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Acme {
    async fn preflight(&self, platform: Platform) -> PreflightReport {
        let platform = Some(platform);
        let reports = self.client.call(RunPreflight { platform }).await;
        let mut reports = reports.expect("the checks are made");
        assert_eq!(reports.len(), 1);
        reports.remove(0)
    }

    /// What is found on a platform, which has to be of this code.
    async fn finds(&self, platform: Platform, code: CheckCode) -> FindingView {
        let report = self.preflight(platform).await;
        let found = report.findings.iter().find(|found| found.code == code);
        found.cloned().unwrap_or_else(|| panic!("{report:#?}"))
    }

    async fn throw(&self, switches: TenantSwitches) {
        let thrown = self.control().set_tenant(&switches).await;
        thrown.expect("the tenant is changed");
    }

    async fn withhold(&self, permissions: &[&str]) {
        let withheld = permissions.iter().map(|name| (*name).to_owned());
        self.throw(TenantSwitches {
            withheld: Some(withheld.collect()),
            ..TenantSwitches::default()
        })
        .await;
        self.forget_tokens().await;
    }

    /// Access tokens keep what they were made with: an hour later there are others.
    async fn forget_tokens(&self) {
        let again = teams(&self.description, &[ANN]);
        self.client.call(again).await.expect("Teams connects again");
    }

    async fn strike(&self, on: &str, method: Option<&str>, fault: FaultKind, count: u32) {
        let fault = Fault {
            on: on.to_owned(),
            method: method.map(str::to_owned),
            fault,
            count,
            ms: None,
        };
        self.control().fault(&fault).await.expect("it is armed");
    }
}

/// What is found of one of several.
fn named<'a>(report: &'a PreflightReport, code: CheckCode, subject: &str) -> &'a FindingView {
    let is_it =
        |found: &&FindingView| found.code == code && found.subject.as_deref() == Some(subject);
    let found = report.findings.iter().find(is_it);
    found.unwrap_or_else(|| panic!("{subject}: {report:#?}"))
}

fn unknown(report: &PreflightReport, code: CheckCode) -> &UnknownView {
    let found = report.unknown.iter().find(|view| view.code == code);
    found.unwrap_or_else(|| panic!("{report:#?}"))
}

#[tokio::test]
async fn where_everything_is_as_it_should_be_nothing_is_found() {
    let acme = Acme::connected(&[ANN]).await;
    for platform in [Platform::Slack, Platform::Teams] {
        let report = acme.preflight(platform).await;
        assert!(report.ok, "{report:#?}");
        assert_eq!(report.findings, [], "{platform:?}");
        for code in [CheckCode::Reading, CheckCode::Writing, CheckCode::ClockSkew] {
            assert!(
                report.passed.iter().any(|passed| passed.code == code),
                "{report:#?}"
            );
        }
    }
    let kept = acme
        .client
        .call(GetPreflight {})
        .await
        .expect("they are kept");
    assert_eq!(
        kept.len(),
        2,
        "what was found last is shown without calling anybody"
    );
}

#[tokio::test]
async fn checking_posts_nothing_and_makes_nothing() {
    let acme = Acme::connected(&[ANN]).await;
    for platform in [Platform::Slack, Platform::Teams] {
        acme.preflight(platform).await;
    }
    for who in [ANN, "bob@acme.example"] {
        for on in ["slack", "teams"] {
            let seen = acme.control().view(who, on).await.unwrap_or_default();
            let said = seen.iter().map(|place| place.messages.len()).sum::<usize>();
            assert_eq!(said, 0, "{who} sees something new on {on}");
        }
    }
}

#[tokio::test]
async fn each_scope_that_the_slack_app_lacks_is_named_with_what_it_costs() {
    let acme = Acme::connected(&[]).await;
    let needed = [
        "chat:write",
        "chat:write.customize",
        "commands",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "metadata.message:read",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "users:read.email",
    ];
    for scope in needed {
        let withheld = acme.control().withhold_slack_scopes(&[scope]).await;
        withheld.expect("the app loses it");
        let found = acme.finds(Platform::Slack, CheckCode::AppPermission).await;
        assert_eq!(found.subject.as_deref(), Some(scope));
        assert!(found.action.contains(scope), "{}", found.action);
        assert_ne!(found.stops, "What needs it does not work.", "{scope}");
    }
    let given = acme.control().withhold_slack_scopes(&[]).await;
    given.expect("the app has all of them");
    assert!(acme.preflight(Platform::Slack).await.ok);
}

#[tokio::test]
async fn an_app_that_may_not_write_is_found_by_trying_to() {
    let acme = Acme::connected(&[]).await;
    let withheld = acme.control().withhold_slack_scopes(&["chat:write"]).await;
    withheld.expect("the app loses it");
    let found = acme.finds(Platform::Slack, CheckCode::Writing).await;
    assert_eq!(found.weight, Weight::Blocks);
    acme.withhold(&["Chat.ReadWrite"]).await;
    let report = acme.preflight(Platform::Teams).await;
    let lacking = |found: &FindingView| found.code == CheckCode::ServicePermission;
    assert!(report.findings.iter().any(lacking), "{report:#?}");
}

#[tokio::test]
async fn a_socket_that_cannot_be_opened_is_found() {
    let acme = Acme::connected(&[]).await;
    let withheld = acme
        .control()
        .withhold_slack_scopes(&["connections:write"])
        .await;
    withheld.expect("the app-level token loses it");
    let found = acme.finds(Platform::Slack, CheckCode::Socket).await;
    assert_eq!(found.detail.as_deref(), Some("missing_scope"));
    assert!(found.action.contains("Socket Mode"));
}

#[tokio::test]
async fn a_revoked_app_is_told_from_a_platform_that_is_away() {
    let acme = Acme::connected(&[]).await;
    acme.strike("slack", Some("auth.test"), FaultKind::FailBefore, 1)
        .await;
    acme.finds(Platform::Slack, CheckCode::Reachable).await;
    acme.strike("slack", Some("auth.test"), FaultKind::Revoke, 1)
        .await;
    let found = acme.finds(Platform::Slack, CheckCode::Credentials).await;
    assert_eq!(found.weight, Weight::Blocks);
    let (client, _folder) = acme.go_dark().await;
    let reports = client
        .call(RunPreflight::default())
        .await
        .expect("it is said");
    let teams = reports
        .iter()
        .find(|report| report.platform == Platform::Teams);
    let teams = teams.expect("Teams is checked too");
    assert!(!teams.ok, "{teams:#?}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_minutes_is_found_on_both_platforms() {
    let acme = Acme::connected(&[]).await;
    acme.control()
        .advance(200_000)
        .await
        .expect("their clock goes on");
    for platform in [Platform::Slack, Platform::Teams] {
        let found = acme.finds(platform, CheckCode::ClockSkew).await;
        let detail = found.detail.unwrap_or_default();
        assert!(detail.ends_with(" s behind"), "{detail}");
    }
}

#[tokio::test]
async fn each_permission_that_the_microsoft_app_lacks_is_named_with_what_it_costs() {
    let acme = Acme::connected(&[]).await;
    for role in [
        "User.Read.All",
        "Chat.Read.All",
        "Chat.Create",
        "User.Invite.All",
    ] {
        // What holds the narrower one has to go as well.
        let wider = ["User.ReadWrite.All"];
        let withheld: Vec<_> = [role].into_iter().chain(wider).collect();
        let withheld = match role {
            "User.Read.All" => vec!["Chat.Read.All"],
            _ => withheld,
        };
        acme.withhold(&withheld).await;
        let report = acme.preflight(Platform::Teams).await;
        let named = |found: &&FindingView| {
            found.code == CheckCode::AppPermission
                && found.subject.as_deref() == withheld.first().copied()
        };
        let found = report.findings.iter().find(named);
        let found = found.unwrap_or_else(|| panic!("{role}: {report:#?}"));
        assert!(found.action.contains("Application permissions"));
        assert_ne!(found.stops, "What needs it does not work.", "{role}");
    }
}

#[tokio::test]
async fn a_service_account_that_is_no_use_is_found_whatever_is_wrong_with_it() {
    let acme = Acme::connected(&[]).await;
    acme.throw(TenantSwitches {
        service_licence: Some(false),
        ..TenantSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Teams, CheckCode::ServiceLicence).await;
    assert!(
        found
            .action
            .contains("licence that includes Microsoft Teams")
    );

    let service = acme::text(&acme.description["credentials"]["entra"]["service_account"]);
    let off = acme.control().set_active(&service, "teams", false).await;
    off.expect("it is switched off");
    let found = acme.finds(Platform::Teams, CheckCode::ServiceMember).await;
    assert_eq!(found.detail.as_deref(), Some("disabled"));
}

#[tokio::test]
async fn what_the_tenant_forbids_is_found_before_anybody_runs_into_it() {
    let acme = Acme::connected(&[]).await;
    acme.throw(TenantSwitches {
        guest_invitations: Some(false),
        user_consent: Some(false),
        protected_api: Some(false),
        ..TenantSwitches::default()
    })
    .await;
    let report = acme.preflight(Platform::Teams).await;
    for code in [
        CheckCode::GuestInvitations,
        CheckCode::PeopleConsent,
        CheckCode::ProtectedReading,
    ] {
        assert!(
            report.findings.iter().any(|found| found.code == code),
            "{report:#?}"
        );
    }
    let notices = acme.client.call(ListNotices {}).await.expect("notices");
    let noticed = |code| notices.iter().any(|notice| notice.code == code);
    assert!(noticed(NoticeCode::PreflightFindings));
}

#[tokio::test]
async fn what_the_app_may_not_see_is_said_to_be_unknown_and_what_it_would_need() {
    let acme = Acme::connected(&[]).await;
    acme.withhold(&["Policy.Read.All"]).await;
    let report = acme.preflight(Platform::Teams).await;
    assert!(report.ok, "{report:#?}");
    for code in [CheckCode::GuestInvitations, CheckCode::PeopleConsent] {
        let view = unknown(&report, code);
        assert!(view.message.contains("Policy.Read.All"), "{}", view.message);
    }
}

#[tokio::test]
async fn wrong_and_ended_secrets_are_told_apart() {
    let acme = Acme::connected(&[]).await;
    acme.throw(TenantSwitches {
        secret_valid: Some(false),
        ..TenantSwitches::default()
    })
    .await;
    acme.strike("teams", None, FaultKind::Expire, 1).await;
    acme.control().advance(3_700_000).await.expect("tokens end");
    let refused = acme.client.call(teams(&acme.description, &[])).await;
    let refused = refused.expect_err("the secret has ended");
    assert!(
        refused.message.contains("AADSTS7000222"),
        "{}",
        refused.message
    );
}

#[tokio::test]
async fn the_end_of_a_secret_is_told_in_time_and_again_as_it_comes_nearer() {
    let acme = Acme::connected(&[]).await;
    let now = acme.control().clock().await.expect("it tells").now_ms;
    let in_days = |days: i64| Some(Timestamp(now + days * DAY_MS + 60_000));
    let connect = async |days| {
        let mut again = teams(&acme.description, &[]);
        again.client_secret_ends = in_days(days);
        acme.client.call(again).await.expect("Teams connects");
        acme.preflight(Platform::Teams).await
    };
    let ends = async || {
        let notices = acme.client.call(ListNotices {}).await.expect("notices");
        let ends = notices
            .into_iter()
            .find(|one| one.code == NoticeCode::CredentialEnds);
        ends.map(|notice| notice.message)
    };
    assert!(connect(20).await.findings.is_empty());
    assert_eq!(ends().await, None);
    let report = connect(10).await;
    assert!(report.ok, "it still works");
    assert_eq!(report.findings[0].code, CheckCode::SecretExpiry);
    assert_eq!(report.findings[0].detail.as_deref(), Some("10 days"));
    assert!(
        ends()
            .await
            .is_some_and(|said| said.ends_with("(10 days left)"))
    );
    connect(1).await;
    assert!(
        ends()
            .await
            .is_some_and(|said| said.ends_with("(1 day left)"))
    );
}

#[tokio::test]
async fn an_app_proves_itself_by_the_certificate_that_the_hub_made() {
    let acme = Acme::connected(&[]).await;
    let made = acme
        .client
        .call(MakeCertificate {})
        .await
        .expect("a certificate");
    assert!(!made.pem.contains("PRIVATE KEY"));
    let mut again = teams(&acme.description, &[ANN]);
    again.client_secret.clear();
    again.certificate = true;
    let refused = acme.client.call(again.clone()).await;
    let refused = refused.expect_err("nobody has uploaded it yet");
    assert!(
        refused.message.contains("AADSTS700027"),
        "{}",
        refused.message
    );
    let uploaded = acme.control().upload_certificate(&made.pem).await;
    uploaded.expect("an administrator uploads it");
    acme.client
        .call(again.clone())
        .await
        .expect("Teams connects");
    let report = acme.preflight(Platform::Teams).await;
    assert!(report.ok, "{report:#?}");
    let known =
        |passed: &causeway_hub::api::PassedView| passed.code == CheckCode::CertificateExpiry;
    assert!(report.passed.iter().any(known), "{report:#?}");
    // The same one serves when the tenant is connected once more.
    acme.client.call(again).await.expect("Teams connects again");
}

#[tokio::test]
async fn people_who_authorised_less_than_is_needed_are_counted() {
    let acme = Acme::connected(&[ANN]).await;
    let mut again = slack(&acme.description);
    let tokens = &acme.description["credentials"]["slack"]["user_tokens"];
    let (who, token) = tokens
        .as_object()
        .and_then(|tokens| tokens.iter().next())
        .expect("somebody has authorised the app");
    again.user_tokens.insert(who.clone(), acme::text(token));
    acme.client.call(again).await.expect("Slack connects");
    assert!(acme.preflight(Platform::Slack).await.ok);
    let withheld = acme
        .control()
        .withhold_slack_scopes(&["mpim:history"])
        .await;
    withheld.expect("the tokens lose it");
    let found = acme
        .finds(Platform::Slack, CheckCode::PersonPermission)
        .await;
    assert_eq!(found.subject.as_deref(), Some("mpim:history"));
    assert_eq!(found.detail.as_deref(), Some("1 of 1"));
    acme.withhold(&["Chat.ReadWrite"]).await;
    let found = acme
        .finds(Platform::Teams, CheckCode::PersonPermission)
        .await;
    assert_eq!(found.detail.as_deref(), Some("1 of 1"));
}

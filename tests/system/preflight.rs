//! What preflight finds beside a running relay, each because something was done to it.

use causeway_sandbox::control_client::{Answer, Do, TenantSwitches, WebexSwitches, ZoomSwitches};
use serde_json::Value;

use crate::support::{
    ANN, BEA, BOB, FAY, JUN, SLACK, Stage, TEAMS, VIC, WANDA, WEBEX, ZOOM, free_address, until,
    words_of,
};

const SERVICE_ACCOUNT: &str = "causeway@acme.example";
/// Longer than an access token lasts.
const PAST_AN_HOUR_MS: u64 = 3_700_000;

/// What the check of a platform came to, and whether it ended as a success.
pub fn preflight(stage: &Stage, platform: &str) -> (Value, bool) {
    let output = stage.causeway(&["--json", "preflight", "--platform", platform]);
    let reports: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    (reports[0].clone(), output.status.success())
}

fn finding(report: &Value, code: &str) -> Option<Value> {
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().find(|found| found["code"] == code).cloned()
}

pub fn passed(report: &Value, code: &str) -> bool {
    let passed = report["passed"].as_array().expect("a list");
    passed.iter().any(|passed| passed["code"] == code)
}

async fn finds(stage: &Stage, platform: &str, code: &str) -> Value {
    until(&format!("preflight finds {code}"), async || {
        finding(&preflight(stage, platform).0, code)
    })
    .await
}

#[tokio::test]
async fn a_tenant_that_is_polled_is_told_that_this_is_for_evaluation_and_nothing_worse() {
    let stage = Stage::relaying().await;
    let (report, success) = preflight(&stage, TEAMS);
    assert!(success, "{report}");
    let found = finding(&report, "live_events").expect("it is told");
    assert_eq!(found["weight"], "advises");
    assert!(
        found["stops"]
            .as_str()
            .is_some_and(|stops| stops.contains("once a day"))
    );
    let (report, success) = preflight(&stage, SLACK);
    assert!(success && passed(&report, "socket"), "{report}");
}

#[tokio::test]
async fn webex_that_is_polled_is_told_what_a_public_address_would_give_and_nothing_worse() {
    let stage = Stage::relaying_everywhere().await;
    let (report, success) = preflight(&stage, WEBEX);
    assert!(success, "{report}");
    let found = finding(&report, "live_events").expect("it is told");
    assert_eq!(found["weight"], "advises");
    let (report, success) = preflight(&stage, ZOOM);
    assert!(success && passed(&report, "socket"), "{report}");
    assert!(passed(&report, "live_events"), "{report}");
}

#[tokio::test]
async fn platforms_that_take_no_guests_in_are_found_once_somebody_was_to_be_one() {
    let mut stage = Stage::set_everywhere().await;
    let webex = WebexSwitches {
        guests_allowed: Some(false),
        ..WebexSwitches::default()
    };
    stage.control.webex(&webex).await.expect("a switch");
    let zoom = ZoomSwitches {
        sso: Some(false),
        managed_domain: Some(String::new()),
        provisioning: Some(false),
        ..ZoomSwitches::default()
    };
    stage.control.zoom(&zoom).await.expect("a switch");
    stage.run().await;
    for platform in [WEBEX, ZOOM] {
        let found = finds(&stage, platform, "guest_invitations").await;
        assert_eq!(found["weight"], "limits");
    }
}

#[tokio::test]
async fn a_public_address_that_leads_elsewhere_is_found() {
    let mut stage = Stage::notified().await;
    let (report, _) = preflight(&stage, TEAMS);
    assert!(passed(&report, "public_address"), "{report}");
    assert!(passed(&report, "live_events"), "{report}");
    assert!(stage.stop().success());
    let (listen, nobody) = (free_address(), format!("http://{}", free_address()));
    stage.start(&["--listen", &listen, "--public-url", &nobody]);
    let found = finds(&stage, TEAMS, "public_address").await;
    assert_eq!(found["detail"], "no_connection");
}

#[tokio::test]
async fn codes_that_the_tenant_blocks_are_found_once_somebody_ran_into_it() {
    let stage = Stage::relaying().await;
    let blocked = TenantSwitches {
        device_code: Some(false),
        ..TenantSwitches::default()
    };
    stage.control.set_tenant(&blocked).await.expect("a switch");
    let to = stage.finds(FAY, BOB).await;
    stage.writes(FAY, to, "vanilla first").await;
    stage.arrives(FAY, "You are asked once").await;
    let answered = stage.control.consent(FAY.email, Answer::Grant, None).await;
    answered.expect("she was asked");
    let found = finds(&stage, TEAMS, "sign_in_codes").await;
    assert_eq!(found["weight"], "limits");
}

#[tokio::test]
async fn an_integration_that_may_give_no_codes_is_found_once_somebody_ran_into_it() {
    let stage = Stage::relaying_everywhere().await;
    let unregistered = WebexSwitches {
        device_redirects: Some(false),
        ..WebexSwitches::default()
    };
    stage.control.webex(&unregistered).await.expect("a switch");
    let to = stage.finds(BEA, WANDA).await;
    stage.writes(BEA, to, "anise first").await;
    stage.arrives(BEA, "You are asked once").await;
    stage.does(BEA, Do::AppMessage, None, "start").await;
    stage.arrives(BEA, "an administrator must").await;
    let found = finds(&stage, WEBEX, "sign_in_codes").await;
    assert_eq!(found["weight"], "limits");
    let action = found["action"].as_str().expect("words");
    assert!(action.contains("/device/callback"), "{action}");
}

#[tokio::test]
async fn an_organisation_that_keeps_people_from_authorising_is_found_once_somebody_ran_into_it() {
    let mut stage = Stage::set_everywhere().await;
    stage.run_in_public().await;
    let closed = WebexSwitches {
        people_may_authorise: Some(false),
        ..WebexSwitches::default()
    };
    stage.control.webex(&closed).await.expect("a switch");
    let to = stage.finds(BEA, WANDA).await;
    stage.writes(BEA, to, "sumac first").await;
    stage.arrives(BEA, "You are asked once").await;
    let answered = stage.control.consent(BEA.email, Answer::Grant, None).await;
    answered.expect("the link can be opened");
    stage.arrives(BEA, "an administrator must").await;
    let found = finds(&stage, WEBEX, "people_consent").await;
    let action = found["action"].as_str().expect("words");
    assert!(action.contains("Apps > Integrations"), "{action}");
}

#[tokio::test]
async fn a_sign_in_that_was_withdrawn_is_counted() {
    let stage = Stage::relaying().await;
    let off = stage.control.set_active(ANN.email, TEAMS, false).await;
    off.expect("her account is switched off");
    let later = stage.control.advance(PAST_AN_HOUR_MS).await;
    later.expect("her token ends");
    let to = stage.finds(ANN, BOB).await;
    stage.writes(ANN, to, "lavender first").await;
    let found = finds(&stage, TEAMS, "sign_ins").await;
    assert_eq!(found["detail"], "1");
}

#[tokio::test]
async fn conversations_that_the_app_cannot_see_any_more_are_found() {
    let stage = Stage::relaying().await;
    // Vic has no account in Slack: the app speaks for him in a channel of its own.
    let to = stage.finds(VIC, JUN).await;
    stage.writes(VIC, to, "clove first").await;
    stage.arrives(JUN, "clove").await;
    let (report, _) = preflight(&stage, SLACK);
    assert!(passed(&report, "visibility"), "{report}");
    let scopes = ["groups:read", "im:read", "mpim:read"];
    let withheld = stage.control.withhold_slack_scopes(&scopes).await;
    withheld.expect("the app loses them");
    let (report, success) = preflight(&stage, SLACK);
    assert!(!success);
    assert!(finding(&report, "visibility").is_some(), "{report}");
    assert!(finding(&report, "reading").is_some(), "{report}");
}

#[tokio::test]
async fn a_service_account_that_was_signed_out_is_found() {
    let stage = Stage::relaying().await;
    let off = stage
        .control
        .set_active(SERVICE_ACCOUNT, TEAMS, false)
        .await;
    off.expect("it is switched off");
    let later = stage.control.advance(PAST_AN_HOUR_MS).await;
    later.expect("its token ends");
    let found = finds(&stage, TEAMS, "service_sign_in").await;
    assert_eq!(found["weight"], "blocks");
    let (report, _) = preflight(&stage, TEAMS);
    assert!(finding(&report, "service_member").is_some(), "{report}");
}

#[tokio::test]
async fn a_connection_is_checked_by_itself_soon_after_it_was_made() {
    let stage = Stage::relaying().await;
    let withheld = stage.control.withhold_slack_scopes(&["commands"]).await;
    withheld.expect("the app loses it");
    let slack = &stage.credentials["credentials"]["slack"];
    let given = [
        ("API_URL", &stage.credentials["slack"]),
        ("BOT_TOKEN", &slack["bot_token"]),
        ("APP_TOKEN", &slack["app_token"]),
    ];
    let mut command = stage.command(&["--json", "connect", "slack"]);
    for (name, value) in given {
        let value = value.as_str().expect("it is text");
        command.env(format!("CAUSEWAY_SLACK_{name}"), value);
    }
    let connected = command.output().expect("it runs");
    assert!(connected.status.success(), "{}", words_of(&connected));
    let notice = until("the notice", async || {
        let notices = stage.asked(&["notices"]);
        let notices = notices.as_array().expect("a list");
        let ours = |notice: &&Value| notice["code"] == "preflight_findings";
        notices.iter().find(ours).cloned()
    })
    .await;
    assert!(
        notice["message"]
            .as_str()
            .is_some_and(|said| said.ends_with("(1 finding)"))
    );
}

//! What is found of a Zoom account.

use std::net::TcpListener;

use causeway_hub::{
    Purpose,
    api::{ConnectZoom, PreflightReport, ZoomChatbot},
};
use causeway_model::{CheckCode, Platform, Weight};
use causeway_sandbox::{acme::SERVICE_ACCOUNT, control_client::ZoomSwitches, faults::FaultKind};

use crate::{
    acme::{Acme, text},
    named, unknown,
};

/// What the account's app needs.
const NEEDED: [&str; 13] = [
    "user:read:list_users:admin",
    "user:read:user:admin",
    "team_chat:write:user_message:admin",
    "team_chat:update:user_message:admin",
    "team_chat:delete:user_message:admin",
    "team_chat:read:user_message:admin",
    "team_chat:read:list_user_messages:admin",
    "team_chat:read:list_user_sessions:admin",
    "team_chat:read:list_user_channels:admin",
    "team_chat:read:user_channel:admin",
    "team_chat:read:list_members:admin",
    "team_chat:write:user_channel:admin",
    "marketplace:write:websocket_connection",
];

impl Acme {
    async fn with_zoom() -> Self {
        let acme = Self::connected(&[]).await;
        let connect = zoom(&acme);
        acme.client.call(connect).await.expect("Zoom connects");
        acme
    }

    async fn throw_zoom(&self, switches: ZoomSwitches) {
        let thrown = self.control().zoom(&switches).await;
        thrown.expect("the account is changed");
    }

    async fn withhold_zoom(&self, scopes: &[&str]) {
        let withheld = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.throw_zoom(ZoomSwitches {
            withheld: Some(withheld),
            ..ZoomSwitches::default()
        })
        .await;
    }

    async fn zoom(&self) -> PreflightReport {
        self.preflight(Platform::Zoom).await
    }
}

fn zoom(acme: &Acme) -> ConnectZoom {
    let credentials = &acme.description["credentials"]["zoom"];
    let (app, chatbot) = (&credentials["server_to_server"], &credentials["chatbot"]);
    ConnectZoom {
        api_url: Some(text(&acme.description["zoom"])),
        oauth_url: Some(text(&credentials["oauth"])),
        socket_url: Some(text(&credentials["socket"])),
        account_id: text(&credentials["account_id"]),
        client_id: text(&app["client_id"]),
        client_secret: text(&app["client_secret"]),
        subscription_id: Some(text(&credentials["subscription_id"])),
        secret_token: None,
        service_user: text(&credentials["service_user"]),
        user_app: None,
        chatbot: Some(ZoomChatbot {
            client_id: text(&chatbot["client_id"]),
            client_secret: text(&chatbot["client_secret"]),
            robot_jid: text(&chatbot["robot_jid"]),
        }),
    }
}

#[tokio::test]
async fn of_an_account_that_is_as_it_should_be_nothing_is_found() {
    let acme = Acme::with_zoom().await;
    let report = acme.zoom().await;
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.findings, []);
    for code in [
        CheckCode::Reading,
        CheckCode::Writing,
        CheckCode::ServiceMember,
        CheckCode::Socket,
        CheckCode::ClockSkew,
    ] {
        let is_good = report.passed.iter().any(|passed| passed.code == code);
        assert!(is_good, "{report:#?}");
    }
    // Whether the account takes people in is told only when the first is taken in.
    unknown(&report, CheckCode::GuestInvitations);
}

#[tokio::test]
async fn each_scope_that_the_zoom_app_lacks_is_named_with_what_it_costs() {
    let acme = Acme::with_zoom().await;
    for scope in NEEDED {
        acme.withhold_zoom(&[scope]).await;
        let report = acme.zoom().await;
        let found = named(&report, CheckCode::AppPermission, scope);
        assert!(found.action.contains(scope), "{}", found.action);
        assert_ne!(found.stops, "What needs it does not work.", "{scope}");
    }
    acme.withhold_zoom(&[]).await;
    assert!(acme.zoom().await.ok);
}

#[tokio::test]
async fn an_app_that_may_make_no_users_is_found() {
    let acme = Acme::with_zoom().await;
    for scope in ["user:write:user:admin", "user:delete:user:admin"] {
        acme.withhold_zoom(&[scope]).await;
        let report = acme.zoom().await;
        let found = named(&report, CheckCode::GuestInvitations, scope);
        assert!(found.action.contains(scope), "{}", found.action);
    }
}

#[tokio::test]
async fn a_role_that_may_not_view_or_edit_chats_is_found_by_trying_to() {
    let acme = Acme::with_zoom().await;
    acme.throw_zoom(ZoomSwitches {
        role_chat_edit: Some(false),
        ..ZoomSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Zoom, CheckCode::Writing).await;
    assert_eq!(found.weight, Weight::Blocks);
    assert!(found.action.contains("View and Edit"));
    acme.throw_zoom(ZoomSwitches {
        role_chat_view: Some(false),
        ..ZoomSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Zoom, CheckCode::Reading).await;
    assert_eq!(found.weight, Weight::Blocks);
}

#[tokio::test]
async fn a_subscription_that_is_switched_off_is_found() {
    let acme = Acme::with_zoom().await;
    acme.throw_zoom(ZoomSwitches {
        subscription: Some(false),
        ..ZoomSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Zoom, CheckCode::Socket).await;
    assert!(found.action.contains("Event Subscriptions"));
}

#[tokio::test]
async fn a_member_who_was_switched_off_speaks_for_nobody() {
    let acme = Acme::with_zoom().await;
    let control = acme.control();
    let off = control.set_active(SERVICE_ACCOUNT, "zoom", false);
    off.await.expect("they are switched off");
    let found = acme.finds(Platform::Zoom, CheckCode::ServiceMember).await;
    assert_eq!(found.detail.as_deref(), Some("inactive"));
}

#[tokio::test]
async fn a_secret_that_was_regenerated_is_found_whichever_app_it_is_of() {
    let acme = Acme::with_zoom().await;
    let rotate = async |app: &str| {
        let rotated = Some(vec![app.to_owned()]);
        acme.throw_zoom(ZoomSwitches {
            rotated,
            ..ZoomSwitches::default()
        })
        .await;
    };
    rotate("chatbot").await;
    let report = acme.zoom().await;
    let found = named(&report, CheckCode::Credentials, "chatbot");
    assert!(found.action.contains("chatbot"), "{}", found.action);
    rotate("server_to_server").await;
    let found = acme.finds(Platform::Zoom, CheckCode::Credentials).await;
    assert_eq!(found.subject, None);
    assert!(
        found.action.contains("Server-to-Server"),
        "{}",
        found.action
    );
}

#[tokio::test]
async fn zoom_that_is_away_is_found() {
    let acme = Acme::with_zoom().await;
    acme.strike("zoom", None, FaultKind::FailBefore, 5).await;
    acme.finds(Platform::Zoom, CheckCode::Reachable).await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_minutes_is_found_on_zoom() {
    let acme = Acme::with_zoom().await;
    let advanced = acme.control().advance(200_000).await;
    advanced.expect("their clock goes on");
    let found = acme.finds(Platform::Zoom, CheckCode::ClockSkew).await;
    assert!(
        found
            .detail
            .is_some_and(|detail| detail.ends_with(" s behind"))
    );
}

fn free_address() -> String {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    probe.local_addr().expect("it is bound").to_string()
}

/// A relay that listens, at an address that leads there or somewhere else, or that nobody knows;
/// Zoom is connected without a WebSocket.
async fn heard_at(listen: &str, public: Option<&str>, secret_token: Option<&str>) -> Acme {
    let acme = Acme::opened(Purpose::Relay {
        listen: listen.parse().ok(),
        public_url: public.map(|address| format!("http://{address}")),
    })
    .await;
    let connect = ConnectZoom {
        subscription_id: None,
        secret_token: secret_token.map(str::to_owned),
        ..zoom(&acme)
    };
    acme.client.call(connect).await.expect("Zoom connects");
    acme
}

fn passed(report: &PreflightReport, code: CheckCode) -> bool {
    report.passed.iter().any(|passed| passed.code == code)
}

#[tokio::test]
async fn what_zoom_cannot_tell_at_once_is_found_with_what_is_missing_for_it() {
    let here = free_address();
    for (public, secret, missing) in [
        (None, None, "polling"),
        (None, Some("s3cret"), "polling"),
        (Some(here.as_str()), None, "no_secret_token"),
    ] {
        let acme = heard_at(&here, public, secret).await;
        let found = acme.finds(Platform::Zoom, CheckCode::LiveEvents).await;
        assert_eq!(found.detail.as_deref(), Some(missing));
        assert_eq!(found.weight, Weight::Advises);
        let wants_secret = found.action.contains("Secret Token");
        assert_eq!(wants_secret, missing == "no_secret_token");
        acme.client.close().await;
    }
    let acme = heard_at(&here, Some(&here), Some("s3cret")).await;
    let report = acme.zoom().await;
    assert!(passed(&report, CheckCode::LiveEvents), "{report:#?}");
    assert!(passed(&report, CheckCode::PublicAddress), "{report:#?}");
    let connect = zoom(&acme);
    acme.client
        .call(connect)
        .await
        .expect("Zoom connects again");
    let report = acme.zoom().await;
    assert!(passed(&report, CheckCode::LiveEvents), "by its socket");
    acme.client.close().await;
}

#[tokio::test]
async fn a_public_address_at_which_zoom_would_find_nobody_is_found() {
    let (here, nowhere) = (free_address(), free_address());
    let acme = heard_at(&here, Some(&nowhere), Some("s3cret")).await;
    let found = acme.finds(Platform::Zoom, CheckCode::PublicAddress).await;
    assert_eq!(found.detail.as_deref(), Some("no_connection"));
    acme.client.close().await;
}

#[tokio::test]
async fn a_member_who_has_not_confirmed_or_was_deleted_speaks_for_nobody() {
    let acme = Acme::with_zoom().await;
    let service = || Some(vec![SERVICE_ACCOUNT.to_owned()]);
    acme.throw_zoom(ZoomSwitches {
        pending: service(),
        ..ZoomSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Zoom, CheckCode::ServiceMember).await;
    assert_eq!(found.detail.as_deref(), Some("pending"));
    acme.throw_zoom(ZoomSwitches {
        gone: service(),
        ..ZoomSwitches::default()
    })
    .await;
    let found = acme.finds(Platform::Zoom, CheckCode::ServiceMember).await;
    assert_eq!(found.detail.as_deref(), Some("1001"));
    assert_eq!(found.weight, Weight::Blocks);
}

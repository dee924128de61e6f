//! What the administrator of the tenant forbids, and what a client then hears from Entra.

mod common;

use anyhow::{Context, Result};
use causeway_sandbox::control_client::TenantSwitches;
use common::{Stranger, microsoft::Microsoft};
use reqwest::StatusCode;
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const PIA: &str = "pia@acme.example";
const NOOR: &str = "noor@lattice.example";

async fn acme(switches: TenantSwitches) -> Result<(Stranger, Microsoft)> {
    let stranger = Stranger::new().await?;
    stranger.control.set_tenant(&switches).await?;
    let microsoft = Microsoft::of(&stranger)?;
    Ok((stranger, microsoft))
}

#[tokio::test]
async fn switches_are_thrown_one_by_one_and_shown_all_together() -> Result<()> {
    let stranger = Stranger::new().await?;
    let control = stranger.sandbox.description()["control"]
        .as_str()
        .context("an address")?
        .to_owned();
    let url = format!("{control}/tenant");
    let shown: Value = stranger.http.get(&url).send().await?.json().await?;
    assert_eq!(
        shown,
        json!({
            "guest_invitations": true, "guest_sign_in": true, "device_code": true,
            "user_consent": true, "mfa": false, "password_grant": false, "protected_api": true,
            "public_client": true, "service_licence": true, "secret_valid": true, "withheld": [],
        })
    );
    let changed = stranger.http.post(&url).json(&json!({ "mfa": true }));
    let changed: Value = changed.send().await?.json().await?;
    assert_eq!(
        (&changed["mfa"], &changed["user_consent"]),
        (&json!(true), &json!(true))
    );
    let unknown = stranger.http.post(&url).json(&json!({ "moon": true }));
    assert_eq!(unknown.send().await?.status(), StatusCode::BAD_REQUEST);
    let tenant = stranger.control.tenant().await?;
    assert!(tenant.mfa && tenant.device_code && !tenant.password_grant);
    Ok(())
}

#[tokio::test]
async fn messages_are_not_read_app_only_without_microsofts_approval() -> Result<()> {
    let (stranger, microsoft) = acme(TenantSwitches {
        protected_api: Some(false),
        ..TenantSwitches::default()
    })
    .await?;
    let app = microsoft.app_token().await?;
    let path = format!("/users/{ANN}/chats/getAllMessages");
    assert_eq!(microsoft.get(&app, &path).await?.status, 403);
    let approved = TenantSwitches {
        protected_api: Some(true),
        ..TenantSwitches::default()
    };
    stranger.control.set_tenant(&approved).await?;
    assert_eq!(microsoft.get(&app, &path).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_tenant_that_forbids_guests_invites_none() -> Result<()> {
    let (_stranger, microsoft) = acme(TenantSwitches {
        guest_invitations: Some(false),
        ..TenantSwitches::default()
    })
    .await?;
    let app = microsoft.app_token().await?;
    let refused = microsoft.invite(&app, NOOR).await?;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["error"]["code"], "Forbidden");
    assert_eq!(
        refused.body["error"]["message"],
        "Guest invitations not allowed for your company. Contact your company administrator for \
         more details."
    );
    let found = microsoft.get(&app, &format!("/users/{NOOR}")).await?;
    assert_eq!(found.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_guest_who_may_not_sign_in_is_told_so_on_every_page_and_so_is_the_client() -> Result<()> {
    let (stranger, microsoft) = acme(TenantSwitches {
        guest_sign_in: Some(false),
        ..TenantSwitches::default()
    })
    .await?;
    let app = microsoft.app_token().await?;
    let invited = microsoft.invite(&app, NOOR).await?;
    let (device_code, user_code) = microsoft.device_code().await?;
    let page = microsoft.type_code(&user_code, NOOR).await?.page();
    assert!(page.contains("AADSTS500213"), "{page}");
    let refused = microsoft.poll(&device_code).await?;
    assert_eq!(refused.text("error"), "invalid_grant");
    assert_eq!(refused.number(), Some(500_213));
    let refused = microsoft.authorize(NOOR, true).await?;
    assert!(refused.status == 403 && refused.page().contains("AADSTS500213"));
    let accept = microsoft.http.post(invited.text("inviteRedeemUrl"));
    let accept = accept.form(&[("answer", "accept")]).send().await?;
    assert_eq!(accept.status(), StatusCode::FORBIDDEN);
    let path = format!("/users/{NOOR}?$select=externalUserState");
    let state = microsoft.get(&app, &path).await?.text("externalUserState");
    assert_eq!(state, "PendingAcceptance");

    // Who got in before is kept out later, too.
    let let_in = |guest_sign_in| TenantSwitches {
        guest_sign_in: Some(guest_sign_in),
        ..TenantSwitches::default()
    };
    stranger.control.set_tenant(&let_in(true)).await?;
    let granted = microsoft.by_device(NOOR).await?;
    let refresh = granted.text("refresh_token");
    assert_eq!(microsoft.refreshed(&refresh).await?.status, 200);
    stranger.control.set_tenant(&let_in(false)).await?;
    assert_eq!(microsoft.refreshed(&refresh).await?.number(), Some(500_213));
    assert_eq!(microsoft.by_device(PIA).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_blocked_device_code_is_given_out_and_refused_once_somebody_signed_in() -> Result<()> {
    let (_stranger, microsoft) = acme(TenantSwitches {
        device_code: Some(false),
        ..TenantSwitches::default()
    })
    .await?;
    let (device_code, user_code) = microsoft.device_code().await?;
    let waiting = microsoft.poll(&device_code).await?;
    assert_eq!(waiting.text("error"), "authorization_pending");
    let page = microsoft.type_code(&user_code, PIA).await?.page();
    assert!(page.contains("AADSTS53003"), "{page}");
    let refused = microsoft.poll(&device_code).await?;
    assert_eq!(refused.text("error"), "invalid_grant");
    assert_eq!(refused.text("suberror"), "message_only");
    assert_eq!(refused.number(), Some(53_003));
    let by_link = microsoft.authorize(PIA, true).await?;
    assert!(by_link.sent_back("code").is_some());
    Ok(())
}

#[tokio::test]
async fn chat_scopes_that_only_an_administrator_grants_wait_for_them() -> Result<()> {
    let (_stranger, microsoft) = acme(TenantSwitches {
        user_consent: Some(false),
        ..TenantSwitches::default()
    })
    .await?;
    let refused = microsoft.by_device(PIA).await?;
    assert_eq!(refused.text("error"), "invalid_grant");
    assert_eq!(refused.text("suberror"), "consent_required");
    assert_eq!(refused.number(), Some(65_001));
    let refused = microsoft.authorize(PIA, true).await?;
    assert_eq!(refused.sent_back("error").as_deref(), Some("access_denied"));
    assert_eq!(refused.sent_back("state").as_deref(), Some("s"));
    let why = refused.sent_back("error_description").context("a reason")?;
    assert!(why.starts_with("AADSTS90094: ") && why.contains("admin consent"));
    // What was granted before stays.
    assert_eq!(microsoft.by_device(ANN).await?.status, 200);

    let page = format!("{}/acme.example/v2.0/adminconsent", microsoft.entra);
    let client = microsoft.credential("client_id");
    let visit = async |client: &str| -> Result<common::microsoft::Answer> {
        let query = [
            ("client_id", client),
            ("scope", "https://graph.microsoft.com/.default"),
            ("redirect_uri", common::microsoft::REDIRECT),
        ];
        common::microsoft::ask(microsoft.http.get(&page).query(&query)).await
    };
    assert_eq!(visit("somebody else").await?.status, 400);
    let agreed = visit(&client).await?;
    assert_eq!(agreed.sent_back("admin_consent").as_deref(), Some("True"));
    let granted = microsoft.by_device(PIA).await?;
    assert!(granted.text("scope").contains("Chat.ReadWrite"));
    let straight = microsoft.authorize("otto@acme.example", false).await?;
    let code = straight.sent_back("code").context("a code")?;
    assert_eq!(microsoft.redeem_code(&code).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_second_factor_is_given_in_a_browser_only_and_lasts_with_the_session() -> Result<()> {
    let (_stranger, microsoft) = acme(TenantSwitches {
        mfa: Some(true),
        ..TenantSwitches::default()
    })
    .await?;
    let refused = microsoft.refreshed(&microsoft.refresh_token(ANN)).await?;
    assert_eq!(refused.text("error"), "invalid_grant");
    assert_eq!(refused.text("suberror"), "basic_action");
    assert_eq!(refused.number(), Some(50_076));
    let claims: Value = serde_json::from_str(&refused.text("claims"))?;
    assert!(claims["access_token"]["capolids"]["values"][0].is_string());

    let by_device = microsoft.by_device(ANN).await?;
    let again = microsoft
        .refreshed(&by_device.text("refresh_token"))
        .await?;
    assert_eq!(again.status, 200, "{}", again.body);
    let once_more = microsoft.refreshed(&again.text("refresh_token")).await?;
    assert_eq!(once_more.status, 200);
    let by_link = microsoft.authorize(ANN, true).await?;
    let code = by_link.sent_back("code").context("a code")?;
    let by_link = microsoft.redeem_code(&code).await?;
    let again = microsoft.refreshed(&by_link.text("refresh_token")).await?;
    assert_eq!(again.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_password_is_taken_only_where_the_tenant_lets_it_through() -> Result<()> {
    let (stranger, microsoft) = acme(TenantSwitches::default()).await?;
    let app = microsoft.app_token().await?;
    microsoft.guest(&app, NOOR).await?;
    let told = stranger.control.credentials().await?;
    let password = told["credentials"]["entra"]["guest_passwords"][NOOR]
        .as_str()
        .context("a password")?
        .to_owned();
    let refused = async |login: &str, password: &str| -> Result<Option<u64>> {
        let answer = microsoft.with_password(login, password).await?;
        assert_eq!(answer.text("error"), "invalid_grant", "{}", answer.body);
        Ok(answer.number())
    };
    assert_eq!(refused("nobody@lattice.example", "x").await?, Some(50_034));
    assert_eq!(refused(ANN, "wrong").await?, Some(50_126));
    // An invitation is redeemed by a person, never by a program.
    assert_eq!(refused(NOOR, &password).await?, Some(50_020));
    microsoft.by_device(NOOR).await?;
    assert_eq!(refused(NOOR, &password).await?, Some(50_034));

    let switch = |password_grant, mfa| TenantSwitches {
        password_grant: Some(password_grant),
        mfa: Some(mfa),
        ..TenantSwitches::default()
    };
    stranger.control.set_tenant(&switch(true, false)).await?;
    assert_eq!(refused(NOOR, "wrong").await?, Some(50_126));
    let granted = microsoft.with_password(NOOR, &password).await?;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let me = microsoft.get(&granted.text("access_token"), "/me").await?;
    assert_eq!(me.text("mail"), NOOR);
    stranger.control.set_tenant(&switch(true, true)).await?;
    assert_eq!(refused(NOOR, &password).await?, Some(50_076));
    Ok(())
}

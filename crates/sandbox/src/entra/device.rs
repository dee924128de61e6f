//! The device authorization grant: a link and a code, and the page where a person types it.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>

use axum::response::Html;
use serde_json::{Value, json};

use super::{
    authorize::escape,
    grants::{DEVICE_INTERVAL, DEVICE_LIFE, Session},
    refusal::TokenRefusal,
    sign_in::Door,
    token::{Form, check_client, read_scopes},
};
use crate::graph::Tenant;

/// The path of the page where a code is typed.
pub const PAGE: &str = "/common/oauth2/deviceauth";

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub fn begin(tenant: &Tenant, form: &Form) -> Result<Value, TokenRefusal> {
    check_client(tenant, form)?;
    let scope = form
        .get("scope")
        .ok_or_else(|| TokenRefusal::missing("scope"))?;
    let asked = read_scopes(tenant, scope)?;
    let scopes = if asked.default {
        super::scopes::DELEGATED.to_vec()
    } else {
        asked.graph.clone()
    };
    let (device_code, user_code) = tenant.grants().issue_device(
        &tenant.mint,
        scopes,
        (asked.openid, asked.offline),
        tenant.now(),
    );
    let uri = format!("{}{PAGE}", tenant.urls.entra);
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": uri,
        "expires_in": DEVICE_LIFE / 1000,
        "interval": DEVICE_INTERVAL / 1000,
        "message": format!(
            "To sign in, use a web browser to open the page {uri} and enter the code {user_code} \
             to authenticate."
        ),
    }))
}

/// The page behind `verification_uri`.
pub fn page(note: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Sign in to your account</title>\
         <h1>Enter code</h1><p>{}</p>\
         <form method=post><p><label>Code <input name=otc></label></p>\
         <p><label>Account <input name=login type=email></label></p>\
         <p><button name=answer value=accept>Sign in and accept</button> \
         <button name=answer value=decline>Cancel</button></p></form>",
        escape(note)
    ))
}

/// What the page posts: the code, the account that signs in, and `accept` or `decline`.
pub fn submit(tenant: &Tenant, form: &Form) -> Html<String> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let grant = field("answer") == "accept";
    page(
        &tenant
            .enter_device_code(field("otc"), field("login"), grant)
            .to_string(),
    )
}

/// What became of a code that somebody typed; as text, what the page then says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Entered {
    #[error("You have signed in. You may close this window.")]
    SignedIn,
    #[error("Cancelled.")]
    Declined,
    #[error("You can't get there from here. {}", .0.description())]
    Refused(TokenRefusal),
    #[error("That code didn't work. Check the code and the account, and try again.")]
    NotOpen,
}

impl Tenant {
    /// Answers a device code as the person with this address would in a browser: signs in and
    /// consents to what was asked, or declines. `false` where no open code or account fits.
    pub fn answer_device_code(&self, user_code: &str, email: &str, grant: bool) -> bool {
        self.enter_device_code(user_code, email, grant) != Entered::NotOpen
    }

    /// The same, with what came of it. Where the tenant's policies refuse the person, the client
    /// that polls is told.
    pub fn enter_device_code(&self, user_code: &str, email: &str, grant: bool) -> Entered {
        let now = self.now();
        let user = self.state().directory.resolve(email).cloned();
        let scopes = self.grants().open_device(user_code, now);
        let (Some(user), Some(scopes)) = (user.filter(|user| user.enabled), scopes) else {
            return Entered::NotOpen;
        };
        let answer = grant.then(|| {
            self.sign_in(&user, &scopes, Door::DevicePage)
                .map(|()| Session {
                    user: user.id,
                    strength: self.strength_at_a_page(),
                    native: false,
                })
        });
        let entered = match &answer {
            Some(Ok(_)) => Entered::SignedIn,
            Some(Err(refusal)) => Entered::Refused(refusal.clone()),
            None => Entered::Declined,
        };
        if self.grants().answer_device(user_code, answer, now) {
            entered
        } else {
            Entered::NotOpen
        }
    }

    /// The user codes that wait for somebody.
    pub(crate) fn open_user_codes(&self) -> Vec<String> {
        self.grants().open_user_codes(self.now())
    }
}

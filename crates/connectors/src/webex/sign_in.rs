//! Signing people in at Webex, so that the hub may act as their account; and the administrator, with
//! whose eyes it reads.
//!
//! Source: <https://developer.webex.com/docs/integrations>,
//! <https://developer.webex.com/docs/login-with-webex>, "Device Grant Flow".

use std::time::Duration;

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, SignInWay};
use serde::Deserialize;
use url::Url;

use super::{
    api::Api,
    purpose::SOCKET_SCOPES,
    settings::Hear,
    sign_in_refusal::{is_pending, is_slow_down, meaning},
    token_endpoint::{App, Granted, Refused},
};
use crate::{
    AuthorizeLink, DeviceCode, DevicePoll, Secret, SignIn, SignInFailure, SignedIn, TokenOwner,
};

const WAYS: [SignInWay; 2] = [SignInWay::DeviceCode, SignInWay::Link];
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Where no interval is told. RFC 8628 section 3.2.
const INTERVAL_S: f64 = 5.0;

/// What is done with a person's token: rooms found, messages written, edited, deleted and read back,
/// and asking whose it is.
pub const PEOPLE_SCOPES: [&str; 6] = [
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:messages_read",
    "spark:messages_write",
    "spark:memberships_read",
];

/// What is done with the administrator's, who is a full administrator and a compliance officer:
/// everybody found, and everything heard that is said in the organisation.
pub const ADMINISTRATOR_SCOPES: [&str; 6] = [
    "spark:people_read",
    "spark-admin:people_read",
    "spark-admin:organizations_read",
    "spark-compliance:events_read",
    "spark-compliance:messages_read",
    "spark-compliance:memberships_read",
];

/// As [`PEOPLE_SCOPES`], where people are heard by sockets of their own.
const PEOPLE_SCOPES_OF_SOCKETS: [&str; 8] = [
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:messages_read",
    "spark:messages_write",
    "spark:memberships_read",
    SOCKET_SCOPES[0],
    SOCKET_SCOPES[1],
];

/// What is left of [`ADMINISTRATOR_SCOPES`] where nothing is heard through the administrator: a
/// compliance officer they need not be then.
pub const DIRECTORY_SCOPES: [&str; 3] = [
    "spark:people_read",
    "spark-admin:people_read",
    "spark-admin:organizations_read",
];

/// What people are asked for.
pub(super) fn people_scopes(hear: Hear) -> &'static [&'static str] {
    match hear {
        Hear::Events => &PEOPLE_SCOPES,
        Hear::Sockets => &PEOPLE_SCOPES_OF_SOCKETS,
    }
}

/// What the administrator is asked for.
pub(super) fn administrator_scopes(hear: Hear) -> &'static [&'static str] {
    match hear {
        Hear::Events => &ADMINISTRATOR_SCOPES,
        Hear::Sockets => &DIRECTORY_SCOPES,
    }
}

/// The Integration, asked for one set of scopes.
pub(super) struct WebexSignIn {
    api: Api,
    scopes: &'static [&'static str],
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    interval: Option<f64>,
    expires_in: f64,
}

#[async_trait]
impl SignIn for WebexSignIn {
    fn ways(&self) -> &'static [SignInWay] {
        &WAYS
    }

    async fn begin_device(&self) -> Result<DeviceCode, SignInFailure> {
        let scope = self.scopes.join(" ");
        let form = [("scope", scope.as_str())];
        let begun: Result<Begun, Refused> = self.api.endpoint().ask_for_code(&form).await;
        let begun = begun.map_err(|refused| code_refused(&refused))?;
        let life = self.by_our_clock(begun.expires_in);
        Ok(DeviceCode {
            secret: Secret::new(begun.device_code),
            user_code: begun.user_code,
            // The page with the code in it, where Webex has one, is one thing less to type.
            verification_uri: begun
                .verification_uri_complete
                .unwrap_or(begun.verification_uri),
            interval_ms: self
                .by_our_clock(begun.interval.unwrap_or(INTERVAL_S))
                .unsigned_abs(),
            expires_at: self.api.clock().now().plus_ms(life),
        })
    }

    async fn poll_device(&self, code: &Secret) -> Result<DevicePoll, SignInFailure> {
        let form = [("grant_type", DEVICE_GRANT), ("device_code", code.reveal())];
        let granted: Result<Granted, Refused> = self.api.endpoint().ask_about_code(&form).await;
        match granted {
            Ok(granted) => Ok(DevicePoll::SignedIn(self.signed_in(granted).await?)),
            Err(refused) if is_slow_down(&refused) => Ok(DevicePoll::SlowDown),
            Err(refused) if is_pending(&refused) => Ok(DevicePoll::Pending),
            Err(refused) => Err(meaning(&refused)),
        }
    }

    fn authorize_url(&self, link: &AuthorizeLink<'_>) -> Option<Url> {
        let mut url = self.api.endpoint().authorize_url();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.api.settings().client_id)
            .append_pair("redirect_uri", link.callback.as_str())
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("state", link.state)
            .append_pair("code_challenge", link.challenge)
            .append_pair("code_challenge_method", "S256");
        Some(url)
    }

    /// The app proves itself beside the verifier: an Integration has a secret, also with PKCE.
    async fn redeem_code(
        &self,
        code: &str,
        callback: &Url,
        verifier: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback.as_str()),
            ("code_verifier", verifier.reveal()),
        ];
        let granted = self.api.endpoint().ask(App::Integration, &form).await;
        let granted = granted.map_err(|refused| meaning(&refused))?;
        self.signed_in(granted).await
    }

    fn read_error(&self, error: &str, description: Option<&str>) -> SignInFailure {
        let words = format!("{error}\n{}", description.unwrap_or_default()).to_lowercase();
        meaning(&Refused::Said {
            status: reqwest::StatusCode::BAD_REQUEST,
            words,
        })
    }

    async fn with_password(
        &self,
        _name: &str,
        _password: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        Err(SignInFailure::NotSupported("no_password_grant".to_owned()))
    }

    fn tenant_consent_url(&self, _callback: Option<&Url>, _state: &str) -> Option<Url> {
        None
    }
}

impl WebexSignIn {
    pub(super) fn of_people(api: Api) -> Self {
        Self {
            scopes: people_scopes(api.settings().hear),
            api,
        }
    }

    pub(super) fn of_administrator(api: Api) -> Self {
        Self {
            scopes: administrator_scopes(api.settings().hear),
            api,
        }
    }

    fn by_our_clock(&self, seconds: f64) -> i64 {
        let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.api.settings().by_our_clock(time)
    }

    async fn signed_in(&self, granted: Granted) -> Result<SignedIn, SignInFailure> {
        let mut tokens = self.api.endpoint().token_set(granted, None);
        let access = tokens.access.as_ref().ok_or_else(no_token)?;
        let person = self.api.whose(access).await?;
        self.check_organisation(person.org_id.as_deref()).await?;
        if tokens.scopes.is_empty() {
            // Left out where they are what was asked for. RFC 6749 section 5.1.
            tokens.scopes = self.scopes.join(" ");
        }
        Ok(SignedIn {
            account: ExternalAccount::new(person.id),
            tokens,
        })
    }

    /// The administrator is the first to sign in, and theirs is the organisation.
    async fn check_organisation(&self, theirs: Option<&str>) -> Result<(), SignInFailure> {
        let administrator = self.api.tokens().scopes(&TokenOwner::AppLevel).await;
        if administrator.is_err_and(|failure| failure.code == "no_token") {
            return Ok(());
        }
        match self.api.organisation().await? {
            own if theirs.is_none_or(|theirs| theirs == own) => Ok(()),
            _ => Err(SignInFailure::WrongOrganisation),
        }
    }
}

/// An Integration without the redirects of the device grant may not give codes: that is nothing the
/// person could do about.
fn code_refused(refused: &Refused) -> SignInFailure {
    match meaning(refused) {
        SignInFailure::NotSupported(code) => SignInFailure::DeviceCodeBlocked(code),
        other => other,
    }
}

fn no_token() -> Failure {
    Failure::new(FailureKind::NotSent, "unreadable_answer", "sign_in")
}

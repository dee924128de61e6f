//! Signing people in by a link, so that the app may act as them.
//!
//! Source: <https://docs.slack.dev/authentication/installing-with-oauth>.

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, SignInWay};
use url::Url;

use super::{
    Settings, SlackConnector,
    manifest::user_scopes,
    tokens::REFRESH_ENDS_AT,
    wire::{AuthedUser, CodeAnswer},
};
use crate::{
    connector::{AuthorizeLink, DeviceCode, DevicePoll, SignIn, SignInFailure, SignedIn},
    vault::{Secret, TokenSet},
};

pub(super) const DOING: &str = "oauth.v2.access";

/// The app as people authorise it.
pub(super) struct AppOfPeople {
    authorize_url: Url,
    client_id: String,
    client_secret: Option<Secret>,
}

impl AppOfPeople {
    /// None where the app's id is not known.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        Some(Self {
            // `https://slack.com/api/` stands beside `https://slack.com/oauth/`.
            authorize_url: settings.api_url.join("../oauth/v2/authorize").ok()?,
            client_id: settings.client_id.clone()?,
            client_secret: settings.client_secret.clone(),
        })
    }
}

#[async_trait]
impl SignIn for SlackConnector {
    fn ways(&self) -> &'static [SignInWay] {
        let app = self.sign_in.as_ref();
        match app.and_then(|app| app.client_secret.as_ref()) {
            Some(_) => &[SignInWay::Link],
            None => &[],
        }
    }

    async fn begin_device(&self) -> Result<DeviceCode, SignInFailure> {
        Err(no_such_way("device_code"))
    }

    async fn poll_device(&self, _code: &Secret) -> Result<DevicePoll, SignInFailure> {
        Err(no_such_way("device_code"))
    }

    /// The challenge is left out: an app that uses PKCE once is a public client to Slack from then
    /// on, which cannot be undone and costs it its bot. The secret proves what the verifier would.
    fn authorize_url(&self, link: &AuthorizeLink<'_>) -> Option<Url> {
        let app = self.sign_in.as_ref()?;
        app.client_secret.as_ref()?;
        let mut url = app.authorize_url.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &app.client_id)
            .append_pair("user_scope", &user_scopes().join(","))
            .append_pair("redirect_uri", link.callback.as_str())
            .append_pair("state", link.state);
        // Who is signed in to several workspaces is shown the right one.
        if let Some(team) = self.own.known().and_then(|own| own.team_id.clone()) {
            query.append_pair("team", &team);
        }
        drop(query);
        Some(url)
    }

    async fn redeem_code(
        &self,
        code: &str,
        callback: &Url,
        _verifier: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        let app = self.sign_in.as_ref();
        let secret = app.and_then(|app| Some((app, app.client_secret.as_ref()?)));
        let Some((app, secret)) = secret else {
            return Err(no_such_way("no_client_secret"));
        };
        let fields = [
            ("client_id", app.client_id.clone()),
            ("client_secret", secret.reveal().to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", callback.to_string()),
        ];
        let answer = self.api.redeem::<CodeAnswer>(&fields).await;
        let answer = answer.map_err(refused)?;
        self.check_workspace(&answer).await?;
        let user = answer.authed_user.ok_or_else(no_user_token)?;
        self.signed_in(user)
    }

    /// Source: <https://docs.slack.dev/authentication/installing-with-oauth#errors>.
    fn read_error(&self, error: &str, _description: Option<&str>) -> SignInFailure {
        refused(Failure::new(FailureKind::Rejected, tidy(error), DOING))
    }

    async fn with_password(
        &self,
        _name: &str,
        _password: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        Err(no_such_way("password"))
    }

    /// Slack knows an app's installation, which the hub has already, and nothing beyond it.
    fn tenant_consent_url(&self, _callback: Option<&Url>, _state: &str) -> Option<Url> {
        None
    }
}

impl SlackConnector {
    async fn check_workspace(&self, answer: &CodeAnswer) -> Result<(), SignInFailure> {
        let own = self.own.get(&self.api).await?;
        let theirs = answer.team.as_ref().map(|team| team.id.as_str());
        match (own.team_id.as_deref(), theirs) {
            (Some(ours), Some(theirs)) if ours == theirs => Ok(()),
            (Some(_), _) => Err(SignInFailure::WrongOrganisation),
            (None, _) => Err(Failure::new(FailureKind::NotSent, "unknown_team", DOING).into()),
        }
    }

    fn signed_in(&self, user: AuthedUser) -> Result<SignedIn, SignInFailure> {
        let access = user.access_token.map(Secret::new);
        let access = access.ok_or_else(no_user_token)?;
        let life_ms = user.expires_in.map(|seconds| seconds.saturating_mul(1_000));
        Ok(SignedIn {
            account: ExternalAccount::new(user.id),
            tokens: TokenSet {
                access: Some(access),
                expires_at: life_ms.map(|ms| self.clock.now().plus_ms(ms)),
                refresh: user.refresh_token.map(Secret::new),
                refresh_ends_at: REFRESH_ENDS_AT,
                scopes: user.scope.unwrap_or_default().replace(',', " "),
            },
        })
    }
}

/// What an error means, by the browser or by the exchange of the code. No sign-in came of it,
/// whatever became of the request.
pub(super) fn refused(mut failure: Failure) -> SignInFailure {
    if failure.kind == FailureKind::Unknown {
        failure.kind = FailureKind::NotSent;
    }
    match failure.code.as_str() {
        "access_denied" => SignInFailure::Declined,
        "invalid_code" | "code_already_used" | "code_expired" => SignInFailure::Expired,
        "invalid_team_for_non_distributed_app" | "team_mismatch" => {
            SignInFailure::WrongOrganisation
        }
        "restricted_action" | "no_permission" | "team_access_not_granted" => {
            SignInFailure::AdministratorOnly(failure.code)
        }
        "account_inactive" | "user_is_restricted" | "user_is_ultra_restricted" => {
            SignInFailure::Forbidden(failure.code)
        }
        _ => SignInFailure::Failed(failure),
    }
}

fn no_such_way(way: &str) -> SignInFailure {
    SignInFailure::NotSupported(way.to_owned())
}

/// The app was installed anew instead: nobody gave it a token of their own.
fn no_user_token() -> SignInFailure {
    Failure::new(FailureKind::Rejected, "no_user_token", DOING).into()
}

/// What a browser brought, as far as it is a code.
pub(super) fn tidy(error: &str) -> String {
    let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    error.chars().filter(is_word).take(60).collect()
}

//! Signing people in by a link, so that the hub may act as their account.
//!
//! What they are asked for is what the app was given in the Marketplace: the address names no scopes.
//! A code to type elsewhere exists for the Meeting SDK alone.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth/>.

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, SignInWay};
use url::Url;

use super::{
    api::Api,
    settings::UserApp,
    token_endpoint::{App, Refused, Said},
};
use crate::{
    AuthorizeLink, DeviceCode, DevicePoll, Secret, SignIn, SignInFailure, SignedIn, TokenSet,
};

const DOING: &str = "sign_in";

/// The app that people authorise.
pub(super) struct ZoomSignIn {
    api: Api,
}

impl ZoomSignIn {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    fn app(&self) -> Option<&UserApp> {
        let settings = self.api.settings();
        let app = settings.user_app.as_ref()?;
        (app.public || settings.user_app_secret.is_some()).then_some(app)
    }

    async fn signed_in(&self, tokens: TokenSet) -> Result<SignedIn, SignInFailure> {
        let access = tokens.access.as_ref().ok_or_else(no_token)?;
        let user = self.api.whose(access).await?;
        // One that does not say whose it is may be anybody's.
        if user.account_id.as_deref() != Some(self.api.settings().account_id.trim()) {
            return Err(SignInFailure::WrongOrganisation);
        }
        self.api.people().remember(&user);
        Ok(SignedIn {
            account: ExternalAccount::new(user.id),
            tokens,
        })
    }
}

#[async_trait]
impl SignIn for ZoomSignIn {
    fn ways(&self) -> &'static [SignInWay] {
        match self.app() {
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

    fn authorize_url(&self, link: &AuthorizeLink<'_>) -> Option<Url> {
        let app = self.app()?;
        let mut url = self.api.settings().authorize_url();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &app.client_id)
            .append_pair("redirect_uri", link.callback.as_str())
            .append_pair("state", link.state)
            .append_pair("code_challenge", link.challenge)
            .append_pair("code_challenge_method", "S256");
        Some(url)
    }

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
        let given = self.api.endpoint().ask(App::OfPeople, &form).await;
        self.signed_in(given.map_err(|refused| meaning(&refused))?)
            .await
    }

    fn read_error(&self, error: &str, description: Option<&str>) -> SignInFailure {
        let said = Said::elsewhere(error, description.unwrap_or_default());
        meaning(&Refused::Said(said))
    }

    async fn with_password(
        &self,
        _name: &str,
        _password: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        Err(no_such_way("password"))
    }

    /// Zoom's administrators approve an app in the Marketplace, where no link leads.
    fn tenant_consent_url(&self, _callback: Option<&Url>, _state: &str) -> Option<Url> {
        None
    }
}

/// What a refusal means to whoever signs in.
fn meaning(refused: &Refused) -> SignInFailure {
    let said = match refused {
        Refused::Failed(failure) => return failure.clone().into(),
        Refused::Said(said) => said,
    };
    match said.error.as_str() {
        // An account may want its apps approved before people authorise them.
        _ if said.reason.contains("administrator") => SignInFailure::AdministratorOnly(said.word()),
        "access_denied" => SignInFailure::Declined,
        "invalid_grant" if is_about_code(&said.reason) => SignInFailure::Expired,
        "unauthorized_client" | "unsupported_grant_type" => {
            SignInFailure::NotSupported(said.word())
        }
        "server_error" | "temporarily_unavailable" => {
            Failure::new(FailureKind::NotSent, said.word(), DOING).into()
        }
        "invalid_client" => Failure::new(FailureKind::NotAuthorised, said.word(), DOING).into(),
        _ => Failure::new(FailureKind::Rejected, said.word(), DOING).into(),
    }
}

/// Used before, or not in time; another redirect or verifier is told in other words.
fn is_about_code(reason: &str) -> bool {
    reason.contains("authorization code") || reason.contains("expired")
}

fn no_such_way(way: &str) -> SignInFailure {
    SignInFailure::NotSupported(way.to_owned())
}

fn no_token() -> Failure {
    Failure::new(FailureKind::NotSent, "unreadable_answer", DOING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_means_one_thing_to_whoever_signs_in() {
        let failed = |kind, word: &str| Failure::new(kind, word, DOING).into();
        let table = [
            ("access_denied", "", SignInFailure::Declined),
            (
                "access_denied",
                "Ask your administrator to approve it.",
                SignInFailure::AdministratorOnly("access_denied".to_owned()),
            ),
            (
                "invalid_grant",
                "Invalid authorization code",
                SignInFailure::Expired,
            ),
            (
                "invalid_grant",
                "Redirect URI mismatch",
                failed(FailureKind::Rejected, "invalid_grant"),
            ),
            (
                "unauthorized_client",
                "",
                SignInFailure::NotSupported("unauthorized_client".to_owned()),
            ),
            (
                "invalid_client",
                "",
                failed(FailureKind::NotAuthorised, "invalid_client"),
            ),
            (
                "Somebody's <own> words",
                "",
                failed(FailureKind::Rejected, "http_400"),
            ),
        ];
        for (error, reason, meant) in table {
            let said = Refused::Said(Said::elsewhere(error, reason));
            assert_eq!(meaning(&said), meant, "{error}: {reason}");
        }
    }
}

//! Signing in at a model platform, by device code.

use async_trait::async_trait;
use causeway_connectors::{
    AuthorizeLink, DeviceCode, DevicePoll, Secret, SignIn, SignInFailure, SignedIn, TokenSet,
};
use causeway_model::{Clock, SignInWay};
use url::Url;

use super::{
    connector::ModelConnector,
    platform::{Call, CodeUse, DeviceCodeUse, ModelPlatform},
};

/// How long a device code is good.
const CODE_LIFE_MS: i64 = 15 * 60_000;

#[async_trait]
impl SignIn for ModelConnector {
    fn ways(&self) -> &'static [SignInWay] {
        &[SignInWay::DeviceCode]
    }

    async fn begin_device(&self) -> Result<DeviceCode, SignInFailure> {
        let effect = |platform: &ModelPlatform| {
            let expires_at = platform.clock.now().plus_ms(CODE_LIFE_MS);
            let mut state = platform.state();
            let code = format!("CODE-{}", state.number());
            let open = DeviceCodeUse {
                expires_at,
                used: None,
            };
            state.codes.insert(code.clone(), open);
            Ok(((code, expires_at), None))
        };
        let (code, expires_at) = self.call(Call::SignIn, effect).await?;
        Ok(DeviceCode {
            secret: Secret::new(code.clone()),
            user_code: code,
            verification_uri: "https://model.example/device".to_owned(),
            interval_ms: 5_000,
            expires_at,
        })
    }

    async fn poll_device(&self, code: &Secret) -> Result<DevicePoll, SignInFailure> {
        let now = self.0.clock.now();
        let mut state = self.0.state();
        let Some(open) = state.codes.get(code.reveal()).cloned() else {
            return Err(SignInFailure::Expired);
        };
        match open.used {
            // A code gives its token once.
            Some(CodeUse::SignedIn(account)) => {
                state.codes.remove(code.reveal());
                Ok(DevicePoll::SignedIn(SignedIn {
                    account,
                    tokens: TokenSet {
                        access: Some(Secret::new("token")),
                        expires_at: None,
                        refresh: None,
                        refresh_ends_at: None,
                        scopes: "Chat.ReadWrite".to_owned(),
                    },
                }))
            }
            Some(CodeUse::Declined) => Err(SignInFailure::Declined),
            Some(CodeUse::Refused) => Err(SignInFailure::AdministratorOnly("E1".to_owned())),
            None if open.expires_at <= now => Err(SignInFailure::Expired),
            None => Ok(DevicePoll::Pending),
        }
    }

    fn authorize_url(&self, _link: &AuthorizeLink<'_>) -> Option<Url> {
        None
    }

    async fn redeem_code(
        &self,
        _code: &str,
        _callback: &Url,
        _verifier: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        Err(SignInFailure::NotSupported("model".to_owned()))
    }

    fn read_error(&self, _error: &str, _description: Option<&str>) -> SignInFailure {
        SignInFailure::Declined
    }

    async fn with_password(
        &self,
        _name: &str,
        _password: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        Err(SignInFailure::NotSupported("model".to_owned()))
    }

    fn tenant_consent_url(&self, _callback: Option<&Url>, _state: &str) -> Option<Url> {
        None
    }
}

//! Tokens from Microsoft Entra, kept in the vault and renewed once for all who wait.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>, "Refresh
//! the access token"; `v2-oauth2-client-creds-grant-flow`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use causeway_model::{Clock, Failure, FailureKind, Random, Timestamp};
use oauth2::{
    AuthType, ClientId, EndpointNotSet, EndpointSet, RefreshToken, Scope, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
};
use serde::Deserialize;

use super::{
    settings::Settings,
    token_endpoint::{Asked, Endpoint},
};
use crate::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};

/// A token this close to its end is renewed before it is used.
const RENEW_BEFORE_MS: i64 = 5 * 60 * 1_000;
/// Entra's code for a secret that a public client must not send.
const PUBLIC_CLIENT: &str = "AADSTS700025";

type Oauth =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub(super) struct Tokens {
    settings: Arc<Settings>,
    endpoint: Endpoint,
    vault: Arc<dyn TokenVault>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// One renewal at a time per owner.
    gates: Mutex<HashMap<TokenOwner, Arc<tokio::sync::Mutex<()>>>>,
}

/// What an access token says about whom it is for, where it can be read.
#[derive(Debug, Default, Deserialize)]
struct Claims {
    oid: Option<String>,
    tid: Option<String>,
    upn: Option<String>,
    preferred_username: Option<String>,
    unique_name: Option<String>,
    /// Of a delegated token, separated by spaces.
    scp: Option<String>,
    /// Of an application token.
    roles: Option<Vec<String>>,
}

impl Claims {
    fn permissions(self) -> Option<Vec<String>> {
        let scopes = self.scp.map(|scopes| {
            let scopes = scopes.split_whitespace();
            scopes.map(str::to_owned).collect()
        });
        self.roles.or(scopes)
    }
}

impl Tokens {
    pub(super) fn new(
        settings: Arc<Settings>,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            endpoint: Endpoint::new(http, clock.clone()),
            settings,
            vault,
            clock,
            random,
            gates: Mutex::default(),
        }
    }

    /// An access token that is good for some minutes, renewed first where need be.
    pub(super) async fn access(&self, owner: &TokenOwner) -> Result<Secret, Failure> {
        if let Some(fresh) = self.stored(owner).await?.and_then(|set| self.fresh(&set)) {
            return Ok(fresh);
        }
        let gate = self.gate(owner);
        let _renewing = gate.lock().await;
        let stored = self.stored(owner).await?;
        if let Some(fresh) = stored.as_ref().and_then(|set| self.fresh(set)) {
            return Ok(fresh);
        }
        let renewed = self.renew(owner, stored.as_ref()).await;
        match (renewed, stored) {
            // It is near its end, not at it: better than none while Entra is out of reach.
            (Err(failure), Some(set)) if !is_final(&failure) => self.unexpired(&set).ok_or(failure),
            (renewed, _) => renewed,
        }
    }

    /// Another access token after Graph refused this one, unless it has been replaced meanwhile.
    pub(super) async fn access_instead_of(
        &self,
        owner: &TokenOwner,
        refused: &Secret,
    ) -> Result<Secret, Failure> {
        let gate = self.gate(owner);
        let _renewing = gate.lock().await;
        let stored = self.stored(owner).await?;
        let replaced = stored
            .as_ref()
            .filter(|set| set.access.as_ref() != Some(refused))
            .and_then(|set| self.fresh(set));
        match replaced {
            Some(fresh) => Ok(fresh),
            None => self.renew(owner, stored.as_ref()).await,
        }
    }

    fn gate(&self, owner: &TokenOwner) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(owner.clone()).or_default().clone()
    }

    async fn stored(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, Failure> {
        self.vault
            .token(owner)
            .await
            .map_err(|error| kept_not(&error))
    }

    fn fresh(&self, set: &TokenSet) -> Option<Secret> {
        self.good_for(set, RENEW_BEFORE_MS)
    }

    fn unexpired(&self, set: &TokenSet) -> Option<Secret> {
        self.good_for(set, 0)
    }

    fn good_for(&self, set: &TokenSet, ms: i64) -> Option<Secret> {
        let soon = self.clock.now().plus_ms(ms);
        let good = set.expires_at.is_none_or(|end| end > soon);
        set.access.clone().filter(|_| good)
    }

    async fn renew(
        &self,
        owner: &TokenOwner,
        stored: Option<&TokenSet>,
    ) -> Result<Secret, Failure> {
        let answer = match owner {
            TokenOwner::AppLevel => self.by_credentials().await,
            TokenOwner::App | TokenOwner::Account(_) => self.by_refresh(stored).await,
            // The application itself invites guests.
            TokenOwner::GuestIssuer => Err(Asked::Failed(no_token("no_guest_issuer"))),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(Asked::Failed(failure)) => return Err(failure),
            Err(Asked::Refused(failure)) => return Err(self.revoked(owner, failure).await),
        };
        let access = answer.access_token().secret().clone();
        if !self.is_for(owner, &access) {
            let failure = Failure::new(FailureKind::Forbidden, "wrong_person", "token");
            return Err(self.revoked(owner, failure).await);
        }
        let set = self.set_from(&answer, access, stored);
        self.vault
            .renewed(owner, &set)
            .await
            .map_err(|error| kept_not(&error))?;
        set.access
            .ok_or_else(|| Failure::new(FailureKind::NotAuthorised, "no_token", "token"))
    }

    async fn by_credentials(&self) -> Result<BasicTokenResponse, Asked> {
        if !self.settings.proves_itself() {
            return Err(Asked::Failed(no_token("no_client_secret")));
        }
        let http = self.endpoint.call();
        let client = self.client();
        let mut request = client
            .exchange_client_credentials()
            .add_scope(Scope::new(self.settings.application_scope()));
        for (name, value) in self.proof(true) {
            request = request.add_extra_param(name, value);
        }
        let answer = request.request_async(&|request| http.send(request)).await;
        // A refused app is no lost sign-in: nothing is there to be revoked.
        self.endpoint
            .read(&http, answer)
            .map_err(|asked| match asked {
                Asked::Refused(failure) | Asked::Failed(failure) => Asked::Failed(failure),
            })
    }

    async fn by_refresh(&self, stored: Option<&TokenSet>) -> Result<BasicTokenResponse, Asked> {
        let Some(refresh) = stored.and_then(|set| set.refresh.as_ref()) else {
            let code = if stored.is_some() {
                "token_expired"
            } else {
                "no_token"
            };
            return Err(Asked::Failed(no_token(code)));
        };
        let refresh = RefreshToken::new(refresh.reveal().to_owned());
        let first = self.refresh_once(&refresh, true).await;
        match first {
            // Signed in as a native app, whose tokens are renewed without the secret.
            Err(Asked::Failed(failure)) if failure.code == PUBLIC_CLIENT => {
                self.refresh_once(&refresh, false).await
            }
            first => first,
        }
    }

    async fn refresh_once(
        &self,
        refresh: &RefreshToken,
        with_proof: bool,
    ) -> Result<BasicTokenResponse, Asked> {
        let http = self.endpoint.call();
        let client = self.client();
        let mut request = client.exchange_refresh_token(refresh);
        for (name, value) in self.proof(with_proof) {
            request = request.add_extra_param(name, value);
        }
        let answer = request.request_async(&|request| http.send(request)).await;
        self.endpoint.read(&http, answer)
    }

    /// What proves the app, where that is wanted.
    fn proof(&self, wanted: bool) -> Vec<(&'static str, String)> {
        match wanted {
            true => self.settings.proof(self.clock.now(), &*self.random),
            false => Vec::new(),
        }
    }

    fn client(&self) -> Oauth {
        let url = self.settings.login(&["oauth2", "v2.0", "token"]);
        BasicClient::new(ClientId::new(self.settings.client_id.clone()))
            .set_token_uri(TokenUrl::from_url(url))
            .set_auth_type(AuthType::RequestBody)
    }

    /// What the owner's access token says that it may be used for; none where it cannot be read.
    pub(super) async fn permissions(
        &self,
        owner: &TokenOwner,
    ) -> Result<Option<Vec<String>>, Failure> {
        let access = self.access(owner).await?;
        Ok(claims(access.reveal()).and_then(Claims::permissions))
    }

    /// The app's own object in the tenant, as its token names it.
    pub(super) async fn service_principal(&self) -> Result<Option<String>, Failure> {
        let access = self.access(&TokenOwner::AppLevel).await?;
        Ok(claims(access.reveal()).and_then(|claims| claims.oid))
    }

    fn set_from(
        &self,
        answer: &BasicTokenResponse,
        access: String,
        stored: Option<&TokenSet>,
    ) -> TokenSet {
        let now = self.clock.now();
        let expires_at = answer.expires_in().map(|life| {
            let life = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
            Timestamp(now.0.saturating_add(life))
        });
        // Entra may leave it out, and the old one stays good.
        let refresh = answer
            .refresh_token()
            .map(|token| Secret::new(token.secret().clone()));
        let scopes = answer.scopes().map(|scopes| {
            let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
            scopes.join(" ")
        });
        TokenSet {
            access: Some(Secret::new(access)),
            expires_at,
            refresh_ends_at: match refresh {
                Some(_) => self.settings.refresh_ends(now),
                None => stored.and_then(|set| set.refresh_ends_at),
            },
            refresh: refresh.or_else(|| stored.and_then(|set| set.refresh.clone())),
            scopes: scopes
                .or_else(|| stored.map(|set| set.scopes.clone()))
                .unwrap_or_default(),
        }
    }

    /// Whether the token is the owner's, as far as it tells. It came from the issuer itself, so its
    /// signature adds nothing.
    fn is_for(&self, owner: &TokenOwner, access: &str) -> bool {
        let Some(claims) = claims(access) else {
            return true;
        };
        let wanted = match owner {
            TokenOwner::AppLevel => return self.is_tenant(&claims),
            TokenOwner::GuestIssuer => return false,
            TokenOwner::App => self.settings.service_account.as_str(),
            TokenOwner::Account(account) => account.as_str(),
        };
        let said = if is_guid(wanted) {
            vec![claims.oid.as_deref()]
        } else {
            vec![
                claims.upn.as_deref(),
                claims.preferred_username.as_deref(),
                claims.unique_name.as_deref(),
            ]
        };
        let mut said = said.into_iter().flatten().peekable();
        let person = said.peek().is_none() || said.any(|said| said.eq_ignore_ascii_case(wanted));
        person && self.is_tenant(&claims)
    }

    fn is_tenant(&self, claims: &Claims) -> bool {
        let tenant = self.settings.tenant.as_str();
        match &claims.tid {
            Some(tid) if is_guid(tenant) => tid.eq_ignore_ascii_case(tenant),
            Some(_) | None => true,
        }
    }

    async fn revoked(&self, owner: &TokenOwner, failure: Failure) -> Failure {
        match self.vault.revoked(owner).await {
            Ok(()) => failure,
            Err(error) => kept_not(&error),
        }
    }
}

/// Whether trying again would end the same.
fn is_final(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => false,
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => true,
    }
}

fn claims(token: &str) -> Option<Claims> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn no_token(code: &str) -> Failure {
    Failure::new(FailureKind::NotAuthorised, code, "token")
}

fn kept_not(_: &VaultError) -> Failure {
    Failure::new(FailureKind::NotSent, "vault", "token")
}

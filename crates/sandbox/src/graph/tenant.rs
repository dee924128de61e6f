//! One tenant: its people, chats and subscriptions, and the hub's app in it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::HeaderValue;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    chats::Chats,
    directory::{Directory, UserKind},
    error::GraphError,
    limits::{Budget, Limits},
    mint::Mint,
    subscriptions::Subscriptions,
};
use crate::{
    acme::{self, Has},
    clock::Millis,
    entra::{
        assertion::{AppCertificate, NoCertificate},
        grants::{Grants, Session, Spoilt, Strength},
        keys::SigningKey,
        scopes::DELEGATED,
        switches::{SwitchChanges, Switches},
    },
    wire::{self, Shared},
};

/// Where this tenant is served.
#[derive(Debug, Clone)]
pub struct Urls {
    /// Graph's base, with `/v1.0` and no slash at the end.
    pub graph: String,
    /// Entra's base, without a slash at the end.
    pub entra: String,
}

/// Acme's Microsoft 365 tenant with the hub's app registered in it.
pub struct Tenant {
    pub(crate) shared: Arc<Shared>,
    pub(crate) urls: Urls,
    pub(crate) ids: Ids,
    pub(crate) mint: Mint,
    pub(crate) keys: SigningKey,
    pub(super) http: reqwest::Client,
    state: Mutex<State>,
    grants: Mutex<Grants>,
    limits: Mutex<Limits>,
    switches: Mutex<Switches>,
    /// What an administrator uploaded, beside the secret.
    certificates: Mutex<Vec<AppCertificate>>,
    given_refresh_tokens: Map<String, Value>,
}

/// Ids and the secret of the tenant's apps.
pub(crate) struct Ids {
    pub tenant: String,
    pub client: String,
    pub client_secret: String,
    pub service_principal: String,
    /// Somebody else's bot, which has no user object.
    pub other_bot: String,
}

/// What changes while the tenant lives.
pub(crate) struct State {
    pub directory: Directory,
    pub chats: Chats,
    pub subscriptions: Subscriptions,
    /// By their ids.
    pub invitations: HashMap<String, Invitation>,
}

/// What an `inviteRedeemUrl` leads to.
pub(crate) struct Invitation {
    /// The guest's id.
    pub user: String,
    /// Where whoever redeems is sent on to.
    pub redirect_url: String,
}

impl Tenant {
    /// A tenant in which everyone whom Acme lists with a token, and the service account, has
    /// authorised the hub's app before.
    pub fn new(shared: Arc<Shared>, urls: Urls) -> Arc<Self> {
        let mint = Mint::new(shared.seed);
        let keys = SigningKey::generate(&mint);
        let directory = Directory::of_acme(&mint);
        let mut grants = Grants::default();
        let given_refresh_tokens = grant_beforehand(&mint, &directory, &mut grants, &shared);
        Arc::new(Self {
            ids: Ids::new(&mint),
            keys,
            http: notifier(),
            state: Mutex::new(State {
                directory,
                chats: Chats::default(),
                subscriptions: Subscriptions::default(),
                invitations: HashMap::new(),
            }),
            grants: Mutex::new(grants),
            limits: Mutex::default(),
            switches: Mutex::default(),
            certificates: Mutex::default(),
            given_refresh_tokens,
            shared,
            urls,
            mint,
        })
    }

    /// What an administrator would type into the hub: `{"tenant","client_id","client_secret",
    /// "service_account","refresh_tokens":{address: token},"guest_passwords":{address: password}}`.
    /// The passwords are those of the guests that there are now.
    pub fn credentials(&self) -> Value {
        let passwords: Map<String, Value> = self
            .state()
            .directory
            .present()
            .filter(|user| user.is_guest())
            .map(|guest| (guest.address(), json!(self.password_of(&guest.id))))
            .collect();
        json!({
            "tenant": self.ids.tenant,
            "client_id": self.ids.client,
            "client_secret": self.ids.client_secret,
            "service_account": acme::SERVICE_ACCOUNT,
            "refresh_tokens": self.given_refresh_tokens,
            "guest_passwords": passwords,
        })
    }

    /// How the tenant is set up now.
    pub fn switches(&self) -> Switches {
        self.locked_switches().clone()
    }

    /// Throws switches; answers all of them.
    pub fn set_switches(&self, changes: SwitchChanges) -> Switches {
        let switches = {
            let mut switches = self.locked_switches();
            *switches = switches.clone().with(changes);
            switches.clone()
        };
        let mut state = self.state();
        let service = state.directory.resolve(acme::SERVICE_ACCOUNT);
        if let Some(id) = service.map(|user| user.id.clone()) {
            let licensed = switches.service_licence;
            state.directory.change(&id, |user| user.licensed = licensed);
        }
        switches
    }

    /// Whether Microsoft has approved the app for reading everybody's messages app-only; it has
    /// unless this is switched off.
    pub fn set_protected_api(&self, approved: bool) {
        self.locked_switches().protected_api = approved;
    }

    /// Switches an account on or off. `false` where no account has this address.
    pub fn set_account_enabled(&self, email: &str, enabled: bool) -> bool {
        let mut state = self.state();
        let Some(id) = state.directory.resolve(email).map(|user| user.id.clone()) else {
            return false;
        };
        if !enabled {
            state.subscriptions.remove_of(&id, &self.ids.tenant);
        }
        state.directory.change(&id, |user| user.enabled = enabled)
    }

    /// Changes the display name of an account. `false` where no account has this address.
    pub fn rename_account(&self, email: &str, name: &str) -> bool {
        let mut state = self.state();
        let Some(id) = state.directory.resolve(email).map(|user| user.id.clone()) else {
            return false;
        };
        state
            .directory
            .change(&id, |user| name.clone_into(&mut user.display_name))
    }

    /// Adds a licensed member; answers its id.
    pub fn add_account(&self, name: &str, email: &str) -> String {
        self.state().directory.add_member(&self.mint, name, email)
    }

    /// Deletes an account. `false` where no account has this address.
    pub fn remove_account(&self, email: &str) -> bool {
        let user = self
            .state()
            .directory
            .resolve(email)
            .map(|user| user.id.clone());
        user.is_some_and(|user| self.delete_user(&user))
    }

    /// Deletes a user: out of all chats, and every session and consent ends. `false` where there is
    /// none.
    pub(crate) fn delete_user(&self, user: &str) -> bool {
        let removed = {
            let mut state = self.state();
            state.subscriptions.remove_of(user, &self.ids.tenant);
            state.chats.forget(user);
            state.invitations.retain(|_, held| held.user != user);
            state.directory.remove(user)
        };
        self.grants().forget(user);
        removed
    }

    /// A guest has signed in or accepted: the invitation is redeemed. Changes nobody else.
    pub(crate) fn redeem(&self, user: &str) {
        let mut state = self.state();
        let pending = state
            .directory
            .find(user)
            .is_some_and(|found| found.kind == UserKind::PendingGuest);
        if pending {
            state
                .directory
                .change(user, |guest| guest.kind = UserKind::Guest);
        }
    }

    /// The password of a user's account.
    pub(crate) fn password_of(&self, user: &str) -> String {
        self.mint.opaque(&format!("password {user}"), 16)
    }

    /// Ends all sessions of an account: its refresh tokens are void from now on, and its
    /// subscriptions are removed.
    pub(crate) fn revoke_sessions(&self, user: &str) {
        self.grants().revoke_sessions(user);
        self.state().subscriptions.remove_of(user, &self.ids.tenant);
    }

    pub(crate) fn revoke_token(&self, token: &str) {
        let Some(claims) = self.token_claims(token) else {
            return;
        };
        self.spoil(&claims, Spoilt::Revoked);
        if claims["idtyp"] == json!("user") {
            self.revoke_sessions(claims["oid"].as_str().unwrap_or_default());
        }
    }

    pub(crate) fn expire_token(&self, token: &str) {
        if let Some(claims) = self.token_claims(token) {
            self.spoil(&claims, Spoilt::Expired);
        }
    }

    /// Milliseconds since the epoch, in the sandbox's clock.
    pub(crate) fn now(&self) -> Millis {
        self.shared.clock.now()
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        timestamp(self.now())
    }

    pub(crate) fn date_header(&self) -> HeaderValue {
        wire::date(self.now())
    }

    /// Graph's base without `/v1.0`.
    pub(crate) fn graph_origin(&self) -> &str {
        self.urls.graph.trim_end_matches("/v1.0")
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn spend(&self, budget: Budget) -> Result<(), GraphError> {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.take(budget, self.now()).map_err(|wait_ms| {
            GraphError::throttled(wire::retry_after_s(&self.shared.clock, wait_ms))
        })
    }

    /// Adds a certificate to the app registration, as an administrator uploads it.
    ///
    /// # Errors
    /// When it is no certificate with an RSA key.
    pub fn upload_certificate(&self, pem: &str) -> Result<(), NoCertificate> {
        let certificate = AppCertificate::read(pem)?;
        self.locked_certificates().push(certificate);
        Ok(())
    }

    pub(crate) fn locked_certificates(&self) -> MutexGuard<'_, Vec<AppCertificate>> {
        self.certificates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn locked_switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spoil(&self, claims: &Value, how: Spoilt) {
        if let Some(id) = claims["uti"].as_str() {
            self.grants().spoil(id, how);
        }
    }
}

impl Ids {
    fn new(mint: &Mint) -> Self {
        Self {
            tenant: mint.guid("tenant"),
            client: mint.guid("client"),
            client_secret: format!("{}8Q~{}", mint.opaque("s1", 3), mint.opaque("secret", 34)),
            service_principal: mint.guid("service principal"),
            other_bot: mint.guid("other bot"),
        }
    }
}

/// A time as Graph's JSON takes it; out-of-range values become the epoch.
pub(super) fn timestamp(ms: Millis) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Notifications go straight to their endpoint, are not redirected, and wait ten seconds at most.
fn notifier() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client without settings that can fail")
}

fn grant_beforehand(
    mint: &Mint,
    directory: &Directory,
    grants: &mut Grants,
    shared: &Shared,
) -> Map<String, Value> {
    let holders = acme::MEMBERS
        .iter()
        .filter(|member| member.teams == Has::Token)
        .map(|member| member.email)
        .chain([acme::SERVICE_ACCOUNT]);
    let mut tokens = Map::new();
    for email in holders {
        if let Some(user) = directory.resolve(email) {
            grants.consent(&user.id, DELEGATED);
            let session = Session {
                user: user.id.clone(),
                strength: Strength::Password,
                native: false,
            };
            let token = grants.issue_refresh(mint, session, shared.clock.now());
            tokens.insert(email.to_owned(), json!(token));
        }
    }
    tokens
}

//! The account: its people and conversations, its apps and their tokens, and how it is set up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    acme::{self, Has},
    clock::Millis,
    stand_in::Refusal,
    wire::Shared,
};

use super::{
    delivery::{Outlet, Told, Webhooks},
    directory::{Standing, User},
    error::ZoomError,
    happenings::UserChange,
    ids::{Mint, UserId},
    keys::Keys,
    limits::{Label, Left, Limits, UsedUp},
    moment::iso,
    oauth::tokens::{Access, App, Client, Code, Ended, Tokens},
    state::{Robot, State},
    switches::{SwitchChanges, Switches},
};

/// How the chatbot is called.
pub const ROBOT_NAME: &str = "Causeway";

/// One Zoom account with the hub's apps.
pub struct ZoomAccount {
    pub(super) shared: Arc<Shared>,
    /// `127.0.0.1:4105`
    pub(super) host: String,
    pub(super) keys: Keys,
    pub(super) outlet: Arc<Outlet>,
    pub(super) stop: CancellationToken,
    state: Mutex<State>,
    tokens: Mutex<Tokens>,
    limits: Mutex<Limits>,
    switches: Mutex<Switches>,
    /// What was given out before the sandbox started, by address.
    refresh_tokens: Map<String, Value>,
}

impl ZoomAccount {
    /// Acme's account, served at `host` (`127.0.0.1:4105`). Deliveries end with `stop`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, host: String, stop: CancellationToken) -> Arc<Self> {
        let mint = Mint::new(shared.seed);
        let keys = Keys::new(&mint);
        let robot = Robot {
            jid: keys.robot_jid.clone(),
            name: ROBOT_NAME,
        };
        let now = shared.clock.now();
        let state = State::new(mint, keys.account_id.clone(), robot, now);
        let mut tokens = Tokens::default();
        let refresh_tokens = granted_before(&state, &mut tokens, now);
        Arc::new(Self {
            outlet: Outlet::new(shared.clone(), &keys, stop.clone()),
            shared,
            host,
            keys,
            stop,
            state: Mutex::new(state),
            tokens: Mutex::new(tokens),
            limits: Mutex::default(),
            switches: Mutex::default(),
            refresh_tokens,
        })
    }

    /// What the API's clients take as base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v2", self.host)
    }

    /// What an administrator would read off the Marketplace and type into the hub:
    /// `{"account_id","server_to_server":{"client_id","client_secret"},"chatbot":{"client_id",
    /// "client_secret","robot_jid","verification_token"},"user_app":{"client_id","client_secret",
    /// "public_client_id"},"subscription_id","secret_token","service_user",
    /// "refresh_tokens":{address: token},"oauth","socket"}`. The refresh tokens are of the user app.
    #[must_use]
    pub fn credentials(&self) -> Value {
        let mut shown = self.keys.shown();
        shown["refresh_tokens"] = Value::Object(self.refresh_tokens.clone());
        shown["oauth"] = json!(format!("http://{}/oauth/", self.host));
        shown["socket"] = json!(format!("ws://{}/ws", self.host));
        shown
    }

    /// How the account is set up now.
    pub fn switches(&self) -> Switches {
        locked(&self.switches).clone()
    }

    /// Throws switches; answers all of them.
    pub fn set_switches(&self, changes: SwitchChanges) -> Switches {
        self.befall(&changes);
        let switches = {
            let mut switches = locked(&self.switches);
            *switches = switches.clone().with(changes);
            switches.clone()
        };
        self.change(|state, now| connect(state, &switches.connected, now));
        self.outlet.look_again();
        switches
    }

    /// Does what is no switch but happens once.
    fn befall(&self, changes: &SwitchChanges) {
        locked(&self.limits).use_up(&changes.spent, self.now());
        self.wait_for(&changes.pending);
        for address in &changes.gone {
            let found = |state: &State| Some(state.directory.with_email(address)?.id.clone());
            if let Some(id) = self.look(|state, _| found(state)) {
                self.let_go(&id, &UserChange::Deleted);
            }
        }
    }

    /// Where the apps' settings say that events go, beside the socket.
    pub fn webhooks(&self) -> Webhooks {
        self.outlet.webhooks()
    }

    /// Sets them; the URL of the event subscription is asked first whether it is ours.
    ///
    /// # Errors
    /// `Fruitless` where it does not answer as it should.
    pub async fn set_webhooks(&self, webhooks: Webhooks) -> Result<Webhooks, Refusal> {
        let token = self.look(|state, _| state.mint.opaque(&state.mint.fresh("plain"), 22));
        self.outlet.set_webhooks(webhooks, &token).await
    }

    /// The addresses that Zoom sent an activation mail to, oldest first.
    pub fn mails(&self) -> Vec<String> {
        self.look(|state, _| state.mails.clone())
    }

    pub(super) fn look<T>(&self, ask: impl FnOnce(&State, Millis) -> T) -> T {
        ask(&locked(&self.state), self.now())
    }

    /// Changes what there is, and hands on what happened before anyone else may change it: so
    /// events leave in the order in which things happened.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, Millis) -> T) -> T {
        let mut state = locked(&self.state);
        let out = change(&mut state, self.now());
        let enabled = locked(&self.switches).subscription;
        for told in std::mem::take(&mut state.told) {
            match told {
                Told::Event(event) if enabled => self.outlet.publish(event),
                Told::Event(_) => {}
                Told::Bot(payload) => self.outlet.tell_bot(&payload),
            }
        }
        out
    }

    pub(super) fn now(&self) -> Millis {
        self.shared.clock.now()
    }

    /// `http://127.0.0.1:4105`
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.tokens)
    }

    pub(super) fn grant(&self, holder: (App, Option<UserId>), scopes: Vec<String>) -> String {
        self.look(|state, now| self.tokens().grant(&state.mint, holder, scopes, now))
    }

    pub(super) fn grant_refresh(&self, user: &UserId, client: Client) -> String {
        self.look(|state, now| self.tokens().grant_refresh(&state.mint, user, client, now))
    }

    pub(super) fn issue_code(&self, code: Code) -> String {
        self.look(|state, now| self.tokens().issue_code(&state.mint, code, now))
    }

    /// What an access token is good for now.
    pub(super) fn access(&self, token: &str) -> Result<Access, Ended> {
        let now = self.now();
        let access = self.tokens().access(token, now).cloned()?;
        match &access.user {
            Some(user) if !self.is_active(user) => Err(Ended::Revoked),
            Some(_) | None => Ok(access),
        }
    }

    /// The app that a token was given to, access or refresh.
    pub(super) fn holder(&self, token: &str) -> Option<App> {
        let now = self.now();
        let tokens = self.tokens();
        let access = tokens.access(token, now).map(|access| access.app).ok();
        access.or_else(|| tokens.client_of_refresh(token).map(|_| App::User))
    }

    /// Takes a token back. Where it is a person's, the account hears that they let the app go.
    pub(super) fn revoke(&self, token: &str) {
        let revoked = self.tokens().revoke(token);
        if let Some((App::User, Some(user))) = revoked {
            let client = &self.keys.user_app.id;
            self.change(|state, now| {
                state
                    .told
                    .push(Told::Event(deauthorized(state, &user, client, now)))
            });
        }
        self.outlet.look_again();
    }

    pub(super) fn expire(&self, token: &str) {
        self.tokens().expire(token);
        self.outlet.look_again();
    }

    /// Takes one call from the account's limits.
    pub(super) fn spend(&self, label: Label) -> (Left, Result<(), ZoomError>) {
        let plan = self.switches().plan;
        let now = self.now();
        let (left, taken) = locked(&self.limits).take(label, plan, now);
        let taken = taken.map_err(|used_up| match used_up {
            UsedUp::Second => ZoomError::throttled_for_a_second(),
            UsedUp::Day { until } => ZoomError::throttled_for_today(iso(until)),
        });
        (left, taken)
    }

    fn is_active(&self, user: &UserId) -> bool {
        let found = |state: &State, _| state.directory.get(user).is_some_and(User::is_active);
        self.look(found)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everyone whom Acme lists with a token has authorised the user app before.
fn granted_before(state: &State, tokens: &mut Tokens, now: Millis) -> Map<String, Value> {
    let holders = acme::MEMBERS
        .iter()
        .filter(|member| member.zoom == Has::Token);
    holders
        .filter_map(|member| {
            let user = state.directory.with_email(member.email)?;
            let token = tokens.grant_refresh(&state.mint, &user.id, Client::Confidential, now);
            Some((member.email.to_owned(), token.into()))
        })
        .collect()
}

/// Makes contacts of the addresses outside the account, and of no others.
fn connect(state: &mut State, addresses: &[String], now: Millis) {
    let known: Vec<_> = state
        .directory
        .externals()
        .map(|user| (user.id.clone(), user.email.clone()))
        .collect();
    for (id, email) in &known {
        if !addresses
            .iter()
            .any(|address| address.eq_ignore_ascii_case(email))
            && let Some(user) = state.directory.get_mut(id)
        {
            user.standing = Standing::Gone;
        }
    }
    for address in addresses {
        if state.directory.contact(address).is_none() {
            let made = User::new(&state.mint, address, address, now);
            state.directory.add(User {
                standing: Standing::External,
                ..made
            });
        }
    }
}

fn deauthorized(state: &State, user: &UserId, client: &str, now: Millis) -> Value {
    let payload = json!({
        "user_id": user,
        "account_id": state.account,
        "client_id": client,
        "deauthorization_time": iso(now),
        "signature": state.mint.hex(&state.mint.fresh("deauthorization")),
        "event_ts": now,
    });
    json!({ "event": "app_deauthorized", "event_ts": now, "payload": payload })
}

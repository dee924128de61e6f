//! The Slack stand-in: one workspace with the hub's app installed.

mod acting;
mod api;
mod arguments;
mod cast;
mod commands;
mod failure;
mod happenings;
mod ids;
mod install;
mod json;
mod limits;
mod methods;
mod replies;
mod requests;
mod sockets;
mod state;
mod text;
mod tokens;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{clock::Millis, wire::Shared};

use self::{
    cast::Installed,
    ids::Seed,
    sockets::Sockets,
    state::{State, User},
    tokens::Holder,
};

pub use api::router;
pub use requests::RequestUrls;

/// A Slack workspace.
pub struct Workspace {
    shared: Arc<Shared>,
    /// `127.0.0.1:4100`
    host: String,
    installed: Installed,
    sockets: Arc<Sockets>,
    state: Mutex<State>,
    /// Itself, for what goes on after a call has been answered.
    me: Weak<Self>,
}

impl Workspace {
    /// Acme's workspace, served at `host` (`127.0.0.1:4100`). Deliveries end with `stop`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, host: String, stop: CancellationToken) -> Arc<Self> {
        let (state, installed) = cast::acme(Seed(shared.seed), shared.clock.now());
        let sockets = Sockets::new(shared.clone(), &state.app, host.clone(), stop);
        Arc::new_cyclic(|me| Self {
            shared,
            host,
            installed,
            sockets,
            state: Mutex::new(state),
            me: me.clone(),
        })
    }

    /// What Slack's own clients take as `base_url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/api/", self.host)
    }

    /// `{client_id, client_secret, signing_secret, bot_token, app_token, user_tokens: {address: token}}`
    #[must_use]
    pub fn credentials(&self) -> Value {
        let tokens = self.installed.users.iter();
        let tokens: Map<String, Value> = tokens
            .map(|(email, token)| (email.clone(), token.clone().into()))
            .collect();
        self.look(|state, _| {
            json!({
                "client_id": state.app.client_id,
                "client_secret": state.app.client_secret,
                "signing_secret": state.app.signing_secret,
                "bot_token": self.installed.bot,
                "app_token": self.installed.app,
                "user_tokens": tokens,
            })
        })
    }

    /// Switches a person's account on or off, as an administrator does; `false` when nobody has
    /// this address. What they had authorised ends with a deactivation.
    pub fn set_account_active(&self, email: &str, active: bool) -> bool {
        self.change_user(email, |user| user.deleted = !active)
    }

    /// Gives a person another name; `false` when nobody has this address.
    /// Leaves scopes out of every token that was or will be given.
    pub fn withhold(&self, scopes: Vec<String>) {
        self.change(|state, _| state.withheld = scopes);
    }

    pub fn rename_account(&self, email: &str, name: &str) -> bool {
        self.change_user(email, |user| user.name = name.to_owned())
    }

    /// Somebody new joins the workspace; `false` when the address is taken.
    pub fn add_person(&self, email: &str, name: &str) -> bool {
        self.change(|state, now| {
            if state.user_by_address(email).is_some() {
                return false;
            }
            let user = cast::newcomer(state.seed, email, name, now);
            state.users.push(user.clone());
            state.tell_user("team_join", &user, now);
            true
        })
    }

    fn change_user(&self, email: &str, change: impl FnOnce(&mut User)) -> bool {
        self.change(|state, now| {
            let Some(id) = state.user_by_address(email).map(|user| user.id.clone()) else {
                return false;
            };
            let Some(user) = state.users.iter_mut().find(|user| user.id == id) else {
                return false;
            };
            change(user);
            user.updated = now / 1000;
            let user = user.clone();
            if user.deleted {
                state.tokens.revoke_all_of(&Holder::User(id));
            }
            state.tell_user("user_change", &user, now);
            true
        })
    }

    fn look<T>(&self, ask: impl FnOnce(&State, Millis) -> T) -> T {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&state, self.shared.clock.now())
    }

    /// Changes the workspace, and hands what happened to the sockets before anyone else may
    /// change it: so events leave in the order in which things happened.
    fn change<T>(&self, change: impl FnOnce(&mut State, Millis) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.clock.now();
        let out = change(&mut state, now);
        for happening in std::mem::take(&mut state.happenings) {
            self.sockets.publish(happening.wrapper(&state, now));
        }
        out
    }
}

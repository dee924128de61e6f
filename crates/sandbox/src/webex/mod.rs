//! The Webex stand-in: one organisation with the hub's Integration, bot and Service App.
//!
//! Source: <https://developer.webex.com/docs>

mod api;
mod call;
mod deeds;
mod deliver;
mod device;
mod directory;
mod endpoints;
mod event_calls;
mod failure;
mod grants;
mod guest_calls;
mod happenings;
mod ids;
mod limits;
mod membership_calls;
mod message_calls;
mod multipart;
mod oauth;
mod people_calls;
mod person;
mod redirects;
mod room_calls;
mod rooms;
mod scopes;
mod shapes;
mod state;
mod switches;
mod text;
mod tokens;
mod webhook_calls;
mod webhooks;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    acme::{self, Has},
    clock::Millis,
    wire::Shared,
};

use self::{
    happenings::{Event, Happening},
    ids::{EventId, PersonId},
    state::State,
    tokens::{Grant, Issuer},
};

pub use api::router;
pub use switches::{SwitchChanges, Switches};

/// A Webex organisation.
pub struct Org {
    shared: Arc<Shared>,
    /// `127.0.0.1:4104`
    host: String,
    stop: CancellationToken,
    http: reqwest::Client,
    handed_out: Value,
    state: Mutex<State>,
}

impl Org {
    /// Acme's organisation, served at `host` (`127.0.0.1:4104`). Deliveries end with `stop`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, host: String, stop: CancellationToken) -> Arc<Self> {
        let now = shared.clock.now();
        let mut state = State::acme(shared.seed, now);
        let handed_out = hand_out(&mut state, now);
        Arc::new(Self {
            shared,
            host,
            stop,
            http: caller(),
            handed_out,
            state: Mutex::new(state),
        })
    }

    /// What Webex's own clients take as their base, with a `/` after it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.host)
    }

    /// What a client needs, the same for the same seed:
    ///
    /// - `org_id`
    /// - `client_id`, `client_secret`, `redirect_uris`: the customer's Integration
    /// - `bot_token`, `bot_email`, `bot_id`: the hub's bot
    /// - `administrator`: the address of the full administrator and compliance officer
    /// - `administrator_refresh_token`: the Integration's for that account, with all scopes
    /// - `guest_issuer`: the Service App's `app_id`, `client_id`, `client_secret` and
    ///   `refresh_token`
    /// - `refresh_tokens`: by address, the Integration's for people who have authorised it
    /// - `access_tokens`: by address, for scripts: what each active person would copy from the
    ///   developer portal. They hold for twelve hours, and authorise the Integration to nothing
    #[must_use]
    pub fn credentials(&self) -> Value {
        self.handed_out.clone()
    }

    /// How the organisation is set up now.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.look(|state, _| state.switches.clone())
    }

    /// Throws switches; answers how the organisation is set up then.
    pub fn set_switches(&self, changes: SwitchChanges) -> Switches {
        self.change(|state, _| {
            state.switches = state.switches.clone().with(changes);
            state.switches.clone()
        })
    }

    /// Lets guests of the Service App be made and write, or forbids it.
    pub fn set_guests_allowed(&self, allowed: bool) {
        self.change(|state, _| state.switches.guests_allowed = allowed);
    }

    /// Leaves scopes out of every token that was or will be given.
    pub fn withhold(&self, scopes: Vec<String>) {
        self.change(|state, _| state.switches.withheld = scopes);
    }

    /// Makes the administrator a compliance officer, or takes that role away.
    pub fn set_compliance(&self, is_officer: bool) {
        self.change(|state, _| state.switches.compliance = is_officer);
    }

    fn device_url(&self) -> String {
        format!("http://{}{}", self.host, api::DEVICE_PAGE)
    }

    fn look<T>(&self, ask: impl FnOnce(&State, Millis) -> T) -> T {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&state, self.shared.clock.now())
    }

    /// Changes the organisation, and hands out what happened before anyone else may change it: so
    /// events leave in the order in which things happened.
    fn change<T>(&self, change: impl FnOnce(&mut State, Millis) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.clock.now();
        let out = change(&mut state, now);
        for happening in std::mem::take(&mut state.happenings) {
            self.tell(&mut state, &happening, now);
        }
        out
    }

    fn tell(&self, state: &mut State, happening: &Happening, now: Millis) {
        state.tell_webhooks(happening);
        let event = Event {
            id: EventId::of(&state.fresh("event")),
            resource: happening.thing.resource(),
            change: happening.change,
            app: happening.app.clone(),
            actor: happening.actor.clone(),
            created: now,
            data: happening.data(state, &self.host),
        };
        state.events.push(event);
    }
}

/// Webhooks go straight to their address, are not redirected, and wait ten seconds at most.
fn caller() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client without settings that can fail")
}

fn hand_out(state: &mut State, now: Millis) -> Value {
    let cast = state.directory.cast.clone();
    let bot = bot_token(state, &cast.bot, now);
    let all = scopes::registered().map(str::to_owned).collect();
    let administrator = integration_token(state, &cast.administrator, all, now);
    let service_app = guest_calls::service_app_token(state, now);
    let (mut refresh_tokens, mut access_tokens) = (Map::new(), Map::new());
    for member in acme::MEMBERS {
        let person = state.directory.by_email(member.email);
        let Some(id) = person.filter(|who| who.active).map(|who| who.id.clone()) else {
            continue;
        };
        if member.webex == Has::Token {
            let scopes = scopes::owned(&[scopes::PERSONAL]);
            let token = integration_token(state, &id, scopes, now);
            refresh_tokens.insert(member.email.to_owned(), token.into());
        }
        let token = portal_token(state, id, now);
        access_tokens.insert(member.email.to_owned(), token.into());
    }
    let token = portal_token(state, cast.administrator, now);
    access_tokens.insert(acme::SERVICE_ACCOUNT.to_owned(), token.into());
    let apps = &state.apps;
    json!({
        "org_id": state.org,
        "client_id": apps.integration.id,
        "client_secret": apps.integration.secret,
        "redirect_uris": redirects::REGISTERED,
        "bot_token": bot,
        "bot_email": state.email_of(&cast.bot),
        "bot_id": cast.bot,
        "administrator": acme::SERVICE_ACCOUNT,
        "administrator_refresh_token": administrator,
        "guest_issuer": {
            "app_id": apps.service_app.app,
            "client_id": apps.service_app.id,
            "client_secret": apps.service_app.secret,
            "refresh_token": service_app,
        },
        "refresh_tokens": refresh_tokens,
        "access_tokens": access_tokens,
    })
}

fn bot_token(state: &mut State, bot: &PersonId, now: Millis) -> String {
    let grant = Grant {
        holder: bot.clone(),
        issuer: Issuer::Bot,
        scopes: scopes::owned(&[scopes::PERSONAL, scopes::SOCKETS]),
    };
    state.grants.tokens.issue(&state.mint, grant, now)
}

fn integration_token(
    state: &mut State,
    holder: &PersonId,
    scopes: Vec<String>,
    now: Millis,
) -> String {
    let grant = Grant {
        holder: holder.clone(),
        issuer: Issuer::Integration,
        scopes,
    };
    state.grants.tokens.begin(&state.mint, grant, now)
}

fn portal_token(state: &mut State, holder: PersonId, now: Millis) -> String {
    let is_administrator = holder == state.directory.cast.administrator;
    let mut scopes = scopes::owned(&[scopes::PERSONAL, scopes::SOCKETS]);
    if is_administrator {
        scopes.extend(scopes::owned(&[scopes::ADMINISTRATIVE, scopes::COMPLIANCE]));
    }
    let grant = Grant {
        holder,
        issuer: Issuer::Portal,
        scopes,
    };
    state.grants.tokens.issue(&state.mint, grant, now)
}

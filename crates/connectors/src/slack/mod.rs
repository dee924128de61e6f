//! Slack: the Web API for calls, Socket Mode or signed requests for events.
//!
//! The organisation makes its own internal app from the hub's manifest. The hub holds its bot token
//! ([`TokenOwner::App`]), its app-level token for the socket ([`TokenOwner::AppLevel`]), and the
//! tokens of people who have authorised it ([`TokenOwner::Account`]).
//!
//! A post carries its relay id in its metadata, and what the hub posts, as whomever, carries the
//! app's id in the events about it: so the hub knows its own posts, and nobody can forge one.

mod api;
mod buttons;
mod dialect;
mod directory;
mod events;
pub(crate) mod fuzzing;
mod history;
mod home;
mod install;
mod keeping;
mod line;
mod manifest;
mod message;
mod own;
mod posts;
mod preflight;
mod refusal;
mod requests;
mod rooms;
mod seen;
mod sign_in;
mod socket;
mod stamp;
mod tokens;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::{
    Capabilities, Check, Clock, Content, ConversationFacts, Depth, ExternalAccount,
    ExternalConversation, ExternalMessage, Failure, Incoming, OpenConversation, Random, Speaker,
    Timestamp, capability,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use self::manifest::MANIFEST;
pub use install::{Installation, Installed};

use self::{api::Api, directory::Names, own::OwnCell, sign_in::AppOfPeople};
use crate::{
    connector::{
        Connector, DirectoryPage, Edit, EventSink, Guests, Hearing, Identity, Post, Posted, SaidBy,
        SignIn,
    },
    listener::Listener,
    vault::{Secret, TokenOwner, TokenVault},
};

/// What the connector needs to know of the app and the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The Web API's base, with a slash at its end.
    pub api_url: Url,
    /// Of the app; needed only where its tokens rotate or people sign in.
    pub client_id: Option<String>,
    /// Of the app; kept with the tokens, never with the settings.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// Of the app; kept with the tokens, never with the settings. Needed where events come by
    /// requests.
    #[serde(skip)]
    pub signing_secret: Option<Secret>,
    /// How events are heard. Settings from before there was a choice do not say, and mean the
    /// socket.
    pub events: Events,
}

/// How Slack's events reach the hub.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Events {
    /// By Socket Mode: the hub calls Slack.
    #[default]
    Socket,
    /// By signed requests: Slack calls the hub's public address.
    Http,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_url: Url::parse("https://slack.com/api/").expect("a valid address"),
            client_id: None,
            client_secret: None,
            signing_secret: None,
            events: Events::Socket,
        }
    }
}

/// One workspace.
pub struct SlackConnector {
    api: Api,
    own: OwnCell,
    names: Names,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    events: Events,
    signing_secret: Option<Secret>,
    /// Where Slack can reach us, and the name to mount there.
    reached: Option<(Listener, String)>,
    /// Present where people can sign in.
    sign_in: Option<AppOfPeople>,
    /// Whether the Web API is reached in the clear, as only a stand-in on this machine is.
    in_the_clear: bool,
}

impl SlackConnector {
    #[must_use]
    pub fn new(
        mut settings: Settings,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        // Without the slash, joining a method's name would replace the path's last part.
        if !settings.api_url.path().ends_with('/') {
            let path = format!("{}/", settings.api_url.path());
            settings.api_url.set_path(&path);
        }
        Self {
            api: Api::new(&settings, http, vault, clock.clone()),
            sign_in: AppOfPeople::of(&settings),
            own: OwnCell::default(),
            names: Names::default(),
            clock,
            random,
            events: settings.events,
            signing_secret: settings.signing_secret,
            reached: None,
            in_the_clear: settings.api_url.scheme() == "http",
        }
    }

    /// The same, which Slack can reach on this listener, under this name.
    #[must_use]
    pub fn reached_at(self, listener: Listener, name: String) -> Self {
        Self {
            reached: Some((listener, name)),
            ..self
        }
    }
}

#[async_trait]
impl Connector for SlackConnector {
    fn capabilities(&self) -> &'static Capabilities {
        &capability::SLACK
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        Ok(self.own.ask(&self.api).await?.identity())
    }

    async fn directory(&self, page: Option<String>) -> Result<DirectoryPage, Failure> {
        let own = self.own.get(&self.api).await?;
        directory::page(&self.api, &own, &self.names, page).await
    }

    async fn conversation(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        let own = self.own.get(&self.api).await?;
        rooms::facts(&self.api, &own, id, speaker).await
    }

    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        let own = self.own.get(&self.api).await?;
        rooms::few_membered(&self.api, &own, speaker).await
    }

    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
        rooms::open(&self.api, wanted).await
    }

    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        _since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        rooms::find_opened(&self.api, wanted).await
    }

    fn split(&self, content: Content) -> Vec<Content> {
        dialect::split(content)
    }

    fn as_read_back(&self, content: &Content, _by: &SaidBy<'_>) -> Content {
        dialect::as_read_back(content, &self.names)
    }

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        posts::post(&self.api, post).await
    }

    async fn edit(&self, edit: &Edit<'_>) -> Result<(), Failure> {
        posts::edit(&self.api, edit).await
    }

    async fn delete(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<(), Failure> {
        posts::delete(&self.api, conversation, message, speaker).await
    }

    async fn history(
        &self,
        conversation: &ExternalConversation,
        speaker: &Speaker,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure> {
        let own = self.own.get(&self.api).await?;
        history::since(&self.api, &own, &self.names, conversation, speaker, since).await
    }

    async fn stands(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<bool, Failure> {
        history::stands(&self.api, conversation, message, speaker).await
    }

    async fn answer(&self, answer: &str, content: &Content) -> Result<(), Failure> {
        posts::answer(&self.api, answer, content).await
    }

    /// Known once the hub has identified itself there.
    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String> {
        let own = self.own.known()?;
        posts::permalink(own.url.as_ref()?, conversation, message)
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.sign_in.as_ref().map(|_| self as &dyn SignIn)
    }

    fn guests(&self) -> Option<&dyn Guests> {
        None
    }

    async fn preflight(&self, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
        preflight::run(self, depth, people).await
    }

    async fn listen(
        &self,
        sink: Arc<dyn EventSink>,
        _hearing: watch::Receiver<Hearing>,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        match self.events {
            Events::Socket => socket::listen(self, sink, stop).await,
            Events::Http => requests::listen(self, sink, stop).await,
        }
    }
}

/// Whose token makes a call.
fn owner(speaker: &Speaker) -> TokenOwner {
    match speaker {
        Speaker::App => TokenOwner::App,
        Speaker::Account(account) => TokenOwner::Account(account.clone()),
    }
}

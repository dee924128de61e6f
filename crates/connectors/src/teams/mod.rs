//! Microsoft Teams, through Microsoft Graph.
//!
//! People's messages are posted with their own delegated tokens, the app's with the service
//! account's; Graph has no way to post as an application. Chats are heard by change notifications
//! where Graph can reach us, and by polling where it cannot and as a safety net.

mod certificate;
mod chats;
mod client_proof;
mod dialect;
mod directory;
mod envelope;
pub(crate) mod fuzzing;
mod graph;
mod guests;
mod health;
mod listen;
mod membership;
mod messages;
mod notifications;
mod poll;
mod posts;
mod preflight;
mod refusal;
mod settings;
mod sign_in;
mod sign_in_refusal;
mod source;
mod subscriptions;
mod token_endpoint;
mod tokens;
mod validation;
mod whose;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::{
    Capabilities, Check, Clock, Content, ConversationFacts, Depth, ExternalAccount,
    ExternalConversation, ExternalMessage, Failure, Incoming, OpenConversation, Random, Speaker,
    Timestamp, capability,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use certificate::ClientCertificate;
pub use directory::{DirectoryChanges, NextChanges};
pub use settings::{Hear, Settings};

use self::{chats::Chats, graph::Graph, guests::TenantGuests, sign_in::EntraSignIn};
use crate::{
    Connector, DirectoryPage, Edit, EventSink, Guests, Hearing, Identity, OwnAccount, Post, Posted,
    SaidBy, SignIn, TokenVault, listener::Listener,
};

/// One tenant.
pub struct TeamsConnector {
    graph: Graph,
    chats: Arc<Chats>,
    sign_in: EntraSignIn,
    guests: TenantGuests,
    listener: Option<(Listener, String)>,
}

impl TeamsConnector {
    /// `listener` is where Graph can reach us, and the name to mount there.
    ///
    /// # Errors
    /// `Rejected` with code `bad_settings` where a setting is missing or no URL to build on.
    pub fn new(
        settings: Settings,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        listener: Option<(Listener, String)>,
    ) -> Result<Self, Failure> {
        let graph = Graph::new(settings, http, vault, clock.clone(), random)?;
        Ok(Self {
            sign_in: EntraSignIn::new(graph.clone(), clock),
            guests: TenantGuests::new(graph.clone()),
            chats: Arc::new(Chats::new(graph.clone())),
            graph,
            listener,
        })
    }

    /// One page of what has changed in the directory since the link was given, or of everything
    /// where there is no link.
    ///
    /// # Errors
    /// As every read.
    pub async fn directory_changes(
        &self,
        link: Option<String>,
    ) -> Result<DirectoryChanges, Failure> {
        directory::changes(&self.graph, link).await
    }
}

#[async_trait]
impl Connector for TeamsConnector {
    fn capabilities(&self) -> &'static Capabilities {
        &capability::TEAMS
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        let own = self.graph.fetch_own().await?;
        Ok(Identity {
            name: own.domain,
            own_accounts: vec![own.account],
        })
    }

    async fn own_account(&self) -> Result<Option<OwnAccount>, Failure> {
        self.graph.own_account().await.map(Some)
    }

    async fn directory(&self, page: Option<String>) -> Result<DirectoryPage, Failure> {
        directory::page(&self.graph, page).await
    }

    async fn conversation(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        self.chats.facts(id, speaker).await
    }

    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        self.chats.list(speaker).await
    }

    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
        self.chats.open(wanted).await
    }

    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        self.chats.find_opened(wanted, since).await
    }

    fn split(&self, content: Content) -> Vec<Content> {
        dialect::split(content)
    }

    fn as_read_back(&self, content: &Content, by: &SaidBy<'_>) -> Content {
        dialect::as_read_back(&posts::shown(content, by.shown_as))
    }

    /// Buttons are left out: Teams has none, and the content itself says what to answer.
    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        posts::post(&self.graph, post).await
    }

    async fn edit(&self, edit: &Edit<'_>) -> Result<(), Failure> {
        posts::edit(&self.graph, edit).await
    }

    async fn delete(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<(), Failure> {
        posts::delete(&self.graph, conversation, message, speaker).await
    }

    async fn history(
        &self,
        conversation: &ExternalConversation,
        speaker: &Speaker,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure> {
        posts::history(&self.graph, &self.chats, conversation, speaker, since).await
    }

    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String> {
        posts::permalink(&self.graph, conversation, message)
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        Some(&self.sign_in)
    }

    fn guests(&self) -> Option<&dyn Guests> {
        Some(&self.guests)
    }

    async fn preflight(&self, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
        preflight::run(&self.graph, depth, people).await
    }

    async fn listen(
        &self,
        sink: Arc<dyn EventSink>,
        hearing: watch::Receiver<Hearing>,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let listener = self.listener.as_ref();
        listen::listen(
            self.graph.clone(),
            self.chats.clone(),
            listener,
            sink,
            hearing,
            stop,
        )
        .await
    }
}

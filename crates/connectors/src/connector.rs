//! What the engine asks of a platform.

use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::{
    Capabilities, Content, ConversationFacts, DirectoryAccount, ExternalAccount,
    ExternalConversation, ExternalMessage, Failure, HealthState, Incoming, OpenConversation,
    RelayId, Speaker, Timestamp,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One connection to one platform. Every call makes at most the requests its documentation
/// names, never retries a write by itself, and classifies each failure once.
#[async_trait]
pub trait Connector: Send + Sync {
    fn capabilities(&self) -> &'static Capabilities;

    /// Proves that the hub's own credentials work and tells who the hub is there.
    async fn identify(&self) -> Result<Identity, Failure>;

    /// One page of the directory; `None` asks for the first. Everyone is listed, the deactivated,
    /// bots and the hub's own account included, each marked as what it is.
    async fn directory(&self, page: Option<String>) -> Result<DirectoryPage, Failure>;

    /// Kind and members of a conversation, as `speaker` may see them.
    async fn conversation(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure>;

    /// The conversations `speaker` is in whose members are few (direct and group), newest first,
    /// at most a few hundred: after a gap, the ones that may hold something new.
    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure>;

    /// Makes the conversation, or answers the one that already is it where the platform allows
    /// only one. A private channel is made under a name that holds the relay id.
    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure>;

    /// Looks for the conversation that an [`Connector::open`] of unknown outcome may have made.
    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure>;

    /// Divides content into parts that each fit into one post. Pure; mostly one part.
    fn split(&self, content: Content) -> Vec<Content>;

    /// The content as the platform would give it back for this post: what a read-back compares.
    /// Pure.
    fn as_read_back(&self, content: &Content, shown_as: Option<&ShownAs>) -> Content;

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure>;

    async fn edit(&self, edit: &Edit<'_>) -> Result<(), Failure>;

    /// Deletes a message that `speaker` posted. A message that is gone already is a success.
    async fn delete(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<(), Failure>;

    /// What happened in a conversation since then, oldest first, our own posts included, in the
    /// same words and under the same keys as live events.
    async fn history(
        &self,
        conversation: &ExternalConversation,
        speaker: &Speaker,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure>;

    /// Answers someone who asked the app, where only they see it; `answer` is what the event gave.
    async fn answer(&self, answer: &str, content: &Content) -> Result<(), Failure>;

    /// A link that opens the message in the platform's own app, where it can be had without a call.
    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String>;

    /// Yields events until `stop`, reconnecting as often as it takes. It returns only when stopped,
    /// or when a person must act (a revoked token, Socket Mode switched off); in between it reports
    /// through [`EventSink::health`].
    async fn listen(
        &self,
        sink: Arc<dyn EventSink>,
        hearing: watch::Receiver<Hearing>,
        stop: CancellationToken,
    ) -> Result<(), Failure>;
}

/// Who the hub is on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The workspace's or tenant's name.
    pub name: String,
    /// Every account that is the hub itself: the bot's user, the service account.
    pub own_accounts: Vec<ExternalAccount>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryPage {
    pub accounts: Vec<DirectoryAccount>,
    pub next: Option<String>,
}

/// Whose conversations a source that must be told (Teams) listens to: the accounts that stand for
/// people here. Sources that hear by their app's membership ignore it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hearing {
    pub accounts: Vec<ExternalAccount>,
}

/// The author of a post that the app makes for someone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAs {
    pub name: String,
    /// A public URL.
    pub photo: Option<String>,
}

/// One message to be posted.
#[derive(Debug, Clone)]
pub struct Post<'a> {
    pub conversation: &'a ExternalConversation,
    pub speaker: &'a Speaker,
    /// Given exactly when the app speaks for a person.
    pub shown_as: Option<&'a ShownAs>,
    pub content: &'a Content,
    pub relay_id: &'a RelayId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub message: ExternalMessage,
    pub at: Timestamp,
}

/// A posted message that now says something else.
#[derive(Debug, Clone)]
pub struct Edit<'a> {
    pub conversation: &'a ExternalConversation,
    pub message: &'a ExternalMessage,
    /// Who posted it.
    pub speaker: &'a Speaker,
    pub shown_as: Option<&'a ShownAs>,
    pub content: &'a Content,
    pub relay_id: &'a RelayId,
}

/// Where a source puts what it hears.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Commits the events, in this order, and the cursor with them. When it returns `Ok` they may
    /// be acknowledged; on `Err` nothing was kept and the source must not acknowledge.
    async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken>;

    /// The cursor last committed under this name.
    async fn cursor(&self, name: &str) -> Option<String>;

    /// How the source fares; `detail` has no names, addresses or texts.
    async fn health(&self, state: HealthState, detail: Option<String>);

    /// The source has (again) begun to hear: what happened before may have been missed.
    async fn listening(&self);
}

/// The events could not be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("events could not be kept: {0}")]
pub struct NotTaken(pub String);

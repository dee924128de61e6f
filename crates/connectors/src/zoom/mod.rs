//! Zoom Team Chat.
//!
//! A Server-to-Server app of the account acts as any of its members, so that nobody signs in; or, where
//! the organisation wants it so, each person authorises their own account. What the hub itself says, a member says whom the administrator names, and in channels a chatbot where
//! there is one. Events come through a WebSocket or webhooks; Zoom keeps none, and what was missed
//! is read back.

mod acting;
mod api;
mod conversations;
mod dialect;
mod directory;
mod edits;
mod events;
pub(crate) mod fuzzing;
mod guests;
mod health;
mod line;
mod listen;
mod lists;
mod people;
mod people_checks;
mod place;
mod poll;
mod posts;
mod preflight;
mod refusal;
mod said;
mod settings;
mod sign_in;
mod socket;
mod source;
mod their_clock;
mod todays_calls;
mod token_endpoint;
mod tokens;
mod webhooks;
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

pub use settings::{ActsBy, Chatbot, Settings, UserApp};

use self::{
    api::Api, conversations::Conversations, edits::Edits, guests::BasicUsers, sign_in::ZoomSignIn,
};
use crate::{
    Connector, DirectoryPage, Edit, EventSink, Guests, Hearing, Identity, OwnAccount, Post, Posted,
    SaidBy, SignIn, TokenVault, listener::Listener,
};

/// One account.
pub struct ZoomConnector {
    api: Api,
    conversations: Conversations,
    edits: Arc<Edits>,
    /// Where people are acted as by the role, which reaches their guests' accounts too.
    guests: Option<BasicUsers>,
    /// Where they are asked for their own tokens.
    sign_in: Option<ZoomSignIn>,
    listener: Option<(Listener, String)>,
}

impl ZoomConnector {
    /// `listener` is where Zoom can reach us, and the name to mount there.
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
        let by_token = match settings.acts_by {
            ActsBy::Role => false,
            ActsBy::Token => true,
        };
        let api = Api::new(settings, http, vault, clock, random)?;
        Ok(Self {
            conversations: Conversations::new(api.clone()),
            edits: Arc::default(),
            guests: (!by_token).then(|| BasicUsers::new(api.clone())),
            sign_in: by_token.then(|| ZoomSignIn::new(api.clone())),
            api,
            listener,
        })
    }
}

#[async_trait]
impl Connector for ZoomConnector {
    fn capabilities(&self) -> &'static Capabilities {
        match self.api.settings().acts_by {
            ActsBy::Role => &capability::ZOOM,
            ActsBy::Token => &capability::ZOOM_BY_TOKEN,
        }
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        let own = self.api.fetch_own().await?;
        Ok(Identity {
            name: own.domain,
            own_accounts: self.api.own_accounts().await?,
        })
    }

    async fn own_account(&self) -> Result<Option<OwnAccount>, Failure> {
        let user = self.api.user(&self.api.settings().service_user).await?;
        Ok(Some(OwnAccount {
            account: ExternalAccount::new(user.id.as_str()),
            name: user.name(),
            address: user.email,
            sign_in_name: None,
            guest: false,
            active: user.status.as_deref().is_none_or(|it| it == "active"),
        }))
    }

    async fn directory(&self, page: Option<String>) -> Result<DirectoryPage, Failure> {
        directory::page(&self.api, page).await
    }

    async fn conversation(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        self.conversations.facts(id, speaker).await
    }

    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        self.conversations.list(speaker).await
    }

    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
        self.conversations.open(wanted).await
    }

    /// The relay id in the channel's name tells it from every other, so that its time need not.
    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        _since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        self.conversations.find_opened(wanted).await
    }

    fn split(&self, content: Content) -> Vec<Content> {
        dialect::split(content)
    }

    /// What the chatbot says is in its own markdown, whether it says it for somebody or not.
    fn as_read_back(&self, content: &Content, by: &SaidBy<'_>) -> Content {
        let content = posts::shown(content, by.shown_as);
        match posts::chatbot(&self.api, by.conversation, by.speaker) {
            Some(_) => dialect::as_chatbot_read_back(&content),
            None => dialect::as_read_back(&content),
        }
    }

    /// Buttons are left out: the content itself says what to answer.
    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        posts::post(&self.api, &self.conversations, post).await
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
        posts::history(&self.api, &self.edits, conversation, speaker, since).await
    }

    /// Zoom names no address of a message.
    fn permalink(
        &self,
        _conversation: &ExternalConversation,
        _message: &ExternalMessage,
    ) -> Option<String> {
        None
    }

    /// Where the account's app acts as everybody, nobody signs in.
    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.sign_in.as_ref().map(|sign_in| sign_in as &dyn SignIn)
    }

    /// The service user has nothing to authorise: the account's app acts as it.
    fn own_sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    /// A guest signs in nowhere, so that the role alone lets the hub speak as one.
    fn guests(&self) -> Option<&dyn Guests> {
        self.guests.as_ref().map(|guests| guests as &dyn Guests)
    }

    async fn preflight(&self, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
        preflight::run(&self.api, depth, people).await
    }

    async fn listen(
        &self,
        sink: Arc<dyn EventSink>,
        hearing: watch::Receiver<Hearing>,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let listener = self.listener.as_ref();
        let edits = self.edits.clone();
        listen::listen(&self.api, edits, listener, sink, hearing, stop).await
    }
}

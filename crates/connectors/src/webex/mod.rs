//! Webex Messaging.
//!
//! People's messages are posted with their own tokens or their guests', the app's with the bot's.
//! Everything is heard through the organisation's events, which a compliance officer may read: a
//! bot is not shown what is said in a group. When to look is told by the sockets of those who may have
//! one and, where Webex can reach us, by its webhooks.
//!
//! An organisation without a compliance officer is heard by sockets alone: what is said to the bot, and
//! what everybody hears whose token is held.

mod activity;
mod api;
mod devices;
mod dialect;
mod directory;
mod feed;
pub(crate) mod fuzzing;
mod gaps;
mod guest_tokens;
mod guests;
mod health;
mod hearing;
mod history;
mod ids;
mod keeping;
mod line;
mod listen;
mod messages;
mod opening;
mod pair;
mod poll;
mod posts;
mod preflight;
mod purpose;
mod refusal;
mod rooms;
mod settings;
mod sign_in;
mod sign_in_refusal;
mod socket;
mod sockets;
mod token_endpoint;
mod tokens;
mod unread;
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

pub use purpose::SOCKET_SCOPES;
pub use settings::{Hear, Settings};
pub use sign_in::{ADMINISTRATOR_SCOPES, DIRECTORY_SCOPES, PEOPLE_SCOPES};

use self::{
    api::Api, guests::ServiceAppGuests, rooms::Rooms, sign_in::WebexSignIn, wire::Organization,
};
use crate::{
    Connector, DirectoryPage, Edit, EventSink, Guests, Hearing, Identity, OwnAccount, Post, Posted,
    SaidBy, SignIn, TokenOwner, TokenVault, listener::Listener,
};

/// One organisation.
pub struct WebexConnector {
    api: Api,
    rooms: Arc<Rooms>,
    people: WebexSignIn,
    administrator: WebexSignIn,
    guests: Option<ServiceAppGuests>,
    listener: Option<(Listener, String)>,
}

impl WebexConnector {
    /// `listener` is where Webex can reach us, and the name to mount there.
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
        let api = Api::new(settings, http, vault, clock, random)?;
        let makes_guests = api.settings().guest_issuer.is_some();
        Ok(Self {
            rooms: Arc::new(Rooms::new(api.clone())),
            people: WebexSignIn::of_people(api.clone()),
            administrator: WebexSignIn::of_administrator(api.clone()),
            guests: makes_guests.then(|| ServiceAppGuests::new(api.clone())),
            api,
            listener,
        })
    }

    /// The organisation's name; where the administrator may not ask for it, the domain of their
    /// address.
    async fn organisation_name(&self) -> Result<String, Failure> {
        let organisation = self.api.organisation().await?;
        let url = self.api.url(&["organizations", organisation], &[]);
        let owner = TokenOwner::AppLevel;
        let asked: Result<Organization, Failure> =
            self.api.get(&owner, url, "organizations.get").await;
        match asked {
            Ok(Organization {
                display_name: Some(name),
            }) => Ok(name),
            Err(failure) if refusal::may_pass(&failure) => Err(failure),
            Ok(_) | Err(_) => {
                let administrator = self.api.me(&owner).await?;
                let domain = administrator
                    .email()
                    .and_then(|email| email.split_once('@'))
                    .map(|(_, domain)| domain.to_owned());
                Ok(domain.unwrap_or_else(|| "Webex".to_owned()))
            }
        }
    }
}

#[async_trait]
impl Connector for WebexConnector {
    fn capabilities(&self) -> &'static Capabilities {
        match self.api.settings().hear {
            Hear::Events => &capability::WEBEX,
            Hear::Sockets => &capability::WEBEX_BY_SOCKETS,
        }
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        let bot = self.api.me(&TokenOwner::App).await?;
        Ok(Identity {
            name: self.organisation_name().await?,
            own_accounts: vec![ExternalAccount::new(bot.id)],
        })
    }

    /// The administrator, with whose eyes the hub reads: never who speaks, which is the bot.
    async fn own_account(&self) -> Result<Option<OwnAccount>, Failure> {
        let administrator = self.api.me(&TokenOwner::AppLevel).await?;
        Ok(Some(OwnAccount {
            active: administrator.is_active(),
            address: administrator.email().map(str::to_owned),
            sign_in_name: administrator.email().map(str::to_owned),
            account: ExternalAccount::new(administrator.id),
            name: administrator.display_name.unwrap_or_default(),
            guest: false,
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
        self.rooms.facts(id, speaker).await
    }

    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        self.rooms.list(speaker).await
    }

    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
        opening::open(&self.api, &self.rooms, wanted).await
    }

    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        opening::find_opened(&self.api, &self.rooms, wanted, since).await
    }

    fn split(&self, content: Content) -> Vec<Content> {
        dialect::split(content)
    }

    fn as_read_back(&self, content: &Content, by: &SaidBy<'_>) -> Content {
        dialect::as_read_back(&posts::shown(content, by.shown_as))
    }

    /// Buttons are left out: a message that has a card cannot be edited, and the content itself says
    /// what to answer.
    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        posts::post(&self.api, &self.rooms, post).await
    }

    async fn edit(&self, edit: &Edit<'_>) -> Result<(), Failure> {
        posts::edit(&self.api, &self.rooms, edit).await
    }

    async fn delete(
        &self,
        _conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<(), Failure> {
        posts::delete(&self.api, message, speaker).await
    }

    async fn history(
        &self,
        conversation: &ExternalConversation,
        speaker: &Speaker,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure> {
        history::history(&self.api, &self.rooms, conversation, speaker, since).await
    }

    async fn stands(
        &self,
        _conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<bool, Failure> {
        history::stands(&self.api, message, speaker).await
    }

    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String> {
        posts::permalink(&self.rooms, conversation, message)
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        Some(&self.people)
    }

    fn own_sign_in(&self) -> Option<&dyn SignIn> {
        Some(&self.administrator)
    }

    fn guests(&self) -> Option<&dyn Guests> {
        let guests = self.guests.as_ref()?;
        Some(guests)
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
        let (api, rooms) = (self.api.clone(), self.rooms.clone());
        match api.settings().hear {
            Hear::Events => {
                let listener = self.listener.as_ref();
                listen::listen(api, rooms, listener, sink, hearing, stop).await
            }
            Hear::Sockets => listen::listen_by_sockets(api, rooms, sink, hearing, stop).await,
        }
    }
}

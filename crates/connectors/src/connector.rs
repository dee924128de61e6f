//! What the engine asks of a platform.

use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::{
    Button, Capabilities, Check, Content, ConversationFacts, Depth, DirectoryAccount,
    ExternalAccount, ExternalConversation, ExternalMessage, Failure, FailureKind, GuestState,
    HealthState, Incoming, OpenConversation, RelayId, SignInWay, Speaker, Timestamp,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{Secret, TokenSet};

/// One connection to one platform. Every call makes at most the requests its documentation
/// names, never retries a write by itself, and classifies each failure once.
#[async_trait]
pub trait Connector: Send + Sync {
    fn capabilities(&self) -> &'static Capabilities;

    /// Proves that the hub's own credentials work and tells who the hub is there.
    async fn identify(&self) -> Result<Identity, Failure>;

    /// The account that an administrator signs in for the hub itself (the Teams service account, by
    /// which it speaks; the Webex compliance officer, by whom it reads), as the platform describes it
    /// to its own token; none where the app has no such account.
    async fn own_account(&self) -> Result<Option<OwnAccount>, Failure> {
        Ok(None)
    }

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

    /// The content as the platform would give it back, said there by whoever says it: what a
    /// read-back compares. Pure.
    fn as_read_back(&self, content: &Content, by: &SaidBy<'_>) -> Content;

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

    /// Whether a message that was there still is. Asked only where the source does not catch up by
    /// itself: what is deleted while nobody hears leaves nothing in the history.
    async fn stands(
        &self,
        _conversation: &ExternalConversation,
        _message: &ExternalMessage,
        _speaker: &Speaker,
    ) -> Result<bool, Failure> {
        Ok(true)
    }

    /// Answers someone who asked the app, where only they see it; `answer` is what the event gave.
    /// Most platforms have no such place: it goes into the conversation with the app.
    async fn answer(&self, _answer: &str, _content: &Content) -> Result<(), Failure> {
        let kind = FailureKind::NotSupported;
        Err(Failure::new(kind, "no_private_answer", "answer"))
    }

    /// A link that opens the message in the platform's own app, where it can be had without a call.
    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String>;

    /// How people sign in; none where the hub's app cannot act as anyone.
    fn sign_in(&self) -> Option<&dyn SignIn>;

    /// How the account of [`Connector::own_account`] signs in: as people do where it needs nothing
    /// that they do not.
    fn own_sign_in(&self) -> Option<&dyn SignIn> {
        self.sign_in()
    }

    /// Guest accounts; none where the platform has no such thing.
    fn guests(&self) -> Option<&dyn Guests>;

    /// Checks that the platform and the app on it are as the hub needs them. Nothing is posted, made
    /// or changed. `people` are accounts whose tokens may be looked at; a few are enough. Empty
    /// where nothing can be checked.
    async fn preflight(&self, _depth: Depth, _people: &[ExternalAccount]) -> Vec<Check> {
        Vec::new()
    }

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

/// Signing people in, so that the hub may act as their account. No call keeps anything: whoever
/// signed in is told, and the caller decides whether the tokens are kept.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// What the platform offers, best first.
    fn ways(&self) -> &'static [SignInWay];

    /// A code to be typed on the platform's page, for all scopes that the hub's features need.
    /// Source: RFC 8628 section 3.1.
    async fn begin_device(&self) -> Result<DeviceCode, SignInFailure>;

    /// Asks once whether the code has been used. RFC 8628 section 3.4.
    async fn poll_device(&self, code: &Secret) -> Result<DevicePoll, SignInFailure>;

    /// The platform's page where a browser begins; none where it has no such way.
    fn authorize_url(&self, link: &AuthorizeLink<'_>) -> Option<Url>;

    /// Exchanges the code that the browser brought to `callback`.
    async fn redeem_code(
        &self,
        code: &str,
        callback: &Url,
        verifier: &Secret,
    ) -> Result<SignedIn, SignInFailure>;

    /// Whether the platform has wanted the app's secret where a native app sends none: it is
    /// registered as another kind of app than it is used as.
    fn wanted_secret(&self) -> bool {
        false
    }

    /// What an error that the browser brought to the callback means.
    fn read_error(&self, error: &str, description: Option<&str>) -> SignInFailure;

    /// Signs in with a password that the organisation holds, where the platform allows it.
    async fn with_password(&self, name: &str, password: &Secret)
    -> Result<SignedIn, SignInFailure>;

    /// The page where an administrator consents for everyone; none where there is no such thing.
    fn tenant_consent_url(&self, callback: Option<&Url>, state: &str) -> Option<Url>;
}

/// One use of the authorization code grant with PKCE.
#[derive(Debug, Clone)]
pub struct AuthorizeLink<'a> {
    /// Where the browser is sent back to.
    pub callback: &'a Url,
    pub state: &'a str,
    /// S256 challenge of the verifier (RFC 7636 section 4.2).
    pub challenge: &'a str,
}

/// An open device authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    pub secret: Secret,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// How long to wait between two polls, in milliseconds.
    pub interval_ms: u64,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevicePoll {
    Pending,
    /// Asked too soon: wait five seconds more between polls from now on.
    SlowDown,
    SignedIn(SignedIn),
}

/// Somebody signed in; not necessarily who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who they are on this connection.
    pub account: ExternalAccount,
    pub tokens: TokenSet,
}

/// Why nobody was signed in. Names the tenant's policies that an administrator can change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInFailure {
    /// The person said no.
    #[error("declined")]
    Declined,
    /// The code was not used in time.
    #[error("expired")]
    Expired,
    /// Somebody of another organisation signed in.
    #[error("wrong organisation")]
    WrongOrganisation,
    /// Only an administrator may consent to these scopes here.
    #[error("an administrator must consent ({0})")]
    AdministratorOnly(String),
    /// The tenant does not allow device codes.
    #[error("device codes are blocked ({0})")]
    DeviceCodeBlocked(String),
    /// The tenant wants a second factor, which this way cannot give.
    #[error("a second factor is required ({0})")]
    SecondFactorRequired(String),
    /// The account may not sign in here at all: blocked, or a guest where guests are kept out.
    #[error("sign-in is forbidden ({0})")]
    Forbidden(String),
    /// The platform has no such way, or refuses it to this account.
    #[error("not supported ({0})")]
    NotSupported(String),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Accounts that an organisation makes for people of its own who have none there.
#[async_trait]
pub trait Guests: Send + Sync {
    /// Whether a guest comes with what the hub speaks with, and again each time it is invited: so a
    /// token that was lost is had back.
    fn give_tokens(&self) -> bool {
        false
    }

    /// Makes the guest, or answers the one that this address has already. Nobody gets a mail.
    async fn invite(&self, email: &str, name: &str) -> Result<Guest, GuestFailure>;

    async fn guest(&self, account: &ExternalAccount) -> Result<Guest, GuestFailure>;

    /// Gives it the person's name and photo; a photo is fetched from its public URL first.
    async fn dress(
        &self,
        account: &ExternalAccount,
        name: &str,
        photo: Option<&Url>,
    ) -> Result<(), GuestFailure>;

    /// Deletes it. One that is gone already is a success.
    async fn remove(&self, account: &ExternalAccount) -> Result<(), GuestFailure>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub account: ExternalAccount,
    /// `Invited` or `Redeemed`.
    pub state: GuestState,
    /// Where the invitation is taken up, while it is open.
    pub redeem_url: Option<String>,
    /// What the hub speaks with as the guest, where the platform gives that with the account.
    pub tokens: Option<TokenSet>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuestFailure {
    /// The organisation's settings forbid inviting, or guests altogether.
    #[error("guests are forbidden ({0})")]
    Forbidden(String),
    /// The address belongs to the organisation itself: a member cannot also be its guest.
    #[error("the address is the organisation's own")]
    OwnAddress,
    /// Deleted there.
    #[error("the guest is not there any more")]
    Gone,
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Who the hub is on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The workspace's or tenant's name.
    pub name: String,
    /// Every account that is the hub itself: the bot's user, the service account.
    pub own_accounts: Vec<ExternalAccount>,
}

/// The account that is the hub itself, by its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    pub account: ExternalAccount,
    pub name: String,
    pub address: Option<String>,
    /// What is typed to sign in, which need not be the address.
    pub sign_in_name: Option<String>,
    /// Somebody of another organisation, who is let in.
    pub guest: bool,
    pub active: bool,
}

impl OwnAccount {
    /// Whether somebody means this account, by id, address or sign-in name.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        let word = word.trim();
        let names = [self.address.as_deref(), self.sign_in_name.as_deref()];
        std::iter::once(self.account.as_str())
            .chain(names.into_iter().flatten())
            .any(|name| name.eq_ignore_ascii_case(word))
    }
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

/// Where something is said, and by whom: a platform may give back the same words otherwise.
#[derive(Debug, Clone, Copy)]
pub struct SaidBy<'a> {
    pub conversation: &'a ExternalConversation,
    pub speaker: &'a Speaker,
    /// Given exactly when the app speaks for a person.
    pub shown_as: Option<&'a ShownAs>,
}

/// One message to be posted.
#[derive(Debug, Clone)]
pub struct Post<'a> {
    pub conversation: &'a ExternalConversation,
    pub speaker: &'a Speaker,
    /// Given exactly when the app speaks for a person.
    pub shown_as: Option<&'a ShownAs>,
    pub content: &'a Content,
    /// Shown under it where the platform has buttons. Elsewhere they are left out: the content
    /// itself says what to answer and holds the links, since what is read back is compared with it.
    pub buttons: &'a [Button],
    pub relay_id: &'a RelayId,
}

impl Post<'_> {
    #[must_use]
    pub fn said_by(&self) -> SaidBy<'_> {
        SaidBy {
            conversation: self.conversation,
            speaker: self.speaker,
            shown_as: self.shown_as,
        }
    }
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

impl Edit<'_> {
    #[must_use]
    pub fn said_by(&self) -> SaidBy<'_> {
        SaidBy {
            conversation: self.conversation,
            speaker: self.speaker,
            shown_as: self.shown_as,
        }
    }
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

    /// The source goes on, but between what was heard since then something may have been missed:
    /// for one that does not catch up by itself.
    async fn missed(&self, since: Timestamp);

    /// The source goes on without what it could not read, and will not come back to it. Kept for
    /// the administrator; what is told again while it goes on counts as one.
    async fn unreadable(&self, span: Unreadable);
}

/// What a source could not read, from `since` until it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// None where the whole connection is meant.
    pub conversation: Option<ExternalConversation>,
    /// By the platform's clock.
    pub since: Timestamp,
    /// A failure's code.
    pub code: String,
}

/// The events could not be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("events could not be kept: {0}")]
pub struct NotTaken(pub String);

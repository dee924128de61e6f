//! What every stand-in offers to the control API: act as a person in their own app, and see what
//! that person would see there. The platforms share nothing else: each keeps its own users,
//! conversations and messages, as the real ones do.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Millis;

/// One stand-in platform, seen from the control API.
pub trait StandIn: Send + Sync {
    /// The name used in the control API: `slack`, `teams`, `webex`, `zoom`.
    fn platform(&self) -> &'static str;

    /// The account that belongs to this address, whatever the case of its letters.
    fn account(&self, email: &str) -> Option<AccountView>;

    /// Does something as a person; answers the id of the message made or touched.
    fn act(&self, act: &Act) -> Result<String, Refusal>;

    /// What the person's own app would show, oldest first.
    fn view(&self, email: &str) -> Result<Vec<ConversationView>, Refusal>;

    /// What the person and the hub's app have written to each other directly, where they have.
    fn app_conversation(&self, email: &str) -> Result<Option<AppConversation>, Refusal>;

    /// What the person's own people search would find.
    fn search(&self, email: &str, query: &str) -> Result<Vec<FoundPerson>, Refusal>;

    /// Switches an account on or off; `false` where nobody has this address.
    fn set_active(&self, email: &str, active: bool) -> bool;

    /// Gives an account another display name; `false` where nobody has this address.
    fn rename(&self, email: &str, name: &str) -> bool;

    /// Makes an account for somebody new.
    fn join(&self, _email: &str, _name: &str) -> Result<(), Refusal> {
        Err(Refusal::NotAllowed(
            "nobody joins this platform here".to_owned(),
        ))
    }

    /// Somebody types a code on the platform's device page, as whoever signs in there.
    fn enter_code(&self, _code: &str, _login: &str, _grant: bool) -> Entered {
        Entered::NotOpen
    }

    /// The codes that wait to be typed.
    fn open_codes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The address of the page where codes are typed.
    fn device_page(&self) -> Option<String> {
        None
    }

    /// The page where somebody in a browser authorises the hub's app.
    fn authorization_page(&self) -> Option<AuthorizationPage> {
        None
    }
}

/// What became of a code that somebody typed on a device page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// What the page then says.
    SignedIn(String),
    Declined(String),
    Refused(String),
    /// No open code or account fits.
    NotOpen,
}

/// How a browser recognises the page where an app is authorised, and fills it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationPage {
    /// `http://127.0.0.1:4100`
    pub address: String,
    /// What the page's path ends with.
    pub path_end: &'static str,
    pub takes: Takes,
}

impl AuthorizationPage {
    /// Whether a browser at this address is on the page.
    #[must_use]
    pub fn is_at(&self, url: &Url) -> bool {
        url.as_str().starts_with(&self.address) && url.path().ends_with(self.path_end)
    }
}

/// How a page of that kind is told who signs in, and what they decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// As the query's `login_hint`, and `accept` or `deny`.
    Query,
    /// As the posted form's `person`, and `denied`.
    Form,
}

/// `POST /act`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The address of the person who acts.
    #[serde(rename = "as")]
    pub actor: String,
    /// The platform they act on.
    pub on: String,
    #[serde(rename = "do")]
    pub deed: Deed,
    #[serde(default)]
    pub to: Option<Target>,
    /// What they type: in the platform's own dialect where it has one for typing (Slack: mrkdwn;
    /// Teams: HTML when it starts with `<`, else plain text).
    #[serde(default)]
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Send,
    Edit,
    Delete,
    /// A slash command, e.g. `/causeway Bob`.
    Command,
    /// A press on a button of a message; `text` is the action's id.
    Press,
    /// A direct message to the hub's app (Slack) or service account (Teams).
    AppMessage,
    /// Lets somebody into a group or channel; `text` is their address.
    Invite,
    /// Goes out of a group or channel.
    Leave,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Someone whom the actor's people search finds: an address, a display name or an account id.
    Dm(String),
    Conversation(String),
    Message(String),
}

/// One conversation as a person's own app shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationView {
    pub id: String,
    /// `dm`, `group_dm`, `private_channel`, `channel`, `chat`, `group_chat`, `app`, `bot`
    pub kind: &'static str,
    /// Display names of the others in it, in the order of joining.
    pub with: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    pub messages: Vec<MessageView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MessageView {
    pub id: String,
    /// The address of the person whose account wrote it; the app's name where the app did.
    pub author: String,
    /// The platform's id of the account that wrote it.
    pub author_account: String,
    /// The name that stands over it in the app.
    pub shown_as: String,
    /// What the person reads, as plain text with the platform's own formatting signs
    /// (Slack: mrkdwn of the blocks; Teams: the HTML body).
    pub text: String,
    pub edited: bool,
    pub deleted: bool,
    pub sent_at: Millis,
    /// Seen by this person alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ephemeral: bool,
    /// The ids of the buttons under it that can be pressed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<String>,
    /// What stands on each of them, in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Those of the buttons that open a page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkView>,
    /// All that there is to know of the buttons.
    #[serde(skip)]
    pub pressable: Vec<ButtonView>,
}

/// A button that opens a page in the browser.
#[derive(Debug, Clone, Serialize)]
pub struct LinkView {
    pub label: String,
    pub url: String,
}

#[derive(Debug, Clone)]
pub struct ButtonView {
    pub action_id: String,
    pub value: String,
    pub label: String,
    /// The page that it opens, where it opens one.
    pub url: Option<String>,
}

/// The direct conversation of a person with the hub's app.
#[derive(Debug, Clone)]
pub struct AppConversation {
    /// The platform's id of the account that the app writes as.
    pub app_account: String,
    /// Oldest first.
    pub messages: Vec<MessageView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct FoundPerson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub name: String,
    /// The direct conversation that the searcher already has with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    pub id: String,
    pub name: String,
    pub active: bool,
    /// Whether the person has authorised the hub's app to act as this account.
    pub authorised: bool,
}

/// Why the control API would not do something: a 4xx with `{"error"}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not found: {0}")]
    NotFound(String),
    #[error("not allowed: {0}")]
    NotAllowed(String),
    #[error("not understood: {0}")]
    Invalid(String),
    /// Something that had to come from somebody else did not come in time, or did not work.
    #[error("nothing came of it: {0}")]
    Fruitless(String),
}

//! What people do and see in their own apps. Every text is the sandbox's: no real one comes here.

use causeway_hub::api::HubError;
use causeway_model::Platform;
use causeway_sandbox::control_client::{self as control, Deed, Do, To};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Playground, failure::of_control};

/// A conversation as one person's app shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conversation {
    pub id: String,
    /// `dm`, `group_dm`, `private_channel`, `channel`, `chat`, `group_chat`, `app`
    pub kind: String,
    /// Names of the others in it.
    pub with: Vec<String>,
    pub topic: Option<String>,
    /// Oldest first.
    pub messages: Vec<ChatMessage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChatMessage {
    pub id: String,
    /// The address of the person whose account wrote it, or the app's name.
    pub author: String,
    /// The name that stands over it.
    pub shown_as: String,
    pub text: String,
    pub edited: bool,
    pub deleted: bool,
    /// Milliseconds since the Unix epoch, in the sandbox's time.
    pub sent_at: i64,
    /// Only this person sees it.
    pub ephemeral: bool,
    pub buttons: Vec<MessageButton>,
    /// The buttons that open a page.
    pub links: Vec<MessageLink>,
}

/// A button that can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageButton {
    pub id: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageLink {
    pub label: String,
    pub url: String,
}

/// Somebody whom a person's own search finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundPerson {
    pub email: Option<String>,
    pub name: String,
    pub conversation: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    Send,
    Edit,
    Delete,
    /// A slash command.
    Command,
    /// Presses the button of a message; the text is its label.
    Press,
    /// Writes to the hub's app.
    AppMessage,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeedTarget {
    /// Someone, by address or name.
    Dm(String),
    Conversation(String),
    Message(String),
}

/// What a person does in their own app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SandboxDeed {
    pub email: String,
    pub platform: Platform,
    pub what: DeedKind,
    pub to: Option<DeedTarget>,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PromptAnswer {
    Grant,
    Decline,
    Ignore,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PromptAnswered {
    pub answered: bool,
    /// What the sign-in page said where it let the person no further.
    pub refused: Option<String>,
}

impl Playground {
    /// What a person's own app shows.
    ///
    /// # Errors
    /// When the sandbox does not run, or they have no account there.
    pub async fn look(
        &self,
        email: &str,
        platform: Platform,
    ) -> Result<Vec<Conversation>, HubError> {
        let seen = self.control()?.view(email, platform.word()).await;
        let seen = seen.map_err(of_control)?;
        Ok(seen.into_iter().map(Conversation::from).collect())
    }

    /// What a person's own people search finds.
    ///
    /// # Errors
    /// When the sandbox does not run, or they have no account there.
    pub async fn find(
        &self,
        email: &str,
        platform: Platform,
        query: &str,
    ) -> Result<Vec<FoundPerson>, HubError> {
        let found = self.control()?.search(email, platform.word(), query).await;
        let found = found.map_err(of_control)?;
        Ok(found.into_iter().map(FoundPerson::from).collect())
    }

    /// Does something as a person; answers the id of the message made or touched.
    ///
    /// # Errors
    /// When the sandbox does not run, or the platform refuses it.
    pub async fn act(&self, deed: &SandboxDeed) -> Result<String, HubError> {
        let deed = Deed {
            actor: &deed.email,
            on: deed.platform.word(),
            what: deed.what.into(),
            to: deed.to.clone().map(To::from),
            text: &deed.text,
        };
        self.control()?.act(&deed).await.map_err(of_control)
    }

    /// Does what a person would do with the newest consent prompt before them.
    ///
    /// # Errors
    /// When the sandbox does not run, or there is no prompt.
    pub async fn answer(
        &self,
        email: &str,
        platform: Platform,
        answer: PromptAnswer,
    ) -> Result<PromptAnswered, HubError> {
        let answer = answer.into();
        let answered = self
            .control()?
            .consent_on(email, Some(platform.word()), answer, None)
            .await
            .map_err(of_control)?;
        self.tell();
        Ok(PromptAnswered {
            answered: answered.answered,
            refused: answered.refused,
        })
    }
}

impl From<control::Conversation> for Conversation {
    fn from(seen: control::Conversation) -> Self {
        Self {
            id: seen.id,
            kind: seen.kind,
            with: seen.with,
            topic: seen.topic,
            messages: seen.messages.into_iter().map(ChatMessage::from).collect(),
        }
    }
}

impl From<control::Message> for ChatMessage {
    fn from(seen: control::Message) -> Self {
        let link = |link: control::Link| MessageLink {
            label: link.label,
            url: link.url,
        };
        Self {
            id: seen.id,
            author: seen.author,
            shown_as: seen.shown_as,
            text: seen.text,
            edited: seen.edited,
            deleted: seen.deleted,
            sent_at: seen.sent_at,
            ephemeral: seen.ephemeral,
            buttons: seen
                .buttons
                .into_iter()
                .zip(seen.labels)
                .map(|(id, label)| MessageButton { id, label })
                .collect(),
            links: seen.links.into_iter().map(link).collect(),
        }
    }
}

impl From<control::Found> for FoundPerson {
    fn from(found: control::Found) -> Self {
        Self {
            email: found.email,
            name: found.name,
            conversation: found.conversation,
        }
    }
}

impl From<DeedKind> for Do {
    fn from(kind: DeedKind) -> Self {
        match kind {
            DeedKind::Send => Self::Send,
            DeedKind::Edit => Self::Edit,
            DeedKind::Delete => Self::Delete,
            DeedKind::Command => Self::Command,
            DeedKind::Press => Self::Press,
            DeedKind::AppMessage => Self::AppMessage,
        }
    }
}

impl From<DeedTarget> for To {
    fn from(target: DeedTarget) -> Self {
        match target {
            DeedTarget::Dm(whom) => Self::Dm(whom),
            DeedTarget::Conversation(id) => Self::Conversation(id),
            DeedTarget::Message(id) => Self::Message(id),
        }
    }
}

impl From<PromptAnswer> for control::Answer {
    fn from(answer: PromptAnswer) -> Self {
        match answer {
            PromptAnswer::Grant => Self::Grant,
            PromptAnswer::Decline => Self::Decline,
            PromptAnswer::Ignore => Self::Ignore,
        }
    }
}

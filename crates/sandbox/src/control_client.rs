//! A client of the control API, for demos and tests.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Talks to one sandbox's control API.
#[derive(Debug, Clone)]
pub struct ControlClient {
    url: String,
    http: reqwest::Client,
}

/// Why the control API gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("the sandbox's control API cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    #[error("the sandbox refused ({status}): {message}")]
    Refused { status: StatusCode, message: String },
}

/// Whom or what a deed is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// Someone whom the person's own search finds, by address, name or account id.
    Dm(String),
    Conversation(String),
    Message(String),
}

/// What a person does in their own app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Do {
    Send,
    Edit,
    Delete,
    Command,
    Press,
    AppMessage,
}

/// A deed for [`ControlClient::act`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deed<'a> {
    /// The address of the person.
    #[serde(rename = "as")]
    pub actor: &'a str,
    /// `slack`, `teams`
    pub on: &'a str,
    #[serde(rename = "do")]
    pub what: Do,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<To>,
    pub text: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conversation {
    pub id: String,
    /// `dm`, `group_dm`, `private_channel`, `channel`, `chat`, `group_chat`, `app`
    pub kind: String,
    /// Names of the others in it.
    pub with: Vec<String>,
    #[serde(default)]
    pub topic: Option<String>,
    /// Oldest first.
    pub messages: Vec<Message>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Message {
    pub id: String,
    /// The address of the person whose account wrote it, or the app's name.
    pub author: String,
    pub author_account: String,
    /// The name that stands over it.
    pub shown_as: String,
    pub text: String,
    pub edited: bool,
    pub deleted: bool,
    /// Milliseconds since the Unix epoch, in the sandbox's time.
    pub sent_at: i64,
    #[serde(default)]
    pub ephemeral: bool,
    #[serde(default)]
    pub buttons: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Found {
    #[serde(default)]
    pub email: Option<String>,
    pub name: String,
    #[serde(default)]
    pub conversation: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub email: String,
    pub name: String,
    /// By platform.
    pub accounts: BTreeMap<String, Account>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub active: bool,
    /// Whether the person has authorised the hub's app.
    pub authorised: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Time {
    pub now_ms: i64,
    pub speed: u32,
}

impl ControlClient {
    /// A client of the control API at this address, e.g. `http://127.0.0.1:4103`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let url: String = url.into();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// Does something as a person; answers the id of the message made or touched.
    pub async fn act(&self, deed: &Deed<'_>) -> Result<String, ControlError> {
        #[derive(Deserialize)]
        struct Done {
            message: String,
        }
        let done: Done = answer(self.call(Method::POST, "/act").json(deed)).await?;
        Ok(done.message)
    }

    /// Sends a text from one person to another.
    pub async fn send(
        &self,
        actor: &str,
        on: &str,
        to: To,
        text: &str,
    ) -> Result<String, ControlError> {
        self.act(&Deed {
            actor,
            on,
            what: Do::Send,
            to: Some(to),
            text,
        })
        .await
    }

    /// What a person's own app shows.
    pub async fn view(&self, actor: &str, on: &str) -> Result<Vec<Conversation>, ControlError> {
        #[derive(Deserialize)]
        struct View {
            conversations: Vec<Conversation>,
        }
        let query = [("as", actor), ("on", on)];
        let view: View = answer(self.call(Method::GET, "/view").query(&query)).await?;
        Ok(view.conversations)
    }

    /// What a person's own people search finds.
    pub async fn search(
        &self,
        actor: &str,
        on: &str,
        query: &str,
    ) -> Result<Vec<Found>, ControlError> {
        #[derive(Deserialize)]
        struct Search {
            people: Vec<Found>,
        }
        let query = [("as", actor), ("on", on), ("q", query)];
        let search: Search = answer(self.call(Method::GET, "/search").query(&query)).await?;
        Ok(search.people)
    }

    /// Everyone, with their accounts.
    pub async fn people(&self) -> Result<Vec<Person>, ControlError> {
        answer(self.call(Method::GET, "/people")).await
    }

    /// Switches an account on or off, as the platform's administrator would.
    pub async fn set_active(
        &self,
        email: &str,
        on: &str,
        active: bool,
    ) -> Result<(), ControlError> {
        let change = json!({ "email": email, "on": on, "active": active });
        let _: Value = answer(self.call(Method::POST, "/people").json(&change)).await?;
        Ok(())
    }

    /// Gives an account another display name, as the platform's administrator would.
    pub async fn rename(&self, email: &str, on: &str, name: &str) -> Result<(), ControlError> {
        let change = json!({ "email": email, "on": on, "name": name });
        let _: Value = answer(self.call(Method::POST, "/people").json(&change)).await?;
        Ok(())
    }

    /// The sandbox's time.
    pub async fn clock(&self) -> Result<Time, ControlError> {
        answer(self.call(Method::GET, "/clock")).await
    }

    /// Pushes the clock forward.
    pub async fn advance(&self, advance_ms: u64) -> Result<Time, ControlError> {
        let body = json!({ "advance_ms": advance_ms });
        answer(self.call(Method::POST, "/clock").json(&body)).await
    }

    /// Arms a fault.
    pub async fn fault(&self, fault: &crate::faults::Fault) -> Result<(), ControlError> {
        let _: Value = answer(self.call(Method::POST, "/faults").json(fault)).await?;
        Ok(())
    }

    /// Takes all faults back.
    pub async fn clear_faults(&self) -> Result<(), ControlError> {
        let _: Value = answer(self.call(Method::DELETE, "/faults")).await?;
        Ok(())
    }

    /// What the sandbox said of itself when it started: addresses and credentials.
    pub async fn credentials(&self) -> Result<Value, ControlError> {
        answer(self.call(Method::GET, "/credentials")).await
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ControlError> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    let body: Value = response.json().await.unwrap_or_default();
    let message = body["error"]
        .as_str()
        .unwrap_or("no reason given")
        .to_owned();
    Err(ControlError::Refused { status, message })
}

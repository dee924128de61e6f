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
    /// The text is the address of whoever is let in.
    Invite,
    Leave,
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
    /// `dm`, `group_dm`, `private_channel`, `channel`, `chat`, `group_chat`, `app`, `bot`
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
    /// What stands on each of them, in the same order.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The buttons that open a page.
    #[serde(default)]
    pub links: Vec<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Link {
    pub label: String,
    pub url: String,
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

/// Switches of the tenant to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TenantSwitches {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_invitations: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_sign_in: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_code: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_consent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_grant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_api: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_licence: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_valid: Option<bool>,
    /// Permissions that the app was not granted after all, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_client: Option<bool>,
}

/// How the tenant is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Tenant {
    pub guest_invitations: bool,
    pub guest_sign_in: bool,
    pub device_code: bool,
    pub user_consent: bool,
    pub mfa: bool,
    pub password_grant: bool,
    pub protected_api: bool,
    pub public_client: bool,
}

/// Switches of the Webex organisation to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebexSwitches {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guests_allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_may_authorise: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_redirects: Option<bool>,
    /// Scopes that no token has after all, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit_webhooks: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

/// How the Webex organisation is set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Webex {
    pub guests_allowed: bool,
    pub compliance: bool,
    pub people_may_authorise: bool,
    pub device_redirects: bool,
    pub withheld: Vec<String>,
    pub edit_webhooks: bool,
    #[serde(default)]
    pub public_url: Option<String>,
}

/// Where the Slack app's settings say that things go. Without the first, Socket Mode is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackUrls {
    /// Of events.
    pub request_url: Option<String>,
    pub command_url: Option<String>,
    pub interactivity_url: Option<String>,
}

/// Switches of the Zoom account to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ZoomSwitches {
    /// `free`, `pro`, `business`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_chat_edit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_chat_view: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso: Option<bool>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioning: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_apps: Option<bool>,
    /// Scopes that the apps were not given after all, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Vec<String>>,
    /// Apps whose secret is another one by now: `server_to_server`, `chatbot`, `user_app`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<bool>,
    /// Addresses outside the account that are contacts of its people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected: Option<Vec<String>>,
    /// Kinds of calls of which other apps of the account make all that are left of this day:
    /// `light`, `medium`, `heavy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent: Option<Vec<String>>,
    /// Addresses of members who have not followed the link in their invitation yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<Vec<String>>,
    /// Addresses of members whom an administrator deletes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Vec<String>>,
}

/// How the Zoom account is set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Zoom {
    pub plan: String,
    pub role_chat_edit: bool,
    pub role_chat_view: bool,
    pub sso: bool,
    pub managed_domain: Option<String>,
    pub provisioning: bool,
    pub user_apps: bool,
    pub withheld: Vec<String>,
    pub rotated: Vec<String>,
    pub subscription: bool,
    pub connected: Vec<String>,
    /// Where activation mails went, oldest first.
    pub mails: Vec<String>,
}

/// Where the Zoom apps' settings say that events go, beside the socket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoomWebhooks {
    /// Of the event subscription.
    pub url: Option<String>,
    /// The chatbot's endpoint.
    pub bot_url: Option<String>,
}

/// What a person makes of a consent prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Grant,
    Decline,
    Ignore,
}

/// How a prompt was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum With {
    DeviceCode,
    Link,
    Button,
    Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answered {
    pub answered: bool,
    #[serde(default)]
    pub with: Option<With>,
    /// What a sign-in page said where it let the person no further.
    #[serde(default)]
    pub refused: Option<String>,
}

/// Where a browser ended that followed a link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Browsed {
    /// What the platform's page said where it let the person no further.
    #[serde(default)]
    pub refused: Option<String>,
    /// An address of another program's, which the browser hands over.
    #[serde(default)]
    pub opens: Option<String>,
}

/// What the device page showed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DevicePage {
    pub signed_in: bool,
    pub page: String,
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
        let done: Done = answered(self.call(Method::POST, "/act").json(deed)).await?;
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

    /// Lets somebody into a group or channel; answers the id of the message that says so.
    pub async fn invite_member(
        &self,
        actor: &str,
        on: &str,
        conversation: &str,
        whom: &str,
    ) -> Result<String, ControlError> {
        self.act(&Deed {
            actor,
            on,
            what: Do::Invite,
            to: Some(To::Conversation(conversation.to_owned())),
            text: whom,
        })
        .await
    }

    /// Goes out of a group or channel; answers the id of the message that says so.
    pub async fn leave(
        &self,
        actor: &str,
        on: &str,
        conversation: &str,
    ) -> Result<String, ControlError> {
        self.act(&Deed {
            actor,
            on,
            what: Do::Leave,
            to: Some(To::Conversation(conversation.to_owned())),
            text: "",
        })
        .await
    }

    /// Does what a person would do with the newest consent prompt before them, in their own app
    /// and browser. `signed_in_as` is the account that signs in, where it is not their own.
    pub async fn consent(
        &self,
        actor: &str,
        answer: Answer,
        signed_in_as: Option<&str>,
    ) -> Result<Answered, ControlError> {
        self.consent_on(actor, None, answer, signed_in_as).await
    }

    /// The same, with the platform that they were asked on.
    pub async fn consent_on(
        &self,
        actor: &str,
        on: Option<&str>,
        answer: Answer,
        signed_in_as: Option<&str>,
    ) -> Result<Answered, ControlError> {
        let mut body = json!({ "as": actor, "answer": answer });
        if let Some(on) = on {
            body["on"] = on.into();
        }
        if let Some(login) = signed_in_as {
            body["signed_in_as"] = login.into();
        }
        answered(self.call(Method::POST, "/consent").json(&body)).await
    }

    /// Types a code on Entra's device page, and signs in there or declines.
    pub async fn device(
        &self,
        user_code: &str,
        login: &str,
        grant: bool,
    ) -> Result<DevicePage, ControlError> {
        let decision = if grant { "grant" } else { "decline" };
        let body = json!({
            "user_code": user_code, "signed_in_as": login, "answer": decision,
        });
        answered(self.call(Method::POST, "/device").json(&body)).await
    }

    /// Follows a link in somebody's browser, who signs in at the platform's page or declines.
    pub async fn browse(
        &self,
        link: &str,
        login: &str,
        grant: bool,
    ) -> Result<Browsed, ControlError> {
        let decision = if grant { "grant" } else { "decline" };
        let body = json!({ "url": link, "signed_in_as": login, "answer": decision });
        answered(self.call(Method::POST, "/browser").json(&body)).await
    }

    /// How the tenant is set up now.
    pub async fn tenant(&self) -> Result<Tenant, ControlError> {
        answered(self.call(Method::GET, "/tenant")).await
    }

    /// Throws switches of the tenant.
    pub async fn set_tenant(&self, switches: &TenantSwitches) -> Result<Tenant, ControlError> {
        answered(self.call(Method::POST, "/tenant").json(switches)).await
    }

    /// Uploads a certificate (X.509 in PEM) to the app registration in the tenant.
    pub async fn upload_certificate(&self, pem: &str) -> Result<(), ControlError> {
        let body = json!({ "certificate": pem });
        let done = self.call(Method::POST, "/tenant/certificate").json(&body);
        answered::<Value>(done).await.map(drop)
    }

    /// Leaves these scopes out of every token of the Slack app.
    pub async fn withhold_slack_scopes(&self, scopes: &[&str]) -> Result<(), ControlError> {
        let body = json!({ "withheld": scopes });
        let done = self.call(Method::POST, "/workspace").json(&body);
        answered::<Value>(done).await.map(drop)
    }

    /// Sets the request URLs of the Slack app; Slack asks the first one whether it wants them.
    pub async fn set_slack(&self, urls: &SlackUrls) -> Result<SlackUrls, ControlError> {
        answered(self.call(Method::POST, "/slack").json(urls)).await
    }

    /// Throws switches of the Webex organisation; answers how it is set up then.
    pub async fn webex(&self, switches: &WebexSwitches) -> Result<Webex, ControlError> {
        answered(self.call(Method::POST, "/webex").json(switches)).await
    }

    /// Throws switches of the Zoom account; answers all of them.
    pub async fn zoom(&self, switches: &ZoomSwitches) -> Result<Zoom, ControlError> {
        answered(self.call(Method::POST, "/zoom").json(switches)).await
    }

    /// Sets the URLs of the Zoom apps; Zoom asks the first one whether it is ours.
    pub async fn zoom_webhook(&self, urls: &ZoomWebhooks) -> Result<ZoomWebhooks, ControlError> {
        answered(self.call(Method::POST, "/zoom/webhook").json(urls)).await
    }

    /// What a person's own app shows.
    pub async fn view(&self, actor: &str, on: &str) -> Result<Vec<Conversation>, ControlError> {
        #[derive(Deserialize)]
        struct View {
            conversations: Vec<Conversation>,
        }
        let query = [("as", actor), ("on", on)];
        let view: View = answered(self.call(Method::GET, "/view").query(&query)).await?;
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
        let search: Search = answered(self.call(Method::GET, "/search").query(&query)).await?;
        Ok(search.people)
    }

    /// Everyone, with their accounts.
    pub async fn people(&self) -> Result<Vec<Person>, ControlError> {
        answered(self.call(Method::GET, "/people")).await
    }

    /// Switches an account on or off, as the platform's administrator would.
    pub async fn set_active(
        &self,
        email: &str,
        on: &str,
        active: bool,
    ) -> Result<(), ControlError> {
        let change = json!({ "email": email, "on": on, "active": active });
        let _: Value = answered(self.call(Method::POST, "/people").json(&change)).await?;
        Ok(())
    }

    /// Gives an account another display name, as the platform's administrator would.
    pub async fn rename(&self, email: &str, on: &str, name: &str) -> Result<(), ControlError> {
        let change = json!({ "email": email, "on": on, "name": name });
        let _: Value = answered(self.call(Method::POST, "/people").json(&change)).await?;
        Ok(())
    }

    /// The sandbox's time.
    pub async fn clock(&self) -> Result<Time, ControlError> {
        answered(self.call(Method::GET, "/clock")).await
    }

    /// Pushes the clock forward.
    pub async fn advance(&self, advance_ms: u64) -> Result<Time, ControlError> {
        let body = json!({ "advance_ms": advance_ms });
        answered(self.call(Method::POST, "/clock").json(&body)).await
    }

    /// Arms a fault.
    pub async fn fault(&self, fault: &crate::faults::Fault) -> Result<(), ControlError> {
        let _: Value = answered(self.call(Method::POST, "/faults").json(fault)).await?;
        Ok(())
    }

    /// Takes all faults back.
    pub async fn clear_faults(&self) -> Result<(), ControlError> {
        let _: Value = answered(self.call(Method::DELETE, "/faults")).await?;
        Ok(())
    }

    /// What the sandbox said of itself when it started: addresses and credentials.
    pub async fn credentials(&self) -> Result<Value, ControlError> {
        answered(self.call(Method::GET, "/credentials")).await
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }
}

async fn answered<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ControlError> {
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

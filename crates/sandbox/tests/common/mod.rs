//! A stranger to the sandbox: knows only what it printed and what the platform's documents say.

#![allow(dead_code, reason = "each test binary uses another part of it")]

pub mod microsoft;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use causeway_sandbox::{ControlClient, Options, Running, Sandbox, control_client::To};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

/// How long something that must come may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Stranger {
    pub sandbox: Running,
    pub control: ControlClient,
    pub http: reqwest::Client,
    pub slack: String,
    pub bot: String,
    pub app: String,
    credentials: Value,
}

impl Stranger {
    pub async fn new() -> Result<Self> {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Result<Self> {
        let sandbox = Sandbox::start(options).await?;
        let description = sandbox.description();
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a string");
        let credentials = description["credentials"]["slack"].clone();
        Ok(Self {
            control: ControlClient::new(text(&description["control"])?),
            http: reqwest::Client::new(),
            slack: text(&description["slack"])?,
            bot: text(&credentials["bot_token"])?,
            app: text(&credentials["app_token"])?,
            credentials,
            sandbox,
        })
    }

    pub fn credential(&self, name: &str) -> String {
        self.credentials[name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn user_token(&self, email: &str) -> String {
        self.credentials["user_tokens"][email]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Calls a method with a form, as the official clients do.
    pub async fn call(&self, token: &str, method: &str, args: Value) -> Result<Value> {
        let response = self.raw(token, method, args).await?;
        if response.status() != StatusCode::OK {
            bail!("{method} answered {}", response.status());
        }
        Ok(response.json().await?)
    }

    /// The same, for a call that must succeed.
    pub async fn ok(&self, token: &str, method: &str, args: Value) -> Result<Value> {
        let answer = self.call(token, method, args).await?;
        if answer["ok"] != true {
            bail!("{method} failed: {answer}");
        }
        Ok(answer)
    }

    /// The error of a call that must fail.
    pub async fn error(&self, token: &str, method: &str, args: Value) -> Result<String> {
        let answer = self.call(token, method, args).await?;
        answer["error"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("{method}: {answer}"))
    }

    pub async fn raw(&self, token: &str, method: &str, args: Value) -> Result<Response> {
        let fields: Vec<(String, String)> = args
            .as_object()
            .context("arguments are an object")?
            .iter()
            .map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                (name.clone(), text)
            })
            .collect();
        let request = self
            .http
            .post(format!("{}{method}", self.slack))
            .bearer_auth(token);
        Ok(request.form(&fields).send().await?)
    }

    /// The Slack id of a person.
    pub async fn id(&self, email: &str) -> Result<String> {
        let people = self.control.people().await?;
        let person = people.into_iter().find(|person| person.email == email);
        let person = person.with_context(|| format!("nobody is {email}"))?;
        let account = person.accounts.get("slack").context("a Slack account")?;
        Ok(account.id.clone())
    }

    /// The direct conversation that this token's owner opens with a person.
    pub async fn dm(&self, token: &str, email: &str) -> Result<String> {
        let user = self.id(email).await?;
        let opened = self
            .ok(token, "conversations.open", json!({ "users": user }))
            .await?;
        opened["channel"]["id"]
            .as_str()
            .map(str::to_owned)
            .context("an id")
    }

    pub async fn send(&self, actor: &str, to: &str, text: &str) -> Result<String> {
        Ok(self
            .control
            .send(actor, "slack", To::Dm(to.to_owned()), text)
            .await?)
    }

    pub async fn socket(&self) -> Result<Socket> {
        let mut socket = self.bare_socket().await?;
        let hello = socket.frame().await?;
        anyhow::ensure!(hello["type"] == "hello", "not a hello: {hello}");
        Ok(socket)
    }

    /// A socket whose hello has not been read yet.
    pub async fn bare_socket(&self) -> Result<Socket> {
        let opened = self
            .ok(&self.app, "apps.connections.open", json!({}))
            .await?;
        let url = opened["url"].as_str().context("a url")?;
        let (stream, _) = tokio_tungstenite::connect_async(url).await?;
        Ok(Socket(stream))
    }
}

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The next frame of JSON.
    pub async fn frame(&mut self) -> Result<Value> {
        self.next().await?.context("the socket ended")
    }

    /// The next frame, or `None` at the socket's end.
    pub async fn next(&mut self) -> Result<Option<Value>> {
        // Pings come for ever, so the patience is for all of it and not for each message.
        let text = tokio::time::timeout(PATIENCE, self.text()).await;
        let text = text.context("silence")?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    async fn text(&mut self) -> Option<String> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub async fn ack(&mut self, frame: &Value) -> Result<()> {
        self.answer(frame, Value::Null).await
    }

    pub async fn answer(&mut self, frame: &Value, payload: Value) -> Result<()> {
        let mut ack = json!({ "envelope_id": frame["envelope_id"] });
        if !payload.is_null() {
            ack["payload"] = payload;
        }
        Ok(self.0.send(Message::text(ack.to_string())).await?)
    }

    /// Reads and acknowledges the next event; answers its payload.
    pub async fn event(&mut self) -> Result<Value> {
        let frame = self.frame().await?;
        anyhow::ensure!(frame["type"] == "events_api", "not an event: {frame}");
        self.ack(&frame).await?;
        Ok(frame["payload"].clone())
    }
}

/// Asks again until the answer is there.
pub async fn eventually<T>(mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "it never came");
        tokio::task::yield_now().await;
    }
}

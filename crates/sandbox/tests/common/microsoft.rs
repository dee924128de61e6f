//! Entra and Graph, for a stranger who knows only what the sandbox printed.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::Stranger;

pub const REDIRECT: &str = "http://localhost:5000/callback";
const SCOPES: &str = "openid offline_access User.Read Chat.ReadWrite Chat.Create";

pub struct Microsoft {
    pub graph: String,
    pub entra: String,
    pub http: reqwest::Client,
    credentials: Value,
}

pub struct Answer {
    pub status: u16,
    pub location: Option<Url>,
    pub kind: String,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    pub fn text(&self, name: &str) -> String {
        text(&self.body[name])
    }

    /// The number of Entra's error.
    pub fn number(&self) -> Option<u64> {
        self.body["error_codes"][0].as_u64()
    }

    pub fn page(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A parameter of the address that the browser is sent to.
    pub fn sent_back(&self, wanted: &str) -> Option<String> {
        let pairs = self.location.as_ref()?.query_pairs();
        let mut pairs = pairs.filter(|(name, _)| name == wanted);
        pairs.next().map(|(_, value)| value.into_owned())
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Microsoft {
    pub fn of(stranger: &Stranger) -> Result<Self> {
        let description = stranger.sandbox.description();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            graph: text(&description["graph"]),
            entra: text(&description["entra"]),
            http,
            credentials: description["credentials"]["entra"].clone(),
        })
    }

    pub fn credential(&self, name: &str) -> String {
        text(&self.credentials[name])
    }

    pub fn refresh_token(&self, email: &str) -> String {
        text(&self.credentials["refresh_tokens"][email])
    }

    pub async fn token(&self, fields: &[(&str, &str)]) -> Result<Answer> {
        let tenant = self.credential("tenant");
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.entra);
        let client = self.credential("client_id");
        let client = [("client_id", client.as_str())];
        let fields: Vec<_> = fields.iter().chain(&client).collect();
        ask(self.http.post(url).form(&fields)).await
    }

    pub async fn refreshed(&self, token: &str) -> Result<Answer> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token(&fields).await
    }

    pub async fn with_password(&self, login: &str, password: &str) -> Result<Answer> {
        let fields = [
            ("grant_type", "password"),
            ("username", login),
            ("password", password),
            ("scope", SCOPES),
        ];
        self.token(&fields).await
    }

    pub async fn app_token(&self) -> Result<String> {
        let secret = self.credential("client_secret");
        let granted = self
            .token(&[
                ("grant_type", "client_credentials"),
                ("client_secret", &secret),
                ("scope", "https://graph.microsoft.com/.default"),
            ])
            .await?;
        Ok(granted.text("access_token"))
    }

    pub async fn token_of(&self, email: &str) -> Result<String> {
        let granted = self.refreshed(&self.refresh_token(email)).await?;
        ensure!(granted.status == 200, "{}", granted.body);
        Ok(granted.text("access_token"))
    }

    /// `(device_code, user_code)`
    pub async fn device_code(&self) -> Result<(String, String)> {
        let url = format!("{}/organizations/oauth2/v2.0/devicecode", self.entra);
        let client = self.credential("client_id");
        let fields = [("client_id", client.as_str()), ("scope", SCOPES)];
        let begun = ask(self.http.post(url).form(&fields)).await?;
        ensure!(begun.status == 200, "{}", begun.body);
        Ok((begun.text("device_code"), begun.text("user_code")))
    }

    pub async fn poll(&self, device_code: &str) -> Result<Answer> {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let fields = [("grant_type", grant), ("device_code", device_code)];
        self.token(&fields).await
    }

    /// Types a code on the device page, as a browser posts it.
    pub async fn type_code(&self, user_code: &str, login: &str) -> Result<Answer> {
        let url = format!("{}/common/oauth2/deviceauth", self.entra);
        let fields = [("otc", user_code), ("login", login), ("answer", "accept")];
        ask(self.http.post(url).form(&fields)).await
    }

    /// Signs in by a device code, and answers the first poll after it.
    pub async fn by_device(&self, login: &str) -> Result<Answer> {
        let (device_code, user_code) = self.device_code().await?;
        self.type_code(&user_code, login).await?;
        self.poll(&device_code).await
    }

    pub fn authorize_url(&self) -> Result<Url> {
        let base = format!("{}/organizations/oauth2/v2.0/authorize", self.entra);
        let client = self.credential("client_id");
        let query = [
            ("client_id", client.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPES),
            ("state", "s"),
        ];
        Ok(Url::parse_with_params(&base, query)?)
    }

    pub async fn authorize(&self, login: &str, accept: bool) -> Result<Answer> {
        let mut url = self.authorize_url()?;
        url.query_pairs_mut().append_pair("login_hint", login);
        if accept {
            url.query_pairs_mut().append_pair("accept", "1");
        }
        ask(self.http.get(url)).await
    }

    pub async fn redeem_code(&self, code: &str) -> Result<Answer> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
        ];
        self.token(&fields).await
    }

    pub async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Answer> {
        let request = self.http.request(method, format!("{}{path}", self.graph));
        let request = request.bearer_auth(token);
        ask(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }

    pub async fn get(&self, token: &str, path: &str) -> Result<Answer> {
        self.call(token, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Result<Answer> {
        self.call(token, Method::POST, path, body).await
    }

    pub async fn invite(&self, app: &str, email: &str) -> Result<Answer> {
        let body = json!({
            "invitedUserEmailAddress": email,
            "inviteRedirectUrl": "http://localhost:5000/welcome",
            "invitedUserDisplayName": "Noor Haddad",
            "sendInvitationMessage": false,
        });
        self.post(app, "/invitations", body).await
    }

    /// Invites somebody; answers the guest's id.
    pub async fn guest(&self, app: &str, email: &str) -> Result<String> {
        let invited = self.invite(app, email).await?;
        ensure!(invited.status == 201, "{}", invited.body);
        Ok(text(&invited.body["invitedUser"]["id"]))
    }

    pub fn member(&self, user: &str, role: &str) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "roles": [role],
            "user@odata.bind": format!("{}/users('{user}')", self.graph),
        })
    }

    /// Makes a chat; answers its id.
    pub async fn chat(&self, token: &str, kind: &str, members: Vec<Value>) -> Result<String> {
        let body = json!({ "chatType": kind, "members": members });
        let made = self.post(token, "/chats", body).await?;
        ensure!(made.status == 201, "{}", made.body);
        Ok(made.text("id"))
    }

    pub async fn say(&self, token: &str, chat: &str, html: &str) -> Result<Answer> {
        let body = json!({ "body": { "contentType": "html", "content": html } });
        self.post(token, &format!("/chats/{chat}/messages"), body)
            .await
    }
}

pub async fn ask(request: RequestBuilder) -> Result<Answer> {
    let response = request.send().await?;
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (location, kind) = (header("location"), header("content-type"));
    let status = response.status().as_u16();
    let bytes = response.bytes().await?.to_vec();
    Ok(Answer {
        status,
        location: location
            .filter(|address| address.starts_with("http"))
            .map(|address| Url::parse(&address).context("an address"))
            .transpose()?,
        kind: kind.unwrap_or_default(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
    })
}

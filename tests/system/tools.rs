//! What people do with tools of their own, and with tokens: calls that no chat app makes.

use serde_json::{Value, json};

use super::support::{Person, SLACK, Stage, text};

const USER_SCOPES: &str = "chat:write,im:history,im:write,mpim:history,users:read";
/// Where a browser would go back to; nobody looks.
const BACK: &str = "http://127.0.0.1:9/callback";

impl Stage {
    /// A call to Slack's Web API with somebody's token.
    pub async fn slack_call(&self, token: &str, method: &str, fields: &Value) -> Value {
        let base = self.credentials["slack"].as_str().expect("an address");
        let answer = reqwest::Client::new()
            .post(format!("{base}{method}"))
            .bearer_auth(token)
            .json(fields)
            .send()
            .await
            .expect("Slack answers");
        answer.json().await.expect("JSON")
    }

    /// A message that somebody posts with a tool of theirs: `body` as Graph takes it.
    pub async fn graph_post(&self, who: &Person, chat: &str, body: &Value) -> Value {
        let entra = &self.credentials["credentials"]["entra"];
        let (login, graph) = (
            text(&self.credentials["entra"]),
            text(&self.credentials["graph"]),
        );
        let form = [
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", text(&entra["client_id"])),
            ("client_secret", text(&entra["client_secret"])),
            ("refresh_token", text(&entra["refresh_tokens"][who.email])),
            (
                "scope",
                "https://graph.microsoft.com/Chat.ReadWrite".to_owned(),
            ),
        ];
        let http = reqwest::Client::new();
        let tenant = text(&entra["tenant"]);
        let asked = http
            .post(format!("{login}/{tenant}/oauth2/v2.0/token"))
            .form(&form);
        let tokens: Value = asked
            .send()
            .await
            .expect("Entra answers")
            .json()
            .await
            .expect("JSON");
        let posted = http
            .post(format!("{graph}/chats/{chat}/messages"))
            .bearer_auth(text(&tokens["access_token"]))
            .json(body);
        let message: Value = posted
            .send()
            .await
            .expect("Graph answers")
            .json()
            .await
            .expect("JSON");
        assert!(message["id"].is_string(), "{message}");
        message
    }

    /// Somebody's own Slack token, that they gave the hub.
    pub fn slack_token(&self, who: &Person) -> &str {
        let tokens = &self.credentials["credentials"]["slack"]["user_tokens"];
        tokens[who.email].as_str().expect("they gave one")
    }

    /// Somebody agrees in the browser once more; their new token.
    pub async fn slack_consent(&self, who: &Person) -> String {
        let credentials = &self.credentials["credentials"]["slack"];
        let client = text(&credentials["client_id"]);
        let root = text(&self.credentials["slack"]).replace("/api/", "");
        let query = [
            ("client_id", client.as_str()),
            ("user_scope", USER_SCOPES),
            ("redirect_uri", BACK),
            ("state", "s"),
        ];
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let agreed = browser
            .build()
            .expect("a client")
            .post(format!("{root}/oauth/v2/authorize"))
            .query(&query)
            .form(&[("person", who.email)])
            .send()
            .await
            .expect("a page");
        let back = agreed.headers()["location"].to_str().expect("an address");
        let (_, code) = back.split_once("code=").expect("a code");
        let redeem = json!({
            "client_id": client,
            "client_secret": text(&credentials["client_secret"]),
            "code": code.split('&').next(),
            "redirect_uri": BACK,
        });
        let granted = self.slack_call("", "oauth.v2.access", &redeem).await;
        text(&granted["authed_user"]["access_token"])
    }

    /// An administrator gives the hub a token of somebody's, through the running relay.
    pub fn reconnect_slack(&self, who: &Person, token: &str) {
        let credentials = &self.credentials["credentials"]["slack"];
        let settings = [
            ("API_URL", text(&self.credentials["slack"])),
            ("BOT_TOKEN", text(&credentials["bot_token"])),
            ("APP_TOKEN", text(&credentials["app_token"])),
            ("USER_TOKENS", format!("{}={token}", who.email)),
        ];
        self.connects(SLACK, &settings);
    }
}

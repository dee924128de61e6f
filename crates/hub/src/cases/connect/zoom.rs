//! Connecting a Zoom account through its own Server-to-Server app, its chatbot, and the app that people
//! authorise.

use std::collections::BTreeMap;

use causeway_connectors::{
    Secret,
    zoom::{ActsBy, UserApp},
};
use causeway_engine::{CHATBOT_SECRET, CLIENT_SECRET, SIGNING_SECRET, Secrets, USER_APP_SECRET};
use causeway_model::Platform;
use serde_json::{Value, json};

use super::{Plan, checked_url, connect, given, required, with_slash};
use crate::{
    Hub,
    api::{ConnectZoom, ConnectionView, ErrorCode, HubError, ZoomChatbot, ZoomUserApp},
    error::failed,
};

const API: &str = "https://api.zoom.us/v2/";
const OAUTH: &str = "https://zoom.us/oauth/";
const SOCKET: &str = "wss://ws.zoom.us/ws";

pub(crate) async fn connect_zoom(hub: &Hub, args: ConnectZoom) -> Result<ConnectionView, HubError> {
    let api_url = args.api_url.unwrap_or_else(|| API.to_owned());
    let oauth_url = args.oauth_url.unwrap_or_else(|| OAUTH.to_owned());
    let socket_url = args.socket_url.unwrap_or_else(|| SOCKET.to_owned());
    let (subscription, secret_token) = (given(args.subscription_id), given(args.secret_token));
    let mut settings = json!({
        "api_url": with_slash(&checked_url(&api_url)?),
        "oauth_url": with_slash(&checked_url(&oauth_url)?),
        "socket_url": checked_socket(&socket_url)?,
        "account_id": required(args.account_id, "account id")?,
        "client_id": required(args.client_id, "client id")?,
        "service_user": required(args.service_user, "member who speaks for the hub")?,
        "subscription_id": subscription,
    });
    let mut chatbot_secret = None;
    if let Some(chatbot) = args.chatbot {
        let (chatbot, secret) = checked_chatbot(chatbot)?;
        settings["chatbot"] = chatbot;
        chatbot_secret = Some(secret);
    }
    let mut user_app_secret = None;
    if let Some(user_app) = args.user_app {
        settings["acts_by"] = json!(ActsBy::Token);
        (settings["user_app"], user_app_secret) = checked_user_app(user_app)?;
    }
    let client_secret = required(args.client_secret, "client secret")?;
    let plan = Plan {
        platform: Platform::Zoom,
        settings,
        secrets: Secrets::of([
            (CLIENT_SECRET, Some(Secret::new(client_secret))),
            (SIGNING_SECRET, secret_token.map(Secret::new)),
            (CHATBOT_SECRET, chatbot_secret),
            (USER_APP_SECRET, user_app_secret),
        ]),
        secret_ends: None,
        tokens: BTreeMap::new(),
        people: BTreeMap::new(),
    };
    connect(hub, plan).await
}

fn checked_chatbot(chatbot: ZoomChatbot) -> Result<(Value, Secret), HubError> {
    let settings = json!({
        "client_id": required(chatbot.client_id, "chatbot's client id")?,
        "robot_jid": required(chatbot.robot_jid, "chatbot's JID")?,
    });
    let secret = required(chatbot.client_secret, "chatbot's client secret")?;
    Ok((settings, Secret::new(secret)))
}

fn checked_user_app(app: ZoomUserApp) -> Result<(Value, Option<Secret>), HubError> {
    let secret = given(app.client_secret);
    let settings = json!(UserApp {
        client_id: required(app.client_id, "user app's client id")?,
        public: secret.is_none(),
    });
    Ok((settings, secret.map(Secret::new)))
}

/// As any base URL, of a WebSocket.
fn checked_socket(text: &str) -> Result<String, HubError> {
    let as_http = match text.split_once("://") {
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(_) | None => {
            let words = "The WebSocket's address cannot be read.";
            return Err(failed(ErrorCode::InvalidArgument, words)
                .action("Give it as wss://…, as the subscription's page shows it.")
                .build());
        }
    };
    checked_url(&as_http).map(|_| text.to_owned())
}

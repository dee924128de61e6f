//! What the Marketplace shows of the hub's apps: ids and secrets.

use serde_json::{Value, json};

use crate::acme;

use super::{ids::Mint, oauth::tokens::App};

#[derive(Debug, Clone)]
pub struct AppKeys {
    pub id: String,
    pub secret: String,
}

#[derive(Debug, Clone)]
pub struct Keys {
    pub account_id: String,
    pub server_to_server: AppKeys,
    pub chatbot: AppKeys,
    pub user_app: AppKeys,
    /// The user app's id where it has no secret.
    pub public_client_id: String,
    pub robot_jid: String,
    /// What the bot's endpoint was told to expect, before signatures.
    pub verification_token: String,
    pub subscription_id: String,
    /// What webhooks are signed with.
    pub secret_token: String,
}

impl Keys {
    pub fn new(mint: &Mint) -> Self {
        let app = |name: &str| AppKeys {
            id: mint.opaque(&format!("{name} id"), 22),
            secret: mint.opaque(&format!("{name} secret"), 32),
        };
        let robot = mint.opaque("robot", 22).to_lowercase();
        Self {
            account_id: mint.opaque("account", 22),
            server_to_server: app("server to server"),
            chatbot: app("chatbot"),
            user_app: app("user app"),
            public_client_id: mint.opaque("public client", 22),
            robot_jid: format!("v1{robot}@xmpp.zoom.us"),
            verification_token: mint.opaque("verification token", 22),
            subscription_id: mint.opaque("subscription", 22),
            secret_token: mint.opaque("secret token", 22),
        }
    }

    pub fn of(&self, app: App) -> &AppKeys {
        match app {
            App::ServerToServer => &self.server_to_server,
            App::Chatbot => &self.chatbot,
            App::User => &self.user_app,
        }
    }

    /// The app with this client id.
    pub fn app(&self, id: &str) -> Option<App> {
        let apps = [App::ServerToServer, App::Chatbot, App::User];
        apps.into_iter().find(|app| self.of(*app).id == id)
    }

    /// All of it, but for tokens and addresses.
    pub fn shown(&self) -> Value {
        json!({
            "account_id": self.account_id,
            "server_to_server": {
                "client_id": self.server_to_server.id,
                "client_secret": self.server_to_server.secret,
            },
            "chatbot": {
                "client_id": self.chatbot.id,
                "client_secret": self.chatbot.secret,
                "robot_jid": self.robot_jid,
                "verification_token": self.verification_token,
            },
            "user_app": {
                "client_id": self.user_app.id,
                "client_secret": self.user_app.secret,
                "public_client_id": self.public_client_id,
            },
            "subscription_id": self.subscription_id,
            "secret_token": self.secret_token,
            "service_user": acme::SERVICE_ACCOUNT,
        })
    }
}

//! The granular scopes that the hub's apps were made with.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth-scopes-granular/>

use super::tokens::App;

/// What an event subscription's socket needs.
pub const SOCKET: &str = "marketplace:write:websocket_connection";

/// What the chatbot needs.
pub const CHATBOT: &str = "imchat:bot";

/// Those that a person can grant for themselves; with `:admin` they are for everybody.
const BOTH: &[&str] = &[
    "team_chat:write:user_message",
    "team_chat:update:user_message",
    "team_chat:delete:user_message",
    "team_chat:update:message_emoji",
    "team_chat:read:user_message",
    "team_chat:read:list_user_messages",
    "team_chat:read:thread_message",
    "team_chat:read:list_user_sessions",
    "team_chat:update:message_status",
    "team_chat:read:list_user_channels",
    "team_chat:write:user_channel",
    "team_chat:read:user_channel",
    "team_chat:read:channel",
    "team_chat:update:user_channel",
    "team_chat:delete:user_channel",
    "team_chat:read:list_members",
    "team_chat:write:members",
    "team_chat:delete:member",
    "team_chat:write:contact_information",
    "contact:read:list_contacts",
    "user:read:user",
    "user:read:presence_status",
    "user:update:presence_status",
];

/// Those that exist for one's own account only.
const OWN: &[&str] = &["team_chat:read:list_contacts", "team_chat:write:member"];

/// Those that exist for everybody only.
const ADMIN: &[&str] = &[
    "team_chat:read:list_channels:admin",
    "report:read:list_chat_sessions:admin",
    "report:read:chat_session:admin",
    "user:read:list_users:admin",
    "user:write:user:admin",
    "user:update:user:admin",
    "user:update:status:admin",
    "user:delete:user:admin",
    SOCKET,
];

/// All that an app asks for.
pub fn of(app: App) -> Vec<String> {
    let own = |scopes: &[&str]| -> Vec<String> {
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    };
    match app {
        App::ServerToServer => {
            let everybodys = BOTH.iter().map(|scope| format!("{scope}:admin"));
            everybodys.chain(own(ADMIN)).collect()
        }
        App::User => own(BOTH).into_iter().chain(own(OWN)).collect(),
        App::Chatbot => own(&[CHATBOT]),
    }
}

//! Slack's JSON, as far as we read it. Every field may be missing: what we need and do not find is
//! a failure where it is needed.

use serde::Deserialize;
use serde_json::Value;

/// `auth.test`. Source: <https://docs.slack.dev/reference/methods/auth.test>.
#[derive(Deserialize)]
pub(super) struct AuthTest {
    /// The workspace's address, `https://acme.slack.com/`.
    pub(super) url: Option<String>,
    pub(super) team: Option<String>,
    pub(super) team_id: Option<String>,
    pub(super) user_id: String,
    pub(super) bot_id: Option<String>,
    /// Told for tokens of some apps.
    pub(super) app_id: Option<String>,
}

/// `bots.info`.
#[derive(Deserialize)]
pub(super) struct BotInfo {
    pub(super) bot: Bot,
}

#[derive(Deserialize)]
pub(super) struct Bot {
    pub(super) app_id: Option<String>,
}

/// A page's end: an empty cursor means that there is no next one.
#[derive(Deserialize, Default)]
pub(super) struct Cursor {
    next_cursor: Option<String>,
}

pub(super) fn next_page(metadata: Option<Cursor>) -> Option<String> {
    metadata?.next_cursor.filter(|cursor| !cursor.is_empty())
}

/// `users.list`.
#[derive(Deserialize)]
pub(super) struct UsersPage {
    pub(super) members: Vec<User>,
    pub(super) response_metadata: Option<Cursor>,
}

/// Source: <https://docs.slack.dev/reference/objects/user-object>.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) real_name: Option<String>,
    #[serde(default)]
    pub(super) deleted: bool,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(default)]
    pub(super) is_restricted: bool,
    #[serde(default)]
    pub(super) is_ultra_restricted: bool,
    /// From another workspace, by way of a shared channel.
    #[serde(default)]
    pub(super) is_stranger: bool,
    #[serde(default)]
    pub(super) is_email_confirmed: bool,
    #[serde(default)]
    pub(super) profile: Profile,
}

#[derive(Deserialize, Default)]
pub(super) struct Profile {
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) real_name: Option<String>,
    pub(super) image_192: Option<String>,
}

impl User {
    /// The name that others see.
    pub(super) fn shown_name(&self) -> &str {
        let names = [
            &self.profile.display_name,
            &self.profile.real_name,
            &self.real_name,
            &self.name,
        ];
        let mut filled = names
            .into_iter()
            .flatten()
            .filter(|name| !name.trim().is_empty());
        filled.next().map_or(&self.id, String::as_str)
    }
}

/// `conversations.info`, `conversations.open`, `conversations.create`.
#[derive(Deserialize)]
pub(super) struct ChannelAnswer {
    pub(super) channel: Channel,
}

/// `users.conversations`.
#[derive(Deserialize)]
pub(super) struct ChannelsPage {
    pub(super) channels: Vec<Channel>,
    pub(super) response_metadata: Option<Cursor>,
}

/// Source: <https://docs.slack.dev/reference/objects/conversation-object>.
#[derive(Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) is_im: bool,
    #[serde(default)]
    pub(super) is_mpim: bool,
    #[serde(default)]
    pub(super) is_archived: bool,
    /// The other one in a direct message.
    pub(super) user: Option<String>,
    /// Seconds.
    #[serde(default)]
    pub(super) created: i64,
    /// Milliseconds.
    pub(super) updated: Option<i64>,
}

/// `conversations.members`.
#[derive(Deserialize)]
pub(super) struct MembersPage {
    pub(super) members: Vec<String>,
    pub(super) response_metadata: Option<Cursor>,
}

/// `conversations.history`, `conversations.replies`.
#[derive(Deserialize)]
pub(super) struct MessagesPage {
    pub(super) messages: Vec<Message>,
    pub(super) response_metadata: Option<Cursor>,
}

/// `chat.postMessage`.
#[derive(Deserialize)]
pub(super) struct PostAnswer {
    pub(super) ts: String,
}

/// `apps.connections.open`.
#[derive(Deserialize)]
pub(super) struct SocketAddress {
    pub(super) url: String,
}

/// `oauth.v2.access` with a refresh token. Of a user's token the answer is the same at its top, or
/// under `authed_user`.
#[derive(Deserialize)]
pub(super) struct Renewal {
    pub(super) authed_user: Option<Box<Renewal>>,
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    /// Seconds.
    pub(super) expires_in: Option<i64>,
    pub(super) scope: Option<String>,
}

/// `oauth.v2.access` with the code of somebody who has authorised the app with user scopes.
#[derive(Deserialize)]
pub(super) struct CodeAnswer {
    pub(super) team: Option<Team>,
    pub(super) authed_user: Option<AuthedUser>,
}

/// `oauth.v2.access` with the code of somebody who has installed the app: the bot's token stands at
/// its top.
#[derive(Deserialize)]
pub(super) struct InstallAnswer {
    #[serde(default)]
    pub(super) is_enterprise_install: bool,
    #[serde(flatten)]
    pub(super) bot: Granted,
    pub(super) authed_user: Option<Installer>,
}

#[derive(Deserialize)]
pub(super) struct Installer {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) granted: Granted,
}

#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    /// Seconds.
    pub(super) expires_in: Option<i64>,
    pub(super) scope: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Team {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct AuthedUser {
    pub(super) id: String,
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    /// Seconds.
    pub(super) expires_in: Option<i64>,
    pub(super) scope: Option<String>,
}

/// A message, in an event or in a history.
/// Source: <https://docs.slack.dev/reference/events/message>.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct Message {
    pub(super) subtype: Option<String>,
    pub(super) user: Option<String>,
    pub(super) bot_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) bot_profile: Option<BotProfile>,
    pub(super) text: Option<String>,
    pub(super) blocks: Option<Vec<Value>>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) files: Option<Vec<File>>,
    pub(super) ts: Option<String>,
    pub(super) edited: Option<EditMark>,
    pub(super) metadata: Option<Metadata>,
    /// On a thread's root: the `ts` of its newest reply.
    pub(super) latest_reply: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct BotProfile {
    pub(super) app_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct EditMark {
    pub(super) ts: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    pub(super) event_type: Option<String>,
    #[serde(default)]
    pub(super) event_payload: Value,
}

/// Source: <https://docs.slack.dev/reference/objects/file-object>.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) permalink: Option<String>,
}

/// Source: <https://docs.slack.dev/reference/messaging/payload#attachments>.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Attachment {
    /// Only on what Slack itself attached to a link.
    pub(super) from_url: Option<String>,
    pub(super) original_url: Option<String>,
    /// A message that was forwarded.
    #[serde(default)]
    pub(super) is_share: bool,
    pub(super) author_name: Option<String>,
    pub(super) pretext: Option<String>,
    pub(super) title: Option<String>,
    pub(super) title_link: Option<String>,
    pub(super) text: Option<String>,
    pub(super) fallback: Option<String>,
    pub(super) blocks: Option<Vec<Value>>,
    pub(super) fields: Option<Vec<AttachmentField>>,
    pub(super) image_url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct AttachmentField {
    pub(super) title: Option<String>,
    pub(super) value: Option<String>,
}

/// The outside of what the Events API sends over HTTP.
/// Source: <https://docs.slack.dev/apis/events-api#event-type-structure>.
#[derive(Deserialize)]
pub(super) struct Outer {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Of `url_verification`.
    pub(super) challenge: Option<String>,
    /// Of `app_rate_limited`: when the minute began.
    pub(super) minute_rate_limited: Option<i64>,
    #[serde(flatten)]
    pub(super) sender: Sender,
}

/// Which app and workspace a request is for.
#[derive(Deserialize, Default)]
pub(super) struct Sender {
    pub(super) api_app_id: Option<String>,
    /// Where it happened; in a shared channel that may be another organisation's workspace.
    pub(super) team_id: Option<String>,
    /// Through whose installation it is heard there.
    pub(super) context_team_id: Option<String>,
    #[serde(default)]
    pub(super) authorizations: Vec<Authorization>,
}

impl Sender {
    /// Of an interaction's payload, which names the workspace as an object.
    pub(super) fn of_interaction(payload: &Value) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Interaction {
            api_app_id: Option<String>,
            team: Option<Team>,
        }
        let payload = Interaction::deserialize(payload)?;
        Ok(Self {
            api_app_id: payload.api_app_id,
            team_id: payload.team.map(|team| team.id),
            ..Self::default()
        })
    }

    /// Whether it is this app, installed in this workspace; what Slack has not told us of ourselves
    /// cannot be compared.
    pub(super) fn is(&self, app: Option<&str>, team: Option<&str>) -> bool {
        let named = [&self.team_id, &self.context_team_id];
        let mut teams = named.into_iter().flatten().map(String::as_str).chain(
            self.authorizations
                .iter()
                .filter_map(|authorization| authorization.team_id.as_deref()),
        );
        app.is_none_or(|app| self.api_app_id.as_deref() == Some(app))
            && team.is_none_or(|team| teams.any(|named| named == team))
    }
}

/// What Socket Mode and the Events API wrap an event in.
/// Source: <https://docs.slack.dev/apis/events-api#event-type-structure>.
#[derive(Deserialize)]
pub(super) struct Wrapper {
    #[serde(default)]
    pub(super) authorizations: Vec<Authorization>,
    pub(super) event: Value,
}

#[derive(Deserialize)]
pub(super) struct Authorization {
    pub(super) team_id: Option<String>,
    pub(super) user_id: Option<String>,
    #[serde(default)]
    pub(super) is_bot: bool,
}

/// An event of type `message`: a [`Message`] with where it happened, and what it was about where it
/// is about another message.
#[derive(Deserialize)]
pub(super) struct MessageEvent {
    pub(super) channel: String,
    pub(super) channel_type: Option<String>,
    pub(super) event_ts: Option<String>,
    pub(super) deleted_ts: Option<String>,
    #[serde(default)]
    pub(super) message: Option<Box<Message>>,
    #[serde(default)]
    pub(super) previous_message: Option<Box<Message>>,
    #[serde(flatten)]
    pub(super) own: Message,
}

/// Event `tokens_revoked`: ids of users, by the kind of their token.
#[derive(Deserialize)]
pub(super) struct TokensRevoked {
    pub(super) tokens: RevokedTokens,
}

#[derive(Deserialize)]
pub(super) struct RevokedTokens {
    #[serde(default)]
    pub(super) oauth: Vec<String>,
    #[serde(default)]
    pub(super) bot: Vec<String>,
}

/// Events `team_join` and `user_change`.
#[derive(Deserialize)]
pub(super) struct UserEvent {
    pub(super) user: User,
}

/// Events `member_joined_channel` and `member_left_channel`.
/// Source: <https://docs.slack.dev/reference/events/member_joined_channel>.
#[derive(Deserialize)]
pub(super) struct MemberEvent {
    pub(super) user: String,
    pub(super) channel: String,
    /// `C` for a public channel, `G` for any that is not.
    pub(super) channel_type: Option<String>,
    /// Who let them in, where somebody did.
    pub(super) inviter: Option<String>,
    pub(super) event_ts: String,
}

/// Source: <https://docs.slack.dev/interactivity/implementing-slash-commands>.
#[derive(Deserialize)]
pub(super) struct SlashCommand {
    pub(super) user_id: String,
    pub(super) channel_id: String,
    #[serde(default)]
    pub(super) text: String,
    pub(super) response_url: Option<String>,
    pub(super) trigger_id: Option<String>,
}

/// Source: <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>.
#[derive(Deserialize)]
pub(super) struct BlockActions {
    pub(super) user: Presser,
    pub(super) container: Option<Container>,
    pub(super) channel: Option<Place>,
    #[serde(default)]
    pub(super) actions: Vec<Action>,
    pub(super) response_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Presser {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) id: String,
}

/// What the button is in.
#[derive(Deserialize)]
pub(super) struct Container {
    pub(super) channel_id: Option<String>,
    pub(super) message_ts: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Action {
    pub(super) action_id: String,
    pub(super) value: Option<String>,
    pub(super) action_ts: Option<String>,
}

/// A frame of Socket Mode. Source: <https://docs.slack.dev/apis/events-api/using-socket-mode>.
#[derive(Deserialize)]
pub(super) struct Frame {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) envelope_id: Option<String>,
    /// Of `disconnect`.
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) payload: Value,
}

impl Frame {
    /// As a socket would have brought what a request brought.
    pub(super) fn of_request(kind: &str, payload: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            envelope_id: None,
            reason: None,
            payload,
        }
    }
}

//! Every endpoint of the API that is served, with what it needs and how much it weighs.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, the scopes and the rate label on each page.

use super::limits::Label;

/// What an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    SendMessage,
    ListMessages,
    GetMessage,
    EditMessage,
    DeleteMessage,
    React,
    MarkMessage,
    Thread,
    ListSessions,
    ListChannels,
    CreateChannel,
    GetChannel,
    UpdateChannel,
    DeleteChannel,
    ListMembers,
    InviteMembers,
    RemoveMember,
    JoinChannel,
    LeaveChannel,
    ListAccountChannels,
    ListContacts,
    SearchContacts,
    InviteContact,
    ListUsers,
    CreateUser,
    GetUser,
    UpdateUser,
    DeleteUser,
    SetUserStatus,
    GetPresence,
    SetPresence,
    ReportSessions,
    ReportSession,
    SendAsRobot,
    EditAsRobot,
    DeleteAsRobot,
}

/// In which forms an endpoint's scope exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// As it is for oneself, with `:admin` for everybody.
    Both,
    Own,
    Admin,
    /// Of the chatbot.
    Robot,
}

#[derive(Debug)]
pub struct Endpoint {
    pub method: &'static str,
    pub template: &'static str,
    pub operation: Operation,
    pub scope: &'static str,
    pub forms: Forms,
    pub label: Label,
}

/// An endpoint and what its placeholders stand for.
pub struct Matched {
    pub endpoint: &'static Endpoint,
    ids: Vec<(&'static str, String)>,
}

impl Matched {
    /// What stands for `userId`, `channelId`, …; empty where the template has none.
    pub fn id(&self, placeholder: &str) -> &str {
        let found = self.ids.iter().find(|(name, _)| *name == placeholder);
        found.map_or("", |(_, value)| value)
    }
}

impl Endpoint {
    /// The scopes of which one is needed.
    pub fn scopes(&self) -> Vec<String> {
        let admin = format!("{}:admin", self.scope);
        match self.forms {
            Forms::Both => vec![self.scope.to_owned(), admin],
            Forms::Own | Forms::Robot => vec![self.scope.to_owned()],
            Forms::Admin => vec![admin],
        }
    }

    /// Whether it is part of Team Chat, which a role opens.
    pub fn is_chat(&self) -> bool {
        self.template.starts_with("/chat/")
    }
}

/// The endpoint of a call; `path` is the raw one after `/v2`. Words win over placeholders.
pub fn find(method: &str, path: &str) -> Option<Matched> {
    let segments: Vec<_> = path.trim_matches('/').split('/').collect();
    let fitting = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.method == method)
        .filter_map(|endpoint| Some((endpoint, ids(endpoint.template, &segments)?)));
    let (endpoint, ids) = fitting.min_by_key(|(_, ids)| ids.len())?;
    Some(Matched { endpoint, ids })
}

fn ids(template: &'static str, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let parts = template.trim_start_matches('/').split('/');
    if parts.clone().count() != segments.len() {
        return None;
    }
    let mut ids = Vec::new();
    for (part, segment) in parts.zip(segments) {
        match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            Some(name) => ids.push((name, decoded(segment))),
            None if part == *segment => {}
            None => return None,
        }
    }
    Some(ids)
}

fn decoded(segment: &str) -> String {
    // A plus is a plus in a path: addresses have them.
    let kept = segment.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(kept.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

macro_rules! endpoints {
    ($($method:literal $template:literal $operation:ident $scope:literal $forms:ident $label:ident;)*) => {
        const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            method: $method,
            template: $template,
            operation: Operation::$operation,
            scope: $scope,
            forms: Forms::$forms,
            label: Label::$label,
        }),*];
    };
}

endpoints! {
    "POST" "/chat/users/{userId}/messages" SendMessage "team_chat:write:user_message" Both Medium;
    "GET" "/chat/users/{userId}/messages" ListMessages "team_chat:read:list_user_messages" Both Medium;
    "GET" "/chat/users/{userId}/messages/{messageId}" GetMessage "team_chat:read:user_message" Both Medium;
    "PUT" "/chat/users/{userId}/messages/{messageId}" EditMessage "team_chat:update:user_message" Both Medium;
    "DELETE" "/chat/users/{userId}/messages/{messageId}" DeleteMessage "team_chat:delete:user_message" Both Medium;
    "PATCH" "/chat/users/{userId}/messages/{messageId}/emoji_reactions" React "team_chat:update:message_emoji" Both Medium;
    "PATCH" "/chat/users/{userId}/messages/{messageId}/status" MarkMessage "team_chat:update:message_status" Both Medium;
    "GET" "/chat/users/{userId}/messages/{messageId}/thread" Thread "team_chat:read:thread_message" Both Medium;
    "GET" "/chat/users/{userId}/sessions" ListSessions "team_chat:read:list_user_sessions" Both Medium;
    "GET" "/chat/users/{userId}/channels" ListChannels "team_chat:read:list_user_channels" Both Medium;
    "POST" "/chat/users/{userId}/channels" CreateChannel "team_chat:write:user_channel" Both Medium;
    "GET" "/chat/users/{userId}/channels/{channelId}" GetChannel "team_chat:read:user_channel" Both Medium;
    "PATCH" "/chat/users/{userId}/channels/{channelId}" UpdateChannel "team_chat:update:user_channel" Both Medium;
    "DELETE" "/chat/users/{userId}/channels/{channelId}" DeleteChannel "team_chat:delete:user_channel" Both Medium;
    "GET" "/chat/users/{userId}/channels/{channelId}/members" ListMembers "team_chat:read:list_members" Both Medium;
    "POST" "/chat/users/{userId}/channels/{channelId}/members" InviteMembers "team_chat:write:members" Both Medium;
    "DELETE" "/chat/users/{userId}/channels/{channelId}/members/{identifier}" RemoveMember "team_chat:delete:member" Admin Light;
    "GET" "/chat/channels/{channelId}" GetChannel "team_chat:read:channel" Both Medium;
    "GET" "/chat/channels/{channelId}/members" ListMembers "team_chat:read:list_members" Both Medium;
    "POST" "/chat/channels/{channelId}/members" InviteMembers "team_chat:write:members" Both Medium;
    "POST" "/chat/channels/{channelId}/members/me" JoinChannel "team_chat:write:member" Own Light;
    "DELETE" "/chat/channels/{channelId}/members/me" LeaveChannel "team_chat:delete:member" Both Light;
    "DELETE" "/chat/channels/{channelId}/members/{identifier}" RemoveMember "team_chat:delete:member" Both Light;
    "GET" "/chat/channels" ListAccountChannels "team_chat:read:list_channels" Admin Heavy;
    "GET" "/chat/users/me/contacts" ListContacts "team_chat:read:list_contacts" Own Medium;
    "POST" "/chat/users/{userId}/invitations" InviteContact "team_chat:write:contact_information" Both Medium;
    "GET" "/contacts" SearchContacts "contact:read:list_contacts" Both Medium;
    "GET" "/users" ListUsers "user:read:list_users" Admin Medium;
    "POST" "/users" CreateUser "user:write:user" Admin Light;
    "GET" "/users/{userId}" GetUser "user:read:user" Both Light;
    "PATCH" "/users/{userId}" UpdateUser "user:update:user" Admin Light;
    "DELETE" "/users/{userId}" DeleteUser "user:delete:user" Admin Light;
    "PUT" "/users/{userId}/status" SetUserStatus "user:update:status" Admin Light;
    "GET" "/users/{userId}/presence_status" GetPresence "user:read:presence_status" Both Light;
    "PUT" "/users/{userId}/presence_status" SetPresence "user:update:presence_status" Both Light;
    "GET" "/report/chat/sessions" ReportSessions "report:read:list_chat_sessions" Admin Medium;
    "GET" "/report/chat/sessions/{sessionId}" ReportSession "report:read:chat_session" Admin Medium;
    "POST" "/im/chat/messages" SendAsRobot "imchat:bot" Robot Medium;
    "PUT" "/im/chat/messages/{messageId}" EditAsRobot "imchat:bot" Robot Medium;
    "DELETE" "/im/chat/messages/{messageId}" DeleteAsRobot "imchat:bot" Robot Medium;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_win_over_placeholders_and_addresses_are_decoded() {
        let joined = find("POST", "/chat/channels/c1/members/me").expect("an endpoint");
        assert_eq!(joined.endpoint.operation, Operation::JoinChannel);
        let user = find("GET", "/users/zara%40acme.example").expect("an endpoint");
        assert_eq!(user.id("userId"), "zara@acme.example");
        let plus = find("GET", "/users/zara+x@acme.example").expect("an endpoint");
        assert_eq!(plus.id("userId"), "zara+x@acme.example");
        assert!(find("GET", "/chat").is_none());
    }
}

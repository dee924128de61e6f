//! The calls that the stand-in knows, and what each needs.
//!
//! Source: <https://learn.microsoft.com/graph/permissions-reference> and the reference page of each
//! call.

use super::{limits::Budget, table::ENDPOINTS};

/// One call of Graph's reference.
#[derive(Debug)]
pub struct Endpoint {
    pub method: &'static str,
    /// The path after `/v1.0`; `{name}` stands for one segment.
    pub template: &'static str,
    pub operation: Operation,
    pub delegated: Needs,
    pub application: Needs,
    pub budget: Budget,
}

/// What a token must hold.
#[derive(Debug, Clone, Copy)]
pub enum Needs {
    /// The call decides itself.
    Nothing,
    OneOf(&'static [&'static str]),
    /// No token of this kind is taken.
    Unsupported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    ListUsers,
    UsersDelta,
    GetUser,
    GetPhoto,
    GetPhotoValue,
    RevokeSessions,
    Invite,
    UpdateUser,
    DeleteUser,
    SetPhoto,
    ListChats,
    CreateChat,
    GetChat,
    UpdateChat,
    ListMembers,
    GetMember,
    AddMember,
    RemoveMember,
    ListMessages,
    GetMessage,
    SendMessage,
    EditMessage,
    SoftDelete,
    UndoSoftDelete,
    SetReaction,
    UnsetReaction,
    ReplyWithQuote,
    GetAllMessages,
    CreateSubscription,
    ListSubscriptions,
    GetSubscription,
    RenewSubscription,
    DeleteSubscription,
    Reauthorize,
    GetAuthorizationPolicy,
    ListPermissionGrants,
    Batch,
}

/// A request's endpoint with the segments that stood for its placeholders.
#[derive(Debug)]
pub struct Matched {
    pub endpoint: &'static Endpoint,
    names: Vec<(&'static str, String)>,
}

impl Matched {
    /// The decoded segment of a placeholder, e.g. `chat`.
    pub fn id(&self, placeholder: &str) -> Option<&str> {
        self.names
            .iter()
            .find(|(name, _)| *name == placeholder)
            .map(|(_, value)| value.as_str())
    }
}

impl Endpoint {
    /// The name that faults are armed for: `POST /chats/{id}/messages`, with every placeholder
    /// written `{id}`.
    pub fn name(&self) -> String {
        let path: Vec<_> = self
            .template
            .split('/')
            .map(|part| if part.starts_with('{') { "{id}" } else { part })
            .collect();
        format!("{} {}", self.method, path.join("/"))
    }

    fn fit(&self, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
        let parts: Vec<_> = self.template.split('/').skip(1).collect();
        if parts.len() != segments.len() {
            return None;
        }
        let mut names = Vec::new();
        for (part, segment) in parts.into_iter().zip(segments) {
            match part
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => names.push((name, segment.clone())),
                None if part.eq_ignore_ascii_case(segment) => {}
                None => return None,
            }
        }
        Some(names)
    }
}

/// Why no endpoint fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoEndpoint {
    /// No call has this path; the segment that is unknown.
    UnknownPath(String),
    /// Calls have this path, with other methods.
    WrongMethod,
}

/// Finds the endpoint of a raw path after `/v1.0`. Keys may be written as segments or in
/// parentheses (`/users('id')`), and functions with empty ones (`/users/delta()`).
pub fn find(method: &str, path: &str) -> Result<Matched, NoEndpoint> {
    let segments = segments(path);
    let mut known_path = false;
    for endpoint in ENDPOINTS {
        if let Some(names) = endpoint.fit(&segments) {
            known_path = true;
            if endpoint.method == method {
                return Ok(Matched { endpoint, names });
            }
        }
    }
    if known_path {
        return Err(NoEndpoint::WrongMethod);
    }
    Err(NoEndpoint::UnknownPath(
        segments.last().cloned().unwrap_or_default(),
    ))
}

/// The decoded segments of a path, keys in parentheses taken apart.
pub fn segments(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for raw in path.split('/').filter(|part| !part.is_empty()) {
        let segment = decode(raw);
        match segment
            .split_once("('")
            .and_then(|(name, key)| Some((name, key.strip_suffix("')")?)))
        {
            Some((name, key)) => segments.extend([name.to_owned(), key.to_owned()]),
            None => segments.push(segment.trim_end_matches("()").to_owned()),
        }
    }
    segments
}

/// Decodes a path segment, in which `+` is itself.
fn decode(segment: &str) -> String {
    let literal = segment.replace('+', "%2B").replace('&', "%26");
    url::form_urlencoded::parse(format!("v={literal}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_with_encoded_ids_keys_in_parentheses_and_function_calls() {
        let found = find("POST", "/chats/19%3Aab%40thread.v2/messages").expect("a call");
        assert_eq!(found.endpoint.name(), "POST /chats/{id}/messages");
        assert_eq!(found.id("chat"), Some("19:ab@thread.v2"));
        let found = find("GET", "/users/delta()").expect("a call");
        assert_eq!(found.endpoint.operation, Operation::UsersDelta);
        let found = find("GET", "/users('u-1')/chats/getAllMessages()").expect("a call");
        assert_eq!(
            found.endpoint.name(),
            "GET /users/{id}/chats/getAllMessages"
        );
        assert_eq!(found.id("user"), Some("u-1"));
    }

    #[test]
    fn an_unknown_path_and_a_wrong_method_are_told_apart() {
        assert_eq!(
            find("DELETE", "/me").expect_err("no call"),
            NoEndpoint::WrongMethod
        );
        let unknown = find("GET", "/me/kittens").expect_err("no call");
        assert_eq!(unknown, NoEndpoint::UnknownPath("kittens".to_owned()));
    }
}

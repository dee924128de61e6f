//! What the hub's app was registered with, and how a client asks for it.

/// Scopes of OpenID Connect; they are no permissions of Graph.
const OIDC: &[&str] = &["openid", "profile", "email", "offline_access"];

/// The delegated permissions the hub's app was registered with.
pub const DELEGATED: &[&str] = &[
    "User.Read",
    "Chat.ReadWrite",
    "Chat.Create",
    "ChatMember.ReadWrite",
    "User.ReadBasic.All",
];

/// The application permissions an administrator of the tenant granted to the hub's app.
pub const APPLICATION: &[&str] = &[
    "User.Read.All",
    "Chat.Create",
    "Chat.Read.All",
    "Chat.ReadBasic.All",
    "ChatMember.ReadWrite.All",
    "User.Invite.All",
    "User.ReadWrite.All",
    "Policy.Read.All",
    "Directory.Read.All",
];

/// Other delegated permissions of Graph that exist, and that a person may consent to.
const ALSO_KNOWN: &[&str] = &[
    "Chat.Read",
    "Chat.ReadBasic",
    "ChatMember.Read",
    "ChatMessage.Read",
    "ChatMessage.Send",
    "User.ReadWrite",
    "User.Read.All",
    "User.RevokeSessions.All",
];

/// What the `scope` parameter of one request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Permissions of Graph by their short names.
    pub graph: Vec<&'static str>,
    /// `https://graph.microsoft.com/.default`: whatever was granted before.
    pub default: bool,
    pub openid: bool,
    pub offline: bool,
}

/// A scope that no resource here knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope '{0}'")]
pub struct UnknownScope(pub String);

/// Reads a space-separated `scope`. Permissions may be written short (`User.Read`) or with their
/// resource (`https://graph.microsoft.com/User.Read`, or the sandbox's own origin).
pub fn read(scope: &str, origin: &str) -> Result<Asked, UnknownScope> {
    let mut asked = Asked::default();
    for name in scope.split_whitespace() {
        if OIDC.contains(&name) {
            asked.openid |= name == "openid";
            asked.offline |= name == "offline_access";
            continue;
        }
        let short = name
            .strip_prefix("https://graph.microsoft.com/")
            .or_else(|| {
                name.strip_prefix(origin)
                    .map(|rest| rest.trim_start_matches('/'))
            })
            .unwrap_or(name);
        if short == ".default" {
            asked.default = true;
            continue;
        }
        let known = DELEGATED
            .iter()
            .chain(ALSO_KNOWN)
            .find(|known| known.eq_ignore_ascii_case(short))
            .ok_or_else(|| UnknownScope(name.to_owned()))?;
        if !asked.graph.contains(known) {
            asked.graph.push(known);
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn scopes_are_read_with_and_without_their_resource() {
        let asked = read(
            "openid offline_access user.read https://graph.microsoft.com/Chat.ReadWrite",
            "http://127.0.0.1:1",
        )
        .expect("known scopes");
        assert_eq!(asked.graph, ["User.Read", "Chat.ReadWrite"]);
        assert!(asked.openid && asked.offline && !asked.default);
        assert!(
            read("http://127.0.0.1:1/.default", "http://127.0.0.1:1")
                .expect("known")
                .default
        );
        assert!(read("Chat.Fly", "http://127.0.0.1:1").is_err());
    }
}

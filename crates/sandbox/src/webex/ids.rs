//! Ids as Webex hands them out: base64 of an address that names the kind and a UUID.
//!
//! Source: <https://developer.webex.com/docs/basics>

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id of what has this UUID.
            pub fn of(uuid: &str) -> Self {
                let address = format!("ciscospark://us/{}/{uuid}", $kind);
                Self(URL_SAFE_NO_PAD.encode(address))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// As somebody wrote it in a call; there may be nothing of this id.
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

ids! {
    AppId = "APPLICATION";
    EventId = "EVENT";
    FileId = "CONTENT";
    MembershipId = "MEMBERSHIP";
    MessageId = "MESSAGE";
    OrgId = "ORGANIZATION";
    PersonId = "PEOPLE";
    RoleId = "ROLE";
    RoomId = "ROOM";
    WebhookId = "WEBHOOK";
}

/// The UUID inside an id, as the clients' own services name the same thing.
pub fn uuid(id: &str) -> String {
    let address = URL_SAFE_NO_PAD.decode(id).unwrap_or_default();
    let address = String::from_utf8(address).unwrap_or_default();
    address.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{RoomId, uuid};

    #[test]
    fn an_id_hides_the_uuid_it_was_made_of() {
        let id = RoomId::of("0d8eb1c2-8a3f-4d0e-9d0f-1a2b3c4d5e6f");
        assert!(id.as_str().starts_with("Y2lzY29zcGFyazovL3VzL1JPT00v"));
        assert_eq!(uuid(id.as_str()), "0d8eb1c2-8a3f-4d0e-9d0f-1a2b3c4d5e6f");
    }
}

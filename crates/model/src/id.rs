//! Typed ids. A row's id is the store's number; a platform's id is opaque text that only its
//! connector looks into.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "number")]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_id! {
    ConnectionId;
    AccountId;
    PersonId;
    PairingId;
    LinkId;
    /// Also the id of the leg's lane.
    LegId;
    /// One message as people wrote it, whatever its copies on the legs.
    MessageId;
    DeliveryId;
}

macro_rules! external_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

external_id! {
    /// A platform's id of one of its accounts.
    ExternalAccount;
    /// A platform's id of one of its conversations.
    ExternalConversation;
    /// A platform's id of one message, unique within its conversation.
    ExternalMessage;
}

/// What the hub writes into a post's marker, where a platform carries one: 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct RelayId(String);

impl RelayId {
    /// A relay id from 128 random bits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// Takes text that claims to be a relay id; anything but 32 lower-case hex digits is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed =
            text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::RelayId;

    #[test]
    fn only_thirty_two_hex_digits_are_a_relay_id() {
        let made = RelayId::from_bits(7);
        assert_eq!(RelayId::parse(made.as_str()), Some(made));
        assert_eq!(RelayId::parse("7"), None);
        assert_eq!(RelayId::parse(&"G".repeat(32)), None);
    }
}

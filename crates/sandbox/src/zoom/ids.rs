//! The ids, tokens and secrets of an account, shaped as the real ones are. All follow from the
//! seed, so that two runs with one seed name everything alike.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use serde::Serialize;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// 22 letters of URL-safe base64.
    UserId
);
opaque_id!(
    /// A channel's id, and what events call a session: 32 hexadecimal digits.
    ConversationId
);
opaque_id!(
    /// A GUID in capital letters.
    MessageId
);

/// Makes names out of the seed. A label always gives the same one.
#[derive(Debug)]
pub struct Mint {
    seed: u64,
    made: AtomicU64,
}

impl Mint {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            made: AtomicU64::new(0),
        }
    }

    pub fn user(&self, email: &str) -> UserId {
        UserId(self.opaque(&format!("user {}", email.to_lowercase()), 22))
    }

    pub fn conversation(&self) -> ConversationId {
        ConversationId(self.hex(&self.fresh("conversation")))
    }

    pub fn message(&self) -> MessageId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.bytes(&self.fresh("message"))[..16]);
        let guid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        MessageId(guid.to_string().to_uppercase())
    }

    /// An access or refresh token: opaque to its holder, but of a JWT's shape.
    pub fn token(&self, kind: &str) -> String {
        let label = self.fresh(kind);
        let part = |name: &str, length| self.opaque(&format!("{label} {name}"), length);
        format!("eyJ{}.{}.{}", part("a", 29), part("b", 64), part("c", 43))
    }

    /// 32 hexadecimal digits.
    pub fn hex(&self, label: &str) -> String {
        HEXLOWER.encode(&self.bytes(label)[..16])
    }

    /// `length` letters of the URL-safe base64 alphabet.
    pub fn opaque(&self, label: &str, length: usize) -> String {
        let mut text = String::new();
        for part in 0.. {
            if text.len() >= length {
                break;
            }
            text.push_str(&URL_SAFE_NO_PAD.encode(self.bytes(&format!("{label}/{part}"))));
        }
        text.truncate(length);
        text
    }

    /// A label that was not used before.
    pub fn fresh(&self, label: &str) -> String {
        format!("{label}#{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    fn bytes(&self, label: &str) -> Vec<u8> {
        let text = format!("zoom sandbox {} {label}", self.seed);
        digest(&SHA256, text.as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_names_everything_alike_and_another_differently() {
        let (one, same, other) = (Mint::new(7), Mint::new(7), Mint::new(8));
        assert_eq!(
            one.user("zara@acme.example"),
            same.user("Zara@acme.example")
        );
        assert_ne!(
            one.user("zara@acme.example"),
            other.user("zara@acme.example")
        );
        assert_eq!(one.token("access"), same.token("access"));
        assert_ne!(one.message(), one.message());
    }
}

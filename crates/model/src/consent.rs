//! Consent: whether a person has authorised the hub to act as one of their accounts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Timestamp;

/// How somebody is asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// A code to be typed on the platform's own page; nothing has to be hosted
    /// (RFC 8628).
    DeviceCode,
    /// A link to the hub's public address and from there to the platform
    /// (RFC 6749 section 4.1 with RFC 7636).
    Link,
}

impl SignInWay {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DeviceCode => "device_code",
            Self::Link => "link",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::DeviceCode, Self::Link]
            .into_iter()
            .find(|way| way.word() == word)
    }
}

/// What makes the hub ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskedBecause {
    /// They sent their first message across.
    Sent,
    /// Somebody's first message across reached them.
    Received,
    /// The administrator asked again.
    Administrator,
}

impl AskedBecause {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Administrator => "administrator",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Sent, Self::Received, Self::Administrator]
            .into_iter()
            .find(|because| because.word() == word)
    }

    /// Whether the hub asks by itself: that happens once per account, for ever.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        match self {
            Self::Sent | Self::Received => true,
            Self::Administrator => false,
        }
    }
}

/// Where one account's consent stands. Each transition takes the state it starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Consent {
    /// Nothing is to be asked: a guest, an account that nobody is represented by, or a platform
    /// where the hub has no way to ask.
    NotNeeded,
    NotAsked,
    Asked {
        at: Timestamp,
        how: SignInWay,
        /// Until when what must be sent as them waits for the answer.
        until: Timestamp,
    },
    Granted {
        at: Timestamp,
        /// As the platform writes them, separated by spaces.
        scopes: String,
    },
    Declined {
        at: Timestamp,
    },
    /// It was granted, and the platform no longer accepts it.
    Revoked {
        at: Timestamp,
    },
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("consent that is {state} cannot be {transition}")]
pub struct ConsentError {
    /// The state's word.
    pub state: &'static str,
    pub transition: &'static str,
}

impl Consent {
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::NotAsked => "not_asked",
            Self::Asked { .. } => "asked",
            Self::Granted { .. } => "granted",
            Self::Declined { .. } => "declined",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// The hub asks. By itself it asks only whom it has never asked; an administrator may ask
    /// everyone who has not granted it.
    ///
    /// # Errors
    /// From any other state.
    pub fn ask(
        self,
        because: AskedBecause,
        how: SignInWay,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Self, ConsentError> {
        match (&self, because.is_automatic()) {
            (Self::NotAsked, _)
            | (Self::Asked { .. } | Self::Declined { .. } | Self::Revoked { .. }, false) => {
                Ok(Self::Asked { at, how, until })
            }
            (Self::NotNeeded | Self::Granted { .. }, _)
            | (Self::Asked { .. } | Self::Declined { .. } | Self::Revoked { .. }, true) => {
                Err(self.refuse("asked for"))
            }
        }
    }

    /// They signed in, whether just asked or on their own account later.
    ///
    /// # Errors
    /// When nothing was to be asked.
    pub fn grant(self, at: Timestamp, scopes: String) -> Result<Self, ConsentError> {
        match self {
            Self::NotAsked
            | Self::Asked { .. }
            | Self::Granted { .. }
            | Self::Declined { .. }
            | Self::Revoked { .. } => Ok(Self::Granted { at, scopes }),
            Self::NotNeeded => Err(self.refuse("granted")),
        }
    }

    /// They said no.
    ///
    /// # Errors
    /// When they were not asked, or have granted it since.
    pub fn decline(self, at: Timestamp) -> Result<Self, ConsentError> {
        match self {
            Self::Asked { .. } => Ok(Self::Declined { at }),
            Self::NotNeeded
            | Self::NotAsked
            | Self::Granted { .. }
            | Self::Declined { .. }
            | Self::Revoked { .. } => Err(self.refuse("declined")),
        }
    }

    /// The platform no longer accepts what they granted.
    ///
    /// # Errors
    /// When nothing was granted.
    pub fn revoke(self, at: Timestamp) -> Result<Self, ConsentError> {
        match self {
            Self::Granted { .. } => Ok(Self::Revoked { at }),
            Self::NotNeeded
            | Self::NotAsked
            | Self::Asked { .. }
            | Self::Declined { .. }
            | Self::Revoked { .. } => Err(self.refuse("revoked")),
        }
    }

    /// Whether what must be sent as them waits for their answer.
    #[must_use]
    pub fn is_awaited(&self, now: Timestamp) -> bool {
        match self {
            Self::Asked { until, .. } => now < *until,
            Self::NotNeeded
            | Self::NotAsked
            | Self::Granted { .. }
            | Self::Declined { .. }
            | Self::Revoked { .. } => false,
        }
    }

    /// Whether the account's own conversations may be read: not once its owner has said no.
    #[must_use]
    pub fn may_be_heard(&self) -> bool {
        match self {
            Self::Declined { .. } => false,
            Self::NotNeeded
            | Self::NotAsked
            | Self::Asked { .. }
            | Self::Granted { .. }
            | Self::Revoked { .. } => true,
        }
    }

    fn refuse(&self, transition: &'static str) -> ConsentError {
        ConsentError {
            state: self.word(),
            transition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Consent {
        Consent::Asked {
            at: Timestamp(1),
            how: SignInWay::DeviceCode,
            until: Timestamp(100),
        }
    }

    fn every_state() -> [Consent; 6] {
        [
            Consent::NotNeeded,
            Consent::NotAsked,
            asked(),
            Consent::Granted {
                at: Timestamp(2),
                scopes: String::new(),
            },
            Consent::Declined { at: Timestamp(2) },
            Consent::Revoked { at: Timestamp(2) },
        ]
    }

    fn allowed(transition: impl Fn(Consent) -> Result<Consent, ConsentError>) -> Vec<&'static str> {
        every_state()
            .into_iter()
            .filter(|state| transition(state.clone()).is_ok())
            .map(|state| state.word())
            .collect()
    }

    #[test]
    fn the_hub_asks_by_itself_only_whom_it_has_never_asked() {
        let ask = |because| {
            allowed(move |state| {
                state.ask(because, SignInWay::DeviceCode, Timestamp(3), Timestamp(9))
            })
        };
        assert_eq!(ask(AskedBecause::Sent), ["not_asked"]);
        assert_eq!(ask(AskedBecause::Received), ["not_asked"]);
        assert_eq!(
            ask(AskedBecause::Administrator),
            ["not_asked", "asked", "declined", "revoked"]
        );
    }

    #[test]
    fn only_who_is_asked_can_decline_and_only_what_is_granted_can_be_revoked() {
        assert_eq!(allowed(|state| state.decline(Timestamp(3))), ["asked"]);
        assert_eq!(allowed(|state| state.revoke(Timestamp(3))), ["granted"]);
        assert_eq!(
            allowed(|state| state.grant(Timestamp(3), "a".to_owned())),
            ["not_asked", "asked", "granted", "declined", "revoked"]
        );
    }

    #[test]
    fn messages_wait_for_an_answer_until_its_time_is_over() {
        assert!(asked().is_awaited(Timestamp(99)));
        assert!(!asked().is_awaited(Timestamp(100)));
        let waited_for = every_state()
            .into_iter()
            .filter(|state| state.is_awaited(Timestamp(50)));
        assert_eq!(waited_for.count(), 1);
    }

    #[test]
    fn whoever_declines_is_not_read_any_more() {
        let unheard: Vec<_> = every_state()
            .into_iter()
            .filter(|state| !state.may_be_heard())
            .map(|state| state.word())
            .collect();
        assert_eq!(unheard, ["declined"]);
    }
}

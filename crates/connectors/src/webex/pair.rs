//! What a direct conversation is called here: after the two who are in it.
//!
//! Webex makes the room of two people with the first message between them, and only then does it
//! have an id. Whom it is between is known before, and there is one of it: under this name it is the
//! same conversation from the beginning, whoever writes first.

use causeway_model::{ExternalAccount, ExternalConversation};

const PREFIX: &str = "direct:";

/// Two people, in an order that does not depend on who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    one: ExternalAccount,
    other: ExternalAccount,
}

impl Pair {
    pub(super) fn of(a: &ExternalAccount, b: &ExternalAccount) -> Self {
        let (one, other) = if a <= b { (a, b) } else { (b, a) };
        Self {
            one: one.clone(),
            other: other.clone(),
        }
    }

    /// None for a room of Webex's own name: a group.
    pub(super) fn read(conversation: &ExternalConversation) -> Option<Self> {
        let (one, other) = conversation
            .as_str()
            .strip_prefix(PREFIX)?
            .split_once(':')?;
        Some(Self {
            one: ExternalAccount::new(one),
            other: ExternalAccount::new(other),
        })
    }

    pub(super) fn conversation(&self) -> ExternalConversation {
        ExternalConversation::new(format!("{PREFIX}{}:{}", self.one, self.other))
    }

    pub(super) fn members(&self) -> [&ExternalAccount; 2] {
        [&self.one, &self.other]
    }

    pub(super) fn has(&self, account: &ExternalAccount) -> bool {
        self.members().contains(&account)
    }

    /// Whom `account` writes to there.
    pub(super) fn beside(&self, account: &ExternalAccount) -> Option<&ExternalAccount> {
        match account {
            account if *account == self.one => Some(&self.other),
            account if *account == self.other => Some(&self.one),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_conversation_has_one_name_whoever_begins_it() {
        let [ann, bob] = ["ann", "bob"].map(ExternalAccount::new);
        let name = Pair::of(&ann, &bob).conversation();
        assert_eq!(Pair::of(&bob, &ann).conversation(), name);
        let pair = Pair::read(&name).expect("a pair");
        assert_eq!(pair.beside(&ann), Some(&bob));
        assert_eq!(pair.beside(&bob), Some(&ann));
        assert_eq!(pair.beside(&ExternalAccount::new("cy")), None);
        assert_eq!(Pair::read(&ExternalConversation::new("Y2lz")), None);
    }
}

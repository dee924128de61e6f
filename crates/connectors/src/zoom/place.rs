//! Conversations' names. A channel has an id; what is said between two people has none on Zoom, so
//! that the hub makes one of the two accounts, the same whoever of them it is heard from.

use causeway_model::{
    ConversationKind, ExternalAccount, ExternalConversation, Failure, FailureKind,
};

const DIRECT: &str = "dm:";
const BETWEEN: char = '~';
/// What stands for [`BETWEEN`] in an account's name: an address may hold it.
const ESCAPED: &str = "%7E";

/// Where something is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Between two people, in the order of their accounts.
    Direct(ExternalAccount, ExternalAccount),
    Channel(String),
}

impl Place {
    pub(super) fn between(one: ExternalAccount, other: ExternalAccount) -> Self {
        match one.as_str() <= other.as_str() {
            true => Self::Direct(one, other),
            false => Self::Direct(other, one),
        }
    }

    pub(super) fn of(id: &ExternalConversation) -> Self {
        let pair = id.as_str().strip_prefix(DIRECT);
        match pair.and_then(|pair| pair.split_once(BETWEEN)) {
            Some((one, other)) => Self::between(plain(one), plain(other)),
            None => Self::Channel(id.as_str().to_owned()),
        }
    }

    pub(super) fn id(&self) -> ExternalConversation {
        match self {
            Self::Direct(one, other) => ExternalConversation::new(format!(
                "{DIRECT}{}{BETWEEN}{}",
                escaped(one),
                escaped(other)
            )),
            Self::Channel(id) => ExternalConversation::new(id.as_str()),
        }
    }

    /// What kind of conversation it is, as far as its name tells.
    pub(super) fn kind(&self, own: &ExternalAccount) -> Option<ConversationKind> {
        match self {
            Self::Direct(one, other) if one == own || other == own => {
                Some(ConversationKind::WithApp)
            }
            Self::Direct(..) => Some(ConversationKind::Direct),
            Self::Channel(_) => None,
        }
    }

    /// Whom one of two people talks to.
    pub(super) fn other_than(&self, account: &ExternalAccount) -> Option<&ExternalAccount> {
        match self {
            Self::Direct(one, other) if one == account => Some(other),
            Self::Direct(one, other) if other == account => Some(one),
            Self::Direct(..) | Self::Channel(_) => None,
        }
    }

    /// As whom it is looked at: whoever wants to, where they are in it; else, between two people,
    /// one of them whom the hub may act as.
    pub(super) fn viewer(&self, wanted: ExternalAccount) -> Result<ExternalAccount, Failure> {
        match self {
            Self::Channel(_) => Ok(wanted),
            Self::Direct(..) if self.other_than(&wanted).is_some() => Ok(wanted),
            Self::Direct(one, other) => [one, other]
                .into_iter()
                .find(|account| !account.as_str().contains('@'))
                .cloned()
                .ok_or_else(|| Failure::new(FailureKind::Forbidden, "nobody_of_ours", "view")),
        }
    }
}

fn escaped(account: &ExternalAccount) -> String {
    let name = account.as_str().replace('%', "%25");
    name.replace(BETWEEN, ESCAPED)
}

fn plain(name: &str) -> ExternalAccount {
    ExternalAccount::new(name.replace(ESCAPED, "~").replace("%25", "%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str) -> ExternalAccount {
        ExternalAccount::new(id)
    }

    #[test]
    fn two_people_have_one_conversation_whoever_it_is_heard_from() {
        let here = Place::between(account("ann"), account("bob"));
        assert_eq!(here, Place::between(account("bob"), account("ann")));
        assert_eq!(here.id().as_str(), "dm:ann~bob");
        assert_eq!(Place::of(&here.id()), here);
    }

    #[test]
    fn an_address_may_hold_whatever_it_likes() {
        for odd in ["a~b%7e@x.example", "%7E@x.example", "%~%25@x.example"] {
            let place = Place::between(account("ann"), account(odd));
            assert_eq!(Place::of(&place.id()), place);
        }
    }

    #[test]
    fn a_channel_goes_by_its_own_id() {
        let id = ExternalConversation::new("825c9e31f1064c73b394c5e4557d3447");
        assert_eq!(Place::of(&id).id(), id);
        assert_eq!(Place::of(&id).kind(&account("hub")), None);
    }

    #[test]
    fn what_the_service_user_is_in_is_with_the_app_and_a_member_looks_where_nobody_of_us_is() {
        let place = Place::between(account("eve@x.example"), account("ann"));
        assert_eq!(place.kind(&account("hub")), Some(ConversationKind::Direct));
        assert_eq!(place.kind(&account("ann")), Some(ConversationKind::WithApp));
        assert_eq!(place.viewer(account("hub")), Ok(account("ann")));
        assert_eq!(
            place.other_than(&account("ann")),
            Some(&account("eve@x.example"))
        );
    }
}

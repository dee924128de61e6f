//! System messages about who came into a chat and who left it.
//!
//! Source: <https://learn.microsoft.com/graph/system-messages>.

use causeway_model::{Author, AuthorKind, ExternalAccount};
use serde::Deserialize;

use super::{
    messages::author,
    wire::{ChatMessage, MembersDetail},
};

/// What a system message says about a chat's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub way: Way,
    /// At least one.
    pub accounts: Vec<ExternalAccount>,
    pub by: Author,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// The change that the message tells of. The type of the message is not looked at: Graph has more
/// than one name for it, and only system messages have such a detail.
pub(super) fn change(message: &ChatMessage) -> Option<Change> {
    let detail = MembersDetail::deserialize(message.event_detail.as_ref()?).ok()?;
    let way = match detail.kind.trim_start_matches("#microsoft.graph.") {
        "membersAddedEventMessageDetail" | "membersJoinedEventMessageDetail" => Way::In,
        "membersDeletedEventMessageDetail" | "membersLeftEventMessageDetail" => Way::Out,
        _ => return None,
    };
    let accounts: Vec<ExternalAccount> = detail
        .members
        .into_iter()
        .filter(|member| !member.id.is_empty())
        .map(|member| ExternalAccount::new(member.id))
        .collect();
    let themselves = Author {
        account: accounts.first()?.clone(),
        kind: AuthorKind::Person,
    };
    let by = detail.initiator.as_ref().and_then(author);
    Some(Change {
        way,
        accounts,
        by: by.unwrap_or(themselves),
    })
}

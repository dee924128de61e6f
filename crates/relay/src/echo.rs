//! Telling what people wrote from what the hub itself posted.

use std::collections::HashSet;

use causeway_model::{
    AuthorKind, ExternalAccount, ExternalMessage, Happening, Incoming, RelayId, Timestamp,
};

/// What the store knows of an event's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoFacts {
    /// The message is one that the hub posted, by its id on this leg.
    pub known_copy: bool,
    /// The event's marker is by our own app and names a delivery of ours.
    pub known_marker: bool,
    /// A post of the hub's to this conversation, as this author, has no outcome yet.
    pub open_post_as_author: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EchoVerdict {
    /// The hub's own post: never relayed.
    Echo,
    /// The hub's own post, and proof that the open delivery with this marker arrived.
    EchoSettles,
    /// It may be the hub's own: wait until the open post has its outcome.
    Hold,
    /// A person wrote it.
    Genuine,
}

/// Decides about one event. A marker is believed only together with our own app's id and a relay
/// id that the store knows, so that a forged one silences nothing.
#[must_use]
pub fn recognise(event: &Incoming, facts: EchoFacts) -> EchoVerdict {
    if facts.known_copy {
        return EchoVerdict::Echo;
    }
    match event.happened {
        Happening::Posted { .. } if facts.known_marker => EchoVerdict::EchoSettles,
        // Whoever let somebody in, the members are what they are.
        Happening::Joined { .. } | Happening::Left { .. } => EchoVerdict::Genuine,
        _ if event.author.kind == AuthorKind::OwnApp => EchoVerdict::Echo,
        Happening::Posted { .. } | Happening::Edited { .. } | Happening::Deleted { .. }
            if facts.open_post_as_author =>
        {
            EchoVerdict::Hold
        }
        Happening::Posted { .. }
        | Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. } => EchoVerdict::Genuine,
    }
}

/// What proves that a post of unknown outcome arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    pub relay_id: &'a RelayId,
    /// Whether the platform carries markers: then nothing else counts.
    pub marker: bool,
    /// Every account that the post may stand under.
    pub authors: &'a [ExternalAccount],
    /// The fingerprint of the content as the platform gives it back.
    pub fingerprint: &'a str,
    /// Not before this moment.
    pub since: Timestamp,
}

/// Looks for our post among what the conversation holds now. `taken` are messages that are known
/// to be something else: each message proves one delivery at most.
#[must_use]
pub fn find_own_post<'a>(
    evidence: &Evidence<'_>,
    read_back: &'a [Incoming],
    taken: &HashSet<ExternalMessage>,
) -> Option<(&'a ExternalMessage, Timestamp)> {
    read_back.iter().find_map(|event| {
        let Happening::Posted {
            message,
            content,
            marker,
        } = &event.happened
        else {
            return None;
        };
        let ours = if evidence.marker {
            // Not every history names the app. Whoever else would know the id of what has not been
            // seen yet, and could write under the account that it was to stand under?
            marker.as_ref().is_some_and(|marker| {
                let by_whom = marker.by_own_app || evidence.authors.contains(&event.author.account);
                by_whom && marker.relay_id == *evidence.relay_id
            })
        } else {
            event.at >= evidence.since
                && evidence.authors.contains(&event.author.account)
                && !taken.contains(message)
                && content.fingerprint() == evidence.fingerprint
        };
        ours.then_some((message, event.at))
    })
}

#[cfg(test)]
mod tests {
    use causeway_model::{Author, Content, EventKey, ExternalConversation, Marker};

    use super::*;

    fn posted(
        id: &str,
        author: &str,
        kind: AuthorKind,
        text: &str,
        marker: Option<Marker>,
    ) -> Incoming {
        Incoming {
            key: EventKey(format!("m:C:{id}")),
            contains: vec![],
            changed_at: None,
            conversation: ExternalConversation::new("C"),
            conversation_kind: None,
            heard_by: None,
            author: Author {
                account: ExternalAccount::new(author),
                kind,
            },
            at: Timestamp(100),
            happened: Happening::Posted {
                message: ExternalMessage::new(id),
                content: Content::plain(text),
                marker,
            },
        }
    }

    const NOTHING: EchoFacts = EchoFacts {
        known_copy: false,
        known_marker: false,
        open_post_as_author: false,
    };

    #[test]
    fn an_echo_that_beats_the_apis_answer_settles_the_open_post() {
        let event = posted("1", "U1", AuthorKind::PersonByOwnApp, "hi", None);
        let facts = EchoFacts {
            known_marker: true,
            open_post_as_author: true,
            ..NOTHING
        };
        assert_eq!(recognise(&event, facts), EchoVerdict::EchoSettles);
    }

    #[test]
    fn a_forged_marker_silences_nothing() {
        let event = posted("1", "U1", AuthorKind::Person, "hi", None);
        assert_eq!(recognise(&event, NOTHING), EchoVerdict::Genuine);
        let by_own_token = posted("1", "U1", AuthorKind::PersonByOwnApp, "hi", None);
        assert_eq!(recognise(&by_own_token, NOTHING), EchoVerdict::Genuine);
    }

    #[test]
    fn what_the_app_says_is_never_relayed_even_when_the_store_forgot_it() {
        let event = posted("1", "B1", AuthorKind::OwnApp, "hi", None);
        assert_eq!(recognise(&event, NOTHING), EchoVerdict::Echo);
    }

    #[test]
    fn an_event_that_may_be_our_open_post_is_held() {
        let event = posted("1", "U1", AuthorKind::Person, "hi", None);
        let facts = EchoFacts {
            open_post_as_author: true,
            ..NOTHING
        };
        assert_eq!(recognise(&event, facts), EchoVerdict::Hold);
    }

    #[test]
    fn a_marker_platform_is_believed_by_marker_alone() {
        let rid = RelayId::from_bits(9);
        let evidence = Evidence {
            relay_id: &rid,
            marker: true,
            authors: &[ExternalAccount::new("U1")],
            fingerprint: "hi",
            since: Timestamp(0),
        };
        let same_text = posted("1", "U1", AuthorKind::Person, "hi", None);
        let forged = Marker {
            relay_id: rid.clone(),
            by_own_app: false,
        };
        let by_another = posted("2", "U9", AuthorKind::Person, "hi", Some(forged.clone()));
        assert_eq!(
            find_own_post(&evidence, &[same_text, by_another], &HashSet::new()),
            None
        );
        let unnamed = [posted("4", "U1", AuthorKind::Person, "hi", Some(forged))];
        let found = find_own_post(&evidence, &unnamed, &HashSet::new());
        assert_eq!(
            found.map(|(id, _)| id.as_str()),
            Some("4"),
            "a history that does not name the app still names the account"
        );
        let ours = Marker {
            relay_id: rid.clone(),
            by_own_app: true,
        };
        let ours = [posted("3", "B1", AuthorKind::OwnApp, "hi", Some(ours))];
        assert_eq!(
            find_own_post(&evidence, &ours, &HashSet::new()).map(|(id, _)| id.as_str()),
            Some("3")
        );
    }

    #[test]
    fn without_markers_each_message_proves_one_delivery_at_most() {
        let rid = RelayId::from_bits(9);
        let authors = [ExternalAccount::new("U1")];
        let evidence = Evidence {
            relay_id: &rid,
            marker: false,
            authors: &authors,
            fingerprint: "ok",
            since: Timestamp(50),
        };
        let read_back = [
            posted("1", "U1", AuthorKind::Person, "ok", None),
            posted("2", "U1", AuthorKind::Person, "ok", None),
        ];
        let taken = HashSet::from([ExternalMessage::new("1")]);
        assert_eq!(
            find_own_post(&evidence, &read_back, &taken).map(|(id, _)| id.as_str()),
            Some("2")
        );
    }
}

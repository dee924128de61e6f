//! The calls that a delivery's attempt makes.

use std::collections::HashSet;

use causeway_connectors::{Connector, Edit, Post, Posted};
use causeway_model::{
    AuthorKind, ExternalMessage, Failure, FailureKind, Happening, Incoming, RelayId, Timestamp,
};
use causeway_relay::echo::{Evidence, find_own_post};

use crate::lane::{Act, Outcome, Work};

/// Makes the call. Nothing is locked and no transaction is open meanwhile.
pub(crate) async fn carry_out(work: &Work) -> Result<Outcome, Failure> {
    let connector = work.connector.as_ref();
    let relay_id = &work.delivery.relay_id;
    match &work.act {
        Act::Open(wanted) => connector.open(wanted).await.map(Outcome::Opened),
        Act::Say {
            conversation,
            speaker,
            shown_as,
            content,
            buttons,
            once,
        } => {
            let post = Post {
                conversation,
                speaker,
                shown_as: shown_as.as_ref(),
                content,
                buttons,
                relay_id,
            };
            let said_before = match once {
                true => find_said(connector, &post).await?,
                false => None,
            };
            match said_before {
                Some(posted) => Ok(Outcome::Said(posted)),
                None => connector.post(&post).await.map(Outcome::Said),
            }
        }
        Act::Change {
            conversation,
            message,
            speaker,
            shown_as,
            content,
        } => {
            let shown_as = shown_as.as_ref();
            let edit = Edit {
                conversation,
                message,
                speaker,
                shown_as,
                content,
                relay_id,
            };
            connector.edit(&edit).await.map(|()| Outcome::Done)
        }
        Act::Remove {
            conversation,
            message,
            speaker,
        } => connector
            .delete(conversation, message, speaker)
            .await
            .map(|()| Outcome::Done),
    }
}

/// What is said once for ever may have been said in a life of the hub that nobody remembers.
async fn find_said(connector: &dyn Connector, post: &Post<'_>) -> Result<Option<Posted>, Failure> {
    let beginning = Timestamp(0);
    let history = connector
        .history(post.conversation, post.speaker, beginning)
        .await
        .map_err(|failure| match failure.kind {
            // Nothing has been said yet.
            FailureKind::Unknown => Failure {
                kind: FailureKind::NotSent,
                ..failure
            },
            FailureKind::Throttled { .. }
            | FailureKind::NotSent
            | FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => failure,
        })?;
    let read_back = connector.as_read_back(post.content, &post.said_by());
    let fingerprint = read_back.fingerprint();
    // In the person's conversation with the app only the app says what the app says.
    let authors: Vec<_> = history
        .iter()
        .filter(|event| event.author.kind == AuthorKind::OwnApp)
        .map(|event| event.author.account.clone())
        .collect();
    let evidence = Evidence {
        relay_id: post.relay_id,
        marker: connector.capabilities().marker,
        authors: &authors,
        fingerprint: &fingerprint,
        since: beginning,
    };
    let found = find_own_post(&evidence, &history, &HashSet::new())
        .or_else(|| find_named(post.relay_id, &history));
    Ok(found.map(|(message, at)| Posted {
        message: message.clone(),
        at,
    }))
}

/// Where there are no markers, a link may name what was said: its words can have changed since.
fn find_named<'a>(
    relay_id: &RelayId,
    history: &'a [Incoming],
) -> Option<(&'a ExternalMessage, Timestamp)> {
    history.iter().find_map(|event| match &event.happened {
        Happening::Posted {
            message, content, ..
        } if event.author.kind == AuthorKind::OwnApp => {
            let written = serde_json::to_string(content).unwrap_or_default();
            written
                .contains(relay_id.as_str())
                .then_some((message, event.at))
        }
        Happening::Posted { .. }
        | Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    })
}

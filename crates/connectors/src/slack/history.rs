//! What happened in a conversation, read back.

use causeway_model::{
    ConversationKind, ExternalAccount, ExternalConversation, ExternalMessage, Failure, Incoming,
    Speaker, Timestamp,
};

use super::{
    api::{Api, CONVERSATIONS_HISTORY, CONVERSATIONS_REPLIES, Method},
    dialect::AccountNames,
    message::Scene,
    own::Own,
    owner, stamp,
    wire::{self, Message, MessagesPage},
};

/// What Slack advises as a page.
const PAGE: usize = 200;

/// Everything since then, the oldest first. Replies in threads are read where their root is within
/// that time; Slack lists no others.
pub(super) async fn since(
    api: &Api,
    own: &Own,
    names: &dyn AccountNames,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let oldest = stamp::from_millis(since);
    let place = [("channel", conversation.as_str().to_owned())];
    let mut messages = all(api, CONVERSATIONS_HISTORY, speaker, &place, &oldest).await?;
    for root in roots_with_replies(&messages, since) {
        let thread = [place[0].clone(), ("ts", root)];
        messages.extend(all(api, CONVERSATIONS_REPLIES, speaker, &thread, &oldest).await?);
    }
    messages.sort_by(|a, b| a.ts.cmp(&b.ts));
    // A thread's root is listed with its replies too, and so is one that was also sent to all.
    messages.dedup_by(|a, b| a.ts == b.ts);

    let scene = Scene {
        own,
        names,
        kind: kind(conversation, speaker),
        heard_by: heard_by(speaker),
        conversation: conversation.clone(),
    };
    let mut happened: Vec<Incoming> = messages
        .iter()
        .flat_map(|message| scene.present(message))
        .collect();
    happened.retain(|incoming| incoming.at >= since);
    happened.sort_by_key(|incoming| incoming.at);
    Ok(happened)
}

/// A thread is found by any of its messages; one of which nothing is left is not found at all.
///
/// Source: <https://docs.slack.dev/reference/methods/conversations.replies>.
pub(super) async fn stands(
    api: &Api,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<bool, Failure> {
    let ts = message.as_str();
    let fields = [
        ("channel", conversation.as_str().to_owned()),
        ("ts", ts.to_owned()),
        ("oldest", ts.to_owned()),
        ("latest", ts.to_owned()),
        ("inclusive", "true".to_owned()),
    ];
    let found: Result<MessagesPage, Failure> = api
        .call(CONVERSATIONS_REPLIES, &owner(speaker), &fields)
        .await;
    match found {
        Ok(page) => Ok(page.messages.iter().any(|message| {
            message.ts.as_deref() == Some(ts) && message.subtype.as_deref() != Some("tombstone")
        })),
        Err(failure) if is_nothing_left(&failure) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// The message is gone, and not only the conversation or the right to read it.
fn is_nothing_left(failure: &Failure) -> bool {
    matches!(
        failure.code.as_str(),
        "thread_not_found" | "message_not_found"
    )
}

async fn all(
    api: &Api,
    method: Method,
    speaker: &Speaker,
    place: &[(&'static str, String)],
    oldest: &str,
) -> Result<Vec<Message>, Failure> {
    let mut messages = Vec::new();
    let mut cursor = None;
    loop {
        let mut fields = place.to_vec();
        fields.extend([
            ("oldest", oldest.to_owned()),
            ("inclusive", "true".to_owned()),
            ("include_all_metadata", "true".to_owned()),
            ("limit", PAGE.to_string()),
        ]);
        fields.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: MessagesPage = api.call(method, &owner(speaker), &fields).await?;
        messages.extend(page.messages);
        cursor = wire::next_page(page.response_metadata);
        if cursor.is_none() {
            return Ok(messages);
        }
    }
}

fn roots_with_replies(messages: &[Message], since: Timestamp) -> Vec<String> {
    let newer = |latest: &String| stamp::millis(latest).is_some_and(|latest| latest >= since);
    let roots = messages
        .iter()
        .filter(|message| message.latest_reply.as_ref().is_some_and(newer));
    roots.filter_map(|root| root.ts.clone()).collect()
}

/// A direct message that the bot is in is the one with the app.
fn kind(conversation: &ExternalConversation, speaker: &Speaker) -> Option<ConversationKind> {
    let direct = conversation.as_str().starts_with('D');
    (direct && *speaker == Speaker::App).then_some(ConversationKind::WithApp)
}

fn heard_by(speaker: &Speaker) -> Option<ExternalAccount> {
    match speaker {
        Speaker::App => None,
        Speaker::Account(account) => Some(account.clone()),
    }
}

//! `conversations.history` and `conversations.replies`.

use serde_json::{Value, json};

use super::{
    super::{
        arguments::Arguments,
        failure::Failure,
        ids::Ts,
        json::message_json,
        state::{Conversation, Message},
    },
    Answer, Call, cursor, cursor_of,
};

const LONGEST_PAGE: usize = 1000;
const USUAL_PAGE: usize = 100;

/// Which messages a call asks for.
struct Range {
    oldest: Ts,
    latest: Option<Ts>,
    inclusive: bool,
    limit: usize,
}

impl Range {
    fn of(args: &Arguments) -> Result<Self, Failure> {
        let bound = |name: &str, code: &'static str| match args.text(name) {
            None => Ok(None),
            Some(text) => Ts::bound(&text).map(Some).ok_or(Failure::Code(code)),
        };
        Ok(Self {
            oldest: bound("oldest", "invalid_ts_oldest")?.unwrap_or(Ts::EARLIEST),
            latest: bound("latest", "invalid_ts_latest")?,
            inclusive: args.flag("inclusive"),
            limit: args.limit(USUAL_PAGE, LONGEST_PAGE)?,
        })
    }

    fn holds(&self, ts: Ts) -> bool {
        let after = ts > self.oldest || (self.inclusive && ts == self.oldest);
        let before = self
            .latest
            .is_none_or(|latest| ts < latest || (self.inclusive && ts == latest));
        after && before
    }
}

/// Newest first; replies in threads only where they were also shown in the conversation.
pub fn history(call: &mut Call<'_>) -> Answer {
    let conversation = call.readable()?;
    let range = Range::of(call.args)?;
    let end = cursor_of(call.args, "next_ts")?
        .as_deref()
        .map(cursor_ts)
        .transpose()?;
    let newest = conversation.messages.values().rev();
    let mut found = newest
        .skip_while(|message| end.is_some_and(|end| message.ts > end))
        .take_while(|message| message.ts >= range.oldest)
        .filter(|message| range.holds(message.ts) && is_in_history(conversation, message));
    let shown: Vec<_> = found.by_ref().take(range.limit).collect();
    let next = found.next().map(|message| message.ts);
    Ok(page(call, conversation, &shown, next))
}

/// The head of the thread and its replies, oldest first.
pub fn replies(call: &mut Call<'_>) -> Answer {
    let conversation = call.readable()?;
    let wanted = Ts::parse(&call.args.required("ts")?).ok_or("thread_not_found")?;
    let message = conversation
        .messages
        .get(&wanted)
        .ok_or("thread_not_found")?;
    let head = message.thread.unwrap_or(wanted);
    let head = conversation.messages.get(&head).ok_or("thread_not_found")?;
    if head.only_for.is_some() || (head.deleted && !conversation.is_tombstone(head)) {
        return Err("thread_not_found".into());
    }
    let range = Range::of(call.args)?;
    let start = cursor_of(call.args, "next_ts")?
        .as_deref()
        .map(cursor_ts)
        .transpose()?;
    let replies = conversation
        .replies(head.ts)
        .filter(|reply| range.holds(reply.ts));
    let mut found = std::iter::once(head)
        .chain(replies)
        .filter(|message| start.is_none_or(|start| message.ts >= start));
    let shown: Vec<_> = found.by_ref().take(range.limit).collect();
    let next = found.next().map(|message| message.ts);
    Ok(page(call, conversation, &shown, next))
}

fn cursor_ts(text: &str) -> Result<Ts, Failure> {
    Ts::parse(text).ok_or(Failure::Code("invalid_cursor"))
}

fn is_in_history(conversation: &Conversation, message: &Message) -> bool {
    let is_there = message.is_public() || conversation.is_tombstone(message);
    is_there && (message.thread.is_none() || message.broadcast)
}

fn page(
    call: &Call<'_>,
    conversation: &Conversation,
    shown: &[&Message],
    next: Option<Ts>,
) -> Value {
    let with_metadata = call.args.flag("include_all_metadata");
    let messages: Vec<_> = shown
        .iter()
        .map(|message| message_json(call.state, conversation, message, with_metadata))
        .collect();
    let mut answer = json!({
        "ok": true,
        "messages": messages,
        "has_more": next.is_some(),
        "pin_count": 0,
        "channel_actions_ts": null,
        "channel_actions_count": 0,
    });
    if let Some(next) = next {
        let next = cursor("next_ts", &next.to_string());
        answer["response_metadata"] = json!({ "next_cursor": next });
    }
    answer
}

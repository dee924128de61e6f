//! `conversations.list`, `users.conversations`, `conversations.info` and `conversations.members`.

use serde_json::{Value, json};

use super::{
    super::{
        failure::Failure,
        ids::UserId,
        json::conversation_json,
        state::{Access, Conversation, Kind},
    },
    Answer, Call, page,
};

const LONGEST_PAGE: usize = 1000;
const USUAL_PAGE: usize = 100;

pub fn list(call: &mut Call<'_>) -> Answer {
    let caller = call.caller.user.clone();
    listed(call, |conversation| {
        conversation.kind == Kind::Channel || conversation.has(&caller)
    })
}

/// What a user is in, as far as the caller may know of it.
pub fn of_user(call: &mut Call<'_>) -> Answer {
    let caller = call.caller.user.clone();
    let user = call
        .args
        .text("user")
        .map_or_else(|| caller.clone(), |id| UserId::from(id.as_str()));
    if call.state.user(user.as_str()).is_none() {
        return Err("user_not_found".into());
    }
    listed(call, |conversation| {
        let is_known = conversation.kind == Kind::Channel || conversation.has(&caller);
        is_known && conversation.has(&user)
    })
}

fn listed(call: &Call<'_>, fits: impl Fn(&Conversation) -> bool) -> Answer {
    let kinds = kinds(call)?;
    let without_archived = call.args.flag("exclude_archived");
    let found: Vec<_> = call
        .state
        .conversations
        .values()
        .filter(|conversation| kinds.contains(&conversation.kind) && fits(conversation))
        .filter(|conversation| !(without_archived && conversation.archived))
        .collect();
    let limit = call.args.limit(USUAL_PAGE, LONGEST_PAGE)?;
    let name = |conversation: &&Conversation| conversation.id.to_string();
    let (shown, next) = page(found, call.args, ("channel", limit), name)?;
    let channels: Vec<_> = shown
        .into_iter()
        .map(|found| with_size(call, found))
        .collect();
    Ok(json!({
        "ok": true,
        "channels": channels,
        "response_metadata": { "next_cursor": next },
    }))
}

/// The kinds asked for; the caller needs the scope of each.
fn kinds(call: &Call<'_>) -> Result<Vec<Kind>, Failure> {
    let mut names = call.args.list("types");
    if names.is_empty() {
        names.push("public_channel".to_owned());
    }
    let kinds: Vec<_> = names
        .iter()
        .map(|name| match name.as_str() {
            "public_channel" => Ok(Kind::Channel),
            "private_channel" => Ok(Kind::PrivateChannel),
            "mpim" => Ok(Kind::GroupDm),
            "im" => Ok(Kind::Dm),
            _ => Err(Failure::Code("invalid_types")),
        })
        .collect::<Result<_, _>>()?;
    for kind in &kinds {
        call.need(kind.scope(Access::Read, &call.caller.holder))?;
    }
    Ok(kinds)
}

fn with_size(call: &Call<'_>, conversation: &Conversation) -> Value {
    let mut fields = conversation_json(call.state, conversation, &call.caller.user);
    if !conversation.kind.is_direct() {
        fields["num_members"] = conversation.members.len().into();
    }
    fields
}

pub fn info(call: &mut Call<'_>) -> Answer {
    let conversation = call.allowed(Access::Read)?;
    let mut fields = conversation_json(call.state, conversation, &call.caller.user);
    if call.args.flag("include_num_members") {
        fields["num_members"] = conversation.members.len().into();
    }
    Ok(json!({ "ok": true, "channel": fields }))
}

pub fn members(call: &mut Call<'_>) -> Answer {
    let members = call.allowed(Access::Read)?.members.clone();
    let limit = call.args.limit(USUAL_PAGE, LONGEST_PAGE)?;
    let (shown, next) = page(members, call.args, ("user", limit), ToString::to_string)?;
    Ok(json!({ "ok": true, "members": shown, "response_metadata": { "next_cursor": next } }))
}

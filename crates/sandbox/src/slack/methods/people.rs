//! `users.*`, `bots.info` and `emoji.list`.

use serde_json::{Map, Value, json};

use super::{
    super::{
        failure::Failure,
        json::{bot_icons, profile_json, user_json},
        state::{User, UserKind},
        text::CUSTOM_EMOJI,
    },
    Answer, Call, page,
};

const LONGEST_PAGE: usize = 1000;

pub fn list(call: &mut Call<'_>) -> Answer {
    let with_email = call.caller.has("users:read.email");
    let limit = call.args.limit(LONGEST_PAGE, LONGEST_PAGE)?;
    let users: Vec<_> = call.state.users.iter().collect();
    let (shown, next) = page(users, call.args, ("user", limit), |user| {
        user.id.to_string()
    })?;
    let members: Vec<_> = shown
        .into_iter()
        .map(|user| user_json(call.state, user, with_email))
        .collect();
    Ok(json!({
        "ok": true,
        "members": members,
        "cache_ts": call.now / 1000,
        "response_metadata": { "next_cursor": next },
    }))
}

pub fn info(call: &mut Call<'_>) -> Answer {
    let user = named(call, &call.args.required("user")?)?;
    let with_email = call.caller.has("users:read.email");
    Ok(json!({ "ok": true, "user": user_json(call.state, user, with_email) }))
}

pub fn lookup(call: &mut Call<'_>) -> Answer {
    let email = call.args.required("email")?;
    let mut users = call.state.users.iter();
    let user = users
        .find(|user| user.email.eq_ignore_ascii_case(&email) && !user.deleted)
        .ok_or("users_not_found")?;
    Ok(json!({ "ok": true, "user": user_json(call.state, user, true) }))
}

pub fn profile(call: &mut Call<'_>) -> Answer {
    let id = call
        .args
        .text("user")
        .unwrap_or_else(|| call.caller.user.to_string());
    let user = named(call, &id)?;
    let with_email = call.caller.has("users:read.email");
    Ok(json!({ "ok": true, "profile": profile_json(call.state, user, with_email) }))
}

fn named<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a User, Failure> {
    call.state.user(id).ok_or(Failure::Code("user_not_found"))
}

pub fn bot(call: &mut Call<'_>) -> Answer {
    let app = &call.state.app;
    let wanted = call.args.text("bot").unwrap_or_else(|| app.bot_id.clone());
    let bots = call.state.users.iter().filter_map(|user| match &user.kind {
        UserKind::OwnBot => Some((user, app.bot_id.as_str(), app.id.as_str())),
        UserKind::OtherBot { bot_id, app_id } => Some((user, bot_id.as_str(), app_id.as_str())),
        UserKind::Person | UserKind::Slackbot => None,
    });
    let mut bots = bots.filter(|(_, bot_id, _)| *bot_id == wanted);
    let (user, bot_id, app_id) = bots.next().ok_or("bot_not_found")?;
    Ok(json!({
        "ok": true,
        "bot": {
            "id": bot_id,
            "deleted": user.deleted,
            "name": user.name,
            "updated": user.updated,
            "app_id": app_id,
            "user_id": user.id,
            "icons": bot_icons(),
        },
    }))
}

pub fn emoji(call: &mut Call<'_>) -> Answer {
    let team = &call.state.app.team;
    let emoji: Map<String, Value> = CUSTOM_EMOJI
        .iter()
        .map(|name| {
            let hash = call.state.seed.hex(name, 16);
            let url = format!("https://emoji.slack-edge.com/{team}/{name}/{hash}.png");
            ((*name).to_owned(), url.into())
        })
        .collect();
    Ok(json!({ "ok": true, "emoji": emoji, "cache_ts": format!("{}.000000", call.now / 1000) }))
}

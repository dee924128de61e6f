//! `auth.*` and `team.info`.

use serde_json::json;

use super::{Answer, Call};

pub fn test(call: &mut Call<'_>) -> Answer {
    let app = &call.state.app;
    let user = call.state.user(call.caller.user.as_str());
    let mut answer = json!({
        "ok": true,
        "url": format!("https://{}.slack.com/", app.domain),
        "team": app.team_name,
        "user": user.map(|user| user.handle.as_str()),
        "team_id": app.team,
        "user_id": call.caller.user,
        "is_enterprise_install": false,
    });
    if call.caller.is_bot() {
        answer["bot_id"] = app.bot_id.clone().into();
    }
    Ok(answer)
}

pub fn revoke(call: &mut Call<'_>) -> Answer {
    let only_a_test = call.args.flag("test");
    if !only_a_test && let Some(holder) = call.state.tokens.revoke(&call.caller.token) {
        call.state.tell_revoked(&holder, call.now);
    }
    Ok(json!({ "ok": true, "revoked": !only_a_test }))
}

pub fn team(call: &mut Call<'_>) -> Answer {
    let app = &call.state.app;
    Ok(json!({
        "ok": true,
        "team": {
            "id": app.team,
            "name": app.team_name,
            "url": format!("https://{}.slack.com/", app.domain),
            "domain": app.domain,
            "email_domain": "acme.example",
            "icon": { "image_default": true },
            "is_verified": false,
        },
    }))
}

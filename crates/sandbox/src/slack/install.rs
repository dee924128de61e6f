//! The page where a person agrees to the app, in place of Slack's own
//! (<https://docs.slack.dev/authentication/installing-with-oauth/>). A sandbox has no passwords:
//! whoever opens the page picks who they are.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{Workspace, methods::granted_scopes, state::UserKind, tokens::Grant};

/// The query of the authorisation address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Authorization {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    user_scope: String,
    redirect_uri: Option<String>,
    #[serde(default)]
    state: String,
    /// The address of the person who agrees; comes with the form.
    person: Option<String>,
    /// Comes with the form when the person refuses.
    denied: Option<String>,
}

impl Workspace {
    pub(super) fn authorization_page(&self, asked: &Authorization, query: &str) -> Response {
        if let Err(error) = self.check(asked) {
            return refused(error);
        }
        let people = self.look(|state, _| {
            let people = state.users.iter().filter(|user| user.is_found());
            let options = people.map(|user| {
                format!(
                    "<option value=\"{0}\">{1} ({0})</option>",
                    user.address,
                    html(&user.name)
                )
            });
            options.collect::<String>()
        });
        Html(format!(
            "<!doctype html><title>Acme, Inc. | Slack</title>\
             <h1>Causeway wants to access Acme, Inc.</h1>\
             <p>For the app: {}</p><p>As you: {}</p>\
             <form method=\"post\" action=\"?{}\">\
             <select name=\"person\">{people}</select>\
             <button>Allow</button><button name=\"denied\" value=\"1\">Cancel</button></form>",
            html(&asked.scope),
            html(&asked.user_scope),
            html(query),
        ))
        .into_response()
    }

    /// Sends the browser back with a code, or with `access_denied`.
    pub(super) fn authorize(&self, asked: &Authorization) -> Response {
        let (bot_scopes, user_scopes) = match self.check(asked) {
            Ok(scopes) => scopes,
            Err(error) => return refused(error),
        };
        let Some(back) = asked
            .redirect_uri
            .as_deref()
            .and_then(|uri| url::Url::parse(uri).ok())
        else {
            return refused("bad_redirect_uri");
        };
        if asked.denied.is_some() {
            return redirect(back, &[("error", "access_denied"), ("state", &asked.state)]);
        }
        let code = self.change(|state, now| {
            let person = state.user_by_address(asked.person.as_deref().unwrap_or_default())?;
            if person.deleted || person.kind != UserKind::Person {
                return None;
            }
            let user = person.id.clone();
            let redirect_uri = asked.redirect_uri.clone();
            let grant = Grant {
                user,
                bot_scopes,
                user_scopes,
                redirect_uri,
            };
            Some(state.tokens.grant(grant, now))
        });
        match code {
            Some(code) => redirect(back, &[("code", &code), ("state", &asked.state)]),
            None => refused("user_not_found"),
        }
    }

    fn check(&self, asked: &Authorization) -> Result<(Vec<String>, Vec<String>), &'static str> {
        let is_ours = self.look(|state, _| state.app.client_id == asked.client_id);
        if !is_ours {
            return Err("invalid_client_id");
        }
        granted_scopes(&asked.scope, &asked.user_scope)
    }
}

fn refused(error: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Html(format!("<!doctype html><p>{error}</p>")),
    )
        .into_response()
}

fn redirect(mut back: url::Url, arguments: &[(&str, &str)]) -> Response {
    back.query_pairs_mut().extend_pairs(arguments);
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}

fn html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

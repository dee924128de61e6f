//! The paths under `/oauth`.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    super::ZoomAccount,
    authorize,
    grants::{self, Proven},
    refusal::TokenRefusal,
    tokens::App,
};

/// The decoded fields of a form or query.
pub type Form = HashMap<String, String>;

/// `/oauth/authorize`, `/oauth/token`, `/oauth/revoke`.
pub fn router(here: Arc<ZoomAccount>) -> Router {
    Router::new()
        .route("/oauth/authorize", get(authorization_page))
        .route("/oauth/token", post(token))
        .route("/oauth/revoke", post(revoke))
        .with_state(here)
}

async fn authorization_page(
    State(here): State<Arc<ZoomAccount>>,
    Query(query): Query<Form>,
) -> Response {
    authorize::authorize(&here, &query)
}

async fn token(
    State(here): State<Arc<ZoomAccount>>,
    Query(query): Query<Form>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match grants::answer(&here, &fields(query, &body), basic(&headers)) {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Takes back a token, and with a person's token all that they have authorised.
async fn revoke(
    State(here): State<Arc<ZoomAccount>>,
    Query(query): Query<Form>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = fields(query, &body);
    let revoked = grants::proven(&here, &form, basic(&headers)).and_then(|who| {
        let token = form.get("token").map(String::as_str).unwrap_or_default();
        let fits = here.holder(token).is_some_and(|app| match who {
            Proven::App(own) => own == app,
            Proven::Public => app == App::User,
        });
        if !fits {
            return Err(TokenRefusal::request("Invalid Token!"));
        }
        here.revoke(token);
        Ok(Json(json!({ "status": "success" })).into_response())
    });
    revoked.unwrap_or_else(IntoResponse::into_response)
}

/// The fields of the form, and of the query where the form lacks them, as Zoom takes both.
fn fields(query: Form, body: &[u8]) -> Form {
    let mut fields = query;
    fields.extend(url::form_urlencoded::parse(body).into_owned());
    fields
}

fn basic(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

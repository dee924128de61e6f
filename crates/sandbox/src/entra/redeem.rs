//! The page behind an invitation's `inviteRedeemUrl`.
//!
//! Source: <https://learn.microsoft.com/entra/external-id/redemption-experience>

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};

use super::{
    authorize::{escape, refusal_page},
    token::Form,
};
use crate::graph::{Tenant, directory::User};

/// `GET /redeem?tenant=…&invitation=…`: says who was invited, and lets them accept.
pub fn page(tenant: &Tenant, query: &Form) -> Response {
    let Some((guest, _)) = invited(tenant, query) else {
        return unknown();
    };
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Review permissions</title>\
         <h1>Review permissions</h1><p>{} was invited to Acme, Inc.</p>\
         <form method=post><button name=answer value=accept>Accept</button> \
         <button name=answer value=decline>Cancel</button></form>",
        escape(&guest.mail)
    ))
    .into_response()
}

/// What the page posts. Whoever accepts is sent on to the invitation's `inviteRedirectUrl`.
pub fn submit(tenant: &Tenant, query: &Form, form: &Form) -> Response {
    let Some((guest, redirect)) = invited(tenant, query) else {
        return unknown();
    };
    if form.get("answer").is_none_or(|answer| answer != "accept") {
        return Html("<!doctype html><p>Cancelled.</p>").into_response();
    }
    if let Err(refusal) = tenant.check_guest(&guest) {
        return refusal_page(&refusal);
    }
    tenant.redeem(&guest.id);
    Redirect::to(&redirect).into_response()
}

fn invited(tenant: &Tenant, query: &Form) -> Option<(User, String)> {
    let state = tenant.state();
    let invitation = state.invitations.get(query.get("invitation")?)?;
    let guest = state.directory.find(&invitation.user)?.clone();
    Some((guest, invitation.redirect_url.clone()))
}

fn unknown() -> Response {
    let page = Html("<!doctype html><p>This invitation is not valid any more.</p>");
    (StatusCode::NOT_FOUND, page).into_response()
}

//! Calls that make, change and delete accounts.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/invitation> and
//! <https://learn.microsoft.com/graph/api/user-update>

use serde_json::{Value, json};

use super::{
    directory::{Photo, User, UserKind},
    error::GraphError,
    server::{Call, Reply, entity},
    shapes,
    tenant::{Invitation, Tenant},
};

/// The largest photo, in bytes.
const LARGEST_PHOTO: usize = 4 * 1024 * 1024;

/// `POST /invitations`: makes a guest who has yet to redeem; who was invited before stays the same
/// user.
pub fn invite(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let text = |name: &str| call.body[name].as_str().unwrap_or_default();
    let (email, redirect) = (text("invitedUserEmailAddress"), text("inviteRedirectUrl"));
    if !tenant.switches().guest_invitations {
        return Err(GraphError::forbidden(
            "Guest invitations not allowed for your company. Contact your company administrator \
             for more details.",
        ));
    }
    if !email.contains('@') || redirect.is_empty() {
        return Err(GraphError::bad_request(
            "invitedUserEmailAddress and inviteRedirectUrl are required.",
        ));
    }
    if shapes::is_own_address(email) {
        return Err(GraphError::bad_request(
            "The invited user's address belongs to a verified domain of this organization.",
        ));
    }
    let name = match text("invitedUserDisplayName") {
        "" => email.split('@').next().unwrap_or(email),
        name => name,
    };
    let guest = invited(tenant, name, email)?;
    let id = tenant.mint.guid(&format!("invitation {}", guest.id));
    let body = json!({
        "id": id,
        "inviteRedeemUrl": format!(
            "{}/redeem?tenant={}&invitation={id}", tenant.urls.entra, tenant.ids.tenant
        ),
        "invitedUserDisplayName": name,
        "invitedUserEmailAddress": email,
        "invitedUserType": "Guest",
        "inviteRedirectUrl": redirect,
        "resetRedemption": false,
        "sendInvitationMessage": call.body["sendInvitationMessage"].as_bool().unwrap_or(false),
        "status": match guest.kind {
            UserKind::Guest => "Completed",
            UserKind::PendingGuest | UserKind::Member => "PendingAcceptance",
        },
        "invitedUser": {"id": guest.id},
    });
    let invitation = Invitation {
        user: guest.id,
        redirect_url: redirect.to_owned(),
    };
    let location = format!("{}/invitations/{id}", tenant.urls.graph);
    tenant.state().invitations.insert(id, invitation);
    let body = entity(tenant, "invitations/$entity", body);
    Ok(Reply::Created {
        body,
        location: Some(location),
    })
}

/// `PATCH /users/{id}`: names, the job title, and whether the account is switched on.
pub fn update(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let changes = call
        .body
        .as_object()
        .filter(|changes| !changes.is_empty())
        .ok_or_else(|| GraphError::bad_request("The request body names no property."))?;
    let mut state = tenant.state();
    let mut user = state.directory.get(call.user())?.clone();
    for (name, value) in changes {
        change(&mut user, name, value)?;
    }
    let id = user.id.clone();
    let disabled = !user.enabled;
    state.directory.change(&id, |held| {
        held.display_name = user.display_name;
        held.given_name = user.given_name;
        held.surname = user.surname;
        held.job_title = user.job_title;
        held.enabled = user.enabled;
    });
    if disabled {
        state.subscriptions.remove_of(&id, &tenant.ids.tenant);
    }
    Ok(Reply::NoContent)
}

/// `DELETE /users/{id}`
pub fn delete(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = tenant.state().directory.get(call.user())?.id.clone();
    tenant.delete_user(&id);
    Ok(Reply::NoContent)
}

/// `PUT /users/{id}/photo/$value`: 200 without a body.
pub fn set_photo(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let bytes = call.bytes.as_slice();
    if bytes.len() > LARGEST_PHOTO {
        return Err(GraphError::new(
            413,
            "RequestEntityTooLarge",
            "Request Entity too large",
        ));
    }
    let kind =
        image_kind(bytes).ok_or_else(|| GraphError::bad_request("The image could not be read."))?;
    let mut state = tenant.state();
    let id = state.directory.get(call.user())?.id.clone();
    state.directory.change(&id, |user| {
        user.photo = Some(Photo::Uploaded(kind, bytes.into()));
    });
    Ok(Reply::Done)
}

/// The guest with this address, who is invited where there is none.
fn invited(tenant: &Tenant, name: &str, email: &str) -> Result<User, GraphError> {
    let mut state = tenant.state();
    let id = state.directory.invite(&tenant.mint, name, email);
    state.directory.get(&id).cloned()
}

fn change(user: &mut User, name: &str, value: &Value) -> Result<(), GraphError> {
    let invalid =
        || GraphError::bad_request(format!("Invalid value specified for property '{name}'."));
    let text = || value.as_str().map(str::to_owned).ok_or_else(invalid);
    match name {
        "displayName" => {
            user.display_name = text()?;
            if user.display_name.trim().is_empty() {
                return Err(invalid());
            }
        }
        "givenName" => user.given_name = text()?,
        "surname" => user.surname = text()?,
        "jobTitle" => user.job_title = text()?,
        "accountEnabled" => user.enabled = value.as_bool().ok_or_else(invalid)?,
        _ => {
            return Err(GraphError::bad_request(format!(
                "Property '{name}' is read-only and cannot be set."
            )));
        }
    }
    Ok(())
}

/// The content type that the first bytes of an image show.
fn image_kind(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
    ];
    SIGNS
        .iter()
        .find(|(sign, _)| bytes.starts_with(sign))
        .map(|(_, kind)| *kind)
}

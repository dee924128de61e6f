//! Guest accounts of the tenant: made without a mail, dressed as the person, taken away again.
//!
//! Source: <https://learn.microsoft.com/graph/api/invitation-post>, `user-get`, `user-update`,
//! `profilephoto-update`, `user-delete`.

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, GuestState};
use reqwest::{Method, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{
    graph::Graph,
    refusal::{NO_INVITATIONS, OWN_ADDRESS},
};
use crate::{Guest, GuestFailure, Guests};

const TEAMS: &str = "https://teams.microsoft.com";
/// Larger photos are refused by Graph.
const MOST_PHOTO_BYTES: usize = 4 * 1024 * 1024;
const PHOTO_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/gif"];

/// The tenant as one that invites.
pub(super) struct TenantGuests {
    graph: Graph,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    invite_redeem_url: Option<String>,
    invited_user: Invited,
}

#[derive(Deserialize)]
struct Invited {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    external_user_state: Option<String>,
    user_type: Option<String>,
}

struct Photo {
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl TenantGuests {
    pub(super) fn new(graph: Graph) -> Self {
        Self { graph }
    }

    fn user_url(&self, account: &ExternalAccount, query: &[(&str, &str)]) -> Url {
        self.graph.url(&["users", account.as_str()], query)
    }

    async fn known(&self, account: &ExternalAccount) -> Result<Known, Failure> {
        let query = [("$select", "id,externalUserState,userType")];
        let url = self.user_url(account, &query);
        self.graph.get(&self.graph.reader(), url, "users.get").await
    }

    /// The guest's photo is a grace: without it, they are still known by their name.
    async fn dress_in(&self, account: &ExternalAccount, photo: &Url) -> Result<(), GuestFailure> {
        let photo = match fetched(self.graph.http(), photo).await {
            Ok(photo) => photo,
            Err(why) => {
                tracing::warn!(reason = why, "a guest's photo was not fetched");
                return Ok(());
            }
        };
        let path = ["users", account.as_str(), "photo", "$value"];
        let url = self.graph.url(&path, &[]);
        let owner = self.graph.reader();
        let doing = "users.photo.update";
        let put = self
            .graph
            .put(&owner, url, photo.content_type, &photo.bytes, doing);
        match put.await {
            Ok(()) => Ok(()),
            Err(failure) if may_pass(&failure) => Err(failure.into()),
            Err(failure) => {
                tracing::warn!(failure.code = %failure.code, "a guest's photo was not taken");
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Guests for TenantGuests {
    async fn invite(&self, email: &str, name: &str) -> Result<Guest, GuestFailure> {
        let landing = &self.graph.settings().guest_landing;
        let body = json!({
            "invitedUserEmailAddress": email,
            "invitedUserDisplayName": name,
            "inviteRedirectUrl": landing.as_ref().map_or(TEAMS, Url::as_str),
            "sendInvitationMessage": false,
            "invitedUserType": "Guest",
        });
        let url = self.graph.url(&["invitations"], &[]);
        let owner = self.graph.reader();
        let made = self
            .graph
            .make(&owner, url, &body, "invitations.create")
            .await;
        let invitation: Invitation = made.map_err(refused)?;
        let account = ExternalAccount::new(invitation.invited_user.id);
        let state = match self.known(&account).await {
            Ok(known) => state(&known),
            // A user just made is not to be read everywhere at once.
            Err(failure) if failure.kind == FailureKind::Gone => GuestState::Invited,
            Err(failure) => return Err(refused(failure)),
        };
        Ok(Guest {
            account,
            state,
            redeem_url: invitation
                .invite_redeem_url
                .filter(|_| state == GuestState::Invited),
            tokens: None,
        })
    }

    /// Graph tells the address of an invitation only when it makes one.
    async fn guest(&self, account: &ExternalAccount) -> Result<Guest, GuestFailure> {
        let known = self.known(account).await.map_err(refused)?;
        Ok(Guest {
            account: account.clone(),
            state: state(&known),
            redeem_url: None,
            tokens: None,
        })
    }

    async fn dress(
        &self,
        account: &ExternalAccount,
        name: &str,
        photo: Option<&Url>,
    ) -> Result<(), GuestFailure> {
        let body = json!({ "displayName": name });
        let url = self.user_url(account, &[]);
        let owner = self.graph.reader();
        self.graph
            .write(&owner, Method::PATCH, url, Some(&body), "users.update")
            .await
            .map_err(refused)?;
        match photo {
            Some(photo) => self.dress_in(account, photo).await,
            None => Ok(()),
        }
    }

    /// Whom an administrator has made a member since is not deleted.
    async fn remove(&self, account: &ExternalAccount) -> Result<(), GuestFailure> {
        match self.known(account).await {
            Ok(known) if known.user_type.as_deref() == Some("Member") => {
                return Err(GuestFailure::Forbidden("not_a_guest".to_owned()));
            }
            Ok(_) => {}
            Err(failure) if failure.kind == FailureKind::Gone => return Ok(()),
            Err(failure) => return Err(refused(failure)),
        }
        let owner = self.graph.reader();
        let url = self.user_url(account, &[]);
        let deleted = self
            .graph
            .write(&owner, Method::DELETE, url, None, "users.delete");
        match deleted.await {
            Ok(_) => Ok(()),
            Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
            Err(failure) => Err(refused(failure)),
        }
    }
}

fn state(known: &Known) -> GuestState {
    match known.external_user_state.as_deref() {
        Some("Accepted") => GuestState::Redeemed,
        Some(_) | None => GuestState::Invited,
    }
}

fn refused(failure: Failure) -> GuestFailure {
    if failure.code == OWN_ADDRESS {
        return GuestFailure::OwnAddress;
    }
    if failure.code == NO_INVITATIONS {
        return GuestFailure::Forbidden(failure.code);
    }
    match failure.kind {
        FailureKind::Forbidden => GuestFailure::Forbidden(failure.code),
        FailureKind::Gone => GuestFailure::Gone,
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => GuestFailure::Failed(failure),
    }
}

/// Whether the same may work another time.
fn may_pass(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::Unknown => true,
        FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => false,
    }
}

/// The photo, or a word why not: neither its address nor the error's text, which holds it.
async fn fetched(http: &reqwest::Client, url: &Url) -> Result<Photo, &'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("no_web_address");
    }
    let answer = http.get(url.clone()).send().await;
    let mut answer = answer.map_err(|_| "no_answer")?;
    if !answer.status().is_success() {
        return Err("not_there");
    }
    let content_type = answer.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.and_then(photo_type).ok_or("no_photo")?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| "cut")? {
        if bytes.len() + chunk.len() > MOST_PHOTO_BYTES {
            return Err("too_large");
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Photo {
        content_type,
        bytes,
    })
}

fn photo_type(content_type: &str) -> Option<&'static str> {
    let (media, _) = content_type.split_once(';').unwrap_or((content_type, ""));
    let media = media.trim();
    PHOTO_TYPES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(media))
}

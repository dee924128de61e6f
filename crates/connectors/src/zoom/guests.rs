//! Guest accounts: Basic users that the organisation makes for people of its own without a mail, and
//! as whom its app may then write. They cost nothing.
//!
//! Source: <https://developers.zoom.us/docs/api/users/#tag/users/post/users>.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, GuestState};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::{
    api::Api,
    refusal::{Effect, KNOWN_USER, may_pass, unreadable},
    wire::{User, moment},
};
use crate::{Guest, GuestFailure, Guests};

/// Makes a user who needs no confirmation, where people sign in through the organisation.
const BY_SIGN_ON: &str = "ssoCreate";
/// The same where the organisation manages the domain of their addresses.
const BY_DOMAIN: &str = "autoCreate";
const BASIC: i64 = 1;
/// A user without any sign-in that is no older can have been made by a call of ours whose answer was
/// lost.
const JUST_NOW_MS: i64 = 60 * 60 * 1_000;

/// The account as one that makes users.
pub(super) struct BasicUsers {
    api: Api,
    /// Addresses for which a user may have been made that nobody was told of.
    tried: Mutex<HashSet<String>>,
}

impl BasicUsers {
    pub(super) fn new(api: Api) -> Self {
        Self {
            api,
            tried: Mutex::default(),
        }
    }

    /// Makes the user in whichever way the account allows.
    async fn make_somehow(&self, email: &str, name: &str) -> Result<User, Failure> {
        match self.make(BY_SIGN_ON, email, name).await {
            Err(failure) if is_another_way(&failure) => self.make(BY_DOMAIN, email, name).await,
            made => made,
        }
    }

    async fn make(&self, action: &str, email: &str, name: &str) -> Result<User, Failure> {
        let (first, last) = divided(name);
        let mut body = json!({
            "action": action,
            "user_info": {
                "email": email,
                "first_name": first,
                "last_name": last,
                "display_name": name.trim(),
                "type": BASIC,
            },
        });
        if action == BY_DOMAIN {
            body["user_info"]["password"] = json!(self.password_of_nobody());
        }
        let url = self.api.settings().api(&["users"], &[]);
        let doing = "users.create";
        let answer = self
            .api
            .write(Method::POST, url, Some(&body), doing)
            .await?;
        serde_json::from_slice(&answer.body).map_err(|_| unreadable(Effect::Write, doing))
    }

    /// Zoom wants one for a user who is not to confirm anything. Nobody signs in with it, and it is not
    /// kept. It has every kind of sign that an account may ask for.
    fn password_of_nobody(&self) -> String {
        let bits = self.api.random().bits();
        format!("Aa1!{:020x}", bits >> 48)
    }

    /// Whoever has the address already: our guest, where we have tried to make one and were not
    /// told what came of it; else a member, who is nobody's guest, however new they are.
    async fn known(&self, email: &str) -> Result<Guest, GuestFailure> {
        if !self.tried().contains(&email.to_lowercase()) {
            return Err(GuestFailure::OwnAddress);
        }
        let user = self.api.user(email).await.map_err(refused)?;
        let now = self.api.time_there();
        let made = user.created_at.as_deref().and_then(moment);
        let just_now = made.is_some_and(|made| now.ms_since(made) < JUST_NOW_MS);
        match just_now && !has_signed_in(&user) && user.kind == Some(BASIC) {
            true => Ok(guest(&user)),
            false => Err(GuestFailure::OwnAddress),
        }
    }

    /// Remembers whether there may be a user that nobody was told of. What is told is kept by the
    /// caller: a member who has the address later is none of ours.
    fn note(&self, email: &str, invited: &Result<Guest, GuestFailure>) {
        let email = email.to_lowercase();
        match invited {
            Ok(_) => self.tried().remove(&email),
            Err(GuestFailure::Failed(failure)) if failure.kind == FailureKind::Unknown => {
                self.tried().insert(email)
            }
            Err(_) => false,
        };
    }

    fn tried(&self) -> MutexGuard<'_, HashSet<String>> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn made(&self, email: &str, name: &str) -> Result<Guest, GuestFailure> {
        let made = match self.make_somehow(email, name).await {
            Ok(made) => made,
            Err(failure) if failure.code == KNOWN_USER => return self.known(email).await,
            Err(failure) if failure.kind == FailureKind::Rejected => {
                return Err(GuestFailure::Forbidden(failure.code));
            }
            Err(failure) => return Err(refused(failure)),
        };
        // It was made, whatever can be told of it now: a user just made is not to be read everywhere
        // at once, and one that is not kept here would be nobody's.
        let told = self.api.user(&made.id).await.unwrap_or(made);
        Ok(guest(&told))
    }
}

#[async_trait]
impl Guests for BasicUsers {
    async fn invite(&self, email: &str, name: &str) -> Result<Guest, GuestFailure> {
        let invited = self.made(email, name).await;
        self.note(email, &invited);
        invited
    }

    async fn guest(&self, account: &ExternalAccount) -> Result<Guest, GuestFailure> {
        let user = self.api.user(account.as_str()).await.map_err(refused)?;
        Ok(guest(&user))
    }

    /// The name was given with the account; it is written again only where it has become another.
    /// Zoom takes photos as files alone, and a guest is known by their name: it gets none.
    async fn dress(
        &self,
        account: &ExternalAccount,
        name: &str,
        _photo: Option<&Url>,
    ) -> Result<(), GuestFailure> {
        let user = self.api.user(account.as_str()).await.map_err(refused)?;
        if user.name() == name.trim() {
            return Ok(());
        }
        let (first, last) = divided(name);
        let body = json!({
            "first_name": first,
            "last_name": last,
            "display_name": name.trim(),
        });
        let url = self.api.settings().api(&["users", account.as_str()], &[]);
        let doing = "users.update";
        match self.api.write(Method::PATCH, url, Some(&body), doing).await {
            Ok(_) => Ok(()),
            Err(failure) if may_pass(&failure) => Err(failure.into()),
            Err(failure) => {
                tracing::warn!(failure.code = %failure.code, "a guest's name was not changed");
                Ok(())
            }
        }
    }

    /// Whom an administrator has given a licence since is not deleted, nor who has signed in: it is
    /// somebody's own account by now, with whatever they have there.
    async fn remove(&self, account: &ExternalAccount) -> Result<(), GuestFailure> {
        match self.api.user(account.as_str()).await {
            Ok(user) if user.kind.is_some_and(|kind| kind != BASIC) || has_signed_in(&user) => {
                return Err(GuestFailure::OwnAddress);
            }
            Ok(_) => {}
            Err(failure) if failure.kind == FailureKind::Gone => return Ok(()),
            Err(failure) => return Err(refused(failure)),
        }
        let path = ["users", account.as_str()];
        let url = self.api.settings().api(&path, &[("action", "delete")]);
        match self
            .api
            .write(Method::DELETE, url, None, "users.delete")
            .await
        {
            Ok(_) => Ok(()),
            Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
            Err(failure) => Err(refused(failure)),
        }
    }
}

fn guest(user: &User) -> Guest {
    Guest {
        account: ExternalAccount::new(user.id.as_str()),
        state: match user.status.as_deref() {
            Some("active") => GuestState::Redeemed,
            Some(_) | None => GuestState::Invited,
        },
        redeem_url: None,
        tokens: None,
    }
}

fn has_signed_in(user: &User) -> bool {
    let last = user.last_login_time.as_deref();
    last.is_some_and(|last| !last.is_empty())
}

/// Whether it was refused in a way that the other action may not be.
fn is_another_way(failure: &Failure) -> bool {
    let refused = matches!(
        failure.kind,
        FailureKind::Rejected | FailureKind::Forbidden | FailureKind::NotSupported
    );
    refused && failure.code != KNOWN_USER
}

fn refused(failure: Failure) -> GuestFailure {
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

fn divided(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.split_once(' ')
        .map_or((name, ""), |(first, last)| (first, last.trim()))
}

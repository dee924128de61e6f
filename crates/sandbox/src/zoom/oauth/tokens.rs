//! Every code and token that was given out, and what each is still good for.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

use super::super::ids::{Mint, UserId};

/// How long an access token lives, as its answer says.
pub const ACCESS_LIFE_S: i64 = 3599;
const CODE_LIFE_MS: Millis = 5 * 60 * 1000;
const REFRESH_LIFE_MS: Millis = 90 * 24 * 60 * 60 * 1000;

/// The apps that the hub has in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum App {
    ServerToServer,
    Chatbot,
    /// The one that people authorise for themselves.
    #[serde(rename = "user_app")]
    User,
}

/// Why a token is good for nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Expired,
    Revoked,
    /// By a newer authorization of the same person.
    Replaced,
    /// A refresh token that was redeemed before.
    Used,
}

/// How a person's app proves itself when it redeems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// By its secret.
    Confidential,
    /// By the code verifier alone, under its public client id.
    Public,
}

/// What an access token is good for.
#[derive(Debug, Clone)]
pub struct Access {
    pub app: App,
    /// The person who authorised it; none for the account's own apps.
    pub user: Option<UserId>,
    pub scopes: Vec<String>,
    pub expires_at: Millis,
    ended: Option<Ended>,
}

#[derive(Debug, Clone)]
pub struct Refresh {
    pub user: UserId,
    pub client: Client,
    expires_at: Millis,
    ended: Option<Ended>,
}

/// An authorization that waits to be redeemed.
#[derive(Debug, Clone)]
pub struct Code {
    pub user: UserId,
    pub client: Client,
    pub redirect: String,
    /// S256.
    pub challenge: Option<String>,
}

#[derive(Debug, Default)]
pub struct Tokens {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    codes: HashMap<String, (Code, Millis)>,
}

impl Tokens {
    /// Gives out an access token.
    pub fn grant(
        &mut self,
        mint: &Mint,
        (app, user): (App, Option<UserId>),
        scopes: Vec<String>,
        now: Millis,
    ) -> String {
        let token = mint.token("access");
        let access = Access {
            app,
            user,
            scopes,
            expires_at: now + ACCESS_LIFE_S * 1000,
            ended: None,
        };
        self.access.insert(token.clone(), access);
        token
    }

    pub fn grant_refresh(
        &mut self,
        mint: &Mint,
        user: &UserId,
        client: Client,
        now: Millis,
    ) -> String {
        let token = mint.token("refresh");
        let refresh = Refresh {
            user: user.clone(),
            client,
            expires_at: now + REFRESH_LIFE_MS,
            ended: None,
        };
        self.refresh.insert(token.clone(), refresh);
        token
    }

    /// What an access token is good for now.
    pub fn access(&self, token: &str, now: Millis) -> Result<&Access, Ended> {
        let access = self.access.get(token).ok_or(Ended::Revoked)?;
        match access.ended {
            Some(ended) => Err(ended),
            None if access.expires_at <= now => Err(Ended::Expired),
            None => Ok(access),
        }
    }

    /// Uses a refresh token up.
    pub fn redeem_refresh(&mut self, token: &str, now: Millis) -> Result<Refresh, Ended> {
        let refresh = self.refresh.get_mut(token).ok_or(Ended::Revoked)?;
        if let Some(ended) = refresh.ended {
            return Err(ended);
        }
        if refresh.expires_at <= now {
            return Err(Ended::Expired);
        }
        refresh.ended = Some(Ended::Used);
        Ok(refresh.clone())
    }

    /// The person's app that a refresh token was given to.
    pub fn client_of_refresh(&self, token: &str) -> Option<Client> {
        self.refresh.get(token).map(|refresh| refresh.client)
    }

    pub fn issue_code(&mut self, mint: &Mint, code: Code, now: Millis) -> String {
        let text = mint.opaque(&mint.fresh("code"), 40);
        self.codes.insert(text.clone(), (code, now + CODE_LIFE_MS));
        text
    }

    /// Uses a code up.
    pub fn redeem_code(&mut self, text: &str, now: Millis) -> Option<Code> {
        let (code, until) = self.codes.remove(text)?;
        (until > now).then_some(code)
    }

    /// Ends everything that a person has authorised.
    pub fn end_all_of(&mut self, user: &UserId, why: Ended) {
        let access = self.access.values_mut();
        for access in access.filter(|access| access.user.as_ref() == Some(user)) {
            access.ended.get_or_insert(why);
        }
        let refresh = self.refresh.values_mut();
        for refresh in refresh.filter(|refresh| refresh.user == *user) {
            refresh.ended.get_or_insert(why);
        }
    }

    /// Ends one access token, or all that whoever holds this token of a person has.
    pub fn revoke(&mut self, token: &str) -> Option<(App, Option<UserId>)> {
        let refresh = self.refresh.get(token);
        let user = refresh.map(|refresh| refresh.user.clone());
        let holder = match self.access.get_mut(token) {
            Some(access) => {
                access.ended.get_or_insert(Ended::Revoked);
                (access.app, access.user.clone())
            }
            None => (App::User, Some(user?)),
        };
        if let Some(user) = &holder.1 {
            self.end_all_of(user, Ended::Revoked);
        }
        Some(holder)
    }

    pub fn expire(&mut self, token: &str) {
        if let Some(access) = self.access.get_mut(token) {
            access.ended.get_or_insert(Ended::Expired);
        }
    }

    /// Whether the hub can act as this person by a token of theirs.
    pub fn has_live(&self, user: &UserId, now: Millis) -> bool {
        let refresh = self.refresh.values();
        let mut theirs = refresh.filter(|refresh| refresh.user == *user);
        theirs.any(|refresh| refresh.ended.is_none() && refresh.expires_at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_good_once_and_an_old_one_says_why() {
        let (mut tokens, mint) = (Tokens::default(), Mint::new(1));
        let zara = mint.user("zara");
        let first = tokens.grant_refresh(&mint, &zara, Client::Confidential, 0);
        assert!(tokens.redeem_refresh(&first, 1).is_ok());
        let again = tokens.redeem_refresh(&first, 1).map(|refresh| refresh.user);
        assert_eq!(again, Err(Ended::Used));
        let second = tokens.grant_refresh(&mint, &zara, Client::Confidential, 1);
        tokens.end_all_of(&zara, Ended::Replaced);
        let replaced = tokens
            .redeem_refresh(&second, 1)
            .map(|refresh| refresh.user);
        assert_eq!(replaced, Err(Ended::Replaced));
        assert!(!tokens.has_live(&zara, 1));
    }
}

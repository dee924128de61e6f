//! What was handed out for whom, and how long it holds.

use std::collections::HashMap;

use crate::{clock::Millis, graph::mint::Mint};

use super::ids::PersonId;

const HOUR: Millis = 60 * 60 * 1000;
pub const DAY: Millis = 24 * HOUR;
/// One second less than fourteen days, as the token endpoint says it.
pub const ACCESS_LIFE: Millis = 14 * DAY - 1000;
pub const REFRESH_LIFE: Millis = 90 * DAY;
/// One second less than eighteen hours.
pub const GUEST_LIFE: Millis = 18 * HOUR - 1000;
/// Of a token that somebody copied from the developer portal.
const PORTAL_LIFE: Millis = 12 * HOUR;

/// What a token was made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// The customer's Integration.
    Integration,
    ServiceApp,
    /// A bot's own token, which never ends.
    Bot,
    /// The developer portal, for whoever is signed in there.
    Portal,
}

/// Who a token speaks for, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub holder: PersonId,
    pub issuer: Issuer,
    pub scopes: Vec<String>,
}

#[derive(Debug)]
struct Access {
    grant: Grant,
    ends: Option<Millis>,
    /// The refresh token it was made with.
    of: Option<String>,
}

#[derive(Debug)]
struct Refresh {
    grant: Grant,
    ends: Millis,
}

/// All tokens that were not revoked.
#[derive(Debug, Default)]
pub struct Tokens {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
}

impl Tokens {
    /// The grant behind an access token that still holds.
    pub fn access(&self, token: &str, now: Millis) -> Option<&Grant> {
        let held = self.access.get(token)?;
        held.ends
            .is_none_or(|ends| ends > now)
            .then_some(&held.grant)
    }

    /// When an access token ends; none for one that never does.
    pub fn ends(&self, token: &str) -> Option<Millis> {
        self.access.get(token)?.ends
    }

    /// An access token that is not continued by a refresh token.
    pub fn issue(&mut self, mint: &Mint, grant: Grant, now: Millis) -> String {
        let life = match grant.issuer {
            Issuer::Bot => None,
            Issuer::Portal => Some(PORTAL_LIFE),
            Issuer::ServiceApp => Some(GUEST_LIFE),
            Issuer::Integration => Some(ACCESS_LIFE),
        };
        self.add(mint, grant, life.map(|life| now + life), None)
    }

    /// A refresh token of a new grant.
    pub fn begin(&mut self, mint: &Mint, grant: Grant, now: Millis) -> String {
        let token = mint.opaque(&mint.fresh("webex refresh token"), 80);
        let ends = now + REFRESH_LIFE;
        self.refresh.insert(token.clone(), Refresh { grant, ends });
        token
    }

    /// An access token for a refresh token of this issuer, whose ninety days begin anew.
    pub fn renew(
        &mut self,
        mint: &Mint,
        refresh: &str,
        issuer: Issuer,
        now: Millis,
    ) -> Option<(String, Grant)> {
        let held = self.refresh.get_mut(refresh)?;
        if held.ends <= now || held.grant.issuer != issuer {
            return None;
        }
        held.ends = now + REFRESH_LIFE;
        let grant = held.grant.clone();
        let ends = Some(now + ACCESS_LIFE);
        let token = self.add(mint, grant.clone(), ends, Some(refresh.to_owned()));
        Some((token, grant))
    }

    /// The live grants of the Integration to act as this person, each with its refresh token.
    pub fn authorisations(
        &self,
        holder: &PersonId,
        now: Millis,
    ) -> impl Iterator<Item = (&str, &Grant)> {
        let held = self.refresh.iter().filter(move |(_, refresh)| {
            let grant = &refresh.grant;
            grant.holder == *holder && grant.issuer == Issuer::Integration && refresh.ends > now
        });
        held.map(|(token, refresh)| (token.as_str(), &refresh.grant))
    }

    /// Ends the grant behind an access token: nothing that came of it holds any more.
    pub fn revoke(&mut self, token: &str) {
        let Some(held) = self.access.remove(token) else {
            return;
        };
        if let Some(refresh) = held.of {
            self.revoke_grant(&refresh);
        }
    }

    pub fn revoke_grant(&mut self, refresh: &str) {
        self.refresh.remove(refresh);
        self.access
            .retain(|_, held| held.of.as_deref() != Some(refresh));
    }

    pub fn expire(&mut self, token: &str, now: Millis) {
        if let Some(held) = self.access.get_mut(token) {
            held.ends = Some(now);
        }
    }

    /// Ends all that was ever granted for this person.
    pub fn revoke_all_of(&mut self, holder: &PersonId) {
        self.refresh.retain(|_, held| held.grant.holder != *holder);
        self.access.retain(|_, held| held.grant.holder != *holder);
    }

    fn add(
        &mut self,
        mint: &Mint,
        grant: Grant,
        ends: Option<Millis>,
        of: Option<String>,
    ) -> String {
        let token = format!("{}_SB01", mint.opaque(&mint.fresh("webex token"), 64));
        self.access
            .insert(token.clone(), Access { grant, ends, of });
        token
    }
}

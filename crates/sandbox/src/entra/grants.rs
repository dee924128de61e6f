//! Who has authorised the hub's app, and what was handed out for it.

use std::collections::{BTreeSet, HashMap};

use super::refusal::TokenRefusal;
use crate::{clock::Millis, graph::mint::Mint};

const DAY: Millis = 24 * 60 * 60 * 1000;
/// A refresh token of a native or web client holds for 90 days from its issue.
const REFRESH_LIFE: Millis = 90 * DAY;
const CODE_LIFE: Millis = 10 * 60 * 1000;
/// A device code holds for 15 minutes.
pub const DEVICE_LIFE: Millis = 15 * 60 * 1000;
/// How long a client must wait between two polls.
pub const DEVICE_INTERVAL: Millis = 5 * 1000;

/// The user ids, scopes and secrets that Entra remembers.
#[derive(Default)]
pub struct Grants {
    consents: HashMap<String, BTreeSet<&'static str>>,
    /// What an administrator granted for everybody.
    tenant_wide: BTreeSet<&'static str>,
    refresh: HashMap<String, RefreshToken>,
    codes: HashMap<String, AuthorizationCode>,
    devices: HashMap<String, DeviceGrant>,
    /// Grows when a user's sessions are revoked; refresh tokens of an older one are void.
    generations: HashMap<String, u64>,
    spoilt: HashMap<String, Spoilt>,
}

/// What befell one access token before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    Revoked,
    Expired,
}

/// What somebody proved when they signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    Password,
    SecondFactor,
}

/// A session that a refresh token continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub user: String,
    pub strength: Strength,
    /// Came of an app that keeps no secret, and is continued without one.
    pub native: bool,
}

struct RefreshToken {
    session: Session,
    generation: u64,
    expires_at: Millis,
}

/// What `/authorize` promised; redeemed once at the token endpoint.
pub struct AuthorizationCode {
    pub session: Session,
    pub redirect_uri: String,
    pub challenge: Option<String>,
    pub nonce: Option<String>,
    pub openid: bool,
    pub offline: bool,
    pub expires_at: Millis,
}

impl AuthorizationCode {
    pub fn new(session: Session, redirect_uri: String, now: Millis) -> Self {
        Self {
            session,
            redirect_uri,
            challenge: None,
            nonce: None,
            openid: false,
            offline: false,
            expires_at: now + CODE_LIFE,
        }
    }
}

struct DeviceGrant {
    user_code: String,
    scopes: Vec<&'static str>,
    openid: bool,
    offline: bool,
    expires_at: Millis,
    polled_at: Option<Millis>,
    answer: Option<DeviceAnswer>,
}

impl DeviceGrant {
    fn is_open(&self, now: Millis) -> bool {
        self.answer.is_none() && self.expires_at > now
    }

    fn has_code(&self, typed: &str) -> bool {
        self.user_code.eq_ignore_ascii_case(typed.trim())
    }
}

enum DeviceAnswer {
    SignedIn(Session),
    Declined,
    /// The tenant's policies did not let the person through.
    Refused(TokenRefusal),
}

/// A person who signed in with a device code.
pub struct DeviceSignIn {
    pub session: Session,
    pub openid: bool,
    pub offline: bool,
}

impl Grants {
    pub fn consent(&mut self, user: &str, scopes: &[&'static str]) {
        self.consents
            .entry(user.to_owned())
            .or_default()
            .extend(scopes);
    }

    /// An administrator consents for everybody, those who join later included.
    pub fn consent_for_all(&mut self, scopes: &[&'static str]) {
        self.tenant_wide.extend(scopes);
    }

    /// What an administrator granted for everybody, separated by spaces; none where nothing was.
    pub fn for_all(&self) -> Option<String> {
        let all: Vec<_> = self.tenant_wide.iter().copied().collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// What this user's tokens may do; empty where nobody authorised the app for them.
    pub fn consented(&self, user: &str) -> Vec<&'static str> {
        let own = self.consents.get(user).into_iter().flatten();
        let all: BTreeSet<_> = own.chain(&self.tenant_wide).copied().collect();
        all.into_iter().collect()
    }

    /// Whether a sign-in that asks for these scopes needs no consent any more.
    pub fn covers(&self, user: &str, scopes: &[&'static str]) -> bool {
        let consented = self.consented(user);
        !consented.is_empty() && scopes.iter().all(|scope| consented.contains(scope))
    }

    /// Forgets a user who was deleted: what they consented to, and every session of theirs.
    pub fn forget(&mut self, user: &str) {
        self.consents.remove(user);
        self.revoke_sessions(user);
    }

    /// Whether some refresh token of this user could still be used.
    pub fn authorised(&self, user: &str, now: Millis) -> bool {
        let generation = self.generation(user);
        self.refresh.values().any(|token| {
            token.session.user == user && token.generation == generation && token.expires_at > now
        })
    }

    pub fn issue_refresh(&mut self, mint: &Mint, session: Session, now: Millis) -> String {
        self.refresh.retain(|_, token| token.expires_at > now);
        let token = format!("1.AX{}", mint.opaque(&mint.fresh("refresh token"), 160));
        let entry = RefreshToken {
            generation: self.generation(&session.user),
            session,
            expires_at: now + REFRESH_LIFE,
        };
        self.refresh.insert(token.clone(), entry);
        token
    }

    /// The session of a refresh token. Using one does not void it: the client is given a newer one,
    /// and the old one holds until its own end.
    pub fn redeem_refresh(&self, token: &str, now: Millis) -> Result<Session, TokenRefusal> {
        let held = self.refresh.get(token).ok_or_else(|| {
            TokenRefusal::new(
                "invalid_grant",
                9_002_313,
                "Invalid request. Request is malformed or invalid.",
            )
        })?;
        if held.generation != self.generation(&held.session.user) {
            return Err(revoked_grant());
        }
        if held.expires_at <= now {
            return Err(TokenRefusal::new(
                "invalid_grant",
                700_082,
                "The refresh token has expired due to inactivity.",
            )
            .suberror("token_expired"));
        }
        Ok(held.session.clone())
    }

    /// Voids every refresh token of this user that exists now.
    pub fn revoke_sessions(&mut self, user: &str) {
        *self.generations.entry(user.to_owned()).or_default() += 1;
    }

    pub fn spoil(&mut self, token_id: &str, how: Spoilt) {
        self.spoilt.insert(token_id.to_owned(), how);
    }

    pub fn spoilt(&self, token_id: &str) -> Option<Spoilt> {
        self.spoilt.get(token_id).copied()
    }

    pub fn issue_code(&mut self, mint: &Mint, code: AuthorizationCode, now: Millis) -> String {
        self.codes.retain(|_, held| held.expires_at > now);
        let secret = format!(
            "1.AY{}",
            mint.opaque(&mint.fresh("authorization code"), 120)
        );
        self.codes.insert(secret.clone(), code);
        secret
    }

    /// Whether an open code was given to a native app.
    pub fn is_native_code(&self, code: &str) -> Option<bool> {
        self.codes.get(code).map(|held| held.session.native)
    }

    pub fn redeem_code(
        &mut self,
        code: &str,
        now: Millis,
    ) -> Result<AuthorizationCode, TokenRefusal> {
        self.codes.remove(code).filter(|held| held.expires_at > now).ok_or_else(|| {
            TokenRefusal::new(
                "invalid_grant",
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity.",
            )
        })
    }

    /// Starts a device grant; answers `(device_code, user_code)`.
    pub fn issue_device(
        &mut self,
        mint: &Mint,
        scopes: Vec<&'static str>,
        (openid, offline): (bool, bool),
        now: Millis,
    ) -> (String, String) {
        self.devices.retain(|_, held| held.expires_at + DAY > now);
        let label = mint.fresh("device code");
        let device_code = mint.opaque(&label, 150);
        let user_code = mint.typed_code(&label, 9);
        let grant = DeviceGrant {
            user_code: user_code.clone(),
            scopes,
            openid,
            offline,
            expires_at: now + DEVICE_LIFE,
            polled_at: None,
            answer: None,
        };
        self.devices.insert(device_code.clone(), grant);
        (device_code, user_code)
    }

    /// The scopes that an open grant with this user code asks for.
    pub fn open_device(&self, user_code: &str, now: Millis) -> Option<Vec<&'static str>> {
        let mut open = self.devices.values().filter(|held| held.is_open(now));
        open.find(|held| held.has_code(user_code))
            .map(|held| held.scopes.clone())
    }

    /// The user codes that nobody has answered yet.
    pub fn open_user_codes(&self, now: Millis) -> Vec<String> {
        let open = self.devices.values().filter(|held| held.is_open(now));
        open.map(|held| held.user_code.clone()).collect()
    }

    /// Settles the open grant with this user code: somebody signed in, declined (`None`), or was
    /// refused. `false` where no open grant has the code.
    pub fn answer_device(
        &mut self,
        user_code: &str,
        answer: Option<Result<Session, TokenRefusal>>,
        now: Millis,
    ) -> bool {
        let mut open = self.devices.values_mut().filter(|held| held.is_open(now));
        let Some(grant) = open.find(|held| held.has_code(user_code)) else {
            return false;
        };
        grant.answer = Some(match answer {
            Some(Ok(session)) => DeviceAnswer::SignedIn(session),
            Some(Err(refusal)) => DeviceAnswer::Refused(refusal),
            None => DeviceAnswer::Declined,
        });
        true
    }

    /// One poll of the token endpoint; a grant is used up by its success.
    pub fn poll_device(
        &mut self,
        device_code: &str,
        now: Millis,
    ) -> Result<DeviceSignIn, TokenRefusal> {
        let held = self.devices.get_mut(device_code).ok_or_else(|| {
            TokenRefusal::new(
                "bad_verification_code",
                70_019,
                "The verification code is not valid.",
            )
        })?;
        if held.expires_at <= now {
            return Err(TokenRefusal::new(
                "expired_token",
                70_020,
                "The provided value for the input parameter 'device_code' has expired.",
            ));
        }
        let too_early = held
            .polled_at
            .is_some_and(|last| now - last < DEVICE_INTERVAL);
        held.polled_at = Some(now);
        match &held.answer {
            Some(DeviceAnswer::SignedIn(session)) => {
                let signed_in = DeviceSignIn {
                    session: session.clone(),
                    openid: held.openid,
                    offline: held.offline,
                };
                self.devices.remove(device_code);
                Ok(signed_in)
            }
            Some(DeviceAnswer::Refused(refusal)) => Err(refusal.clone()),
            Some(DeviceAnswer::Declined) => Err(TokenRefusal::new(
                "authorization_declined",
                70_021,
                "The end user denied the authorization request.",
            )),
            None if too_early => Err(TokenRefusal::new(
                "slow_down",
                90_014,
                "The client polls more often than the interval allows.",
            )),
            None => Err(TokenRefusal::new(
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            )),
        }
    }

    fn generation(&self, user: &str) -> u64 {
        self.generations.get(user).copied().unwrap_or_default()
    }
}

fn revoked_grant() -> TokenRefusal {
    TokenRefusal::new(
        "invalid_grant",
        50_173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. \
         The user might have changed or reset their password.",
    )
    .suberror("token_expired")
}

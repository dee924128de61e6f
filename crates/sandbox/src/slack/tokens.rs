//! Tokens, the codes they are got for, and their rotation
//! (<https://docs.slack.dev/authentication/using-token-rotation/>).

use std::collections::HashMap;

use crate::clock::Millis;

use super::ids::{Seed, UserId};

/// How long a rotating access token lives: twelve hours.
pub const ROTATING_MS: Millis = 43_200_000;

/// How long a code waits to be redeemed: ten minutes.
const CODE_MS: Millis = 600_000;

pub const BOT_SCOPES: &str = "chat:write,chat:write.public,chat:write.customize,channels:read,\
channels:history,channels:manage,channels:join,groups:read,groups:history,groups:write,im:read,\
im:history,im:write,mpim:read,mpim:history,mpim:write,users:read,users:read.email,reactions:read,\
reactions:write,files:read,files:write,team:read,users:write,metadata.message:read,commands,\
emoji:read,usergroups:read,app_mentions:read";

pub const USER_SCOPES: &str = "chat:write,channels:history,groups:history,im:history,mpim:history,\
im:read,mpim:read,im:write,mpim:write,reactions:write,files:write,files:read,users:read";

/// Whom a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    Bot,
    User(UserId),
    /// An app-level token (`xapp-…`).
    App,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub holder: Holder,
    pub scopes: Vec<String>,
    validity: Validity,
}

#[derive(Debug, Clone, Copy)]
enum Validity {
    /// Until somebody revokes it.
    Lasting,
    Until(Millis),
    Revoked,
}

impl Token {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    fn check(&self, now: Millis) -> Result<(), &'static str> {
        match self.validity {
            Validity::Lasting => Ok(()),
            Validity::Until(end) if now < end => Ok(()),
            Validity::Until(_) => Err("token_expired"),
            Validity::Revoked => Err("token_revoked"),
        }
    }
}

/// An access token and the single-use token that renews it.
#[derive(Debug)]
pub struct Rotated {
    pub access: String,
    pub refresh: String,
    pub holder: Holder,
    pub scopes: Vec<String>,
}

#[derive(Debug)]
struct Refresh {
    holder: Holder,
    scopes: Vec<String>,
    used: bool,
}

/// What a person agreed to in the browser, waiting to be redeemed.
#[derive(Debug, Clone)]
pub struct Grant {
    pub user: UserId,
    pub bot_scopes: Vec<String>,
    pub user_scopes: Vec<String>,
    pub redirect_uri: Option<String>,
}

#[derive(Debug)]
struct Code {
    grant: Grant,
    until: Millis,
    used: bool,
}

/// Every token of the app in this workspace.
#[derive(Debug)]
pub struct Tokens {
    seed: Seed,
    access: HashMap<String, Token>,
    refresh: HashMap<String, Refresh>,
    codes: HashMap<String, Code>,
    made: u64,
}

impl Tokens {
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            access: HashMap::new(),
            refresh: HashMap::new(),
            codes: HashMap::new(),
            made: 0,
        }
    }

    /// Makes a long-lived token.
    pub fn issue(&mut self, holder: Holder, scopes: Vec<String>) -> String {
        let value = self.fresh(&holder);
        self.access.insert(
            value.clone(),
            Token {
                holder,
                scopes,
                validity: Validity::Lasting,
            },
        );
        value
    }

    /// Makes a token of twelve hours with a refresh token beside it.
    pub fn rotate(&mut self, holder: Holder, scopes: Vec<String>, now: Millis) -> Rotated {
        let access = format!("xoxe.{}", self.fresh(&holder).replacen('-', "-1-", 1));
        self.made += 1;
        let refresh = format!(
            "xoxe-1-{}",
            self.seed.letters(&format!("refresh {}", self.made), 64)
        );
        let validity = Validity::Until(now + ROTATING_MS);
        let token = Token {
            holder: holder.clone(),
            scopes: scopes.clone(),
            validity,
        };
        self.access.insert(access.clone(), token);
        let renewal = Refresh {
            holder: holder.clone(),
            scopes: scopes.clone(),
            used: false,
        };
        self.refresh.insert(refresh.clone(), renewal);
        Rotated {
            access,
            refresh,
            holder,
            scopes,
        }
    }

    /// Redeems a refresh token, which works once.
    pub fn renew(&mut self, refresh: &str, now: Millis) -> Result<Rotated, &'static str> {
        let renewal = self
            .refresh
            .get_mut(refresh)
            .ok_or("invalid_refresh_token")?;
        if renewal.used {
            return Err("invalid_refresh_token");
        }
        renewal.used = true;
        let (holder, scopes) = (renewal.holder.clone(), renewal.scopes.clone());
        Ok(self.rotate(holder, scopes, now))
    }

    /// Turns a long-lived token into a rotating one; the old one is revoked.
    pub fn exchange(&mut self, value: &str, now: Millis) -> Result<Rotated, &'static str> {
        let token = self.find(value, now)?.clone();
        if matches!(token.validity, Validity::Until(_)) {
            return Err("token_already_exchanged");
        }
        self.revoke(value);
        Ok(self.rotate(token.holder, token.scopes, now))
    }

    pub fn grant(&mut self, grant: Grant, now: Millis) -> String {
        self.made += 1;
        let label = format!("code {}", self.made);
        let code = format!(
            "{}.{}",
            self.seed.digits(&label, 12),
            self.seed.hex(&label, 64)
        );
        self.codes.insert(
            code.clone(),
            Code {
                grant,
                until: now + CODE_MS,
                used: false,
            },
        );
        code
    }

    pub fn redeem(&mut self, code: &str, now: Millis) -> Result<Grant, &'static str> {
        let code = self.codes.get_mut(code).ok_or("invalid_code")?;
        if code.used {
            return Err("code_already_used");
        }
        if now >= code.until {
            return Err("code_expired");
        }
        code.used = true;
        Ok(code.grant.clone())
    }

    /// The token of this value, when it is good now.
    pub fn find(&self, value: &str, now: Millis) -> Result<&Token, &'static str> {
        let token = self.access.get(value).ok_or("invalid_auth")?;
        token.check(now)?;
        Ok(token)
    }

    /// Whose token this is or was.
    pub fn holder(&self, value: &str) -> Option<&Holder> {
        self.access.get(value).map(|token| &token.holder)
    }

    /// A good token of this holder.
    pub fn of(&self, holder: &Holder, now: Millis) -> Option<&Token> {
        self.access
            .values()
            .find(|token| token.holder == *holder && token.check(now).is_ok())
    }

    /// Answers whose token it was, when there was something to revoke.
    pub fn revoke(&mut self, value: &str) -> Option<Holder> {
        let token = self.access.get_mut(value)?;
        if matches!(token.validity, Validity::Revoked) {
            return None;
        }
        token.validity = Validity::Revoked;
        Some(token.holder.clone())
    }

    pub fn revoke_all_of(&mut self, holder: &Holder) {
        for token in self
            .access
            .values_mut()
            .filter(|token| token.holder == *holder)
        {
            token.validity = Validity::Revoked;
        }
    }

    pub fn expire(&mut self, value: &str) {
        if let Some(token) = self.access.get_mut(value)
            && !matches!(token.validity, Validity::Revoked)
        {
            token.validity = Validity::Until(Millis::MIN);
        }
    }

    fn fresh(&mut self, holder: &Holder) -> String {
        self.made += 1;
        let label = format!("token {}", self.made);
        let digits = |part: &str| self.seed.digits(&format!("{label} {part}"), 12);
        match holder {
            Holder::Bot => {
                format!(
                    "xoxb-{}-{}-{}",
                    digits("a"),
                    digits("b"),
                    self.seed.letters(&label, 24)
                )
            }
            Holder::User(_) => format!(
                "xoxp-{}-{}-{}-{}",
                digits("a"),
                digits("b"),
                digits("c"),
                self.seed.hex(&label, 32)
            ),
            Holder::App => format!(
                "xapp-1-{}-{}-{}",
                self.seed.id('A', "app"),
                digits("a"),
                self.seed.hex(&label, 64)
            ),
        }
    }
}

/// Scopes as Slack writes them in one string.
pub fn scopes(list: &str) -> Vec<String> {
    let scopes = list
        .split([',', ' '])
        .map(str::trim)
        .filter(|scope| !scope.is_empty());
    scopes.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_works_once_and_a_rotating_token_expires() {
        let mut tokens = Tokens::new(Seed(1));
        let lasting = tokens.issue(Holder::Bot, scopes(BOT_SCOPES));
        let first = tokens
            .exchange(&lasting, 0)
            .expect("a long-lived token can be exchanged");
        assert_eq!(tokens.find(&lasting, 0).err(), Some("token_revoked"));
        assert!(tokens.find(&first.access, ROTATING_MS - 1).is_ok());
        assert_eq!(
            tokens.find(&first.access, ROTATING_MS).err(),
            Some("token_expired")
        );
        let second = tokens
            .renew(&first.refresh, ROTATING_MS)
            .expect("not used yet");
        assert!(tokens.find(&second.access, ROTATING_MS).is_ok());
        assert_eq!(
            tokens.renew(&first.refresh, ROTATING_MS).err(),
            Some("invalid_refresh_token")
        );
    }

    #[test]
    fn a_code_is_redeemed_once_and_in_time() {
        let mut tokens = Tokens::new(Seed(1));
        let grant = Grant {
            user: UserId::from("U1"),
            bot_scopes: Vec::new(),
            user_scopes: scopes("chat:write"),
            redirect_uri: None,
        };
        let code = tokens.grant(grant.clone(), 0);
        assert!(tokens.redeem(&code, 1).is_ok());
        assert_eq!(tokens.redeem(&code, 1).err(), Some("code_already_used"));
        let late = tokens.grant(grant, 0);
        assert_eq!(tokens.redeem(&late, CODE_MS).err(), Some("code_expired"));
    }
}

//! Sign-ins on their way to a token: authorization codes and device codes.

use std::collections::HashMap;

use crate::{clock::Millis, graph::mint::Mint};

use super::{ids::PersonId, tokens::Tokens};

const CODE_LIFE: Millis = 10 * 60 * 1000;
pub const DEVICE_LIFE: Millis = 5 * 60 * 1000;
/// How long a client must wait between two polls.
pub const DEVICE_INTERVAL: Millis = 2 * 1000;

/// Everything that was promised or handed out.
#[derive(Debug, Default)]
pub struct Grants {
    pub tokens: Tokens,
    codes: HashMap<String, Held<Code>>,
    devices: HashMap<String, Device>,
}

/// What `/authorize` promised; redeemed once.
#[derive(Debug, Clone)]
pub struct Code {
    pub holder: PersonId,
    pub scopes: Vec<String>,
    pub redirect_uri: String,
    pub challenge: Option<String>,
}

#[derive(Debug)]
struct Held<T> {
    what: T,
    ends: Millis,
}

type Device = Held<DeviceSignIn>;

#[derive(Debug)]
struct DeviceSignIn {
    user_code: String,
    scopes: Vec<String>,
    polled_at: Option<Millis>,
    answer: Option<Answer>,
}

/// What became of a sign-in on the device page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Granted(PersonId),
    Declined,
}

/// What a poll for a device code finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    Granted {
        holder: PersonId,
        scopes: Vec<String>,
    },
    Declined,
    Pending,
    TooFast,
    Expired,
    Unknown,
}

impl Grants {
    pub fn issue_code(&mut self, mint: &Mint, code: Code, now: Millis) -> String {
        let secret = mint.opaque(&mint.fresh("webex authorization code"), 64);
        let ends = now + CODE_LIFE;
        self.codes.insert(secret.clone(), Held { what: code, ends });
        secret
    }

    /// Uses a code up.
    pub fn redeem_code(&mut self, code: &str, now: Millis) -> Option<Code> {
        let held = self.codes.remove(code)?;
        (held.ends > now).then_some(held.what)
    }

    /// `(device_code, user_code)`
    pub fn issue_device(
        &mut self,
        mint: &Mint,
        scopes: Vec<String>,
        now: Millis,
    ) -> (String, String) {
        let label = mint.fresh("webex device");
        let device_code = mint.opaque(&label, 48);
        let user_code = mint.typed_code(&format!("{label} typed"), 6);
        let sign_in = DeviceSignIn {
            user_code: user_code.clone(),
            scopes,
            polled_at: None,
            answer: None,
        };
        let ends = now + DEVICE_LIFE;
        let held = Held {
            what: sign_in,
            ends,
        };
        self.devices.insert(device_code.clone(), held);
        (device_code, user_code)
    }

    /// What a code that waits to be typed asks for.
    pub fn open_device(&self, user_code: &str, now: Millis) -> Option<&[String]> {
        let mut open = self.devices.values().filter(|held| is_open(held, now));
        let found = open.find(|held| has_code(held, user_code))?;
        Some(&found.what.scopes)
    }

    pub fn open_user_codes(&self, now: Millis) -> Vec<String> {
        let open = self.devices.values().filter(|held| is_open(held, now));
        open.map(|held| held.what.user_code.clone()).collect()
    }

    pub fn answer_device(&mut self, user_code: &str, answer: Answer, now: Millis) {
        let mut open = self.devices.values_mut().filter(|held| is_open(held, now));
        if let Some(found) = open.find(|held| has_code(held, user_code)) {
            found.what.answer = Some(answer);
        }
    }

    /// A grant is handed out once.
    pub fn poll_device(&mut self, device_code: &str, now: Millis) -> Polled {
        let Some(held) = self.devices.get_mut(device_code) else {
            return Polled::Unknown;
        };
        if held.ends <= now {
            return Polled::Expired;
        }
        let sign_in = &mut held.what;
        let last = sign_in.polled_at.replace(now);
        match sign_in.answer.clone() {
            Some(Answer::Granted(holder)) => {
                let scopes = sign_in.scopes.clone();
                self.devices.remove(device_code);
                Polled::Granted { holder, scopes }
            }
            Some(Answer::Declined) => Polled::Declined,
            None if last.is_some_and(|last| now - last < DEVICE_INTERVAL) => Polled::TooFast,
            None => Polled::Pending,
        }
    }
}

fn is_open(held: &Device, now: Millis) -> bool {
    held.what.answer.is_none() && held.ends > now
}

fn has_code(held: &Device, typed: &str) -> bool {
    held.what.user_code.eq_ignore_ascii_case(typed.trim())
}

//! Whether a request is a platform's: who signed it, and when. Slack and Zoom sign alike, under
//! header names of their own.
//!
//! Sources: <https://docs.slack.dev/authentication/verifying-requests-from-slack>,
//! <https://developers.zoom.us/docs/api/webhooks/>.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use axum::http::HeaderMap;
use causeway_model::Timestamp;
use data_encoding::HEXLOWER;

use crate::Secret;

/// How far a request's time may be from ours, either way.
pub(crate) const WINDOW_MS: i64 = 5 * 60 * 1_000;

const VERSION: &str = "v0=";
const SIGNATURE_BYTES: usize = 32;
/// Seconds until the year 5138.
const LONGEST_TIME: usize = 11;

/// The headers that hold the signature, and the time that is signed with the body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedIn {
    pub(crate) signature: &'static str,
    pub(crate) made_at: &'static str,
}

/// What only the platform and the hub know.
pub(crate) struct SigningKey {
    key: hmac::Key,
    headers: SignedIn,
}

/// A genuine request's signature: no other request has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Signature(pub(crate) [u8; SIGNATURE_BYTES]);

/// The request is not the platform's, or not of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forged;

impl Signature {
    /// As text, for what needs a name of its own.
    pub(crate) fn word(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl SigningKey {
    pub(crate) fn new(secret: &Secret, headers: SignedIn) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes()),
            headers,
        }
    }

    /// What the word is to the holder of the secret, in hex: a proof of holding it.
    pub(crate) fn seal(&self, word: &[u8]) -> String {
        HEXLOWER.encode(hmac::sign(&self.key, word).as_ref())
    }

    /// Checks the body as it came, before anything in it is looked at.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Signature, Forged> {
        let made_at = only(headers, self.headers.made_at)?;
        if !is_of_now(made_at, now) {
            return Err(Forged);
        }
        let given = only(headers, self.headers.signature)?;
        let given = given.strip_prefix(VERSION).ok_or(Forged)?;
        let given = HEXLOWER.decode(given.as_bytes()).map_err(|_| Forged)?;
        let mut signing = hmac::Context::with_key(&self.key);
        for part in [b"v0:", made_at.as_bytes(), b":", body] {
            signing.update(part);
        }
        let ours = signing.sign();
        verify_slices_are_equal(ours.as_ref(), &given).map_err(|_| Forged)?;
        let signature = given.try_into().map_err(|_| Forged)?;
        Ok(Signature(signature))
    }
}

/// The header's one value: where there are two, somebody else may have read the other.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Forged> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Forged),
        (_, _) => Err(Forged),
    }
}

fn is_of_now(made_at: &str, now: Timestamp) -> bool {
    let plain = made_at.len() <= LONGEST_TIME && made_at.bytes().all(|b| b.is_ascii_digit());
    let seconds = plain.then(|| made_at.parse::<i64>().ok()).flatten();
    seconds.is_some_and(|seconds| {
        let made_at = Timestamp(seconds.saturating_mul(1_000));
        now.ms_since(made_at).abs() <= WINDOW_MS
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const SIGNATURE: &str = "x-slack-signature";
    const MADE_AT: &str = "x-slack-request-timestamp";
    const HEADERS: SignedIn = SignedIn {
        signature: SIGNATURE,
        made_at: MADE_AT,
    };
    // The example of the first page that is named above.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: &str = "1531420618";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, HeaderValue::from_str(value).expect("a value"));
        }
        headers
    }

    fn check(given: &[(&'static str, &str)], body: &str, now_s: i64) -> bool {
        let key = SigningKey::new(&Secret::new(SECRET), HEADERS);
        let now = Timestamp(now_s * 1_000);
        key.check(&headers(given), body.as_bytes(), now).is_ok()
    }

    #[test]
    fn slacks_own_example_is_genuine_for_five_minutes() {
        let given = [(MADE_AT, AT), (SIGNATURE, SIGNED)];
        let at: i64 = AT.parse().expect("seconds");
        assert!(check(&given, BODY, at));
        assert!(check(&given, BODY, at + 300) && check(&given, BODY, at - 300));
        assert!(!check(&given, BODY, at + 301) && !check(&given, BODY, at - 301));
    }

    #[test]
    fn whatever_is_changed_it_is_not_genuine_any_more() {
        let at: i64 = AT.parse().expect("seconds");
        let (time, signature) = ((MADE_AT, AT), (SIGNATURE, SIGNED));
        assert!(!check(&[time, signature], &BODY[1..], at));
        assert!(!check(&[signature], BODY, at));
        assert!(!check(&[time], BODY, at));
        assert!(!check(&[time, signature, signature], BODY, at));
        assert!(!check(&[time, time, signature], BODY, at));
        for other in ["1531420619", "01531420618", "+1531420618", " ", "1e9", "-1"] {
            assert!(!check(&[(MADE_AT, other), signature], BODY, at), "{other}");
        }
        let longer = format!("{SIGNED}00");
        let version = SIGNED.replacen("v0", "v1", 1);
        for other in [
            &SIGNED[..65],
            &SIGNED[3..],
            &longer,
            &version,
            "v0=",
            "v0=zz",
            "",
        ] {
            assert!(!check(&[time, (SIGNATURE, other)], BODY, at), "{other}");
        }
    }
}

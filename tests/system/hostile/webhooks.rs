//! What strangers send to the places of Webex and Zoom.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::{
    WORD,
    cases::{Case, Draft, JSON, signature},
};

const SPARK: &str = "x-spark-signature";
const ZOOM: &str = "x-zm-signature";
const AT: &str = "x-zm-request-timestamp";

/// A Zoom place, with the secret of its app where it is to be shown that more is checked than that.
pub struct ZoomTarget {
    /// Of its events.
    pub path: String,
    pub secret: String,
    pub account_id: String,
    /// Who would have written, and to whom.
    pub author: Person,
    pub reader: Person,
    pub now_s: i64,
}

pub struct Person {
    pub id: String,
    pub email: &'static str,
}

/// Nobody but Webex knows what it signs with, and what it tells is no more than a reason to look.
pub fn webex(path: &str, now_s: i64) -> Vec<Case> {
    let body = json!({
        "id": WORD, "name": "Causeway", "resource": "messages", "event": "created",
        "actorId": WORD, "created": now_s,
        "data": { "id": WORD, "roomId": WORD, "roomType": "direct", "personId": WORD },
    })
    .to_string();
    let good = Draft::new("POST", path, body.as_str()).with("content-type", JSON);
    let mut cases = Vec::new();
    let mut add = |name: &str, draft: Draft| cases.push(draft.named(format!("webex: {name}")));
    add("no signature", good.clone());
    let right_long = spark("a guess", body.as_bytes());
    for (name, value) in [
        ("empty", ""),
        ("by a guess", right_long.as_str()),
        ("by no secret", &spark("", body.as_bytes())),
        ("cut", &right_long[..38]),
        ("of another length", &format!("{right_long}00")),
        ("of another sort", &"0".repeat(64)),
        ("zeros", &"0".repeat(40)),
        ("no hex", &"zz".repeat(20)),
        ("named", &format!("sha1={right_long}")),
        ("twice in one", &format!("{right_long},{right_long}")),
        ("unicode", "\u{2764}\u{fe0f}"),
    ] {
        add(
            &format!("signature {name}"),
            good.clone().with(SPARK, value),
        );
    }
    let forged = good.with(SPARK, &right_long);
    add("two signatures", forged.clone().with(SPARK, &right_long));
    for (name, body) in bodies(&body) {
        let draft = Draft::new("POST", path, body).with("content-type", JSON);
        add(name, draft.with(SPARK, &right_long));
    }
    add("a slow body", forged.clone().of_length("900000"));
    add("an endless body", forged.of_length("99999999999"));
    astray("webex", path, &mut cases);
    cases
}

fn spark(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, body).as_ref())
}

impl ZoomTarget {
    /// What would be believed if Zoom had sent it.
    pub fn event(&self, message: &str, text: &str) -> Value {
        let ms = self.now_s * 1_000;
        json!({
            "event": "team_chat.dm_message_posted", "event_ts": ms,
            "payload": {
                "account_id": self.account_id, "operator": self.author.email,
                "operator_id": self.author.id, "by_external_user": false,
                "object": {
                    "message_id": message, "session_id": message, "timestamp": ms,
                    "message": text, "contact_id": self.reader.id,
                    "contact_email": self.reader.email,
                },
            },
        })
    }

    /// A request that only Zoom could make.
    pub fn genuine(&self, name: &str, event: &Value) -> Case {
        self.signed(self.now_s, event.to_string()).named(name)
    }

    fn signed(&self, at: i64, body: impl Into<Vec<u8>>) -> Draft {
        let (at, body) = (at.to_string(), body.into());
        let signature = signature(&self.secret, &at, &body);
        Draft::new("POST", &self.path, body)
            .with("content-type", JSON)
            .with(AT, &at)
            .with(ZOOM, &signature)
    }

    pub fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        self.forged(&mut cases);
        self.signed_and_wrong(&mut cases);
        astray("zoom", &self.path, &mut cases);
        cases
    }

    /// Not signed by Zoom, or not now.
    fn forged(&self, cases: &mut Vec<Case>) {
        let body = self.event(WORD, WORD).to_string();
        let (at, good) = (
            self.now_s.to_string(),
            self.signed(self.now_s, body.as_str()),
        );
        let right = signature(&self.secret, &at, body.as_bytes());
        let other = signature(&self.secret, &at, b"another body");
        let guess = signature("a guess", &at, body.as_bytes());
        let mut add = |name: &str, draft: Draft| cases.push(draft.named(format!("zoom: {name}")));
        add("no signature", good.clone().without(ZOOM));
        add("no time", good.clone().without(AT));
        add("neither", good.clone().without(AT).without(ZOOM));
        for (name, value) in [
            ("of another body", other.as_str()),
            ("by a guess", &guess),
            ("empty", ""),
            ("only its version", "v0="),
            ("cut", &right[..right.len() - 2]),
            ("of another version", &right.replacen("v0", "v1", 1)),
            ("upper case", &right.to_uppercase()),
            ("twice in one", &format!("{right},{right}")),
            ("no hex", &"v0=zz".repeat(13)),
            ("zeros", &format!("v0={}", "0".repeat(64))),
        ] {
            let draft = good.clone().instead(ZOOM, value);
            add(&format!("signature {name}"), draft);
        }
        add("two signatures", good.clone().with(ZOOM, &other));
        add("the signature twice", good.clone().with(ZOOM, &right));
        add("two times", good.clone().with(AT, "0"));
        for value in ["", "0", "-1", "now", "1e10", "99999999999999999999"] {
            add(&format!("time {value:?}"), good.clone().instead(AT, value));
        }
        for seconds in [-86_400, -400, 400, 86_400] {
            let stale = self.signed(self.now_s + seconds, body.as_str());
            add(&format!("{seconds} seconds from now"), stale);
        }
        let question = handshake(json!(WORD)).to_string();
        let unsigned = Draft::new("POST", &self.path, question).with("content-type", JSON);
        add("a handshake that nobody signed", unsigned.clone());
        let guessed = unsigned.with(AT, &at).with(ZOOM, &guess);
        add("a handshake by a guess", guessed);
    }

    /// Signed, and still no event.
    fn signed_and_wrong(&self, cases: &mut Vec<Case>) {
        let body = self.event(WORD, WORD).to_string();
        let mut add = |name: &str, draft: Draft| cases.push(draft.named(format!("zoom: {name}")));
        for (name, body) in bodies(&body) {
            add(&format!("signed {name}"), self.signed(self.now_s, body));
        }
        for word in [json!(null), json!(7), json!([WORD]), json!("x".repeat(600))] {
            let asked = handshake(word).to_string();
            add("a handshake without a word", self.signed(self.now_s, asked));
        }
        let good = self.signed(self.now_s, body);
        add("a slow body", good.clone().of_length("900000"));
        add("an endless body", good.clone().of_length("99999999999"));
        add("two lengths", good.with("content-length", "3"));
    }
}

fn handshake(word: Value) -> Value {
    json!({ "event": "endpoint.url_validation", "payload": { "plainToken": word } })
}

/// What is no event of anybody's.
fn bodies(event: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("no UTF-8", b"\xff\xfe{\"event\":\"x\"}".to_vec()),
        ("half of it", event.as_bytes()[..event.len() / 2].to_vec()),
        ("deep nesting", vec![b'['; 200_000]),
        ("deep objects", b"{\"event\":".repeat(20_000)),
        ("a number", b"7".to_vec()),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
        ("too much", vec![b' '; 1_500_000]),
        ("far too much", vec![b' '; 3_000_000]),
        ("zeros", vec![0; 1_000]),
    ]
}

/// To no place of the platform's, or with another verb.
fn astray(platform: &str, path: &str, cases: &mut Vec<Case>) {
    let base = path.trim_end_matches("/events");
    let elsewhere = [
        format!("{path}/"),
        format!("{base}//events"),
        format!("{base}/%2e%2e/events"),
        format!("{path}%00"),
        format!("{base}/EVENTS"),
        base.to_owned(),
        format!("/hooks/{platform}-0/events"),
        format!("/hooks/{platform}-99/events"),
    ];
    for place in elsewhere {
        let draft = Draft::new("POST", &place, "{}").with("content-type", JSON);
        cases.push(draft.named(format!("{platform}: to {place}")));
    }
    for verb in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"] {
        let draft = Draft::new(verb, path, "{}").with("content-type", JSON);
        cases.push(draft.named(format!("{platform}: {verb}")));
    }
}

//! What strangers send: forged, stale, oversized, malformed, and addressed in every wrong way.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::json;

use super::WORD;

pub(super) const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const BODIES: [(&str, &str); 3] = [("events", JSON), ("commands", FORM), ("interactive", FORM)];

/// What strangers have found out, the signing secret included where it is to be shown that more is
/// checked than that.
pub struct Target {
    /// The path of Slack's places, and of Graph's.
    pub slack: String,
    pub teams: String,
    pub secret: String,
    pub team: String,
    pub app: String,
    /// Where a genuine message would be carried from, and whose it would be.
    pub conversation: String,
    pub account: String,
    pub now_s: i64,
}

pub struct Case {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A request that is put together line by line, so that every line can be wrong.
#[derive(Clone)]
pub(super) struct Draft {
    verb: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// What stands there instead of the body's true length.
    length: Option<String>,
}

impl Draft {
    pub(super) fn new(verb: &str, path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            verb: verb.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.into(),
            length: None,
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(held, _)| held != name);
        self
    }

    pub(super) fn instead(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    pub(super) fn of_length(mut self, length: &str) -> Self {
        self.length = Some(length.to_owned());
        self
    }

    pub(super) fn named(self, name: impl Into<String>) -> Case {
        let length = self.length.unwrap_or_else(|| self.body.len().to_string());
        let mut head = format!("{} {} HTTP/1.1\r\nhost: hub\r\n", self.verb, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !length.is_empty() {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body);
        Case {
            name: name.into(),
            bytes,
        }
    }
}

const AT: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";

impl Target {
    fn signature(&self, at: &str, body: &[u8]) -> String {
        signature(&self.secret, at, body)
    }

    /// A request that is genuine but for where it goes and what it says.
    fn signed(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Draft {
        self.signed_at(self.now_s, path, kind, body)
    }

    fn signed_at(&self, at: i64, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Draft {
        let (at, body) = (at.to_string(), body.into());
        let signature = self.signature(&at, &body);
        Draft::new("POST", path, body)
            .with("content-type", kind)
            .with(AT, &at)
            .with(SIGNATURE, &signature)
    }

    /// What each place would believe.
    fn genuine(&self, place: &str) -> String {
        self.body(place, &self.team, &self.app)
    }

    /// The same, of any team and app.
    fn body(&self, place: &str, team: &str, app: &str) -> String {
        let (channel, user) = (&self.conversation, &self.account);
        let ts = format!("{}.000001", self.now_s);
        let press = json!({
            "type": "block_actions", "api_app_id": app, "team": { "id": team },
            "user": { "id": user }, "channel": { "id": channel },
            "container": { "message_ts": ts, "channel_id": channel },
            "actions": [{ "action_id": format!("causeway:{WORD}"), "value": WORD, "action_ts": ts }],
        });
        let mut form = form_urlencoded();
        match place {
            "commands" => form
                .extend_pairs([
                    ("team_id", team),
                    ("api_app_id", app),
                    ("channel_id", channel),
                    ("user_id", user),
                    ("command", "/causeway"),
                    ("text", WORD),
                    ("trigger_id", WORD),
                ])
                .finish(),
            "interactive" => form.append_pair("payload", &press.to_string()).finish(),
            _ => json!({
                "type": "event_callback", "team_id": team, "api_app_id": app, "event_id": WORD,
                "authorizations": [{ "team_id": team, "user_id": user, "is_bot": false }],
                "event": { "type": "message", "channel": channel, "channel_type": "im",
                           "user": user, "text": WORD, "ts": ts, "event_ts": ts },
            })
            .to_string(),
        }
    }
}

/// As Slack and Zoom sign.
pub(super) fn signature(secret: &str, at: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    for part in [b"v0:", at.as_bytes(), b":", body] {
        signing.update(part);
    }
    format!("v0={}", HEXLOWER.encode(signing.sign().as_ref()))
}

fn form_urlencoded() -> url::form_urlencoded::Serializer<'static, String> {
    url::form_urlencoded::Serializer::new(String::new())
}

pub fn all(target: &Target) -> Vec<Case> {
    let mut cases = Vec::new();
    for (place, kind) in BODIES {
        forged(target, place, kind, &mut cases);
        signed_and_wrong(target, place, kind, &mut cases);
        astray(target, place, kind, &mut cases);
    }
    graph(target, &mut cases);
    browsers(&mut cases);
    wire(target, &mut cases);
    cases
}

/// Not signed by Slack, or not now.
fn forged(target: &Target, place: &str, kind: &str, cases: &mut Vec<Case>) {
    let path = format!("{}/{place}", target.slack);
    let body = target.genuine(place);
    let good = target.signed(&path, kind, body.as_str());
    let signature = target.signature(&target.now_s.to_string(), body.as_bytes());
    let other = target.signature(&target.now_s.to_string(), b"another body");
    let cut = &signature[..signature.len() - 2];
    let mut add = |name: &str, draft: Draft| cases.push(draft.named(format!("{place}: {name}")));
    add("no signature", good.clone().without(SIGNATURE));
    add("no time", good.clone().without(AT));
    add("neither", good.clone().without(AT).without(SIGNATURE));
    for (name, value) in [
        ("of another body", other.as_str()),
        ("empty", ""),
        ("only its version", "v0="),
        ("cut", cut),
        ("of another version", &signature.replacen("v0", "v1", 1)),
        ("upper case", &signature.to_uppercase()),
        ("in quotes", &format!("\"{signature}\"")),
        ("twice in one", &format!("{signature},{signature}")),
        ("no hex", &"v0=zz".repeat(13)),
        ("unicode", "v0=\u{2764}\u{fe0f}"),
        ("zeros", &format!("v0={}", "0".repeat(64))),
    ] {
        let draft = good.clone().instead(SIGNATURE, value);
        add(&format!("signature {name}"), draft);
    }
    add("two signatures", good.clone().with(SIGNATURE, &other));
    add(
        "the signature twice",
        good.clone().with(SIGNATURE, &signature),
    );
    add("two times", good.clone().with(AT, "0"));
    for value in [
        "",
        "0",
        "-1",
        "now",
        "1e10",
        "99999999999999999999",
        "\u{0661}",
    ] {
        add(&format!("time {value:?}"), good.clone().instead(AT, value));
    }
    for seconds in [-86_400, -400, 400, 86_400] {
        let at = target.now_s + seconds;
        let stale = target.signed_at(at, &path, kind, body.as_str());
        add(&format!("{seconds} seconds from now"), stale);
    }
}

/// Signed, and still not to be believed.
fn signed_and_wrong(target: &Target, place: &str, kind: &str, cases: &mut Vec<Case>) {
    let path = format!("{}/{place}", target.slack);
    let body = target.genuine(place);
    let mut add = |name: &str, draft: Draft| cases.push(draft.named(format!("{place}: {name}")));
    let signed = |body: Vec<u8>| target.signed(&path, kind, body);
    let of = |team: &str, app: &str| signed(target.body(place, team, app).into_bytes());
    add("another team", of("T1", &target.app));
    add("another app", of(&target.team, "A1"));
    add("no team and no app", of("", ""));
    for (name, body) in [
        ("nothing", Vec::new()),
        (
            "no UTF-8",
            b"\xff\xfe{\"type\":\"event_callback\"}".to_vec(),
        ),
        ("half of it", body.as_bytes()[..body.len() / 2].to_vec()),
        ("deep nesting", vec![b'['; 200_000]),
        ("deep objects", b"{\"type\":".repeat(20_000)),
        ("a number", b"7".to_vec()),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
        ("too much", vec![b' '; 1_500_000]),
        ("far too much", vec![b' '; 3_000_000]),
        ("zeros", vec![0; 1_000]),
        ("many fields", b"a&".repeat(5_000)),
        (
            "a payload of nesting",
            [b"payload=".to_vec(), vec![b'['; 100_000]].concat(),
        ),
    ] {
        add(&format!("signed {name}"), signed(body));
    }
    let good = signed(body.clone().into_bytes());
    for kind in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let draft = good.clone().instead("content-type", kind);
        add(&format!("type {kind:?}"), draft);
    }
    add("no type", good.clone().without("content-type"));
    add("two types", good.clone().with("content-type", kind));
    for coding in ["gzip", "br", "identity, gzip"] {
        let draft = good.clone().with("content-encoding", coding);
        add(&format!("coding {coding}"), draft);
    }
    add("a slow body", good.clone().of_length("900000"));
    add("an endless body", good.clone().of_length("99999999999"));
    add("a negative length", good.clone().of_length("-5"));
    add("two lengths", good.with("content-length", "3"));
}

/// Genuine but for the address or the method.
fn astray(target: &Target, place: &str, kind: &str, cases: &mut Vec<Case>) {
    let body = target.genuine(place);
    let base = &target.slack;
    let name = base.trim_start_matches("/hooks/");
    for path in [
        format!("{base}/{place}/"),
        format!("{base}//{place}"),
        format!("{base}/./{place}"),
        format!("{base}/x/../{place}"),
        format!("{base}/%2e%2e/{name}/{place}"),
        format!("{base}/{place}%00"),
        format!("{base}/{place}%2f"),
        format!("{base}/{place};x=1"),
        format!("{base}/{}", place.to_uppercase()),
        format!("{base}/%{:02x}{}", place.as_bytes()[0], &place[1..]),
        format!("{base}/{place}%3Fx=1"),
        format!("{base}%2f{place}"),
        format!("/hooks/../hooks/{name}/{place}"),
        format!("//hooks/{name}/{place}"),
        format!("/HOOKS/{name}/{place}"),
        format!("/hooks/slack-0/{place}"),
        format!("/hooks/slack-99/{place}"),
        format!("/hooks/\u{ff53}lack-1/{place}"),
        format!("/{place}"),
        base.clone(),
        format!("{base}/"),
        format!("http://elsewhere.example/{place}"),
    ] {
        let draft = target.signed(&path, kind, body.as_str());
        cases.push(draft.named(format!("to {path}")));
    }
    for verb in [
        "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "post",
    ] {
        let mut draft = target.signed(&format!("{base}/{place}"), kind, body.as_str());
        draft.verb = verb.to_owned();
        cases.push(draft.named(format!("{verb} to {place}")));
    }
}

/// Notifications that Graph did not send.
fn graph(target: &Target, cases: &mut Vec<Case>) {
    let one = |state: serde_json::Value| {
        json!({ "value": [{
            "subscriptionId": "sub-1", "clientState": state, "changeType": "created",
            "lifecycleEvent": "reauthorizationRequired", "resource": "chats('x')/messages('y')",
            "encryptedContent": { "data": WORD, "dataSignature": "", "dataKey": "",
                                  "encryptionCertificateId": "" },
        }], "validationTokens": ["a.b.c"] })
        .to_string()
        .into_bytes()
    };
    for place in ["notifications", "lifecycle"] {
        let path = format!("{}/{place}", target.teams);
        for (name, body) in [
            ("nothing", Vec::new()),
            ("no notification", br#"{"value":[]}"#.to_vec()),
            ("no list", br#"{"value":7}"#.to_vec()),
            ("a guess", one(json!(WORD))),
            ("no state", one(json!(null))),
            ("a state that is a list", one(json!([WORD]))),
            ("deep nesting", vec![b'['; 200_000]),
            (
                "deep in a list",
                [b"{\"value\":".to_vec(), vec![b'['; 100_000]].concat(),
            ),
            ("too much", vec![b' '; 3_000_000]),
            ("no UTF-8", vec![0xff; 64]),
        ] {
            let draft = Draft::new("POST", &path, body).with("content-type", JSON);
            cases.push(draft.named(format!("{place}: {name}")));
        }
        let long = format!("{path}?validationToken={}", "x".repeat(5_000));
        cases.push(Draft::new("POST", &long, "").named(format!("{place}: a long word")));
        for verb in ["GET", "PUT", "DELETE"] {
            cases.push(Draft::new(verb, &path, "").named(format!("{verb} to {place}")));
        }
    }
}

/// What browsers bring that were never sent away.
fn browsers(cases: &mut Vec<Case>) {
    let (long_state, long_code) = ("s".repeat(300), "c".repeat(9_000));
    let queries = [
        String::new(),
        "?".to_owned(),
        "?code=a".to_owned(),
        "?state=s".to_owned(),
        "?code=a&state=forged".to_owned(),
        "?code=a&state=forged&state=forged".to_owned(),
        "?code=a&code=b&state=forged".to_owned(),
        "?code=a&error=b&state=forged".to_owned(),
        "?error=access_denied&state=forged".to_owned(),
        "?code=a&state=%00".to_owned(),
        "?code=a&state=%F0%9F%98%80".to_owned(),
        "?code=a&state=%ff%fe".to_owned(),
        "?code=%3Cscript%3E&state=%3Cscript%3E".to_owned(),
        "?code=a&state='%20OR%201=1--".to_owned(),
        format!("?code=a&state={long_state}"),
        format!("?code={long_code}&state=s"),
    ];
    for place in ["/hooks/consent/callback", "/hooks/slack-install/callback"] {
        for query in &queries {
            let path = format!("{place}{query}");
            let name: String = path.chars().take(80).collect();
            cases.push(Draft::new("GET", &path, "").named(name));
        }
        for verb in ["POST", "PUT", "HEAD"] {
            let path = format!("{place}?code=a&state=forged");
            cases.push(Draft::new(verb, &path, "").named(format!("{verb} {path}")));
        }
    }
    for id in [
        "x",
        "..",
        "%2e%2e",
        "a%2fb",
        "%00",
        "%F0%9F%98%80",
        "<b>",
        "'",
        &"x".repeat(500),
    ] {
        let page = format!("/hooks/consent/{id}");
        cases.push(Draft::new("GET", &page, "").named(format!("page {id}")));
        let start = format!("{page}/start");
        cases.push(Draft::new("POST", &start, "").named(format!("start {id}")));
    }
    for path in [
        "/",
        "/hooks",
        "/hooks/",
        "/hooks//",
        "/hooks/self/here",
        "/metrics",
        "/.git/config",
        "/../../etc/passwd",
        "/hooks/%2e%2e/%2e%2e/etc/passwd",
        "/favicon.ico",
        "/api/get_status",
    ] {
        cases.push(Draft::new("GET", path, "").named(format!("GET {path}")));
    }
}

/// Not HTTP, or hardly.
fn wire(target: &Target, cases: &mut Vec<Case>) {
    let path = format!("{}/events", target.slack);
    let body = target.genuine("events");
    let good = || target.signed(&path, JSON, body.as_str());
    let chunked = || good().of_length("").with("transfer-encoding", "chunked");
    let with_body = |mut draft: Draft, body: &[u8]| {
        draft.body = body.to_vec();
        draft
    };
    let bomb = [b"1000\r\n".to_vec(), vec![b' '; 4_096], b"\r\n".to_vec()].concat();
    let bomb = bomb.repeat(700);
    for (name, draft) in [
        ("chunks that are no chunks", chunked()),
        (
            "a chunk without end",
            with_body(chunked(), b"ffffffffffffffff\r\nx"),
        ),
        (
            "a negative chunk",
            with_body(chunked(), b"-1\r\n\r\n0\r\n\r\n"),
        ),
        ("chunks beyond measure", with_body(chunked(), &bomb)),
        (
            "chunks and a length",
            good().with("transfer-encoding", "chunked"),
        ),
        (
            "an unknown coding",
            good().with("transfer-encoding", "gzip"),
        ),
        (
            "two codings",
            chunked().with("transfer-encoding", "identity"),
        ),
        ("a huge header", good().with("x-much", &"x".repeat(60_000))),
        ("a header of no name", good().with("", "x")),
        ("a header with a space", good().with("x slack", "x")),
        ("a folded header", good().with("x-a", "b\r\n c")),
        ("a zero in a header", good().with("x-a", "b\0c")),
    ] {
        cases.push(draft.named(name));
    }
    let many = (0..500).fold(good(), |draft, n| draft.with(&format!("x-{n}"), "x"));
    cases.push(many.named("many headers"));
    let long = Draft::new("GET", &format!("/hooks/{}", "x".repeat(70_000)), "");
    cases.push(long.named("a long address"));
    for (name, bytes) in [
        ("no HTTP", b"hello\r\n\r\n".as_slice()),
        ("an old HTTP", b"GET /\r\n\r\n"),
        ("a new HTTP", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("HTTP of the future", b"GET / HTTP/9.9\r\nhost: hub\r\n\r\n"),
        (
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on \r\n\r\n",
        ),
        ("zeros", &[0; 64]),
        ("no method", b" / HTTP/1.1\r\n\r\n"),
        (
            "a proxy's",
            b"CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: hub\r\n\r\n",
        ),
        ("unicode", "G\u{c9}T / HTTP/1.1\r\n\r\n".as_bytes()),
    ] {
        cases.push(Case {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        });
    }
}

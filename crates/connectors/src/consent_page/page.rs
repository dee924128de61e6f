//! The pages as HTML: no scripts, nothing from elsewhere, every text escaped.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Ending, Invitation, loopback::Landing};

const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1b1d21;--soft:#565c66;--line:#d9dce1;\
--go:#2b5bd7;--go-ink:#fff}\
@media(prefers-color-scheme:dark){:root{--bg:#121316;--card:#1c1e23;--ink:#eceef1;--soft:#a9afba;\
--line:#363a42;--go:#8fb0ff;--go-ink:#0d1526}}\
*{box-sizing:border-box}\
body{margin:0;padding:1.5rem 1rem;background:var(--bg);color:var(--ink);\
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;overflow-wrap:anywhere}\
main{max-width:34rem;margin:0 auto;padding:1.5rem;background:var(--card);\
border:1px solid var(--line);border-radius:.75rem}\
h1{margin:0 0 1rem;font-size:1.375rem;line-height:1.25}\
h2{margin:1.5rem 0 .25rem;font-size:1rem}\
dl{margin:1rem 0;border-top:1px solid var(--line)}\
dl div{padding:.5rem 0;border-bottom:1px solid var(--line)}\
dt{color:var(--soft);font-size:.875rem}dd{margin:0;font-weight:600}\
p,ul{margin:.5rem 0}ul{padding-left:1.25rem}\
button{display:block;width:100%;min-height:2.75rem;margin:1.5rem 0 .75rem;padding:.625rem 1rem;\
border:0;border-radius:.5rem;background:var(--go);color:var(--go-ink);font:inherit;font-weight:600;\
cursor:pointer}\
button:focus-visible{outline:3px solid var(--ink);outline-offset:2px}\
.soft{color:var(--soft);font-size:.875rem}";

/// What the pages may do in a browser: show this one style, and send their form here and on to
/// where that leads. A stand-in of a platform is on this machine, without TLS.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; \
         form-action 'self' https: http://127.0.0.1:* http://localhost:*; \
         frame-ancestors 'none'; base-uri 'none'"
    )
});

/// What is asked for, and the way on. `id` is one that stands in the page's own address.
pub(super) fn invitation(id: &str, invitation: &Invitation) -> String {
    let [platform, organisation, account] = [
        &invitation.platform,
        &invitation.organisation,
        &invitation.account,
    ]
    .map(|text| escape(text));
    let title = format!("Let your organisation carry your {platform} messages");
    let body = format!(
        "<p>Causeway joins the chat apps of your organisation, so that colleagues who work in \
         another app can write with you. It asks to act as this account:</p>\
         <dl><div><dt>Platform</dt><dd>{platform}</dd></div>\
         <div><dt>Organisation</dt><dd>{organisation}</dd></div>\
         <div><dt>Account</dt><dd>{account}</dd></div></dl>\
         <h2>What you allow</h2>\
         <ul><li>Causeway may read this account&#39;s chats.</li>\
         <li>It may write, change and delete messages in them as this account.</li></ul>\
         <p>It does so to carry messages between {platform} and the other apps. It never sees your \
         password.</p>\
         <h2>How to take it back</h2>\
         <p>At any time: remove Causeway from the apps of your {platform} account, or ask your \
         administrator.</p>\
         <form method=\"post\" action=\"{id}/start\"><button>Go on to {platform}</button></form>\
         <p class=\"soft\">Sign in there as {account}. If that is not you, close this page: nothing \
         happens.</p>",
        id = escape(id),
    );
    page(&title, &body)
}

/// What came of it, and the one thing to do.
pub(super) fn ending(ending: Ending) -> String {
    let (title, what, to_do) = match ending {
        Ending::Granted => (
            "All set",
            "Causeway may now carry messages as your account.",
            "You can close this page and go on in your chat app.",
        ),
        Ending::Declined => (
            "You said no",
            "Causeway may not act as your account. Your messages are carried under its own name.",
            "You can close this page. If you change your mind, ask your administrator for a new \
             link.",
        ),
        Ending::WrongPerson => (
            "That was another account",
            "Somebody else than the person who was asked has signed in. Nothing was kept.",
            "Open the link again and choose the account that it names.",
        ),
        Ending::NotOpen => (
            "This link is not open",
            "It has been used or has run out, or it never was one of ours.",
            "Ask your administrator for a new link.",
        ),
        Ending::AdministratorNeeded => (
            "Your administrator must agree first",
            "In your organisation, only an administrator may allow this.",
            "Tell your administrator that Causeway needs their consent, then open the link again.",
        ),
        Ending::TryAgain => (
            "That did not work",
            "The sign-in could not be finished this time. Nothing was kept.",
            "Open the link again in a few minutes.",
        ),
    };
    page(title, &format!("<p>{what}</p><p>{to_do}</p>"))
}

/// How the sign-in of an account of the hub's own ended, for a browser that came back to this
/// machine.
pub(super) fn landing(landing: &Landing) -> String {
    match landing {
        Landing::SignedIn => page(
            "Signed in",
            "<p>Causeway knows now who has signed in.</p><p>You can close this window.</p>",
        ),
        Landing::NotSignedIn { why, to_do } => {
            let (why, to_do) = (escape(why), escape(to_do));
            page(
                "Nobody was signed in",
                &format!("<p>{why}</p><p>{to_do}</p>"),
            )
        }
        Landing::NotOpen => page(
            "This sign-in is not open",
            "<p>It has been used or has run out, or it never was one of ours.</p>\
             <p>Close this window, and begin again in Causeway.</p>",
        ),
    }
}

pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title} - Causeway</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

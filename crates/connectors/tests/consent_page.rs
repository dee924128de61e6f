//! The consent pages as a browser meets them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode},
};
use causeway_connectors::consent_page::{CallbackAnswer, ConsentDesk, Ending, Invitation, router};
use tower::ServiceExt;
use url::Url;

/// Knows the invitation `abc`, and notes what it is told.
struct Desk {
    ending: Ending,
    told: Mutex<Vec<(String, CallbackAnswer)>>,
}

#[async_trait]
impl ConsentDesk for Desk {
    async fn invitation(&self, id: &str) -> Option<Invitation> {
        (id == "abc").then(|| Invitation {
            platform: "Microsoft Teams".to_owned(),
            organisation: "Acme & \"Sons\"".to_owned(),
            account: "<b>Bob</b> O'Ray".to_owned(),
        })
    }

    async fn begin(&self, id: &str) -> Result<Url, Ending> {
        match id {
            "abc" => Ok("https://login.example/authorize?a=1&b=2"
                .parse()
                .expect("a URL")),
            _ => Err(Ending::NotOpen),
        }
    }

    async fn finish(&self, state: &str, answer: CallbackAnswer) -> Ending {
        let mut told = self.told.lock().expect("a lock");
        told.push((state.to_owned(), answer));
        self.ending
    }
}

fn desk(ending: Ending) -> Arc<Desk> {
    Arc::new(Desk {
        ending,
        told: Mutex::default(),
    })
}

async fn ask(router: Router, verb: &str, at: &str) -> Response<Body> {
    let request = Request::builder().method(verb).uri(at);
    let request = request.body(Body::empty()).expect("a request");
    router.oneshot(request).await.expect("an answer")
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await;
    String::from_utf8(bytes.expect("a body").to_vec()).expect("text")
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    let value = response.headers().get(name).expect(name);
    value.to_str().expect("text")
}

#[tokio::test]
async fn the_page_says_what_is_asked_for_and_leads_on() {
    let response = ask(router(desk(Ending::Granted)), "GET", "/abc").await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    for part in [
        "<html lang=\"en\">",
        "Microsoft Teams",
        "Acme &amp; &quot;Sons&quot;",
        "&lt;b&gt;Bob&lt;/b&gt; O&#39;Ray",
        "may read this account&#39;s chats",
        "At any time",
        "<form method=\"post\" action=\"abc/start\">",
        "prefers-color-scheme:dark",
        "width=device-width",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for part in ["<b>Bob", "<script", "src=", "href=", "http:", "https:"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn every_answer_keeps_to_itself() {
    let asked = [
        ("GET", "/abc"),
        ("GET", "/unknown"),
        ("POST", "/abc/start"),
        ("POST", "/unknown/start"),
        ("GET", "/callback?state=s&code=c"),
        ("GET", "/callback"),
        ("GET", "/a/b/c"),
    ];
    for (verb, at) in asked {
        let response = ask(router(desk(Ending::Granted)), verb, at).await;
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert!(policy.contains("form-action 'self' https:"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(header(&response, "x-frame-options"), "DENY");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}

#[tokio::test]
async fn an_invitation_that_is_not_there_is_a_page_of_its_own() {
    let long = format!("/{}", "a".repeat(129));
    for at in [
        "/unknown",
        "/abc%22",
        "/..%2Fabc",
        "/abc/start",
        long.as_str(),
    ] {
        let response = ask(router(desk(Ending::Granted)), "GET", at).await;
        let status = response.status();
        assert!(
            status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED,
            "{at}: {status}"
        );
    }
    let page = text(ask(router(desk(Ending::Granted)), "GET", "/unknown").await).await;
    assert!(page.contains("This link is not open"));
}

#[tokio::test]
async fn starting_sends_the_browser_to_the_platform() {
    let response = ask(router(desk(Ending::Granted)), "POST", "/abc/start").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = header(&response, "location");
    assert_eq!(location, "https://login.example/authorize?a=1&b=2");
    let settled = ask(router(desk(Ending::Granted)), "POST", "/xyz/start").await;
    assert_eq!(settled.status(), StatusCode::GONE);
}

#[tokio::test]
async fn the_callback_hands_state_and_answer_to_the_desk() {
    let at_desk = desk(Ending::Granted);
    let at = "/callback?code=c%2F1&state=s1&session_state=x";
    let response = ask(router(at_desk.clone()), "GET", at).await;
    assert_eq!(response.status(), StatusCode::OK);
    let at = "/callback?error=access_denied&error_description=AADSTS65004%3A+no&state=s2";
    ask(router(at_desk.clone()), "GET", at).await;
    let declined = CallbackAnswer::Error {
        error: "access_denied".to_owned(),
        description: Some("AADSTS65004: no".to_owned()),
    };
    let told = at_desk.told.lock().expect("a lock").clone();
    let wanted = [
        ("s1".to_owned(), CallbackAnswer::Code("c/1".to_owned())),
        ("s2".to_owned(), declined),
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_callback_that_no_platform_makes_never_reaches_the_desk() {
    let at_desk = desk(Ending::Granted);
    for query in [
        "",
        "?state=s",
        "?code=c",
        "?code=c&state=s&state=t",
        "?code=c&error=e&state=s",
    ] {
        let at = format!("/callback{query}");
        let response = ask(router(at_desk.clone()), "GET", &at).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
    }
    let head = ask(router(at_desk.clone()), "HEAD", "/callback?code=c&state=s").await;
    assert_eq!(head.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(at_desk.told.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn each_ending_has_its_own_page_with_something_to_do() {
    let endings = [
        (Ending::Granted, 200, "close this page"),
        (Ending::Declined, 200, "If you change your mind"),
        (Ending::WrongPerson, 403, "choose the account that it names"),
        (
            Ending::NotOpen,
            410,
            "Ask your administrator for a new link",
        ),
        (Ending::AdministratorNeeded, 403, "needs their consent"),
        (Ending::TryAgain, 503, "in a few minutes"),
    ];
    for (ending, status, to_do) in endings {
        let response = ask(router(desk(ending)), "GET", "/callback?code=c&state=s").await;
        assert_eq!(response.status().as_u16(), status, "{ending:?}");
        let page = text(response).await;
        assert!(page.contains(to_do), "{ending:?}: {page}");
    }
}

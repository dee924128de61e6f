//! Where a browser on this machine comes back to after one sign-in: a port of loopback that is open
//! for that long and answers nothing else.
//!
//! Source: RFC 8252 section 7.3; <https://learn.microsoft.com/entra/identity-platform/reply-url>.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::{Method, StatusCode, header},
    middleware::map_response,
    response::{Html, IntoResponse, Response},
    routing::any,
};
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{CallbackAnswer, answer, guarded, page};

const PATH: &str = "/callback";
/// How often another port is tried where somebody else has the same one on the other loopback.
const TRIES: u32 = 8;
/// How long the last page may take to be fetched: browsers keep connections open that they may need.
const FAREWELL: Duration = Duration::from_secs(2);

/// Who decides what came of it.
#[async_trait]
pub trait LoopbackDesk: Send + Sync {
    /// A browser has come back with this state.
    async fn come_back(&self, state: &str, answer: CallbackAnswer) -> Landing;
}

/// What the browser is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    SignedIn,
    NotSignedIn {
        why: String,
        to_do: String,
    },
    /// The state is none that is waited for. Whoever is waited for may still come.
    NotOpen,
}

/// A bound port; nothing is answered before [`Loopback::serve`].
pub struct Loopback {
    sockets: Vec<TcpListener>,
    callback: Url,
}

impl Loopback {
    /// Binds a free port of both loopbacks, of IPv4's alone where there is no other: a browser may
    /// take `localhost` for either.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn bind() -> io::Result<Self> {
        let mut tries = TRIES;
        let sockets = loop {
            tries -= 1;
            let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = first.local_addr()?.port();
            let second = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            match TcpListener::bind(second).await {
                Ok(second) => break vec![first, second],
                // A stranger there would be sent the code.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => match tries {
                    0 => return Err(error),
                    _ => continue,
                },
                Err(_) => break vec![first],
            }
        };
        let port = sockets[0].local_addr()?.port();
        let callback = format!("http://localhost:{port}{PATH}");
        let callback = Url::parse(&callback).map_err(io::Error::other)?;
        Ok(Self { sockets, callback })
    }

    /// What the platform is told to send the browser back to.
    #[must_use]
    pub fn callback(&self) -> &Url {
        &self.callback
    }

    /// Serves until somebody with an open state has come back and has their page, or until `stop`.
    pub async fn serve(self, desk: Arc<dyn LoopbackDesk>, stop: CancellationToken) {
        let done = stop.child_token();
        let place = Place {
            desk,
            done: done.clone(),
        };
        let router = Router::new()
            .route(PATH, any(called_back))
            .fallback(async || StatusCode::NOT_FOUND)
            .layer(map_response(guarded))
            .with_state(place);
        let servers = self.sockets.into_iter().map(|socket| {
            axum::serve(socket, router.clone())
                .with_graceful_shutdown(done.clone().cancelled_owned())
                .into_future()
        });
        let over = async {
            done.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            _ = join_all(servers) => {}
            () = over => {}
        }
    }
}

#[derive(Clone)]
struct Place {
    desk: Arc<dyn LoopbackDesk>,
    done: CancellationToken,
}

async fn called_back(
    State(place): State<Place>,
    method: Method,
    RawQuery(query): RawQuery,
) -> Response {
    match method {
        Method::GET => {}
        // It must not use up what only the browser's `GET` may.
        Method::HEAD => {
            let allow = [(header::ALLOW, "GET")];
            return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    let Some(callback) = answer::read(query.as_deref().unwrap_or_default()) else {
        return landed(StatusCode::BAD_REQUEST, &Landing::NotOpen);
    };
    let landing = place.desk.come_back(&callback.state, callback.answer).await;
    let status = match &landing {
        Landing::SignedIn => StatusCode::OK,
        Landing::NotSignedIn { .. } => StatusCode::FORBIDDEN,
        Landing::NotOpen => return landed(StatusCode::GONE, &landing),
    };
    // What is being answered still is.
    place.done.cancel();
    landed(status, &landing)
}

fn landed(status: StatusCode, landing: &Landing) -> Response {
    (status, Html(page::landing(landing))).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use reqwest::Client;
    use tokio::task::JoinHandle;

    use super::*;

    /// Waits for the state `open`, once.
    struct Waiting(Mutex<Vec<String>>, Landing);

    #[async_trait]
    impl LoopbackDesk for Waiting {
        async fn come_back(&self, state: &str, answer: CallbackAnswer) -> Landing {
            let mut codes = self.0.lock().expect("no test panics with it");
            match answer {
                CallbackAnswer::Code(code) if state == "open" && codes.is_empty() => {
                    codes.push(code);
                    self.1.clone()
                }
                CallbackAnswer::Code(_) | CallbackAnswer::Error { .. } => Landing::NotOpen,
            }
        }
    }

    struct Served {
        callback: Url,
        desk: Arc<Waiting>,
        serving: JoinHandle<()>,
        http: Client,
    }

    async fn serve(landing: Landing) -> Served {
        let loopback = Loopback::bind().await.expect("a free port");
        let callback = loopback.callback().clone();
        let desk = Arc::new(Waiting(Mutex::default(), landing));
        let stop = CancellationToken::new();
        let serving = tokio::spawn(loopback.serve(desk.clone(), stop));
        let http = crate::http::client().expect("a client");
        Served {
            callback,
            desk,
            serving,
            http,
        }
    }

    impl Served {
        async fn ask(&self, method: Method, path: &str) -> reqwest::Response {
            let url = self.callback.join(path).expect("an address");
            let sent = self.http.request(method, url).send().await;
            sent.expect("it answers")
        }

        fn codes(&self) -> Vec<String> {
            self.desk.0.lock().expect("no test panics with it").clone()
        }
    }

    #[tokio::test]
    async fn one_browser_comes_back_and_then_nobody_answers_any_more() {
        let served = serve(Landing::SignedIn).await;
        let answer = served.ask(Method::GET, "?code=c1&state=open").await;
        assert_eq!(answer.status(), 200);
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers()[name], value);
        }
        let policy = answer.headers()["content-security-policy"].to_str();
        assert!(policy.expect("text").starts_with("default-src 'none'"));
        let page = answer.text().await.expect("a page");
        assert!(page.contains("You can close this window."), "{page}");
        served.serving.await.expect("it has stopped");
        assert_eq!(served.desk.0.lock().expect("unpoisoned").as_slice(), ["c1"]);
        let again = served.http.get(served.callback).send().await;
        assert!(again.is_err(), "the port is free again");
    }

    #[tokio::test]
    async fn what_is_no_browser_that_comes_back_uses_nothing_up() {
        let served = serve(Landing::SignedIn).await;
        let good = "?code=c1&state=open";
        for (method, path, status) in [
            (Method::HEAD, good, 405),
            (Method::POST, good, 404),
            (Method::GET, "/?code=c1&state=open", 404),
            (Method::GET, "/favicon.ico", 404),
            (Method::GET, "?code=c1", 400),
            (Method::GET, "?code=c1&state=open&state=open", 400),
            (Method::GET, "?code=c1&state=forged", 410),
        ] {
            let answer = served.ask(method, path).await;
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        }
        assert!(served.codes().is_empty());
        assert_eq!(served.ask(Method::GET, good).await.status(), 200);
    }

    #[tokio::test]
    async fn what_went_wrong_is_said_and_nothing_of_it_is_markup() {
        let served = serve(Landing::NotSignedIn {
            why: "<b>No</b>".to_owned(),
            to_do: "Begin again.".to_owned(),
        })
        .await;
        let answer = served.ask(Method::GET, "?code=c1&state=open").await;
        assert_eq!(answer.status(), 403);
        let page = answer.text().await.expect("a page");
        assert!(page.contains("&lt;b&gt;No") && page.contains("Begin again."));
    }
}

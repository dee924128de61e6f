//! The hub's listener: the only thing of the hub that others may call. It serves what connections
//! mount there and answers everything else alike, with a 404 that tells nothing.
//!
//! Whoever calls may be anybody: heads and bodies have a size and an end, and there is an end to
//! how much is listened to at once ([`Limits`]).

mod serving;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::map_response,
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a request waits for its turn to be read. Whoever has something to say says it again.
const TURN: Duration = Duration::from_secs(1);

/// What callers may take of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long the head of a request may take, and the pause before it.
    pub head: Duration,
    /// How long its body may take after that.
    pub body: Duration,
    /// How long a connection is kept, however much is said on it.
    pub connection: Duration,
    /// Names and values together. At least 8 KiB.
    pub head_bytes: usize,
    pub headers: usize,
    /// Change notifications with content stay far below; so do Slack's events.
    pub body_bytes: usize,
    /// More wait until there is room.
    pub connections: usize,
    /// Requests that are read and answered at the same time: their bodies are in memory.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            body: Duration::from_secs(5),
            connection: Duration::from_secs(120),
            head_bytes: 32 * 1024,
            headers: 64,
            body_bytes: 2 * 1024 * 1024,
            connections: 512,
            requests: 64,
        }
    }
}

/// Where connections mount what they serve.
#[derive(Clone)]
pub struct Listener {
    mounts: Arc<RwLock<HashMap<String, Router>>>,
    turns: Arc<Semaphore>,
    limits: Limits,
    public: String,
    local: SocketAddr,
}

impl Listener {
    /// Binds `address` and serves until `stop`. `public` is the URL under which the listener is
    /// reached from outside, without a slash at its end; its own address where absent.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        public: Option<String>,
        stop: CancellationToken,
    ) -> std::io::Result<Self> {
        Self::bind_within(Limits::default(), address, public, stop).await
    }

    /// The same, within other limits.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind_within(
        limits: Limits,
        address: SocketAddr,
        public: Option<String>,
        stop: CancellationToken,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let local = socket.local_addr()?;
        let listener = Self {
            mounts: Arc::default(),
            turns: Arc::new(Semaphore::new(limits.requests)),
            limits,
            public: public.unwrap_or_else(|| format!("http://{local}")),
            local,
        };
        let router = Router::new()
            .fallback(dispatch)
            .layer(map_response(guarded))
            .with_state(listener.clone());
        tokio::spawn(serving::serve(socket, router, limits, stop));
        Ok(listener)
    }

    /// Serves `router` under `/hooks/{name}/` and answers the public URL of that place, without a
    /// slash at its end.
    pub fn mount(&self, name: &str, router: Router) -> String {
        self.mounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), router);
        format!("{}/hooks/{name}", self.public)
    }

    pub fn unmount(&self, name: &str) {
        self.mounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }

    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    fn mounted(&self, name: &str) -> Option<Router> {
        let mounts = self.mounts.read().unwrap_or_else(PoisonError::into_inner);
        mounts.get(name).cloned()
    }
}

async fn dispatch(State(listener): State<Listener>, request: Request) -> Response {
    let found = place(request.uri()).and_then(|(name, inside)| {
        let router = listener.mounted(name)?;
        Some((router, inside))
    });
    let Some((router, inside)) = found else {
        return nowhere();
    };
    let Ok(Ok(_turn)) = timeout(TURN, listener.turns.acquire()).await else {
        return closing(StatusCode::SERVICE_UNAVAILABLE);
    };
    let request = match whole(request, inside, &listener.limits).await {
        Ok(request) => request,
        Err(status) => return closing(status),
    };
    let answer = match router.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    // That there is something there for others would be told too.
    match answer.status() {
        StatusCode::METHOD_NOT_ALLOWED => nowhere(),
        _ => answer,
    }
}

/// The mount's name, and the address as what is mounted there sees it. The path is taken as it
/// came: one that is written in another way is another path.
fn place(uri: &Uri) -> Option<(&str, Uri)> {
    let path = uri.path().strip_prefix("/hooks/")?;
    let (name, _) = path.split_once('/')?;
    let inside = uri.path_and_query()?.as_str();
    let inside = inside.get("/hooks/".len() + name.len()..)?;
    Some((name, inside.parse().ok()?))
}

/// The request with all of its body, at its new address.
async fn whole(request: Request, inside: Uri, limits: &Limits) -> Result<Request, StatusCode> {
    let (mut parts, body) = request.into_parts();
    if announced(&parts.headers) > limits.body_bytes as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = timeout(limits.body, to_bytes(body, limits.body_bytes))
        .await
        .map_err(|_| StatusCode::REQUEST_TIMEOUT)?
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    parts.uri = inside;
    // What this router has read out of the request is none of the mounted one's.
    parts.extensions.clear();
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn announced(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

fn nowhere() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// What is left of the body is not waited for.
fn closing(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")]).into_response()
}

/// Nothing here is kept by a cache, shown in a frame or taken for something else, unless what is
/// mounted says so itself.
async fn guarded(mut response: Response) -> Response {
    let fixed: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in fixed {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::{extract::Path, routing::get};

    use super::*;

    #[tokio::test]
    async fn what_is_mounted_reads_its_own_path_and_no_more() {
        let stop = CancellationToken::new();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, None, stop.clone()).await;
        let listener = listener.expect("a free port");
        let named = |Path(id): Path<String>| async move { id };
        let base = listener.mount("place", Router::new().route("/{id}", get(named)));
        let answer = reqwest::get(format!("{base}/seven?x=1")).await;
        let answer = answer.expect("it answers").text().await;
        assert_eq!(answer.expect("text"), "seven");
        let encoded = reqwest::get(format!("{}/%73even", base.replace("place", "%70lace"))).await;
        let encoded = encoded.expect("it answers").status();
        assert_eq!(encoded.as_u16(), StatusCode::NOT_FOUND.as_u16());
        stop.cancel();
    }

    #[tokio::test]
    async fn what_is_not_there_and_what_is_not_for_you_look_the_same() {
        let stop = CancellationToken::new();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, None, stop.clone()).await;
        let listener = listener.expect("a free port");
        let base = listener.mount(
            "place",
            Router::new().route("/seven", get(|| async { "7" })),
        );
        let client = reqwest::Client::new();
        let root = base.trim_end_matches("/hooks/place");
        let mut answers = Vec::new();
        for request in [
            client.get(root),
            client.get(format!("{root}/hooks/other/seven")),
            client.get(format!("{base}/eight")),
            client.get(format!("{root}/hooks/place")),
            client.delete(format!("{base}/seven")),
        ] {
            let answer = request.send().await.expect("it answers");
            let mut headers = answer.headers().clone();
            headers.remove("date");
            answers.push((answer.status(), headers, answer.text().await.expect("text")));
        }
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{answers:?}"
        );
        assert_eq!(answers[0].0.as_u16(), 404);
        assert_eq!(answers[0].2, "");
        for name in [
            "x-content-type-options",
            "content-security-policy",
            "cache-control",
        ] {
            assert!(answers[0].1.contains_key(name), "{name}");
        }
        stop.cancel();
    }
}

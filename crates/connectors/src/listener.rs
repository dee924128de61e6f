//! The hub's listener: the only thing of the hub that others may call. It serves what connections
//! mount there and answers 404 to everything else.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The largest body that is read; change notifications with content stay far below.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Where connections mount what they serve.
#[derive(Clone)]
pub struct Listener {
    mounts: Arc<RwLock<HashMap<String, Router>>>,
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
        let socket = TcpListener::bind(address).await?;
        let local = socket.local_addr()?;
        let listener = Self {
            mounts: Arc::default(),
            public: public.unwrap_or_else(|| format!("http://{local}")),
            local,
        };
        let router = Router::new()
            .route("/hooks/{name}/{*rest}", any(dispatch))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(listener.clone());
        tokio::spawn(async move {
            let served = axum::serve(socket, router)
                .with_graceful_shutdown(async move { stop.cancelled().await })
                .await;
            if let Err(error) = served {
                tracing::error!(error = %error, "the listener has stopped");
            }
        });
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
}

async fn dispatch(
    State(listener): State<Listener>,
    Path((name, rest)): Path<(String, String)>,
    mut request: Request<Body>,
) -> Response {
    let mounted = listener
        .mounts
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&name)
        .cloned();
    let Some(router) = mounted else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = match request.uri().query() {
        Some(query) => format!("/{rest}?{query}"),
        None => format!("/{rest}"),
    };
    let Ok(uri) = path.parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    // What this router has read out of the path is none of the mounted one's.
    request.extensions_mut().clear();
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
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
        stop.cancel();
    }
}

//! What lies between the network and a stand-in: the recorder and the faults that strike a call.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, connect_info::Connected},
    http::{self, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use crate::{
    clock::{Clock, Millis},
    faults::{Fault, FaultKind, Faults},
    record::{Call, Recorder},
};

/// The largest request or answer that passes, in bytes.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// `Retry-After` of an armed throttle that names none, in milliseconds of the sandbox's time.
const THROTTLE_MS: u64 = 1_000;

/// How much later a delayed answer comes where the fault does not say, in the same unit.
const DELAY_MS: u64 = 1_000;

/// What a span is taken for that is too long to be counted: ten years.
const LONGEST_SPAN: Millis = 315_360_000_000;

/// What all stand-ins of one sandbox share. Nothing about people or messages is in it.
pub struct Shared {
    pub clock: Clock,
    pub faults: Faults,
    pub recorder: Recorder,
    /// Every id, token and secret follows from it.
    pub seed: u64,
}

/// How one platform says what the wire does to a call.
pub trait Dialect: Send + Sync {
    /// `slack`, `teams` or `entra`.
    fn platform(&self) -> &'static str;
    /// The method a call is counted, recorded and struck under (see [`crate::faults::Fault::method`]).
    fn method(&self, method: &http::Method, path: &str) -> String;
    /// The platform's own 429. `retry_after_s` are seconds that the caller really waits.
    fn throttled(&self, retry_after_s: u64) -> Response;
    /// The platform's own 5xx.
    fn failed(&self) -> Response;
    /// Revokes this bearer token from now on.
    fn revoke(&self, token: &str);
    /// Lets this bearer token expire now.
    fn expire(&self, token: &str);
}

/// Puts the recorder and the faults before `router`.
pub fn wire(router: Router, dialect: Arc<dyn Dialect>, shared: Arc<Shared>) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (dialect, shared) = (dialect.clone(), shared.clone());
        async move { pass(request, next, dialect.as_ref(), &shared).await }
    }))
}

/// Seconds a caller really waits for `span_ms` of the sandbox's time, as `Retry-After` says them:
/// whole, rounded up, at least one.
#[must_use]
pub fn retry_after_s(clock: &Clock, span_ms: Millis) -> u64 {
    let real = clock.real(span_ms);
    (real.as_secs() + u64::from(real.subsec_nanos() > 0)).max(1)
}

async fn pass(request: Request, next: Next, dialect: &dyn Dialect, shared: &Shared) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let connection = parts
        .extensions
        .get::<ConnectInfo<Connection>>()
        .map(|info| info.0.clone());
    let method = dialect.method(&parts.method, parts.uri.path());
    let (uri, headers) = (parts.uri.clone(), parts.headers.clone());

    strike_token(dialect, shared, &method, &headers, &body);
    let request = Request::from_parts(parts, Body::from(body.clone()));
    let answer = match before(dialect, shared, &method) {
        Some(refused) => refused,
        None => after(next.run(request).await, dialect, shared, &method).await,
    };
    let (answer, cut) = match answer {
        Answer::Given(response) => (response, false),
        Answer::Cut(response) => (response, true),
    };

    let (mut parts, answer) = answer.into_parts();
    parts
        .headers
        .entry(header::DATE)
        .or_insert_with(|| date(shared.clock.now()));
    let Ok(answer) = to_bytes(answer, LARGEST_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    shared.recorder.record(&Call {
        platform: dialect.platform(),
        method: &method,
        path: uri.path(),
        query: uri.query(),
        headers: &headers,
        body: &body,
        status: parts.status,
        response_headers: &parts.headers,
        response: &answer,
    });
    if cut {
        return cut_off(connection);
    }
    Response::from_parts(parts, Body::from(answer))
}

/// A time as headers tell it.
pub fn date(now: Millis) -> HeaderValue {
    let now = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let text = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .unwrap_or_default();
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

enum Answer {
    Given(Response),
    /// The answer is known, and the caller will not get it.
    Cut(Response),
}

fn before(dialect: &dyn Dialect, shared: &Shared, method: &str) -> Option<Answer> {
    let kinds = [FaultKind::Throttle, FaultKind::FailBefore];
    let fault = shared.faults.take(dialect.platform(), method, &kinds)?;
    if fault.fault == FaultKind::FailBefore {
        return Some(Answer::Given(dialect.failed()));
    }
    let span = Millis::try_from(fault.ms.unwrap_or(THROTTLE_MS)).unwrap_or(LONGEST_SPAN);
    Some(Answer::Given(
        dialect.throttled(retry_after_s(&shared.clock, span)),
    ))
}

async fn after(response: Response, dialect: &dyn Dialect, shared: &Shared, method: &str) -> Answer {
    let platform = dialect.platform();
    if let Some(fault) = shared.faults.take(platform, method, &[FaultKind::Delay]) {
        shared
            .clock
            .sleep_until(delayed(&shared.clock, &fault))
            .await;
    }
    let kinds = [FaultKind::FailAfter, FaultKind::Cut];
    match shared.faults.take(platform, method, &kinds) {
        None => Answer::Given(response),
        Some(fault) if fault.fault == FaultKind::Cut => Answer::Cut(response),
        Some(_) => Answer::Given(dialect.failed()),
    }
}

/// When what an armed delay holds back goes on.
#[must_use]
pub fn delayed(clock: &Clock, fault: &Fault) -> Millis {
    clock.now() + Millis::try_from(fault.ms.unwrap_or(DELAY_MS)).unwrap_or(LONGEST_SPAN)
}

fn strike_token(
    dialect: &dyn Dialect,
    shared: &Shared,
    method: &str,
    headers: &http::HeaderMap,
    body: &[u8],
) {
    let Some(token) = bearer(headers).or_else(|| token_in_form(headers, body)) else {
        return;
    };
    let kinds = [FaultKind::Revoke, FaultKind::Expire];
    match shared.faults.take(dialect.platform(), method, &kinds) {
        None => {}
        Some(fault) if fault.fault == FaultKind::Revoke => dialect.revoke(&token),
        Some(_) => dialect.expire(&token),
    }
}

fn bearer(headers: &http::HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

fn token_in_form(headers: &http::HeaderMap, body: &[u8]) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let mut fields = url::form_urlencoded::parse(body);
    fields
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
}

/// Ends the caller's connection without a byte of an answer.
fn cut_off(connection: Option<Connection>) -> Response {
    if let Some(connection) = connection {
        connection.cut();
        return StatusCode::OK.into_response();
    }
    // Not served by our own listener: the best that is left is an answer that breaks off.
    let broken = futures_util::stream::once(async {
        Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(broken).into_response()
}

/// A listener whose connections can be cut by the wire: serve with it, and with
/// `into_make_service_with_connect_info::<Connection>()`.
#[derive(Debug)]
pub struct Loopback(TcpListener);

impl Loopback {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub async fn bind(port: u16) -> io::Result<Self> {
        Ok(Self(TcpListener::bind(("127.0.0.1", port)).await?))
    }

    pub fn port(&self) -> io::Result<u16> {
        Ok(self.0.local_addr()?.port())
    }
}

impl Listener for Loopback {
    type Io = Cuttable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // A message and its acknowledgement are small: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        (
            Cuttable {
                stream,
                connection: Connection::default(),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// One accepted connection, as a handler sees it.
#[derive(Debug, Clone, Default)]
pub struct Connection(Arc<AtomicBool>);

impl Connection {
    fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Loopback>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().connection.clone()
    }
}

/// A stream that refuses to write once its connection is cut, so that the server drops it.
#[derive(Debug)]
pub struct Cuttable {
    stream: TcpStream,
    connection: Connection,
}

impl Cuttable {
    fn writable(&self) -> io::Result<()> {
        if self.connection.is_cut() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writable()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writable()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

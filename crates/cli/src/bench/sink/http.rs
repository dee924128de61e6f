//! Just as much HTTP/1.1 as the hub's client speaks: requests with a content length, one after the
//! other, on connections that stay open.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    Sink, graph, slack,
    traffic::{Side, Verdict},
    wire,
};
use crate::bench::{now, orders::Lane};

const ROOM: usize = 16 * 1024;
/// Longer than any client waits.
const NEVER: Duration = Duration::from_secs(120);

pub async fn serve(sink: Arc<Sink>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let sink = Arc::clone(&sink);
        tokio::spawn(async move { connection(&sink, stream).await });
    }
}

/// What is answered, and what is told of it once it has been.
struct Answer {
    status: &'static str,
    body: String,
    retry_after: Option<Duration>,
    after: Option<Duration>,
    posted: Option<(Side, Lane, Option<u64>)>,
}

impl Answer {
    fn ok(body: String) -> Self {
        Self::with("200 OK", body)
    }

    fn with(status: &'static str, body: String) -> Self {
        Self {
            status,
            body,
            retry_after: None,
            after: None,
            posted: None,
        }
    }
}

struct Request<'a> {
    is_post: bool,
    /// Without the query.
    path: &'a str,
    body: &'a [u8],
}

async fn connection(sink: &Sink, mut stream: TcpStream) {
    drop(stream.set_nodelay(true));
    let mut buffer = Vec::with_capacity(ROOM);
    let mut reply = Vec::with_capacity(1_024);
    loop {
        let Some((head, whole)) = extent(&buffer) else {
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let answer = match request(&buffer, head, whole) {
            Some(request) => answer(sink, &request, now::instant()),
            None => return,
        };
        buffer.drain(..whole);
        if let Some(after) = answer.after {
            tokio::time::sleep(after).await;
        }
        write(&mut reply, &answer);
        if stream.write_all(&reply).await.is_err() {
            return;
        }
        if let Some((side, lane, number)) = answer.posted {
            sink.traffic.answered(side, lane, number);
        }
    }
}

/// Where the first request's head and the whole of it end, once all of it is there.
fn extent(buffer: &[u8]) -> Option<(usize, usize)> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).unwrap_or_default();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.unwrap_or(0);
    (buffer.len() >= whole).then_some((head, whole))
}

fn request(buffer: &[u8], head: usize, whole: usize) -> Option<Request<'_>> {
    let line = std::str::from_utf8(&buffer[..head]).ok()?.lines().next()?;
    let mut words = line.split(' ');
    let method = words.next()?;
    let target = words.next()?;
    Some(Request {
        is_post: method == "POST",
        path: target.split('?').next()?,
        body: &buffer[head..whole],
    })
}

fn answer(sink: &Sink, request: &Request<'_>, now: Instant) -> Answer {
    if let Some((side, lane)) = post_in(request) {
        return post(sink, request, side, lane, now);
    }
    let path = request.path;
    if let Some(method) = path.strip_prefix("/api/") {
        let fields = std::str::from_utf8(request.body).unwrap_or_default();
        return Answer::ok(slack::answer(sink, method, fields).to_string());
    }
    if let Some(path) = path.strip_prefix("/v1.0/") {
        let parts: Vec<&str> = path.split('/').collect();
        return match graph::answer(sink, request.is_post, &parts, request.body) {
            Some(answer) => Answer::ok(answer.to_string()),
            None => not_found(),
        };
    }
    if path.starts_with("/entra/") && path.ends_with("/token") {
        return Answer::ok(graph::token().to_string());
    }
    match path {
        "/answers" => Answer::ok("ok".to_owned()),
        _ => not_found(),
    }
}

fn not_found() -> Answer {
    let error = serde_json::json!({ "error": { "code": "NotFound", "message": "not served" } });
    Answer::with("404 Not Found", Value::to_string(&error))
}

fn post_in(request: &Request<'_>) -> Option<(Side, Lane)> {
    if !request.is_post {
        return None;
    }
    if let Some(path) = request.path.strip_prefix("/v1.0/chats/") {
        let chat = path.strip_suffix("/messages")?;
        return Some((Side::Teams, wire::lane_of_chat(chat)?));
    }
    if request.path == "/api/chat.postMessage" {
        let fields = std::str::from_utf8(request.body).ok()?;
        return Some((Side::Slack, slack::lane_of(fields)?));
    }
    None
}

fn post(sink: &Sink, request: &Request<'_>, side: Side, lane: Lane, now: Instant) -> Answer {
    let verdict = sink
        .traffic
        .post(side, lane, request.path, request.body, now);
    let accepted = || {
        let mut answer = match side {
            Side::Slack => Answer::ok(slack::posted(lane)),
            Side::Teams => Answer::with("201 Created", graph::posted(lane)),
        };
        answer.posted = Some((side, lane, wire::number_in(request.body)));
        answer
    };
    match verdict {
        Verdict::Accept => accepted(),
        Verdict::AcceptAfter(pause) => Answer {
            after: Some(pause),
            ..accepted()
        },
        Verdict::Throttle(pause) => Answer {
            retry_after: Some(pause),
            ..Answer::with("429 Too Many Requests", "{}".to_owned())
        },
        Verdict::Refuse => Answer::with("503 Service Unavailable", "{}".to_owned()),
        Verdict::NeverAnswer => Answer {
            after: Some(NEVER),
            ..Answer::with("503 Service Unavailable", "{}".to_owned())
        },
    }
}

fn write(reply: &mut Vec<u8>, answer: &Answer) {
    use std::io::Write;
    reply.clear();
    // Writing to memory does not fail.
    drop(write!(
        reply,
        "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        answer.status,
        answer.body.len()
    ));
    if let Some(after) = answer.retry_after {
        // A clock that runs faster than ours needs parts of our seconds.
        drop(write!(reply, "retry-after: {:.3}\r\n", after.as_secs_f64()));
    }
    reply.extend_from_slice(b"\r\n");
    reply.extend_from_slice(answer.body.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_once_all_of_it_is_there_and_no_further() {
        let text = b"POST /api/chat.postMessage?x=1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyGET ";
        let (head, whole) = extent(text).expect("it is all there");
        assert_eq!(extent(&text[..whole - 1]), None);
        let request = request(text, head, whole).expect("it can be read");
        assert!(request.is_post);
        assert_eq!(request.path, "/api/chat.postMessage");
        assert_eq!(request.body, b"body");
    }
}

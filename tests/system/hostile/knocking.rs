//! Requests as bytes: no client would send most of them.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::STRANGERS_PATIENCE;

/// The status that bytes are answered with; none where the connection is ended without one.
pub async fn knock(address: &str, bytes: &[u8]) -> Option<u16> {
    let answer = timeout(STRANGERS_PATIENCE, answer(address, bytes)).await;
    let answer = answer.expect("the hub answers or hangs up");
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let line = String::from_utf8_lossy(line);
    line.split(' ').nth(1)?.parse().ok()
}

async fn answer(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // It may hang up before it has heard everything.
    let _ = stream.write_all(bytes).await;
    let mut heard = vec![0; 4_096];
    let read = stream.read(&mut heard).await.unwrap_or(0);
    heard.truncate(read);
    heard
}

/// Host and path of an address.
pub fn parts(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").expect("an address of ours");
    let (host, path) = rest.split_once('/').expect("a path");
    (host.to_owned(), format!("/{path}"))
}

/// The time, as the hub itself tells it with every answer.
pub async fn now_s(address: &str) -> i64 {
    let answer = reqwest::get(format!("http://{address}/")).await;
    let answer = answer.expect("it answers");
    let date = answer.headers()["date"].to_str().expect("text").to_owned();
    let date = jiff::fmt::rfc2822::parse(&date).expect("a date");
    date.timestamp().as_second()
}

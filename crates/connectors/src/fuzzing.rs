//! The parsers that read what strangers send, for the fuzz targets in `fuzz/` and for the test that
//! replays their corpus. Not for use: nothing here is kept as it is.
//!
//! Each takes any bytes and says how much came of them, so that whoever calls can see that it is in
//! proportion.

use crate::{
    consent_page, slack::fuzzing as slack, teams::fuzzing as teams, webex::fuzzing as webex,
};

/// A parser; what it gives is the size of what came of the bytes.
pub type Parser = fn(&[u8]) -> usize;

/// By the name of its folder in `fuzz/corpus`.
pub const PARSERS: [(&str, Parser); 11] = [
    ("slack_event", slack::event),
    ("slack_form", slack::form),
    ("slack_frame", slack::frame),
    ("slack_blocks", slack::blocks),
    ("slack_mrkdwn", slack::mrkdwn),
    ("teams_html", teams::html),
    ("teams_notification", teams::notification),
    ("webex_html", webex::html),
    ("webex_markdown", webex::markdown),
    ("webex_event", webex::event),
    ("consent_callback", callback),
];

/// The most that may come of so many bytes: a parser that gives more has lost its measure.
#[must_use]
pub fn most(bytes: usize) -> usize {
    64 * 1024 + 1_024 * bytes
}

/// Runs one of [`PARSERS`] and holds it to [`most`].
///
/// # Panics
/// When there is no such parser, or more came of the bytes than may.
pub fn run(name: &str, data: &[u8]) {
    let (_, parser) = PARSERS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a parser of this name");
    let came = parser(data);
    assert!(came <= most(data.len()), "{came} from {}", data.len());
}

fn callback(data: &[u8]) -> usize {
    let query = String::from_utf8_lossy(data);
    let read = consent_page::answer::read(&query);
    read.map_or(0, |read| format!("{read:?}").len())
}

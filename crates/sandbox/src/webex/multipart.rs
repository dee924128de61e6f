//! Forms with a file, as RFC 7578 has them.

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::{failure::Failure, ids::FileId, rooms::File, state::State};

/// The fields of a form as JSON, and its one file.
pub fn read(
    state: &State,
    content_type: &str,
    body: &Bytes,
) -> Result<(Value, Option<File>), Failure> {
    let malformed = || Failure::bad_request("The form is malformed.");
    let boundary = parameter(content_type, "boundary").ok_or_else(malformed)?;
    let (mut fields, mut file) = (Map::new(), None);
    for part in parts(body, boundary) {
        let part = Part::read(part).ok_or_else(malformed)?;
        if part.name != "files" {
            let text = String::from_utf8(part.bytes.to_vec()).map_err(|_| malformed())?;
            fields.insert(part.name.to_owned(), text.into());
            continue;
        }
        let uploaded = File {
            id: FileId::of(&state.fresh("content")),
            name: part.file_name.unwrap_or("file").to_owned(),
            kind: part.kind.to_owned(),
            bytes: part.bytes.to_vec(),
        };
        if file.replace(uploaded).is_some() {
            return Err(Failure::bad_request(
                "Only one file is allowed per message.",
            ));
        }
    }
    Ok((Value::Object(fields), file))
}

#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    name: &'a str,
    file_name: Option<&'a str>,
    kind: &'a str,
    bytes: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(part: &'a [u8]) -> Option<Self> {
        let end = find(part, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&part[..end]).ok()?;
        let header = |wanted: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.trim())
        };
        let disposition = header("content-disposition")?;
        Some(Self {
            name: parameter(disposition, "name")?,
            file_name: parameter(disposition, "filename"),
            kind: header("content-type").unwrap_or("application/octet-stream"),
            bytes: &part[end + 4..],
        })
    }
}

/// What stands between the boundaries.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let opening = format!("--{boundary}\r\n");
    let closing = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    let mut rest = match find(body, opening.as_bytes()) {
        Some(at) => &body[at + opening.len()..],
        None => return parts,
    };
    while let Some(end) = find(rest, closing.as_bytes()) {
        parts.push(&rest[..end]);
        match rest[end + closing.len()..].strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => break,
        }
    }
    parts
}

/// A parameter of a header's value, with or without quotes.
fn parameter<'a>(value: &'a str, wanted: &str) -> Option<&'a str> {
    let mut parameters = value.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim() == wanted).then(|| value.trim().trim_matches('"'))
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn a_form_is_taken_apart_at_its_boundaries() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n\
                     --x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\
                     Content-Type: text/plain\r\n\r\none\r\n--y\r\n--x--\r\n";
        let read: Vec<_> = parts(body, "x").into_iter().map(Part::read).collect();
        let text = Part {
            name: "text",
            file_name: None,
            kind: "application/octet-stream",
            bytes: b"hi",
        };
        let file = Part {
            name: "files",
            file_name: Some("a.txt"),
            kind: "text/plain",
            bytes: b"one\r\n--y",
        };
        assert_eq!(read, [Some(text), Some(file)]);
    }
}

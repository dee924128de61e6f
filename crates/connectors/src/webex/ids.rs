//! Webex's ids: Base64 of `ciscospark://{cluster}/{kind}/{uuid}`.
//!
//! Source: <https://developer.webex.com/docs/api/basics>.

use base64::{
    Engine,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD_NO_PAD,
    },
};

const EITHER_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, EITHER_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, EITHER_PADDING);

/// Where everybody is, and what is not told to be elsewhere.
const MAIN_CLUSTER: &str = "us";

/// The last part of an id, which names the thing within its kind.
pub(super) fn bare(id: &str) -> Option<String> {
    let opened = open(id)?;
    let (_, last) = opened.rsplit_once('/')?;
    (!last.is_empty()).then(|| last.to_owned())
}

/// The first part of an id, which names where the thing is kept.
fn cluster(id: &str) -> Option<String> {
    let opened = open(id)?;
    let (first, _) = opened.split_once('/')?;
    (!first.is_empty()).then(|| first.to_owned())
}

/// What an id says after `ciscospark://`.
fn open(id: &str) -> Option<String> {
    let bytes = STANDARD.decode(id).or_else(|_| URL_SAFE.decode(id)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (_, rest) = text.trim_end().split_once("://")?;
    Some(rest.to_owned())
}

/// Somebody's id from their UUID, which is what messages' HTML may hold instead.
pub(super) fn person(uuid: &str) -> String {
    STANDARD_NO_PAD.encode(format!("ciscospark://us/PEOPLE/{uuid}"))
}

/// An id from the UUID that sockets tell, of something that is where `beside` is.
pub(super) fn beside(beside: Option<&str>, kind: &str, uuid: &str) -> String {
    let cluster = beside.and_then(cluster);
    let cluster = cluster.as_deref().unwrap_or(MAIN_CLUSTER);
    STANDARD_NO_PAD.encode(format!("ciscospark://{cluster}/{kind}/{uuid}"))
}

/// Whether something can be an id at all: letters of Base64 and nothing else.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b))
}

/// An id as the platform writes them; for tests.
#[cfg(test)]
pub(super) fn of(kind: &str, name: &str) -> String {
    STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_an_id_is_read_however_it_is_padded() {
        let id = "Y2lzY29zcGFyazovL3VzL1JPT00vYmJjZWIxYWQtNDNmMS0zYjU4LTkxNDctZjE0YmIwYzRkMTU0";
        let uuid = "bbceb1ad-43f1-3b58-9147-f14bb0c4d154";
        assert_eq!(bare(id).as_deref(), Some(uuid));
        assert_eq!(bare(&of("APPLICATION", "C0f")).as_deref(), Some("C0f"));
        assert_eq!(bare("no id"), None);
        assert_eq!(bare(&person(uuid)).as_deref(), Some(uuid));
    }

    #[test]
    fn what_a_socket_names_is_where_its_room_is() {
        let uuid = "bbceb1ad-43f1-3b58-9147-f14bb0c4d154";
        assert_eq!(beside(None, "MESSAGE", uuid), of("MESSAGE", uuid));
        assert_eq!(beside(Some("no id"), "MESSAGE", uuid), of("MESSAGE", uuid));
        let room = STANDARD_NO_PAD.encode("ciscospark://urn:TEAM:eu-central-1_k/ROOM/r");
        let message = beside(Some(&room), "MESSAGE", "m");
        let expected = STANDARD_NO_PAD.encode("ciscospark://urn:TEAM:eu-central-1_k/MESSAGE/m");
        assert_eq!(message, expected);
    }

    #[test]
    fn what_could_end_a_mention_is_no_id() {
        assert!(is_id("Y2lz-_=+/"));
        for text in ["", "a|b", "a>b", "a b"] {
            assert!(!is_id(text), "{text}");
        }
    }
}

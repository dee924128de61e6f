//! Reads what a message shall say, and refuses what its ranges do not fit.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Send a chat message"

use serde::Deserialize;
use serde_json::Value;

use super::{
    conversation::Conversation,
    error::ZoomError,
    fields::Fields,
    ids::UserId,
    message::{Body, Format, Mention, Mentioned, Span},
    state::State,
};

/// The longest text, in characters. The older document says this, a newer one 4,096: what keeps to
/// the smaller number is right either way.
pub const LONGEST: usize = 1024;

/// Reads the body of a new message.
pub fn message(
    state: &State,
    place: Option<&Conversation>,
    author: &UserId,
    fields: &Fields<'_>,
) -> Result<Body, ZoomError> {
    let text = text(fields)?;
    let reader = Reader {
        state,
        place,
        author,
        units: text.encode_utf16().collect(),
    };
    Ok(Body {
        rich_text: reader.spans(fields)?,
        at_items: reader.mentions(fields)?,
        text: text.to_owned(),
        content: None,
    })
}

/// The text of a new message or of an edit, which has nothing else.
pub fn text<'a>(fields: &'a Fields<'_>) -> Result<&'a str, ZoomError> {
    let text = fields.need_text("message")?;
    if text.chars().count() > LONGEST {
        return Err(ZoomError::field(
            "message",
            format!("It must not be longer than {LONGEST} characters."),
        ));
    }
    no_files(fields)?;
    Ok(text)
}

/// Nothing can be uploaded here, so no id can be right.
fn no_files(fields: &Fields<'_>) -> Result<(), ZoomError> {
    match fields.list::<String>("file_ids")?.first() {
        None => Ok(()),
        Some(id) => Err(ZoomError::field("file_ids", format!("No such file: {id}."))),
    }
}

/// One of `at_items`, as it is sent.
#[derive(Debug, Deserialize)]
struct AtItem {
    at_type: u64,
    #[serde(default)]
    at_contact: Option<String>,
    start_position: usize,
    end_position: usize,
}

struct Reader<'a> {
    state: &'a State,
    /// None before the first message between two people.
    place: Option<&'a Conversation>,
    author: &'a UserId,
    /// UTF-16
    units: Vec<u16>,
}

impl Reader<'_> {
    fn spans(&self, fields: &Fields<'_>) -> Result<Vec<Span>, ZoomError> {
        let spans: Vec<Span> = fields.list("rich_text")?;
        for span in &spans {
            self.check_range("rich_text", span.start_position, span.end_position)?;
            check_attribute(span)?;
        }
        Ok(spans)
    }

    fn mentions(&self, fields: &Fields<'_>) -> Result<Vec<Mention>, ZoomError> {
        let items: Vec<AtItem> = fields.list("at_items")?;
        items.iter().map(|item| self.mention(item)).collect()
    }

    fn mention(&self, item: &AtItem) -> Result<Mention, ZoomError> {
        let refused = |why: &str| ZoomError::field("at_items", why);
        self.check_range("at_items", item.start_position, item.end_position)?;
        if self.units[item.start_position] != u16::from(b'@') {
            return Err(refused("The range must start with @."));
        }
        let whom = match (item.at_type, &item.at_contact) {
            (1, Some(contact)) => self.mentioned(contact)?,
            (1, None) => return Err(refused("at_contact is required with at_type 1.")),
            (2, _) => self.everyone()?,
            _ => return Err(refused("at_type must be 1 or 2.")),
        };
        Ok(Mention {
            start: item.start_position,
            end: item.end_position,
            whom,
        })
    }

    /// By address, user id or member id.
    fn mentioned(&self, contact: &str) -> Result<Mentioned, ZoomError> {
        let directory = &self.state.directory;
        let user = directory
            .member(contact)
            .or_else(|| directory.contact(contact));
        user.map(|user| Mentioned::User(user.id.clone()))
            .ok_or_else(|| ZoomError::field("at_items", format!("No such contact: {contact}.")))
    }

    fn everyone(&self) -> Result<Mentioned, ZoomError> {
        let channel = self.place.filter(|place| place.channel_type().is_some());
        let Some(channel) = channel else {
            let why = "at_type 2 is for channels only.";
            return Err(ZoomError::field("at_items", why));
        };
        let permitted = match channel.settings.mention_all_permissions {
            1 => true,
            2 => channel.is_led_by(self.author),
            _ => false,
        };
        if permitted {
            return Ok(Mentioned::Everyone);
        }
        Err(ZoomError::forbidden(
            "You may not mention everyone in this channel.",
        ))
    }

    fn check_range(&self, field: &str, start: usize, end: usize) -> Result<(), ZoomError> {
        if start <= end && end < self.units.len() {
            return Ok(());
        }
        Err(ZoomError::field(
            field,
            format!("The range {start} to {end} is not within the message."),
        ))
    }
}

fn check_attribute(span: &Span) -> Result<(), ZoomError> {
    let attribute = span.format_attr.as_deref();
    let fits = match span.format_type {
        Format::AddLink => attribute.is_some_and(is_link),
        Format::FontSize => matches!(attribute, Some("s" | "m" | "l")),
        Format::Paragraph => matches!(attribute, Some("h1" | "h2" | "h3")),
        Format::FontColor | Format::BackgroundColor => attribute.is_some_and(|it| !it.is_empty()),
        Format::Bold
        | Format::Italic
        | Format::Strikethrough
        | Format::BulletedList
        | Format::NumberedList
        | Format::Underline
        | Format::LeftIndent
        | Format::Quote => true,
    };
    if fits {
        return Ok(());
    }
    Err(ZoomError::field(
        "rich_text",
        format!("format_attr does not fit {:?}.", span.format_type),
    ))
}

fn is_link(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
}

/// The plain words of a chatbot's `content`: the head, then what stands in the body.
///
/// Source: <https://developers.zoom.us/docs/team-chat/customizing-messages/>
pub fn words(content: &Value) -> Result<String, ZoomError> {
    let head = content["head"]["text"].as_str();
    let body = match &content["body"] {
        Value::Null => &[][..],
        Value::Array(items) => items,
        _ => return Err(ZoomError::field("content", "Invalid request body format.")),
    };
    let lines: Vec<&str> = head
        .into_iter()
        .chain(content["head"]["sub_head"]["text"].as_str())
        .chain(body.iter().filter_map(|item| item["text"].as_str()))
        .collect();
    if lines.is_empty() {
        return Err(ZoomError::field("content", "Invalid request body format."));
    }
    Ok(lines.join("\n"))
}

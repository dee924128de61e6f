//! Teams' HTML into the content tree.

use causeway_model::{Block, Content, ExternalAccount, Inline};

use super::attachments::{self, attachment_blocks};
use crate::{
    html::{self, Elements, Handle, attribute, is_safe_url, spaced, text_of},
    teams::wire::{Attachment, Mention},
};

/// Reads a message's body. `content_type` is Graph's `text` or `html`; whatever else it says is
/// read as HTML, as Teams does.
pub(in crate::teams) fn read(
    content_type: &str,
    body: &str,
    mentions: &[Mention],
    attachments: &[Attachment],
) -> Content {
    let mut content = if content_type.eq_ignore_ascii_case("text") {
        Content::plain(body.trim_end())
    } else {
        let own = TeamsElements {
            mentions,
            attachments,
        };
        html::read(body, &own)
    };
    let referenced = attachments::referenced(&content_type.to_ascii_lowercase(), body);
    for attachment in attachments {
        if !referenced.contains(&attachment.id.as_str()) {
            content.blocks.extend(attachment_blocks(attachment));
        }
    }
    content
}

struct TeamsElements<'a> {
    mentions: &'a [Mention],
    attachments: &'a [Attachment],
}

impl Elements for TeamsElements<'_> {
    fn is_block(&self, node: &Handle, name: &str) -> bool {
        match name {
            "attachment" => true,
            "img" => !is_emoji_image(node),
            _ => false,
        }
    }

    fn blocks(&self, node: &Handle, name: &str) -> Vec<Block> {
        match name {
            "attachment" => self.attachment(node),
            _ => vec![image(node)],
        }
    }

    fn inlines(&self, node: &Handle, name: &str) -> Option<Vec<Inline>> {
        let inline = match name {
            "at" => self.mention(node),
            "emoji" | "customemoji" | "img" => emoji(node),
            _ => return None,
        };
        Some(inline.into_iter().collect())
    }
}

impl TeamsElements<'_> {
    fn mention(&self, node: &Handle) -> Option<Inline> {
        let name = spaced(&text_of(node)).trim().to_owned();
        let id = attribute(node, "id").and_then(|id| id.parse::<i64>().ok());
        let user = id
            .and_then(|id| self.mentions.iter().find(|mention| mention.id == id))
            .and_then(|mention| mention.mentioned.as_ref())
            .and_then(|mentioned| mentioned.user.as_ref());
        match user {
            Some(user) => Some(Inline::Mention {
                account: ExternalAccount::new(user.id.as_str()),
                name,
            }),
            None => (!name.is_empty()).then(|| Inline::Text(format!("@{name}"))),
        }
    }

    fn attachment(&self, node: &Handle) -> Vec<Block> {
        let id = attribute(node, "id").unwrap_or_default();
        let found = self.attachments.iter().find(|one| one.id == id);
        found.map(attachment_blocks).unwrap_or_default()
    }
}

/// Teams writes some emoji as pictures.
fn is_emoji_image(node: &Handle) -> bool {
    attribute(node, "itemtype").is_some_and(|kind| kind.ends_with("/Emoji"))
}

fn emoji(node: &Handle) -> Option<Inline> {
    let alt = attribute(node, "alt").or_else(|| attribute(node, "title"))?;
    if alt.trim().is_empty() {
        return None;
    }
    if let Some(known) = emojis::get(alt.trim()) {
        return Some(Inline::Emoji {
            short_name: known.shortcode().map(str::to_owned),
            unicode: Some(known.as_str().to_owned()),
        });
    }
    let name = alt.trim().trim_matches(':');
    let own = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-+".contains(c));
    Some(if own && name.is_ascii() {
        Inline::Emoji {
            short_name: Some(name.to_owned()),
            unicode: None,
        }
    } else {
        Inline::Text(alt)
    })
}

fn image(node: &Handle) -> Block {
    let name = ["alt", "title"]
        .iter()
        .filter_map(|attribute_name| attribute(node, attribute_name))
        .find(|name| !name.trim().is_empty() && name.trim() != "image");
    let public =
        attribute(node, "src").filter(|url| is_safe_url(url) && !url.contains("/hostedContents/"));
    Block::Unsupported {
        description: match name {
            Some(name) => format!("image: {}", name.trim()),
            None => "image".to_owned(),
        },
        url: public,
    }
}

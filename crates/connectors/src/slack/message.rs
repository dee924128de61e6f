//! A message as Slack shows it, in our words; the same for events and for history.

use causeway_model::{
    Author, AuthorKind, Block, Content, ConversationKind, EventKey, ExternalAccount,
    ExternalConversation, ExternalMessage, Happening, Incoming, Inline, Marker, RelayId, Style,
    Timestamp,
};

use super::{
    dialect::{self, AccountNames},
    directory::SLACKBOT,
    own::Own,
    posts::MARKER_TYPE,
    stamp,
    wire::{Attachment, File, Message},
};

/// Where a message was seen, and by whom.
pub(super) struct Scene<'a> {
    pub(super) own: &'a Own,
    pub(super) names: &'a dyn AccountNames,
    pub(super) conversation: ExternalConversation,
    pub(super) kind: Option<ConversationKind>,
    pub(super) heard_by: Option<ExternalAccount>,
}

impl Scene<'_> {
    /// A message in its present state: the post, and the edit it has been through.
    pub(super) fn present(&self, message: &Message) -> Vec<Incoming> {
        let Some(id) = message.ts.as_deref() else {
            return Vec::new();
        };
        match message.subtype.as_deref() {
            None | Some("bot_message" | "file_share" | "thread_broadcast" | "me_message") => {
                self.posted(message, id)
            }
            Some("tombstone") => self.deleted(message, id, id).into_iter().collect(),
            // Joins, topics, pins and whatever else the system says.
            Some(_) => Vec::new(),
        }
    }

    fn posted(&self, message: &Message, id: &str) -> Vec<Incoming> {
        let (Some(author), Some(at)) = (self.author(message), stamp::millis(id)) else {
            return Vec::new();
        };
        let content = self.content(message);
        let key = EventKey(format!("m:{}:{id}", self.conversation));
        if self.is_request(&author) {
            let asked = Happening::Asked {
                text: content.to_plain(),
                answer: None,
            };
            return vec![self.incoming(key, author, at, asked)];
        }
        let edit = self.edited(message, id);
        let posted = Happening::Posted {
            message: ExternalMessage::new(id),
            marker: marker(message, author.kind),
            content,
        };
        let mut posted = self.incoming(key, author, at, posted);
        posted.contains = edit.iter().map(|edit| edit.key.clone()).collect();
        posted.changed_at = edit.as_ref().map(|edit| edit.at);
        std::iter::once(posted).chain(edit).collect()
    }

    /// The newest edit of a message; none where it has never been edited.
    fn edited(&self, message: &Message, id: &str) -> Option<Incoming> {
        let edited = message.edited.as_ref()?;
        self.edited_at(message, id, &edited.ts)
    }

    /// An edit that happened at `stamp`, as Slack writes it.
    pub(super) fn edited_at(&self, message: &Message, id: &str, stamp: &str) -> Option<Incoming> {
        let author = self.author(message)?;
        if self.is_request(&author) {
            return None;
        }
        let key = EventKey(format!("e:{}:{id}:{stamp}", self.conversation));
        let edited = Happening::Edited {
            message: ExternalMessage::new(id),
            content: self.content(message),
        };
        Some(self.incoming(key, author, stamp::millis(stamp)?, edited))
    }

    /// The deletion of the message `id`, by its author as far as the event tells.
    pub(super) fn deleted(&self, message: &Message, id: &str, stamp: &str) -> Option<Incoming> {
        let author = self.author(message)?;
        let key = EventKey(format!("d:{}:{id}", self.conversation));
        let deleted = Happening::Deleted {
            message: ExternalMessage::new(id),
        };
        Some(self.incoming(key, author, stamp::millis(stamp)?, deleted))
    }

    pub(super) fn content(&self, message: &Message) -> Content {
        let blocks = message.blocks.as_deref().unwrap_or_default();
        let mut content = dialect::read_blocks(blocks, self.names);
        if content.blocks.is_empty() {
            content = self.read_text(message.text.as_deref().unwrap_or_default());
        }
        if message.subtype.as_deref() == Some("me_message") {
            content.blocks = content.blocks.into_iter().map(in_italics).collect();
        }
        for attachment in message.attachments.iter().flatten() {
            content.blocks.extend(self.attached(attachment));
        }
        content
            .blocks
            .extend(message.files.iter().flatten().map(file));
        content
    }

    /// Someone who writes to the app itself asks it for something.
    fn is_request(&self, author: &Author) -> bool {
        self.kind == Some(ConversationKind::WithApp) && author.kind == AuthorKind::Person
    }

    fn incoming(
        &self,
        key: EventKey,
        author: Author,
        at: Timestamp,
        happened: Happening,
    ) -> Incoming {
        Incoming {
            key,
            contains: Vec::new(),
            changed_at: None,
            conversation: self.conversation.clone(),
            conversation_kind: self.kind,
            heard_by: self.heard_by.clone(),
            author,
            at,
            happened,
        }
    }

    fn author(&self, message: &Message) -> Option<Author> {
        author(message, self.own)
    }

    fn read_text(&self, text: &str) -> Content {
        dialect::read_text(text, self.names)
    }

    /// An attachment as a quote; what Slack itself attached to a link is no part of the message.
    fn attached(&self, attachment: &Attachment) -> Option<Block> {
        let unfurled = attachment.from_url.is_some() || attachment.original_url.is_some();
        if unfurled && !attachment.is_share {
            return None;
        }
        let mut blocks = Vec::new();
        for bold in [&attachment.author_name, &attachment.title]
            .into_iter()
            .flatten()
        {
            blocks.push(self.heading(bold, attachment.title_link.as_deref()));
        }
        let rich = attachment.blocks.as_deref().unwrap_or_default();
        blocks.extend(dialect::read_blocks(rich, self.names).blocks);
        for text in [&attachment.pretext, &attachment.text]
            .into_iter()
            .flatten()
        {
            blocks.extend(self.read_text(text).blocks);
        }
        for field in attachment.fields.iter().flatten() {
            blocks.extend(field.title.iter().map(|title| self.heading(title, None)));
            blocks.extend(
                field
                    .value
                    .iter()
                    .flat_map(|value| self.read_text(value).blocks),
            );
        }
        blocks.extend(attachment.image_url.as_ref().map(|url| Block::Unsupported {
            description: "image".to_owned(),
            url: Some(url.clone()),
        }));
        if blocks.is_empty() {
            blocks = self
                .read_text(attachment.fallback.as_deref().unwrap_or_default())
                .blocks;
        }
        (!blocks.is_empty()).then_some(Block::Quote(blocks))
    }

    fn heading(&self, words: &str, url: Option<&str>) -> Block {
        let words = vec![Inline::Text(words.to_owned())];
        let children = match url {
            Some(url) => vec![Inline::Link {
                url: url.to_owned(),
                children: words,
            }],
            None => words,
        };
        Block::Paragraph(vec![Inline::Styled {
            style: Style::Bold,
            children,
        }])
    }
}

/// Who wrote it. A post that the hub's app made with a person's token has that person as its user
/// and the app's id beside it.
pub(super) fn author(message: &Message, own: &Own) -> Option<Author> {
    let by_own_app = by_own_app(message, own);
    let (account, kind) = match (&message.user, &message.bot_id) {
        (Some(user), _) if *user == own.bot_user => (user, AuthorKind::OwnApp),
        (Some(user), _) if by_own_app => (user, AuthorKind::PersonByOwnApp),
        (Some(user), Some(_)) => (user, AuthorKind::OtherApp),
        (Some(user), None) if user == SLACKBOT => (user, AuthorKind::OtherApp),
        (Some(user), None) => (user, AuthorKind::Person),
        (None, _) if by_own_app => (&own.bot_user, AuthorKind::OwnApp),
        (None, Some(bot)) => (bot, AuthorKind::OtherApp),
        (None, None) => return None,
    };
    Some(Author {
        account: ExternalAccount::new(account),
        kind,
    })
}

fn by_own_app(message: &Message, own: &Own) -> bool {
    let profile = message
        .bot_profile
        .as_ref()
        .and_then(|profile| profile.app_id.as_ref());
    let app = message.app_id.as_ref().or(profile);
    let own_app = app.is_some() && app == own.app_id.as_ref();
    own_app || message.bot_id.as_ref() == Some(&own.bot_id)
}

fn marker(message: &Message, author: AuthorKind) -> Option<Marker> {
    let metadata = message.metadata.as_ref()?;
    if metadata.event_type.as_deref() != Some(MARKER_TYPE) {
        return None;
    }
    let relay_id = RelayId::parse(metadata.event_payload["rid"].as_str()?)?;
    let by_own_app = match author {
        AuthorKind::OwnApp | AuthorKind::PersonByOwnApp => true,
        AuthorKind::Person | AuthorKind::OtherApp => false,
    };
    Some(Marker {
        relay_id,
        by_own_app,
    })
}

fn file(file: &File) -> Block {
    let gone = matches!(file.mode.as_deref(), Some("tombstone" | "hidden_by_limit"));
    let names = [&file.name, &file.title].into_iter().flatten();
    let name = names.into_iter().find(|name| !name.is_empty());
    Block::Unsupported {
        description: match name {
            _ if gone => "file: no longer there".to_owned(),
            Some(name) => format!("file: {name}"),
            None => "file".to_owned(),
        },
        url: file.permalink.clone().filter(|_| !gone),
    }
}

fn in_italics(block: Block) -> Block {
    match block {
        Block::Paragraph(children) => Block::Paragraph(vec![Inline::Styled {
            style: Style::Italic,
            children,
        }]),
        Block::Quote(_) | Block::Code { .. } | Block::List { .. } | Block::Unsupported { .. } => {
            block
        }
    }
}

//! Dividing content into parts that each fit into one post.

use causeway_model::{Block, Content, ExternalAccount, Inline};

/// Taken off at each level, for what is written around it.
const WRAPPING_BYTES: usize = 64;
const LEAST_ROOM: usize = 512;
/// For what stands around one item of a list.
const ITEM_BYTES: usize = 9;

/// How much of a post's room things take when a dialect writes them.
pub(crate) trait Measure {
    fn blocks(&self, blocks: &[Block]) -> usize;

    /// The most that a character of a text may take.
    fn character(&self, c: char) -> usize;
}

/// Parts in order, each of which takes at most `room`; mostly one.
pub(crate) fn divide(content: Content, room: usize, measure: &dyn Measure) -> Vec<Content> {
    let rule = Rule { measure };
    if rule.cost(&content.blocks) <= room {
        return vec![content];
    }
    rule.pack(content.blocks, room)
        .into_iter()
        .map(|blocks| Content { blocks })
        .collect()
}

#[derive(Clone, Copy)]
struct Rule<'a> {
    measure: &'a dyn Measure,
}

impl Rule<'_> {
    fn cost(self, blocks: &[Block]) -> usize {
        self.measure.blocks(blocks)
    }

    /// Blocks into groups that fit, those too large for one divided before.
    fn pack(self, blocks: Vec<Block>, room: usize) -> Vec<Vec<Block>> {
        let pieces = blocks.into_iter().flat_map(|block| self.fit(block, room));
        grouped(pieces, room, |block| self.cost(std::slice::from_ref(block)))
    }

    fn fit(self, block: Block, room: usize) -> Vec<Block> {
        if self.cost(std::slice::from_ref(&block)) <= room {
            return vec![block];
        }
        let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
        match block {
            Block::Paragraph(inlines) => self
                .pack_inlines(inlines, inner)
                .into_iter()
                .map(Block::Paragraph)
                .collect(),
            Block::Quote(blocks) => self
                .pack(blocks, inner)
                .into_iter()
                .map(Block::Quote)
                .collect(),
            Block::Code { text } => self.fit_code(&text, inner),
            Block::List {
                ordered,
                start,
                items,
            } => self.fit_list(ordered, start, items, inner),
            Block::Unsupported { description, url } => {
                let url = url.filter(|url| url.len() * 6 < inner / 2);
                let description = self.take_text(&description, inner / 4).0.to_owned();
                vec![Block::Unsupported { description, url }]
            }
        }
    }

    fn fit_code(self, text: &str, room: usize) -> Vec<Block> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (head, tail) = self.take_with(rest, room, '\n');
            parts.push(Block::Code {
                text: head.trim_end_matches('\n').to_owned(),
            });
            rest = tail;
        }
        parts
    }

    fn fit_list(
        self,
        ordered: bool,
        start: u32,
        items: Vec<Vec<Block>>,
        room: usize,
    ) -> Vec<Block> {
        let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
        let mut number = start;
        let numbered: Vec<(u32, Vec<Block>)> = items
            .into_iter()
            .flat_map(|item| {
                let this = number;
                number = number.saturating_add(1);
                let parts = if item.is_empty() {
                    vec![item]
                } else {
                    self.pack(item, inner)
                };
                parts.into_iter().map(move |part| (this, part))
            })
            .collect();
        grouped(numbered.into_iter(), inner, |(_, item)| {
            self.cost(item) + ITEM_BYTES
        })
        .into_iter()
        .map(|group| Block::List {
            ordered,
            start: group.first().map_or(start, |(number, _)| *number),
            items: group.into_iter().map(|(_, item)| item).collect(),
        })
        .collect()
    }

    fn pack_inlines(self, inlines: Vec<Inline>, room: usize) -> Vec<Vec<Inline>> {
        let pieces = inlines
            .into_iter()
            .flat_map(|inline| self.fit_inline(inline, room));
        grouped(pieces, room, |inline| self.inline_cost(inline))
    }

    fn inline_cost(self, inline: &Inline) -> usize {
        // Alone in a paragraph a space at either end costs more than within: never too little.
        self.cost(&[Block::Paragraph(vec![inline.clone()])])
    }

    fn fit_inline(self, inline: Inline, room: usize) -> Vec<Inline> {
        if self.inline_cost(&inline) <= room {
            return vec![inline];
        }
        let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
        match inline {
            Inline::Text(text) => self.texts(&text, inner).map(Inline::Text).collect(),
            Inline::Code(text) => self.texts(&text, inner).map(Inline::Code).collect(),
            Inline::Styled { style, children } => self
                .pack_inlines(children, inner)
                .into_iter()
                .map(|children| Inline::Styled { style, children })
                .collect(),
            Inline::Link { url, children } => self.fit_link(&url, children, inner),
            Inline::Mention { account, name } => vec![short_mention(account, &name)],
            Inline::Emoji {
                short_name,
                unicode,
            } => {
                let shown = unicode.or(short_name).unwrap_or_default();
                self.texts(&shown, inner).map(Inline::Text).collect()
            }
            Inline::LineBreak => vec![Inline::LineBreak],
        }
    }

    /// A link's address goes with each of its parts, unless the address itself is what is too long.
    fn fit_link(self, url: &str, children: Vec<Inline>, room: usize) -> Vec<Inline> {
        let address = url.len() * 6;
        if address * 2 > room {
            return match children.is_empty() {
                true => self.texts(url, room).map(Inline::Text).collect(),
                false => children
                    .into_iter()
                    .flat_map(|child| self.fit_inline(child, room))
                    .collect(),
            };
        }
        self.pack_inlines(children, room - address)
            .into_iter()
            .map(|children| Inline::Link {
                url: url.to_owned(),
                children,
            })
            .collect()
    }

    fn texts(self, text: &str, room: usize) -> impl Iterator<Item = String> {
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (head, tail) = self.take_text(rest, room);
            rest = tail;
            Some(head.to_owned())
        })
    }

    fn take_text(self, text: &str, room: usize) -> (&str, &str) {
        self.take_with(text, room, ' ')
    }

    /// As much of the text as fits, up to and with the last `seam` where there is one in its second
    /// half.
    fn take_with(self, text: &str, room: usize, seam: char) -> (&str, &str) {
        let mut used = 0;
        let mut seam_at = None;
        for (at, c) in text.char_indices() {
            used += self.measure.character(c);
            if used > room && at > 0 {
                let cut = seam_at.filter(|seam| *seam > at / 2).unwrap_or(at);
                return text.split_at(cut);
            }
            if c == seam {
                seam_at = Some(at + c.len_utf8());
            }
        }
        (text, "")
    }
}

fn grouped<T>(
    pieces: impl Iterator<Item = T>,
    room: usize,
    cost_of: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let cost = cost_of(&piece);
        match groups.last_mut() {
            Some(group) if used + cost <= room => {
                used += cost;
                group.push(piece);
            }
            Some(_) | None => {
                used = cost;
                groups.push(vec![piece]);
            }
        }
    }
    groups
}

fn short_mention(account: ExternalAccount, name: &str) -> Inline {
    Inline::Mention {
        account,
        name: name.chars().take(64).collect(),
    }
}

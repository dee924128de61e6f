//! Content of any kind, for what must hold of every message in every dialect.

use causeway_model::{Block, Content, Inline, Style};
use proptest::{prelude::*, strategy::Union};

/// Words, links, styles and emoji in each other, and what else a dialect knows.
pub(crate) fn any_inline(
    text: &BoxedStrategy<String>,
    own: Vec<BoxedStrategy<Inline>>,
) -> BoxedStrategy<Inline> {
    let url = prop_oneof![
        Just("https://x.example/a?b=c&d".to_owned()),
        Just("mailto:ann@acme.example".to_owned()),
        Just("javascript:alert(1)".to_owned()),
        text.clone(),
    ];
    let emoji = |short_name: &str, unicode: Option<&str>| {
        let unicode = unicode.map(str::to_owned);
        let short_name = Some(short_name.to_owned());
        Just(Inline::Emoji {
            short_name,
            unicode,
        })
        .boxed()
    };
    let everywhere = [
        (4, text.clone().prop_map(Inline::Text).boxed()),
        (1, emoji("smile", Some("😄"))),
        (1, emoji("our-own", None)),
        (1, Just(Inline::LineBreak).boxed()),
    ];
    let own = own.into_iter().map(|leaf| (1, leaf));
    let leaf = Union::new_weighted(everywhere.into_iter().chain(own).collect());
    let inlines = leaf.prop_recursive(3, 12, 4, move |inner| {
        let style = prop_oneof![Just(Style::Bold), Just(Style::Italic), Just(Style::Strike)];
        prop_oneof![
            (style, prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(style, children)| Inline::Styled { style, children }),
            (url.clone(), prop::collection::vec(inner, 0..3)).prop_map(|(url, mut children)| {
                // A link that shows nothing is written with its address.
                if !children.is_empty() {
                    children.insert(0, Inline::Text("link".into()));
                }
                Inline::Link { url, children }
            }),
        ]
    });
    inlines.boxed()
}

/// Blocks of these kinds, in quotes and lists.
pub(crate) fn any_content(blocks: BoxedStrategy<Block>) -> BoxedStrategy<Content> {
    let block = blocks.prop_recursive(3, 16, 4, |inner| {
        let item = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Block::Quote),
            (any::<bool>(), 1..9_u32, prop::collection::vec(item, 0..4)).prop_map(
                |(ordered, start, items)| Block::List {
                    ordered,
                    start: if ordered { start } else { 1 },
                    items,
                }
            ),
        ]
    });
    prop::collection::vec(block, 0..5)
        .prop_map(|blocks| Content { blocks })
        .boxed()
}

use causeway_model::{Block, Content, ExternalAccount, Inline, Style};
use proptest::prelude::*;

use super::{
    Body, as_read_back, read, split,
    split::{MAX_BYTES, cost},
    write,
};
use crate::{any_content, lead::led_by_name};

const BOB: &str = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY";

fn html(body: &str) -> Content {
    read(Body {
        html: Some(body),
        ..Body::default()
    })
}

fn text(text: &str) -> Inline {
    Inline::Text(text.into())
}

fn paragraph(inlines: Vec<Inline>) -> Block {
    Block::Paragraph(inlines)
}

fn styled(style: Style, children: Vec<Inline>) -> Inline {
    Inline::Styled { style, children }
}

fn bob(name: &str) -> Inline {
    Inline::Mention {
        account: ExternalAccount::new(BOB),
        name: name.into(),
    }
}

fn content(blocks: Vec<Block>) -> Content {
    Content { blocks }
}

fn said(inlines: Vec<Inline>) -> String {
    write(&content(vec![paragraph(inlines)]))
}

#[test]
fn what_webex_writes_is_read_into_the_tree() {
    let read = html(&format!(
        "<p>Hi <strong>bold <em>both</em></strong><br>next <code>a  b</code> \
         <spark-mention data-object-type=\"person\" data-object-id=\"{BOB}\">Bob</spark-mention></p>\
         <blockquote>said</blockquote><pre>let x = 1;\n  y\n</pre>\
         <a href=\"https://x.example/?a=1&amp;b=2\" rel=\"nofollow\">link</a>"
    ));
    let both = styled(Style::Italic, vec![text("both")]);
    assert_eq!(
        read.blocks,
        vec![
            paragraph(vec![
                text("Hi "),
                styled(Style::Bold, vec![text("bold "), both]),
                Inline::LineBreak,
                text("next "),
                Inline::Code("a  b".into()),
                text(" "),
                bob("Bob"),
            ]),
            Block::Quote(vec![paragraph(vec![text("said")])]),
            Block::Code {
                text: "let x = 1;\n  y".into()
            },
            paragraph(vec![Inline::Link {
                url: "https://x.example/?a=1&b=2".into(),
                children: vec![text("link")],
            }]),
        ]
    );
}

#[test]
fn a_mention_of_everybody_is_words_and_one_by_uuid_means_the_account() {
    let all = html(
        "<spark-mention data-object-type=\"groupMention\" data-object-id=\"all\">All</spark-mention>",
    );
    assert_eq!(all, Content::plain("@All"));
    let uuid = "f5b36187-c8dd-4727-8b2f-f9c447f29046";
    let by_uuid = html(&format!(
        "<spark-mention data-object-type=\"person\" data-object-id=\"{uuid}\">Bob</spark-mention>"
    ));
    assert_eq!(by_uuid.blocks, vec![paragraph(vec![bob("Bob")])]);
}

#[test]
fn html_says_more_than_markdown_and_that_more_than_text() {
    let all = Body {
        html: Some("<p>html</p>"),
        markdown: Some("**markdown**"),
        text: Some("text"),
        ..Body::default()
    };
    assert_eq!(read(all).to_plain(), "html");
    let without = Body { html: None, ..all };
    let bold = styled(Style::Bold, vec![text("markdown")]);
    assert_eq!(read(without).blocks, vec![paragraph(vec![bold])]);
    let plain = Body {
        text: Some("1 < 2 & <b>x</b>\n*next*"),
        ..Body::default()
    };
    assert_eq!(read(plain), Content::plain("1 < 2 & <b>x</b>\n*next*"));
}

#[test]
fn files_and_cards_are_told_in_words() {
    let files = Body {
        text: Some("See"),
        files: 2,
        cards: 1,
        ..Body::default()
    };
    assert_eq!(read(files).to_plain(), "See\nfile\nfile");
    let card = Body {
        cards: 1,
        ..Body::default()
    };
    assert_eq!(read(card).to_plain(), "card");
}

#[test]
fn the_tree_is_written_as_markdown() {
    let tree = content(vec![
        paragraph(vec![
            text("Hi "),
            styled(
                Style::Bold,
                vec![text("bold "), styled(Style::Italic, vec![text("both")])],
            ),
            text(" "),
            styled(Style::Strike, vec![text("gone")]),
            Inline::LineBreak,
            text("1. no list, a_b*c, x < y & z"),
        ]),
        paragraph(vec![
            Inline::Code("a`b".into()),
            text(" "),
            bob("Bob"),
            text(" "),
            Inline::Link {
                url: "https://x.example/(a)?b=c&d".into(),
                children: vec![text("link")],
            },
        ]),
        Block::Quote(vec![
            paragraph(vec![text("said")]),
            paragraph(vec![text("more")]),
        ]),
        Block::Code {
            text: "let x = \"```\";".into(),
        },
        Block::List {
            ordered: true,
            start: 3,
            items: vec![
                vec![
                    paragraph(vec![text("a")]),
                    Block::List {
                        ordered: false,
                        start: 1,
                        items: vec![vec![paragraph(vec![text("b")])]],
                    },
                ],
                vec![paragraph(vec![text("c")])],
            ],
        },
        Block::Unsupported {
            description: "file: plan.pdf".into(),
            url: Some("https://x.example/plan".into()),
        },
    ]);
    insta::assert_snapshot!(write(&tree));
}

#[test]
fn markup_that_would_not_come_out_is_left_out() {
    let bold = |inside: &str| styled(Style::Bold, vec![text(inside)]);
    assert_eq!(said(vec![text("a"), bold("b"), text("c")]), "a**b**c");
    assert_eq!(said(vec![text("a"), bold("(b)"), text("c")]), "a(b)c");
    assert_eq!(said(vec![text("a"), bold(" b "), text("c")]), "a **b** c");
    assert_eq!(said(vec![bold("a"), bold("b")]), "**ab**");
}

#[test]
fn nothing_in_text_urls_or_names_becomes_markup() {
    let evil = format!(
        "\"><script>x</script> <@all> <@personId:{BOB}|Ann> **b** `c` [d](http://e.example)\u{0}"
    );
    let link = |url: &str| Inline::Link {
        url: url.into(),
        children: vec![text(&evil)],
    };
    let tree = content(vec![
        paragraph(vec![
            text(&evil),
            Inline::Code(evil.clone()),
            link("javascript:alert(1)"),
            link("https://x.example/)[a](http://b.example"),
            link("data:text/html,x"),
            bob(&evil),
            Inline::Mention {
                account: ExternalAccount::new("x|y> <@all"),
                name: "Eve".into(),
            },
            Inline::Emoji {
                short_name: Some(evil.clone()),
                unicode: Some(evil.clone()),
            },
        ]),
        Block::Code { text: evil.clone() },
        Block::Unsupported {
            description: evil.clone(),
            url: Some("javascript:alert(1)".into()),
        },
    ]);
    let led = led_by_name(tree, &evil);
    let markdown = write(&led);
    assert_eq!(markdown.matches("<@").count(), 1, "{markdown}");
    assert!(!markdown.contains("](javascript:"), "{markdown}");
    let back = as_read_back(&led);
    let (mut links, mut mentions) = (Vec::new(), 0);
    visit(&back.blocks, &mut |inline| match inline {
        Inline::Link { url, .. } => links.push(url.clone()),
        Inline::Mention { account, .. } => {
            assert_eq!(account.as_str(), BOB);
            mentions += 1;
        }
        Inline::Text(_)
        | Inline::Styled { .. }
        | Inline::Code(_)
        | Inline::Emoji { .. }
        | Inline::LineBreak => {}
    });
    assert_eq!(links, ["https://x.example/%29[a]%28http://b.example"]);
    assert_eq!(mentions, 1);
}

fn visit(blocks: &[Block], see: &mut dyn FnMut(&Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => visit_inlines(inlines, see),
            Block::Quote(inner) => visit(inner, see),
            Block::List { items, .. } => items.iter().for_each(|item| visit(item, see)),
            Block::Code { .. } | Block::Unsupported { .. } => {}
        }
    }
}

fn visit_inlines(inlines: &[Inline], see: &mut dyn FnMut(&Inline)) {
    for inline in inlines {
        see(inline);
        match inline {
            Inline::Styled { children, .. } | Inline::Link { children, .. } => {
                visit_inlines(children, see);
            }
            Inline::Text(_)
            | Inline::Code(_)
            | Inline::Mention { .. }
            | Inline::Emoji { .. }
            | Inline::LineBreak => {}
        }
    }
}

#[test]
fn a_name_before_the_text_stands_out() {
    let led = led_by_name(Content::plain("hi"), " Ann\u{202e} Lee ");
    assert_eq!(write(&led), "**Ann Lee**: hi");
}

#[test]
fn long_messages_are_divided_without_losing_a_letter() {
    let words = "wörd & <more> ".repeat(1_000);
    let long = content(vec![
        paragraph(vec![styled(Style::Bold, vec![text(&words)]), text("end")]),
        Block::Code {
            text: "line \"one\"\n".repeat(2_000),
        },
        Block::Quote(vec![paragraph(vec![text(&words)])]),
        Block::List {
            ordered: true,
            start: 1,
            items: vec![vec![paragraph(vec![text(&"item ".repeat(900))])]; 5],
        },
    ]);
    let all = long.fingerprint();
    let parts = split(long);
    assert!(parts.len() > 8);
    let most = parts.iter().map(|part| cost(&part.blocks)).max();
    assert!(most <= Some(MAX_BYTES), "{most:?}");
    let joined: String = parts.iter().map(Content::fingerprint).collect();
    assert_eq!(joined, all);
}

#[test]
fn a_message_of_bytes_that_are_many_for_their_letters_is_divided_by_bytes() {
    let parts = split(Content::plain(&"日本".repeat(2_000)));
    assert!(parts.len() > 1);
    assert!(parts.iter().all(|part| cost(&part.blocks) <= MAX_BYTES));
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 .)#+=*_~`<>&\\[\\]!|\n\t-]{0,14}",
        "\\PC{0,8}",
        any::<String>()
    ]
}

fn any_inline() -> BoxedStrategy<Inline> {
    let code = any_text().prop_map(Inline::Code).boxed();
    let mention = any_text().prop_map(|name| bob(&name)).boxed();
    any_content::any_inline(&any_text().boxed(), vec![code, mention])
}

fn any_content() -> BoxedStrategy<Content> {
    let block = prop_oneof![
        4 => prop::collection::vec(any_inline(), 0..5).prop_map(Block::Paragraph),
        1 => any_text().prop_map(|text| Block::Code { text }),
        1 => any_text().prop_map(|description| Block::Unsupported { description, url: None }),
    ];
    any_content::any_content(block.boxed())
}

/// Letters without what is left out or put between on purpose.
fn letters(content: &Content) -> String {
    let kept = |c: &char| !c.is_control() && *c != '\u{200b}';
    content.fingerprint().chars().filter(kept).collect()
}

proptest! {
    #[test]
    fn what_is_read_back_has_the_letters_that_were_written(tree in any_content()) {
        let text_only = tree.clone().map_mentions(&|_, name| Inline::Text(name.to_owned()));
        prop_assert_eq!(letters(&as_read_back(&text_only)), letters(&text_only));
    }

    #[test]
    fn what_is_read_back_reads_back_as_itself(tree in any_content()) {
        let once = as_read_back(&tree);
        prop_assert_eq!(as_read_back(&once).fingerprint(), once.fingerprint());
    }

    #[test]
    fn any_html_and_any_markdown_is_read_without_harm(body in "(<[a-z]{1,10}>|</[a-z]{1,3}>|<@|[a-z &;<>*_`\"\n-]){0,60}") {
        as_read_back(&html(&body));
        as_read_back(&read(Body { markdown: Some(&body), ..Body::default() }));
    }

    #[test]
    fn every_part_fits(tree in any_content(), times in 1..30_usize) {
        let mut blocks = Vec::new();
        for _ in 0..times {
            blocks.extend(tree.blocks.iter().cloned());
        }
        for part in split(Content { blocks }) {
            prop_assert!(cost(&part.blocks) <= MAX_BYTES);
        }
    }
}

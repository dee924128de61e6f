use causeway_model::{Block, Content, ExternalAccount, Inline, Style};
use proptest::prelude::*;
use serde_json::json;

use super::{
    as_chatbot_read_back, as_read_back, led_by_name, markdown, read, read_chatbots, spelled, split,
    split::{MOST_UNITS, cost},
    write,
};
use crate::{any_content, zoom::wire::Body};

const BOB: &str = "bob-id";

fn text(text: &str) -> Inline {
    Inline::Text(text.into())
}

fn paragraph(inlines: Vec<Inline>) -> Block {
    Block::Paragraph(inlines)
}

fn styled(style: Style, children: Vec<Inline>) -> Inline {
    Inline::Styled { style, children }
}

fn link(url: &str, shown: &str) -> Inline {
    Inline::Link {
        url: url.into(),
        children: vec![text(shown)],
    }
}

fn content(blocks: Vec<Block>) -> Content {
    Content { blocks }
}

fn body(json: serde_json::Value) -> Body {
    serde_json::from_value(json).expect("a body")
}

#[test]
fn what_people_write_is_read_into_the_tree() {
    let read = read(&body(json!({
        "message": "Hi bold both, gone\nnext link @Bob Ray\n\nsaid\none\ntwo\nfirst",
        "rich_text": [
            { "start_position": 3, "end_position": 11, "format_type": "Bold" },
            { "start_position": 8, "end_position": 11, "format_type": "Italic" },
            { "start_position": 14, "end_position": 17, "format_type": "Strikethrough" },
            { "start_position": 14, "end_position": 17, "format_type": "FontSize", "format_attr": "s" },
            { "start_position": 24, "end_position": 27, "format_type": "AddLink", "format_attr": "https://x.example/" },
            { "start_position": 39, "end_position": 42, "format_type": "Quote" },
            { "start_position": 44, "end_position": 50, "format_type": "BulletedList" },
            { "start_position": 52, "end_position": 56, "format_type": "NumberedList" }
        ],
        "at_items": [{ "at_contact": BOB, "at_type": 1, "start_position": 29, "end_position": 36 }],
        "files": [{ "file_id": "f", "file_name": "plan.pdf", "file_size": 1 }]
    })));
    let item = |shown: &str| vec![paragraph(vec![text(shown)])];
    let list = |ordered, items| Block::List {
        ordered,
        start: 1,
        items,
    };
    assert_eq!(
        read.blocks,
        vec![
            paragraph(vec![
                text("Hi "),
                styled(
                    Style::Bold,
                    vec![text("bold "), styled(Style::Italic, vec![text("both")])]
                ),
                text(", "),
                styled(Style::Strike, vec![text("gone")]),
                Inline::LineBreak,
                text("next "),
                link("https://x.example/", "link"),
                text(" "),
                Inline::Mention {
                    account: ExternalAccount::new(BOB),
                    name: "Bob Ray".into()
                },
            ]),
            Block::Quote(vec![paragraph(vec![text("said")])]),
            list(false, vec![item("one"), item("two")]),
            list(true, vec![item("first")]),
            Block::Unsupported {
                description: "file: plan.pdf".into(),
                url: None
            },
        ]
    );
}

#[test]
fn positions_count_utf16_and_ends_are_counted_in() {
    let tree = content(vec![paragraph(vec![
        text("😄 "),
        styled(Style::Bold, vec![text("ab")]),
        Inline::Mention {
            account: ExternalAccount::new(BOB),
            name: "Bob".into(),
        },
    ])]);
    let written = write(&tree);
    assert_eq!(written.message, "😄 ab@Bob");
    let bold = &written.rich_text[0];
    assert_eq!((bold.start_position, bold.end_position), (3, 4));
    let at = &written.at_items[0];
    assert_eq!((at.start_position, at.end_position), (5, 8));
    assert_eq!(at.at_contact.as_deref(), Some(BOB));
    assert_eq!(as_read_back(&tree), tree);
}

#[test]
fn everyone_and_links_that_nobody_should_open_are_plain_text() {
    let read = read(&body(json!({
        "message": "@all click",
        "at_items": [{ "at_type": 2, "start_position": 0, "end_position": 3 }],
        "rich_text": [{ "start_position": 5, "end_position": 9, "format_type": "AddLink", "format_attr": "javascript:alert(1)" }]
    })));
    assert_eq!(read.blocks, vec![paragraph(vec![text("@all click")])]);
    let tree = content(vec![paragraph(vec![link("javascript:alert(1)", "click")])]);
    assert!(write(&tree).rich_text.is_empty());
}

#[test]
fn a_link_within_a_link_and_one_that_shows_nothing_are_none() {
    let nested = content(vec![paragraph(vec![Inline::Link {
        url: "https://x.example/".into(),
        children: vec![text("a "), link("https://y.example/", "b")],
    }])]);
    let outer = link("https://x.example/", "a b");
    assert_eq!(as_read_back(&nested).blocks, vec![paragraph(vec![outer])]);
    let broken = content(vec![paragraph(vec![
        text("see "),
        link("https://x.example/", "a\n. "),
        link("https://y.example/", "b"),
    ])]);
    let once = as_read_back(&broken);
    assert_eq!(as_read_back(&once), once);
    let blank = read(&body(json!({
        "message": "a   b",
        "rich_text": [{ "start_position": 2, "end_position": 2, "format_type": "AddLink", "format_attr": "https://x.example/" }]
    })));
    assert!(!format!("{blank:?}").contains("Link"), "{blank:?}");
    assert_eq!(blank.to_plain(), "a   b");
}

#[test]
fn positions_that_are_none_mark_nothing() {
    for (start, end) in [(-1, 3), (4, 2), (90, 99), (i64::MAX, i64::MAX)] {
        let read = read(&body(json!({
            "message": "😄a",
            "rich_text": [{ "start_position": start, "end_position": end, "format_type": "Bold" }]
        })));
        assert_eq!(read.blocks, vec![paragraph(vec![text("😄a")])]);
    }
    let half = read(&body(json!({
        "message": "😄a",
        "rich_text": [{ "start_position": 1, "end_position": 1, "format_type": "Bold" }]
    })));
    let bold = styled(Style::Bold, vec![text("😄")]);
    assert_eq!(half.blocks, vec![paragraph(vec![bold, text("a")])]);
}

#[test]
fn code_and_lists_that_zoom_has_no_marks_for_stand_as_typed() {
    let inner = Block::List {
        ordered: false,
        start: 1,
        items: vec![vec![paragraph(vec![text("b")])]],
    };
    let tree = content(vec![
        paragraph(vec![Inline::Code("let x".into())]),
        Block::Code {
            text: "one\ntwo".into(),
        },
        Block::List {
            ordered: true,
            start: 3,
            items: vec![
                vec![paragraph(vec![text("a")]), inner],
                vec![paragraph(vec![text("c")])],
            ],
        },
    ]);
    let written = write(&tree);
    assert_eq!(
        written.message,
        "`let x`\n\n```\none\ntwo\n```\n\n3. a\n   • b\n4. c"
    );
    assert!(written.rich_text.is_empty());
}

#[test]
fn an_edit_spells_out_what_it_cannot_mark() {
    let tree = content(vec![
        paragraph(vec![
            styled(Style::Bold, vec![text("See ")]),
            link("https://x.example/a", "this"),
            text(" and "),
            Inline::Link {
                url: "https://y.example/".into(),
                children: vec![],
            },
        ]),
        Block::List {
            ordered: true,
            start: 1,
            items: vec![
                vec![paragraph(vec![text("a")])],
                vec![paragraph(vec![text("b")])],
            ],
        },
        Block::Quote(vec![paragraph(vec![
            text("q"),
            Inline::LineBreak,
            text("r"),
        ])]),
    ]);
    assert_eq!(
        spelled(&tree),
        "See this (https://x.example/a) and https://y.example/\n1. a\n2. b\n> q\n> r"
    );
    assert_eq!(
        markdown(&tree),
        "*See* <https://x.example/a|this> and https://y.example/\n1. a\n2. b\n> q\n> r"
    );
}

#[test]
fn a_chatbots_text_is_known_again_as_it_was_sent_and_as_it_is_shown() {
    let tree = led_by_name(
        content(vec![paragraph(vec![
            text("2*3_4 is "),
            styled(Style::Bold, vec![text("not")]),
            text(" "),
            link("https://x.example/?a=1", "this"),
        ])]),
        "Ann",
    );
    let expected = as_chatbot_read_back(&tree).fingerprint();
    let sent = markdown(&tree);
    assert_eq!(sent, "*Ann*: 2*3_4 is *not* <https://x.example/?a=1|this>");
    for back in [
        sent.as_str(),
        "Ann: 2*3_4 is not this",
        "Ann: 23_4 is not this",
    ] {
        assert_eq!(read_chatbots(back).fingerprint(), expected);
    }
}

#[test]
fn a_name_before_the_text_cannot_turn_its_direction() {
    let led = led_by_name(Content::plain("hi"), " Ann\u{202e} Lee\n ");
    assert_eq!(write(&led).message, "Ann Lee: hi");
    assert_eq!(led_by_name(Content::plain("hi"), " "), Content::plain("hi"));
    let long = led_by_name(Content::plain("hi"), &"x".repeat(500));
    assert_eq!(write(&long).message.len(), 64 + ": hi".len());
}

#[test]
fn long_messages_are_divided_without_losing_a_letter() {
    let words = "wörd & <more> 😄 ".repeat(400);
    let url = format!("https://x.example/{}", "a".repeat(390));
    let long = content(vec![
        paragraph(vec![styled(Style::Bold, vec![text(&words)]), text("end")]),
        Block::Code {
            text: "line one\n".repeat(300),
        },
        Block::Quote(vec![paragraph(vec![text(&words), link(&url, "x")])]),
        Block::List {
            ordered: false,
            start: 1,
            items: vec![vec![paragraph(vec![link(&url, "item")])]; 20],
        },
    ]);
    let all = as_read_back(&long).fingerprint();
    let parts = split(long);
    assert!(parts.len() > 8);
    for part in &parts {
        assert!(cost(part) <= MOST_UNITS, "{}", cost(part));
    }
    let joined: String = parts.iter().map(Content::fingerprint).collect();
    assert_eq!(joined, all);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z @.>*_|\n\t]{0,12}", "\\PC{0,8}", any::<String>()]
}

fn any_inline() -> BoxedStrategy<Inline> {
    let mention = any_text()
        .prop_map(|name| Inline::Mention {
            account: ExternalAccount::new(BOB),
            name,
        })
        .boxed();
    any_content::any_inline(&any_text().boxed(), vec![mention])
}

fn any_marked() -> impl Strategy<Value = Content> {
    let inlines = || prop::collection::vec(any_inline(), 0..5);
    let leaf = prop_oneof![
        4 => inlines().prop_map(Block::Paragraph),
        1 => any_text().prop_map(|description| Block::Unsupported { description, url: None }),
    ];
    let block = leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Block::Quote)
    });
    prop::collection::vec(block, 0..5).prop_map(|blocks| Content { blocks })
}

fn any_content() -> BoxedStrategy<Content> {
    let block = prop_oneof![
        4 => prop::collection::vec(any_inline(), 0..5).prop_map(Block::Paragraph),
        1 => any_text().prop_map(|text| Block::Paragraph(vec![Inline::Code(text)])),
        1 => any_text().prop_map(|text| Block::Code { text }),
    ];
    any_content::any_content(block.boxed())
}

/// Letters without what no message can hold, and names as long as they are written.
fn letters(content: &Content) -> String {
    let letters = content.fingerprint();
    letters.chars().filter(|c| !c.is_control()).collect()
}

proptest! {
    #[test]
    fn what_is_read_back_reads_back_as_itself(tree in any_content()) {
        let once = as_read_back(&tree);
        prop_assert_eq!(as_read_back(&once), once);
    }

    #[test]
    fn what_is_read_back_has_the_letters_that_were_written(tree in any_marked()) {
        let text_only = tree.clone().map_mentions(&|_, name| Inline::Text(name.to_owned()));
        prop_assert_eq!(letters(&as_read_back(&text_only)), letters(&text_only));
    }

    #[test]
    fn what_goes_over_the_wire_is_what_is_read_back(tree in any_content()) {
        let written = write(&tree);
        let back = body(json!({
            "message": written.message,
            "rich_text": written.rich_text,
            "at_items": written.at_items,
        }));
        prop_assert_eq!(read(&back), as_read_back(&tree));
    }

    #[test]
    fn any_marks_are_read_without_harm(
        message in any::<String>(),
        marks in prop::collection::vec((any::<i8>(), any::<i8>(), 0..7_usize), 0..12),
    ) {
        let names = ["Bold", "Italic", "Quote", "BulletedList", "NumberedList", "AddLink", "Odd"];
        let rich: Vec<_> = marks.iter().map(|(start, end, name)| json!({
            "start_position": start, "end_position": end, "format_type": names[*name],
            "format_attr": "https://x.example/",
        })).collect();
        let once = read(&body(json!({ "message": message, "rich_text": rich })));
        as_read_back(&once);
    }

    #[test]
    fn every_part_fits(tree in any_content(), times in 1..20_usize) {
        let mut blocks = Vec::new();
        for _ in 0..times {
            blocks.extend(tree.blocks.iter().cloned());
        }
        for part in split(Content { blocks }) {
            prop_assert!(cost(&led_by_name(part, &"N".repeat(99))) <= MOST_UNITS);
        }
    }
}

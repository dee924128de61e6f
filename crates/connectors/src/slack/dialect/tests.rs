use causeway_model::{Block, Content, ExternalAccount, Inline, Style};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

struct Nobody;

impl AccountNames for Nobody {
    fn name(&self, _id: &str) -> Option<String> {
        None
    }
}

/// Knows the names that [`content`] gives.
struct Everybody;

impl AccountNames for Everybody {
    fn name(&self, id: &str) -> Option<String> {
        Some(format!("name of {id}"))
    }
}

struct Named;

impl AccountNames for Named {
    fn name(&self, id: &str) -> Option<String> {
        (id == "U1").then(|| "Ann".to_owned())
    }
}

fn text(words: &str) -> Inline {
    Inline::Text(words.to_owned())
}

fn styled(style: Style, words: &str) -> Inline {
    Inline::Styled {
        style,
        children: vec![text(words)],
    }
}

fn paragraph(words: &str) -> Block {
    Block::Paragraph(vec![text(words)])
}

fn link(url: &str, children: Vec<Inline>) -> Inline {
    Inline::Link {
        url: url.to_owned(),
        children,
    }
}

fn mention(id: &str, name: &str) -> Inline {
    Inline::Mention {
        account: ExternalAccount::new(id),
        name: name.to_owned(),
    }
}

fn emoji(name: &str, unicode: Option<&str>) -> Inline {
    Inline::Emoji {
        short_name: Some(name.to_owned()),
        unicode: unicode.map(str::to_owned),
    }
}

fn rich(elements: Value) -> Vec<Value> {
    vec![json!({ "type": "rich_text", "block_id": "x", "elements": elements })]
}

fn read(elements: Value) -> Vec<Block> {
    read_blocks(&rich(elements), &Named).blocks
}

fn read_mrkdwn(words: &str) -> Vec<Block> {
    read_text(words, &Named).blocks
}

#[test]
fn what_a_person_types_is_read_with_its_styles_and_mentions() {
    let blocks = read(json!([{ "type": "rich_text_section", "elements": [
        { "type": "text", "text": "Hi " },
        { "type": "user", "user_id": "U1" },
        { "type": "text", "text": ", see " },
        { "type": "text", "text": "this", "style": { "bold": true, "italic": true } },
        { "type": "text", "text": " and " },
        { "type": "text", "text": "x < 1", "style": { "code": true } },
        { "type": "text", "text": "\nat " },
        { "type": "link", "url": "https://a.example/?b&c", "text": "A" },
        { "type": "text", "text": " " },
        { "type": "link", "url": "https://b.example" },
        { "type": "text", "text": "\n\n" },
        { "type": "broadcast", "range": "here" },
        { "type": "user", "user_id": "U2" },
    ]}]));
    let expected = vec![
        Block::Paragraph(vec![
            text("Hi "),
            mention("U1", "Ann"),
            text(", see "),
            Inline::Styled {
                style: Style::Bold,
                children: vec![styled(Style::Italic, "this")],
            },
            text(" and "),
            Inline::Code("x < 1".into()),
            Inline::LineBreak,
            text("at "),
            link("https://a.example/?b&c", vec![text("A")]),
            text(" "),
            link("https://b.example", vec![]),
        ]),
        Block::Paragraph(vec![text("@here"), mention("U2", "U2")]),
    ];
    assert_eq!(blocks, expected);
}

#[test]
fn lists_are_nested_by_their_indent_and_go_on_after_a_deeper_one() {
    let section = |words: &str| json!({ "type": "rich_text_section", "elements": [{ "type": "text", "text": words }] });
    let blocks = read(json!([
        { "type": "rich_text_list", "style": "ordered", "indent": 0, "elements": [section("one")] },
        { "type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section("a"), section("b")] },
        { "type": "rich_text_list", "style": "ordered", "indent": 0, "offset": 1, "elements": [section("two")] },
    ]));
    let under = Block::List {
        ordered: false,
        start: 1,
        items: vec![vec![paragraph("a")], vec![paragraph("b")]],
    };
    let expected = Block::List {
        ordered: true,
        start: 1,
        items: vec![vec![paragraph("one"), under], vec![paragraph("two")]],
    };
    assert_eq!(blocks, vec![expected]);
}

#[test]
fn a_bordered_list_belongs_to_the_quote_before_it() {
    let blocks = read(json!([
        { "type": "rich_text_quote", "elements": [{ "type": "text", "text": "she said" }] },
        { "type": "rich_text_preformatted", "border": 1, "elements": [{ "type": "text", "text": "x = 1\n" }] },
        { "type": "rich_text_section", "elements": [{ "type": "text", "text": "so" }] },
    ]));
    let quote = Block::Quote(vec![
        paragraph("she said"),
        Block::Code {
            text: "x = 1".into(),
        },
    ]);
    assert_eq!(blocks, vec![quote, paragraph("so")]);
}

#[test]
fn emoji_are_read_by_code_points_by_name_and_with_skin_tones() {
    let blocks = read(json!([{ "type": "rich_text_section", "elements": [
        { "type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd" },
        { "type": "emoji", "name": "thumbsup", "skin_tone": 2 },
        { "type": "emoji", "name": "+1", "unicode": "1f44d", "skin_tone": 2 },
        { "type": "emoji", "name": "male-technologist" },
        { "type": "emoji", "name": "flag-at" },
        { "type": "emoji", "name": "acme-logo" },
    ]}]));
    let expected = Block::Paragraph(vec![
        emoji("wave", Some("👋🏽")),
        emoji("thumbsup", Some("👍🏻")),
        emoji("+1", Some("👍🏻")),
        emoji("male-technologist", Some("👨‍💻")),
        emoji("flag-at", Some("🇦🇹")),
        emoji("acme-logo", None),
    ]);
    assert_eq!(blocks, vec![expected]);
}

#[test]
fn what_apps_send_is_read_as_far_as_it_can_be() {
    let blocks = read_blocks(
        &[
            json!({ "type": "header", "text": { "type": "plain_text", "text": "Build" } }),
            json!({ "type": "section", "text": { "type": "mrkdwn", "text": "*ok* by <@U1>" },
                "fields": [{ "type": "plain_text", "text": "1 < 2" }] }),
            json!({ "type": "divider" }),
            json!({ "type": "context", "elements": [{ "type": "image", "image_url": "x", "alt_text": "y" },
                { "type": "mrkdwn", "text": "now" }] }),
            json!({ "type": "image", "image_url": "https://i.example/a.png", "alt_text": "a chart" }),
            json!({ "type": "something_new" }),
        ],
        &Named,
    );
    let expected = vec![
        Block::Paragraph(vec![styled(Style::Bold, "Build")]),
        Block::Paragraph(vec![
            styled(Style::Bold, "ok"),
            text(" by "),
            mention("U1", "Ann"),
        ]),
        paragraph("1 < 2"),
        paragraph("now"),
        Block::Paragraph(vec![link(
            "https://i.example/a.png",
            vec![styled(Style::Italic, "image: a chart")],
        )]),
    ];
    assert_eq!(blocks.blocks, expected);
}

#[test]
fn mrkdwn_is_read_where_there_are_no_blocks() {
    let blocks = read_mrkdwn(
        "*b* _i_ ~s~ `c &lt;` <https://a.example|A &amp; B> <https://b.example> <@U1> <#C1|general> <!here> :wave::skin-tone-3: :acme: x &lt; y",
    );
    let expected = Block::Paragraph(vec![
        styled(Style::Bold, "b"),
        text(" "),
        styled(Style::Italic, "i"),
        text(" "),
        styled(Style::Strike, "s"),
        text(" "),
        Inline::Code("c <".into()),
        text(" "),
        link("https://a.example", vec![text("A & B")]),
        text(" "),
        link("https://b.example", vec![]),
        text(" "),
        mention("U1", "Ann"),
        text(" #general @here "),
        emoji("wave::skin-tone-3", Some("👋🏼")),
        text(" "),
        emoji("acme", None),
        text(" x < y"),
    ]);
    assert_eq!(blocks, vec![expected]);
}

#[test]
fn mrkdwn_quotes_fences_and_lines_are_told_apart() {
    let blocks = read_mrkdwn(
        "hello\n&gt; one\n&gt; two\nafter\n\nmore\n```\na *b*\n```\n&gt;&gt;&gt; to\nthe end",
    );
    let lines = |a: &str, b: &str| Block::Paragraph(vec![text(a), Inline::LineBreak, text(b)]);
    let expected = vec![
        paragraph("hello"),
        Block::Quote(vec![lines("one", "two")]),
        paragraph("after"),
        paragraph("more"),
        Block::Code {
            text: "a *b*".into(),
        },
        Block::Quote(vec![lines("to", "the end")]),
    ];
    assert_eq!(blocks, expected);
}

#[test]
fn marks_that_mark_nothing_stay_as_typed() {
    for words in [
        "2 * 3 * 4",
        "snake_case_name",
        "a ~ b",
        "10:30:45",
        "*open",
        "` `` x",
        "< 3",
        "``` open",
        "a*b*c",
    ] {
        assert_eq!(read_text(words, &Nobody).to_plain(), words, "{words}");
    }
}

#[test]
fn the_fallback_text_is_escaped_and_marked() {
    let content = Content {
        blocks: vec![
            Block::Paragraph(vec![
                text("a < b & c "),
                styled(Style::Bold, "loud "),
                mention("U1", "Ann"),
                text(" "),
                link("https://a.example/?x=1&y=2", vec![text("A>B")]),
            ]),
            Block::List {
                ordered: true,
                start: 3,
                items: vec![vec![paragraph("x")], vec![paragraph("y")]],
            },
            Block::Quote(vec![paragraph("q")]),
            Block::Code {
                text: "<tag>".into(),
            },
            Block::Unsupported {
                description: "file: a.pdf".into(),
                url: None,
            },
        ],
    };
    let expected = "a &lt; b &amp; c *loud* <@U1> <https://a.example/?x=1&amp;y=2|A&gt;B>\n\
                    3. x\n4. y\n> q\n```\n&lt;tag&gt;\n```\n_file: a.pdf_";
    assert_eq!(write(&content).text, expected);
}

#[test]
fn what_another_platform_mentions_and_links_is_written_as_words() {
    let content = Content {
        blocks: vec![Block::Paragraph(vec![
            mention("29:1abc", "Bob"),
            text(" "),
            link("file:///etc/passwd", vec![text("here")]),
        ])],
    };
    assert_eq!(
        as_read_back(&content, &Nobody).to_plain(),
        "@Bob here (file:///etc/passwd)"
    );
}

#[test]
fn short_content_is_not_divided() {
    let content = Content::plain("hello\nthere");
    assert_eq!(split(content.clone()), vec![content]);
}

#[test]
fn long_content_is_divided_at_paragraphs_before_lines_before_words() {
    let sentence = "word ".repeat(100);
    let paragraphs = Content::plain(&format!("{sentence}\n\n").repeat(12));
    for part in split(paragraphs) {
        for line in part.to_plain().lines().filter(|line| !line.is_empty()) {
            assert_eq!(line.trim(), sentence.trim());
        }
    }
    let lines = Content::plain(&format!("{sentence}\n").repeat(12));
    for part in split(lines) {
        for line in part.to_plain().lines().filter(|line| !line.is_empty()) {
            assert_eq!(line.trim(), sentence.trim());
        }
    }
    let words = split(Content::plain(&"word ".repeat(2_000)));
    assert!(words.len() > 1);
    for part in words {
        assert!(
            part.to_plain()
                .split_whitespace()
                .all(|word| word == "word")
        );
    }
}

#[test]
fn a_word_longer_than_a_post_is_divided_and_code_stays_code() {
    let parts = split(Content::plain(&"x".repeat(10_000)));
    assert_eq!(
        parts
            .iter()
            .map(|part| part.to_plain().matches('x').count())
            .sum::<usize>(),
        10_000
    );
    let code = Content {
        blocks: vec![Block::Code {
            text: "let x = 1;\n".repeat(1_000),
        }],
    };
    let parts = split(code);
    assert!(parts.len() > 1);
    let all = parts.iter().flat_map(|part| &part.blocks);
    for block in all {
        let Block::Code { text } = block else {
            panic!("code became something else");
        };
        assert!(text.lines().all(|line| line == "let x = 1;"));
    }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["[ a-z0-9*_~`<>&:|@#\n\té😀]{0,16}", any::<String>()]
}

fn inline() -> impl Strategy<Value = Inline> {
    let leaf = prop_oneof![
        words().prop_map(Inline::Text),
        words().prop_map(Inline::Code),
        Just(Inline::LineBreak),
        "[UW29:][A-Z0-9a-z]{0,5}".prop_map(|id| mention(&id, &format!("name of {id}"))),
        ("[a-z_]{1,8}", proptest::option::of(Just("👍🏽".to_owned())))
            .prop_map(|(name, unicode)| emoji(&name, unicode.as_deref())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let style = prop_oneof![Just(Style::Bold), Just(Style::Italic), Just(Style::Strike)];
        let children = proptest::collection::vec(inner, 0..4);
        let url = prop_oneof![
            Just("https://a.example/b?c=d&e".to_owned()),
            Just("https://z.example".to_owned()),
            Just("mailto:x@y.example".to_owned()),
            words(),
        ];
        prop_oneof![
            (style, children.clone())
                .prop_map(|(style, children)| Inline::Styled { style, children }),
            (url, children).prop_map(|(url, children)| Inline::Link { url, children }),
        ]
    })
}

fn content() -> impl Strategy<Value = Content> {
    let leaf = prop_oneof![
        3 => proptest::collection::vec(inline(), 0..5).prop_map(Block::Paragraph),
        1 => words().prop_map(|text| Block::Code { text }),
        1 => (words(), proptest::option::of(words()))
            .prop_map(|(description, url)| Block::Unsupported { description, url }),
    ];
    let block = leaf.prop_recursive(12, 40, 4, |inner| {
        let items = proptest::collection::vec(proptest::collection::vec(inner.clone(), 0..3), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Block::Quote),
            (any::<bool>(), 0_u32..9, items).prop_map(|(ordered, start, items)| Block::List {
                ordered,
                start,
                items
            }),
        ]
    });
    proptest::collection::vec(block, 0..6).prop_map(|blocks| Content { blocks })
}

fn long_content() -> impl Strategy<Value = Content> {
    (
        content(),
        proptest::collection::vec((content(), 1_usize..700), 1..5),
    )
        .prop_map(|(mut whole, parts)| {
            for (mut part, times) in parts {
                whole.blocks.append(&mut part.blocks);
                let long = "lorem ipsum\n".repeat(times);
                whole
                    .blocks
                    .push(Block::Quote(vec![Block::Code { text: long.clone() }]));
                whole.blocks.push(paragraph(&long.replace('\n', " ")));
                let item = vec![paragraph(&long)];
                whole.blocks.push(Block::List {
                    ordered: true,
                    start: 1,
                    items: vec![item.clone(), item],
                });
            }
            whole
        })
}

fn json_value() -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        Just("type"),
        Just("elements"),
        Just("text"),
        Just("style"),
        Just("indent"),
        Just("border"),
        Just("offset"),
        Just("url"),
        Just("name"),
        Just("unicode"),
        Just("fields"),
        Just("rows"),
        Just("user_id"),
    ];
    let kinds = prop_oneof![
        Just("rich_text"),
        Just("rich_text_section"),
        Just("rich_text_list"),
        Just("rich_text_quote"),
        Just("rich_text_preformatted"),
        Just("section"),
        Just("mrkdwn"),
        Just("text"),
        Just("link"),
        Just("emoji"),
        Just("date"),
        Just("table"),
        Just("ordered"),
    ];
    let leaf = prop_oneof![
        kinds.prop_map(Value::from),
        words().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((keys.clone(), inner), 0..6).prop_map(|fields| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_reads_back_the_same(content in content()) {
        let tidy = piece::raise(lower::lower(&content));
        prop_assert_eq!(as_read_back(&content, &Everybody), tidy.clone());
        prop_assert_eq!(as_read_back(&tidy, &Everybody), tidy);
    }

    #[test]
    fn no_written_element_is_empty(content in content()) {
        for block in write(&content).blocks {
            let flat = block.to_string();
            prop_assert!(!flat.contains("\"elements\":[]"), "{flat}");
            prop_assert!(!flat.contains("\"text\":\"\""), "{flat}");
        }
    }

    #[test]
    fn the_fallback_text_holds_no_bare_special_character(words in words()) {
        let text = write(&Content::plain(&words)).text;
        prop_assert!(!text.contains(['<', '>']), "{text}");
    }

    #[test]
    fn any_text_can_be_read(words in words()) {
        read_text(&words, &Nobody);
    }

    #[test]
    fn escaped_words_are_read_as_themselves(words in "x[a-z0-9<>& ]{0,40}") {
        prop_assert_eq!(read_text(&escape(&words), &Nobody).to_plain(), words);
    }

    #[test]
    fn any_json_can_be_read(blocks in proptest::collection::vec(json_value(), 0..4)) {
        read_blocks(&blocks, &Nobody);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_fit_and_lose_nothing(content in long_content()) {
        let whole = piece::raise(lower::lower(&content)).fingerprint();
        let parts = split(content);
        let written = |part: &Content| piece::raise(lower::lower(part)).fingerprint();
        let together: String = parts.iter().map(written).collect();
        prop_assert_eq!(together, whole);
        for part in &parts {
            let pieces = lower::lower(part);
            let size: usize = pieces.iter().map(cut::size).sum();
            prop_assert!(size <= cut::POST_LIMIT);
            for block in write(part).blocks {
                prop_assert!(letters(&block) <= write::BLOCK_LIMIT);
            }
        }
    }
}

/// The letters of all texts in a block.
fn letters(value: &Value) -> usize {
    match value {
        Value::Array(values) => values.iter().map(letters).sum(),
        Value::Object(fields) => {
            let own = fields
                .get("text")
                .and_then(Value::as_str)
                .map_or(0, lower::length);
            own + fields.values().map(letters).sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

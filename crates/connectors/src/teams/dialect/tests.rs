use causeway_model::{Block, Content, ExternalAccount, Inline, Style};
use proptest::prelude::*;
use serde_json::json;

use super::{as_read_back, read, split, split::MAX_BODY_BYTES, split::cost, write};
use crate::{
    any_content,
    lead::led_by_name,
    teams::wire::{Attachment, Mention},
};

const BOB: &str = "0b0b0b0b-0000-4000-8000-00000000000b";

fn html(body: &str) -> Content {
    read("html", body, &[], &[])
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

fn content(blocks: Vec<Block>) -> Content {
    Content { blocks }
}

#[test]
fn what_teams_writes_is_read_into_the_tree() {
    let read = html(
        "<div><p>Hi&nbsp;<strong>bold <em>both</em></strong>, <s>gone</s><br>next <code>a  b</code></p>\
         <blockquote><p>said</p></blockquote><pre>\nlet x = 1;\n  y\n</pre>\
         <a href=\"https://x.example/?a=1&amp;b=2\" title=\"t\">link</a></div>",
    );
    let both = styled(Style::Italic, vec![text("both")]);
    assert_eq!(
        read.blocks,
        vec![
            paragraph(vec![
                text("Hi "),
                styled(Style::Bold, vec![text("bold "), both]),
                text(", "),
                styled(Style::Strike, vec![text("gone")]),
                Inline::LineBreak,
                text("next "),
                Inline::Code("a  b".into()),
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
fn nested_lists_are_read_wherever_teams_puts_them() {
    let inside = html("<ol start=\"3\"><li>a<ul><li>b</li></ul></li><li>c</li></ol>");
    let beside = html("<ol start=\"3\"><li>a</li><ul><li>b</li></ul><li>c</li></ol>");
    let nested = Block::List {
        ordered: false,
        start: 1,
        items: vec![vec![paragraph(vec![text("b")])]],
    };
    let list = Block::List {
        ordered: true,
        start: 3,
        items: vec![
            vec![paragraph(vec![text("a")]), nested],
            vec![paragraph(vec![text("c")])],
        ],
    };
    assert_eq!(inside.blocks, vec![list]);
    assert_eq!(inside, beside);
}

#[test]
fn a_mention_names_the_account_it_means() {
    let mentions: Vec<Mention> = serde_json::from_value(json!([
        { "id": 0, "mentionText": "Bob Ray", "mentioned": { "user": { "id": BOB, "displayName": "Bob Ray" }, "application": null } },
        { "id": 1, "mentionText": "Everyone", "mentioned": { "user": null, "conversation": { "id": "19:x" } } }
    ]))
    .expect("mentions");
    let body =
        "<p><at id=\"0\">Bob Ray</at> and <at id=\"1\">Everyone</at> and <at id=\"9\">X</at></p>";
    let read = read("html", body, &mentions, &[]);
    let mention = Inline::Mention {
        account: ExternalAccount::new(BOB),
        name: "Bob Ray".into(),
    };
    assert_eq!(
        read.blocks,
        vec![paragraph(vec![mention, text(" and @Everyone and @X")])]
    );
}

#[test]
fn emoji_pictures_and_cards_are_told_in_words() {
    let body = "<p>Yes <emoji id=\"smile\" alt=\"🙂\" title=\"Smile\"></emoji> \
        <img itemtype=\"http://schema.skype.com/Emoji\" alt=\"👍\"> <img alt=\"plan.png\" src=\"../hostedContents/1/$value\"></p>";
    let read = html(body);
    assert_eq!(read.to_plain(), "Yes 🙂 👍\nimage: plan.png");
    let table = html(
        "<table><tbody><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><p>2</p></td></tr></tbody></table><hr><h2>Head</h2>",
    );
    assert_eq!(table.to_plain(), "A | B\n1 | 2\n---\nHead");
}

#[test]
fn quotes_files_and_cards_are_readable() {
    let attachments: Vec<Attachment> = serde_json::from_value(json!([
        { "id": "161", "contentType": "messageReference", "content": "{\"messageId\":\"161\",\"messagePreview\":\"See you\",\"messageSender\":{\"user\":{\"displayName\":\"Ann\"}}}" },
        { "id": "f", "contentType": "reference", "contentUrl": "https://acme.example/plan.docx", "name": "plan.docx" },
        { "id": "c", "contentType": "application/vnd.microsoft.card.adaptive", "content": "{\"type\":\"AdaptiveCard\",\"body\":[{\"type\":\"TextBlock\",\"text\":\"Lunch?\"},{\"type\":\"ColumnSet\",\"columns\":[{\"items\":[{\"text\":\"12:00\"}]}]}]}" },
        { "id": "js", "contentType": "reference", "contentUrl": "javascript:alert(1)", "name": "x" }
    ]))
    .expect("attachments");
    let body = "<attachment id=\"161\"></attachment><p>Fine.</p><attachment id=\"f\"></attachment>";
    let read = read("html", body, &[], &attachments);
    assert_eq!(
        read.to_plain(),
        "Ann: See you\nFine.\nfile: plan.docx\nLunch? · 12:00\nfile: x"
    );
    assert!(matches!(&read.blocks[0], Block::Quote(_)));
    let urls: Vec<Option<&str>> = read
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Unsupported { url, .. } => Some(url.as_deref()),
            Block::Paragraph(_) | Block::Quote(_) | Block::Code { .. } | Block::List { .. } => None,
        })
        .collect();
    assert_eq!(urls, [Some("https://acme.example/plan.docx"), None]);
}

#[test]
fn plain_text_is_not_read_as_markup() {
    let plain = read("text", "1 < 2 & <b>x</b>\nnext", &[], &[]);
    assert_eq!(plain, Content::plain("1 < 2 & <b>x</b>\nnext"));
}

#[test]
fn a_mention_is_written_with_what_graph_asks_beside_it() {
    let mention = |account: &str| Inline::Mention {
        account: ExternalAccount::new(account),
        name: "Bob <Ray>".into(),
    };
    let written = write(&content(vec![paragraph(vec![
        mention(BOB),
        mention("no-guid"),
    ])]));
    assert_eq!(
        written.html,
        "<p><at id=\"0\">Bob &lt;Ray&gt;</at>@Bob &lt;Ray&gt;</p>"
    );
    assert_eq!(
        json!(written.mentions),
        json!([{ "id": 0, "mentionText": "Bob <Ray>", "mentioned": { "user": { "id": BOB, "displayName": "Bob <Ray>", "userIdentityType": "aadUser" } } }])
    );
}

#[test]
fn nothing_in_text_urls_or_names_becomes_markup() {
    let evil = "\"><script>alert('x')</script>&amp;\u{0}";
    let link = |url: &str| Inline::Link {
        url: url.into(),
        children: vec![text(evil)],
    };
    let tree = content(vec![
        paragraph(vec![
            text(evil),
            Inline::Code(evil.into()),
            link("javascript:alert(1)"),
            link("https://x.example/\"onclick=\"alert(1)"),
            link("data:text/html,x"),
            Inline::Mention {
                account: ExternalAccount::new(BOB),
                name: evil.into(),
            },
            Inline::Emoji {
                short_name: Some(evil.into()),
                unicode: Some(evil.into()),
            },
        ]),
        Block::Code { text: evil.into() },
        Block::Unsupported {
            description: evil.into(),
            url: Some("javascript:alert(1)".into()),
        },
    ]);
    let html = write(&led_by_name(tree, evil)).html;
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("javascript:"), "{html}");
    assert!(!html.contains("\"onclick"), "{html}");
    assert_eq!(html.matches("<a href=").count(), 1, "{html}");
}

#[test]
fn a_name_before_the_text_cannot_turn_its_direction() {
    let led = led_by_name(Content::plain("hi"), " Ann\u{202e} Lee\n ");
    assert_eq!(write(&led).html, "<p><strong>Ann Lee</strong>: hi</p>");
    assert_eq!(led_by_name(Content::plain("hi"), " "), Content::plain("hi"));
}

#[test]
fn markup_nested_beyond_reason_is_read_as_its_text() {
    for element in ["div", "b", "blockquote", "ul><li"] {
        let body = format!("{}deep", format!("<{element}>").repeat(5_000));
        assert_eq!(html(&body).fingerprint(), "deep", "{element}");
    }
    let table = format!("{}deep", "<table><tr><td>".repeat(2_000));
    assert!(html(&table).blocks.len() < 10_000);
}

#[test]
fn long_messages_are_divided_without_losing_a_letter() {
    let words = "wörd & <more> ".repeat(4_000);
    let long = content(vec![
        paragraph(vec![styled(Style::Bold, vec![text(&words)]), text("end")]),
        Block::Code {
            text: "line \"one\"\n".repeat(5_000),
        },
        Block::Quote(vec![paragraph(vec![text(&words)])]),
        Block::List {
            ordered: true,
            start: 1,
            items: vec![vec![paragraph(vec![text(&"item ".repeat(900))])]; 20],
        },
    ]);
    let all = long.fingerprint();
    let parts = split(long);
    assert!(parts.len() > 8);
    assert!(
        parts
            .iter()
            .all(|part| cost(&part.blocks) <= MAX_BODY_BYTES)
    );
    let joined: String = parts.iter().map(Content::fingerprint).collect();
    assert_eq!(joined, all);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z &<>\"'\n\t]{0,12}", "\\PC{0,8}", any::<String>()]
}

fn any_inline() -> BoxedStrategy<Inline> {
    let code = any_text().prop_map(Inline::Code).boxed();
    let mention = any_text()
        .prop_map(|name| Inline::Mention {
            account: ExternalAccount::new(BOB),
            name,
        })
        .boxed();
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

/// Letters without what HTML cannot carry.
fn letters(content: &Content) -> String {
    content
        .fingerprint()
        .chars()
        .filter(|c| !c.is_control())
        .collect()
}

proptest! {
    #[test]
    fn what_is_read_back_reads_back_as_itself(tree in any_content()) {
        let once = as_read_back(&tree);
        prop_assert_eq!(as_read_back(&once), once);
    }

    #[test]
    fn what_is_read_back_has_the_letters_that_were_written(tree in any_content()) {
        let text_only = tree.clone().map_mentions(&|_, name| Inline::Text(name.to_owned()));
        prop_assert_eq!(letters(&as_read_back(&text_only)), letters(&text_only));
    }

    #[test]
    fn any_html_is_read_without_harm(body in "(<[a-z]{1,10}( id=\"0\")?>|</[a-z]{1,3}>|[a-z &;<>\"]){0,60}") {
        let once = html(&body);
        as_read_back(&once);
    }

    #[test]
    fn every_part_fits(tree in any_content(), times in 1..100_usize) {
        let mut blocks = Vec::new();
        for _ in 0..times {
            blocks.extend(tree.blocks.iter().cloned());
        }
        for part in split(Content { blocks }) {
            prop_assert!(cost(&part.blocks) <= MAX_BODY_BYTES);
        }
    }
}

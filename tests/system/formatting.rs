//! What readers see of formatting, both ways.

use causeway_sandbox::control_client::To;
use serde_json::json;

use super::{
    story::{Story, readable},
    support::{ANN, BOB, GUS, NIA, RAJ, Stage},
};

/// What somebody types in Slack, and what stands in Teams.
const FROM_SLACK: [(&str, &str); 12] = [
    ("*bold* and _italic_ 01x", "<p><strong>bold</strong> and <em>italic</em> 01x</p>"),
    ("~struck~ `code` 02x", "<p><s>struck</s> <code>code</code> 02x</p>"),
    ("```let a = 1 < 2;\n  let b;``` 03x", ""),
    ("<https://acme.example/a?b=1&c=2|the list> 04x", ""),
    ("see https://acme.example/x 05x", ""),
    ("• one 06x\n• two", ""),
    ("1. first 07x\n2. second", ""),
    ("> quoted 08x\nand not", ""),
    ("done :tada: :+1: 09x", ""),
    ("a < b && c > d \"q\" 'r' 10x", ""),
    ("first line 11x\nsecond line", ""),
    ("*bold _both_* 12x", ""),
];

#[tokio::test]
async fn print_formatting() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let there = To::Conversation(story.talks[0].places[0].clone());
    for (index, (typed, _)) in FROM_SLACK.iter().enumerate() {
        stage.writes(ANN, there.clone(), typed).await;
        let (_, message) = stage.arrives(BOB, &format!("{:02}x", index + 1)).await;
        println!("S>T {typed:?}\n => {:?}", message.text);
    }
    let html = [
        "<p><strong>bold</strong> and <em>italic</em> 21x</p>",
        "<p><s>struck</s> <code>code</code> 22x</p>",
        "<pre><code>let a = 1 &lt; 2;\n  let b;</code></pre><p>23x</p>",
        "<p><a href=\"https://acme.example/a?b=1&amp;c=2\">the list</a> 24x</p>",
        "<ul><li>one 25x</li><li>two<ul><li>deep</li></ul></li></ul>",
        "<ol><li>first 26x</li><li>second</li></ol>",
        "<blockquote>quoted 27x</blockquote><p>and not</p>",
        "<p>done 🎉 28x</p>",
        "<p>a &lt; b &amp;&amp; c &gt; d *not bold* _not italic_ 29x</p>",
        "first line 30x\nsecond line",
        "<p>one 31x</p><p>two</p>",
        "<div>look 32x<br>below</div>",
    ];
    let there = To::Conversation(story.talks[0].places[1].clone());
    for (index, typed) in html.iter().enumerate() {
        stage.writes(BOB, there.clone(), typed).await;
        let (_, message) = stage.arrives(ANN, &format!("{:02}x", index + 21)).await;
        println!("T>S {typed:?}\n => {:?}", message.text);
    }
    let _ = (json!(1), readable(""), GUS, NIA, RAJ);
}

//! What readers see of formatting, both ways.

use causeway_sandbox::control_client::To;
use serde_json::json;

use super::{
    story::Story,
    support::{ANN, BOB, GUS, NIA, SLACK, Stage, TEAMS},
};

/// What somebody types in Slack, and what stands in Teams.
const FROM_SLACK: [(&str, &str); 12] = [
    (
        "*bold* and _italic_ 01x",
        "<p><strong>bold</strong> and <em>italic</em> 01x</p>",
    ),
    (
        "*bold _both_* ~struck~ `a < b` 02x",
        "<p><strong>bold <em>both</em></strong> <s>struck</s> <code>a &lt; b</code> 02x</p>",
    ),
    (
        "```let a = 1 < 2;\n  let b;```\nafter 03x",
        "<pre>let a = 1 &lt; 2;\n  let b;</pre><p>after 03x</p>",
    ),
    (
        "<https://acme.example/a?b=1&c=2|the list> 04x",
        "<p><a href=\"https://acme.example/a?b=1&amp;c=2\">the list</a> 04x</p>",
    ),
    (
        "see https://acme.example/x 05x",
        "<p>see <a href=\"https://acme.example/x\">https://acme.example/x</a> 05x</p>",
    ),
    ("• one 06x\n• two", "<ul><li>one 06x</li><li>two</li></ul>"),
    (
        "1. first 07x\n2. second",
        "<ol><li>first 07x</li><li>second</li></ol>",
    ),
    (
        "> quoted 08x\nand not",
        "<blockquote><p>quoted 08x</p></blockquote><p>and not</p>",
    ),
    ("done :tada: :+1: 09x", "<p>done 🎉 👍 09x</p>"),
    (
        "a < b && c > d \"q\" 'r' 10x",
        "<p>a &lt; b &amp;&amp; c &gt; d \"q\" 'r' 10x</p>",
    ),
    (
        "first line 11x\nsecond line",
        "<p>first line 11x<br>second line</p>",
    ),
    (
        "<script>alert(1)</script> <b>no</b> 12x",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;no&lt;/b&gt; 12x</p>",
    ),
];

/// What a Teams client sends, and what stands in Slack.
const FROM_TEAMS: [(&str, &str); 13] = [
    (
        "<p><strong>bold</strong> and <em>italic</em> 21x</p>",
        "*bold* and _italic_ 21x",
    ),
    (
        "<p><s>struck</s> <code>a &lt; b</code> 22x</p>",
        "~struck~ `a &lt; b` 22x",
    ),
    (
        "<pre><code>let a = 1 &lt; 2;\n  let b;</code></pre><p>23x</p>",
        "```let a = 1 &lt; 2;\n  let b;```\n23x",
    ),
    (
        "<p><a href=\"https://acme.example/a?b=1&amp;c=2\">the list</a> 24x</p>",
        "<https://acme.example/a?b=1&amp;c=2|the list> 24x",
    ),
    (
        "<ul><li>one 25x</li><li>two<ul><li>deep</li></ul></li></ul>",
        "• one 25x\n• two\n    • deep",
    ),
    (
        "<ol><li>first 26x</li><li>second</li></ol>",
        "1. first 26x\n2. second",
    ),
    (
        "<blockquote>quoted 27x</blockquote><p>and not</p>",
        "> quoted 27x\nand not",
    ),
    ("<p>done 🎉 28x</p>", "done 🎉 28x"),
    // Signs that a person meant as signs: the block says so, though the view shows them alike.
    (
        "<p>a &lt; b &amp;&amp; c &gt; d *so* _so_ 29x</p>",
        "a &lt; b &amp;&amp; c &gt; d *so* _so_ 29x",
    ),
    ("first line 30x\nsecond line", "first line 30x\nsecond line"),
    ("<p>one 31x</p><p>two</p>", "one 31x\n\ntwo"),
    ("<div>look 32x<br>below</div>", "look 32x\nbelow"),
    (
        "&lt;!channel&gt; <@U123> <!here> 33x",
        "&amp;lt;!channel&amp;gt; &lt;@U123&gt; &lt;!here&gt; 33x",
    ),
];

#[tokio::test]
async fn what_people_format_in_slack_reads_the_same_in_teams() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let there = To::Conversation(story.talks[0].places[0].clone());
    for (index, (typed, shown)) in (1..).zip(FROM_SLACK) {
        stage.writes(ANN, there.clone(), typed).await;
        let (_, message) = stage.arrives(BOB, &format!("{index:02}x")).await;
        assert_eq!(message.text, shown);
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn what_people_format_in_teams_reads_the_same_in_slack() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(BOB, ANN)]).await;
    let there = To::Conversation(story.talks[0].places[0].clone());
    for (index, (typed, shown)) in (21..).zip(FROM_TEAMS) {
        stage.writes(BOB, there.clone(), typed).await;
        let (_, message) = stage.arrives(ANN, &format!("{index:02}x")).await;
        assert_eq!(message.text, shown);
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_name_before_what_the_app_says_takes_nothing_from_the_formatting() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(GUS, BOB), (NIA, ANN)]).await;
    let there = |talk: usize, by: usize| To::Conversation(story.talks[talk].places[by].clone());
    stage
        .writes(GUS, there(0, 0), "*bold* 41x\n• one\n• two")
        .await;
    let (_, message) = stage.arrives(BOB, "41x").await;
    let shown = "<p><strong>Gus Lindqvist</strong>: <strong>bold</strong> 41x</p><ul><li>one</li><li>two</li></ul>";
    assert_eq!(message.text, shown);
    let typed = "<p><strong>bold</strong> 42x</p><ul><li>one</li></ul>";
    stage.writes(NIA, there(1, 0), typed).await;
    let (_, message) = stage.arrives(ANN, "42x").await;
    assert_eq!(message.text, "*bold* 42x\n• one");
    assert_eq!(message.shown_as, NIA.name);
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_mention_becomes_one_of_the_same_person_or_their_name() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let [in_slack, in_teams] = &story.talks[0].places;
    let bob = stage.account_id(BOB, SLACK).await;
    let gus = stage.account_id(GUS, SLACK).await;
    let typed = format!("<@{bob}> and <@{gus}>: 51x");
    stage
        .writes(ANN, To::Conversation(in_slack.clone()), &typed)
        .await;
    let (_, message) = stage.arrives(BOB, "51x").await;
    let shown = "<p><at id=\"0\">Bob Stone</at> and @Gus Lindqvist: 51x</p>";
    assert_eq!(message.text, shown);

    let (ann, nia) = (
        stage.account_id(ANN, TEAMS).await,
        stage.account_id(NIA, TEAMS).await,
    );
    let mention = |id: u32, name: &str, user: &str| {
        json!({
            "id": id,
            "mentionText": name,
            "mentioned": { "user": { "id": user, "displayName": name } },
        })
    };
    let body = json!({
        "body": {
            "contentType": "html",
            "content": "<at id=\"0\">Ann</at> and <at id=\"1\">Nia Bello</at>: 52x",
        },
        "mentions": [mention(0, "Ann", &ann), mention(1, "Nia Bello", &nia)],
    });
    stage.graph_post(BOB, in_teams, &body).await;
    let (_, message) = stage.arrives(ANN, "52x").await;
    let ann = stage.account_id(ANN, SLACK).await;
    assert_eq!(message.text, format!("<@{ann}> and @Nia Bello: 52x"));
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_file_is_named_with_where_it_lies() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let body = json!({
        "body": {
            "contentType": "html",
            "content": "the racks 61x <attachment id=\"153fa47d\"></attachment>",
        },
        "attachments": [{
            "id": "153fa47d",
            "contentType": "reference",
            "contentUrl": "https://acme.sharepoint.example/a/racks%20%26%20more.xlsx",
            "name": "racks & more.xlsx",
        }],
    });
    stage
        .graph_post(BOB, &story.talks[0].places[1], &body)
        .await;
    let (_, message) = stage.arrives(ANN, "61x").await;
    let file =
        "_<https://acme.sharepoint.example/a/racks%20%26%20more.xlsx|file: racks &amp; more.xlsx>_";
    assert_eq!(message.text, format!("the racks 61x\n\n{file}"));
    story.ends_well(&stage).await;
}

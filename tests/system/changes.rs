//! Edits and deletions, of what stands there and of what still waits.

use std::time::Duration;

use causeway_sandbox::{
    control_client::{Do, Message, To},
    faults::FaultKind,
};

use super::{
    faults::{SLACK_POST, TEAMS_POST, WEBEX_POST, ZOOM_POST},
    story::{Story, is_by, readable},
    support::{
        ANN, BOB, DANA, GIA, HUGO, MAX, MIA, NIA, OLOF, Pair, Person, SLACK, Stage, TEAMS, THEO,
        VIC, WANDA, WEBEX, YARA, ZARA, ZOOM, until,
    },
};

/// Both ways between Webex and Zoom, between each and the others, by people and by the app.
const EVERYWHERE: [Pair; 4] = [(YARA, WANDA), (MAX, HUGO), (THEO, ZARA), (WANDA, OLOF)];

#[tokio::test]
async fn edits_and_deletions_follow_a_message_both_ways() {
    let stage = Stage::relaying().await;
    changes_follow(stage, &[(ANN, BOB), (MIA, VIC), (ANN, DANA)]).await;
}

#[tokio::test]
async fn edits_and_deletions_follow_a_message_over_all_four_platforms() {
    let stage = Stage::relaying_everywhere().await;
    changes_follow(stage, &EVERYWHERE).await;
}

async fn changes_follow(stage: Stage, pairs: &[Pair]) {
    let mut story = Story::begin(&stage, pairs).await;
    for talk in 0..story.talks.len() {
        for by in [0, 1] {
            let edited = story.write(&stage, talk, by).await;
            let deleted = story.write(&stage, talk, by).await;
            story.holds(&stage).await;
            changes(&stage, &story, edited, deleted).await;
            // It is gone for everybody: nothing is left of it to judge.
            story.lines.remove(deleted);
        }
    }
    story.ends_well(&stage).await;
}

async fn changes(stage: &Stage, story: &Story, edited: usize, deleted: usize) {
    let (edited, deleted) = (&story.lines[edited], &story.lines[deleted]);
    let (author, reader) = (story.author(edited), story.reader(edited));
    for words in ["second thoughts", "third thoughts"] {
        let text = format!("{} {words}", edited.tag);
        edit(stage, author, &edited.id, &text).await;
        until("the edit arrives", async || {
            let seen = stage.standing(reader, &edited.tag).await;
            let message = &seen.first()?.1;
            (message.text.contains(words) && is_by(message, author, reader)).then_some(())
        })
        .await;
    }
    delete(stage, author, &deleted.id).await;
    until("the deletion arrives", async || {
        let seen = stage.standing(reader, &deleted.tag).await;
        seen.is_empty().then_some(())
    })
    .await;
}

async fn edit(stage: &Stage, author: &Person, message: &str, text: &str) {
    let to = Some(To::Message(message.to_owned()));
    stage.does(author, Do::Edit, to, text).await;
}

async fn delete(stage: &Stage, author: &Person, message: &str) {
    let to = Some(To::Message(message.to_owned()));
    stage.does(author, Do::Delete, to, "").await;
}

/// Slack tells nobody later of what happened while no socket was open, and Teams is polled.
#[tokio::test]
async fn what_is_edited_or_deleted_while_the_hub_is_away_is_so_when_it_is_back() {
    let stage = Stage::relaying().await;
    changes_while_away(stage, &[(ANN, BOB), (MIA, VIC)]).await;
}

/// Webex keeps its events, and Zoom's lists tell what was edited and deleted.
#[tokio::test]
async fn what_is_edited_or_deleted_on_webex_and_zoom_meanwhile_is_so_when_the_hub_is_back() {
    let stage = Stage::relaying_everywhere().await;
    changes_while_away(stage, &EVERYWHERE).await;
}

async fn changes_while_away(mut stage: Stage, pairs: &[Pair]) {
    let mut story = Story::begin(&stage, pairs).await;
    let mut away = Vec::new();
    for talk in 0..pairs.len() {
        for by in [0, 1] {
            let edited = story.write(&stage, talk, by).await;
            let deleted = story.write(&stage, talk, by).await;
            away.push((edited, deleted));
        }
    }
    story.holds(&stage).await;
    assert!(stage.stop().success());
    for (edited, deleted) in &away {
        let (edited, deleted) = (&story.lines[*edited], &story.lines[*deleted]);
        let text = format!("{} meanwhile", edited.tag);
        edit(&stage, story.author(edited), &edited.id, &text).await;
        delete(&stage, story.author(deleted), &deleted.id).await;
    }
    stage.run().await;
    for (edited, deleted) in away.into_iter().rev() {
        let line = &story.lines[edited];
        until("the edit arrives", async || {
            let seen = stage.standing(story.reader(line), &line.tag).await;
            seen.first()?.1.text.contains("meanwhile").then_some(())
        })
        .await;
        let line = &story.lines[deleted];
        until("the deletion arrives", async || {
            let seen = stage.standing(story.reader(line), &line.tag).await;
            seen.is_empty().then_some(())
        })
        .await;
        story.lines.remove(deleted);
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn what_is_edited_or_deleted_while_it_waits_for_teams_arrives_as_it_is_last() {
    let stage = Stage::relaying().await;
    changes_while_it_waits(stage, (TEAMS, TEAMS_POST), &[(ANN, BOB), (MIA, VIC)], 0).await;
}

#[tokio::test]
async fn what_is_edited_or_deleted_while_it_waits_for_slack_arrives_as_it_is_last() {
    let stage = Stage::relaying().await;
    changes_while_it_waits(stage, (SLACK, SLACK_POST), &[(ANN, BOB), (MIA, VIC)], 1).await;
}

#[tokio::test]
async fn what_is_edited_or_deleted_while_it_waits_for_webex_arrives_as_it_is_last() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, WANDA), (MAX, HUGO)];
    changes_while_it_waits(stage, (WEBEX, WEBEX_POST), &pairs, 0).await;
}

#[tokio::test]
async fn what_is_edited_or_deleted_while_it_waits_for_zoom_arrives_as_it_is_last() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, ZARA), (WANDA, ZARA)];
    changes_while_it_waits(stage, (ZOOM, ZOOM_POST), &pairs, 0).await;
}

async fn changes_while_it_waits(
    stage: Stage,
    (on, method): (&str, &str),
    pairs: &[Pair],
    by: usize,
) {
    let mut story = Story::begin(&stage, pairs).await;
    for talk in 0..pairs.len() {
        let long = Duration::from_secs(3);
        stage
            .fault(on, Some(method), FaultKind::Throttle, 1, long)
            .await;
        let head = story.write(&stage, talk, by).await;
        let second = story.write(&stage, talk, by).await;
        let deleted = story.write(&stage, talk, by).await;
        let author = story.author(&story.lines[head]);
        for line in [head, second] {
            let text = format!("{} in the last version", story.lines[line].tag);
            edit(&stage, author, &story.lines[line].id, &text).await;
        }
        delete(&stage, author, &story.lines[deleted].id).await;
        let never = story.lines.remove(deleted);
        story.holds(&stage).await;
        let behind = story.write(&stage, talk, by).await;
        stage
            .arrives(story.reader(&never), &story.lines[behind].tag)
            .await;
        assert!(
            stage
                .standing(story.reader(&never), &never.tag)
                .await
                .is_empty()
        );
        for line in [head, second] {
            let line = &story.lines[line];
            let text = stage
                .standing(story.reader(line), &line.tag)
                .await
                .swap_remove(0)
                .1
                .text;
            assert!(text.contains("in the last version"), "{text}");
        }
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_message_that_is_deleted_while_the_relay_is_down_is_deleted_everywhere() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let gone: Vec<_> = [
        story.write(&stage, 0, 0).await,
        story.write(&stage, 0, 1).await,
    ]
    .into();
    story.holds(&stage).await;
    stage.kill();
    for line in &gone {
        let line = &story.lines[*line];
        delete(&stage, story.author(line), &line.id).await;
    }
    stage.run().await;
    for line in gone.into_iter().rev() {
        let line = story.lines.remove(line);
        until("the deletion arrives", async || {
            let seen = stage.standing(story.reader(&line), &line.tag).await;
            seen.is_empty().then_some(())
        })
        .await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_very_long_message_arrives_in_parts_which_follow_its_edits() {
    let stage = Stage::relaying().await;
    parts_follow(stage, &[(ANN, BOB), (NIA, MIA)]).await;
}

#[tokio::test]
async fn a_very_long_message_arrives_in_parts_on_webex_and_zoom_too() {
    let stage = Stage::relaying_everywhere().await;
    parts_follow(stage, &[(YARA, WANDA), (GIA, OLOF)]).await;
}

async fn parts_follow(stage: Stage, pairs: &[Pair]) {
    let story = Story::begin(&stage, pairs).await;
    for talk in &story.talks {
        for by in [0, 1] {
            let (author, reader) = (talk.people[by], talk.people[1 - by]);
            let to = To::Conversation(talk.places[by].clone());
            let mark = format!("long{by}");
            let most = most_words(author);
            let first = most * 3 / 4;
            let id = stage.writes(author, to, &words(&mark, first)).await;
            reads_in_order(&stage, reader, &mark, first).await;
            for count in [40, most / 2, most] {
                edit(&stage, author, &id, &words(&mark, count)).await;
                reads_in_order(&stage, reader, &mark, count).await;
            }
            delete(&stage, author, &id).await;
            until("all parts are gone", async || {
                stage.standing(reader, &mark).await.is_empty().then_some(())
            })
            .await;
        }
    }
    story.ends_well(&stage).await;
}

/// How many words fit into one message where somebody works.
fn most_words(author: &Person) -> usize {
    match author.home {
        WEBEX => 640,
        ZOOM => 90,
        _ => 1_700,
    }
}

/// About eleven letters a word.
fn words(mark: &str, count: usize) -> String {
    let words: Vec<_> = (0..count)
        .map(|number| format!("{mark}w{number:04}"))
        .collect();
    words.join(" ")
}

/// Waits until the reader sees exactly these words, in this order, over all messages.
async fn reads_in_order(stage: &Stage, reader: &Person, mark: &str, count: usize) {
    let wanted: Vec<_> = (0..count)
        .map(|number| format!("{mark}w{number:04}"))
        .collect();
    until(
        &format!("{} reads {count} words", reader.name),
        async || {
            let messages = stage.standing(reader, mark).await;
            let read: Vec<String> = messages
                .iter()
                .flat_map(|(_, message)| said(message, mark))
                .collect();
            (read == wanted).then_some(())
        },
    )
    .await;
}

fn said(message: &Message, mark: &str) -> Vec<String> {
    let text = readable(&message.text.replace("</p>", " "));
    let words = text.split_whitespace().filter(|word| word.contains(mark));
    words
        .map(|word| word.trim_matches(['(', ')', ':']).to_owned())
        .collect()
}

//! Asking the app for a person.

use causeway_model::Operation;

use crate::support::{House, Pair, Setup};

#[test]
fn whoever_asks_for_a_person_is_answered_and_given_a_conversation() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "@Bob 0", Some("reply"));
        house.slack.ask(&pair.ann_slack, "Nobody", Some("reply"));
        life.settle().await;
    });
    assert_eq!(house.slack.rooms_of(&pair.ann_slack).len(), 1);
    let answers = house.slack.state().answers.clone();
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().any(|answer| answer.contains("Bob 0")));
    assert!(answers.iter().any(|answer| answer.contains("Nobody")));
}

#[test]
fn where_only_the_conversation_with_the_app_can_answer_the_note_goes_there_once() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let room = crate::support::Room::new(format!("app:{}", pair.bob_teams));
    house.teams.state().rooms.insert(
        room.clone(),
        crate::support::Conversation::with_app(&pair.bob_teams),
    );
    house.live(async |life| {
        life.ready().await;
        house.teams.ask(&pair.bob_teams, "help", None);
        life.settle().await;
        let notes = life.ledger().await;
        let notes = notes
            .iter()
            .filter(|row| row.delivery.operation == Operation::Note);
        assert_eq!(notes.count(), 1);
    });
    house.live(async |life| life.settle().await);
    assert_eq!(house.teams.texts(&room).len(), 1);
}

#[test]
fn a_note_comes_after_what_was_said_even_where_the_platforms_clock_runs_ahead() {
    let house = House::new(Setup {
        tokens: false,
        ..Setup::default()
    });
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
        let there = house.teams.rooms_of(&pair.bob_teams)[0].clone();
        house.teams.write(&there, &pair.bob_teams, "hi");
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let texts = house.slack.texts(&here);
        assert_eq!(texts.len(), 4);
        assert!(texts[0].starts_with("Write to Bob 0"));
    });
}

//! Right eyes: the app's own conversations never widen (I11).

use causeway_model::FailureKind;

use crate::support::{Call, Fate, House, Pair, Room, Setup, TEAMS};

fn without_tokens() -> House {
    House::new(Setup {
        tokens: false,
        ..Setup::default()
    })
}

fn rooms(house: &House, account: &str) -> Vec<Room> {
    house.teams.rooms_of(account)
}

#[test]
fn somebody_who_comes_in_sees_nothing_more_and_it_goes_on_in_a_fresh_conversation() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&here, &pair.ann_slack, "between us");
        life.settle().await;
        let widened = rooms(&house, &pair.bob_teams)[0].clone();
        house.teams.let_in(&widened, &["EVE"]);
        // The hub hears of her; before that nobody can do anything about it.
        life.pass(50).await;
        house
            .slack
            .write(&here, &pair.ann_slack, "still between us");
        life.settle().await;
        assert_eq!(house.teams.texts(&widened), ["Ann 0: between us"]);
        let fresh: Vec<_> = rooms(&house, &pair.bob_teams)
            .into_iter()
            .filter(|room| *room != widened)
            .collect();
        assert_eq!(fresh.len(), 1);
        let read = house.teams.texts(&fresh[0]);
        assert_eq!(read.len(), 2, "{read:?}");
        assert!(read[0].contains("Somebody else came"), "{read:?}");
        assert_eq!(read[1], "Ann 0: still between us");
        // What is written where others read is not carried either.
        house
            .teams
            .write(&widened, &pair.bob_teams, "to all of you");
        house.teams.write(&fresh[0], &pair.bob_teams, "to you");
        life.settle().await;
        let back = house.slack.texts(&here);
        assert!(back.contains(&"to you".to_owned()), "{back:?}");
        assert!(!back.contains(&"to all of you".to_owned()), "{back:?}");
        assert!(back.iter().any(|text| text.contains("Somebody else came")));
        let notices = life.store.read(|reader| reader.notices()).await;
        let notices = notices.expect("read");
        assert_eq!(notices[0].code, "conversation_widened");
    });
}

#[test]
fn after_a_gap_the_members_are_looked_at_before_anything_is_said() {
    let house = without_tokens();
    let pair = Pair::number(0);
    let here = std::cell::OnceCell::new();
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let room = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&room, &pair.ann_slack, "between us");
        life.settle().await;
        here.set(room).expect("once");
        life.engine.stop().await;
    });
    let here = here.get().expect("it was opened");
    let widened = rooms(&house, &pair.bob_teams)[0].clone();
    {
        // Nobody is told of this one.
        let mut state = house.teams.state();
        let room = state.rooms.get_mut(&widened).expect("a room");
        room.members
            .push(causeway_model::ExternalAccount::new("EVE"));
    }
    house.clock.end(60_000);
    house.live(async |life| {
        // Before any source has said that it hears.
        house.slack.write(here, &pair.ann_slack, "still between us");
        life.settle().await;
        assert_eq!(house.teams.texts(&widened), ["Ann 0: between us"]);
        assert_eq!(rooms(&house, &pair.bob_teams).len(), 2);
    });
}

#[test]
fn those_whom_the_conversation_was_made_for_may_come_in() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&here, &pair.ann_slack, "one");
        life.settle().await;
        let room = rooms(&house, &pair.bob_teams)[0].clone();
        let members = ["TAPP", pair.bob_teams.as_str(), pair.ann_teams.as_str()];
        house.teams.let_in(&room, &members);
        house.slack.write(&here, &pair.ann_slack, "two");
        life.settle().await;
        assert_eq!(house.teams.texts(&room), ["Ann 0: one", "Ann 0: two"]);
    });
}

#[test]
fn what_waits_at_a_start_is_not_said_before_the_members_are_looked_at() {
    let house = without_tokens();
    let pair = Pair::number(0);
    let here = std::cell::OnceCell::new();
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let room = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&room, &pair.ann_slack, "between us");
        life.settle().await;
        house
            .teams
            .always(Call::Post, Fate::Refused(FailureKind::NotSent));
        house
            .slack
            .write(&room, &pair.ann_slack, "still between us");
        life.pass(5_000).await;
        here.set(room).expect("once");
        life.engine.stop().await;
    });
    let widened = rooms(&house, &pair.bob_teams)[0].clone();
    {
        let mut state = house.teams.state();
        state.always.remove(&Call::Post);
        let room = state.rooms.get_mut(&widened).expect("a room");
        room.members
            .push(causeway_model::ExternalAccount::new("EVE"));
    }
    house.clock.end(120_000);
    house.live(async |life| {
        life.settle().await;
        assert_eq!(house.teams.texts(&widened), ["Ann 0: between us"]);
        let rooms = rooms(&house, &pair.bob_teams);
        let said: Vec<_> = rooms
            .iter()
            .flat_map(|room| house.teams.texts(room))
            .collect();
        assert!(
            said.contains(&"Ann 0: still between us".to_owned()),
            "{said:?}"
        );
    });
}

#[test]
fn who_came_in_while_a_source_was_begun_anew_is_looked_for_though_it_never_says_that_it_hears() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&here, &pair.ann_slack, "between us");
        life.settle().await;
        let widened = rooms(&house, &pair.bob_teams)[0].clone();
        {
            let mut state = house.teams.state();
            state.mute = true;
            let room = state.rooms.get_mut(&widened).expect("a room");
            room.members
                .push(causeway_model::ExternalAccount::new("EVE"));
        }
        life.engine.reload(TEAMS).await.expect("a reload");
        house
            .slack
            .write(&here, &pair.ann_slack, "still between us");
        life.settle().await;
        assert_eq!(house.teams.texts(&widened), ["Ann 0: between us"]);
        assert_eq!(rooms(&house, &pair.bob_teams).len(), 2);
    });
}

#[test]
fn an_edit_is_not_shown_to_whoever_came_in() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        let message = house.slack.write(&here, &pair.ann_slack, "between us");
        let other = house.slack.write(&here, &pair.ann_slack, "and this");
        life.settle().await;
        let widened = rooms(&house, &pair.bob_teams)[0].clone();
        house.teams.let_in(&widened, &["EVE"]);
        life.pass(50).await;
        house.slack.edit(&here, &message, "a secret");
        house.slack.delete(&here, &other);
        life.settle().await;
        // Taking something away shows nobody anything.
        assert_eq!(house.teams.texts(&widened), ["Ann 0: between us"]);
    });
}

#[test]
fn what_was_written_before_somebody_came_in_is_still_carried() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = house.slack.rooms_of(&pair.ann_slack)[0].clone();
        house.slack.write(&here, &pair.ann_slack, "one");
        life.settle().await;
        let room = rooms(&house, &pair.bob_teams)[0].clone();
        house.teams.state().withheld = Some(Vec::new());
        house.teams.write(&room, &pair.bob_teams, "before Eve");
        life.pass(1_000).await;
        house.teams.let_in(&room, &["EVE"]);
        house.teams.write(&room, &pair.bob_teams, "before her eyes");
        let mut late = house.teams.state().withheld.take().expect("withheld");
        // The news of her comes first.
        late.swap(0, 1);
        for event in late {
            house.teams.tell(Some(event));
        }
        life.settle().await;
        let back = house.slack.texts(&here);
        assert!(back.contains(&"before Eve".to_owned()), "{back:?}");
        assert!(!back.contains(&"before her eyes".to_owned()), "{back:?}");
    });
}

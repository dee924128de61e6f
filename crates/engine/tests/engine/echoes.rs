//! I4: what the hub posts is never relayed back, and what people post is never taken for an echo.

use crate::support::{Call, Fate, House, Pair, Room, SLACK, Setup, TEAMS};

fn rooms(house: &House) -> (Room, Room) {
    let pair = Pair::number(0);
    (
        house.slack.direct(&pair.ann_slack, &pair.bob_slack),
        house.teams.direct(&pair.ann_teams, &pair.bob_teams),
    )
}

#[test]
fn an_echo_that_beats_the_apis_answer_is_recognised_on_both_kinds_of_platform() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.slack.always(Call::Post, Fate::EchoFirst(500));
    house.teams.always(Call::Post, Fate::EchoFirst(500));
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        house.teams.write(&there, &pair.bob_teams, "hi");
        life.settle().await;
        assert_eq!(life.kept(TEAMS, &house.teams).await, 0);
        assert_eq!(life.kept(SLACK, &house.slack).await, 0);
    });
    assert_eq!(house.slack.texts(&here).len(), 2);
    assert_eq!(house.teams.texts(&there).len(), 2);
}

#[test]
fn what_someone_writes_by_hand_while_the_hub_posts_as_them_is_relayed_after() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    // Ann's own token in Slack lets the hub say there what she writes by hand in Teams.
    let ann = causeway_model::ExternalAccount::new(&pair.ann_slack);
    house.slack.state().authorised.insert(ann);
    house.teams.script(Call::Post, [Fate::EchoFirst(2_000)]);
    house.live(async |life| {
        let account = pair.ann_slack.clone();
        life.write(move |tx| crate::support::put_token(tx, SLACK, &account))
            .await;
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "from the hub");
        life.pass(800).await;
        house.teams.write(&there, &pair.ann_teams, "by hand");
        life.pass(300).await;
        assert_eq!(house.slack.texts(&here), ["from the hub"]);
        life.settle().await;
    });
    let said = house.slack.texts(&here);
    assert_eq!(said, ["from the hub", "(from Microsoft Teams) by hand"]);
    assert_eq!(house.teams.texts(&there), ["from the hub", "by hand"]);
}

#[test]
fn a_marker_forged_by_a_person_silences_nothing() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&there, &pair.bob_teams, "hi");
        life.settle().await;
        let seen = {
            let state = house.slack.state();
            state.rooms[&here].messages[0].marker.clone()
        };
        let message = house.slack.write(&here, &pair.ann_slack, "copied");
        let mut told = house.slack.state().told.pop_back().expect("told");
        if let causeway_model::Happening::Posted { marker, .. } = &mut told.happened {
            *marker = seen.map(|relay_id| causeway_model::Marker {
                relay_id,
                by_own_app: false,
            });
        }
        house.slack.tell(Some(told));
        life.settle().await;
        assert!(!message.as_str().is_empty());
    });
    assert_eq!(house.teams.texts(&there), ["hi", "copied"]);
}

/// Bob's own tool puts the relay id of what the hub is just saying as him onto what he writes.
#[test]
fn a_marker_counts_only_with_the_id_of_the_hubs_own_app() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    // Bob's own token in Teams lets the hub say there what he writes by hand in Slack.
    let bob = causeway_model::ExternalAccount::new(&pair.bob_teams);
    house.teams.state().authorised.insert(bob);
    house.slack.script(Call::Post, [Fate::Slow(2_000)]);
    house.live(async |life| {
        let account = pair.bob_teams.clone();
        life.write(move |tx| crate::support::put_token(tx, TEAMS, &account))
            .await;
        life.ready().await;
        house.teams.write(&there, &pair.bob_teams, "from the hub");
        life.pass(800).await;
        let open = life.write(|tx| tx.in_flight()).await;
        house.slack.write(&here, &pair.bob_slack, "by hand");
        let mut told = house.slack.state().told.pop_back().expect("told");
        if let causeway_model::Happening::Posted { marker, .. } = &mut told.happened {
            *marker = Some(causeway_model::Marker {
                relay_id: open[0].relay_id.clone(),
                by_own_app: false,
            });
        }
        house.slack.tell(Some(told));
        life.settle().await;
    });
    assert_eq!(house.slack.texts(&here), ["by hand", "from the hub"]);
    assert_eq!(
        house.teams.texts(&there),
        ["from the hub", "(from Slack) by hand"]
    );
}

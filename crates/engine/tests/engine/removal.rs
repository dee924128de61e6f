//! I1, I2, I4 and I9: a connection is taken away while the hub goes on, and people come back to
//! work in another workspace or tenant.

use causeway_model::{Clock, ConnectionId, Platform};
use causeway_store::NewConnection;

use crate::support::{House, Life, Pair, SLACK, Setup, TEAMS, listed, pair_up, put_token};

/// Ann's and Bob's accounts on a platform, hers first.
fn accounts(pair: &Pair, platform: Platform) -> [&str; 2] {
    if platform == Platform::Slack {
        [&pair.ann_slack, &pair.bob_slack]
    } else {
        [&pair.ann_teams, &pair.bob_teams]
    }
}

/// Another workspace or tenant is connected, with everyone in it, and they are paired anew.
async fn move_to_another(house: &House, life: &Life, platform: Platform) -> ConnectionId {
    let now = house.clock.now();
    let model = if platform == Platform::Slack {
        &house.slack
    } else {
        &house.teams
    };
    let heard = model.state().log.len().to_string();
    let other = life
        .write(move |tx| {
            let pair = Pair::number(0);
            let [ann, bob] = accounts(&pair, platform);
            let own = if platform == Platform::Slack {
                "SAPP"
            } else {
                "TAPP"
            };
            let other = tx.add_connection(
                &NewConnection {
                    platform,
                    name: "another".to_owned(),
                    settings: serde_json::json!({ "own_accounts": [own] }),
                },
                now,
            )?;
            tx.set_cursor(other, "log", &heard)?;
            tx.import_accounts(other, &[listed(ann, "Ann 0"), listed(bob, "Bob 0")], now)?;
            let (slack, teams) = if platform == Platform::Slack {
                put_token(tx, other, bob)?;
                (other, TEAMS)
            } else {
                put_token(tx, other, ann)?;
                (SLACK, other)
            };
            pair_up(tx, (slack, &pair.ann_slack), (teams, &pair.ann_teams))?;
            pair_up(tx, (teams, &pair.bob_teams), (slack, &pair.bob_slack))?;
            Ok(other)
        })
        .await;
    life.engine.add(other).await.expect("it is heard");
    life.engine.pairings_changed().await.expect("told");
    other
}

#[test]
fn who_comes_to_another_tenant_is_written_to_in_the_conversations_of_old() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.live(async |life| {
        life.ready().await;
        let before = house.slack.write(&here, &pair.ann_slack, "before");
        life.settle().await;
        life.engine.remove(TEAMS).await.expect("it is removed");
        house
            .slack
            .write(&here, &pair.ann_slack, "while it is gone");
        life.settle().await;
        move_to_another(&house, life, Platform::Teams).await;
        house.slack.edit(&here, &before, "changed since");
        house.slack.write(&here, &pair.ann_slack, "after");
        house.slack.write(&here, &pair.ann_slack, "and more");
        life.settle().await;
        house.teams.write(&there, &pair.bob_teams, "answer");
        life.settle().await;
    });
    assert_eq!(
        house.teams.texts(&there),
        ["before", "after", "and more", "answer"]
    );
    let seen = [
        "changed since",
        "while it is gone",
        "after",
        "and more",
        "answer",
    ];
    assert_eq!(house.slack.texts(&here), seen);
}

#[test]
fn nothing_needs_to_be_written_meanwhile_for_the_old_conversation_to_go_on() {
    for platform in [Platform::Teams, Platform::Slack] {
        let house = House::new(Setup::default());
        let pair = Pair::number(0);
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
        let gone = if platform == Platform::Slack {
            SLACK
        } else {
            TEAMS
        };
        house.live(async |life| {
            life.ready().await;
            house.slack.write(&here, &pair.ann_slack, "before");
            life.settle().await;
            life.engine.remove(gone).await.expect("it is removed");
            // The model has one workspace only: what is long past in it is not caught up.
            life.pass(600_000).await;
            let other = move_to_another(&house, life, platform).await;
            assert_ne!(other, gone);
            life.ready().await;
            // First whoever works where nothing has changed.
            let mut words = ["first", "second"].into_iter();
            for writes_in_slack in [platform == Platform::Teams, platform == Platform::Slack] {
                let word = words.next().expect("two words");
                if writes_in_slack {
                    house.slack.write(&here, &pair.ann_slack, word);
                } else {
                    house.teams.write(&there, &pair.bob_teams, word);
                }
                life.settle().await;
            }
        });
        let all = ["before", "first", "second"];
        assert_eq!(house.slack.texts(&here), all, "{platform:?}");
        assert_eq!(house.teams.texts(&there), all, "{platform:?}");
    }
}

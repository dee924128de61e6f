//! Asking once: who is asked, when, how often, and what waits for the answer.

use causeway_model::{AccountId, Consent, DeliveryState, FailureKind, Reason, capability};

use crate::support::{
    Call, CodeUse, Fate, House, Life, Pair, Room, Setup, TEAMS, authorise, owner, put_token,
};

const DAY_MS: u64 = 24 * 3_600_000;
const START: &str = "consent:start";
const DECLINE: &str = "consent:decline";

/// A house in which Ann of pair 0 has opened her conversation with Bob by asking for him.
/// What waited for days says when it was written.
const LATE: &str = "Ann 0: (written 14 Nov 2023, 22:13 UTC) one";

fn house() -> House {
    House::that_asks(Setup {
        pairs: 2,
        ..Setup::default()
    })
}

fn pair() -> Pair {
    Pair::number(0)
}

/// Where Ann writes to Bob.
async fn opened(life: &Life, house: &House) -> Room {
    let pair = pair();
    house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
    life.settle().await;
    let rooms = house.slack.rooms_of(&pair.ann_slack);
    let [room] = rooms.as_slice() else {
        panic!("one conversation is expected, not {}", rooms.len());
    };
    room.clone()
}

fn ann_writes(house: &House, room: &Room, text: &str) {
    house.slack.write(room, &pair().ann_slack, text);
}

/// Ann presses Start and signs in on Teams with what she was told.
async fn ann_signs_in(life: &Life, house: &House, as_account: &str) {
    let pair = pair();
    assert!(house.slack.press(&pair.ann_slack, START));
    life.pass(2_000).await;
    let code = house.slack.newest_code(&pair.ann_slack, &house.teams);
    let code = code.expect("she was told a code");
    let signed_in = CodeUse::SignedIn(as_account.into_account());
    assert!(house.teams.use_code(&code, signed_in));
    life.pass(6_000).await;
    life.settle().await;
}

trait IntoAccount {
    fn into_account(self) -> causeway_model::ExternalAccount;
}

impl IntoAccount for &str {
    fn into_account(self) -> causeway_model::ExternalAccount {
        causeway_model::ExternalAccount::new(self)
    }
}

async fn anns_account(life: &Life) -> AccountId {
    let account = pair().ann_teams;
    life.write(move |tx| Ok(owner(tx, TEAMS, &account)?.1))
        .await
}

async fn consent(life: &Life) -> Option<Consent> {
    let account = anns_account(life).await;
    let consent = life.store.read(move |reader| reader.consent(account));
    consent.await.expect("it can be read")
}

/// What Bob reads in his own chat with Ann's account.
fn bob_reads(house: &House) -> Vec<(String, String)> {
    let pair = pair();
    let native = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.teams.shown(&native)
}

/// What Bob reads in conversations that the app made.
fn bob_reads_from_app(house: &House) -> Vec<String> {
    let pair = pair();
    let native = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    let rooms = house.teams.rooms_of(&pair.bob_teams);
    let made = rooms.into_iter().filter(|room| *room != native);
    made.flat_map(|room| house.teams.texts(&room)).collect()
}

#[test]
fn who_first_writes_is_asked_once_and_what_they_wrote_arrives_in_order_as_theirs() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 0);
        for text in ["one", "two", "three"] {
            ann_writes(&house, &room, text);
            life.pass(300).await;
        }
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        assert_eq!(bob_reads(&house), []);
        let waiting = life.in_state(DeliveryState::WaitingForPerson).await;
        assert_eq!(waiting, [Some(Reason::AwaitingConsent)]);

        ann_signs_in(life, &house, &pair.ann_teams).await;
        ann_writes(&house, &room, "four");
        life.settle().await;
        let as_ann = |text: &str| (pair.ann_teams.clone(), text.to_owned());
        let expected = ["one", "two", "three", "four"].map(as_ann);
        assert_eq!(bob_reads(&house), expected);
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        assert_eq!(bob_reads_from_app(&house), [""; 0]);
    });
    assert_eq!(house.teams.prompts(&pair.bob_teams), 0);
}

#[test]
fn who_is_first_written_to_reads_it_at_once_and_is_asked_once() {
    let house = house();
    let pair = pair();
    let native = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&native, &pair.bob_teams, "hello");
        house
            .teams
            .write(&native, &pair.bob_teams, "are you there?");
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        let rooms = house.slack.rooms_of(&pair.ann_slack);
        let read: Vec<_> = rooms
            .iter()
            .flat_map(|room| house.slack.texts(room))
            .filter(|text| !text.contains("You are asked once"))
            .collect();
        assert_eq!(read, ["hello", "are you there?"]);
        let room = rooms
            .iter()
            .find(|room| house.slack.texts(room).contains(&"hello".to_owned()))
            .expect("a conversation")
            .clone();
        ann_writes(&house, &room, "I am");
        life.settle().await;
        assert_eq!(bob_reads(&house).len(), 2);
        ann_signs_in(life, &house, &pair.ann_teams).await;
        let last = bob_reads(&house).pop();
        assert_eq!(last, Some((pair.ann_teams.clone(), "I am".to_owned())));
    });
}

#[test]
fn who_takes_no_part_is_never_asked() {
    let house = house();
    let others = Pair::number(1);
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "hello");
        life.settle().await;
        for (platform, account) in [
            (&house.slack, &others.ann_slack),
            (&house.slack, &others.bob_slack),
            (&house.teams, &others.bob_teams),
            (&house.teams, &pair().bob_teams),
        ] {
            assert_eq!(platform.app_says(account), [""; 0], "{account}");
        }
    });
}

#[test]
fn who_declines_is_spoken_for_by_the_app_and_is_not_asked_again() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        ann_writes(&house, &room, "two");
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, DECLINE));
        life.settle().await;
        ann_writes(&house, &room, "three");
        life.settle().await;
        assert_eq!(bob_reads(&house), []);
        assert_eq!(
            bob_reads_from_app(&house),
            ["Ann 0: one", "Ann 0: two", "Ann 0: three"]
        );
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        let declined = consent(life).await;
        assert!(matches!(declined, Some(Consent::Declined { .. })));
        assert_eq!(life.in_state(DeliveryState::WaitingForPerson).await, []);
    });
}

#[test]
fn who_does_not_answer_is_told_once_when_the_app_speaks_for_them_and_can_still_allow_it() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        life.pass(3 * DAY_MS - 3_600_000).await;
        assert_eq!(bob_reads_from_app(&house), [""; 0]);
        life.pass(2 * 3_600_000).await;
        life.settle().await;
        ann_writes(&house, &room, "two");
        life.settle().await;
        assert_eq!(bob_reads_from_app(&house), [LATE, "Ann 0: two"]);
        let said = house.slack.app_says(&pair.ann_slack);
        let told = said
            .iter()
            .filter(|text| text.contains("waited long enough"));
        assert_eq!(told.count(), 1, "{said:?}");

        ann_signs_in(life, &house, &pair.ann_teams).await;
        ann_writes(&house, &room, "three");
        life.settle().await;
        let last = bob_reads(&house).pop();
        assert_eq!(last, Some((pair.ann_teams.clone(), "three".to_owned())));
        // Where it went on is said in the conversation that is left.
        let left = bob_reads_from_app(&house).pop().unwrap_or_default();
        assert!(left.contains("goes on in your own chat"), "{left}");
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
}

#[test]
fn whoever_else_signs_in_is_thrown_away_and_told_and_nothing_is_sent_as_anyone() {
    let house = house();
    let pair = pair();
    let other = Pair::number(1);
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        ann_signs_in(life, &house, &other.ann_teams).await;
        let told = house.slack.app_says(&pair.ann_slack).pop();
        assert!(told.is_some_and(|text| text.contains("Somebody else signed in")));
        assert_eq!(bob_reads(&house), []);
        assert!(matches!(consent(life).await, Some(Consent::Asked { .. })));
        let owners = life.store.read(|reader| reader.token_owners(TEAMS)).await;
        assert_eq!(owners.expect("read"), [""; 0]);

        ann_signs_in(life, &house, &pair.ann_teams).await;
        assert_eq!(bob_reads(&house).len(), 1);
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
}

#[test]
fn a_code_that_is_not_used_in_time_is_replaced_without_another_prompt() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, START));
        life.pass(16 * 60_000).await;
        let said = house.slack.app_says(&pair.ann_slack).pop();
        assert!(said.is_some_and(|text| text.contains("not used in time")));
        ann_signs_in(life, &house, &pair.ann_teams).await;
        assert_eq!(bob_reads(&house).len(), 1);
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
}

#[test]
fn a_restart_at_any_point_asks_nobody_twice_and_loses_no_code() {
    for steps in 0..6 {
        let house = house();
        let pair = pair();
        let room = std::cell::OnceCell::new();
        house.live(async |life| {
            life.ready().await;
            let opened = opened(life, &house).await;
            room.set(opened.clone()).expect("once");
            if steps > 0 {
                ann_writes(&house, &opened, "one");
                life.pass([0, 1, 6, 30, 400, 4_000][steps]).await;
            }
            if steps > 3 {
                house.slack.press(&pair.ann_slack, START);
                life.pass([0, 0, 0, 0, 8, 3_000][steps]).await;
            }
        });
        house.clock.end(30_000);
        let room = room.get().expect("it was opened");
        house.live(async |life| {
            life.ready().await;
            ann_writes(&house, room, "two");
            life.settle().await;
            assert_eq!(house.slack.prompts(&pair.ann_slack), 1, "after {steps}");
            if house
                .slack
                .newest_code(&pair.ann_slack, &house.teams)
                .is_none()
            {
                assert!(house.slack.press(&pair.ann_slack, START));
                life.pass(3_000).await;
            }
            let code = house.slack.newest_code(&pair.ann_slack, &house.teams);
            let code = code.expect("a code that is still good");
            let signed_in = CodeUse::SignedIn(pair.ann_teams.as_str().into_account());
            assert!(house.teams.use_code(&code, signed_in), "after {steps}");
            life.pass(6_000).await;
            life.settle().await;
        });
        let read: Vec<_> = bob_reads(&house)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        let expected: &[&str] = if steps > 0 { &["one", "two"] } else { &["two"] };
        assert_eq!(read, expected, "after {steps}");
    }
}

#[test]
fn a_restored_backup_from_before_the_prompt_does_not_ask_again() {
    for unanswered in [false, true] {
        let house = house();
        let pair = pair();
        let room = std::cell::OnceCell::new();
        house.live(async |life| {
            life.ready().await;
            room.set(opened(life, &house).await).expect("once");
        });
        let copy = house.back_up();
        let room = room.get().expect("it was opened");
        house.live(async |life| {
            life.ready().await;
            if unanswered {
                house.slack.script(Call::Post, [Fate::DoneUnanswered]);
            }
            ann_writes(&house, room, "one");
            life.settle().await;
            assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        });
        house.restore(&copy);
        house.live(async |life| {
            life.ready().await;
            ann_writes(&house, room, "two");
            life.settle().await;
            assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
            ann_signs_in(life, &house, &pair.ann_teams).await;
            let read: Vec<_> = bob_reads(&house)
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(read, ["one", "two"]);
        });
    }
}

#[test]
fn what_was_granted_and_is_revoked_goes_on_through_the_app_and_nobody_is_asked_again() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        ann_signs_in(life, &house, &pair.ann_teams).await;
        // The vault is told by whichever call finds out.
        let account = pair.ann_teams.as_str().into_account();
        house.teams.state().authorised.remove(&account);
        ann_writes(&house, &room, "two");
        let now = causeway_model::Clock::now(house.clock.as_ref());
        life.pass(1).await;
        let owner = format!("account:{account}");
        life.write(move |tx| tx.revoke_token(TEAMS, &owner, now))
            .await;
        life.settle().await;
        ann_writes(&house, &room, "three");
        life.settle().await;
        assert_eq!(bob_reads(&house).len(), 1);
        let carried = bob_reads_from_app(&house);
        let carried: Vec<_> = carried
            .iter()
            .filter(|text| text.starts_with("Ann 0: "))
            .collect();
        assert_eq!(carried, ["Ann 0: two", "Ann 0: three"]);
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
        assert!(matches!(consent(life).await, Some(Consent::Revoked { .. })));
    });
}

#[test]
fn an_administrator_may_ask_again_and_nothing_waits_for_that() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, DECLINE));
        life.settle().await;
        let account = anns_account(life).await;
        life.engine.ask_again(account).await.expect("asked");
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 2);
        ann_writes(&house, &room, "two");
        life.settle().await;
        assert_eq!(bob_reads_from_app(&house).len(), 2);
        ann_signs_in(life, &house, &pair.ann_teams).await;
        ann_writes(&house, &room, "three");
        life.settle().await;
        let last = bob_reads(&house).pop();
        assert_eq!(last, Some((pair.ann_teams.clone(), "three".to_owned())));
    });
}

#[test]
fn a_tenant_that_reserves_consent_to_administrators_is_named_and_the_person_told() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, START));
        life.pass(2_000).await;
        let code = house.slack.newest_code(&pair.ann_slack, &house.teams);
        assert!(
            house
                .teams
                .use_code(&code.expect("a code"), CodeUse::Refused)
        );
        life.pass(6_000).await;
        life.settle().await;
        let notices = life.store.read(|reader| reader.notices()).await;
        let codes: Vec<_> = notices
            .expect("read")
            .into_iter()
            .map(|notice| notice.code)
            .collect();
        assert_eq!(codes, ["administrator_consent_needed"]);
        let told = house.slack.app_says(&pair.ann_slack).pop();
        assert!(told.is_some_and(|text| text.contains("an administrator must")));
        // Once that is done, signing in is enough, and the notice is gone.
        ann_signs_in(life, &house, &pair.ann_teams).await;
        assert_eq!(bob_reads(&house).len(), 1);
        let notices = life.store.read(|reader| reader.notices()).await;
        assert_eq!(notices.expect("read"), []);
    });
}

#[test]
fn a_prompt_that_cannot_be_delivered_lets_nothing_wait() {
    let house = house();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        house
            .slack
            .script(Call::Open, [Fate::Refused(FailureKind::Rejected)]);
        house
            .slack
            .script(Call::Post, [Fate::Refused(FailureKind::Rejected)]);
        ann_writes(&house, &room, "one");
        life.settle().await;
        let account = anns_account(life).await;
        let lapsed = life.store.read(move |reader| reader.has_lapsed(account));
        assert!(lapsed.await.expect("read"));
        assert_eq!(bob_reads_from_app(&house), ["Ann 0: one"]);
    });
}

#[test]
fn who_takes_it_back_by_a_word_is_spoken_for_by_the_app() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let account = pair.ann_teams.clone();
        house
            .teams
            .state()
            .authorised
            .insert(account.as_str().into_account());
        life.write(move |tx| put_token(tx, TEAMS, &account)).await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        assert_eq!(bob_reads(&house).len(), 1);
        house.slack.ask(&pair.ann_slack, "stop", None);
        life.settle().await;
        ann_writes(&house, &room, "two");
        life.settle().await;
        let carried = bob_reads_from_app(&house);
        assert!(carried.contains(&"Ann 0: two".to_owned()), "{carried:?}");
        assert_eq!(house.slack.prompts(&pair.ann_slack), 0);
    });
}

/// On the other side the app's own role is enough, so that nobody was ever asked anything.
fn that_acts_by_role() -> House {
    let house = House::new(Setup {
        tokens: false,
        platforms: [&capability::SLACK, &capability::ZOOM],
        ..Setup::default()
    });
    authorise(&house.teams, &pair().ann_teams);
    house
}

#[test]
fn who_stops_what_nobody_signed_in_for_starts_it_again_by_a_word() {
    let house = that_acts_by_role();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        for (number, (word, as_herself)) in
            [(None, true), (Some("stop"), false), (Some("start"), true)]
                .into_iter()
                .enumerate()
        {
            if let Some(word) = word {
                house.slack.ask(&pair.ann_slack, word, None);
                life.settle().await;
            }
            let text = format!("number {number}");
            ann_writes(&house, &room, &text);
            life.settle().await;
            let own = bob_reads(&house);
            let own = own.contains(&(pair.ann_teams.clone(), text));
            assert_eq!(own, as_herself, "after {word:?}");
        }
        let by_app = bob_reads_from_app(&house);
        assert!(by_app.contains(&"Ann 0: number 1".to_owned()), "{by_app:?}");
        let said = house.slack.app_says(&pair.ann_slack);
        assert!(
            said.iter().any(|text| text.contains("answer “start”")),
            "{said:?}"
        );
    });
}

#[test]
fn what_an_administrator_has_revoked_does_not_begin_again_by_a_word() {
    let house = that_acts_by_role();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        let account = anns_account(life).await;
        life.engine.revoke_consent(account).await.expect("revoked");
        house.slack.ask(&pair.ann_slack, "start", None);
        life.settle().await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        assert_eq!(bob_reads(&house), []);
    });
}

#[test]
fn nobody_is_asked_because_of_what_is_too_old_to_be_carried() {
    let house = house();
    let pair = pair();
    let room = house.live(async |life| {
        life.ready().await;
        opened(life, &house).await
    });
    ann_writes(&house, &room, "one");
    house.clock.end(15 * 24 * 3_600_000);
    house.live(async |life| {
        life.ready().await;
        life.settle().await;
        let cancelled = life.in_state(DeliveryState::Cancelled).await;
        assert_eq!(cancelled, [Some(Reason::TooOld)]);
        assert_eq!(house.slack.prompts(&pair.ann_slack), 0);
        ann_writes(&house, &room, "two");
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
}

#[test]
fn where_the_app_is_deaf_nobody_is_told_that_it_speaks_for_them() {
    let house = House::that_asks(Setup {
        platforms: [&capability::SLACK, &capability::WEBEX_BY_SOCKETS],
        ..Setup::default()
    });
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        life.pass(3 * DAY_MS).await;
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, DECLINE));
        life.settle().await;
        let said = house.slack.app_says(&pair.ann_slack);
        for told in ["You are asked once", "still wait", "All right."] {
            assert!(said.iter().any(|text| text.contains(told)), "{said:?}");
        }
        let speaks = |text: &String| text.contains("through this app");
        assert!(!said.iter().any(speaks), "{said:?}");
        assert_eq!(bob_reads(&house), []);
        assert_eq!(bob_reads_from_app(&house), [""; 0]);
    });
}

#[test]
fn asking_again_while_messages_wait_lets_them_wait_no_longer_than_was_said() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        ann_writes(&house, &room, "one");
        life.settle().await;
        let account = anns_account(life).await;
        life.engine.ask_again(account).await.expect("asked");
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 2);
        assert_eq!(bob_reads_from_app(&house), [""; 0]);
        life.pass(3 * DAY_MS).await;
        life.settle().await;
        assert_eq!(bob_reads_from_app(&house), [LATE]);
    });
}

#[test]
fn what_is_deleted_while_its_conversation_changes_is_not_delivered_after_all() {
    let house = house();
    let pair = pair();
    house.live(async |life| {
        life.ready().await;
        let room = opened(life, &house).await;
        let kept = house.slack.write(&room, &pair.ann_slack, "one");
        let message = house.slack.write(&room, &pair.ann_slack, "two");
        life.settle().await;
        house.slack.delete(&room, &message);
        house.slack.edit(&room, &kept, "one, changed");
        life.settle().await;
        assert!(house.slack.press(&pair.ann_slack, DECLINE));
        life.settle().await;
        assert_eq!(bob_reads_from_app(&house), ["Ann 0: one, changed"]);
    });
}

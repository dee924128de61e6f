//! Use cases about people, called as a face calls them, on a folder connected to a sandbox where
//! nothing is relayed.

mod acme;

use std::net::{SocketAddr, TcpListener};

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        AddressFrom, AskAgain, CheckAddress, ConnectWebex, ConsentState, DismissNotice, ErrorCode,
        GetAddress, GetNeeds, GetPolicy, GetStats, ImportPeople, ListCapabilities, ListGaps,
        ListNotices, ListPeople, ListSuggestions, PairPeople, PersonRef, PreviewPairing,
        RevokeConsent, SecondaryWish, SetAddress, SetPaused, SetPolicy, SignInGuest, StatsSpan,
        Suggestion, SuggestionKind, UnpairPerson,
    },
};
use causeway_model::{Doing, Grade, GuestState, HealthState, LegKind, Mode, Platform, Rung};
use tempfile::TempDir;

use acme::{Acme, open, text};

impl Acme {
    /// Both platforms connected and everyone imported; only Ann's token is given, on Teams.
    async fn imported() -> Self {
        let acme = Self::connected(&["ann@acme.example"]).await;
        acme.client
            .call(ImportPeople::default())
            .await
            .expect("people are imported");
        acme
    }

    /// Webex as well, heard by sockets: the app has no conversations of its own there.
    async fn with_webex_by_sockets() -> Self {
        let acme = Self::connected(&[]).await;
        let credentials = &acme.description["credentials"]["webex"];
        let connect = ConnectWebex {
            api_url: Some(text(&acme.description["webex"])),
            client_id: text(&credentials["client_id"]),
            client_secret: text(&credentials["client_secret"]),
            bot_token: text(&credentials["bot_token"]),
            administrator_refresh_token: Some(text(&credentials["administrator_refresh_token"])),
            hear_by_sockets: true,
            ..ConnectWebex::default()
        };
        acme.client.call(connect).await.expect("Webex connects");
        let imported = acme.client.call(ImportPeople::default()).await;
        imported.expect("people are imported");
        acme
    }

    async fn suggested(&self, name: &str) -> Vec<Suggestion> {
        let list = ListSuggestions {
            limit: Some(500),
            ..ListSuggestions::default()
        };
        let page = self.client.call(list).await.expect("suggestions");
        page.suggestions
            .into_iter()
            .filter(|suggestion| suggestion.name == name)
            .collect()
    }

    async fn paired_people(&self) -> usize {
        let page = self.client.call(ListPeople {
            limit: Some(500),
            ..ListPeople::default()
        });
        let people = page.await.expect("people").people;
        people
            .iter()
            .filter(|person| !person.pairings.is_empty())
            .count()
    }
}

fn named(names: &[&str]) -> Vec<PersonRef> {
    names
        .iter()
        .map(|name| PersonRef::Named((*name).to_owned()))
        .collect()
}

fn one(name: &str) -> PersonRef {
    PersonRef::Named(name.to_owned())
}

fn to_teams(names: &[&str], wish: SecondaryWish) -> PairPeople {
    PairPeople {
        people: named(names),
        primary: Platform::Slack,
        secondary: Platform::Teams,
        wish,
    }
}

#[tokio::test]
async fn people_are_suggested_as_what_their_addresses_and_names_say() {
    let acme = Acme::imported().await;
    let ann = &acme.suggested("Ann Lee").await[0];
    assert_eq!(ann.kind, SuggestionKind::Match);
    assert_eq!((ann.primary, ann.wish), (None, Some(SecondaryWish::Full)));
    let gus = &acme.suggested("Gus Lindqvist").await[0];
    assert_eq!(gus.kind, SuggestionKind::Missing);
    assert_eq!(gus.primary, Some(Platform::Slack));
    assert_eq!(gus.wish, Some(SecondaryWish::Guest));
    let sams = acme.suggested("Sam Carter").await;
    let other = sams
        .iter()
        .find(|sam| sam.kind == SuggestionKind::Ambiguous)
        .expect("the second Sam's address is nobody's on Slack");
    assert_eq!(other.primary, Some(Platform::Teams));
    assert_eq!(other.candidates.len(), 1);
    assert_eq!(other.candidates[0].platform, Platform::Slack);
}

#[tokio::test]
async fn a_preview_says_what_pairing_does_and_changes_nothing() {
    let acme = Acme::imported().await;
    let people = ["Ann Lee", "Cho Park", "Gus Lindqvist", "Nobody Atall"];
    let preview = PreviewPairing {
        people: named(&people),
        primary: Platform::Slack,
        secondary: Platform::Teams,
        wish: SecondaryWish::Best,
    };
    let told = acme.client.call(preview).await.expect("a preview");
    let modes: Vec<_> = told.effects.iter().map(|effect| effect.mode).collect();
    assert_eq!(
        modes,
        [Some(Mode::Full), Some(Mode::Full), Some(Mode::App), None]
    );
    let asks: Vec<_> = told.effects.iter().map(|effect| effect.asks).collect();
    assert_eq!(asks, [false, true, false, false]);
    assert_eq!((told.summary.asked, told.summary.problems), (1, 1));
    assert_eq!(acme.paired_people().await, 0);
}

#[tokio::test]
async fn one_who_cannot_be_paired_keeps_nobody_else_from_it() {
    let acme = Acme::imported().await;
    let people = ["Gus Lindqvist", "Ann Lee", "Hana Sato"];
    let report = acme
        .client
        .call(to_teams(&people, SecondaryWish::Guest))
        .await
        .expect("a report");
    assert_eq!(report.paired.len(), 2);
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].person, one("Ann Lee"));
    assert_eq!(report.failed[0].error.code, ErrorCode::NotPairable);
    let gus = &report.paired[0];
    assert_eq!(gus.guest, Some(GuestState::Wanted));
    assert_eq!(gus.speaks_as, Rung::App);
    assert_eq!(gus.consent.state, ConsentState::NotNeeded);
    assert_eq!(acme.paired_people().await, 2);
}

#[tokio::test]
async fn a_pairing_says_who_speaks_and_only_what_is_not_given_is_asked_for() {
    let acme = Acme::imported().await;
    let pair = to_teams(&["Ann Lee", "Cho Park"], SecondaryWish::Full);
    let paired = acme.client.call(pair).await.expect("a report").paired;
    let voices: Vec<_> = paired.iter().map(|pairing| pairing.speaks_as).collect();
    assert_eq!(voices, [Rung::Full, Rung::App]);
    let states: Vec<_> = paired.iter().map(|pairing| pairing.consent.state).collect();
    assert_eq!(states, [ConsentState::Granted, ConsentState::NotAsked]);

    let ask = |name| AskAgain {
        person: one(name),
        secondary: None,
    };
    let given = acme.client.call(ask("Ann Lee")).await;
    assert_eq!(
        given.map_err(|error| error.code).err(),
        Some(ErrorCode::InvalidArgument)
    );
    let asked = acme
        .client
        .call(ask("Cho Park"))
        .await
        .expect("Cho is asked");
    assert_eq!(asked.consent.state, ConsentState::Asked);

    let revoke = RevokeConsent {
        person: one("Ann Lee"),
        secondary: Some(Platform::Teams),
    };
    let revoked = acme.client.call(revoke).await.expect("it is forgotten");
    assert_eq!(revoked.consent.state, ConsentState::Revoked);
    assert_eq!(revoked.speaks_as, Rung::App);
}

#[tokio::test]
async fn a_guest_that_is_not_made_yet_can_neither_be_signed_in_nor_left_behind() {
    let acme = Acme::imported().await;
    let pair = to_teams(&["Gus Lindqvist"], SecondaryWish::Guest);
    acme.client.call(pair).await.expect("a report");
    let sign_in = SignInGuest {
        person: one("Gus Lindqvist"),
        secondary: None,
    };
    let refused = acme.client.call(sign_in).await;
    assert_eq!(
        refused.map_err(|error| error.code),
        Err(ErrorCode::NotFound)
    );
    let unpair = UnpairPerson {
        person: one("Gus Lindqvist"),
        secondary: None,
        remove_guest: true,
    };
    let report = acme.client.call(unpair).await.expect("it ends");
    assert_eq!(report.pairings_ended, 1);
    assert_eq!((report.guests_removed, report.guests_left), (0, 0));
    assert!(report.words.contains("not represented"));
    assert_eq!(acme.paired_people().await, 0);
}

#[tokio::test]
async fn an_account_that_the_administrator_names_becomes_theirs() {
    let acme = Acme::imported().await;
    let sams = acme.suggested("Sam Carter").await;
    let ambiguous = sams
        .iter()
        .find(|sam| sam.kind == SuggestionKind::Ambiguous)
        .expect("one of the two");
    let account = ambiguous.candidates[0].id;
    let pair = PairPeople {
        people: vec![PersonRef::Id(ambiguous.person)],
        primary: Platform::Teams,
        secondary: Platform::Slack,
        wish: SecondaryWish::Account(account),
    };
    let report = acme.client.call(pair).await.expect("a report");
    assert_eq!(report.paired[0].mode, Mode::Full);
    assert!(
        !acme
            .suggested("Sam Carter")
            .await
            .iter()
            .any(|sam| sam.kind == SuggestionKind::Ambiguous)
    );
}

#[tokio::test]
async fn what_was_decided_for_everyone_is_still_so_after_a_restart() {
    let acme = Acme::imported().await;
    let set = SetPolicy {
        consent_wait_ms: Some(2_000),
        catch_up_ms: Some(7_200_000),
        relay_unpaired: Some(false),
        ledger_kept_ms: Some(30 * 86_400_000),
    };
    acme.client.call(set).await.expect("it is kept");
    let notices = acme.client.call(ListNotices {}).await.expect("notices");
    assert!(notices.is_empty());
    acme.client.close().await;
    let again = open(&acme.folder).await;
    let policy = again.call(GetPolicy {}).await.expect("a policy");
    assert_eq!(policy.consent_wait_ms, 2_000);
    assert_eq!(policy.catch_up_ms, 7_200_000);
    assert!(!policy.relay_unpaired);
    assert_eq!(policy.ledger_kept_ms, 30 * 86_400_000);
    let backwards = SetPolicy {
        consent_wait_ms: Some(-1),
        catch_up_ms: Some(3_600_000),
        ..SetPolicy::default()
    };
    assert!(again.call(backwards).await.is_err());
    let unchanged = again.call(GetPolicy {}).await.expect("a policy");
    assert_eq!(unchanged, policy, "all or nothing");
    assert!(again.call(ListGaps {}).await.expect("gaps").is_empty());
    let unknown = again.call(DismissNotice { notice: 1 }).await;
    assert_eq!(
        unknown.expect_err("there is none").code,
        ErrorCode::NotFound
    );
    again.close().await;
}

#[tokio::test]
async fn what_needs_somebody_is_told_and_a_pause_is_not_counted_as_such() {
    let acme = Acme::imported().await;
    let needs = acme.client.call(GetNeeds {}).await.expect("needs");
    assert!(needs.connections.is_empty() && needs.notices.is_empty());
    assert_eq!((needs.uncertain, needs.stuck), (0, 0));
    let pause = SetPaused {
        platform: Some(Platform::Slack),
        paused: true,
    };
    let status = acme.client.call(pause).await.expect("it is paused");
    let states: Vec<_> = status
        .connections
        .iter()
        .map(|view| {
            (
                view.platform,
                view.health.state,
                view.paused_since.is_some(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            (Platform::Slack, HealthState::Paused, true),
            (Platform::Teams, HealthState::Connected, false)
        ]
    );
    assert_eq!(status.paused_since, None, "only one platform is");
    let needs = acme.client.call(GetNeeds {}).await.expect("needs");
    assert!(needs.connections.is_empty(), "a pause is what was wanted");
    let webex = SetPaused {
        platform: Some(Platform::Webex),
        paused: true,
    };
    let refused = acme.client.call(webex).await.expect_err("not connected");
    assert_eq!(refused.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn figures_and_abilities_are_there_before_anything_was_delivered() {
    let acme = Acme::imported().await;
    for (span, many) in [(StatsSpan::Day, 24), (StatsSpan::Week, 28)] {
        let stats = acme.client.call(GetStats { span }).await.expect("figures");
        assert_eq!(stats.buckets.len(), many);
        assert!(
            stats
                .buckets
                .iter()
                .all(|bucket| bucket.median_ms.is_none())
        );
        let steps = stats.buckets.windows(2);
        assert!(
            steps
                .map(|pair| pair[1].at.ms_since(pair[0].at))
                .all(|step| step == stats.bucket_ms)
        );
        assert!(stats.waiting.is_empty());
    }
    let abilities = acme
        .client
        .call(ListCapabilities {})
        .await
        .expect("a table");
    let guests: Vec<_> = abilities
        .iter()
        .map(|of| (of.platform, of.guests))
        .collect();
    let makes_guests = |platform| (platform, platform != Platform::Slack);
    assert_eq!(guests, Platform::ALL.map(makes_guests));
    assert!(abilities.iter().all(|of| !of.carried.is_empty()));
    let limited = abilities.iter().map(|of| {
        let mut carried = of.carried.iter();
        carried.any(|one| one.doing == Doing::Edits && one.grade != Grade::Carried)
    });
    assert_eq!(limited.collect::<Vec<_>>(), [false, false, true, true]);
}

#[tokio::test]
async fn where_the_app_hears_no_rooms_nobody_is_paired_through_it() {
    let acme = Acme::with_webex_by_sockets().await;
    let abilities = acme.client.call(ListCapabilities {}).await.expect("told");
    let mut abilities = abilities.into_iter();
    let webex = abilities.find(|of| of.platform == Platform::Webex);
    let webex = webex.expect("every platform is there");
    let kinds: Vec<_> = webex.legs.iter().map(|leg| leg.kind).collect();
    assert_eq!(kinds, [LegKind::Native]);
    assert!(!webex.guests, "no Service App was given");

    let preview = PreviewPairing {
        people: named(&["ann@acme.example"]),
        primary: Platform::Slack,
        secondary: Platform::Webex,
        wish: SecondaryWish::App,
    };
    let told = acme.client.call(preview).await.expect("a preview");
    let problem = told.effects[0].problem.as_ref().expect("a problem");
    assert_eq!(problem.code, ErrorCode::NotPairable);
    assert!(problem.action.is_some());
    let pair = PairPeople {
        people: named(&["ann@acme.example"]),
        primary: Platform::Slack,
        secondary: Platform::Webex,
        wish: SecondaryWish::App,
    };
    let report = acme.client.call(pair).await.expect("a report");
    assert_eq!(report.paired.len(), 0);
    assert_eq!(report.failed[0].error.message, problem.message);
}

#[tokio::test]
async fn a_stored_address_is_used_from_the_next_start_on_and_called_to_see_that_it_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = open(&folder).await;
    let free = free_address();
    let set = SetAddress {
        listen: Some(free.clone()),
        public_url: Some(format!("http://{free}/")),
    };
    let stored = client.call(set).await.expect("it is kept");
    assert!(stored.in_use.is_none() && stored.waits_for_start);
    let unreachable = client.call(CheckAddress {}).await;
    assert!(unreachable.is_err(), "nothing listens yet");
    client.close().await;

    let client = relay(&folder, None).await;
    let view = client.call(GetAddress {}).await.expect("an address");
    let used = view.in_use.expect("it listens");
    assert_eq!(
        (used.listen, used.from),
        (free.clone(), AddressFrom::Settings)
    );
    assert!(!view.waits_for_start);
    let check = client.call(CheckAddress {}).await.expect("it is called");
    assert!(check.reached, "{}", check.words);
    client.close().await;

    let elsewhere = free_address();
    let client = relay(&folder, elsewhere.parse().ok()).await;
    let view = client.call(GetAddress {}).await.expect("an address");
    let used = view.in_use.expect("it listens");
    assert_eq!(
        (used.listen, used.from),
        (elsewhere, AddressFrom::CommandLine)
    );
    assert!(view.waits_for_start, "the command line comes first");
    client.close().await;
}

#[tokio::test]
async fn a_stored_address_that_is_taken_keeps_nobody_from_opening_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let client = open(&folder).await;
    let set = SetAddress {
        listen: Some(address),
        public_url: None,
    };
    client.call(set).await.expect("it is kept");
    client.close().await;
    let client = relay(&folder, None).await;
    let view = client.call(GetAddress {}).await.expect("an address");
    assert!(view.in_use.is_none());
    assert!(
        view.problem
            .is_some_and(|problem| problem.contains("Nothing can listen"))
    );
    client.close().await;
}

/// An address that was free a moment ago.
fn free_address() -> String {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    probe.local_addr().expect("it is bound").to_string()
}

async fn relay(folder: &TempDir, listen: Option<SocketAddr>) -> Client {
    causeway_hub::open(Options {
        home: folder.path().to_owned(),
        key: KeyChoice::Automatic,
        purpose: Purpose::Relay {
            listen,
            public_url: None,
        },
    })
    .await
    .expect("the folder opens")
}

//! Zoom where people are represented by their own tokens: connecting it, and who is asked.

use std::{net::TcpListener, time::Duration};

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        CapabilityView, ConnectSlack, ConnectZoom, ConnectionView, ConsentState, FindingView,
        HubError, ImportPeople, ListCapabilities, ListConnections, PairPerson, PairingView,
        PersonRef, RunPreflight, SecondaryWish, ZoomUserApp,
    },
};
use causeway_model::{CheckCode, HealthState, Platform, Rung, SpeaksBy};
use causeway_sandbox::{
    ControlClient, Running, Sandbox,
    acme::SERVICE_ACCOUNT,
    control_client::{Answer, Message, To, With, ZoomSwitches},
};
use serde_json::Value;
use tempfile::TempDir;

const YARA: &str = "yara@acme.example";
const ZARA: &str = "zara@acme.example";
const ASKED: &str = "You are asked once";
/// By then everything has happened that will; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(40);

/// Slack and Zoom at Acme; Zara works in Zoom and has authorised her Slack account, Yara works in
/// Slack and has authorised nothing.
struct Stage {
    client: Client,
    control: ControlClient,
    description: Value,
    _folder: TempDir,
    _running: Running,
}

impl Stage {
    async fn relaying() -> Self {
        let running = Sandbox::start(causeway_sandbox::Options::default())
            .await
            .expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let client = causeway_hub::open(Options {
            home: folder.path().to_owned(),
            key: KeyChoice::Automatic,
            purpose: Purpose::Relay {
                listen: address.parse().ok(),
                public_url: Some(format!("http://{address}")),
            },
        })
        .await
        .expect("the folder opens");
        let description = running.description();
        let connected = client.call(slack(&description)).await;
        connected.expect("Slack connects");
        Self {
            control: ControlClient::new(text(&description["control"])),
            client,
            description,
            _folder: folder,
            _running: running,
        }
    }

    async fn connect(&self, user_app: Option<ZoomUserApp>) -> Result<ConnectionView, HubError> {
        let call = zoom(&self.description, user_app);
        self.client.call(call).await
    }

    /// What Zoom is said to be able to do.
    async fn abilities(&self) -> CapabilityView {
        let told = self.client.call(ListCapabilities {}).await.expect("told");
        let mut told = told.into_iter();
        let zoom = told.find(|of| of.platform == Platform::Zoom);
        zoom.expect("every platform is there")
    }

    fn user_app(&self) -> ZoomUserApp {
        let app = &self.description["credentials"]["zoom"]["user_app"];
        ZoomUserApp {
            client_id: text(&app["client_id"]),
            client_secret: Some(text(&app["client_secret"])),
        }
    }

    /// Everyone is imported, and both are represented by their own account on the other platform.
    async fn pair(&self) -> PairingView {
        let imported = self.client.call(ImportPeople::default()).await;
        imported.expect("people are imported");
        self.pair_one(ZARA, Platform::Zoom, Platform::Slack).await;
        self.pair_one(YARA, Platform::Slack, Platform::Zoom).await
    }

    async fn pair_one(&self, who: &str, primary: Platform, secondary: Platform) -> PairingView {
        let wish = SecondaryWish::Full;
        self.represent(who, primary, secondary, wish).await
    }

    async fn represent(
        &self,
        who: &str,
        primary: Platform,
        secondary: Platform,
        wish: SecondaryWish,
    ) -> PairingView {
        let pair = PairPerson {
            person: PersonRef::Named(who.to_owned()),
            primary,
            secondary,
            wish,
        };
        self.client.call(pair).await.expect("they are paired")
    }

    /// Waits until somebody sees a message with this word.
    async fn arrives(&self, who: &str, on: &str, word: &str) -> Message {
        let looking = async {
            loop {
                if let Some(message) = self.standing(who, on, word).await {
                    return message;
                }
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.unwrap_or_else(|_| panic!("not in time: {word} for {who}"))
    }

    async fn standing(&self, who: &str, on: &str, word: &str) -> Option<Message> {
        let places = self.control.view(who, on).await.expect("a view");
        let messages = places.into_iter().flat_map(|place| place.messages);
        messages
            .into_iter()
            .find(|message| !message.deleted && message.text.contains(word))
    }

    async fn throw(&self, switches: ZoomSwitches) {
        let thrown = self.control.zoom(&switches).await;
        thrown.expect("the account is changed");
    }

    /// What the checks of Zoom find of this code.
    async fn found(&self, code: CheckCode) -> Option<FindingView> {
        let platform = Some(Platform::Zoom);
        let reports = self.client.call(RunPreflight { platform }).await;
        let mut findings = reports.expect("the checks are made").remove(0).findings;
        findings.retain(|found| found.code == code);
        findings.pop()
    }

    /// Waits until the checks find this.
    async fn finds(&self, code: CheckCode) -> FindingView {
        let looking = async {
            loop {
                if let Some(found) = self.found(code).await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.unwrap_or_else(|_| panic!("not found in time: {code:?}"))
    }

    /// Yara authorises her account, and is spoken as from then on.
    async fn yara_authorises(&self, word: &str) {
        self.writes(word).await;
        self.arrives(YARA, "slack", ASKED).await;
        let answered = self.control.consent(YARA, Answer::Grant, None).await;
        answered.expect("she was asked");
        self.arrives(ZARA, "zoom", word).await;
    }

    async fn writes(&self, text: &str) {
        let to = To::Dm(ZARA.to_owned());
        let written = self.control.send(YARA, "slack", to, text).await;
        written.expect("people may write");
    }
}

fn slack(description: &Value) -> ConnectSlack {
    let credentials = &description["credentials"]["slack"];
    ConnectSlack {
        api_url: Some(text(&description["slack"])),
        bot_token: text(&credentials["bot_token"]),
        app_token: Some(text(&credentials["app_token"])),
        user_tokens: [(ZARA.to_owned(), text(&credentials["user_tokens"][ZARA]))].into(),
        ..ConnectSlack::default()
    }
}

fn zoom(description: &Value, user_app: Option<ZoomUserApp>) -> ConnectZoom {
    let credentials = &description["credentials"]["zoom"];
    let app = &credentials["server_to_server"];
    ConnectZoom {
        api_url: Some(text(&description["zoom"])),
        oauth_url: Some(text(&credentials["oauth"])),
        socket_url: Some(text(&credentials["socket"])),
        account_id: text(&credentials["account_id"]),
        client_id: text(&app["client_id"]),
        client_secret: text(&app["client_secret"]),
        subscription_id: Some(text(&credentials["subscription_id"])),
        service_user: text(&credentials["service_user"]),
        user_app,
        ..ConnectZoom::default()
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn free_address() -> String {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    probe.local_addr().expect("it is bound").to_string()
}

#[tokio::test]
async fn where_the_app_acts_by_its_role_nobody_is_asked() {
    let stage = Stage::relaying().await;
    stage.connect(None).await.expect("Zoom connects");
    let abilities = stage.abilities().await;
    assert_eq!(abilities.speaks_by, SpeaksBy::Role);
    assert!(abilities.guests);
    let paired = stage.pair().await;
    assert_eq!(paired.speaks_as, Rung::Full);
    assert_eq!(paired.consent.state, ConsentState::Granted);

    stage.writes("saffron first").await;
    let message = stage.arrives(ZARA, "zoom", "saffron").await;
    assert_eq!(message.author, YARA);
    assert_eq!(stage.standing(YARA, "slack", ASKED).await, None);
    stage.client.close().await;
}

#[tokio::test]
async fn where_people_authorise_it_themselves_they_are_asked_once_by_a_link() {
    let stage = Stage::relaying().await;
    let app = stage.user_app();
    stage.connect(Some(app)).await.expect("Zoom connects");
    let abilities = stage.abilities().await;
    assert_eq!(abilities.speaks_by, SpeaksBy::Token);
    assert!(!abilities.guests, "nobody could sign one in");
    let paired = stage.pair().await;
    assert_eq!(paired.speaks_as, Rung::App);
    assert_eq!(paired.consent.state, ConsentState::NotAsked);

    stage.writes("cinnamon first").await;
    stage.arrives(YARA, "slack", ASKED).await;
    assert_eq!(stage.standing(ZARA, "zoom", "cinnamon").await, None);
    // Somebody else's sign-in lets nobody speak as her.
    let by_other = stage.control.consent(YARA, Answer::Grant, Some(ZARA));
    by_other.await.expect("the link can be opened");
    stage
        .arrives(YARA, "slack", "Somebody else signed in")
        .await;
    assert_eq!(stage.standing(ZARA, "zoom", "cinnamon").await, None);

    let answered = stage.control.consent(YARA, Answer::Grant, None).await;
    let answered = answered.expect("it is still open");
    assert_eq!(answered.with, Some(With::Link));
    let message = stage.arrives(ZARA, "zoom", "cinnamon").await;
    assert_eq!(message.author, YARA);
    stage.client.close().await;
}

#[tokio::test]
async fn a_public_app_needs_no_secret() {
    let stage = Stage::relaying().await;
    let app = &stage.description["credentials"]["zoom"]["user_app"];
    let public = ZoomUserApp {
        client_id: text(&app["public_client_id"]),
        client_secret: None,
    };
    stage.connect(Some(public)).await.expect("Zoom connects");
    stage.pair().await;
    stage.writes("juniper first").await;
    stage.arrives(YARA, "slack", ASKED).await;
    let answered = stage.control.consent(YARA, Answer::Grant, None).await;
    answered.expect("they were asked");
    let message = stage.arrives(ZARA, "zoom", "juniper").await;
    assert_eq!(message.author, YARA);
    stage.client.close().await;
}

#[tokio::test]
async fn an_app_of_peoples_without_its_client_id_is_not_connected() {
    let stage = Stage::relaying().await;
    let nameless = ZoomUserApp {
        client_id: " ".to_owned(),
        client_secret: Some("secret".to_owned()),
    };
    let refused = stage.connect(Some(nameless)).await;
    let words = refused.expect_err("it has no name").message;
    assert!(words.contains("user app"), "{words}");
    stage.client.close().await;
}

#[tokio::test]
async fn an_account_that_wants_the_app_approved_first_is_found_once_somebody_ran_into_it() {
    let stage = Stage::relaying().await;
    let app = stage.user_app();
    stage.connect(Some(app)).await.expect("Zoom connects");
    stage.pair().await;
    assert_eq!(stage.found(CheckCode::PeopleConsent).await, None);
    stage
        .throw(ZoomSwitches {
            user_apps: Some(false),
            ..ZoomSwitches::default()
        })
        .await;
    stage.writes("nutmeg first").await;
    stage.arrives(YARA, "slack", ASKED).await;
    let answered = stage.control.consent(YARA, Answer::Grant, None).await;
    answered.expect("the link can be opened");
    stage.arrives(YARA, "slack", "an administrator must").await;
    let found = stage.found(CheckCode::PeopleConsent).await;
    let action = found.expect("it is found").action;
    assert!(action.contains("approve the user-managed app"), "{action}");
    stage.client.close().await;
}

#[tokio::test]
async fn a_secret_of_peoples_app_that_was_regenerated_is_found() {
    let stage = Stage::relaying().await;
    let app = stage.user_app();
    stage.connect(Some(app)).await.expect("Zoom connects");
    stage
        .throw(ZoomSwitches {
            rotated: Some(vec!["user_app".to_owned()]),
            ..ZoomSwitches::default()
        })
        .await;
    let found = stage.found(CheckCode::Credentials).await;
    let found = found.expect("it is found");
    assert_eq!(found.subject.as_deref(), Some("user_app"));
    assert!(
        found.action.contains("user-managed app"),
        "{}",
        found.action
    );
    stage.client.close().await;
}

#[tokio::test]
async fn a_conversation_that_the_app_was_taken_out_of_is_found() {
    let stage = Stage::relaying().await;
    stage.connect(None).await.expect("Zoom connects");
    let imported = stage.client.call(ImportPeople::default()).await;
    imported.expect("people are imported");
    stage.pair_one(ZARA, Platform::Zoom, Platform::Slack).await;
    let wish = SecondaryWish::App;
    stage
        .represent(YARA, Platform::Slack, Platform::Zoom, wish)
        .await;
    stage.writes("cardamom first").await;
    stage.arrives(ZARA, "zoom", "cardamom").await;
    assert_eq!(stage.found(CheckCode::Visibility).await, None);
    let places = stage.control.view(ZARA, "zoom").await.expect("a view");
    let says_so = |message: &Message| message.text.contains("cardamom");
    let channel = places.iter().find(|it| it.messages.iter().any(says_so));
    let channel = channel.expect("she reads it there").id.clone();
    let left = stage.control.leave(SERVICE_ACCOUNT, "zoom", &channel).await;
    left.expect("the app's member leaves it");
    let found = stage.finds(CheckCode::Visibility).await;
    let detail = found.detail.unwrap_or_default();
    assert!(detail.starts_with("1 of "), "{detail}");
    stage.client.close().await;
}

#[tokio::test]
async fn people_who_authorised_less_than_is_needed_are_counted() {
    let stage = Stage::relaying().await;
    let lacks = "team_chat:update:user_message";
    stage
        .throw(ZoomSwitches {
            withheld: Some(vec![lacks.to_owned()]),
            ..ZoomSwitches::default()
        })
        .await;
    let app = stage.user_app();
    stage.connect(Some(app)).await.expect("Zoom connects");
    stage.pair().await;
    stage.yara_authorises("lavender first").await;
    let found = stage.finds(CheckCode::PersonPermission).await;
    assert_eq!(found.subject.as_deref(), Some(lacks));
    assert_eq!(found.detail.as_deref(), Some("1 of 1"));
    stage.client.close().await;
}

#[tokio::test]
async fn what_somebody_had_authorised_and_has_ended_is_found() {
    let stage = Stage::relaying().await;
    let app = stage.user_app();
    stage.connect(Some(app)).await.expect("Zoom connects");
    stage.pair().await;
    stage.yara_authorises("tarragon first").await;
    assert_eq!(stage.found(CheckCode::SignIns).await, None);
    for active in [false, true] {
        let switched = stage.control.set_active(YARA, "zoom", active).await;
        switched.expect("an administrator does that");
    }
    stage.writes("tarragon second").await;
    let found = stage.finds(CheckCode::SignIns).await;
    assert_eq!(found.detail.as_deref(), Some("1"));
    stage.client.close().await;
}

#[tokio::test]
async fn while_todays_calls_are_used_up_the_connection_says_until_when() {
    let stage = Stage::relaying().await;
    let alone = ConnectZoom {
        subscription_id: None,
        ..zoom(&stage.description, None)
    };
    stage.client.call(alone).await.expect("Zoom connects");
    stage
        .throw(ZoomSwitches {
            plan: Some("free".to_owned()),
            spent: Some(vec!["medium".to_owned()]),
            ..ZoomSwitches::default()
        })
        .await;
    let now = stage.control.clock().await.expect("a time").now_ms;
    let day = 24 * 3_600_000;
    let midnight = jiff::Timestamp::from_millisecond(now - now.rem_euclid(day) + day);
    let said = format!("used up until {} (Medium)", midnight.expect("a time"));
    let looking = async {
        loop {
            let connections = stage.client.call(ListConnections {}).await;
            let mut all = connections.expect("they are listed").into_iter();
            let zoom = all.find(|one| one.platform == Platform::Zoom);
            let health = zoom.expect("Zoom is connected").health;
            if health.detail.is_some_and(|detail| detail.contains(&said)) {
                return health.state;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    let state = tokio::time::timeout(PATIENCE, looking).await;
    assert_eq!(state.expect("it is said in time"), HealthState::Degraded);
    stage.client.close().await;
}

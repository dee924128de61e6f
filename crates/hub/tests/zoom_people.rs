//! Zoom where people are represented by their own tokens: connecting it, and who is asked.

use std::{net::TcpListener, time::Duration};

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        CapabilityView, ConnectSlack, ConnectZoom, ConnectionView, ConsentState, FindingView,
        HubError, ImportPeople, ListCapabilities, PairPerson, PairingView, PersonRef, RunPreflight,
        SecondaryWish, ZoomUserApp,
    },
};
use causeway_model::{CheckCode, Platform, Rung, SpeaksBy};
use causeway_sandbox::{
    ControlClient, Running, Sandbox,
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
        let pair = PairPerson {
            person: PersonRef::Named(who.to_owned()),
            primary,
            secondary,
            wish: SecondaryWish::Full,
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

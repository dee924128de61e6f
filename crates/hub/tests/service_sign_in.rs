//! Signing the service account in before its tenant is connected, on a sandbox; and on a tenant that
//! answers as it is told, for whom the sandbox has nobody.

mod sign_in;

use std::time::Duration;

use causeway_hub::api::{
    BroughtBack, CancelServiceSignIn, ConnectTeams, ErrorCode, FinishServiceSignIn,
    GetServiceSignIn, ServiceSignInState, ServiceSignInView, ServiceSignInWay,
};
use causeway_sandbox::control_client::TenantSwitches;

use sign_in::{Stage, brought, code_of, get, outcome, url_of};

const SERVICE: &str = "causeway@acme.example";
const ANN: &str = "ann@acme.example";

#[tokio::test]
async fn a_code_signs_the_service_account_in_and_its_tenant_is_connected_with_it() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Device, None).await;
    let early = stage.connect(&begun).await.err();
    assert_eq!(
        early.map(|error| error.code),
        Some(ErrorCode::InvalidArgument)
    );
    let page = stage.control.device(&code_of(&begun), SERVICE, true).await;
    assert!(page.expect("a page").signed_in);
    let ended = stage.ended(&begun).await;
    let ServiceSignInState::SignedIn { address, note, .. } = ended.state else {
        panic!("{ended:?}");
    };
    assert_eq!((address.as_deref(), note), (Some(SERVICE), None));
    let view = stage.connect(&begun).await.expect("it connects");
    assert_eq!(view.name, "acme.example");
    let again = stage.connect(&begun).await.err();
    assert_eq!(again.map(|error| error.code), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn a_browser_comes_back_to_this_machine_once() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Browser, Some(SERVICE)).await;
    let link = url_of(&begun);
    let (callback, state) = brought(&link, "redirect_uri", "state");
    let port = url::Url::parse(&callback).expect("an address");
    assert_eq!(
        (port.host_str(), port.path()),
        (Some("localhost"), "/callback")
    );
    let port = port.port().expect("a port");
    for (path, status) in [
        ("/callback?code=x&state=forged", 410),
        ("/callback", 400),
        ("/elsewhere", 404),
    ] {
        let (answered, page) = get(port, path).await.expect("it answers");
        assert_eq!(answered, status, "{page}");
    }
    let waiting = stage.view(&begun).await;
    assert!(matches!(waiting.state, ServiceSignInState::Waiting { .. }));
    let ended = stage.control.browse(&link, SERVICE, true).await;
    assert_eq!(ended.expect("it is followed").refused, None);
    stage.signed_in(&begun).await;
    let replayed = stage.finish(&state, "code").await;
    assert_eq!(replayed, Err(ErrorCode::NotFound));
    // A browser that comes a second time finds nobody, once what was open has been closed.
    while get(port, "/callback?code=x&state=y").await.is_some() {
        tokio::task::yield_now().await;
    }
    stage.connect(&begun).await.expect("it connects");
}

#[tokio::test]
async fn a_browser_comes_back_by_a_link_of_the_desktops_once_and_with_its_own_state() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Desktop, None).await;
    let browsed = stage.control.browse(&url_of(&begun), SERVICE, true).await;
    let opens = browsed.expect("it is followed").opens.expect("a link");
    assert!(opens.starts_with("causeway://callback?"), "{opens}");
    let (code, state) = brought(&opens, "code", "state");
    for forged in ["forged", "", &state[..state.len() - 1]] {
        let refused = stage.finish(forged, &code).await;
        assert_eq!(refused, Err(ErrorCode::NotFound));
    }
    let finished = stage.finish(&state, &code).await.expect("it is open");
    assert!(matches!(
        finished.state,
        ServiceSignInState::SignedIn { .. }
    ));
    let replayed = stage.finish(&state, &code).await;
    assert_eq!(replayed, Err(ErrorCode::NotFound));
    stage.connect(&begun).await.expect("it connects");
}

#[tokio::test]
async fn who_says_no_ends_it() {
    let stage = Stage::set().await;
    let by_code = stage.begin(ServiceSignInWay::Device, None).await;
    let code = code_of(&by_code);
    let page = stage.control.device(&code, SERVICE, false).await;
    page.expect("a page");
    assert_eq!(stage.failed(&by_code).await, ErrorCode::Declined);
    let by_browser = stage.begin(ServiceSignInWay::Browser, None).await;
    let link = url_of(&by_browser);
    let browsed = stage.control.browse(&link, SERVICE, false).await;
    browsed.expect("it is followed");
    assert_eq!(stage.failed(&by_browser).await, ErrorCode::Declined);
    let refused = stage.connect(&by_browser).await.err();
    assert_eq!(refused.map(|error| error.code), Some(ErrorCode::Declined));
}

#[tokio::test]
async fn a_code_that_runs_out_says_so() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Device, None).await;
    let late = Duration::from_secs(901).as_millis();
    let late = u64::try_from(late).expect("a short while");
    stage.control.advance(late).await.expect("time passes");
    assert_eq!(stage.failed(&begun).await, ErrorCode::Expired);
}

#[tokio::test]
async fn only_the_account_that_was_named_is_kept() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Device, Some(SERVICE)).await;
    let page = stage.control.device(&code_of(&begun), ANN, true).await;
    page.expect("a page");
    assert_eq!(stage.failed(&begun).await, ErrorCode::WrongAccount);
    // Nobody was named at first, and another afterwards.
    let anyone = stage.begin(ServiceSignInWay::Device, None).await;
    let page = stage.control.device(&code_of(&anyone), ANN, true).await;
    page.expect("a page");
    stage.signed_in(&anyone).await;
    let named = ConnectTeams {
        service_account: Some(SERVICE.to_owned()),
        ..stage.teams(&anyone)
    };
    let refused = stage.client.call(named).await.err();
    let code = refused.map(|error| error.code);
    assert_eq!(code, Some(ErrorCode::WrongAccount));
}

#[tokio::test]
async fn one_that_is_cancelled_takes_nobody_any_more() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Browser, None).await;
    let link = url_of(&begun);
    let (callback, state) = brought(&link, "redirect_uri", "state");
    let port = url::Url::parse(&callback).expect("an address").port();
    let port = port.expect("a port");
    let id = begun.id.clone();
    let cancelled = stage.client.call(CancelServiceSignIn { id }).await;
    let cancelled = cancelled.expect("it was open");
    assert_eq!(cancelled.state, ServiceSignInState::Cancelled);
    while get(port, "/callback").await.is_some() {
        tokio::task::yield_now().await;
    }
    let late = stage.finish(&state, "code").await;
    assert_eq!(late, Err(ErrorCode::NotFound));
    let id = begun.id;
    let gone = stage.client.call(GetServiceSignIn { id }).await.err();
    assert_eq!(gone.map(|error| error.code), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn an_app_that_must_prove_itself_is_signed_in_and_the_administrator_told() {
    let stage = Stage::set().await;
    let closed = TenantSwitches {
        public_client: Some(false),
        ..TenantSwitches::default()
    };
    let set = stage.control.set_tenant(&closed).await;
    assert!(!set.expect("it is set").public_client);
    for way in [ServiceSignInWay::Browser, ServiceSignInWay::Device] {
        let begun = stage.begin(way, None).await;
        stage.sign_in(&begun, SERVICE).await;
        let ended = stage.ended(&begun).await;
        let ServiceSignInState::SignedIn { note, .. } = ended.state else {
            panic!("{ended:?}");
        };
        assert!(note.is_some_and(|note| note.contains("AADSTS7000218")));
    }
}

#[tokio::test]
async fn a_connection_takes_one_proof_of_the_service_account_and_of_its_own_app_alone() {
    let stage = Stage::set().await;
    let begun = stage.begin(ServiceSignInWay::Device, None).await;
    stage.sign_in(&begun, SERVICE).await;
    stage.signed_in(&begun).await;
    let neither = ConnectTeams {
        service_sign_in: None,
        ..stage.teams(&begun)
    };
    let both = ConnectTeams {
        service_account_refresh_token: Some("r".to_owned()),
        ..stage.teams(&begun)
    };
    let elsewhere = ConnectTeams {
        client_id: "another".to_owned(),
        ..stage.teams(&begun)
    };
    for wrong in [neither, both, elsewhere] {
        let refused = stage.client.call(wrong).await.expect_err("it is refused");
        assert_eq!(refused.code, ErrorCode::InvalidArgument);
        assert!(refused.action.is_some());
    }
    let mistyped = ConnectTeams {
        client_secret: "mistyped".to_owned(),
        ..stage.teams(&begun)
    };
    let refused = stage.client.call(mistyped).await.err();
    let code = refused.map(|error| error.code);
    assert_eq!(code, Some(ErrorCode::NotAuthorised));
    // The sign-in outlives a secret that was mistyped.
    stage.connect(&begun).await.expect("it connects");
}

#[tokio::test]
async fn strangers_guests_and_accounts_that_are_switched_off_are_refused_in_words() {
    for (person, code, word) in [
        (
            outcome::of_another_tenant(),
            ErrorCode::WrongOrganisation,
            "another organisation",
        ),
        (outcome::guest(), ErrorCode::Forbidden, "guest"),
        (
            outcome::switched_off(),
            ErrorCode::Forbidden,
            "switched off",
        ),
        (
            outcome::without_refresh_token(),
            ErrorCode::PlatformRejected,
            "renewed",
        ),
    ] {
        let begun = outcome::begun_by(person).await;
        let ended = sign_in::ended(&begun.client, &begun.view.id).await;
        let ServiceSignInState::Failed { error } = ended.state else {
            panic!("{ended:?}");
        };
        assert_eq!(error.code, code);
        assert!(error.message.contains(word), "{}", error.message);
        assert!(error.action.is_some());
    }
}

impl Stage {
    async fn finish(&self, state: &str, code: &str) -> Result<ServiceSignInView, ErrorCode> {
        let finish = FinishServiceSignIn {
            state: state.to_owned(),
            answer: BroughtBack::Code(code.to_owned()),
        };
        let finished = self.client.call(finish).await;
        finished.map_err(|error| error.code)
    }
}

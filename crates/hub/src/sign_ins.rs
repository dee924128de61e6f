//! Sign-ins of the account through which the hub itself speaks, while they last. They and their
//! tokens are in memory alone: what is connected is kept with the connection, the rest is forgotten.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use causeway_connectors::{OwnAccount, Secret};
use causeway_engine::Secrets;
use causeway_model::Timestamp;
use causeway_store::TokenRow;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    api::{
        ErrorCode, HubError, ServiceSignInId, ServiceSignInState, ServiceSignInView,
        ServiceSignInWay,
    },
    cases::ServiceApp,
    error::failed,
};

/// The oldest makes room for one more.
const MOST: usize = 8;
/// How long one that has ended can be looked at, and connected where somebody has signed in.
pub(crate) const KEPT_MS: i64 = 15 * 60_000;

pub(crate) struct SignIns {
    list: Mutex<VecDeque<SignIn>>,
    /// Moves on whenever anything about one changes.
    moved: watch::Sender<u64>,
    pub(crate) tasks: TaskTracker,
}

/// What a sign-in is begun with.
pub(crate) struct NewSignIn {
    pub id: ServiceSignInId,
    pub way: ServiceSignInWay,
    pub begun: Begun,
    pub offer: Offer,
    /// Given where a browser comes back.
    pub away: Option<Away>,
}

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begun {
    pub app: ServiceApp,
    /// Sent where the platform asks for it.
    pub proof: Secrets,
    /// Who is to sign in, where that was said.
    pub wanted: Option<String>,
}

/// What whoever signs in is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub user_code: Option<String>,
    pub verification_uri: Option<String>,
    pub authorize_url: Option<String>,
    pub expires_at: Timestamp,
}

/// A browser that has not come back yet.
pub(crate) struct Away {
    pub state: String,
    pub verifier: Secret,
    pub callback: Url,
}

/// A browser that has come back, for the first time.
pub(crate) struct Returned {
    pub id: ServiceSignInId,
    pub begun: Begun,
    pub away: Away,
    pub stop: CancellationToken,
}

/// Who has signed in, and the token with which the hub is to speak as them.
#[derive(Clone)]
pub(crate) struct Service {
    pub own: OwnAccount,
    pub token: TokenRow,
    pub note: Option<String>,
}

struct SignIn {
    id: ServiceSignInId,
    way: ServiceSignInWay,
    begun: Begun,
    stage: Stage,
    stop: CancellationToken,
}

enum Stage {
    Waiting { offer: Offer, away: Option<Away> },
    SignedIn { service: Service, until: Timestamp },
    Failed { error: HubError, until: Timestamp },
}

impl SignIns {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            list: Mutex::default(),
            moved: watch::channel(0).0,
            tasks: TaskTracker::new(),
        })
    }

    /// Adds one; it is told to stop by the token.
    pub(crate) fn add(&self, new: NewSignIn, now: Timestamp) -> CancellationToken {
        let stop = CancellationToken::new();
        let mut list = self.held();
        list.retain(|one| one.is_known(now));
        while list.len() >= MOST {
            drop(list.pop_front());
        }
        list.push_back(SignIn {
            id: new.id,
            way: new.way,
            begun: new.begun,
            stage: Stage::Waiting {
                offer: new.offer,
                away: new.away,
            },
            stop: stop.clone(),
        });
        drop(list);
        self.move_on();
        stop
    }

    pub(crate) fn view(
        &self,
        id: &ServiceSignInId,
        now: Timestamp,
    ) -> Result<ServiceSignInView, HubError> {
        let list = self.held();
        let found = list.iter().find(|one| one.id == *id && one.is_known(now));
        found.map(SignIn::view).ok_or_else(unknown)
    }

    /// The browser that comes back with this state, once and in time. However many wait, each is
    /// compared: how long it takes tells nothing of their states.
    pub(crate) fn come_back(&self, state: &str, now: Timestamp) -> Option<Returned> {
        let mut found = None;
        for one in self.held().iter_mut() {
            let Stage::Waiting { offer, away } = &mut one.stage else {
                continue;
            };
            let meant = away
                .as_ref()
                .is_some_and(|away| same_secret(&away.state, state));
            if meant && offer.expires_at > now {
                found = away.take().map(|away| Returned {
                    id: one.id.clone(),
                    begun: one.begun.clone(),
                    away,
                    stop: one.stop.clone(),
                });
            }
        }
        found
    }

    /// What came of one that is still waited for.
    pub(crate) fn settle(
        &self,
        id: &ServiceSignInId,
        outcome: Result<Service, HubError>,
        now: Timestamp,
    ) {
        if let Some(one) = self.held().iter_mut().find(|one| one.id == *id) {
            one.settle(outcome, now.plus_ms(KEPT_MS));
        }
        self.move_on();
    }

    /// Ends one whose browser has not come back.
    pub(crate) fn give_up(&self, id: &ServiceSignInId, error: HubError, now: Timestamp) {
        if let Some(one) = self.held().iter_mut().find(|one| one.id == *id)
            && matches!(&one.stage, Stage::Waiting { away: Some(_), .. })
        {
            one.settle(Err(error), now.plus_ms(KEPT_MS));
        }
        self.move_on();
    }

    /// Who has signed in for this app.
    pub(crate) fn signed_in(
        &self,
        id: &ServiceSignInId,
        app: &ServiceApp,
        now: Timestamp,
    ) -> Result<Service, HubError> {
        let list = self.held();
        let found = list.iter().find(|one| one.id == *id && one.is_known(now));
        let one = found.ok_or_else(unknown)?;
        if one.begun.app != *app {
            return Err(other_app());
        }
        match &one.stage {
            Stage::SignedIn { service, .. } => Ok(service.clone()),
            Stage::Waiting { .. } => Err(not_yet()),
            Stage::Failed { error, .. } => Err(error.clone()),
        }
    }

    /// Forgets one, and tells it to stop.
    pub(crate) fn forget(&self, id: &ServiceSignInId) -> Option<ServiceSignInView> {
        let mut list = self.held();
        let at = list.iter().position(|one| one.id == *id)?;
        let removed = list.remove(at)?;
        drop(list);
        self.move_on();
        Some(ServiceSignInView {
            id: removed.id.clone(),
            way: removed.way,
            state: ServiceSignInState::Cancelled,
        })
    }

    /// Ends them all.
    pub(crate) async fn close(&self) {
        self.held().clear();
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    fn move_on(&self) {
        self.moved.send_modify(|moved| *moved += 1);
    }

    fn held(&self) -> MutexGuard<'_, VecDeque<SignIn>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignIn {
    /// Whether it is still of use to anyone.
    fn is_known(&self, now: Timestamp) -> bool {
        match &self.stage {
            // Whoever polls or waits for it says when it is over.
            Stage::Waiting { .. } => true,
            Stage::SignedIn { until, .. } | Stage::Failed { until, .. } => *until > now,
        }
    }

    fn settle(&mut self, outcome: Result<Service, HubError>, until: Timestamp) {
        match &self.stage {
            Stage::Waiting { .. } => {}
            Stage::SignedIn { .. } | Stage::Failed { .. } => return,
        }
        self.stage = match outcome {
            Ok(service) => Stage::SignedIn { service, until },
            Err(error) => Stage::Failed { error, until },
        };
    }

    fn view(&self) -> ServiceSignInView {
        let state = match &self.stage {
            Stage::Waiting { offer, .. } => ServiceSignInState::Waiting {
                user_code: offer.user_code.clone(),
                verification_uri: offer.verification_uri.clone(),
                authorize_url: offer.authorize_url.clone(),
                expires_at: offer.expires_at,
            },
            Stage::SignedIn { service, until } => ServiceSignInState::SignedIn {
                account: service.own.account.clone(),
                name: service.own.name.clone(),
                address: service.own.address.clone(),
                note: service.note.clone(),
                expires_at: *until,
            },
            Stage::Failed { error, .. } => ServiceSignInState::Failed {
                error: error.clone(),
            },
        };
        ServiceSignInView {
            id: self.id.clone(),
            way: self.way,
            state,
        }
    }
}

/// Whoever holds one forgets it by dropping it.
impl Drop for SignIn {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Whether two secrets are the same. How long it takes depends on their lengths alone, so that
/// nobody finds one out letter by letter.
fn same_secret(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// A sign-in that is over, or never was one of this process.
pub(crate) fn unknown() -> HubError {
    failed(ErrorCode::NotFound, "This sign-in is not open any more.")
        .action("Begin it again.")
        .build()
}

fn not_yet() -> HubError {
    let words = "Nobody has signed in as the service account yet.";
    failed(ErrorCode::InvalidArgument, words)
        .action("Finish the sign-in, then connect.")
        .build()
}

fn other_app() -> HubError {
    let words =
        "The service account has signed in for another tenant or application than is given.";
    failed(ErrorCode::InvalidArgument, words)
        .action("Sign it in again for what is given now.")
        .build()
}

#[cfg(test)]
mod tests {
    use causeway_model::ExternalAccount;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);
    const END: Timestamp = Timestamp(601_000);

    fn begun() -> Begun {
        Begun {
            app: ServiceApp::for_test("acme.example"),
            proof: Secrets::default(),
            wanted: None,
        }
    }

    fn id(n: usize) -> ServiceSignInId {
        ServiceSignInId(format!("s{n}"))
    }

    fn waiting(sign_ins: &SignIns, n: usize) -> CancellationToken {
        let new = NewSignIn {
            id: id(n),
            way: ServiceSignInWay::Browser,
            begun: begun(),
            offer: Offer {
                user_code: None,
                verification_uri: None,
                authorize_url: Some("https://login.example/authorize".to_owned()),
                expires_at: END,
            },
            away: Some(Away {
                state: format!("state-{n}"),
                verifier: Secret::new("v"),
                callback: "http://localhost:1/callback".parse().expect("a URL"),
            }),
        };
        sign_ins.add(new, NOW)
    }

    fn service() -> Service {
        Service {
            own: OwnAccount {
                account: ExternalAccount::new("a"),
                name: "Causeway".to_owned(),
                address: None,
                sign_in_name: None,
                guest: false,
                active: true,
            },
            token: TokenRow {
                access: None,
                expires_at: None,
                refresh: Some("r".to_owned()),
                refresh_ends_at: None,
                scopes: String::new(),
            },
            note: None,
        }
    }

    #[test]
    fn secrets_are_the_same_only_to_the_last_letter() {
        assert!(same_secret("state-1", "state-1"));
        for other in ["state-2", "State-1", "state-", "state-11", ""] {
            assert!(!same_secret("state-1", other), "{other}");
        }
    }

    #[test]
    fn a_state_is_good_once_in_time_and_for_its_own_sign_in_alone() {
        let sign_ins = SignIns::new();
        waiting(&sign_ins, 1);
        waiting(&sign_ins, 2);
        assert!(sign_ins.come_back("state-3", NOW).is_none(), "forged");
        assert!(sign_ins.come_back("", NOW).is_none(), "forged");
        let returned = sign_ins.come_back("state-2", NOW).expect("it is open");
        assert_eq!(returned.id, id(2));
        assert!(sign_ins.come_back("state-2", NOW).is_none(), "replayed");
        assert!(sign_ins.come_back("state-1", END).is_none(), "too late");
        assert!(
            sign_ins
                .come_back("state-1", Timestamp(END.0 - 1))
                .is_some()
        );
    }

    #[test]
    fn whoever_has_come_back_in_time_is_not_given_up_meanwhile() {
        let sign_ins = SignIns::new();
        waiting(&sign_ins, 1);
        let returned = sign_ins.come_back("state-1", NOW).expect("it is open");
        sign_ins.give_up(&id(1), unknown(), END);
        sign_ins.settle(&returned.id, Ok(service()), END);
        let app = begun().app;
        assert!(sign_ins.signed_in(&id(1), &app, END).is_ok());
        sign_ins.settle(&id(1), Err(unknown()), END);
        assert!(
            sign_ins.signed_in(&id(1), &app, END).is_ok(),
            "it is settled"
        );
    }

    #[test]
    fn what_has_ended_is_forgotten_after_a_while() {
        let sign_ins = SignIns::new();
        waiting(&sign_ins, 1);
        sign_ins.settle(&id(1), Ok(service()), NOW);
        let app = begun().app;
        let late = NOW.plus_ms(KEPT_MS);
        assert!(sign_ins.signed_in(&id(1), &app, NOW).is_ok());
        let gone = sign_ins.signed_in(&id(1), &app, late).err();
        assert_eq!(gone.map(|error| error.code), Some(ErrorCode::NotFound));
        assert!(sign_ins.view(&id(1), late).is_err());
    }

    #[test]
    fn who_signed_in_for_one_app_is_not_connected_with_another() {
        let sign_ins = SignIns::new();
        waiting(&sign_ins, 1);
        sign_ins.settle(&id(1), Ok(service()), NOW);
        let other = ServiceApp::for_test("other.example");
        let refused = sign_ins.signed_in(&id(1), &other, NOW).err();
        let code = refused.map(|error| error.code);
        assert_eq!(code, Some(ErrorCode::InvalidArgument));
    }

    #[test]
    fn there_are_never_more_than_a_few_and_the_oldest_makes_room() {
        let sign_ins = SignIns::new();
        let first = waiting(&sign_ins, 0);
        for n in 1..=MOST {
            waiting(&sign_ins, n);
        }
        assert!(first.is_cancelled());
        assert!(sign_ins.view(&id(0), NOW).is_err());
        assert!(sign_ins.come_back("state-0", NOW).is_none());
        assert!(sign_ins.view(&id(1), NOW).is_ok());
        assert_eq!(sign_ins.held().len(), MOST);
    }

    #[test]
    fn one_that_is_cancelled_is_not_waited_for_any_more() {
        let sign_ins = SignIns::new();
        let stop = waiting(&sign_ins, 1);
        let view = sign_ins.forget(&id(1)).expect("it was there");
        assert_eq!(view.state, ServiceSignInState::Cancelled);
        assert!(stop.is_cancelled());
        assert!(sign_ins.come_back("state-1", NOW).is_none());
        assert!(sign_ins.forget(&id(1)).is_none());
    }
}

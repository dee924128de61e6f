//! The hub: carries out use cases on the engine and its store.

use std::{path::PathBuf, sync::Arc};

use causeway_connectors::listener::Listener;
use causeway_engine::Engine;
use causeway_model::Timestamp;
use causeway_store::{Reader, Store, StoreError, Tx};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{HubError, Reply, Request},
    cases,
    error::{from_engine, from_store},
};

/// One open data folder.
pub struct Hub {
    pub(crate) engine: Arc<Engine>,
    pub(crate) home: PathBuf,
    pub(crate) relays: bool,
    /// Whether browsers outside can reach it.
    pub(crate) public: bool,
    pub(crate) since: Timestamp,
    pub(crate) listener: Option<Listener>,
    stop: CancellationToken,
    closed: OnceCell<()>,
}

impl Hub {
    pub(crate) fn new(
        engine: Arc<Engine>,
        home: PathBuf,
        relays: bool,
        public: bool,
        listener: Option<Listener>,
        stop: CancellationToken,
    ) -> Self {
        let since = engine.clock().now();
        Self {
            engine,
            home,
            relays,
            public,
            since,
            listener,
            stop,
            closed: OnceCell::new(),
        }
    }

    pub(crate) async fn start(&self) -> Result<(), HubError> {
        self.engine
            .start()
            .await
            .map_err(|error| from_engine(&error))
    }

    /// Carries out one use case.
    ///
    /// # Errors
    /// With a code from the closed list.
    pub async fn request(&self, request: Request) -> Result<Reply, HubError> {
        let word = request.word();
        let reply = self.dispatch(request).await;
        if let Err(error) = &reply {
            tracing::info!(
                call = word,
                error.code = error.code.word(),
                correlation_id = error.correlation_id,
                "a use case failed"
            );
        }
        reply
    }

    async fn dispatch(&self, request: Request) -> Result<Reply, HubError> {
        Ok(match request {
            Request::GetStatus(_) => Reply::GetStatus(cases::status(self).await?),
            Request::WaitForChange(wait) => {
                Reply::WaitForChange(cases::wait_for_change(self, wait).await?)
            }
            Request::ListConnections(_) => {
                Reply::ListConnections(cases::list_connections(self).await?)
            }
            Request::ConnectSlack(args) => {
                Reply::ConnectSlack(cases::connect_slack(self, args).await?)
            }
            Request::ConnectTeams(args) => {
                Reply::ConnectTeams(cases::connect_teams(self, args).await?)
            }
            Request::TuneConnection(args) => {
                Reply::TuneConnection(cases::tune_connection(self, args).await?)
            }
            Request::ListNotices(_) => Reply::ListNotices(cases::list_notices(self).await?),
            Request::DismissNotice(args) => {
                Reply::DismissNotice(cases::dismiss_notice(self, args).await?)
            }
            Request::ListGaps(_) => Reply::ListGaps(cases::list_gaps(self).await?),
            Request::ImportPeople(args) => {
                Reply::ImportPeople(cases::import_people(self, args).await?)
            }
            Request::ListPeople(args) => Reply::ListPeople(cases::list_people(self, args).await?),
            Request::ListSuggestions(args) => {
                Reply::ListSuggestions(cases::list_suggestions(self, args).await?)
            }
            Request::PreviewPairing(args) => {
                Reply::PreviewPairing(cases::preview_pairing(self, args).await?)
            }
            Request::PairPerson(args) => Reply::PairPerson(cases::pair_person(self, args).await?),
            Request::PairPeople(args) => Reply::PairPeople(cases::pair_people(self, args).await?),
            Request::UnpairPerson(args) => {
                Reply::UnpairPerson(cases::unpair_person(self, args).await?)
            }
            Request::AskAgain(args) => Reply::AskAgain(cases::ask_again(self, args).await?),
            Request::RevokeConsent(args) => {
                Reply::RevokeConsent(cases::revoke_consent(self, args).await?)
            }
            Request::SignInGuest(args) => {
                Reply::SignInGuest(cases::sign_in_guest(self, args).await?)
            }
            Request::GetPolicy(_) => Reply::GetPolicy(cases::policy(self)),
            Request::SetPolicy(args) => Reply::SetPolicy(cases::set_policy(self, args).await?),
            Request::ListActivity(args) => {
                Reply::ListActivity(cases::list_activity(self, args).await?)
            }
            Request::RetryDelivery(args) => {
                Reply::RetryDelivery(cases::retry_delivery(self, args).await?)
            }
            Request::SkipDelivery(args) => {
                Reply::SkipDelivery(cases::skip_delivery(self, args).await?)
            }
        })
    }

    /// Stops the relay, lets what is being sent end, and closes the file. Safe to call again.
    pub async fn close(&self) {
        self.closed
            .get_or_init(|| async {
                self.engine.stop().await;
                self.stop.cancel();
                self.engine.store().close().await;
            })
            .await;
    }

    pub(crate) fn store(&self) -> &Store {
        self.engine.store()
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, HubError> {
        self.store()
            .read(work)
            .await
            .map_err(|error| from_store(&error))
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, HubError> {
        self.store()
            .write(work)
            .await
            .map_err(|error| from_store(&error))
    }
}

//! The hub: carries out use cases on the engine and its store.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
};

use causeway_engine::Engine;
use causeway_model::Timestamp;
use causeway_store::{Reader, Store, StoreError, Tx};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    address::Reached,
    api::{ErrorCode, HubError, Reply, Request},
    cases,
    error::{failed, from_engine, from_store},
    installs::Installs,
    jobs::Jobs,
    sign_ins::SignIns,
};

/// One open data folder.
pub struct Hub {
    pub(crate) engine: Arc<Engine>,
    pub(crate) home: PathBuf,
    pub(crate) relays: bool,
    pub(crate) reached: Reached,
    pub(crate) since: Timestamp,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) sign_ins: Arc<SignIns>,
    pub(crate) installs: Installs<cases::install::Begun>,
    stop: CancellationToken,
    closed: OnceCell<()>,
    /// For what goes on behind a call.
    me: Weak<Self>,
}

impl Hub {
    /// Made within [`Arc::new_cyclic`], which gives `me`.
    pub(crate) fn new(
        me: Weak<Self>,
        engine: Arc<Engine>,
        home: PathBuf,
        relays: bool,
        reached: Reached,
        stop: CancellationToken,
    ) -> Self {
        let since = engine.clock().now();
        Self {
            engine,
            home,
            relays,
            reached,
            since,
            jobs: Jobs::new(),
            sign_ins: SignIns::new(),
            installs: Installs::default(),
            stop,
            closed: OnceCell::new(),
            me,
        }
    }

    pub(crate) async fn start(&self) -> Result<(), HubError> {
        self.engine
            .start()
            .await
            .map_err(|error| from_engine(&error))?;
        self.check_regularly();
        Ok(())
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
            Request::GetNeeds(_) => Reply::GetNeeds(cases::needs(self).await?),
            Request::GetStats(args) => Reply::GetStats(cases::stats(self, args).await?),
            Request::ListConnections(_) => {
                Reply::ListConnections(cases::list_connections(self).await?)
            }
            Request::ListCapabilities(_) => {
                Reply::ListCapabilities(cases::capabilities(self).await?)
            }
            Request::ConnectSlack(args) => {
                Reply::ConnectSlack(cases::connect_slack(self, args).await?)
            }
            Request::ConnectTeams(args) => {
                Reply::ConnectTeams(cases::connect_teams(self, args).await?)
            }
            Request::ConnectWebex(args) => {
                Reply::ConnectWebex(cases::connect_webex(self, args).await?)
            }
            Request::ConnectZoom(args) => {
                Reply::ConnectZoom(cases::connect_zoom(self, args).await?)
            }
            Request::GetSlackManifest(_) => Reply::GetSlackManifest(cases::slack_manifest()),
            Request::MakeCertificate(_) => {
                Reply::MakeCertificate(cases::make_certificate(self).await?)
            }
            Request::RunPreflight(args) => {
                Reply::RunPreflight(cases::run_preflight(self, args).await?)
            }
            Request::GetPreflight(_) => Reply::GetPreflight(cases::get_preflight(self).await?),
            Request::BeginServiceSignIn(args) => {
                Reply::BeginServiceSignIn(cases::begin_service_sign_in(self, args).await?)
            }
            Request::GetServiceSignIn(args) => {
                Reply::GetServiceSignIn(cases::get_service_sign_in(self, &args)?)
            }
            Request::FinishServiceSignIn(args) => {
                Reply::FinishServiceSignIn(cases::finish_service_sign_in(self, args).await?)
            }
            Request::CancelServiceSignIn(args) => {
                Reply::CancelServiceSignIn(cases::cancel_service_sign_in(self, &args)?)
            }
            Request::BeginSlackInstall(args) => {
                Reply::BeginSlackInstall(cases::begin_slack_install(self, args)?)
            }
            Request::TuneConnection(args) => {
                Reply::TuneConnection(cases::tune_connection(self, args).await?)
            }
            Request::SetPaused(args) => Reply::SetPaused(cases::set_paused(self, args).await?),
            Request::PreviewDisconnect(args) => {
                Reply::PreviewDisconnect(cases::preview_disconnect(self, args).await?)
            }
            Request::Disconnect(args) => Reply::Disconnect(cases::disconnect(self, args).await?),
            Request::ListNotices(_) => Reply::ListNotices(cases::list_notices(self).await?),
            Request::DismissNotice(args) => {
                Reply::DismissNotice(cases::dismiss_notice(self, args).await?)
            }
            Request::ListGaps(_) => Reply::ListGaps(cases::list_gaps(self).await?),
            Request::ImportPeople(args) => {
                Reply::ImportPeople(cases::import_people(self, args).await?)
            }
            Request::StartImport(args) => Reply::StartImport(cases::start_import(self, args)?),
            Request::CountPeople(args) => {
                Reply::CountPeople(cases::count_people(self, args).await?)
            }
            Request::GetPerson(args) => Reply::GetPerson(cases::person(self, args).await?),
            Request::DecideSuggestion(args) => {
                Reply::DecideSuggestion(cases::decide_suggestion(self, args).await?)
            }
            Request::PreviewBulk(args) => {
                Reply::PreviewBulk(cases::preview_bulk(self, args).await?)
            }
            Request::StartPairing(args) => {
                Reply::StartPairing(cases::start_pairing(self, args).await?)
            }
            Request::PreviewUnpairing(args) => {
                Reply::PreviewUnpairing(cases::preview_unpairing(self, args).await?)
            }
            Request::StartUnpairing(args) => {
                Reply::StartUnpairing(cases::start_unpairing(self, args).await?)
            }
            Request::ChangeMode(args) => Reply::ChangeMode(cases::change_mode(self, args).await?),
            Request::GetJob(args) => Reply::GetJob(cases::get_job(self, args)?),
            Request::ListJobs(_) => Reply::ListJobs(cases::list_jobs(self)),
            Request::StopJob(args) => Reply::StopJob(cases::stop_job(self, args)?),
            Request::GetDelivery(args) => Reply::GetDelivery(cases::delivery(self, args).await?),
            Request::ResolveDelivery(args) => {
                Reply::ResolveDelivery(cases::resolve_delivery(self, args).await?)
            }
            Request::StartExport(args) => Reply::StartExport(cases::start_export(self, args)?),
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
            Request::GetAddress(_) => Reply::GetAddress(cases::address(self).await?),
            Request::SetAddress(args) => Reply::SetAddress(cases::set_address(self, args).await?),
            Request::CheckAddress(_) => Reply::CheckAddress(cases::check_address(self).await?),
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
            Request::Backup(args) => Reply::Backup(cases::backup(self, args).await?),
            Request::GetRestore(_) => Reply::GetRestore(cases::restore_status(self).await?),
        })
    }

    /// Stops the relay, lets what is being sent end, and closes the file. Safe to call again.
    pub async fn close(&self) {
        self.closed
            .get_or_init(|| async {
                self.jobs.close().await;
                self.sign_ins.close().await;
                self.engine.stop().await;
                self.stop.cancel();
                self.engine.store().close().await;
            })
            .await;
    }

    /// Another handle to this hub.
    ///
    /// # Errors
    /// When it is being closed.
    pub(crate) fn shared(&self) -> Result<Arc<Self>, HubError> {
        self.me.upgrade().ok_or_else(stopped)
    }

    /// Resolves when the hub is being closed, with what to tell those who wait for it.
    pub(crate) async fn stopping(&self) -> HubError {
        self.stop.cancelled().await;
        stopped()
    }

    /// Moves on with every change of what is stored or goes on.
    pub(crate) fn revision(&self) -> u64 {
        *self.store().changes().borrow()
            + *self.jobs.changes().borrow()
            + *self.sign_ins.changes().borrow()
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

fn stopped() -> HubError {
    failed(ErrorCode::HubUnavailable, "The relay is being stopped.")
        .action("Start it again.")
        .build()
}

//! Every use case an administrator has, as one typed list. The desktop, the command line and the
//! local socket all speak it; nothing else reaches the hub.

mod activity;
mod address;
mod backup;
mod capabilities;
mod certificate;
mod connections;
mod consent;
mod disconnect;
mod error;
mod install;
mod jobs;
mod notices;
mod pairing;
mod pausing;
mod people;
mod policy;
mod preflight;
mod service_sign_in;
mod stats;
mod status;
mod suggestions;

pub use activity::{
    ActivityEntry, ActivityFilter, ActivityPage, DeliveryDetails, DeliveryStep, GetDelivery,
    ListActivity, Resolution, ResolveDelivery, RetryDelivery, SkipDelivery, StepKind,
};
pub use address::{
    AddressCheck, AddressFrom, AddressInUse, AddressView, CheckAddress, GetAddress, RequestUrl,
    SetAddress,
};
pub use backup::{
    Backup, BackupReport, GetRestore, RestoreReport, RestoreStatus, RestoredView, SignInAgain,
};
pub use capabilities::{CapabilityView, LegAbility, ListCapabilities};
pub use certificate::{CertificateView, GetSlackManifest, MakeCertificate, SlackManifestView};
pub use connections::{
    ConnectSlack, ConnectTeams, ConnectWebex, ConnectZoom, ConnectionView, GuestSignIn,
    ListConnections, TuneConnection, WebexGuestIssuer, ZoomChatbot, ZoomUserApp,
};
pub use consent::{
    AskAgain, ConsentState, ConsentView, DeviceSignInView, RevokeConsent, SignInGuest,
};
pub use disconnect::{Disconnect, DisconnectEffect, PreviewDisconnect};
pub use error::{ErrorCode, HubError, Severity};
pub use install::{BeginSlackInstall, SlackInstallView};
pub use jobs::{
    BulkPreview, GetJob, JobFailure, JobId, JobKind, JobState, JobView, ListJobs, PreviewBulk,
    PreviewUnpairing, Selection, SheetFormat, StartExport, StartImport, StartPairing,
    StartUnpairing, StopJob, UnpairingPreview,
};
pub use notices::{DismissNotice, GapView, ListGaps, ListNotices, NoticeCode, NoticeView};
pub use pairing::{
    BulkReport, ChangeMode, NotPaired, PairPeople, PairPerson, PairingEffect, PairingPreview,
    PairingView, PreviewPairing, PreviewSummary, SecondaryWish, UnpairPerson, UnpairReport,
};
pub use pausing::SetPaused;
pub use people::{
    AccountView, CountPeople, GetPerson, ImportPeople, ImportReport, ImportedConnection, LegView,
    ListPeople, PeopleCounts, PeopleFilter, PeoplePage, PeopleView, PersonDetails, PersonNeed,
    PersonRef, PersonView,
};
pub use policy::{GetPolicy, PolicyView, SetPolicy};
pub use preflight::{
    FindingView, GetPreflight, PassedView, PreflightReport, RunPreflight, UnknownView,
};
pub use service_sign_in::{
    BeginServiceSignIn, BroughtBack, CancelServiceSignIn, FinishServiceSignIn, GetServiceSignIn,
    ServiceSignInId, ServiceSignInState, ServiceSignInView, ServiceSignInWay, SignInApp,
};
pub use stats::{
    AwaitedConsent, GetNeeds, GetStats, NeedsReport, StatsBucket, StatsReport, StatsSpan,
    WaitingView, WantedPerson,
};
pub use status::{DeliveryCounts, GetStatus, KeyPlace, RelayRole, StatusReport, WaitForChange};
pub use suggestions::{
    AsideView, DecideSuggestion, DecidedSuggestion, ListSuggestions, Suggestion,
    SuggestionDecision, SuggestionKind, SuggestionPage, WantedView,
};

use serde::{Deserialize, Serialize};

/// One use case: what it takes is the implementing type, what it gives is `Output`.
pub trait UseCase: Sized {
    type Output;
    fn into_request(self) -> Request;
    /// The output, when `reply` is this use case's.
    fn output(reply: Reply) -> Option<Self::Output>;
}

macro_rules! use_cases {
    ($($(#[$doc:meta])* $args:ident as $word:literal => $output:ty;)*) => {
        /// A call of one use case.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "call", content = "args")]
        pub enum Request {
            $($(#[$doc])* #[serde(rename = $word)] $args($args),)*
        }

        /// What a use case gave.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "call", content = "reply")]
        pub enum Reply {
            $(#[serde(rename = $word)] $args($output),)*
        }

        impl Request {
            /// The use case's word, for logs.
            #[must_use]
            pub fn word(&self) -> &'static str {
                match self { $(Self::$args(_) => $word,)* }
            }
        }

        $(impl UseCase for $args {
            type Output = $output;
            fn into_request(self) -> Request {
                Request::$args(self)
            }
            fn output(reply: Reply) -> Option<$output> {
                match reply {
                    Reply::$args(output) => Some(output),
                    #[allow(unreachable_patterns, reason = "a list of one use case has no others")]
                    _ => None,
                }
            }
        })*

        /// Every use case with the TypeScript names of what it takes and gives.
        #[must_use]
        pub fn typescript_calls(config: &ts_rs::Config) -> Vec<(&'static str, String, String)> {
            use ts_rs::TS;
            vec![$(($word, <$args>::name(config), <$output>::name(config)),)*]
        }
    };
}

use_cases! {
    /// Whether messages flow.
    GetStatus as "get_status" => StatusReport;
    /// Returns when something has changed since a revision, or after a while.
    WaitForChange as "wait_for_change" => u64;
    /// What does not go on without a person.
    GetNeeds as "get_needs" => NeedsReport;
    /// What was delivered lately, how long it took, and what waits.
    GetStats as "get_stats" => StatsReport;
    ListConnections as "list_connections" => Vec<ConnectionView>;
    ListCapabilities as "list_capabilities" => Vec<CapabilityView>;
    ConnectSlack as "connect_slack" => ConnectionView;
    ConnectTeams as "connect_teams" => ConnectionView;
    ConnectWebex as "connect_webex" => ConnectionView;
    ConnectZoom as "connect_zoom" => ConnectionView;
    GetSlackManifest as "get_slack_manifest" => SlackManifestView;
    /// A key and a certificate for the app registration in Entra.
    MakeCertificate as "make_certificate" => CertificateView;
    /// Whether the connections are as the hub needs them.
    RunPreflight as "run_preflight" => Vec<PreflightReport>;
    GetPreflight as "get_preflight" => Vec<PreflightReport>;
    /// Signs in the account through which the hub itself speaks, before it is connected.
    BeginServiceSignIn as "begin_service_sign_in" => ServiceSignInView;
    GetServiceSignIn as "get_service_sign_in" => ServiceSignInView;
    FinishServiceSignIn as "finish_service_sign_in" => ServiceSignInView;
    CancelServiceSignIn as "cancel_service_sign_in" => ServiceSignInView;
    BeginSlackInstall as "begin_slack_install" => SlackInstallView;
    TuneConnection as "tune_connection" => ConnectionView;
    SetPaused as "set_paused" => StatusReport;
    PreviewDisconnect as "preview_disconnect" => DisconnectEffect;
    Disconnect as "disconnect" => DisconnectEffect;
    /// What an administrator should know of, oldest first.
    ListNotices as "list_notices" => Vec<NoticeView>;
    DismissNotice as "dismiss_notice" => Vec<NoticeView>;
    ListGaps as "list_gaps" => Vec<GapView>;
    /// Reads the directories of the connections.
    ImportPeople as "import_people" => ImportReport;
    StartImport as "start_import" => JobView;
    ListPeople as "list_people" => PeoplePage;
    CountPeople as "count_people" => PeopleCounts;
    GetPerson as "get_person" => PersonDetails;
    /// Who could be paired and is not.
    ListSuggestions as "list_suggestions" => SuggestionPage;
    DecideSuggestion as "decide_suggestion" => DecidedSuggestion;
    PreviewPairing as "preview_pairing" => PairingPreview;
    PairPerson as "pair_person" => PairingView;
    PairPeople as "pair_people" => BulkReport;
    PreviewBulk as "preview_bulk" => BulkPreview;
    StartPairing as "start_pairing" => JobView;
    PreviewUnpairing as "preview_unpairing" => UnpairingPreview;
    StartUnpairing as "start_unpairing" => JobView;
    GetJob as "get_job" => JobView;
    /// What goes on, and what has ended lately.
    ListJobs as "list_jobs" => Vec<JobView>;
    StopJob as "stop_job" => JobView;
    ChangeMode as "change_mode" => PairingView;
    UnpairPerson as "unpair_person" => UnpairReport;
    AskAgain as "ask_again" => PairingView;
    RevokeConsent as "revoke_consent" => PairingView;
    SignInGuest as "sign_in_guest" => DeviceSignInView;
    GetAddress as "get_address" => AddressView;
    SetAddress as "set_address" => AddressView;
    CheckAddress as "check_address" => AddressCheck;
    GetPolicy as "get_policy" => PolicyView;
    SetPolicy as "set_policy" => PolicyView;
    ListActivity as "list_activity" => ActivityPage;
    GetDelivery as "get_delivery" => DeliveryDetails;
    ResolveDelivery as "resolve_delivery" => ActivityEntry;
    StartExport as "start_export" => JobView;
    RetryDelivery as "retry_delivery" => ActivityEntry;
    SkipDelivery as "skip_delivery" => ActivityEntry;
    Backup as "backup" => BackupReport;
    GetRestore as "get_restore" => RestoreStatus;
}

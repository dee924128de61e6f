//! Every use case an administrator has, as one typed list. The desktop, the command line and the
//! local socket all speak it; nothing else reaches the hub.

mod activity;
mod connections;
mod consent;
mod error;
mod notices;
mod pairing;
mod people;
mod policy;
mod status;
mod suggestions;

pub use activity::{ActivityEntry, ActivityPage, ListActivity, RetryDelivery, SkipDelivery};
pub use connections::{
    ConnectSlack, ConnectTeams, ConnectionView, GuestSignIn, ListConnections, TuneConnection,
};
pub use consent::{
    AskAgain, ConsentState, ConsentView, DeviceSignInView, RevokeConsent, SignInGuest,
};
pub use error::{ErrorCode, HubError, Severity};
pub use notices::{DismissNotice, GapView, ListGaps, ListNotices, NoticeCode, NoticeView};
pub use pairing::{
    BulkReport, LegView, NotPaired, PairPeople, PairPerson, PairingEffect, PairingPreview,
    PairingView, PreviewPairing, PreviewSummary, SecondaryWish, UnpairPerson, UnpairReport,
};
pub use people::{
    AccountView, ImportPeople, ImportReport, ImportedConnection, ListPeople, PeoplePage, PersonRef,
    PersonView, SyncState,
};
pub use policy::{GetPolicy, PolicyView, SetPolicy};
pub use status::{DeliveryCounts, GetStatus, KeyPlace, RelayRole, StatusReport, WaitForChange};
pub use suggestions::{ListSuggestions, Suggestion, SuggestionKind, SuggestionPage, WantedView};

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
    ListConnections as "list_connections" => Vec<ConnectionView>;
    ConnectSlack as "connect_slack" => ConnectionView;
    ConnectTeams as "connect_teams" => ConnectionView;
    TuneConnection as "tune_connection" => ConnectionView;
    /// What an administrator should know of, oldest first.
    ListNotices as "list_notices" => Vec<NoticeView>;
    DismissNotice as "dismiss_notice" => Vec<NoticeView>;
    ListGaps as "list_gaps" => Vec<GapView>;
    /// Reads the directories of the connections.
    ImportPeople as "import_people" => ImportReport;
    ListPeople as "list_people" => PeoplePage;
    /// Who could be paired and is not.
    ListSuggestions as "list_suggestions" => SuggestionPage;
    PreviewPairing as "preview_pairing" => PairingPreview;
    PairPerson as "pair_person" => PairingView;
    PairPeople as "pair_people" => BulkReport;
    UnpairPerson as "unpair_person" => UnpairReport;
    AskAgain as "ask_again" => PairingView;
    RevokeConsent as "revoke_consent" => PairingView;
    SignInGuest as "sign_in_guest" => DeviceSignInView;
    GetPolicy as "get_policy" => PolicyView;
    SetPolicy as "set_policy" => PolicyView;
    ListActivity as "list_activity" => ActivityPage;
    RetryDelivery as "retry_delivery" => ActivityEntry;
    SkipDelivery as "skip_delivery" => ActivityEntry;
}

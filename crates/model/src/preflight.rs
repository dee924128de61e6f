//! What is checked of a connection before anybody relies on it, and what came of each check.
//!
//! A check says what it found and no more: what stops working because of it, and where that is
//! changed, is told by whoever shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is checked. A closed list: each has words of its own wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckCode {
    /// The platform answers at all.
    Reachable,
    /// Its clock and ours agree.
    ClockSkew,
    /// The app's own credentials are taken.
    Credentials,
    /// One permission that the app itself needs; the subject names it.
    AppPermission,
    /// One permission that acting as people needs; the subject names it.
    PersonPermission,
    /// One permission that the account which speaks for the app has to have given.
    ServicePermission,
    /// The socket that events come through can be opened.
    Socket,
    /// The app may read: a call that reads, made for nothing else.
    Reading,
    /// The app may write: a call that would write, on what does not exist.
    Writing,
    /// The account that speaks for the app can sign in.
    ServiceSignIn,
    /// It is an active member of the organisation, and no guest.
    ServiceMember,
    /// It has a licence for the platform's chats.
    ServiceLicence,
    /// The platform's vendor lets the app read everybody's chats.
    ProtectedReading,
    /// The organisation lets the app invite guests.
    GuestInvitations,
    /// People may authorise the app themselves, or it was done for all of them.
    PeopleConsent,
    /// The app is registered so that people can sign in with a code.
    SignInCodes,
    /// The hub is reached under its public address.
    PublicAddress,
    /// Events come as they happen, and are not asked for now and then.
    LiveEvents,
    /// The conversations that are relayed can be seen.
    Visibility,
    /// What people and the app have authorised is still good.
    SignIns,
    /// The app's secret has some time left.
    SecretExpiry,
    /// The app's certificate has some time left.
    CertificateExpiry,
    /// The sign-in of an account of the hub's own has some time left; the subject tells whose.
    OwnSignInExpiry,
    /// So have those of people.
    PeopleSignInExpiry,
}

/// How much a failed check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Nothing is relayed over this connection.
    Blocks,
    /// Something does not work for some.
    Limits,
    /// It works, and something should be known or done in time.
    Advises,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// It could not be found out; the detail says why.
    Unknown,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Check {
    pub code: CheckCode,
    /// Which of several: a permission by the platform's name for it.
    pub subject: Option<String>,
    pub outcome: Outcome,
    /// The platform's own code or a number with its unit; never a name, an address or a text.
    pub detail: Option<String>,
}

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything, a new way to hear included: for a connection that nothing listens on, since some
    /// platforms count how often that is asked for.
    WithSource,
    /// Everything but that.
    Whole,
    /// Only that reading and writing are possible: a few calls, made often.
    Canary,
}

impl CheckCode {
    pub const ALL: [Self; 24] = [
        Self::Reachable,
        Self::ClockSkew,
        Self::Credentials,
        Self::AppPermission,
        Self::PersonPermission,
        Self::ServicePermission,
        Self::Socket,
        Self::Reading,
        Self::Writing,
        Self::ServiceSignIn,
        Self::ServiceMember,
        Self::ServiceLicence,
        Self::ProtectedReading,
        Self::GuestInvitations,
        Self::PeopleConsent,
        Self::SignInCodes,
        Self::PublicAddress,
        Self::LiveEvents,
        Self::Visibility,
        Self::SignIns,
        Self::SecretExpiry,
        Self::CertificateExpiry,
        Self::OwnSignInExpiry,
        Self::PeopleSignInExpiry,
    ];

    #[must_use]
    pub fn weight(self) -> Weight {
        match self {
            Self::Reachable
            | Self::Credentials
            | Self::Socket
            | Self::Reading
            | Self::Writing
            | Self::ServiceSignIn
            | Self::ServiceMember
            | Self::ServiceLicence => Weight::Blocks,
            Self::AppPermission
            | Self::PersonPermission
            | Self::ServicePermission
            | Self::ClockSkew
            | Self::ProtectedReading
            | Self::GuestInvitations
            | Self::PeopleConsent
            | Self::SignInCodes
            | Self::PublicAddress
            | Self::Visibility
            | Self::SignIns => Weight::Limits,
            Self::LiveEvents
            | Self::SecretExpiry
            | Self::CertificateExpiry
            | Self::OwnSignInExpiry
            | Self::PeopleSignInExpiry => Weight::Advises,
        }
    }
}

impl Check {
    #[must_use]
    pub fn passed(code: CheckCode) -> Self {
        Self::of(code, Outcome::Passed, None)
    }

    /// `detail` is the platform's code, or a number with its unit.
    #[must_use]
    pub fn failed(code: CheckCode, detail: impl Into<String>) -> Self {
        Self::of(code, Outcome::Failed, Some(detail.into()))
    }

    #[must_use]
    pub fn unknown(code: CheckCode, why: impl Into<String>) -> Self {
        Self::of(code, Outcome::Unknown, Some(why.into()))
    }

    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    fn of(code: CheckCode, outcome: Outcome, detail: Option<String>) -> Self {
        Self {
            code,
            subject: None,
            outcome,
            detail,
        }
    }
}

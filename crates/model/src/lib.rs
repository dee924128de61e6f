//! The words of Causeway as types: message content, accounts, pairings, links and deliveries.
//!
//! No I/O and no async: every other crate builds on this one, and this one builds on none of them.

pub mod capability;
pub mod carried;
pub mod clock;
pub mod consent;
pub mod content;
pub mod conversation;
pub mod delivery;
pub mod event;
pub mod fault;
pub mod id;
pub mod people;
pub mod platform;
pub mod preflight;

pub use capability::{
    Budget, Capabilities, LegNeed, LegRow, NameShown, Otherwise, SharedBy, SpeaksBy, Spending,
};
pub use carried::{Carried, Doing, Grade, Limit};
pub use clock::{Clock, Random, Timestamp};
pub use consent::{AskedBecause, Consent, ConsentError, SignInWay};
pub use content::{Block, Button, ButtonAct, Content, Inline, Style};
pub use conversation::{ConversationFacts, ConversationKind, LegKind, LegState, OpenConversation};
pub use delivery::{Delivery, DeliveryState, Operation, Reason, Rung};
pub use event::{Author, AuthorKind, EventKey, Happening, Incoming, Marker};
pub use fault::{Failure, FailureKind};
pub use id::{
    AccountId, ConnectionId, DeliveryId, ExternalAccount, ExternalConversation, ExternalMessage,
    LegId, LinkId, MessageId, PairingId, PersonId, RelayId,
};
pub use people::{
    Account, AccountKind, DirectoryAccount, GuestState, Mode, Pairing, PairingState, Person,
    Speaker,
};
pub use platform::{Connection, Health, HealthState, Platform};
pub use preflight::{Check, CheckCode, Depth, Outcome, Weight};

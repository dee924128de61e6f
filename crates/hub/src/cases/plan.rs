//! How a person would be paired: decided from what is known of them, then either told or done.

use causeway_model::{
    Account, AccountId, GuestState, Mode, Otherwise, Person, Platform, SpeaksBy, Timestamp,
};
use causeway_store::{NewPairing, Reader, StoreError};

use super::{look::Side, refusal::Refusal, standing::Standing};
use crate::api::{ConsentState, SecondaryWish};

/// What a decision about one person rests on.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub person: Person,
    /// All of theirs, inactive ones too.
    pub accounts: Vec<Account>,
    /// Whether the platform vouches for the primary account's address.
    pub verified: bool,
    /// The primary accounts of the pairings they are in, with whether it is one on this side.
    pub paired: Vec<(AccountId, bool)>,
    /// The account that an administrator named for them.
    pub named: Option<Account>,
    /// Accounts among these that stand for somebody already.
    pub taken: Vec<AccountId>,
}

/// What pairing someone comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub primary: AccountId,
    pub mode: Mode,
    /// The account that stands for them; in mode Guest it is still to be made.
    pub secondary: Option<Account>,
}

pub(super) fn known(
    reader: &Reader<'_>,
    person: Person,
    wish: SecondaryWish,
    primary: &Side,
    secondary: &Side,
) -> Result<Known, StoreError> {
    let accounts = reader.accounts_of_person(person.id)?;
    let verified = match primary.usable(&accounts) {
        Some(account) => reader.verified_address(account.id)?.is_some(),
        None => false,
    };
    let pairings = reader.pairings_of_person(person.id)?;
    let named = match wish {
        SecondaryWish::Account(id) => reader.account(id)?,
        SecondaryWish::Full | SecondaryWish::Guest | SecondaryWish::App | SecondaryWish::Best => {
            None
        }
    };
    let mut taken = Vec::new();
    for account in accounts.iter().chain(&named) {
        if let Some(standing) = reader.paired_account(account.connection, &account.external)?
            && standing.person != person.id
        {
            taken.push(account.id);
        }
    }
    Ok(Known {
        person,
        accounts,
        verified,
        paired: pairings
            .into_iter()
            .map(|pairing| {
                let here = pairing.secondary_connection == secondary.connection;
                (pairing.primary, here)
            })
            .collect(),
        named,
        taken,
    })
}

/// Decides; pure.
pub(super) fn decide(
    known: &Known,
    wish: SecondaryWish,
    primary: &Side,
    secondary: &Side,
) -> Result<Plan, Refusal> {
    let home = primary
        .usable(&known.accounts)
        .ok_or(Refusal::NoPrimaryAccount)?;
    if known.paired.iter().any(|(_, here)| *here) {
        return Err(Refusal::AlreadyPaired);
    }
    if known.paired.iter().any(|(other, _)| *other != home.id) {
        return Err(Refusal::OtherPrimary);
    }
    let (mode, account) = choose(known, wish, secondary)?;
    if account.is_some_and(|account| known.taken.contains(&account.id)) {
        return Err(Refusal::AccountTaken);
    }
    Ok(Plan {
        primary: home.id,
        mode,
        secondary: account.cloned(),
    })
}

fn choose<'a>(
    known: &'a Known,
    wish: SecondaryWish,
    there: &Side,
) -> Result<(Mode, Option<&'a Account>), Refusal> {
    let own = there.own(&known.accounts);
    let active = own.filter(|account| account.active);
    match wish {
        SecondaryWish::App => through_app(there),
        SecondaryWish::Best => match active {
            Some(account) => Ok((Mode::Full, Some(account))),
            None => through_app(there),
        },
        SecondaryWish::Full => match (own, active) {
            (_, Some(account)) => Ok((Mode::Full, Some(account))),
            (Some(_), None) => Err(Refusal::SwitchedOffThere),
            (None, None) if there.usable(&known.accounts).is_some() => {
                Err(Refusal::OnlyAGuestThere)
            }
            (None, None) => Err(Refusal::NoAccountThere),
        },
        SecondaryWish::Guest if !there.guests => Err(Refusal::NoGuestsThere),
        SecondaryWish::Guest if own.is_some() => Err(Refusal::MemberThere),
        SecondaryWish::Guest if !known.verified => Err(Refusal::NoVerifiedAddress),
        SecondaryWish::Guest => Ok((Mode::Guest, None)),
        SecondaryWish::Account(_) => known
            .named
            .as_ref()
            .filter(|account| there.usable(std::slice::from_ref(account)).is_some())
            .map(|account| (Mode::Full, Some(account)))
            .ok_or(Refusal::NotAnAccountThere),
    }
}

fn through_app(there: &Side) -> Result<(Mode, Option<&'static Account>), Refusal> {
    match there.otherwise {
        Otherwise::AppSpeaks => Ok((Mode::App, None)),
        Otherwise::Waits => Err(Refusal::AppSpeaksForNobody),
    }
}

impl Plan {
    /// What is to be stored; in mode Guest the engine makes the account.
    pub(super) fn pairing(&self, known: &Known, secondary: &Side, now: Timestamp) -> NewPairing {
        NewPairing {
            person: known.person.id,
            primary: self.primary,
            secondary_connection: secondary.connection,
            secondary: self.secondary.as_ref().map(|account| account.id),
            mode: self.mode,
            guest: match self.mode {
                Mode::Guest => Some(GuestState::Wanted),
                Mode::Full | Mode::App => None,
            },
            since: now,
        }
    }

    /// How they would stand, once paired.
    pub(super) fn standing(
        &self,
        reader: &Reader<'_>,
        side: &Side,
    ) -> Result<Standing, StoreError> {
        Standing::new(reader, self.mode, None, self.secondary.as_ref(), side)
    }

    /// What happens, in a sentence.
    pub(super) fn words(&self, name: &str, side: &Side, standing: &Standing) -> String {
        let place = side.words();
        let nobody = "nobody is asked anything";
        let (what, then) = match (self.mode, &self.secondary) {
            (Mode::Guest, _) => {
                let gets = format!("{name} gets a guest account in {place}; {nobody}.");
                return match guest_note(side.platform) {
                    Some(note) => format!("{gets} {note}"),
                    None => gets,
                };
            }
            (Mode::Full, Some(account)) => (
                format!(
                    "{name} is represented by their own account, {}, in {place}",
                    account.name
                ),
                asking(standing),
            ),
            (Mode::App, _) | (Mode::Full, None) => (
                format!(
                    "{name} is represented in {place} by the app, with their name on what they \
                     write"
                ),
                nobody.to_owned(),
            ),
        };
        format!("{what}; {then}.")
    }
}

/// What is peculiar to guests of a platform.
pub(super) fn guest_note(platform: Platform) -> Option<&'static str> {
    match platform {
        Platform::Slack | Platform::Teams => None,
        Platform::Webex => Some(
            "On Webex guests belong to the organisation's Service App: they can talk with its \
             members, and not with other guests.",
        ),
        Platform::Zoom => Some(
            "On Zoom a guest is a Basic user of the account, which the hub makes; nothing is \
             mailed to them.",
        ),
    }
}

fn asking(standing: &Standing) -> String {
    let unspoken = match standing.otherwise {
        Otherwise::AppSpeaks => "messages go out through the app",
        Otherwise::Waits => "messages wait, since the app cannot speak for them there",
    };
    let state = standing.consent().state;
    match (state, standing.speaks_by) {
        (ConsentState::Granted, SpeaksBy::Role) => {
            "the organisation's own app may act as its members, so nobody is asked anything"
                .to_owned()
        }
        (ConsentState::Granted, SpeaksBy::Token) => "they have authorised it already".to_owned(),
        (ConsentState::NotAsked, _) => {
            "they are asked once, at their first message across, to authorise it".to_owned()
        }
        (ConsentState::Asked, _) => {
            "they have been asked to authorise it already, and are not asked again by the hub itself"
                .to_owned()
        }
        (ConsentState::Declined, _) => format!(
            "they have declined to authorise it, so {unspoken}; nobody is asked anything"
        ),
        (ConsentState::Revoked, _) => format!(
            "their authorisation is not valid any more: until they are asked again by hand, \
             {unspoken}"
        ),
        (ConsentState::NotNeeded, _) => {
            format!("nobody can be asked to authorise it from here, so {unspoken}")
        }
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{
        AccountKind, ConnectionId, Consent, ExternalAccount, PersonId, SignInWay,
    };

    use super::*;

    fn side(connection: i64, platform: Platform, name: &str) -> Side {
        Side {
            connection: ConnectionId(connection),
            platform,
            name: name.to_owned(),
            guests: platform == Platform::Teams,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way: Some(SignInWay::DeviceCode),
        }
    }

    fn slack() -> Side {
        side(1, Platform::Slack, "Acme")
    }

    fn teams() -> Side {
        side(2, Platform::Teams, "Acme, Inc.")
    }

    fn account(id: i64, connection: i64, kind: AccountKind) -> Account {
        Account {
            id: AccountId(id),
            connection: ConnectionId(connection),
            external: ExternalAccount::new(format!("X{id}")),
            person: Some(PersonId(1)),
            email: None,
            name: "Cho Park".to_owned(),
            photo: None,
            kind,
            active: true,
        }
    }

    fn cho(accounts: Vec<Account>) -> Known {
        Known {
            person: Person {
                id: PersonId(1),
                name: "Cho Park".to_owned(),
                email: None,
            },
            accounts,
            verified: true,
            paired: Vec::new(),
            named: None,
            taken: Vec::new(),
        }
    }

    fn on_slack() -> Known {
        cho(vec![account(1, 1, AccountKind::Full)])
    }

    fn on_both() -> Known {
        cho(vec![
            account(1, 1, AccountKind::Full),
            account(2, 2, AccountKind::Full),
        ])
    }

    fn modes(known: &Known) -> [Result<Mode, Refusal>; 4] {
        [
            SecondaryWish::Full,
            SecondaryWish::Guest,
            SecondaryWish::App,
            SecondaryWish::Best,
        ]
        .map(|wish| decide(known, wish, &slack(), &teams()).map(|plan| plan.mode))
    }

    fn standing(held: bool, consent: Option<Consent>) -> Standing {
        Standing {
            mode: Mode::Full,
            guest: None,
            is_guest: false,
            active: true,
            held,
            consent,
            lapsed: false,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way: Some(SignInWay::DeviceCode),
        }
    }

    #[test]
    fn someone_without_an_account_there_is_represented_by_a_guest_or_the_app() {
        assert_eq!(
            modes(&on_slack()),
            [
                Err(Refusal::NoAccountThere),
                Ok(Mode::Guest),
                Ok(Mode::App),
                Ok(Mode::App)
            ]
        );
    }

    #[test]
    fn a_member_of_the_tenant_cannot_also_be_its_guest_even_when_switched_off() {
        assert_eq!(
            modes(&on_both()),
            [
                Ok(Mode::Full),
                Err(Refusal::MemberThere),
                Ok(Mode::App),
                Ok(Mode::Full)
            ]
        );
        let mut off = on_both();
        off.accounts[1].active = false;
        assert_eq!(
            modes(&off),
            [
                Err(Refusal::SwitchedOffThere),
                Err(Refusal::MemberThere),
                Ok(Mode::App),
                Ok(Mode::App)
            ]
        );
    }

    #[test]
    fn where_the_app_speaks_for_nobody_only_an_account_or_a_guest_can_stand_for_someone() {
        let deaf = Side {
            otherwise: Otherwise::Waits,
            ..teams()
        };
        let mode = |known: &Known, wish| decide(known, wish, &slack(), &deaf).map(|plan| plan.mode);
        for wish in [SecondaryWish::App, SecondaryWish::Best] {
            let refused = Err(Refusal::AppSpeaksForNobody);
            assert_eq!(mode(&on_slack(), wish), refused);
        }
        assert_eq!(mode(&on_slack(), SecondaryWish::Guest), Ok(Mode::Guest));
        assert_eq!(mode(&on_both(), SecondaryWish::Best), Ok(Mode::Full));
    }

    #[test]
    fn a_preview_says_what_becomes_of_messages_that_nobody_may_say() {
        let words = |otherwise, consent| {
            let standing = Standing {
                otherwise,
                ..standing(false, Some(consent))
            };
            let plan = decide(&on_both(), SecondaryWish::Full, &slack(), &teams());
            plan.expect("it can be done")
                .words("Cho Park", &teams(), &standing)
        };
        for consent in [
            Consent::Declined { at: Timestamp(1) },
            Consent::Revoked { at: Timestamp(1) },
        ] {
            let spoken = words(Otherwise::AppSpeaks, consent.clone());
            assert!(
                spoken.contains("messages go out through the app"),
                "{spoken}"
            );
            let unspoken = words(Otherwise::Waits, consent);
            assert!(!unspoken.contains("through the app"), "{unspoken}");
            assert!(unspoken.contains("messages wait"), "{unspoken}");
        }
    }

    #[test]
    fn a_preview_says_what_is_peculiar_to_guests_and_members_of_a_platform() {
        let there = |platform| Side {
            guests: true,
            ..side(2, platform, "Acme, Inc.")
        };
        let words = |known: &Known, wish, platform, standing: &Standing| {
            let there = there(platform);
            let plan = decide(known, wish, &slack(), &there).expect("it can be done");
            plan.words("Cho Park", &there, standing)
        };
        let fresh = standing(false, None);
        let guest = |platform| words(&on_slack(), SecondaryWish::Guest, platform, &fresh);
        assert!(guest(Platform::Webex).contains("not with other guests"));
        assert!(guest(Platform::Zoom).contains("Basic user"));
        assert!(guest(Platform::Zoom).ends_with("nothing is mailed to them."));
        let by_role = Standing {
            speaks_by: SpeaksBy::Role,
            ..standing(true, None)
        };
        assert!(
            words(&on_both(), SecondaryWish::Full, Platform::Zoom, &by_role)
                .ends_with("its members, so nobody is asked anything.")
        );
    }

    #[test]
    fn a_guest_account_left_over_is_nobodys_own_and_can_be_a_guest_again() {
        let left = cho(vec![
            account(1, 1, AccountKind::Full),
            account(2, 2, AccountKind::Guest),
        ]);
        assert_eq!(
            modes(&left),
            [
                Err(Refusal::OnlyAGuestThere),
                Ok(Mode::Guest),
                Ok(Mode::App),
                Ok(Mode::App)
            ]
        );
    }

    #[test]
    fn guests_need_a_platform_that_has_them_and_an_address_that_is_vouched_for() {
        let unverified = Known {
            verified: false,
            ..on_slack()
        };
        let plan = decide(&unverified, SecondaryWish::Guest, &slack(), &teams());
        assert_eq!(plan, Err(Refusal::NoVerifiedAddress));
        let on_teams = cho(vec![account(2, 2, AccountKind::Full)]);
        let plan = decide(&on_teams, SecondaryWish::Guest, &teams(), &slack());
        assert_eq!(plan, Err(Refusal::NoGuestsThere));
    }

    #[test]
    fn whoever_is_paired_there_or_works_elsewhere_is_not_paired_again() {
        let there = Known {
            paired: vec![(AccountId(1), true)],
            ..on_both()
        };
        assert_eq!(modes(&there)[2], Err(Refusal::AlreadyPaired));
        let elsewhere = Known {
            paired: vec![(AccountId(9), false)],
            ..on_both()
        };
        assert_eq!(modes(&elsewhere)[2], Err(Refusal::OtherPrimary));
        let taken = Known {
            taken: vec![AccountId(2)],
            ..on_both()
        };
        assert_eq!(modes(&taken)[0], Err(Refusal::AccountTaken));
        assert_eq!(modes(&taken)[2], Ok(Mode::App));
    }

    #[test]
    fn an_account_that_the_administrator_names_must_be_one_there() {
        let wish = SecondaryWish::Account(AccountId(7));
        let named = |connection, kind| Known {
            named: Some(account(7, connection, kind)),
            ..on_slack()
        };
        let decided = |known: &Known| decide(known, wish, &slack(), &teams());
        let plan = decided(&named(2, AccountKind::Full)).expect("it is one there");
        assert_eq!(plan.mode, Mode::Full);
        assert_eq!(plan.secondary.map(|account| account.id), Some(AccountId(7)));
        for wrong in [named(1, AccountKind::Full), named(2, AccountKind::Bot)] {
            assert_eq!(decided(&wrong), Err(Refusal::NotAnAccountThere));
        }
    }

    #[test]
    fn a_preview_says_who_is_asked_what() {
        let words = |known: &Known, wish, standing: &Standing| {
            let plan = decide(known, wish, &slack(), &teams()).expect("it can be done");
            plan.words("Cho Park", &teams(), standing)
        };
        let fresh = standing(false, None);
        assert_eq!(
            words(&on_slack(), SecondaryWish::Guest, &fresh),
            "Cho Park gets a guest account in Acme, Inc. (Microsoft Teams); nobody is asked \
             anything."
        );
        assert_eq!(
            words(&on_slack(), SecondaryWish::App, &fresh),
            "Cho Park is represented in Acme, Inc. (Microsoft Teams) by the app, with their name \
             on what they write; nobody is asked anything."
        );
        assert_eq!(
            words(&on_both(), SecondaryWish::Full, &fresh),
            "Cho Park is represented by their own account, Cho Park, in Acme, Inc. (Microsoft \
             Teams); they are asked once, at their first message across, to authorise it."
        );
        let held = standing(true, None);
        assert!(
            words(&on_both(), SecondaryWish::Best, &held)
                .ends_with("; they have authorised it already.")
        );
    }

    #[test]
    fn only_who_was_never_asked_will_be() {
        let code = Some(SignInWay::DeviceCode);
        assert_eq!(standing(false, None).will_ask(), code);
        assert_eq!(standing(true, None).will_ask(), None);
        let declined = Some(Consent::Declined { at: Timestamp(1) });
        assert_eq!(standing(false, declined).will_ask(), None);
        let stuck = Standing {
            way: None,
            ..standing(false, None)
        };
        assert_eq!(stuck.will_ask(), None);
    }
}

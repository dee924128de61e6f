//! What an administrator does about people's consent by hand.

use causeway_model::{AccountId, Mode, Pairing};
use causeway_store::StoreError;

use super::{
    look::Look,
    pairing::{pairing_meant, view_of},
    standing::Standing,
};
use crate::{
    Hub,
    api::{
        AskAgain, ConsentState, DeviceSignInView, ErrorCode, HubError, PairingView, RevokeConsent,
        SignInGuest,
    },
    error::{failed, from_engine},
};

pub(crate) async fn ask_again(hub: &Hub, args: AskAgain) -> Result<PairingView, HubError> {
    let (pairing, name) = pairing_meant(hub, args.person, args.secondary).await?;
    let account = own_account(&pairing, &name)?;
    let standing = standing_of(hub, pairing.clone()).await?;
    check_ask(&standing, &name)?;
    hub.engine
        .ask_again(account)
        .await
        .map_err(|error| from_engine(&error))?;
    view_of(hub, pairing.id).await
}

pub(crate) async fn revoke_consent(
    hub: &Hub,
    args: RevokeConsent,
) -> Result<PairingView, HubError> {
    let (pairing, name) = pairing_meant(hub, args.person, args.secondary).await?;
    let account = own_account(&pairing, &name)?;
    let standing = standing_of(hub, pairing.clone()).await?;
    check_revoke(&standing, &name)?;
    hub.engine
        .revoke_consent(account)
        .await
        .map_err(|error| from_engine(&error))?;
    view_of(hub, pairing.id).await
}

pub(crate) async fn sign_in_guest(
    hub: &Hub,
    args: SignInGuest,
) -> Result<DeviceSignInView, HubError> {
    let (pairing, name) = pairing_meant(hub, args.person, args.secondary).await?;
    let account = guest_account(&pairing, &name)?;
    let offer = hub
        .engine
        .sign_in_for(account)
        .await
        .map_err(|error| from_engine(&error))?;
    Ok(DeviceSignInView {
        user_code: offer.user_code,
        verification_uri: offer.verification_uri,
        expires_at: offer.expires_at,
    })
}

async fn standing_of(hub: &Hub, pairing: Pairing) -> Result<Standing, HubError> {
    let look = Look::of(hub);
    hub.read(move |reader| {
        let sides = look.sides(reader)?;
        let side = sides.get(pairing.secondary_connection);
        let side = side.ok_or(StoreError::NotFound("connection"))?;
        Standing::of_pairing(reader, &pairing, side)
    })
    .await
}

/// Whoever has authorised it is not asked, nor where there is no way to.
fn check_ask(standing: &Standing, name: &str) -> Result<(), HubError> {
    if standing.consent().state == ConsentState::Granted {
        return Err(failed(
            ErrorCode::InvalidArgument,
            format!("{name} has authorised it already: there is nothing to ask."),
        )
        .build());
    }
    if standing.way.is_none() {
        return Err(failed(
            ErrorCode::NotFound,
            format!("There is no way to ask {name} from here."),
        )
        .hint("On some platforms people can only be asked by a link to the hub's public address.")
        .action("Run the relay with a public address, and check the connection's credentials.")
        .build());
    }
    Ok(())
}

fn check_revoke(standing: &Standing, name: &str) -> Result<(), HubError> {
    if standing.held || standing.consent().state == ConsentState::Granted {
        return Ok(());
    }
    Err(failed(
        ErrorCode::InvalidArgument,
        format!("{name} has authorised nothing that could be forgotten."),
    )
    .build())
}

/// The account whose owner is asked: nobody is asked anything about guests and the app.
fn own_account(pairing: &Pairing, name: &str) -> Result<AccountId, HubError> {
    match (pairing.mode, pairing.secondary) {
        (Mode::Full, Some(account)) => Ok(account),
        (Mode::Full | Mode::Guest | Mode::App, _) => Err(failed(
            ErrorCode::NotPairable,
            format!(
                "{name} is not represented by their own account: nothing is asked or authorised."
            ),
        )
        .action("Pair them with their own account there, where they have one.")
        .build()),
    }
}

fn guest_account(pairing: &Pairing, name: &str) -> Result<AccountId, HubError> {
    match (pairing.mode, pairing.secondary) {
        (Mode::Guest, Some(account)) => Ok(account),
        (Mode::Guest, None) => Err(failed(
            ErrorCode::NotFound,
            format!("{name}'s guest account is not made yet."),
        )
        .action("Wait until it is, or look at the notices for why it cannot be.")
        .build()),
        (Mode::Full | Mode::App, _) => Err(failed(
            ErrorCode::NotPairable,
            format!("{name} is not represented by a guest account."),
        )
        .action("Pair them as a guest first.")
        .build()),
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{
        ConnectionId, GuestState, Otherwise, PairingId, PairingState, PersonId, SignInWay,
        SpeaksBy, Timestamp,
    };

    use super::*;

    fn pairing(mode: Mode, secondary: Option<AccountId>) -> Pairing {
        Pairing {
            id: PairingId(1),
            person: PersonId(1),
            primary: AccountId(1),
            secondary_connection: ConnectionId(2),
            secondary,
            mode,
            state: PairingState::Active,
            guest: (mode == Mode::Guest).then_some(GuestState::Wanted),
            since: Timestamp(0),
        }
    }

    fn standing(held: bool, way: Option<SignInWay>) -> Standing {
        Standing {
            mode: Mode::Full,
            guest: None,
            is_guest: false,
            active: true,
            held,
            consent: None,
            lapsed: false,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way,
        }
    }

    #[test]
    fn nobody_is_asked_for_what_they_gave_or_where_there_is_no_way_to() {
        let code = |checked: Result<(), HubError>| checked.err().map(|error| error.code);
        let way = Some(SignInWay::DeviceCode);
        assert_eq!(code(check_ask(&standing(false, way), "Cho")), None);
        assert_eq!(
            code(check_ask(&standing(true, way), "Cho")),
            Some(ErrorCode::InvalidArgument)
        );
        assert_eq!(
            code(check_ask(&standing(false, None), "Cho")),
            Some(ErrorCode::NotFound)
        );
        assert_eq!(code(check_revoke(&standing(true, way), "Cho")), None);
        assert_eq!(
            code(check_revoke(&standing(false, way), "Cho")),
            Some(ErrorCode::InvalidArgument)
        );
    }

    #[test]
    fn only_the_owner_of_an_account_can_be_asked_and_only_a_guest_signed_in() {
        let account = Some(AccountId(2));
        let full = pairing(Mode::Full, account);
        let guest = pairing(Mode::Guest, account);
        assert_eq!(own_account(&full, "Cho").ok(), account);
        assert_eq!(guest_account(&guest, "Cho").ok(), account);
        assert!(own_account(&guest, "Cho").is_err());
        assert!(own_account(&pairing(Mode::App, None), "Cho").is_err());
        assert!(guest_account(&full, "Cho").is_err());
        let unmade = guest_account(&pairing(Mode::Guest, None), "Cho");
        assert_eq!(unmade.map_err(|error| error.code), Err(ErrorCode::NotFound));
    }
}

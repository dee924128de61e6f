//! Guest accounts: made without asking anyone, looked after until they can be used.
//!
//! A pairing's guest goes `Wanted -> Invited -> Redeemed`, or ends in `Forbidden`. Until it is
//! redeemed and the hub holds its token, the app speaks for the person.

use std::{sync::Arc, time::Duration};

use causeway_connectors::{Guest, GuestFailure, Secret, SignInFailure};
use causeway_model::{
    Account, AccountKind, ConnectionId, DirectoryAccount, ExternalAccount, Failure, FailureKind,
    GuestState, Pairing,
};
use causeway_store::{NoticeRow, StoreError};
use url::Url;

use crate::{
    desk::{Desk, GuestSignIn, Live},
    engine::Engine,
    ingest::{Taken, rungs::reconsider},
    sign_in::{clear_notices, is_passing, keep_tokens},
};

/// How often open invitations are looked at, by the platform's clock.
const LOOK_EVERY: Duration = Duration::from_secs(60);
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// A pairing whose guest somebody must do something about.
struct Case {
    pairing: Pairing,
    primary: Account,
    guest: Option<Account>,
    live: Live,
    has_token: bool,
}

impl Engine {
    /// Makes the guests that are wanted, and looks after those that are not usable yet.
    pub(crate) fn look_after_guests(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            loop {
                let pace = match engine.guest_round().await {
                    Ok(pace) => pace,
                    Err(error) => {
                        tracing::warn!(error.code = error.code(), "guests were not looked after");
                        1.0
                    }
                };
                let pause = LOOK_EVERY.div_f64(pace).max(SHORTEST_PAUSE);
                tokio::select! {
                    paused = engine.pause(pause) => if paused.is_err() {
                        return;
                    },
                    () = engine.new_guest() => {}
                }
                if engine.is_stopping() {
                    return;
                }
            }
        });
    }

    /// Answers how fast the fastest platform's clock runs.
    async fn guest_round(self: &Arc<Self>) -> Result<f64, StoreError> {
        let cases = self.open_cases().await?;
        let pace = cases.iter().map(|case| case.live.pace).fold(1.0, f64::max);
        for case in cases {
            if self.is_stopping() {
                break;
            }
            self.advance(case).await;
        }
        Ok(pace)
    }

    async fn open_cases(&self) -> Result<Vec<Case>, StoreError> {
        let world = self.world();
        self.store()
            .write(move |tx| {
                let desk = Desk::new(tx, &world);
                let mut cases = Vec::new();
                for state in [
                    GuestState::Wanted,
                    GuestState::Invited,
                    GuestState::Redeemed,
                ] {
                    for pairing in desk.tx.pairings_with_guest(state)? {
                        cases.extend(case(&desk, pairing)?);
                    }
                }
                Ok(cases)
            })
            .await
    }

    async fn advance(self: &Arc<Self>, case: Case) {
        let Some(state) = case.pairing.guest else {
            return;
        };
        let outcome = match state {
            GuestState::Wanted => self.invite(&case).await,
            GuestState::Invited => self.look(&case).await,
            GuestState::Redeemed if !case.has_token => match case.live.connector.guests() {
                Some(guests) if guests.give_tokens() => self.invite(&case).await,
                Some(_) | None => {
                    self.sign_guest_in(&case).await;
                    Ok(())
                }
            },
            GuestState::Redeemed | GuestState::Forbidden => Ok(()),
        };
        if let Err(failure) = outcome {
            self.refused(&case, &failure).await;
        }
    }

    async fn invite(self: &Arc<Self>, case: &Case) -> Result<(), GuestFailure> {
        let guests = case.live.connector.guests().ok_or_else(unsupported)?;
        let email = case.primary.email.as_deref().ok_or_else(no_address)?;
        let guest = guests.invite(email, &case.primary.name).await?;
        self.keep_guest(case, &guest).await;
        let photo = case.primary.photo.as_deref();
        let photo = photo.and_then(|url| Url::parse(url).ok());
        let name = case.primary.name.as_str();
        // A guest without a face is a guest all the same.
        if let Err(error) = guests.dress(&guest.account, name, photo.as_ref()).await {
            tracing::warn!(error = %error, "a guest has no name and photo of its own yet");
        }
        Ok(())
    }

    async fn look(self: &Arc<Self>, case: &Case) -> Result<(), GuestFailure> {
        let guests = case.live.connector.guests().ok_or_else(unsupported)?;
        let Some(account) = &case.guest else {
            return self.invite(case).await;
        };
        let guest = guests.guest(&account.external).await?;
        if guest.state == GuestState::Redeemed {
            self.keep_guest(case, &guest).await;
        }
        Ok(())
    }

    /// Tries what may give a token without anybody being asked.
    async fn sign_guest_in(self: &Arc<Self>, case: &Case) {
        let (Some(account), Some(email)) = (&case.guest, &case.primary.email) else {
            return;
        };
        for way in case.live.guest_sign_in.iter() {
            let tokens = match way {
                // It happens when the administrator asks for a code.
                GuestSignIn::Administrator => continue,
                GuestSignIn::Password => self.by_password(case, account, email).await,
            };
            match tokens {
                Ok(Some(tokens)) => {
                    let (account, person) = (account.clone(), case.pairing.person);
                    let turns = self
                        .insist("a guest's token", move |desk| {
                            let mut taken = Taken::default();
                            keep_tokens(desk, &account, &tokens)?;
                            clear_notices(desk, &account, person)?;
                            reconsider(desk, person, account.connection, &mut taken)?;
                            taken.hearing = true;
                            Ok(taken)
                        })
                        .await;
                    self.go_on(turns);
                    return;
                }
                Ok(None) => {}
                Err(failure) if is_passing(&failure) => {}
                Err(failure) => self.tell_of_sign_in(case, &failure).await,
            }
        }
    }

    async fn by_password(
        &self,
        case: &Case,
        account: &Account,
        email: &str,
    ) -> Result<Option<causeway_connectors::TokenSet>, SignInFailure> {
        let name = format!("guest_password:{}", email.to_lowercase());
        let connection = account.connection;
        let held = self
            .store()
            .read(move |reader| reader.secret(connection, &name))
            .await;
        let (Ok(Some(password)), Some(sign_in)) = (held, case.live.connector.sign_in()) else {
            return Ok(None);
        };
        // One that was refused would be refused again, until the account is locked.
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, password.as_bytes());
        let digest = digest.as_ref().to_vec();
        if self.was_refused(case.pairing.id, &digest) {
            return Ok(None);
        }
        let signed_in = sign_in.with_password(email, &Secret::new(password)).await;
        match signed_in {
            Ok(signed_in) if signed_in.account == account.external => Ok(Some(signed_in.tokens)),
            Ok(_) => {
                self.note_refused(case.pairing.id, digest);
                Err(SignInFailure::Forbidden("wrong_person".to_owned()))
            }
            Err(failure) => {
                if !is_passing(&failure) {
                    self.note_refused(case.pairing.id, digest);
                }
                Err(failure)
            }
        }
    }

    async fn keep_guest(self: &Arc<Self>, case: &Case, guest: &Guest) {
        let (pairing, guest) = (case.pairing.clone(), guest.clone());
        let listed = DirectoryAccount {
            external: guest.account.clone(),
            email: case.primary.email.clone(),
            // Whose it is is known from the pairing, not from an address.
            email_verified: false,
            name: case.primary.name.clone(),
            photo: None,
            kind: AccountKind::Guest,
            active: true,
        };
        let turns = self
            .insist("a guest account", move |desk| {
                let mut taken = Taken::default();
                keep(desk, &pairing, &listed, &guest, &mut taken)?;
                Ok(taken)
            })
            .await;
        self.go_on(turns);
    }

    async fn refused(self: &Arc<Self>, case: &Case, failure: &GuestFailure) {
        let (code, detail) = match failure {
            GuestFailure::Forbidden(code) => ("guests_forbidden", code.clone()),
            GuestFailure::OwnAddress => ("guest_address_is_own", String::new()),
            GuestFailure::Gone => ("guests_forbidden", "gone".to_owned()),
            GuestFailure::Failed(failure) => {
                tracing::warn!(failure.code = failure.code, "a guest is tried again later");
                return;
            }
        };
        tracing::warn!(guest.refused = code, "a guest cannot be had");
        let pairing = case.pairing.clone();
        let turns = self
            .insist("a refused guest", move |desk| {
                forbid(desk, &pairing, code, &detail)?;
                Ok(Taken::default())
            })
            .await;
        self.go_on(turns);
    }

    async fn tell_of_sign_in(self: &Arc<Self>, case: &Case, failure: &SignInFailure) {
        let detail = match failure {
            SignInFailure::Forbidden(code)
            | SignInFailure::NotSupported(code)
            | SignInFailure::AdministratorOnly(code)
            | SignInFailure::SecondFactorRequired(code)
            | SignInFailure::DeviceCodeBlocked(code) => code.clone(),
            SignInFailure::Declined
            | SignInFailure::Expired
            | SignInFailure::WrongOrganisation
            | SignInFailure::Failed(_) => return,
        };
        let (connection, person) = (case.pairing.secondary_connection, case.pairing.person);
        let written = self
            .insist("a notice", move |desk| {
                desk.tx.put_notice(&NoticeRow {
                    id: 0,
                    connection,
                    code: "sign_in_forbidden".to_owned(),
                    person: Some(person),
                    detail: Some(detail.clone()),
                    at: desk.now,
                })?;
                Ok(Taken::default())
            })
            .await;
        self.go_on(written);
    }
}

fn case(desk: &Desk<'_, '_>, pairing: Pairing) -> Result<Option<Case>, StoreError> {
    let Some(live) = desk.world.live(pairing.secondary_connection).cloned() else {
        return Ok(None);
    };
    let Some(primary) = desk.tx.account(pairing.primary)? else {
        return Ok(None);
    };
    let guest = match pairing.secondary {
        Some(account) => desk.tx.account(account)?,
        None => None,
    };
    let has_token = match &guest {
        Some(guest) => desk.holds_token(guest.connection, &guest.external)?,
        None => false,
    };
    Ok(Some(Case {
        pairing,
        primary,
        guest,
        live,
        has_token,
    }))
}

fn keep(
    desk: &mut Desk<'_, '_>,
    pairing: &Pairing,
    listed: &DirectoryAccount,
    guest: &Guest,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let connection = pairing.secondary_connection;
    let account = known_account(desk, connection, listed, &guest.account)?;
    match desk.tx.set_guest(pairing.id, guest.state, Some(account.id)) {
        Ok(()) => {}
        // Unpaired meanwhile: the guest stays, and nobody speaks as it.
        Err(StoreError::NotFound(_) | StoreError::Conflict(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    if let Some(tokens) = &guest.tokens {
        keep_tokens(desk, &account, tokens)?;
    }
    reconsider(desk, pairing.person, connection, taken)?;
    taken.hearing = true;
    Ok(())
}

fn known_account(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    listed: &DirectoryAccount,
    external: &ExternalAccount,
) -> Result<Account, StoreError> {
    if let Some(account) = desk.tx.account_by_external(connection, external)? {
        return Ok(account);
    }
    desk.tx
        .import_accounts(connection, std::slice::from_ref(listed), desk.now)?;
    desk.tx
        .account_by_external(connection, external)?
        .ok_or(StoreError::NotFound("account"))
}

fn forbid(
    desk: &mut Desk<'_, '_>,
    pairing: &Pairing,
    code: &str,
    detail: &str,
) -> Result<(), StoreError> {
    match desk.tx.set_guest(pairing.id, GuestState::Forbidden, None) {
        Ok(()) => {}
        Err(StoreError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    desk.tx.put_notice(&NoticeRow {
        id: 0,
        connection: pairing.secondary_connection,
        code: code.to_owned(),
        person: Some(pairing.person),
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
        at: desk.now,
    })
}

fn unsupported() -> GuestFailure {
    GuestFailure::Forbidden("no_guests_here".to_owned())
}

fn no_address() -> GuestFailure {
    GuestFailure::Failed(Failure::new(
        FailureKind::Rejected,
        "no_address",
        "invitation",
    ))
}

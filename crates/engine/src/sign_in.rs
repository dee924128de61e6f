//! Sign-ins: device codes that are waited for, links that browsers come back from, and the end of
//! waiting. Who signed in is compared with whose account it is before anything is kept.

use std::{sync::Arc, time::Duration};

use causeway_connectors::{DevicePoll, Secret, SignInFailure, SignedIn, TokenOwner, TokenSet};
use causeway_model::{
    Account, AccountId, AskedBecause, Consent, FailureKind, GuestState, Mode, PersonId, SignInWay,
    Timestamp,
};
use causeway_relay::words;
use causeway_store::{NoticeRow, SignInRow, StoreError};

use crate::{
    desk::Desk,
    engine::{Engine, EngineError},
    ingest::{
        Taken,
        consent::{ask, decline, lapse, presses_buttons, say, stop},
        rungs::reconsider,
    },
    lane::Turn,
    vault::{owner_word, token_row},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How much longer a code is polled for than it is good, so that its last moment counts.
const GRACE_MS: i64 = 10_000;

/// What somebody types, and where, to sign an account in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInOffer {
    pub user_code: String,
    pub verification_uri: String,
    pub expires_at: Timestamp,
}

/// What polling has come to.
enum Polled {
    SignedIn(SignedIn),
    Failed(SignInFailure),
    Stopping,
}

impl Engine {
    /// Asks the owner of an account once more, by the administrator's word.
    ///
    /// # Errors
    /// When the account represents nobody, or there is no way to ask.
    pub async fn ask_again(self: &Arc<Self>, account: AccountId) -> Result<(), EngineError> {
        let turns = self
            .commit(move |desk| {
                let mut taken = Taken::default();
                let (pairing, account) = represented(desk, account)?;
                let way = desk.world.sign_in_way(account.connection);
                let how = way.ok_or(StoreError::NotFound("way to sign in"))?;
                let by_hand = AskedBecause::Administrator;
                ask(desk, &pairing, &account, how, by_hand, &mut taken)?;
                Ok(taken)
            })
            .await?;
        self.go_on(turns);
        Ok(())
    }

    /// Takes back what the owner of an account has granted, by the administrator's word.
    ///
    /// # Errors
    /// When the account represents nobody.
    pub async fn revoke_consent(self: &Arc<Self>, account: AccountId) -> Result<(), EngineError> {
        let turns = self
            .commit(move |desk| {
                let mut taken = Taken::default();
                let (pairing, account) = represented(desk, account)?;
                let revoked = Consent::Revoked { at: desk.now };
                stop(desk, pairing.person, &account, &revoked, &mut taken)?;
                Ok(taken)
            })
            .await?;
        self.go_on(turns);
        Ok(())
    }

    /// A code with which an administrator signs an account in, a guest above all.
    ///
    /// # Errors
    /// When the account represents nobody, or the platform gives no code.
    pub async fn sign_in_for(
        self: &Arc<Self>,
        account: AccountId,
    ) -> Result<SignInOffer, EngineError> {
        let row = self
            .store()
            .read(move |reader| reader.account(account))
            .await?;
        let row = row.ok_or(StoreError::NotFound("account"))?;
        let connector = self
            .connector(row.connection)
            .ok_or(StoreError::NotFound("connection"))?;
        let sign_in = connector
            .sign_in()
            .ok_or(StoreError::NotFound("way to sign in"))?;
        let code = sign_in
            .begin_device()
            .await
            .map_err(|failure| EngineError::Platform(as_failure(failure)))?;
        let new = SignInRow {
            id: 0,
            account,
            way: SignInWay::DeviceCode,
            state: None,
            secret: Some(code.secret.reveal().to_owned()),
            interval_ms: i64::try_from(code.interval_ms).unwrap_or(5_000),
            expires_at: code.expires_at,
        };
        self.store().write(move |tx| tx.add_sign_in(&new)).await?;
        self.tend_sign_ins();
        Ok(SignInOffer {
            user_code: code.user_code,
            verification_uri: code.verification_uri,
            expires_at: code.expires_at,
        })
    }

    /// Tends every sign-in that nobody tends yet.
    pub(crate) fn tend_sign_ins(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            let rows = match engine.store().read(|reader| reader.sign_ins()).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::error!(error.code = error.code(), "sign-ins could not be read");
                    return;
                }
            };
            for row in rows {
                if engine.begin_tending(row.id) {
                    let tending = Arc::clone(&engine);
                    engine.tasks().spawn(async move {
                        let id = row.id;
                        let turns = tending.tend(row).await;
                        tending.end_tending(id);
                        tending.go_on(turns);
                    });
                }
            }
        });
    }

    async fn tend(self: &Arc<Self>, row: SignInRow) -> Vec<Turn> {
        match row.way {
            SignInWay::DeviceCode => {}
            SignInWay::Link => {
                let left = row.expires_at.ms_since(self.clock().now());
                if self.pause(ms(left)).await.is_ok() {
                    let ended = self.store().write(move |tx| tx.end_sign_in(row.id)).await;
                    drop(ended);
                }
                return Vec::new();
            }
        }
        let Some(row) = self.with_code(row).await else {
            return Vec::new();
        };
        match self.poll(&row).await {
            Polled::SignedIn(signed_in) => self.signed_in(row, signed_in).await,
            Polled::Failed(failure) => self.not_signed_in(row, failure).await,
            Polled::Stopping => Vec::new(),
        }
    }

    /// Gets a device code for whoever wants to begin, and tells them; none when that came to
    /// nothing.
    async fn with_code(self: &Arc<Self>, mut row: SignInRow) -> Option<SignInRow> {
        if row.secret.is_some() {
            return Some(row);
        }
        let mut pause = FIRST_PAUSE;
        loop {
            let connector = self.connector_of(row.account).await?;
            let failure = match connector.sign_in()?.begin_device().await {
                Ok(code) => {
                    row.secret = Some(code.secret.reveal().to_owned());
                    row.interval_ms = i64::try_from(code.interval_ms).unwrap_or(5_000);
                    row.expires_at = code.expires_at;
                    let kept = row.clone();
                    let turns = self
                        .insist("a device code", move |desk| {
                            let mut taken = Taken::default();
                            tell_code(desk, &kept, &code, &mut taken)?;
                            Ok(taken)
                        })
                        .await;
                    self.go_on(turns);
                    return Some(row);
                }
                Err(failure) => failure,
            };
            if !is_passing(&failure) || self.clock().now() >= row.expires_at {
                let turns = self.not_signed_in(row, failure).await;
                self.go_on(turns);
                return None;
            }
            self.pause(pause).await.ok()?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn poll(self: &Arc<Self>, row: &SignInRow) -> Polled {
        let Some(secret) = row.secret.clone().map(Secret::new) else {
            return Polled::Failed(SignInFailure::Expired);
        };
        let mut interval = ms(row.interval_ms.max(1));
        let slower = interval;
        loop {
            if self.pause(interval).await.is_err() {
                return Polled::Stopping;
            }
            let Some(connector) = self.connector_of(row.account).await else {
                return Polled::Failed(SignInFailure::Expired);
            };
            let Some(sign_in) = connector.sign_in() else {
                return Polled::Failed(SignInFailure::Expired);
            };
            match sign_in.poll_device(&secret).await {
                Ok(DevicePoll::SignedIn(signed_in)) => return Polled::SignedIn(signed_in),
                Ok(DevicePoll::Pending) => {}
                // Five seconds more, by the platform's clock (RFC 8628 section 3.5).
                Ok(DevicePoll::SlowDown) => interval += slower,
                Err(failure) if is_passing(&failure) => {}
                Err(failure) => return Polled::Failed(failure),
            }
            let over = self.clock().now() >= row.expires_at.plus_ms(GRACE_MS);
            if over || !self.is_open(row.id).await {
                return Polled::Failed(SignInFailure::Expired);
            }
        }
    }

    async fn is_open(&self, sign_in: i64) -> bool {
        let row = self
            .store()
            .read(move |reader| reader.sign_in(sign_in))
            .await;
        !matches!(row, Ok(None))
    }

    pub(crate) async fn connector_of(
        &self,
        account: AccountId,
    ) -> Option<Arc<dyn causeway_connectors::Connector>> {
        let row = self
            .store()
            .read(move |reader| reader.account(account))
            .await;
        self.connector(row.ok()??.connection)
    }

    /// Somebody signed in: kept when it is the account's owner, thrown away otherwise.
    pub(crate) async fn signed_in(
        self: &Arc<Self>,
        row: SignInRow,
        signed_in: SignedIn,
    ) -> Vec<Turn> {
        self.insist("a sign-in", move |desk| {
            let mut taken = Taken::default();
            take_sign_in(desk, &row, &signed_in, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    pub(crate) async fn not_signed_in(
        self: &Arc<Self>,
        row: SignInRow,
        failure: SignInFailure,
    ) -> Vec<Turn> {
        tracing::info!(sign_in.outcome = %outcome_word(&failure), "nobody was signed in");
        self.insist("the end of a sign-in", move |desk| {
            let mut taken = Taken::default();
            end_sign_in(desk, &row, &failure, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    /// Follows up on tokens that platforms no longer honour: conversations change, and sources are
    /// told.
    pub(crate) fn follow_lost_tokens(self: &Arc<Self>) {
        let Some(mut lost) = self.lost_tokens() else {
            return;
        };
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            loop {
                let token = tokio::select! {
                    () = engine.stopped() => return,
                    token = lost.recv() => match token {
                        Some(token) => token,
                        None => return,
                    },
                };
                let turns = engine
                    .insist("a lost token", move |desk| {
                        let mut taken = Taken::default();
                        let account = desk
                            .tx
                            .account_by_external(token.connection, &token.account)?;
                        if let Some(person) = account.and_then(|account| account.person) {
                            reconsider(desk, person, token.connection, &mut taken)?;
                            taken.hearing = true;
                        }
                        Ok(taken)
                    })
                    .await;
                engine.go_on(turns);
            }
        });
    }

    /// Lets what has waited long enough go out through the app.
    pub(crate) fn watch_deadlines(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            loop {
                let turns = engine.insist("the end of a wait", end_waits).await;
                engine.go_on(turns);
                let next = engine
                    .store()
                    .read(|reader| reader.next_consent_deadline())
                    .await;
                let left = match next {
                    Ok(Some(at)) => ms(at.ms_since(engine.clock().now()).max(1)),
                    Ok(None) => Duration::from_secs(24 * 3_600),
                    Err(_) => FIRST_PAUSE,
                };
                tokio::select! {
                    paused = engine.pause(left) => if paused.is_err() {
                        return;
                    },
                    () = engine.new_deadline() => {}
                }
                if engine.is_stopping() {
                    return;
                }
            }
        });
    }
}

fn end_waits(desk: &mut Desk<'_, '_>) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    for account in desk.tx.overdue_consents(desk.now)? {
        if let Some(account) = desk.tx.account(account)? {
            lapse(desk, &account, &mut taken)?;
        }
    }
    Ok(taken)
}

/// The pairing in which an account represents somebody.
fn represented(
    desk: &Desk<'_, '_>,
    account: AccountId,
) -> Result<(causeway_model::Pairing, Account), StoreError> {
    let row = desk
        .tx
        .account(account)?
        .ok_or(StoreError::NotFound("account"))?;
    let person = row.person.ok_or(StoreError::NotFound("person"))?;
    desk.represented_by(person, row.connection)?
        .filter(|(_, represents)| represents.id == account)
        .ok_or(StoreError::NotFound("pairing"))
}

fn tell_code(
    desk: &mut Desk<'_, '_>,
    row: &SignInRow,
    code: &causeway_connectors::DeviceCode,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if desk.tx.sign_in(row.id)?.is_none() {
        return Ok(());
    }
    let secret = code.secret.reveal();
    desk.tx
        .set_sign_in_code(row.id, secret, row.interval_ms, row.expires_at)?;
    let Some((person, account)) = owner(desk, row.account)? else {
        return Ok(());
    };
    let platform = desk.platform_name(account.connection);
    let (url, typed) = (&code.verification_uri, &code.user_code);
    let words = words::device_code(platform, &account.name, url, typed);
    say(desk, person, &words, taken)
}

fn owner(
    desk: &Desk<'_, '_>,
    account: AccountId,
) -> Result<Option<(PersonId, Account)>, StoreError> {
    let account = desk.tx.account(account)?;
    Ok(account.and_then(|account| Some((account.person?, account))))
}

fn take_sign_in(
    desk: &mut Desk<'_, '_>,
    row: &SignInRow,
    signed_in: &SignedIn,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if !desk.tx.end_sign_in(row.id)? {
        // It was declined, or replaced, while the browser was away.
        return Ok(());
    }
    let Ok((pairing, account)) = represented(desk, row.account) else {
        return Ok(());
    };
    let platform = desk.platform_name(account.connection);
    if signed_in.account != account.external {
        tracing::warn!(
            account.id = account.id.0,
            "somebody else signed in; nothing was kept"
        );
        return match pairing.mode {
            Mode::Full => {
                let words = words::wrong_person(platform, &account.name);
                say(desk, pairing.person, &words, taken)
            }
            Mode::Guest | Mode::App => Ok(()),
        };
    }
    keep_tokens(desk, &account, &signed_in.tokens)?;
    match pairing.mode {
        Mode::Full => {
            let consent = desk.consent(&pairing, &account)?;
            let scopes = signed_in.tokens.scopes.clone();
            if let Ok(granted) = consent.grant(desk.now, scopes) {
                desk.tx.set_consent(account.id, &granted)?;
            }
            desk.tx.end_sign_ins_of(account.id)?;
            clear_notices(desk, &account, pairing.person)?;
            say(desk, pairing.person, &words::granted(platform), taken)?;
        }
        Mode::Guest => {
            let redeemed = GuestState::Redeemed;
            desk.tx.set_guest(pairing.id, redeemed, Some(account.id))?;
            desk.tx.end_sign_ins_of(account.id)?;
            clear_notices(desk, &account, pairing.person)?;
        }
        Mode::App => {}
    }
    reconsider(desk, pairing.person, account.connection, taken)?;
    taken.hearing = true;
    Ok(())
}

/// Keeps tokens of an account.
pub(crate) fn keep_tokens(
    desk: &mut Desk<'_, '_>,
    account: &Account,
    tokens: &TokenSet,
) -> Result<(), StoreError> {
    let owner = owner_word(&TokenOwner::Account(account.external.clone()));
    desk.tx
        .put_token(account.connection, &owner, &token_row(tokens))
}

pub(crate) fn clear_notices(
    desk: &mut Desk<'_, '_>,
    account: &Account,
    person: PersonId,
) -> Result<(), StoreError> {
    for (code, whom) in [
        ("administrator_consent_needed", None),
        ("device_code_blocked", None),
        ("second_factor_required", None),
        ("sign_in_forbidden", Some(person)),
    ] {
        desk.tx.clear_notice(account.connection, code, whom)?;
    }
    Ok(())
}

fn end_sign_in(
    desk: &mut Desk<'_, '_>,
    row: &SignInRow,
    failure: &SignInFailure,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if !desk.tx.end_sign_in(row.id)? {
        return Ok(());
    }
    let Ok((pairing, account)) = represented(desk, row.account) else {
        return Ok(());
    };
    let person = pairing.person;
    if let Some((code, whom, detail)) = notice_of(failure, person) {
        desk.tx.put_notice(&NoticeRow {
            id: 0,
            connection: account.connection,
            code: code.to_owned(),
            person: whom,
            detail: Some(detail.to_owned()),
            at: desk.now,
        })?;
    }
    if pairing.mode != Mode::Full {
        return Ok(());
    }
    let platform = desk.platform_name(account.connection);
    let buttons = presses_buttons(desk, person)?;
    let words = match failure {
        SignInFailure::Declined => {
            let consent = desk.consent(&pairing, &account)?;
            return match consent.decline(desk.now) {
                Ok(declined) => decline(desk, person, &account, &declined, taken),
                Err(_) => Ok(()),
            };
        }
        SignInFailure::Expired => {
            let open = desk.tx.sign_ins_of(account.id)?;
            let granted = matches!(desk.consent(&pairing, &account)?, Consent::Granted { .. });
            if granted || !open.is_empty() {
                return Ok(());
            }
            words::code_expired(buttons)
        }
        SignInFailure::WrongOrganisation => words::wrong_person(platform, &account.name),
        SignInFailure::AdministratorOnly(_)
        | SignInFailure::DeviceCodeBlocked(_)
        | SignInFailure::SecondFactorRequired(_)
        | SignInFailure::Forbidden(_) => words::administrator_needed(platform),
        SignInFailure::NotSupported(_) | SignInFailure::Failed(_) => words::try_again(buttons),
    };
    say(desk, person, &words, taken)
}

/// What the administrator is told: the notice's code, whom it is about, the platform's own code.
fn notice_of(
    failure: &SignInFailure,
    person: PersonId,
) -> Option<(&'static str, Option<PersonId>, &str)> {
    match failure {
        SignInFailure::AdministratorOnly(code) => {
            Some(("administrator_consent_needed", None, code))
        }
        SignInFailure::DeviceCodeBlocked(code) => Some(("device_code_blocked", None, code)),
        SignInFailure::SecondFactorRequired(code) => Some(("second_factor_required", None, code)),
        SignInFailure::Forbidden(code) => Some(("sign_in_forbidden", Some(person), code)),
        SignInFailure::Declined
        | SignInFailure::Expired
        | SignInFailure::WrongOrganisation
        | SignInFailure::NotSupported(_)
        | SignInFailure::Failed(_) => None,
    }
}

fn outcome_word(failure: &SignInFailure) -> &'static str {
    match failure {
        SignInFailure::Declined => "declined",
        SignInFailure::Expired => "expired",
        SignInFailure::WrongOrganisation => "wrong_organisation",
        SignInFailure::AdministratorOnly(_) => "administrator_only",
        SignInFailure::DeviceCodeBlocked(_) => "device_code_blocked",
        SignInFailure::SecondFactorRequired(_) => "second_factor_required",
        SignInFailure::Forbidden(_) => "forbidden",
        SignInFailure::NotSupported(_) => "not_supported",
        SignInFailure::Failed(_) => "failed",
    }
}

/// Whether asking again may help by itself.
pub(crate) fn is_passing(failure: &SignInFailure) -> bool {
    match failure {
        SignInFailure::Failed(failure) => match failure.kind {
            FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => true,
            FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => false,
        },
        SignInFailure::Declined
        | SignInFailure::Expired
        | SignInFailure::WrongOrganisation
        | SignInFailure::AdministratorOnly(_)
        | SignInFailure::DeviceCodeBlocked(_)
        | SignInFailure::SecondFactorRequired(_)
        | SignInFailure::Forbidden(_)
        | SignInFailure::NotSupported(_) => false,
    }
}

fn as_failure(failure: SignInFailure) -> causeway_model::Failure {
    match failure {
        SignInFailure::Failed(failure) => failure,
        other => {
            causeway_model::Failure::new(FailureKind::Forbidden, outcome_word(&other), "sign-in")
        }
    }
}

fn ms(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

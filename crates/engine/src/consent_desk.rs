//! The consent page's other side: links that people open, and browsers that come back.

use std::sync::Arc;

use async_trait::async_trait;
use causeway_connectors::{
    AuthorizeLink, SignInFailure,
    consent_page::{CallbackAnswer, ConsentDesk, Ending, Invitation},
};
use causeway_model::{AccountId, Consent, RelayId, SignInWay};
use causeway_store::{PromptRow, SignInRow};
use url::Url;

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::consent::{is_wanted, make_room},
    pkce::{challenge_of, secret_word},
};

/// How long a browser may be away.
const AWAY_MS: i64 = 15 * 60_000;

#[async_trait]
impl ConsentDesk for Engine {
    async fn invitation(&self, id: &str) -> Option<Invitation> {
        let prompt = self.open_prompt(id).await?;
        let account = prompt.account;
        let row = self
            .store()
            .read(move |reader| reader.account(account))
            .await;
        let account = row.ok()??;
        let world = self.world();
        let live = world.live(account.connection)?;
        Some(Invitation {
            platform: live.connector.capabilities().platform.name().to_owned(),
            organisation: live.name.to_string(),
            account: account.name,
        })
    }

    async fn begin(&self, id: &str) -> Result<Url, Ending> {
        let prompt = self.open_prompt(id).await.ok_or(Ending::NotOpen)?;
        let callback = self.callback().ok_or(Ending::NotOpen)?;
        let connector = self
            .connector_of(prompt.account)
            .await
            .ok_or(Ending::TryAgain)?;
        let sign_in = connector.sign_in().ok_or(Ending::NotOpen)?;
        let random = self.random().as_ref();
        let (state, verifier) = (secret_word(random), secret_word(random));
        let challenge = challenge_of(&verifier);
        let url = sign_in
            .authorize_url(&AuthorizeLink {
                callback: &callback,
                state: &state,
                challenge: &challenge,
            })
            .ok_or(Ending::NotOpen)?;
        let row = SignInRow {
            id: 0,
            account: prompt.account,
            way: SignInWay::Link,
            state: Some(state),
            secret: Some(verifier),
            interval_ms: 0,
            expires_at: self.clock().now().plus_ms(AWAY_MS),
        };
        let kept = self
            .store()
            .write(move |tx| {
                make_room(tx, row.account)?;
                tx.add_sign_in(&row)
            })
            .await;
        if let Some(engine) = self.itself() {
            // Whoever does not come back is let go of in time.
            engine.tend_sign_ins();
        }
        match kept {
            Ok(_) => Ok(url),
            Err(_) => Err(Ending::TryAgain),
        }
    }

    async fn finish(&self, state: &str, answer: CallbackAnswer) -> Ending {
        let Some(engine) = self.itself() else {
            return Ending::TryAgain;
        };
        let wanted = state.to_owned();
        let row = self
            .store()
            .read(move |reader| reader.sign_in_by_state(&wanted))
            .await;
        let row = match row {
            Ok(Some(row)) if row.expires_at > self.clock().now() => row,
            Ok(_) => return Ending::NotOpen,
            Err(_) => return Ending::TryAgain,
        };
        engine.come_back(row, answer).await
    }
}

impl Engine {
    /// The prompt of a link, as long as there is something to be allowed.
    async fn open_prompt(&self, id: &str) -> Option<PromptRow> {
        let subject = RelayId::parse(id)?;
        let world = self.world();
        let prompt = self
            .store()
            .write(move |tx| {
                let desk = Desk::new(tx, &world);
                match desk.tx.prompt_by_subject(&subject)? {
                    Some(prompt) if is_wanted(&desk, &prompt)? => Ok(Some(prompt)),
                    Some(_) | None => Ok(None),
                }
            })
            .await;
        prompt.ok()?
    }

    fn callback(&self) -> Option<Url> {
        let world = self.world();
        let page = world.consent.page.as_deref()?;
        Url::parse(&format!("{page}/callback")).ok()
    }

    async fn come_back(self: Arc<Self>, row: SignInRow, answer: CallbackAnswer) -> Ending {
        let (Some(connector), Some(callback)) =
            (self.connector_of(row.account).await, self.callback())
        else {
            return Ending::TryAgain;
        };
        let Some(sign_in) = connector.sign_in() else {
            return Ending::NotOpen;
        };
        let outcome = match answer {
            CallbackAnswer::Code(code) => {
                let verifier =
                    causeway_connectors::Secret::new(row.secret.clone().unwrap_or_default());
                sign_in.redeem_code(&code, &callback, &verifier).await
            }
            CallbackAnswer::Error { error, description } => {
                Err(sign_in.read_error(&error, description.as_deref()))
            }
        };
        let account = row.account;
        match outcome {
            Ok(signed_in) => {
                let turns = self.signed_in(row, signed_in).await;
                self.go_on(turns);
                self.how_it_stands(account).await
            }
            Err(failure) => {
                let ending = ending_of(&failure);
                let turns = self.not_signed_in(row, failure).await;
                self.go_on(turns);
                ending
            }
        }
    }

    async fn how_it_stands(&self, account: AccountId) -> Ending {
        let consent = self
            .store()
            .read(move |reader| reader.consent(account))
            .await;
        match consent {
            Ok(Some(Consent::Granted { .. })) => Ending::Granted,
            Ok(Some(Consent::Asked { .. })) => Ending::WrongPerson,
            Ok(_) => Ending::NotOpen,
            Err(_) => Ending::TryAgain,
        }
    }
}

fn ending_of(failure: &SignInFailure) -> Ending {
    match failure {
        SignInFailure::Declined => Ending::Declined,
        SignInFailure::Expired => Ending::NotOpen,
        SignInFailure::WrongOrganisation => Ending::WrongPerson,
        SignInFailure::AdministratorOnly(_)
        | SignInFailure::DeviceCodeBlocked(_)
        | SignInFailure::SecondFactorRequired(_)
        | SignInFailure::Forbidden(_) => Ending::AdministratorNeeded,
        SignInFailure::NotSupported(_) | SignInFailure::Failed(_) => Ending::TryAgain,
    }
}

//! A person and the consent prompt that the hub's app wrote to them: what they do with it in their
//! own app and browser.

pub mod browser;
mod page;
mod prompt;

use std::{collections::HashSet, time::Duration};

use self::{
    browser::{Browser, Decision, Ended},
    prompt::{Prompt, SignIn, Step},
};
use crate::{
    control::Platforms,
    stand_in::{Act, Deed, Entered, Refusal, Target},
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How long, in real time, a person looks at their app for what their answer brings.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long they wait before they press or write once more.
const AGAIN: Duration = Duration::from_secs(4);

/// How often they look, in real time.
const GLANCE: Duration = Duration::from_millis(50);

/// `POST /consent`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The address of the person who was asked.
    #[serde(rename = "as")]
    pub actor: String,
    /// The platform they were asked on; wherever the newest prompt is when absent.
    #[serde(default)]
    pub on: Option<String>,
    pub answer: Answer,
    /// The account that signs in, where it is another than that of the person.
    #[serde(default)]
    pub signed_in_as: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Grant,
    Decline,
    Ignore,
}

/// How a prompt was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum With {
    /// By a code on the device page.
    DeviceCode,
    /// By following a link in the browser.
    Link,
    /// By a button alone.
    Button,
    /// By a word alone.
    Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    pub answered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<With>,
    /// What a sign-in page said where it let the person no further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Answered {
    fn with(with: With, refused: Option<String>) -> Self {
        Self {
            answered: true,
            with: Some(with),
            refused,
        }
    }
}

/// Does what this person would do with the newest prompt they can see.
///
/// Errors: `NotFound` without a prompt, `Fruitless` where neither code nor link comes in time or
/// the way ends before the hub.
pub async fn answer(platforms: &Platforms, consent: &Consent) -> Result<Answered, Refusal> {
    let prompt = prompt::newest(platforms, consent)?;
    let asked = Asked {
        platforms,
        consent,
        prompt: &prompt,
    };
    match (consent.answer, &prompt.decline) {
        (Answer::Ignore, _) => Ok(Answered {
            answered: false,
            with: None,
            refused: None,
        }),
        (Answer::Decline, Some(step)) => {
            let with = asked.take(step)?;
            Ok(Answered::with(with, None))
        }
        (Answer::Decline, None) | (Answer::Grant, _) => asked.start().await,
    }
}

/// A person before a prompt.
struct Asked<'a> {
    platforms: &'a Platforms,
    consent: &'a Consent,
    prompt: &'a Prompt,
}

impl Asked<'_> {
    /// Goes the way to the sign-in, and decides there.
    async fn start(&self) -> Result<Answered, Refusal> {
        let step = match &self.prompt.start {
            prompt::Start::SignIn(sign_in) => return self.sign_in(sign_in).await,
            prompt::Start::Step(step) => step,
        };
        let before = self.seen()?;
        self.take(step)?;
        let come = async {
            let mut pressed = Instant::now();
            loop {
                if let Some(sign_in) = self.news(&before)? {
                    return Ok(sign_in);
                }
                // Nobody may have been listening: a person tries again.
                if pressed.elapsed() > AGAIN {
                    self.take(step)?;
                    pressed = Instant::now();
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, come).await;
        let sign_in = in_time.map_err(|_| {
            Refusal::Fruitless("neither a code nor a link came in time".to_owned())
        })??;
        self.sign_in(&sign_in).await
    }

    async fn sign_in(&self, sign_in: &SignIn) -> Result<Answered, Refusal> {
        match sign_in {
            SignIn::Code(code) => self.type_code(code),
            SignIn::Link { url, button } => {
                if let Some(step) = button {
                    self.take(step)?;
                }
                let browser = Browser::new(self.platforms, self.decision());
                let refused = match browser.follow(url.clone()).await? {
                    Ended::CameBack | Ended::Opens(_) => None,
                    Ended::Refused(page) => Some(page),
                };
                Ok(Answered::with(With::Link, refused))
            }
        }
    }

    fn type_code(&self, code: &str) -> Result<Answered, Refusal> {
        let Decision { login, grant } = self.decision();
        let refused = match self.platforms.enter_code(code, &login, grant) {
            Entered::SignedIn(_) | Entered::Declined(_) => None,
            Entered::Refused(page) => Some(page),
            Entered::NotOpen => {
                return Err(Refusal::Fruitless(format!("the code {code} is not open")));
            }
        };
        Ok(Answered::with(With::DeviceCode, refused))
    }

    /// Presses a button or writes a word in the app's conversation.
    fn take(&self, step: &Step) -> Result<With, Refusal> {
        let (deed, to, text, with) = match step {
            Step::Press { message, action } => (
                Deed::Press,
                Some(Target::Message(message.clone())),
                action.clone(),
                With::Button,
            ),
            Step::Write(word) => (Deed::AppMessage, None, (*word).to_owned(), With::Word),
        };
        let platform = self.prompt.platform;
        self.platforms.on(platform)?.act(&Act {
            actor: self.consent.actor.clone(),
            on: platform.to_owned(),
            deed,
            to,
            text,
        })?;
        Ok(with)
    }

    fn decision(&self) -> Decision {
        let login = self.consent.signed_in_as.as_ref();
        Decision {
            login: login.unwrap_or(&self.consent.actor).clone(),
            grant: self.consent.answer == Answer::Grant,
        }
    }

    /// What the app's messages say now, with their ids: one that is changed later is news too.
    fn seen(&self) -> Result<HashSet<(String, String)>, Refusal> {
        let messages = prompt::of_the_app(self.platforms, self.prompt.platform, self.consent)?;
        Ok(messages
            .into_iter()
            .map(|message| (message.id, message.text))
            .collect())
    }

    /// The code or link in the latest message that was not there before.
    fn news(&self, before: &HashSet<(String, String)>) -> Result<Option<SignIn>, Refusal> {
        let messages = prompt::of_the_app(self.platforms, self.prompt.platform, self.consent)?;
        let fresh = messages
            .iter()
            .rev()
            .filter(|message| !before.contains(&(message.id.clone(), message.text.clone())));
        Ok(fresh
            .filter_map(|message| prompt::sign_in(self.platforms, message))
            .next())
    }
}

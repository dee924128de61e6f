//! What a person takes for a consent prompt, and what it offers them.

use url::Url;

use super::Consent;
use crate::{
    control::Platforms,
    stand_in::{ButtonView, MessageView, Refusal},
};

/// The word that starts a sign-in where there are no buttons, and the one that declines.
const START: &str = "start";
const DECLINE: &str = "decline";

/// Pages of the platforms' own apps: links to messages, not to a sign-in.
const APPS: &[&str] = &["slack.com", "teams.microsoft.com", "webex.com", "zoom.us"];

/// The newest message of the app that asks for consent.
pub struct Prompt {
    pub platform: &'static str,
    /// What leads to the sign-in.
    pub start: Start,
    /// What says no without one, where the prompt offers it.
    pub decline: Option<Step>,
}

pub enum Start {
    /// The message itself shows the way.
    SignIn(SignIn),
    /// The app answers this with the way.
    Step(Step),
}

/// What a person does in the app's conversation.
pub enum Step {
    Press { message: String, action: String },
    Write(&'static str),
}

/// Where a person signs in.
pub enum SignIn {
    /// On the device page, with this code.
    Code(String),
    /// Behind this address; a button that opens it is pressed, too.
    Link { url: Url, button: Option<Step> },
}

/// Finds the prompt that stands last before the person, on the platform they name or on all.
pub fn newest(platforms: &Platforms, consent: &Consent) -> Result<Prompt, Refusal> {
    let mut newest: Option<(i64, Prompt)> = None;
    let mut nowhere = true;
    for stand_in in platforms.all() {
        let platform = stand_in.platform();
        if consent.on.as_deref().is_some_and(|on| on != platform) {
            continue;
        }
        nowhere = false;
        let messages = match of_the_app(platforms, platform, consent) {
            Ok(messages) => messages,
            // Somebody who has no account there was not asked there.
            Err(_) if consent.on.is_none() => continue,
            Err(refusal) => return Err(refusal),
        };
        let mut prompts = messages.iter().rev().filter_map(|message| {
            let prompt = prompt(platforms, platform, message)?;
            Some((message.sent_at, prompt))
        });
        let found = prompts.next();
        let earlier = newest.as_ref().map(|(at, _)| *at);
        if let Some((at, prompt)) = found
            && earlier.is_none_or(|earlier| at > earlier)
        {
            newest = Some((at, prompt));
        }
    }
    if nowhere {
        let on = consent.on.as_deref().unwrap_or_default();
        return Err(Refusal::Invalid(format!(
            "there is no platform called {on:?}"
        )));
    }
    newest
        .map(|(_, prompt)| prompt)
        .ok_or_else(|| Refusal::NotFound("no prompt stands before them".to_owned()))
}

/// What the app wrote to the person in their direct conversation, oldest first.
pub fn of_the_app(
    platforms: &Platforms,
    platform: &str,
    consent: &Consent,
) -> Result<Vec<MessageView>, Refusal> {
    let found = platforms.on(platform)?.app_conversation(&consent.actor)?;
    let Some(conversation) = found else {
        return Ok(Vec::new());
    };
    let app = conversation.app_account;
    let mut messages = conversation.messages;
    messages.retain(|message| message.author_account == app && !message.deleted);
    Ok(messages)
}

/// The code or link that a message shows.
pub fn sign_in(platforms: &Platforms, message: &MessageView) -> Option<SignIn> {
    let mut codes = platforms.all().flat_map(|stand_in| stand_in.open_codes());
    if let Some(code) = codes.find(|code| message.text.contains(code)) {
        return Some(SignIn::Code(code));
    }
    let in_buttons = message.pressable.iter().find_map(|button| {
        let url = leading_on(platforms, button.url.as_deref()?)?;
        let button = Some(press(message, button));
        Some(SignIn::Link { url, button })
    });
    in_buttons.or_else(|| {
        let mut urls = addresses(&message.text);
        let url = urls.find_map(|url| leading_on(platforms, &url))?;
        Some(SignIn::Link { url, button: None })
    })
}

fn prompt(platforms: &Platforms, platform: &'static str, message: &MessageView) -> Option<Prompt> {
    let named = |word: &str| {
        let mut buttons = message.pressable.iter();
        buttons.find(|button| button.action_id.to_lowercase().contains(word))
    };
    let meant = |word: &str| {
        let mut buttons = message.pressable.iter();
        named(word).or_else(|| buttons.find(|button| button.value.to_lowercase().contains(word)))
    };
    let says = |word: &'static str| names(&message.text, word).then_some(Step::Write(word));
    let start = match (named(START), sign_in(platforms, message)) {
        (_, Some(sign_in)) => Start::SignIn(sign_in),
        (Some(button), None) => Start::Step(press(message, button)),
        (None, None) => Start::Step(says(START)?),
    };
    let decline = match meant(DECLINE) {
        Some(button) => Some(press(message, button)),
        None if message.pressable.is_empty() => says(DECLINE),
        None => None,
    };
    Some(Prompt {
        platform,
        start,
        decline,
    })
}

/// Whether a text has this word, in any case.
fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|part| part.eq_ignore_ascii_case(word))
}

fn press(message: &MessageView, button: &ButtonView) -> Step {
    Step::Press {
        message: message.id.clone(),
        action: button.action_id.clone(),
    }
}

/// The address, unless it is one of the device page, where a code is needed, or of a message.
fn leading_on(platforms: &Platforms, address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let is_app = APPS
        .iter()
        .any(|app| host == *app || host.ends_with(&format!(".{app}")));
    let is_device_page = platforms
        .all()
        .filter_map(|stand_in| stand_in.device_page())
        .any(|page| address.starts_with(&page));
    (!is_app && !is_device_page).then_some(url)
}

/// The web addresses in a text, in HTML as in mrkdwn.
fn addresses(text: &str) -> impl Iterator<Item = String> {
    let starts = text
        .match_indices("http")
        .map(|(at, _)| &text[at..])
        .filter(|rest| rest.starts_with("http://") || rest.starts_with("https://"));
    starts.map(|rest| {
        let ends = |c: char| c.is_whitespace() || "\"'<>|)".contains(c);
        let address = &rest[..rest.find(ends).unwrap_or(rest.len())];
        address.replace("&amp;", "&")
    })
}

#[cfg(test)]
mod tests {
    use super::{addresses, names};

    #[test]
    fn a_word_is_asked_for_in_any_case_but_not_inside_another() {
        assert!(names("<p>Answer “<b>Start</b>”.</p>", "start"));
        assert!(!names("Let us get started", "start"));
    }

    #[test]
    fn addresses_are_found_in_html_and_in_mrkdwn() {
        let html = r#"<a href="https://hub.example/c/1?a=b&amp;c=d">https://hub.example</a>"#;
        let found: Vec<_> = addresses(html).collect();
        assert_eq!(
            found,
            ["https://hub.example/c/1?a=b&c=d", "https://hub.example"]
        );
        let found: Vec<_> = addresses("see <http://127.0.0.1:1/x|here> (http)").collect();
        assert_eq!(found, ["http://127.0.0.1:1/x"]);
    }
}

//! What the hub itself says to people, in one voice: who is affected, and the one thing to do.
//!
//! A prompt must read the same whenever it is written for the same account: where a platform
//! carries no marker, that is how one which was sent before is recognised.

use causeway_model::{
    Block, Button, ButtonAct, Content, Inline, Otherwise, RelayId, Style, Timestamp,
};

use crate::consent::{ConsentAnswer, button_value};

/// Put before what arrives long after it was written; none where the time is none that calendars
/// know.
#[must_use]
pub fn written_at(at: Timestamp) -> Option<Vec<Inline>> {
    let mark = Inline::Styled {
        style: Style::Italic,
        children: vec![text(&format!("(written {})", at.minute_in_utc()?))],
    };
    Some(vec![mark, text(" ")])
}

/// How somebody who is asked begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin<'a> {
    /// By a button, or by a word where the platform has none.
    ByAnswer,
    /// By opening this link.
    ByLink(&'a str),
}

/// What a prompt asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The platform whose account is asked for, by its name.
    pub platform: &'a str,
    /// Its workspace or tenant.
    pub organisation: &'a str,
    pub begin: Begin<'a>,
    /// Whether the platform on which they are asked has buttons.
    pub buttons: bool,
    /// What becomes of what they write without their answer.
    pub otherwise: Otherwise,
    /// How long messages wait, in words.
    pub wait: &'a str,
}

/// The prompt and what can be pressed under it.
#[must_use]
pub fn prompt(ask: Ask<'_>, subject: &RelayId) -> (Content, Vec<Button>) {
    let Ask {
        platform,
        organisation,
        begin,
        buttons,
        otherwise,
        wait,
    } = ask;
    let mut blocks = vec![
        paragraph(vec![
            text("You write with people who work in "),
            bold(&format!("{platform} ({organisation})")),
            text(
                ". To let what you write arrive there as your own, allow this hub to read and \
                 write chats with your account there. You are asked once, and can take it back \
                 any time by answering ",
            ),
            bold(ConsentAnswer::Stop.word()),
            text("."),
        ]),
        paragraph(vec![text(&until_answered(otherwise, platform, wait))]),
    ];
    let shown = if buttons {
        match begin {
            Begin::ByAnswer => vec![
                tell("Start", ConsentAnswer::Start, subject),
                tell("No, thanks", ConsentAnswer::Decline, subject),
            ],
            Begin::ByLink(url) => vec![
                Button {
                    label: "Allow".to_owned(),
                    act: ButtonAct::Open(url.to_owned()),
                },
                tell("No, thanks", ConsentAnswer::Decline, subject),
            ],
        }
    } else {
        blocks.push(paragraph(match begin {
            Begin::ByAnswer => vec![
                text("Answer "),
                bold(ConsentAnswer::Start.word()),
                text(" to begin, or "),
                bold(ConsentAnswer::Decline.word()),
                text(" to say no."),
            ],
            Begin::ByLink(url) => vec![
                link(url, "Allow it here"),
                text(", or answer "),
                bold(ConsentAnswer::Decline.word()),
                text(" to say no."),
            ],
        }));
        Vec::new()
    };
    (Content { blocks }, shown)
}

fn until_answered(otherwise: Otherwise, platform: &str, wait: &str) -> String {
    match otherwise {
        Otherwise::AppSpeaks => format!(
            "Until you answer, what must be sent as you waits, for {wait} at most; then it goes \
             out through this app, under your name."
        ),
        Otherwise::Waits => format!(
            "Until you allow it, what you write to them waits: this app cannot speak for you in \
             {platform}."
        ),
    }
}

/// The code, once somebody begins.
#[must_use]
pub fn device_code(platform: &str, account: &str, url: &str, code: &str) -> Content {
    Content {
        blocks: vec![
            paragraph(vec![
                text("Open "),
                link(url, url),
                text(", type "),
                bold(code),
                text(&format!(
                    " and sign in to {platform} as {account}. The code is good for 15 minutes."
                )),
            ]),
            paragraph(vec![text(
                "Only you should use it: whoever signs in with it must be you.",
            )]),
        ],
    }
}

/// Where somebody who is asked by a link begins.
#[must_use]
pub fn open_link(platform: &str, url: &str) -> Content {
    Content {
        blocks: vec![paragraph(vec![
            text("To let this hub speak as you in "),
            text(platform),
            text(", "),
            link(url, "open this page"),
            text(" and sign in there as yourself."),
        ])],
    }
}

/// The code was not used in time.
#[must_use]
pub fn code_expired(buttons: bool) -> Content {
    let how = if buttons {
        "Press Start again"
    } else {
        "Answer “start”"
    };
    Content::plain(&format!(
        "The code was not used in time. {how} to get another one."
    ))
}

/// Somebody else signed in.
#[must_use]
pub fn wrong_person(platform: &str, account: &str) -> Content {
    Content::plain(&format!(
        "Somebody else signed in, so nothing was kept. Begin again, and sign in to {platform} as \
         {account}."
    ))
}

#[must_use]
pub fn granted(platform: &str) -> Content {
    Content::plain(&format!(
        "Thank you. What you write now arrives in {platform} as your own. To take this back, \
         answer “stop”."
    ))
}

#[must_use]
pub fn declined(platform: &str, otherwise: Otherwise) -> Content {
    Content::plain(&match otherwise {
        Otherwise::AppSpeaks => format!(
            "All right. What you write arrives in {platform} through this app, under your name. \
             You are not asked again."
        ),
        Otherwise::Waits => format!(
            "All right. {} You are not asked again; to allow it after all, answer “start”.",
            nothing_is_carried(platform)
        ),
    })
}

/// Where the app speaks for nobody.
fn nothing_is_carried(platform: &str) -> String {
    format!(
        "This app cannot speak for you in {platform}: what you write to people there waits, and \
         what they write to your account there does not arrive here."
    )
}

/// They took back what they had granted. `undone` where a word is enough to grant it again.
#[must_use]
pub fn stopped(platform: &str, otherwise: Otherwise, undone: bool) -> Content {
    let then = match otherwise {
        Otherwise::AppSpeaks => {
            "What you write arrives there through this app, under your name.".to_owned()
        }
        Otherwise::Waits => nothing_is_carried(platform),
    };
    let done = format!("Done: this hub no longer uses your account in {platform}. {then}");
    Content::plain(&match undone {
        true => format!("{done} To undo this, answer “start”."),
        false => done,
    })
}

/// The wait is over without an answer.
#[must_use]
pub fn lapsed(platform: &str, otherwise: Otherwise) -> Content {
    Content::plain(&match otherwise {
        Otherwise::AppSpeaks => format!(
            "Your messages have waited long enough, and now go to {platform} through this app, \
             under your name. You can still allow it above; from then on they arrive as your own."
        ),
        Otherwise::Waits => format!(
            "Your messages to people in {platform} still wait: this app cannot speak for you \
             there. They go out, as your own, as soon as you allow it above."
        ),
    })
}

/// The organisation does not let people do it by themselves.
#[must_use]
pub fn administrator_needed(platform: &str) -> Content {
    Content::plain(&format!(
        "{platform} does not let you allow this by yourself: an administrator must do something \
         first, and has been told. There is nothing you need to do now."
    ))
}

/// Signing in did not work, for a reason that may pass.
#[must_use]
pub fn try_again(buttons: bool) -> Content {
    let how = if buttons {
        "Press Start again"
    } else {
        "Answer “start”"
    };
    Content::plain(&format!(
        "Signing in did not work this time. {how} in a few minutes."
    ))
}

/// In the conversation that is left: where it goes on.
#[must_use]
pub fn goes_on_directly(name: &str) -> Content {
    Content::plain(&format!(
        "From here on {name} writes to you directly: the conversation goes on in your own chat \
         with them. What you write here still reaches them."
    ))
}

/// In the conversation that begins: what it continues.
#[must_use]
pub fn goes_on_here(name: &str, platform: &str) -> Content {
    Content::plain(&format!(
        "Your conversation with {name} goes on here: this app carries it to and from {platform}."
    ))
}

/// In the fresh conversation, after somebody else came into the one before.
#[must_use]
pub fn widened_here(name: &str) -> Content {
    Content::plain(&format!(
        "Somebody else came into the conversation before, so nothing is carried there any more. \
         Your conversation with {name} goes on here, between you two."
    ))
}

/// To the other side of the link.
#[must_use]
pub fn widened_there(name: &str) -> Content {
    Content::plain(&format!(
        "Somebody else came into the conversation where {name} reads what you write. It goes on in \
         a new one, between you two; nothing written since was shown to anyone else."
    ))
}

fn tell(label: &str, answer: ConsentAnswer, subject: &RelayId) -> Button {
    Button {
        label: label.to_owned(),
        act: ButtonAct::Tell(button_value(answer, subject)),
    }
}

fn paragraph(inlines: Vec<Inline>) -> Block {
    Block::Paragraph(inlines)
}

fn text(words: &str) -> Inline {
    Inline::Text(words.to_owned())
}

fn bold(words: &str) -> Inline {
    Inline::Styled {
        style: Style::Bold,
        children: vec![text(words)],
    }
}

fn link(url: &str, words: &str) -> Inline {
    Inline::Link {
        url: url.to_owned(),
        children: vec![text(words)],
    }
}

/// A span of time as people say it.
#[must_use]
pub fn span(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [
        (24 * 3_600_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1_000, "second"),
    ];
    let (count, unit) = UNITS
        .into_iter()
        .find(|(length, _)| ms >= *length)
        .map_or((1, "second"), |(length, unit)| (ms / length, unit));
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(begin: Begin<'_>, buttons: bool) -> (String, Vec<Button>) {
        let ask = Ask {
            platform: "Microsoft Teams",
            organisation: "Acme, Inc.",
            begin,
            buttons,
            otherwise: Otherwise::AppSpeaks,
            wait: "3 days",
        };
        let (content, shown) = prompt(ask, &RelayId::from_bits(1));
        (content.to_plain(), shown)
    }

    #[test]
    fn a_prompt_says_how_to_begin_and_how_to_say_no_with_buttons_and_without() {
        let (_, shown) = ask(Begin::ByAnswer, true);
        assert_eq!(shown.len(), 2);
        let (words, shown) = ask(Begin::ByAnswer, false);
        assert!(
            words.contains("start") && words.contains("decline"),
            "{words}"
        );
        assert!(shown.is_empty());
        let (words, shown) = ask(Begin::ByLink("https://hub.example/c/1"), false);
        assert!(words.contains("decline") && shown.is_empty());
        let (_, shown) = ask(Begin::ByLink("https://hub.example/c/1"), true);
        assert_eq!(
            shown.first().map(|button| button.act.clone()),
            Some(ButtonAct::Open("https://hub.example/c/1".to_owned()))
        );
    }

    #[test]
    fn nobody_is_told_that_the_app_speaks_for_them_where_it_cannot() {
        let told = |otherwise| {
            let ask = Ask {
                platform: "Webex",
                organisation: "Acme, Inc.",
                begin: Begin::ByAnswer,
                buttons: false,
                otherwise,
                wait: "3 days",
            };
            [
                prompt(ask, &RelayId::from_bits(1)).0,
                declined("Webex", otherwise),
                stopped("Webex", otherwise, false),
                lapsed("Webex", otherwise),
            ]
            .map(|content| content.to_plain())
        };
        for words in told(Otherwise::AppSpeaks) {
            assert!(words.contains("through this app"), "{words}");
        }
        for words in told(Otherwise::Waits) {
            assert!(!words.contains("through this app"), "{words}");
            assert!(
                words.contains("cannot speak for you") && words.contains("wait"),
                "{words}"
            );
        }
    }

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        assert_eq!(span(3 * 24 * 3_600_000), "3 days");
        assert_eq!(span(3_600_000), "1 hour");
        assert_eq!(span(2_500), "2 seconds");
        assert_eq!(span(10), "1 second");
    }
}

//! The gate of consent: who is asked, how, and what their answers mean.

use causeway_model::{Consent, Mode, RelayId, SignInWay, Timestamp};

/// What is known of the account that represents somebody.
#[derive(Debug, Clone, Copy)]
pub struct ConsentFacts<'a> {
    pub mode: Mode,
    /// Whether the hub holds a token of it.
    pub token: bool,
    /// What was recorded; none where the hub never asked.
    pub recorded: Option<&'a Consent>,
    /// How people can be asked on its platform, as things stand.
    pub way: Option<SignInWay>,
}

/// Where consent stands. Tokens that an administrator brought count as granted; where nobody can
/// be asked, nobody needs to be.
#[must_use]
pub fn standing(facts: ConsentFacts<'_>) -> Consent {
    match facts.mode {
        Mode::Guest | Mode::App => return Consent::NotNeeded,
        Mode::Full => {}
    }
    match facts.recorded {
        Some(recorded) => recorded.clone(),
        None if facts.token => Consent::Granted {
            at: Timestamp::default(),
            scopes: String::new(),
        },
        None if facts.way.is_none() => Consent::NotNeeded,
        None => Consent::NotAsked,
    }
}

/// Whether the hub asks now, by itself, and how: at the first message across that somebody sends
/// or receives, and never again.
#[must_use]
pub fn gate(facts: ConsentFacts<'_>) -> Option<SignInWay> {
    match standing(facts) {
        Consent::NotAsked => facts.way,
        Consent::NotNeeded
        | Consent::Asked { .. }
        | Consent::Granted { .. }
        | Consent::Declined { .. }
        | Consent::Revoked { .. } => None,
    }
}

/// How to ask: by a link where the hub has a public address, since then nothing has to be typed;
/// else by a code.
#[must_use]
pub fn choose_way(offered: &[SignInWay], has_public_address: bool) -> Option<SignInWay> {
    let offers = |way| offered.contains(&way);
    if has_public_address && offers(SignInWay::Link) {
        return Some(SignInWay::Link);
    }
    offers(SignInWay::DeviceCode).then_some(SignInWay::DeviceCode)
}

/// What somebody answers to being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// Begin to sign in.
    Start,
    Decline,
    /// Take back what was granted.
    Stop,
}

impl ConsentAnswer {
    const ALL: [Self; 3] = [Self::Start, Self::Decline, Self::Stop];

    /// The word to be typed where there are no buttons.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Decline => "decline",
            Self::Stop => "stop",
        }
    }

    /// Reads what was typed to the app: the word alone, in any case.
    #[must_use]
    pub fn from_typed(text: &str) -> Option<Self> {
        let typed = text.trim().trim_matches(['"', '“', '”', '.', '!']);
        Self::ALL
            .into_iter()
            .find(|answer| typed.eq_ignore_ascii_case(answer.word()))
    }
}

/// The value of a button under a prompt.
#[must_use]
pub fn button_value(answer: ConsentAnswer, prompt: &RelayId) -> String {
    format!("consent:{}:{}", answer.word(), prompt.as_str())
}

/// Reads a button's value; none for anything that the hub does not write.
#[must_use]
pub fn read_button(value: &str) -> Option<(ConsentAnswer, RelayId)> {
    let rest = value.strip_prefix("consent:")?;
    let (word, prompt) = rest.split_once(':')?;
    let answer = ConsentAnswer::ALL
        .into_iter()
        .find(|answer| answer.word() == word)?;
    Some((answer, RelayId::parse(prompt)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(mode: Mode, token: bool, recorded: Option<&Consent>) -> ConsentFacts<'_> {
        ConsentFacts {
            mode,
            token,
            recorded,
            way: Some(SignInWay::DeviceCode),
        }
    }

    #[test]
    fn only_the_owner_of_a_full_account_that_was_never_asked_is_asked() {
        assert_eq!(
            gate(facts(Mode::Full, false, None)),
            Some(SignInWay::DeviceCode)
        );
        assert_eq!(gate(facts(Mode::Guest, false, None)), None);
        assert_eq!(gate(facts(Mode::App, false, None)), None);
        assert_eq!(gate(facts(Mode::Full, true, None)), None);
    }

    #[test]
    fn whatever_was_recorded_nobody_is_asked_twice() {
        let recorded = [
            Consent::Asked {
                at: Timestamp(1),
                how: SignInWay::DeviceCode,
                until: Timestamp(2),
            },
            Consent::Granted {
                at: Timestamp(1),
                scopes: String::new(),
            },
            Consent::Declined { at: Timestamp(1) },
            Consent::Revoked { at: Timestamp(1) },
        ];
        for consent in &recorded {
            assert_eq!(gate(facts(Mode::Full, false, Some(consent))), None);
        }
    }

    #[test]
    fn where_nobody_can_be_asked_nobody_is() {
        let mut unasked = facts(Mode::Full, false, None);
        unasked.way = None;
        assert_eq!(gate(unasked), None);
        assert_eq!(standing(unasked), Consent::NotNeeded);
    }

    #[test]
    fn a_public_address_makes_it_a_link() {
        let both = [SignInWay::DeviceCode, SignInWay::Link];
        assert_eq!(choose_way(&both, true), Some(SignInWay::Link));
        assert_eq!(choose_way(&both, false), Some(SignInWay::DeviceCode));
        assert_eq!(choose_way(&[SignInWay::Link], false), None);
        assert_eq!(choose_way(&[], true), None);
    }

    #[test]
    fn a_button_reads_as_it_was_written_and_nothing_else_does() {
        let prompt = RelayId::from_bits(7);
        for answer in ConsentAnswer::ALL {
            let value = button_value(answer, &prompt);
            assert_eq!(read_button(&value), Some((answer, prompt.clone())));
        }
        for forged in [
            "consent:start:",
            "start",
            "consent:go:07",
            "consent:start:zz",
        ] {
            assert_eq!(read_button(forged), None);
        }
    }

    #[test]
    fn a_word_counts_alone() {
        assert_eq!(
            ConsentAnswer::from_typed(" Start! "),
            Some(ConsentAnswer::Start)
        );
        assert_eq!(ConsentAnswer::from_typed("start with Bob"), None);
    }
}

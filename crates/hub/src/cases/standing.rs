//! How someone stands on a secondary platform: whether the hub may act as them, who messages
//! really go out as, and why, in words.

use causeway_model::{
    Account, AccountKind, Consent, GuestState, Mode, Otherwise, Pairing, Rung, SignInWay, SpeaksBy,
    Timestamp,
};
use causeway_relay::consent::{ConsentFacts, gate, standing};
use causeway_store::{Reader, StoreError};

use super::look::Side;
use crate::api::{ConsentState, ConsentView};

/// What is known of someone who is represented, or would be.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub mode: Mode,
    pub guest: Option<GuestState>,
    /// Whether the account that stands for them is a guest of the organisation there.
    pub is_guest: bool,
    /// Whether the account that stands for them can be used at all.
    pub active: bool,
    /// Whether the hub may speak as it: by a token of it, or by the app's own role.
    pub held: bool,
    /// As it was recorded.
    pub consent: Option<Consent>,
    pub lapsed: bool,
    pub speaks_by: SpeaksBy,
    /// What becomes of what the hub may not say as it.
    pub otherwise: Otherwise,
    /// How its owner can be asked.
    pub way: Option<SignInWay>,
}

/// Whether the hub can speak as an account: by its token, or by the app's own role.
pub(super) fn holds_token(
    reader: &Reader<'_>,
    account: &Account,
    side: &Side,
) -> Result<bool, StoreError> {
    match side.speaks_by {
        SpeaksBy::Role => Ok(true),
        SpeaksBy::Token => {
            let owner = format!("account:{}", account.external);
            Ok(reader.token(account.connection, &owner)?.is_some())
        }
    }
}

impl Standing {
    pub(super) fn of_pairing(
        reader: &Reader<'_>,
        pairing: &Pairing,
        side: &Side,
    ) -> Result<Self, StoreError> {
        let account = match pairing.secondary {
            Some(account) => reader.account(account)?,
            None => None,
        };
        Self::new(reader, pairing.mode, pairing.guest, account.as_ref(), side)
    }

    pub(super) fn new(
        reader: &Reader<'_>,
        mode: Mode,
        guest: Option<GuestState>,
        account: Option<&Account>,
        side: &Side,
    ) -> Result<Self, StoreError> {
        let mut standing = Self {
            mode,
            guest,
            is_guest: false,
            active: false,
            held: false,
            consent: None,
            lapsed: false,
            speaks_by: side.speaks_by,
            otherwise: side.otherwise,
            way: side.way,
        };
        if let Some(account) = account {
            standing.is_guest = account.kind == AccountKind::Guest;
            standing.active = account.active;
            standing.consent = reader.consent(account.id)?;
            standing.held = !standing.is_taken_back() && holds_token(reader, account, side)?;
            standing.lapsed = reader.has_lapsed(account.id)?;
        }
        Ok(standing)
    }

    /// Whether the owner, or an administrator, does not let the hub speak as the account: where it
    /// speaks by the app's role, there is no token whose end would say so.
    fn is_taken_back(&self) -> bool {
        match &self.consent {
            Some(Consent::Declined { .. } | Consent::Revoked { .. }) => true,
            Some(
                Consent::NotNeeded
                | Consent::NotAsked
                | Consent::Asked { .. }
                | Consent::Granted { .. },
            )
            | None => false,
        }
    }

    /// Who messages go out as now.
    pub(super) fn rung(&self) -> Rung {
        let usable = self.active
            && self.held
            && match (self.mode, self.guest) {
                (Mode::Full, _) | (Mode::Guest, Some(GuestState::Redeemed)) => true,
                (Mode::Guest | Mode::App, _) => false,
            };
        match (usable, self.is_guest) {
            (true, false) => Rung::Full,
            (true, true) => Rung::Guest,
            (false, _) => Rung::App,
        }
    }

    /// How the hub will ask by itself, at the first message across; none when it will not.
    pub(super) fn will_ask(&self) -> Option<SignInWay> {
        gate(self.facts())
    }

    pub(super) fn consent(&self) -> ConsentView {
        match standing(self.facts()) {
            Consent::NotNeeded => view(ConsentState::NotNeeded, None),
            Consent::NotAsked => ConsentView {
                how: self.way,
                ..view(ConsentState::NotAsked, None)
            },
            Consent::Asked { at, how, until } => ConsentView {
                until: Some(until),
                lapsed: self.lapsed,
                how: Some(how),
                ..view(ConsentState::Asked, Some(at))
            },
            // Without its token it is worth nothing any more.
            Consent::Granted { at, .. } if !self.held => view(ConsentState::Revoked, Some(at)),
            Consent::Granted { at, .. } => {
                // A token that the administrator brought has no time of its own.
                view(
                    ConsentState::Granted,
                    Some(at).filter(|at| *at != Timestamp::default()),
                )
            }
            Consent::Declined { at } => view(ConsentState::Declined, Some(at)),
            Consent::Revoked { at } => view(ConsentState::Revoked, Some(at)),
        }
    }

    fn facts(&self) -> ConsentFacts<'_> {
        ConsentFacts {
            mode: self.mode,
            token: self.held,
            recorded: self.consent.as_ref(),
            way: self.way,
        }
    }

    /// Who messages go out as now and why, in one or two short sentences.
    pub(super) fn plain(&self, waiting: u64) -> String {
        match (self.mode, self.otherwise) {
            (Mode::App, Otherwise::AppSpeaks) => {
                "Messages go out through the app, with their name.".to_owned()
            }
            (Mode::App, Otherwise::Waits) => self.unspoken().to_owned(),
            (Mode::Guest, _) => self.plain_guest(),
            (Mode::Full, _) if !self.active => {
                format!("Their account there is switched off. {}", self.unspoken())
            }
            (Mode::Full, _) => self.plain_full(waiting),
        }
    }

    /// What becomes of messages that cannot go out as the account.
    fn unspoken(&self) -> &'static str {
        match self.otherwise {
            Otherwise::AppSpeaks => "Messages go out through the app.",
            Otherwise::Waits => "Messages wait: the app cannot speak for anyone there.",
        }
    }

    fn plain_guest(&self) -> String {
        let why = match self.guest {
            Some(GuestState::Wanted) | None => {
                "The guest account is being made, and cannot be used before."
            }
            Some(GuestState::Invited) => {
                "Sent as the guest account is not possible yet: nobody has taken up the invitation."
            }
            Some(GuestState::Redeemed) if !self.active => "The guest account is switched off.",
            Some(GuestState::Redeemed) if self.held => {
                return "Messages go out as their guest account.".to_owned();
            }
            Some(GuestState::Redeemed) => {
                "Sent as the guest account is not possible yet: it has been taken up, but the hub \
                 is not signed in as it."
            }
            Some(GuestState::Forbidden) => {
                "Sent as a guest account is not possible: the organisation there does not take them \
                 as its guest."
            }
        };
        format!("{why} {}", self.unspoken())
    }

    fn plain_full(&self, waiting: u64) -> String {
        if self.held {
            return "Messages go out as their own account.".to_owned();
        }
        let consent = self.consent();
        match consent.state {
            ConsentState::NotAsked => {
                "Nobody has been asked yet: they are asked once, at their first message across, to \
                 authorise their own account."
                    .to_owned()
            }
            ConsentState::Asked if consent.lapsed => {
                let then = match self.otherwise {
                    Otherwise::AppSpeaks => {
                        "Messages no longer wait for it and go out through the app."
                    }
                    Otherwise::Waits => self.unspoken(),
                };
                format!(
                    "They were asked to authorise their own account and have not done so. {then}"
                )
            }
            ConsentState::Asked => format!(
                "They were asked to authorise their own account and have not answered yet; {}.",
                waiting_words(waiting)
            ),
            ConsentState::Declined => format!(
                "They declined to authorise their own account. {}",
                self.unspoken()
            ),
            ConsentState::Granted | ConsentState::Revoked => format!(
                "Their authorisation is not valid any more. {}",
                self.unspoken()
            ),
            ConsentState::NotNeeded => format!(
                "There is no way to ask for their authorisation from here. {}",
                self.unspoken()
            ),
        }
    }
}

fn waiting_words(waiting: u64) -> String {
    match waiting {
        0 => "no message waits for it".to_owned(),
        1 => "1 message waits for it".to_owned(),
        many => format!("{many} messages wait for it"),
    }
}

fn view(state: ConsentState, at: Option<Timestamp>) -> ConsentView {
    ConsentView {
        state,
        at,
        until: None,
        lapsed: false,
        how: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(mode: Mode) -> Standing {
        Standing {
            mode,
            guest: None,
            is_guest: mode == Mode::Guest,
            active: true,
            held: false,
            consent: None,
            lapsed: false,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way: Some(SignInWay::DeviceCode),
        }
    }

    fn asked() -> Option<Consent> {
        Some(Consent::Asked {
            at: Timestamp(1),
            how: SignInWay::DeviceCode,
            until: Timestamp(100),
        })
    }

    #[test]
    fn nobody_speaks_as_an_account_whose_token_the_hub_does_not_hold() {
        for mode in [Mode::Full, Mode::Guest, Mode::App] {
            for guest in GuestState::ALL.map(Some).into_iter().chain([None]) {
                let standing = Standing {
                    guest,
                    consent: Some(Consent::Granted {
                        at: Timestamp(1),
                        scopes: String::new(),
                    }),
                    ..standing(mode)
                };
                assert_eq!(standing.rung(), Rung::App);
            }
        }
    }

    #[test]
    fn a_guest_speaks_only_once_it_is_taken_up_and_signed_in() {
        let rungs = GuestState::ALL.map(|state| {
            let guest = Standing {
                guest: Some(state),
                held: true,
                ..standing(Mode::Guest)
            };
            guest.rung()
        });
        assert_eq!(rungs, [Rung::App, Rung::App, Rung::Guest, Rung::App]);
    }

    #[test]
    fn the_words_name_the_same_voice_as_the_rung() {
        let held = Standing {
            held: true,
            ..standing(Mode::Full)
        };
        assert_eq!(held.rung(), Rung::Full);
        assert_eq!(held.plain(0), "Messages go out as their own account.");
        let off = Standing {
            active: false,
            ..held
        };
        assert_eq!(off.rung(), Rung::App);
        assert!(off.plain(0).contains("switched off"));
    }

    #[test]
    fn where_the_app_speaks_for_nobody_messages_wait_whatever_keeps_them() {
        let declined = Some(Consent::Declined { at: Timestamp(1) });
        let kept = [
            standing(Mode::App),
            Standing {
                active: false,
                ..standing(Mode::Full)
            },
            Standing {
                consent: declined,
                ..standing(Mode::Full)
            },
            Standing {
                consent: asked(),
                lapsed: true,
                ..standing(Mode::Full)
            },
            Standing {
                way: None,
                ..standing(Mode::Full)
            },
        ];
        let guests = GuestState::ALL.map(|state| Standing {
            guest: Some(state),
            ..standing(Mode::Guest)
        });
        for speaks in kept.into_iter().chain(guests) {
            let waits = Standing {
                otherwise: Otherwise::Waits,
                ..speaks.clone()
            };
            assert!(speaks.plain(0).contains("through the app"));
            assert!(!waits.plain(0).contains("through the app"));
            assert!(
                waits.plain(0).contains("Messages wait"),
                "{}",
                waits.plain(0)
            );
        }
    }

    #[test]
    fn guests_and_the_app_are_never_asked_anything() {
        for mode in [Mode::Guest, Mode::App] {
            let standing = Standing {
                consent: asked(),
                ..standing(mode)
            };
            assert_eq!(standing.consent().state, ConsentState::NotNeeded);
        }
    }

    #[test]
    fn where_there_is_no_way_to_ask_nobody_will_be_asked() {
        let stuck = Standing {
            way: None,
            ..standing(Mode::Full)
        };
        assert_eq!(stuck.consent().state, ConsentState::NotNeeded);
        assert!(stuck.plain(0).contains("no way to ask"));
        assert_eq!(standing(Mode::Full).consent().state, ConsentState::NotAsked);
    }

    #[test]
    fn an_open_question_says_how_many_wait_until_its_time_is_over() {
        let open = Standing {
            consent: asked(),
            ..standing(Mode::Full)
        };
        assert_eq!(open.consent().until, Some(Timestamp(100)));
        assert!(open.plain(1).ends_with("1 message waits for it."));
        assert!(open.plain(3).ends_with("3 messages wait for it."));
        let lapsed = Standing {
            lapsed: true,
            ..open
        };
        assert!(lapsed.consent().lapsed);
        assert!(lapsed.plain(0).contains("no longer wait"));
    }

    #[test]
    fn what_was_granted_is_no_longer_valid_once_its_token_is_gone() {
        let gone = Standing {
            consent: Some(Consent::Granted {
                at: Timestamp(5),
                scopes: String::new(),
            }),
            ..standing(Mode::Full)
        };
        assert_eq!(gone.consent().state, ConsentState::Revoked);
        let held = Standing { held: true, ..gone };
        assert_eq!(held.consent().at, Some(Timestamp(5)));
    }
}

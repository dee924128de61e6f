//! Envelopes of Socket Mode, read into our words.

use causeway_model::{
    Author, AuthorKind, Clock, ConversationKind, EventKey, ExternalAccount, ExternalConversation,
    Happening, Incoming,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    buttons,
    directory::Names,
    home,
    message::{Scene, author},
    own::Own,
    stamp,
    wire::{
        Authorization, Frame, MemberEvent, Message, MessageEvent, SlashCommand, TokensRevoked,
        UserEvent, Wrapper,
    },
};
use crate::vault::TokenOwner;

/// What one envelope holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) incoming: Vec<Incoming>,
    /// Owners whose tokens are no longer good.
    pub(super) revoked: Vec<TokenOwner>,
    /// Who looks at the app's home tab.
    pub(super) at_home: Vec<String>,
}

/// Reads envelopes; it knows who the hub is and what people are called.
pub(super) struct Reader<'a> {
    pub(super) own: &'a Own,
    pub(super) names: &'a Names,
    pub(super) clock: &'a dyn Clock,
}

impl Reader<'_> {
    /// What an envelope holds; nothing where it is of no concern to us or cannot be read, since
    /// having it sent again would not change that.
    pub(super) fn read(&self, envelope: &Frame, envelope_id: &str) -> Heard {
        let read = match envelope.kind.as_str() {
            "events_api" => parsed(&envelope.payload).and_then(|wrapper| self.event(wrapper)),
            "slash_commands" => {
                parsed(&envelope.payload).map(|command| self.command(command, envelope_id))
            }
            "interactive" => self.interaction(&envelope.payload),
            _ => Ok(Heard::default()),
        };
        read.unwrap_or_else(|_error| {
            // The error quotes what it stumbled over, so it is not told.
            tracing::warn!(slack.envelope = %envelope.kind, "an envelope is not readable");
            Heard::default()
        })
    }

    fn event(&self, wrapper: Wrapper) -> Result<Heard, serde_json::Error> {
        let kind = wrapper.event["type"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(match kind.as_str() {
            "message" => Heard {
                incoming: self.message(&parsed(&wrapper.event)?, wrapper.authorizations.first()),
                ..Heard::default()
            },
            "member_joined_channel" => {
                let joined = |accounts| Happening::Joined { accounts };
                self.member(parsed(&wrapper.event)?, ("j", joined))
            }
            "member_left_channel" => {
                let left = |accounts| Happening::Left { accounts };
                self.member(parsed(&wrapper.event)?, ("l", left))
            }
            "tokens_revoked" => self.tokens_revoked(parsed(&wrapper.event)?),
            "app_uninstalled" => Heard {
                revoked: vec![TokenOwner::App],
                ..Heard::default()
            },
            "app_home_opened" => Heard {
                at_home: home::visitor(&parsed(&wrapper.event)?)
                    .into_iter()
                    .collect(),
                ..Heard::default()
            },
            "team_join" | "user_change" => {
                self.names.learn(&parsed::<UserEvent>(&wrapper.event)?.user);
                Heard::default()
            }
            _ => Heard::default(),
        })
    }

    fn message(&self, event: &MessageEvent, heard: Option<&Authorization>) -> Vec<Incoming> {
        let scene = Scene {
            own: self.own,
            names: self.names,
            conversation: ExternalConversation::new(&event.channel),
            kind: self.kind(event, heard),
            heard_by: heard
                .filter(|heard| !heard.is_bot)
                .and_then(|heard| heard.user_id.as_ref())
                .map(ExternalAccount::new),
        };
        match event.own.subtype.as_deref() {
            Some("message_changed") => changed(&scene, event).into_iter().collect(),
            Some("message_deleted") => deleted(&scene, event).into_iter().collect(),
            Some(_) | None => scene.present(&event.own),
        }
    }

    fn kind(
        &self,
        event: &MessageEvent,
        heard: Option<&Authorization>,
    ) -> Option<ConversationKind> {
        match event.channel_type.as_deref()? {
            "im" => {
                let by_bot = heard.is_some_and(|heard| heard.is_bot);
                let from_app = author(&event.own, self.own)
                    .is_some_and(|author| author.kind == AuthorKind::OwnApp);
                Some(if by_bot || from_app {
                    ConversationKind::WithApp
                } else {
                    ConversationKind::Direct
                })
            }
            "mpim" => Some(ConversationKind::Group),
            "channel" | "group" => Some(ConversationKind::Channel),
            _ => None,
        }
    }

    fn tokens_revoked(&self, event: TokensRevoked) -> Heard {
        let accounts = event.tokens.oauth.into_iter().map(ExternalAccount::new);
        let mut revoked: Vec<TokenOwner> = accounts.map(TokenOwner::Account).collect();
        if event.tokens.bot.contains(&self.own.bot_user) {
            revoked.push(TokenOwner::App);
        }
        Heard {
            revoked,
            ..Heard::default()
        }
    }

    /// Who came or went, the hub's own app included. The same is told as a message of the system too,
    /// which has another time and is dropped.
    fn member(
        &self,
        event: MemberEvent,
        (letter, happened): (&str, fn(Vec<ExternalAccount>) -> Happening),
    ) -> Heard {
        let MemberEvent {
            user,
            channel,
            channel_type,
            inviter,
            event_ts,
        } = event;
        let by = inviter.unwrap_or_else(|| user.clone());
        let kind = match by == self.own.bot_user {
            true => AuthorKind::OwnApp,
            false => AuthorKind::Person,
        };
        let incoming = stamp::millis(&event_ts).map(|at| Incoming {
            key: EventKey(format!("{letter}:{channel}:{user}:{event_ts}")),
            contains: Vec::new(),
            changed_at: None,
            conversation: ExternalConversation::new(channel),
            conversation_kind: match channel_type.as_deref() {
                Some("C") => Some(ConversationKind::Channel),
                // A private channel, or a group conversation.
                Some(_) | None => None,
            },
            heard_by: None,
            author: Author {
                account: ExternalAccount::new(by),
                kind,
            },
            at,
            happened: happened(vec![ExternalAccount::new(user)]),
        });
        Heard {
            incoming: incoming.into_iter().collect(),
            ..Heard::default()
        }
    }

    /// A pressed button; what else people may do with what an app shows is not used.
    fn interaction(&self, payload: &Value) -> Result<Heard, serde_json::Error> {
        if payload["type"] != "block_actions" {
            return Ok(Heard::default());
        }
        let pressed = buttons::pressed(parsed(payload)?, self.clock);
        Ok(Heard {
            incoming: pressed,
            ..Heard::default()
        })
    }

    fn command(&self, command: SlashCommand, envelope_id: &str) -> Heard {
        let once = command.trigger_id.as_deref().unwrap_or(envelope_id);
        let asked = Incoming {
            key: EventKey(format!("c:{once}")),
            contains: Vec::new(),
            changed_at: None,
            conversation: ExternalConversation::new(command.channel_id),
            conversation_kind: None,
            heard_by: None,
            author: Author {
                account: ExternalAccount::new(command.user_id),
                kind: AuthorKind::Person,
            },
            at: self.clock.now(),
            happened: Happening::Asked {
                text: command.text.trim().to_owned(),
                answer: command.response_url,
            },
        };
        Heard {
            incoming: vec![asked],
            ..Heard::default()
        }
    }
}

/// An edit, or nothing: Slack also says that a message has changed when a link in it was unfurled
/// or a reply was written under it.
fn changed(scene: &Scene<'_>, event: &MessageEvent) -> Option<Incoming> {
    let message = event.message.as_deref()?;
    let id = message.ts.as_deref()?;
    let previous = event.previous_message.as_deref();
    let happened_at = event.event_ts.as_deref().or(event.own.ts.as_deref());
    if message.subtype.as_deref() == Some("tombstone") {
        return scene.deleted(previous.unwrap_or(message), id, happened_at?);
    }
    let same = match previous {
        Some(previous) => scene.content(previous) == scene.content(message),
        None => message.edited.is_none(),
    };
    if same {
        return None;
    }
    let edited = message.edited.as_ref().map(|edited| edited.ts.as_str());
    scene.edited_at(message, id, edited.or(happened_at)?)
}

fn deleted(scene: &Scene<'_>, event: &MessageEvent) -> Option<Incoming> {
    let id = event.deleted_ts.as_deref()?;
    let happened_at = event.event_ts.as_deref().or(event.own.ts.as_deref())?;
    let unknown = Message::default();
    let previous = event.previous_message.as_deref().unwrap_or(&unknown);
    scene.deleted(previous, id, happened_at)
}

fn parsed<T: DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
    T::deserialize(value)
}

#[cfg(test)]
mod tests;

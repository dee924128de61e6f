//! What a model platform is in, seen from inside.

use std::collections::VecDeque;

use causeway_model::{
    Author, AuthorKind, ButtonAct, ConversationKind, EventKey, ExternalAccount, ExternalMessage,
    FailureKind, Happening, Incoming, Marker, RelayId, Timestamp,
};

use super::platform::{Call, Conversation, Fate, LATEST_MS, Message, Room, State, app_room};

impl State {
    pub(super) fn fate(&mut self, call: Call) -> Fate {
        *self.calls.entry(call).or_default() += 1;
        if let Some(fate) = self.scripts.get_mut(&call).and_then(VecDeque::pop_front) {
            return fate;
        }
        if let Some(fate) = self.always.get(&call) {
            return *fate;
        }
        match &self.chaos {
            Some(chaos) if chaos.chance.below(100) < chaos.percent => {
                let several = [
                    Fate::Refused(FailureKind::NotSent),
                    Fate::Refused(FailureKind::Throttled {
                        after_ms: Some(700),
                    }),
                    Fate::Refused(FailureKind::Unknown),
                    Fate::DoneUnanswered,
                    Fate::DoneAfterwards(40),
                    Fate::EchoFirst(30),
                    Fate::Slow(80),
                ];
                let which = chaos.chance.below(several.len() as u64);
                several[usize::try_from(which).expect("a small number")]
            }
            Some(_) | None => Fate::Done,
        }
    }

    /// By how much an event is told later than it happened. What happens to a message is never
    /// told before the message.
    pub(super) fn lateness(&self, event: &Incoming) -> Option<i64> {
        let chaos = self.chaos.as_ref()?;
        let message = message_of(&event.happened);
        let behind = self.overdue.iter().any(|(_, other)| {
            message.is_some()
                && other.conversation == event.conversation
                && message_of(&other.happened) == message
        });
        let late = chaos.chance.below(100) < chaos.late_percent;
        let ms = i64::try_from(1 + chaos.chance.below(LATEST_MS)).unwrap_or(1);
        match (behind, late) {
            (true, _) => Some(i64::try_from(LATEST_MS).unwrap_or(0)),
            (false, true) => Some(ms),
            (false, false) => None,
        }
    }

    pub(super) fn button(&self, author: &str, value: &str) -> Option<String> {
        let room = self.rooms.get(&app_room(author))?;
        room.messages.iter().rev().find_map(|message| {
            message.buttons.iter().find_map(|button| match &button.act {
                ButtonAct::Tell(told) if told.starts_with(value) => Some(told.clone()),
                ButtonAct::Tell(_) | ButtonAct::Open(_) => None,
            })
        })
    }

    /// Whether there is such a conversation; somebody's with the app is there whenever the app
    /// turns to it.
    pub fn has(&mut self, room: &Room) -> bool {
        if let Some(account) = room.as_str().strip_prefix("app:") {
            self.with_app(&ExternalAccount::new(account));
        }
        self.rooms.contains_key(room)
    }

    /// Somebody's conversation with the app, which is there from the first word.
    pub fn with_app(&mut self, account: &ExternalAccount) -> Room {
        let id = app_room(account.as_str());
        self.rooms
            .entry(id.clone())
            .or_insert_with(|| Conversation::with_app(account.as_str()));
        id
    }

    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn direct(&mut self, members: &[ExternalAccount]) -> Room {
        let found = self.rooms.iter().find(|(_, room)| {
            room.kind == ConversationKind::Direct
                && members.iter().all(|member| room.members.contains(member))
        });
        if let Some((id, _)) = found {
            return id.clone();
        }
        self.add_room(ConversationKind::Direct, members.to_vec(), None)
    }

    pub fn add_room(
        &mut self,
        kind: ConversationKind,
        members: Vec<ExternalAccount>,
        opened_for: Option<RelayId>,
    ) -> Room {
        let id = Room::new(format!("R{}", self.number()));
        let room = Conversation {
            kind,
            members,
            opened_for,
            messages: Vec::new(),
            strangers: Vec::new(),
        };
        self.rooms.insert(id.clone(), room);
        id
    }

    pub(super) fn message(
        &mut self,
        room: &Room,
        message: &ExternalMessage,
    ) -> Option<&mut Message> {
        let room = self.rooms.get_mut(room)?;
        room.messages
            .iter_mut()
            .find(|found| found.id == *message && !found.deleted)
    }

    /// The event of a message as it stands.
    pub fn posted(&self, room: &Room, message: &Message) -> Option<Incoming> {
        let marker = message.marker.clone().map(|relay_id| Marker {
            relay_id,
            by_own_app: message.kind != AuthorKind::Person,
        });
        let happened = Happening::Posted {
            message: message.id.clone(),
            content: message.content.clone(),
            marker,
        };
        let key = EventKey(format!("m:{room}:{}", message.id));
        let author = message.author.clone();
        let mut event = self.event(room, key, author, message.kind, message.at, happened)?;
        event.contains = (1..=message.edits)
            .map(|edit| EventKey(format!("e:{room}:{}:{edit}", message.id)))
            .collect();
        event.changed_at = (message.edits > 0).then_some(message.changed_at);
        Some(event)
    }

    /// None when the hub cannot hear it: nobody in a direct conversation has authorised it.
    pub(super) fn event(
        &self,
        id: &Room,
        key: EventKey,
        author: ExternalAccount,
        kind: AuthorKind,
        at: Timestamp,
        happened: Happening,
    ) -> Option<Incoming> {
        let room = self.rooms.get(id)?;
        let hearer = room
            .members
            .iter()
            .find(|member| self.authorised.contains(*member));
        let heard_by = match room.kind {
            ConversationKind::Direct if self.hears_all => room.members.first().cloned(),
            ConversationKind::Direct => Some(hearer?.clone()),
            ConversationKind::WithApp | ConversationKind::Group | ConversationKind::Channel => None,
        };
        Some(Incoming {
            key,
            contains: vec![],
            changed_at: None,
            conversation: id.clone(),
            conversation_kind: Some(room.kind),
            heard_by,
            author: Author {
                account: author,
                kind,
            },
            at,
            happened,
        })
    }
}

fn message_of(happened: &Happening) -> Option<&ExternalMessage> {
    match happened {
        Happening::Posted { message, .. }
        | Happening::Edited { message, .. }
        | Happening::Deleted { message } => Some(message),
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    }
}

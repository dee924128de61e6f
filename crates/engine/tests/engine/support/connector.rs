//! The hub's side of a model platform.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use causeway_connectors::{
    Connector, DirectoryPage, Edit, EventSink, Guests, Hearing, Identity, Post, Posted, SaidBy,
    SignIn, TokenOwner, TokenVault,
};
use causeway_engine::{BuildConnector, Wiring};
use causeway_model::{
    AuthorKind, Capabilities, Clock, Content, ConversationFacts, ConversationKind, ExternalAccount,
    ExternalConversation, ExternalMessage, Failure, FailureKind, HealthState, Incoming, Inline,
    LegKind, NameShown, OpenConversation, Operation, RelayId, Speaker, Timestamp,
};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    platform::{Call, Fate, ModelPlatform, NewMessage, Room},
    request::{Request, Told},
    said::Saying,
};

/// Between two parts of one message.
const CUT: char = '|';
/// How long the hub waits for an answer that does not come.
const TIMEOUT: Duration = Duration::from_millis(200);

pub struct ModelConnector(pub(super) Arc<ModelPlatform>, Arc<dyn TokenVault>);

/// The platforms of a house.
pub struct Models {
    pub slack: Arc<ModelPlatform>,
    pub teams: Arc<ModelPlatform>,
}

impl BuildConnector for Models {
    fn build(&self, wiring: Wiring) -> Result<Arc<dyn Connector>, Failure> {
        let wanted = wiring.connection.connection.platform;
        let platform = [&self.slack, &self.teams]
            .into_iter()
            .find(|platform| platform.capabilities.platform == wanted)
            .ok_or_else(|| failure(FailureKind::NotSupported))?;
        if platform.state().unfit {
            return Err(failure(FailureKind::Rejected));
        }
        Ok(Arc::new(ModelConnector(Arc::clone(platform), wiring.vault)))
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "scripted", "a model platform")
}

impl ModelConnector {
    /// Carries a call out as its fate wants it. When the hub ends meanwhile, the platform may do
    /// it all the same.
    pub(super) async fn call<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&ModelPlatform) -> Result<(T, Option<Incoming>), Failure> + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
    {
        let latency = Duration::from_millis(self.0.latency_ms);
        let fate = self.0.fate(call);
        if let Fate::Refused(kind) = fate {
            sleep(latency).await;
            if kind == FailureKind::Unknown {
                sleep(TIMEOUT).await;
            }
            return Err(failure(kind));
        }
        let request = Request::new(&self.0, effect);
        sleep(latency).await;
        match fate {
            Fate::Refused(kind) => Err(failure(kind)),
            Fate::Done => self.done(request, latency).await,
            Fate::Slow(ms) => {
                sleep(Duration::from_millis(ms)).await;
                self.done(request, latency).await
            }
            Fate::EchoFirst(ms) => {
                let (answer, event) = request.arrive()?;
                self.0.tell(event);
                sleep(Duration::from_millis(ms)).await;
                Ok(answer)
            }
            Fate::DoneUnanswered => {
                let (_, event) = request.arrive()?;
                self.0.tell(event);
                sleep(TIMEOUT).await;
                Err(failure(FailureKind::Unknown))
            }
            Fate::DoneAfterwards(ms) => {
                let platform = Arc::clone(&self.0);
                tokio::spawn(async move {
                    sleep(TIMEOUT + Duration::from_millis(ms)).await;
                    if let Ok((_, event)) = request.arrive() {
                        platform.tell(event);
                    }
                });
                sleep(TIMEOUT).await;
                Err(failure(FailureKind::Unknown))
            }
        }
    }

    /// The usual way: the event is told when the answer is on its way.
    async fn done<T, F>(&self, request: Request<T, F>, latency: Duration) -> Result<T, Failure>
    where
        F: FnOnce(&ModelPlatform) -> Result<(T, Option<Incoming>), Failure>,
    {
        let (answer, event) = request.arrive()?;
        let told = Told(&self.0, event);
        sleep(latency).await;
        drop(told);
        Ok(answer)
    }

    /// Whoever finds that a token is not good any more says so, where the platform is one that
    /// takes tokens back.
    async fn speaks(&self, speaker: &Speaker) -> Result<(), Failure> {
        if self.0.may_speak(speaker) {
            return Ok(());
        }
        let takes_back = self.0.state().takes_tokens_back;
        if let (Speaker::Account(account), true) = (speaker, takes_back) {
            let revoked = self.1.revoked(&TokenOwner::Account(account.clone())).await;
            revoked.map_err(|_| failure(FailureKind::NotSent))?;
        }
        Err(failure(FailureKind::NotAuthorised))
    }

    /// The record of something that the hub is about to say or to change.
    fn saying(&self, room: &Room, relay_id: &RelayId, speaker: &Speaker) -> Saying {
        Saying {
            begun_at: self.0.clock.now(),
            room: room.clone(),
            relay_id: relay_id.clone(),
            speaker: speaker.clone(),
            strangers_known: self.0.state().knows_strangers(room),
        }
    }

    fn new_message(&self, post: &Post<'_>) -> NewMessage {
        let marks = self.0.capabilities.marker;
        let (author, kind) = match post.speaker {
            Speaker::App => (self.0.app.clone(), AuthorKind::OwnApp),
            Speaker::Account(account) if marks => (account.clone(), AuthorKind::PersonByOwnApp),
            Speaker::Account(account) => (account.clone(), AuthorKind::Person),
        };
        NewMessage {
            author,
            kind,
            shown_as: post.shown_as.map(|shown| shown.name.clone()),
            content: self.as_read_back(post.content, &post.said_by()),
            buttons: post.buttons.to_vec(),
            marker: marks.then(|| post.relay_id.clone()),
        }
    }
}

#[async_trait]
impl Connector for ModelConnector {
    fn capabilities(&self) -> &'static Capabilities {
        self.0.capabilities
    }

    async fn identify(&self) -> Result<Identity, Failure> {
        Ok(Identity {
            name: self.0.capabilities.platform.name().to_owned(),
            own_accounts: vec![self.0.app.clone()],
        })
    }

    async fn directory(&self, _page: Option<String>) -> Result<DirectoryPage, Failure> {
        Ok(DirectoryPage::default())
    }

    async fn conversation(
        &self,
        id: &ExternalConversation,
        _speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        let id = id.clone();
        let effect = move |platform: &ModelPlatform| {
            let state = platform.state();
            let room = state
                .rooms
                .get(&id)
                .ok_or_else(|| failure(FailureKind::Gone))?;
            let facts = ConversationFacts {
                id: id.clone(),
                kind: room.kind,
                members: room.members.clone(),
            };
            Ok((facts, None))
        };
        self.call(Call::Conversation, effect).await
    }

    async fn conversations(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        self.speaks(speaker).await?;
        let state = self.0.state();
        let wanted = state.rooms.iter().filter(|(_, room)| match speaker {
            Speaker::App => room.members.contains(&self.0.app),
            Speaker::Account(account) => room.members.contains(account),
        });
        let facts = wanted.map(|(id, room)| ConversationFacts {
            id: id.clone(),
            kind: room.kind,
            members: room.members.clone(),
        });
        Ok(facts.collect())
    }

    async fn open(&self, wanted: &OpenConversation) -> Result<ExternalConversation, Failure> {
        self.speaks(&wanted.speaker).await?;
        let wanted = wanted.clone();
        let app = self.0.app.clone();
        let effect = move |platform: &ModelPlatform| {
            let mut state = platform.state();
            let mut members: Vec<ExternalAccount> = vec![wanted.person.clone()];
            members.extend(wanted.stand_in.clone());
            let room = match wanted.kind {
                LegKind::Native => state.direct(&members),
                LegKind::App => state.with_app(&wanted.person),
                LegKind::Group | LegKind::Private => {
                    members.push(app);
                    let kind = ConversationKind::Group;
                    state.add_room(kind, members, Some(wanted.relay_id.clone()))
                }
            };
            Ok((room, None))
        };
        self.call(Call::Open, effect).await
    }

    async fn find_opened(
        &self,
        wanted: &OpenConversation,
        _since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        self.speaks(&wanted.speaker).await?;
        let wanted = wanted.clone();
        let effect = move |platform: &ModelPlatform| {
            let state = platform.state();
            let found = state.rooms.iter().find(|(_, room)| match wanted.kind {
                LegKind::Native => {
                    let stand_in = wanted.stand_in.as_ref();
                    room.kind == ConversationKind::Direct
                        && room.members.contains(&wanted.person)
                        && stand_in.is_some_and(|account| room.members.contains(account))
                }
                LegKind::App => {
                    room.kind == ConversationKind::WithApp && room.members.contains(&wanted.person)
                }
                LegKind::Group | LegKind::Private => {
                    room.opened_for.as_ref() == Some(&wanted.relay_id)
                }
            });
            Ok((found.map(|(id, _)| id.clone()), None))
        };
        self.call(Call::FindOpened, effect).await
    }

    fn split(&self, content: Content) -> Vec<Content> {
        let text = content.to_plain();
        text.split(CUT).map(Content::plain).collect()
    }

    fn as_read_back(&self, content: &Content, by: &SaidBy<'_>) -> Content {
        match (self.0.capabilities.app_name, by.shown_as) {
            (NameShown::InTheText, Some(shown)) => content
                .clone()
                .led_by(vec![Inline::Text(format!("{}: ", shown.name))]),
            (NameShown::InTheText, None) | (NameShown::OverThePost, _) => content.clone(),
        }
    }

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        self.speaks(post.speaker).await?;
        let new = self.new_message(post);
        let room = post.conversation.clone();
        let saying = self.saying(&room, post.relay_id, post.speaker);
        let effect = move |platform: &ModelPlatform| {
            if !platform.state().has(&room) {
                return Err(failure(FailureKind::Gone));
            }
            let at = platform.clock.now();
            let (message, event) = platform.put(&room, new);
            platform.note_said(saying, Operation::Post, &message);
            Ok((Posted { message, at }, event))
        };
        self.call(Call::Post, effect).await
    }

    async fn edit(&self, edit: &Edit<'_>) -> Result<(), Failure> {
        self.speaks(edit.speaker).await?;
        let (room, message) = (edit.conversation.clone(), edit.message.clone());
        let content = self.as_read_back(edit.content, &edit.said_by());
        let saying = self.saying(&room, edit.relay_id, edit.speaker);
        let effect = move |platform: &ModelPlatform| {
            let event = platform.change(&room, &message, content);
            platform.note_said(saying, Operation::Edit, &message);
            Ok(((), event))
        };
        self.call(Call::Edit, effect).await
    }

    async fn delete(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
        speaker: &Speaker,
    ) -> Result<(), Failure> {
        self.speaks(speaker).await?;
        let (room, message) = (conversation.clone(), message.clone());
        let effect = move |platform: &ModelPlatform| {
            let event = platform.remove(&room, &message);
            Ok(((), event))
        };
        self.call(Call::Delete, effect).await
    }

    async fn history(
        &self,
        conversation: &ExternalConversation,
        speaker: &Speaker,
        since: Timestamp,
    ) -> Result<Vec<Incoming>, Failure> {
        self.speaks(speaker).await?;
        let room = conversation.clone();
        let effect = move |platform: &ModelPlatform| {
            let listed = platform.clock.now().plus_ms(-platform.state().list_lag_ms);
            let mut state = platform.state();
            if !state.has(&room) {
                return Err(failure(FailureKind::Gone));
            }
            let found = &state.rooms[&room];
            let messages = found
                .messages
                .iter()
                .filter(|message| !message.deleted && message.at >= since && message.at <= listed);
            let events = messages.filter_map(|message| state.posted(&room, message));
            Ok((events.collect(), None))
        };
        self.call(Call::History, effect).await
    }

    async fn answer(&self, _answer: &str, content: &Content) -> Result<(), Failure> {
        let text = content.to_plain();
        let effect = move |platform: &ModelPlatform| {
            platform.state().answers.push(text);
            Ok(((), None))
        };
        self.call(Call::Answer, effect).await
    }

    fn permalink(
        &self,
        conversation: &ExternalConversation,
        message: &ExternalMessage,
    ) -> Option<String> {
        Some(format!("model://{conversation}/{message}"))
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        self.0.state().signs_in.then_some(self)
    }

    fn guests(&self) -> Option<&dyn Guests> {
        None
    }

    async fn listen(
        &self,
        sink: Arc<dyn EventSink>,
        _hearing: watch::Receiver<Hearing>,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let socket = {
            let mut state = self.0.state();
            state.sockets += 1;
            state.sockets
        };
        let hears = async {
            if self.0.capabilities.source_catches_up {
                self.poll(sink.as_ref()).await;
            } else {
                self.hear(sink.as_ref()).await;
            }
        };
        tokio::select! {
            () = hears => {}
            () = stop.cancelled() => {}
        }
        let is_last = self.0.state().sockets == socket;
        if is_last && !self.0.capabilities.source_catches_up {
            self.0.cut();
        }
        Ok(())
    }
}

impl ModelConnector {
    /// Something happens, or what is told late is due.
    async fn news(&self) {
        match self.0.next_overdue_ms() {
            Some(ms) => {
                tokio::select! {
                    biased;
                    () = self.0.happened.notified() => {}
                    () = sleep(Duration::from_millis(ms)) => {}
                }
            }
            None => self.0.happened.notified().await,
        }
    }

    async fn say_that_it_hears(&self, sink: &dyn EventSink) {
        let mute = self.0.state().mute;
        if !mute {
            sink.listening().await;
        }
    }

    /// A socket: an event is told again until it was taken, as long as the socket stands.
    async fn hear(&self, sink: &dyn EventSink) {
        self.0.cut();
        self.0.state().listening = true;
        self.say_that_it_hears(sink).await;
        sink.health(HealthState::Connected, None).await;
        loop {
            self.0.tell_overdue();
            let next = self.0.state().told.front().cloned();
            let Some(event) = next else {
                self.news().await;
                continue;
            };
            if sink.take(vec![event.clone()], None).await.is_ok() {
                let mut state = self.0.state();
                state.acknowledged.insert(event.key);
                state.told.pop_front();
            } else {
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// A poll: a cursor into everything that ever happened.
    async fn poll(&self, sink: &dyn EventSink) {
        self.say_that_it_hears(sink).await;
        sink.health(HealthState::Connected, None).await;
        loop {
            self.0.tell_overdue();
            let cursor = sink.cursor("log").await;
            let read = cursor
                .and_then(|cursor| cursor.parse().ok())
                .unwrap_or(0usize);
            let (events, now) = {
                let state = self.0.state();
                let events: Vec<_> = state.log[read..].to_vec();
                (events, state.log.len())
            };
            if events.is_empty() {
                self.news().await;
                continue;
            }
            let keys: Vec<_> = events.iter().map(|event| event.key.clone()).collect();
            let twice = self.0.state().twice;
            let told = if twice {
                events
                    .iter()
                    .flat_map(|event| [event.clone(), event.clone()])
                    .collect()
            } else {
                events
            };
            let cursor = Some(("log".to_owned(), now.to_string()));
            if sink.take(told, cursor).await.is_ok() {
                self.0.state().acknowledged.extend(keys);
            } else {
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

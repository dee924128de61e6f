//! Slash commands, presses on buttons, and where the app answers them.

use serde_json::{Value, json};

use crate::{clock::Millis, stand_in::Refusal};

use super::{
    Workspace,
    arguments::Arguments,
    failure::Failure,
    ids::{ConversationId, Ts, UserId},
    json::message_json,
    replies::ReplyPlace,
    sockets::{Envelope, Outcome},
    state::{Conversation, Kind, Message, State, User, UserKind, Written},
    text::{actions, rich_text},
};

/// The command that the app's manifest declares.
const COMMAND: &str = "/causeway";

impl Workspace {
    /// Gives a slash command in a conversation. Answers its trigger's id.
    pub(super) fn command(
        &self,
        user: &UserId,
        place: &ConversationId,
        text: &str,
    ) -> Result<String, Refusal> {
        let (command, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if command != COMMAND {
            return Err(Refusal::Invalid(format!(
                "{command} is not a command of this workspace"
            )));
        }
        let place = ReplyPlace {
            conversation: place.clone(),
            user: user.clone(),
            message: None,
        };
        let (payload, trigger) = self.change(|state, now| {
            let (trigger, reply_url) = self.open_reply(state, "commands", place.clone(), now);
            let mut payload = command_payload(state, &place, command, rest.trim());
            payload["response_url"] = reply_url.into();
            payload["trigger_id"] = trigger.clone().into();
            (payload, trigger)
        });
        self.ask("slash_commands", payload, place, Some(command.to_owned()));
        Ok(trigger)
    }

    /// Presses the button with this action's id.
    pub(super) fn press(
        &self,
        user: &UserId,
        place: &ConversationId,
        (ts, action_id): (Ts, &str),
    ) -> Result<(), Refusal> {
        let place = ReplyPlace {
            conversation: place.clone(),
            user: user.clone(),
            message: Some(ts),
        };
        let payload = self.change(|state, now| {
            let action = pressed(state, &place.conversation, ts, action_id)?;
            let (trigger, reply_url) = self.open_reply(state, "actions", place.clone(), now);
            let at = state.next_ts(now);
            let mut payload = press_payload(state, &place, ts);
            payload["actions"] = json!([with_time(action, at)]);
            payload["response_url"] = reply_url.into();
            payload["trigger_id"] = trigger.into();
            Ok(payload)
        })?;
        self.ask("interactive", payload, place, None);
        Ok(())
    }

    /// Sends it to the app once, and puts what the acknowledgement carries where the person is.
    fn ask(&self, kind: &'static str, payload: Value, place: ReplyPlace, command: Option<String>) {
        let envelope = Envelope {
            kind,
            payload,
            answerable: true,
        };
        let sent = self.sockets.send(&envelope, 0, "");
        let (sockets, workspace) = (self.sockets.clone(), self.me.clone());
        tokio::spawn(async move {
            let outcome = sockets.outcome(sent).await;
            let Some(workspace) = workspace.upgrade() else {
                return;
            };
            workspace.answered(outcome, &place, command.as_deref());
        });
    }

    fn answered(&self, outcome: Outcome, place: &ReplyPlace, command: Option<&str>) {
        let failed = match outcome {
            Outcome::Acknowledged(answer) if answer.is_object() && command.is_some() => {
                let args = Arguments::of(answer);
                // An answer that Slack cannot read is dropped: the acknowledgement stands.
                let _ = self.change(|state, now| answer_at(state, place, &args, now));
                return;
            }
            Outcome::Acknowledged(_) => return,
            Outcome::TimedOut | Outcome::Failed("http_timeout") => "operation_timeout",
            Outcome::NoSocket => "dispatch_failed",
            Outcome::Failed(_) | Outcome::Refused => "http_service_error",
        };
        if let Some(command) = command {
            let text = format!("{command} failed with the error \"{failed}\"");
            self.change(|state, now| slackbot_says(state, place, text, now));
        }
    }

    /// Opens the address where the app may answer.
    fn open_reply(
        &self,
        state: &mut State,
        kind: &str,
        place: ReplyPlace,
        now: Millis,
    ) -> (String, String) {
        let label = state.fresh("reply");
        let seed = state.seed;
        let (number, secret) = (seed.digits(&label, 13), seed.letters(&label, 24));
        let team = state.app.team.clone();
        state.reply_urls.open(secret.clone(), place, now);
        let trigger = format!(
            "{number}.{}.{}",
            seed.digits("team", 11),
            seed.hex(&label, 32)
        );
        (
            trigger,
            format!("http://{}/{kind}/{team}/{number}/{secret}", self.host),
        )
    }

    /// An answer to a `response_url`.
    pub(super) fn reply(&self, secret: &str, body: Value) -> Result<(), Failure> {
        let args = Arguments::of(body);
        self.change(|state, now| {
            let place = state.reply_urls.take(secret, now)?;
            answer_at(state, &place, &args, now)
        })
    }
}

fn answer_at(
    state: &mut State,
    place: &ReplyPlace,
    args: &Arguments,
    now: Millis,
) -> Result<(), Failure> {
    if args.flag("delete_original") {
        if let Some(ts) = place.message {
            state.delete(&place.conversation, ts, now);
        }
        return Ok(());
    }
    let label = state.fresh("block");
    let block_id = state.seed.letters(&label, 5);
    let Some(body) = super::methods::body(args, &block_id)? else {
        return Ok(());
    };
    if let Some(ts) = place.message.filter(|_| args.flag("replace_original")) {
        state.edit(&place.conversation, ts, now, |message| {
            message.text = body.text;
            message.blocks = body.blocks;
            message.attachments = body.attachments;
        });
        return Ok(());
    }
    let mut message = Message::new(state.app.bot_user.clone(), Written::Posted, body.text);
    message.blocks = body.blocks;
    message.attachments = body.attachments;
    if args.text("response_type").as_deref() != Some("in_channel") {
        message.only_for = Some(place.user.clone());
    }
    let is_for_all = message.only_for.is_none();
    let ts = state.insert(&place.conversation, message, now);
    if is_for_all {
        state.tell_posted(&place.conversation, ts, now);
    }
    Ok(())
}

fn slackbot_says(state: &mut State, place: &ReplyPlace, text: String, now: Millis) {
    let slackbot = state
        .users
        .iter()
        .find(|user| user.kind == UserKind::Slackbot);
    let author = slackbot.map_or_else(|| state.app.bot_user.clone(), |user| user.id.clone());
    let written = Written::Typed {
        client_msg_id: String::new(),
    };
    let mut message = Message::new(author, written, text);
    message.blocks = vec![rich_text(&message.text, "s")];
    message.only_for = Some(place.user.clone());
    state.insert(&place.conversation, message, now);
}

fn command_payload(state: &State, place: &ReplyPlace, command: &str, text: &str) -> Value {
    let app = &state.app;
    let channel = state.conversations.get(&place.conversation);
    json!({
        "token": app.verification,
        "team_id": app.team,
        "team_domain": app.domain,
        "channel_id": place.conversation,
        "channel_name": channel.map(shown_name),
        "user_id": place.user,
        "user_name": state.user(place.user.as_str()).map(|user| user.handle.as_str()),
        "command": command,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": "false",
    })
}

/// How payloads name a conversation.
fn shown_name(conversation: &Conversation) -> String {
    match conversation.kind {
        Kind::Channel => conversation.name.clone(),
        Kind::PrivateChannel => "privategroup".to_owned(),
        Kind::GroupDm => conversation.name.clone(),
        Kind::Dm => "directmessage".to_owned(),
    }
}

fn press_payload(state: &State, place: &ReplyPlace, ts: Ts) -> Value {
    let app = &state.app;
    let channel = state.conversations.get(&place.conversation);
    let message = channel.and_then(|channel| Some((channel, channel.messages.get(&ts)?)));
    let is_ephemeral = message.is_some_and(|(_, message)| message.only_for.is_some());
    let handle = state
        .user(place.user.as_str())
        .map(|user: &User| user.handle.as_str());
    let mut payload = json!({
        "type": "block_actions",
        "user": { "id": place.user, "username": handle, "name": handle, "team_id": app.team },
        "api_app_id": app.id,
        "token": app.verification,
        "container": {
            "type": "message",
            "message_ts": ts,
            "channel_id": place.conversation,
            "is_ephemeral": is_ephemeral,
        },
        "team": { "id": app.team, "domain": app.domain },
        "enterprise": null,
        "is_enterprise_install": false,
        "channel": { "id": place.conversation, "name": channel.map(shown_name) },
        "state": { "values": {} },
    });
    if let Some((channel, message)) = message.filter(|_| !is_ephemeral) {
        payload["message"] = Value::Object(message_json(state, channel, message, true));
    }
    payload
}

/// The button of this id, with the id of its block.
fn pressed(
    state: &State,
    place: &ConversationId,
    ts: Ts,
    action_id: &str,
) -> Result<Value, Refusal> {
    let message = state
        .conversations
        .get(place)
        .and_then(|found| found.messages.get(&ts));
    let message = message.ok_or_else(|| Refusal::NotFound(format!("message {ts}")))?;
    let found = message.blocks.iter().find_map(|block| {
        let action = actions(std::slice::from_ref(block)).find(|a| a["action_id"] == action_id)?;
        let mut action = action.clone();
        action["block_id"] = block["block_id"].clone();
        Some(action)
    });
    found.ok_or_else(|| Refusal::NotFound(format!("a button {action_id} under message {ts}")))
}

fn with_time(mut action: Value, at: Ts) -> Value {
    action["action_ts"] = at.to_string().into();
    action
}

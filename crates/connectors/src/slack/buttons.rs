//! Buttons under what the app says, and the pressing of them.
//!
//! Source: <https://docs.slack.dev/reference/block-kit/block-elements/button-element>,
//! <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>.

use causeway_model::{
    Author, AuthorKind, Button, ButtonAct, Clock, EventKey, ExternalAccount, ExternalConversation,
    Happening, Incoming,
};
use serde_json::{Value, json};

use super::{
    stamp,
    wire::{Action, BlockActions},
};

/// What the ids of buttons that tell us something begin with.
const TELL: &str = "causeway:";
/// Of those that open a URL: Slack reports them too, and that means nothing.
const OPEN: &str = "causeway-open:";

const MOST_IN_A_BLOCK: usize = 25;
const LONGEST_LABEL: usize = 75;
const LONGEST_ID: usize = 255;

/// The block that shows them; none where there are none. Ids are unique where values are.
pub(super) fn block(buttons: &[Button]) -> Option<Value> {
    let first_tell = buttons
        .iter()
        .position(|button| matches!(button.act, ButtonAct::Tell(_)));
    let elements: Vec<Value> = buttons
        .iter()
        .take(MOST_IN_A_BLOCK)
        .enumerate()
        .map(|(index, button)| element(index, button, first_tell == Some(index)))
        .collect();
    (!elements.is_empty()).then(|| json!({ "type": "actions", "elements": elements }))
}

fn element(index: usize, button: &Button, is_first_tell: bool) -> Value {
    let mut element = json!({
        "type": "button",
        "text": { "type": "plain_text", "text": cut(&button.label, LONGEST_LABEL) },
    });
    match &button.act {
        ButtonAct::Tell(value) => {
            element["action_id"] = cut(&format!("{TELL}{value}"), LONGEST_ID).into();
            element["value"] = value.as_str().into();
            if is_first_tell {
                element["style"] = "primary".into();
            }
        }
        ButtonAct::Open(url) => {
            element["action_id"] = format!("{OPEN}{index}").into();
            element["url"] = url.as_str().into();
        }
    }
    element
}

/// Whether a button of this id is one of ours.
pub(super) fn is_own(action_id: &str) -> bool {
    action_id.starts_with(TELL) || action_id.starts_with(OPEN)
}

/// The presses of our buttons that tell us something.
pub(super) fn pressed(actions: BlockActions, clock: &dyn Clock) -> Vec<Incoming> {
    let container = actions.container.as_ref();
    let channel = actions
        .channel
        .as_ref()
        .map(|channel| channel.id.as_str())
        .or_else(|| container?.channel_id.as_deref());
    let Some(channel) = channel else {
        return Vec::new();
    };
    let message = container.and_then(|container| container.message_ts.as_deref());
    let place = format!("{channel}:{}", message.unwrap_or_default());
    let press = |action: &Action| {
        let told = action.action_id.strip_prefix(TELL)?;
        let value = action.value.as_deref().unwrap_or(told);
        let (user, id) = (&actions.user.id, &action.action_id);
        let stamp = action.action_ts.as_deref().unwrap_or_default();
        Some(Incoming {
            key: EventKey(format!("b:{place}:{user}:{stamp}:{id}")),
            contains: Vec::new(),
            changed_at: None,
            conversation: ExternalConversation::new(channel),
            conversation_kind: None,
            heard_by: None,
            author: Author {
                account: ExternalAccount::new(user),
                kind: AuthorKind::Person,
            },
            at: stamp::millis(stamp).unwrap_or_else(|| clock.now()),
            happened: Happening::Pressed {
                button: value.to_owned(),
                answer: actions.response_url.clone(),
            },
        })
    };
    actions.actions.iter().filter_map(press).collect()
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(label: &str, act: ButtonAct) -> Button {
        Button {
            label: label.to_owned(),
            act,
        }
    }

    #[test]
    fn buttons_stand_in_one_block_and_the_first_that_tells_is_the_main_one() {
        let shown = block(&[
            button("Read more", ButtonAct::Open("https://a.example".into())),
            button("Start", ButtonAct::Tell("start:7".into())),
            button("Not now", ButtonAct::Tell("no:7".into())),
        ]);
        let text = |text: &str| json!({ "type": "plain_text", "text": text });
        let wanted = json!({ "type": "actions", "elements": [
            { "type": "button", "text": text("Read more"), "action_id": "causeway-open:0",
              "url": "https://a.example" },
            { "type": "button", "text": text("Start"), "action_id": "causeway:start:7",
              "value": "start:7", "style": "primary" },
            { "type": "button", "text": text("Not now"), "action_id": "causeway:no:7",
              "value": "no:7" },
        ] });
        assert_eq!(shown, Some(wanted));
        assert_eq!(block(&[]), None);
    }

    #[test]
    fn what_slack_limits_is_cut() {
        let long = "x".repeat(400);
        let shown = block(&[button(&long, ButtonAct::Tell(long.clone()))]).expect("a block");
        let shown = &shown["elements"][0];
        let length = |value: &Value| value.as_str().expect("text").len();
        assert_eq!(length(&shown["text"]["text"]), LONGEST_LABEL);
        assert_eq!(length(&shown["action_id"]), LONGEST_ID);
        assert_eq!(shown["value"], long.as_str());
    }
}

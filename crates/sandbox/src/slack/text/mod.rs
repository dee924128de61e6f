//! mrkdwn and `rich_text`: what people's own clients make of what they type, and what a person
//! reads in blocks.

mod inline;
mod rich;
mod shown;
mod typed;

pub use inline::{CUSTOM_EMOJI, is_emoji};
pub use rich::rich_text;
pub use shown::{actions, buttons, shown_text};
pub use typed::typed;

//! Text as people type and read it in the app: `*bold*`, `_italic_`, `~struck~`, `__underlined__`,
//! `[label](https://…)`, `@Name`, and lines with `- `, `1. ` or `> ` before them. What is typed
//! becomes plain text with ranges, as the app's composer makes it, and is shown with the same signs.

mod shown;
mod typed;

pub use shown::shown;
pub use typed::{Mentionable, typed};

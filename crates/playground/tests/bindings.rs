//! The Sandbox page's TypeScript types are those of the playground:
//! `ui/src/lib/backend/sandbox-bindings.ts` is rendered here, and the build fails where the committed
//! file says something else.

use std::path::Path;

use causeway_playground::{
    Breakage, ChatMessage, Conversation, DeedKind, DeedTarget, FoundPerson, MessageButton,
    MessageLink, PromptAnswer, PromptAnswered, SandboxAccount, SandboxDeed, SandboxHub,
    SandboxPerson, SandboxReport, SandboxState,
};
use ts_rs::{Config, TS};

/// Rewrites the file instead of comparing, when set.
const UPDATE: &str = "UPDATE_BINDINGS";

const HEADER: &str =
    "// Rendered from the playground by crates/playground/tests/bindings.rs. Not edited by hand:
// UPDATE_BINDINGS=1 cargo test -p causeway-playground --test bindings

import type { HubError, Platform } from \"./bindings\";
";

#[test]
fn the_sandbox_pages_types_are_those_of_the_playground() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/backend/sandbox-bindings.ts");
    let rendered = render();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &rendered).expect("the bindings can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == rendered,
        "{} is out of date; run it again with {UPDATE}=1",
        path.display()
    );
}

fn render() -> String {
    let config = Config::new().with_large_int("number");
    let declarations = [
        declaration::<Breakage>(&config),
        declaration::<ChatMessage>(&config),
        declaration::<Conversation>(&config),
        declaration::<DeedKind>(&config),
        declaration::<DeedTarget>(&config),
        declaration::<FoundPerson>(&config),
        declaration::<MessageButton>(&config),
        declaration::<MessageLink>(&config),
        declaration::<PromptAnswer>(&config),
        declaration::<PromptAnswered>(&config),
        declaration::<SandboxAccount>(&config),
        declaration::<SandboxDeed>(&config),
        declaration::<SandboxHub>(&config),
        declaration::<SandboxPerson>(&config),
        declaration::<SandboxReport>(&config),
        declaration::<SandboxState>(&config),
    ];
    let text = format!("{HEADER}{}", declarations.concat());
    text.lines()
        .flat_map(|line| [line.trim_end(), "\n"])
        .collect()
}

fn declaration<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl(config))
}

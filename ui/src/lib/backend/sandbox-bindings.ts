// Rendered from the playground by crates/playground/tests/bindings.rs. Not edited by hand:
// UPDATE_BINDINGS=1 cargo test -p causeway-playground --test bindings

import type { HubError, Platform } from "./bindings";

export type Breakage = { "kind": "throttle", platform: Platform, } | { "kind": "cut", platform: Platform, } | { "kind": "mend" } | { "kind": "kill_hub" } | { "kind": "start_hub" } | { "kind": "guests", allowed: boolean, };

export type ChatMessage = { id: string,
/**
 * The address of the person whose account wrote it, or the app's name.
 */
author: string,
/**
 * The name that stands over it.
 */
shown_as: string, text: string, edited: boolean, deleted: boolean,
/**
 * Milliseconds since the Unix epoch, in the sandbox's time.
 */
sent_at: number,
/**
 * Only this person sees it.
 */
ephemeral: boolean, buttons: Array<MessageButton>,
/**
 * The buttons that open a page.
 */
links: Array<MessageLink>, };

/**
 * A conversation as one person's app shows it.
 */
export type Conversation = { id: string,
/**
 * `dm`, `group_dm`, `private_channel`, `channel`, `chat`, `group_chat`, `app`
 */
kind: string,
/**
 * Names of the others in it.
 */
with: Array<string>, topic: string | null,
/**
 * Oldest first.
 */
messages: Array<ChatMessage>, };

export type DeedKind = "send" | "edit" | "delete" | "command" | "press" | "app_message";

export type DeedTarget = { "dm": string } | { "conversation": string } | { "message": string };

/**
 * Somebody whom a person's own search finds.
 */
export type FoundPerson = { email: string | null, name: string, conversation: string | null, };

/**
 * A button that can be pressed.
 */
export type MessageButton = { id: string, label: string, };

export type MessageLink = { label: string, url: string, };

export type PromptAnswer = "grant" | "decline" | "ignore";

export type PromptAnswered = { answered: boolean,
/**
 * What the sign-in page said where it let the person no further.
 */
refused: string | null, };

export type SandboxAccount = { platform: Platform, name: string, active: boolean,
/**
 * Whether its owner has authorised the hub's app.
 */
authorised: boolean, };

/**
 * What a person does in their own app.
 */
export type SandboxDeed = { email: string, platform: Platform, what: DeedKind, to: DeedTarget | null, text: string, };

/**
 * The hub that relays in the sandbox.
 */
export type SandboxHub = "absent" | "starting" | "running" | "killed";

export type SandboxPerson = { email: string, name: string, title: string, works_on: Platform, accounts: Array<SandboxAccount>, };

export type SandboxReport = { state: SandboxState, hub: SandboxHub,
/**
 * Why it did not start.
 */
error: HubError | null,
/**
 * Everyone at Acme, by name.
 */
people: Array<SandboxPerson>,
/**
 * Which platforms refuse calls with a pause, until mended.
 */
throttled: Array<Platform>,
/**
 * Which platforms cannot be reached, until mended.
 */
cut: Array<Platform>,
/**
 * Whether the tenant lets guests be invited.
 */
guests_allowed: boolean,
/**
 * How many times as fast as ours the sandbox's clock runs.
 */
speed: number, };

export type SandboxState = "stopped" | "starting" | "running" | "stopping" | "failed";

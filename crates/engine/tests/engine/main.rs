//! The engine on model platforms: every way a message can take, and every way it can be disturbed.

mod asks;
mod catching_up;
mod chance;
mod changes;
mod consent;
mod consent_chance;
mod crashes;
mod echoes;
mod lateness;
mod legs;
mod members;
mod ordinary;
mod pairings;
mod removal;
mod restored;
mod stopping;
mod support;
mod unknown;

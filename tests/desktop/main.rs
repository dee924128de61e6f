//! The desktop as people meet it: the real binary in a real window, driven by WebDriver.

#[path = "../support/mod.rs"]
mod support;

mod sandbox;
mod window;

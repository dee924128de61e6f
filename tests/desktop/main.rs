//! The desktop as people meet it: the real binary in a real window, driven by WebDriver.

mod program;
mod sandbox;
mod support;
mod window;

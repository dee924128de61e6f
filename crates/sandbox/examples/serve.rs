//! Serves the sandbox until it is ended, and prints its addresses and credentials as one line of
//! JSON: `cargo run -p causeway-sandbox --example serve -- [PORT [SPEED]]`.

use anyhow::{Context, Result};
use causeway_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |what: &'static str| -> Result<Option<u32>> {
        arguments
            .next()
            .map(|text| text.parse().context(what))
            .transpose()
    };
    let port = number("PORT is a number")?.unwrap_or(0);
    let port = u16::try_from(port).context("PORT is at most 65532")?;
    let speed = number("SPEED is a number")?.unwrap_or(1);
    let options = Options {
        port: Some(port),
        speed,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await?;
    println!("{}", sandbox.description());
    sandbox.wait().await
}

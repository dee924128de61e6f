//! How much of what a platform allows is used, and whether it ever has to refuse.

use std::time::Duration;

use anyhow::{Result, bail};
use causeway_model::Platform;

use super::{
    orders::{Lane, Limit, Order, Reply, Until},
    sizes::Sizes,
    stage::{Stage, UNHINDERED},
};

/// Fifty channels with more to say than they may.
const CHANNELS: std::ops::Range<Lane> = 25..75;
/// Messages of a channel that are under way.
const WINDOW: u32 = 8;
/// That the count is over before there is nothing more to be sent.
const MARGIN: Duration = Duration::from_millis(500);

/// What came of one platform's budget.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub accepted: u64,
    pub refused: u64,
    /// What the limit would have let through, bursts left out.
    pub allowed: f64,
}

/// Messages from Slack against a limit of Teams, or the other way round.
///
/// Source of the limits: <https://docs.slack.dev/apis/web-api/rate-limits> (one post a second in
/// each channel, short bursts; several hundred a minute in a workspace, taken as 300),
/// <https://learn.microsoft.com/graph/throttling-limits> (four requests a second in a channel,
/// twenty messages a second in a tenant).
pub async fn used(stage: &mut Stage, platform: Platform, sizes: &Sizes) -> Result<Used> {
    let (each, whole, speed) = match platform {
        Platform::Slack => ((1.0, 5.0), (5.0, 65.0), sizes.slack_speed),
        Platform::Teams => ((4.0, 5.0), (20.0, 20.0), sizes.teams_speed),
        Platform::Webex | Platform::Zoom => bail!("no budget of {} is held", platform.name()),
    };
    let limit = Limit {
        per_second: each.0,
        burst: each.1,
        whole_per_second: whole.0,
        whole_burst: whole.1,
        speed: f64::from(speed),
        seconds: sizes.budget_seconds,
    };
    let channels: Vec<Lane> = CHANNELS.collect();
    stage.set_pace(UNHINDERED).await?;
    stage.hears().await?;
    stage.warm(&channels).await?;
    stage.set_pace(speed).await?;
    stage.hears().await?;
    stage.sink.tell(&Order::Limit(limit)).await?;
    let lasts = Duration::from_secs_f64(limit.seconds / limit.speed) + MARGIN;
    match platform {
        Platform::Teams => {
            let until = Until::Millis(lasts.as_millis() as u64);
            stage.write(&channels, WINDOW, until).await?;
        }
        Platform::Slack | Platform::Webex | Platform::Zoom => {
            let each = (limit.per_second * limit.seconds + limit.burst) as u32 + WINDOW;
            let lanes = channels.clone();
            stage.sink.tell(&Order::Letters { lanes, each }).await?;
        }
    }
    let Reply::Counted {
        accepted,
        throttled,
    } = stage.sink.ask(&Order::Counted).await?
    else {
        bail!("the sink did not count");
    };
    Ok(Used {
        accepted,
        refused: throttled,
        allowed: limit.seconds
            * limit
                .whole_per_second
                .min(limit.per_second * channels.len() as f64),
    })
}

//! What this machine does without a relay, measured in the same run: the relay's figures are told
//! as shares of it.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result, bail};
use causeway_connectors::http::{Client, client};
use causeway_store::reference::Reference;
use tokio::task::{JoinSet, block_in_place};

use super::{
    now,
    orders::{Order, Reply},
    process::Sink,
    stats::{median, percentile},
};

/// How many speak at once in `bare_16` and are committed together in `store_16`.
const TOGETHER: usize = 16;
/// Rows that a message is in the reference.
const ROWS: u32 = 5;
/// What a disk takes as one write.
const BLOCK: usize = 4_096;

/// The relay's own HTTP client, posting to the relay's own far side what the relay posted there.
pub struct Bare {
    client: Client,
    url: String,
    body: String,
}

impl Bare {
    /// Takes a post that the relay has made as the pattern.
    pub async fn after(sink: &mut Sink) -> Result<Self> {
        let Reply::Sample { path, body } = sink.ask(&Order::Sample).await? else {
            bail!("the sink gave no sample");
        };
        let host = sink.addresses.graph.trim_end_matches("/v1.0");
        Ok(Self {
            client: client().context("the network cannot be used")?,
            url: format!("{host}{path}"),
            body,
        })
    }

    async fn post(&self) -> Result<()> {
        let request = self
            .client
            .post(&self.url)
            .bearer_auth("bench-access-token")
            .header("content-type", "application/json")
            .header("prefer", "include-unknown-enum-members")
            .body(self.body.clone());
        let answer = request.send().await?.error_for_status()?;
        answer.bytes().await?;
        Ok(())
    }

    /// One after the other: how many a second, and how long each took in milliseconds.
    pub async fn one_by_one(&self, posts: u32) -> Result<(f64, Vec<f64>)> {
        let mut took = Vec::with_capacity(posts as usize);
        let began = now::instant();
        for _ in 0..posts {
            let since = now::instant();
            self.post().await?;
            took.push(in_ms(since));
        }
        Ok((per_second(posts, began), took))
    }

    /// Sixteen at a time: how many a second.
    pub async fn sixteen(self: &Arc<Self>, posts: u32) -> Result<f64> {
        let each = posts.div_ceil(TOGETHER as u32);
        let began = now::instant();
        let mut senders = JoinSet::new();
        for _ in 0..TOGETHER {
            let bare = Arc::clone(self);
            senders.spawn(async move {
                for _ in 0..each {
                    bare.post().await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(sender) = senders.join_next().await {
            sender??;
        }
        Ok(per_second(each * TOGETHER as u32, began))
    }

    /// A post and then a forced write, one after the other: the 99th percentile in milliseconds.
    pub async fn and_fsync_p99(&self, disk: &mut Disk, rounds: u32) -> Result<f64> {
        let mut took = Vec::with_capacity(rounds as usize);
        for _ in 0..rounds {
            let since = now::instant();
            self.post().await?;
            block_in_place(|| disk.force())?;
            took.push(in_ms(since));
        }
        Ok(percentile(&took, 0.99))
    }
}

/// The disk, and SQLCipher on it.
pub struct Disk {
    file: File,
    reference: Reference,
}

impl Disk {
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(folder.join("forced"))?;
        file.write_all(&[0; BLOCK])?;
        file.sync_all()?;
        Ok(Self {
            file,
            reference: Reference::make(&folder.join("reference.db"))?,
        })
    }

    /// Writes a block in place and waits until the disk has it.
    fn force(&mut self) -> Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&[1; BLOCK])?;
        self.file.sync_all()?;
        Ok(())
    }

    /// The median of a forced write, in milliseconds.
    pub fn fsync_ms(&mut self, times: u32) -> Result<f64> {
        block_in_place(|| {
            let mut took = Vec::with_capacity(times as usize);
            for _ in 0..times {
                let since = now::instant();
                self.force()?;
                took.push(in_ms(since));
            }
            Ok(median(&took))
        })
    }

    /// The median of a commit of one row, in milliseconds.
    pub fn one_row_ms(&mut self, times: u32) -> Result<f64> {
        block_in_place(|| {
            let mut took = Vec::with_capacity(times as usize);
            for _ in 0..times {
                let since = now::instant();
                self.reference.commit(1)?;
                took.push(in_ms(since));
            }
            Ok(median(&took))
        })
    }

    /// Messages a second, at five rows a message and sixteen messages a commit.
    pub fn sixteen(&mut self, commits: u32) -> Result<f64> {
        block_in_place(|| {
            let began = now::instant();
            for _ in 0..commits {
                self.reference.commit(ROWS * TOGETHER as u32)?;
            }
            Ok(per_second(commits * TOGETHER as u32, began))
        })
    }
}

fn in_ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn per_second(count: u32, since: Instant) -> f64 {
    f64::from(count) / since.elapsed().as_secs_f64()
}

//! What would really break, tried on a real database file.

mod backup;
mod commits;
mod consent;
mod deliveries;
mod inbox;
mod keychain;
mod lanes;
mod ledger;
mod links;
mod migration;
mod opening;
mod pairings;
mod people;
mod population;
mod quiet;
mod stats;
mod world;

use std::path::Path;

use crate::{KeySource, OpenOptions, Store, Writer};

fn options(folder: &Path) -> OpenOptions {
    OpenOptions {
        folder: folder.to_owned(),
        key: KeySource::File(folder.join("key")),
        writer: Writer::Inline,
    }
}

fn open(folder: &Path) -> Store {
    Store::open(options(folder)).expect("the folder can be opened")
}

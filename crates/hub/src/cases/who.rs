//! Who is meant.

use causeway_model::Person;
use causeway_store::{Reader, StoreError};

use crate::{
    Hub,
    api::{ErrorCode, HubError, PersonRef},
    error::failed,
};

pub(super) async fn resolve(hub: &Hub, who: PersonRef) -> Result<Person, HubError> {
    let found = hub.read(move |reader| meant(reader, &who)).await?;
    only(found)
}

/// Everyone whom a reference fits.
pub(super) fn meant(reader: &Reader<'_>, who: &PersonRef) -> Result<Vec<Person>, StoreError> {
    match who {
        PersonRef::Id(id) => Ok(reader.person(*id)?.into_iter().collect()),
        PersonRef::Named(name) => reader.find_people(name),
    }
}

/// The one person, where there is one.
pub(super) fn only(mut found: Vec<Person>) -> Result<Person, HubError> {
    if found.len() > 1 {
        return Err(failed(
            ErrorCode::Ambiguous,
            format!("{} people fit that name or address.", found.len()),
        )
        .action("Give the id instead: `people list` shows it.")
        .build());
    }
    found.pop().ok_or_else(|| {
        failed(ErrorCode::NotFound, "Nobody fits that name, address or id.")
            .action("Import people, or look them up with `people list`.")
            .build()
    })
}

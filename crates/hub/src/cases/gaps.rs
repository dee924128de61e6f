//! What nobody heard and nobody could read back, in words.

use causeway_store::{GapRow, Reader, StoreError};

use super::look::Look;
use crate::{
    Hub,
    api::{GapView, HubError},
};

/// More are of no use to anybody who reads them.
const NEWEST: u32 = 500;

pub(crate) async fn list_gaps(hub: &Hub) -> Result<Vec<GapView>, HubError> {
    let look = Look::of(hub);
    hub.read(move |reader| {
        let sides = look.sides(reader)?;
        let mut views = Vec::new();
        for row in reader.unread_gaps(NEWEST)? {
            let Some(side) = sides.get(row.connection) else {
                continue;
            };
            views.push(GapView {
                platform: side.platform,
                between: between(reader, &row)?,
                since: row.since,
                until: row.until,
                code: row.code,
                at: row.at,
            });
        }
        Ok(views)
    })
    .await
}

/// The two people whose conversation it is; nobody where it was not known yet whose.
fn between(reader: &Reader<'_>, gap: &GapRow) -> Result<Vec<String>, StoreError> {
    let leg = match &gap.conversation {
        Some(conversation) => reader.leg_by_conversation(gap.connection, conversation)?,
        None => None,
    };
    let link = match leg.and_then(|leg| leg.link) {
        Some(link) => reader.link(link)?,
        None => None,
    };
    let mut names = Vec::new();
    for person in link
        .into_iter()
        .flat_map(|link| [link.person_a, link.person_b])
    {
        names.extend(reader.person(person)?.map(|person| person.name));
    }
    Ok(names)
}

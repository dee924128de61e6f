//! Taking a connection away, and what that would do.

use causeway_store::{Attached, ConnectionRow};

use super::connect::connected;
use crate::{
    Hub,
    api::{Disconnect, DisconnectEffect, HubError, PreviewDisconnect},
    error::from_engine,
};

pub(crate) async fn preview_disconnect(
    hub: &Hub,
    args: PreviewDisconnect,
) -> Result<DisconnectEffect, HubError> {
    let row = connected(hub, args.platform).await?;
    let id = row.connection.id;
    let attached = hub.read(move |reader| reader.attached(id)).await?;
    Ok(effect(row, attached))
}

pub(crate) async fn disconnect(hub: &Hub, args: Disconnect) -> Result<DisconnectEffect, HubError> {
    let row = connected(hub, args.platform).await?;
    let id = row.connection.id;
    let attached = hub
        .engine
        .remove(id)
        .await
        .map_err(|error| from_engine(&error))?;
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))?;
    Ok(effect(row, attached))
}

fn effect(row: ConnectionRow, attached: Attached) -> DisconnectEffect {
    let connection = row.connection;
    let Attached {
        pairings,
        people,
        unsent,
        guests,
        authorised,
    } = attached;
    DisconnectEffect {
        platform: connection.platform,
        words: words(connection.platform.name(), &attached),
        name: connection.name,
        pairings,
        people,
        unsent,
        guests,
        authorised,
    }
}

fn words(platform: &str, attached: &Attached) -> Vec<String> {
    let mut sentences = vec![
        match (attached.pairings, attached.people) {
            (0, _) => "Nobody is paired there.".to_owned(),
            (1, _) => "1 pairing ends.".to_owned(),
            (pairings, 1) => format!("{pairings} pairings of 1 person end."),
            (pairings, people) => format!("{pairings} pairings of {people} people end."),
        },
        match attached.unsent {
            0 => "Nothing is waiting to be sent.".to_owned(),
            1 => "1 delivery that waits is not sent any more.".to_owned(),
            many => format!("{many} deliveries that wait are not sent any more."),
        },
        match attached.authorised {
            0 => "The hub forgets its credentials there.".to_owned(),
            1 => "The hub forgets its credentials there, and what 1 person authorised.".to_owned(),
            many => {
                format!("The hub forgets its credentials there, and what {many} people authorised.")
            }
        },
    ];
    match attached.guests {
        0 => {}
        1 => sentences.push(format!(
            "1 guest account that the hub made stays in {platform}."
        )),
        many => sentences.push(format!(
            "{many} guest accounts that the hub made stay in {platform}."
        )),
    }
    sentences.push("The record of what was delivered stays.".to_owned());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_is_told_in_whole_sentences_whatever_the_numbers() {
        let many = Attached {
            pairings: 3,
            people: 2,
            unsent: 1,
            guests: 1,
            authorised: 2,
        };
        assert_eq!(
            words("Microsoft Teams", &many).join(" "),
            "3 pairings of 2 people end. 1 delivery that waits is not sent any more. The hub \
             forgets its credentials there, and what 2 people authorised. 1 guest account that \
             the hub made stays in Microsoft Teams. The record of what was delivered stays."
        );
        assert_eq!(
            words("Slack", &Attached::default()).join(" "),
            "Nobody is paired there. Nothing is waiting to be sent. The hub forgets its \
             credentials there. The record of what was delivered stays."
        );
    }
}

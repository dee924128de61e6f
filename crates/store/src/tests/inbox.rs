use causeway_model::{
    ConversationFacts, ConversationKind, EventKey, ExternalAccount, ExternalConversation,
    HealthState,
};

use super::world::{NOW, World, at};
use crate::{InboxWhy, TokenRow};

fn conversation(id: &str) -> ExternalConversation {
    ExternalConversation::new(id)
}

#[tokio::test]
async fn an_event_is_new_once_per_connection() {
    let world = World::new().await;
    let (slack, teams) = (world.slack, world.teams);
    world
        .write(move |tx| {
            let key = EventKey("D1/1.2/posted".to_owned());
            assert!(!tx.is_seen(slack, &key)?);
            assert!(tx.note_seen(slack, &key, NOW)?);
            assert!(!tx.note_seen(slack, &key, at(9))?);
            assert!(tx.is_seen(slack, &key)?);
            assert!(tx.note_seen(teams, &key, NOW)?);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_inbox_keeps_order_by_conversation_until_rows_are_taken() {
    let world = World::new().await;
    let slack = world.slack;
    world
        .write(move |tx| {
            let (d1, d2) = (conversation("D1"), conversation("D2"));
            let first = tx.put_inbox(slack, &d2, "a", InboxWhy::Unresolved, NOW)?;
            tx.put_inbox(slack, &d1, "b", InboxWhy::Held, NOW)?;
            tx.put_inbox(slack, &d2, "c", InboxWhy::Held, NOW)?;
            let waiting = tx.inbox_of_conversation(slack, &d2)?;
            let payloads: Vec<_> = waiting.iter().map(|row| row.payload.as_str()).collect();
            assert_eq!(payloads, ["a", "c"]);
            assert_eq!(
                tx.unresolved_conversations(slack)?,
                std::slice::from_ref(&d2)
            );
            tx.take_inbox(first)?;
            assert!(tx.unresolved_conversations(slack)?.is_empty());
            assert!(tx.has_inbox(slack, &d2)?);
            assert!(!tx.has_inbox(slack, &conversation("D3"))?);
            assert!(tx.take_inbox(first).is_err());
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_conversations_last_event_never_moves_back_and_its_facts_stand_beside_it() {
    let world = World::new().await;
    let slack = world.slack;
    world
        .write(move |tx| {
            let d1 = conversation("D1");
            tx.touch_conversation(slack, &d1, at(5))?;
            tx.touch_conversation(slack, &d1, at(3))?;
            assert_eq!(tx.last_seen_at(slack, &d1)?, Some(at(5)));
            assert_eq!(tx.conversation_facts(slack, &d1)?, None);
            let facts = ConversationFacts {
                id: d1.clone(),
                kind: ConversationKind::Direct,
                members: vec![ExternalAccount::new("U1"), ExternalAccount::new("U2")],
            };
            tx.put_conversation_facts(slack, &facts, NOW)?;
            assert_eq!(tx.conversation_facts(slack, &d1)?, Some(facts));
            assert_eq!(tx.last_seen_at(slack, &d1)?, Some(at(5)));
            assert_eq!(tx.known_conversations(slack)?.len(), 1);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn health_tells_since_when_and_the_last_success() {
    let world = World::new().await;
    let slack = world.slack;
    world
        .write(move |tx| {
            tx.set_health(slack, HealthState::Connected, None, at(1), true)?;
            tx.set_health(slack, HealthState::Connected, None, at(2), true)?;
            let health = tx.connection(slack)?.expect("it exists").connection.health;
            assert_eq!((health.since, health.last_success), (at(1), Some(at(2))));
            tx.set_health(slack, HealthState::Degraded, Some("slow"), at(3), false)?;
            let health = tx.connection(slack)?.expect("it exists").connection.health;
            assert_eq!((health.since, health.last_success), (at(3), Some(at(2))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_revoked_token_is_gone_until_a_new_one_comes() {
    let world = World::new().await;
    let slack = world.slack;
    world
        .write(move |tx| {
            let token = TokenRow {
                access: Some("xoxb-1".to_owned()),
                expires_at: Some(at(60)),
                refresh: Some("xoxe-1".to_owned()),
                refresh_ends_at: None,
                scopes: "chat:write".to_owned(),
            };
            assert!(!format!("{token:?}").contains("xox"));
            tx.put_token(slack, "app", &token)?;
            tx.put_token(slack, "account:U1", &token)?;
            tx.revoke_token(slack, "app", NOW)?;
            assert_eq!(tx.token(slack, "app")?, None);
            assert_eq!(tx.token_owners(slack)?, ["account:U1"]);
            tx.put_token(slack, "app", &token)?;
            assert_eq!(tx.token(slack, "app")?, Some(token));
            tx.set_cursor(slack, "delta", "1")?;
            tx.set_cursor(slack, "delta", "2")?;
            assert_eq!(tx.cursor(slack, "delta")?.as_deref(), Some("2"));
            Ok(())
        })
        .await;
}

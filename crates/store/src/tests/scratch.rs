use super::world::*;
use causeway_model::Platform;
#[tokio::test]
async fn scratch() {
    let folder = tempfile::tempdir().unwrap();
    let store = super::open(folder.path());
    let t = std::time::Instant::now();
    let (slack, _teams) = do_write(&store, |tx| {
        Ok((
            connection(tx, Platform::Slack)?,
            connection(tx, Platform::Teams)?,
        ))
    })
    .await;
    for b in 0..50 {
        let many: Vec<_> = (0..1000)
            .map(|n| {
                let n = b * 1000 + n;
                listed(
                    &format!("U{n}"),
                    &format!("Person{} Name{}", n % 977, n),
                    &format!("p{n}@acme.test"),
                )
            })
            .collect();
        do_write(&store, move |tx| tx.import_accounts(slack, &many, NOW)).await;
    }
    println!("import {:?}", t.elapsed());
    for s in [None, Some("name4321"), Some("p1")] {
        let t = std::time::Instant::now();
        let p = store
            .read(move |r| {
                r.people_page(
                    &crate::PeopleFilter {
                        search: s.map(str::to_owned),
                        ..Default::default()
                    },
                    None,
                    50,
                )
            })
            .await
            .unwrap();
        println!("page {s:?} {} {:?}", p.total, t.elapsed());
    }
    let t = std::time::Instant::now();
    let f = store.read(|r| r.find_people("name499")).await.unwrap();
    println!("find {} {:?}", f.len(), t.elapsed());
    let world = World::new().await;
    let t = std::time::Instant::now();
    for n in 0..300 {
        let id = world.post(n, "hello there").await;
        world.deliver(id).await;
    }
    println!("600 commits {:?}", t.elapsed());
}

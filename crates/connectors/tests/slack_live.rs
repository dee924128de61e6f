//! temporary
mod slack_support;
use std::sync::Arc;
use async_trait::async_trait;
use causeway_connectors::{*, slack::*};
use causeway_model::*;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

struct Now;
impl Clock for Now { fn now(&self) -> Timestamp { Timestamp(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("x").as_millis() as i64) } }
struct Sink(mpsc::UnboundedSender<Incoming>);
#[async_trait]
impl EventSink for Sink {
    async fn take(&self, events: Vec<Incoming>, _: Option<(String, String)>) -> Result<(), NotTaken> { for e in events { let _ = self.0.send(e); } Ok(()) }
    async fn cursor(&self, _: &str) -> Option<String> { None }
    async fn health(&self, s: HealthState, d: Option<String>) { println!("HEALTH {s:?} {d:?}"); }
    async fn listening(&self) { println!("LISTENING"); }
}

#[tokio::test]
async fn live() {
    let d: Value = serde_json::from_str(&std::fs::read_to_string("/tmp/slackserve.out").expect("f")).expect("j");
    let c = &d["credentials"]["slack"];
    let control = d["control"].as_str().expect("c").to_owned();
    let vault = Arc::new(slack_support::Vault::default());
    vault.put(TokenOwner::App, c["bot_token"].as_str().expect("t"));
    vault.put(TokenOwner::AppLevel, c["app_token"].as_str().expect("t"));
    let http = causeway_connectors::http::client().expect("h");
    let s = Arc::new(SlackConnector::new(Settings { api_url: d["slack"].as_str().expect("s").parse().expect("u"), ..Default::default() }, http.clone(), vault.clone(), Arc::new(Now), Arc::new(slack_support::NoChance)));
    println!("{:?}", s.identify().await);
    let dir = s.directory(None).await.expect("dir");
    println!("{} accounts, next {:?}", dir.accounts.len(), dir.next);
    let find = |m: &str| dir.accounts.iter().find(|a| a.email.as_deref() == Some(m)).map(|a| a.external.clone()).expect("found");
    let (ann, bob) = (find("ann@acme.example"), find("bob@acme.example"));
    vault.put(TokenOwner::Account(bob.clone()), c["user_tokens"]["bob@acme.example"].as_str().expect("t"));
    let (tx, mut rx) = mpsc::unbounded_channel();
    let (_h, hearing) = watch::channel(Hearing::default());
    let s2 = s.clone();
    tokio::spawn(async move { println!("ENDED {:?}", s2.listen(Arc::new(Sink(tx)), hearing, Default::default()).await) });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let rid = RelayId::from_bits(77);
    let as_bob = Speaker::Account(bob.clone());
    let open = |kind, speaker: &Speaker| OpenConversation { kind, person: ann.clone(), stand_in: Some(bob.clone()), stand_in_name: "Bob".into(), speaker: speaker.clone(), relay_id: rid.clone() };
    let mut rooms = vec![];
    for (kind, sp) in [(LegKind::Native, &as_bob), (LegKind::Group, &Speaker::App), (LegKind::Private, &Speaker::App), (LegKind::App, &Speaker::App)] {
        let r = s.open(&open(kind, sp)).await;
        println!("{kind:?} {r:?} again {:?} found {:?}", s.open(&open(kind, sp)).await, s.find_opened(&open(kind, sp), Timestamp(0)).await);
        let r = r.expect("room");
        println!("   facts {:?}", s.conversation(&r, sp).await);
        rooms.push((r, sp.clone(), kind));
    }
    let content = Content { blocks: vec![
        Block::Paragraph(vec![Inline::Text("Hi ".into()), Inline::Mention { account: ann.clone(), name: "Ann".into() }, Inline::Styled { style: Style::Bold, children: vec![Inline::Text(" bold <&> 😀".into())] }, Inline::Link { url: "https://a.example/?b&c".into(), children: vec![Inline::Text("link".into())] }]),
        Block::Quote(vec![Block::Paragraph(vec![Inline::Text("q".into())]), Block::Code { text: "in quote".into() }, Block::List { ordered: false, start: 1, items: vec![vec![Block::Paragraph(vec![Inline::Text("ql".into())])]] }]),
        Block::List { ordered: true, start: 3, items: vec![vec![Block::Paragraph(vec![Inline::Text("a".into())]), Block::List { ordered: false, start: 1, items: vec![vec![Block::Paragraph(vec![Inline::Text("n".into())])]] }], vec![Block::Paragraph(vec![Inline::Text("b".into())])]] },
        Block::Code { text: "let x = 1 < 2;\n\nx".into() },
        Block::Unsupported { description: "file: a.pdf".into(), url: Some("https://f.example/a".into()) },
    ] };
    let shown = ShownAs { name: "Bob (Teams)".into(), photo: Some("https://i.example/b.png".into()) };
    for (room, sp, kind) in &rooms {
        let shown_as = (*sp == Speaker::App).then_some(&shown);
        let posted = s.post(&Post { conversation: room, speaker: sp, shown_as, content: &content, relay_id: &rid }).await.expect("post");
        println!("{kind:?} posted {posted:?} link {:?}", s.permalink(room, &posted.message));
        let h = s.history(room, sp, posted.at.plus_ms(-1)).await.expect("history");
        let own = h.iter().find(|i| i.key.0 == format!("m:{room}:{}", posted.message)).expect("in history");
        let Happening::Posted { content: back, marker, .. } = &own.happened else { panic!("{own:?}") };
        println!("   read back equal {} author {:?} marker {marker:?} kind {:?}", *back == s.as_read_back(&content, None), own.author, own.conversation_kind);
        s.edit(&Edit { conversation: room, message: &posted.message, speaker: sp, shown_as, content: &Content::plain("edited"), relay_id: &rid }).await.expect("edit");
        s.delete(room, &posted.message, sp).await.expect("delete");
        println!("   delete again {:?}", s.delete(room, &posted.message, sp).await);
    }
    println!("conversations bob {:?}", s.conversations(&as_bob).await.map(|v| v.len()));
    println!("conversations app {:?}", s.conversations(&Speaker::App).await);
    let act = |body: Value| { let http = http.clone(); let url = format!("{control}/act"); async move { let r = http.post(url).json(&body).send().await.expect("act"); println!("ACT {} {}", r.status(), r.text().await.unwrap_or_default()); } };
    for (what, to, text) in [("send", Some("bob@acme.example"), "*hi* _there_ :tada: <https://a.example|A> `c`\n• x\n> q"), ("app_message", None, "Bob"), ("command", None, "/causeway Bob")] {
        let mut body = json!({ "as": "ann@acme.example", "on": "slack", "do": what, "text": text });
        if let Some(to) = to { body["to"] = json!({ "dm": to }); }
        act(body).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    while let Ok(i) = rx.try_recv() { println!("EVENT {i:?}"); 
        if let Happening::Asked { answer: Some(a), .. } = &i.happened { println!("ANSWER {:?}", s.answer(a, &content).await); } }
}

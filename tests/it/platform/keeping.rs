//! What is kept and for how long, what is forgotten, who did what, and what happens when nothing can be kept.

use super::*;
use parlor::platform::{Line, retention};
use parlor::store::{Fault, Faults, Which};

#[test]
fn closed_conversations_are_removed_when_their_time_has_come() {
    let mut house = shop(&[]);
    let open = house.begin("a", Channel::Messaging, "Shop");
    let closed = house.begin("b", Channel::Messaging, "Shop");
    house.says(closed, "leave");
    let late = house.now.after(Span(31 * 24 * 3_600_000));
    assert_eq!(retention::sweep(&house.store, "acme", 30, house.now).unwrap(), 0);
    assert_eq!(retention::sweep(&house.store, "acme", 30, late).unwrap(), 1);
    assert_eq!(retention::sweep(&house.store, "acme", 30, late).unwrap(), 0);
    assert!(house.store.newest(&house.key(closed)).unwrap().is_none());
    assert!(house.store.newest(&house.key(open)).unwrap().is_some());
}

#[test]
fn a_visitor_is_forgotten() {
    let mut house = shop(&[]);
    let closed = house.begin("zoe", Channel::Messaging, "Shop");
    house.says(closed, "leave");
    let open = house.begin("zoe", Channel::Messaging, "Shop");
    let other = house.begin("bob", Channel::Messaging, "Shop");
    house.left.clear();
    house.operator(Ask::Erase("zoe".into())).unwrap();
    assert!(house.left.contains(&Output::Forget("zoe".into())));
    let zoe = VisitorId::from("zoe");
    let forgotten = retention::forget(&house.store, "acme", &zoe).unwrap();
    assert_eq!((forgotten.conversations, &forgotten.open[..]), (1, &[open][..]));
    house.operator(Ask::In(open, Talk::Close { survey: false })).unwrap();
    let forgotten = retention::forget(&house.store, "acme", &zoe).unwrap();
    assert_eq!((forgotten.conversations, forgotten.open.len()), (1, 0));
    assert!(house.store.newest(&house.key(other)).unwrap().is_some());
    let all = [Which::Live, Which::AtRest].map(|which| house.store.list("", which, None, 100).unwrap());
    let kept = all
        .into_iter()
        .flatten()
        .map(|(key, kept)| format!("{key} {}", String::from_utf8_lossy(&kept.image)));
    assert!(!kept.into_iter().any(|kept| kept.contains("zoe")), "nothing of her is left");
}

#[test]
fn who_did_what_is_written_down() {
    let mut house = shop(&[]);
    house.operator(Ask::Stop { connector: "bot-1".into(), now: true }).unwrap();
    house.operator(Ask::Erase("zoe".into())).unwrap();
    let entries = house.store.read(&Key::of(&["audit", "acme"]), Version::NONE, 100).unwrap();
    let lines = entries.iter().map(|entry| serde_json::from_slice::<Line>(&entry.bytes).unwrap());
    let lines: Vec<String> = lines.map(|line| format!("{} {}", line.by, line.did)).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[2].contains("root connector bot-1: Stopped"), "{lines:#?}");
    assert!(lines[3].contains("root erase visitor zoe"), "{lines:#?}");
}

#[test]
fn an_account_is_set_up_beside_open_conversations_and_leaves_them_alone() {
    let mut house = shop(&["sam"]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "agent");
    let conversations =
        |house: &House| house.store.list("conversation/acme/", Which::Live, None, 100).unwrap();
    let before = conversations(&house);
    house.account.retention_days = 7;
    // Long after all that waits in it would have been due.
    let late = house.now.after(Span(100 * 24 * 3_600_000));
    house.account.set_up(&house.store, "ada".into(), 99, late).unwrap();
    assert!(!before.is_empty());
    assert_eq!(conversations(&house), before);
    assert_eq!(Account::kept(&house.store, "acme").unwrap(), Some(house.account.clone()));
    let entries = house.store.read(&Key::of(&["audit", "acme"]), Version::NONE, 100).unwrap();
    let last: Line = serde_json::from_slice(&entries.last().unwrap().bytes).unwrap();
    assert!(
        last.by.as_str() == "ada" && last.at == late && last.did.starts_with("set the account up"),
        "{last:?}"
    );
}

#[test]
fn when_nothing_can_be_kept_nothing_is_acknowledged() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    let next = house.store.appends() + 1;
    house.store.plan(Faults::from([(next, Fault::Breaks { done: false })]));
    house.left.clear();
    let visitor = Caller::Visitor("v".into());
    let ask = Ask::In(id, Talk::Say { content: Content::text("hi"), audience: Audience::All });
    house.happen(Input::Command(Command {
        id: "x".into(),
        reply_to: 7,
        from: visitor.clone(),
        ask: ask.clone(),
    }));
    assert!(matches!(&house.left[..], [Output::Halt { .. }]), "{:?}", house.left);
    assert_eq!(code(house.ask(visitor, ask)), Code::NoStore);
}

#[test]
fn an_append_that_nobody_knows_of_is_settled_by_reading() {
    for fault in [Fault::Unknown { done: true }, Fault::Unknown { done: false }, Fault::Late] {
        let mut house = shop(&[]);
        let id = house.begin("v", Channel::Messaging, "Shop");
        let next = house.store.appends() + 1;
        house.store.plan(Faults::from([(next, fault)]));
        assert_eq!(house.says(id, "where is my order"), 0);
        assert_eq!(house.performs().len(), 1, "{fault:?}");
        assert_eq!(house.transcript(id), ["visitor: where is my order"], "{fault:?}");
    }
}

#[test]
fn nothing_leaves_before_it_is_kept() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    let ask = Ask::In(id, Talk::Say { content: Content::text("hi"), audience: Audience::All });
    let command = Command { id: "x".into(), reply_to: 7, from: Caller::Visitor("v".into()), ask };
    let outputs = house.platform.handle(Input::Command(command), house.now);
    assert!(matches!(&outputs[..], [Output::Append { .. }]), "{outputs:?}");
}

#[test]
fn a_record_reads_as_it_was_written() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "slow");
    house.wait(10_000);
    house.says(id, "a human please");
    house.transcript(id);
    let conversation = house.conversation(id);
    let again: Conversation = serde_json::from_slice(&serde_json::to_vec(&conversation).unwrap()).unwrap();
    assert_eq!(again, conversation);
    let user = UserId::from("sam");
    assert_eq!(house.platform.floor().load(&user), 1);
}

#[test]
fn an_account_is_set_up_as_a_whole_or_not_at_all() {
    let mut house = shop(&["sam"]);
    house.account.users.get_mut(&"sam".into()).unwrap().messagings = 9;
    let next = house.store.appends() + 1;
    house.store.plan(Faults::from([(next, Fault::Unknown { done: true })]));
    house.set_up();
    assert_eq!(house.platform.account(), &house.account);
    let mut wrong = house.account.clone();
    wrong.connectors.get_mut(&"bot-1".into()).unwrap().fallback = Some("Nowhere".into());
    let hash = wrong.keep(&house.store).unwrap();
    let refusal = house.operator(Ask::SetUp(Box::new(wrong), hash)).unwrap_err();
    assert_eq!(
        refusal.sentence,
        "connector `bot-1` names the skill `Nowhere`, which the account does not have"
    );
    assert_eq!(house.platform.account(), &house.account);
}

#[test]
fn an_operator_is_warned() {
    let mut house = House::new(Plan {
        bots: vec![Bot::new("bot-1", "Shop", SHOP), Bot::new("bot-2", "Shop", SHOP)],
        ..Plan::default()
    });
    assert_eq!(house.platform.warnings(), []);
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().deploy_to = Environment::Production;
    house.set_up();
    for number in 0..251 {
        house.begin(&format!("v{number}"), Channel::Messaging, "Shop");
    }
    let warnings: Vec<String> = house.platform.warnings().iter().map(|warning| warning.to_string()).collect();
    assert_eq!(
        warnings,
        [
            "connector `bot-2` has 251 open conversations; 50 are advised, and beyond 999 each new one is handed over",
            "bot `shop` has 251 open conversations; 250 are advised",
            "skill `Shop` has 1 connector in Production; with 2 one can take over from the other",
        ]
    );
}

/// An append is lost on its way; what it was for is refused meanwhile; then it arrives after all.
#[test]
fn what_was_refused_is_not_done_by_an_append_that_arrives_late() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    let next = house.store.appends() + 1;
    house.store.plan(Faults::from([(next, Fault::Late)]));
    let sam = Caller::User(house.logins["sam"].clone());
    let accept = Command { id: "a".into(), reply_to: 7, from: sam, ask: Ask::In(id, Talk::Accept { ring }) };
    let mut inputs = vec![Input::Command(accept)];
    let mut answers = Vec::new();
    while let Some(input) = inputs.pop() {
        // The ring is over by the time the platform has looked what became of its append.
        if matches!(input, Input::Read { .. }) {
            house.now = house.now.after(Span(80_000));
        }
        for output in house.platform.handle(input, house.now) {
            match output {
                Output::Append { ticket, append } => {
                    let outcome = house.store.append(&[append]).unwrap()[0];
                    inputs.push(Input::Stored { ticket, outcome });
                }
                Output::Read { ticket, key } => {
                    inputs.push(Input::Read { ticket, kept: house.store.newest(&key).unwrap() });
                }
                Output::Reply { result, .. } => answers.push(result),
                _ => {}
            }
        }
    }
    house.store.restart(); // whatever is on its way arrives now at the latest
    let [answer] = &answers[..] else { panic!("{answers:?}") };
    let seated = house.facts(id).iter().any(|fact| matches!(fact, Fact::Seated { .. }));
    assert_eq!(answer.is_ok(), seated, "what is said of it is what became of it");
}

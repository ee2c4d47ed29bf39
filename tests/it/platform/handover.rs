//! A bot hands over: to a skill, an agent, another bot; and what happens if nobody is there.

use super::*;

fn house(dialog: &str, people: &[&'static str]) -> House {
    let source = SHOP.replace(r#"transfer to skill "People" say "Hold on...""#, dialog);
    House::new(Plan {
        skills: vec![("People", Skill::default()), ("Others", Skill::default())],
        people: people.iter().map(|name| (*name, vec!["People"], 2)).collect(),
        bots: vec![Bot::new("bot-1", "Shop", Box::leak(source.into_boxed_str()))],
    })
}

#[test]
fn an_unknown_skill_fails_at_once() {
    let mut house = house(r#"transfer to skill "Nowhere" say "Hold on...""#, &[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    assert_eq!(house.place(id), "bot-1");
    assert_eq!(
        house.transcript(id),
        ["visitor: a human please", "bot-1: Hold on...", "bot-1: Nobody is there right now."]
    );
}

#[test]
fn one_agent_is_asked_first() {
    let mut house = house(r#"transfer to agent "tom" say "Tom will help you.""#, &["sam", "tom"]);
    house.comes("sam");
    house.comes("tom");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    assert_eq!(house.place(id), "rings tom");
    house.wait(72_000);
    assert_eq!(house.place(id), "rings sam", "else anybody of the skill");
}

#[test]
fn the_fallback_skill_is_tried_before_the_bot_gets_it_back() {
    let mut house = shop(&[]);
    for name in ["People", "Others"] {
        house.account.skills.insert(name.into(), Skill::default());
    }
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().fallback = Some("Others".into());
    house.set_up();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    house.wait(179_000);
    assert_eq!(house.place(id), "queue People");
    house.wait(2_000);
    assert_eq!(house.place(id), "queue Others");
    house.wait(179_000);
    assert_eq!(house.place(id), "bot-1");
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: Nobody is there right now.");
}

#[test]
fn a_ring_at_the_last_moment_is_waited_for() {
    let mut house = shop(&["sam"]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    house.wait(170_000);
    house.comes("sam");
    house.wait(20_000);
    assert_eq!(house.place(id), "rings sam");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.wait(200_000);
    assert_eq!(house.place(id), "sam");
}

#[test]
fn an_agent_gives_it_back_to_the_bot() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.says(id, "where is my order");
    house.left.clear();
    house.user_in("sam", id, Talk::Transfer(To::Skill("Shop".into()))).unwrap();
    assert_eq!(house.place(id), "bot-1");
    assert_eq!(house.performs().len(), 1, "the bot begins with what the visitor said last");
}

#[test]
fn another_bot_takes_it() {
    let other = r#"
bot "other" {
  language en-US
  entry    "Hello"
}
dialog "Hello" {
  user says {
    pattern "*"
  }
  say "The other bot here."
}
on transfer in dialog "Handed Over" {
  say "I heard: {{ event.data.message }}"
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;
    let source = SHOP.replace(
        r#"transfer to skill "People" say "Hold on...""#,
        r#"transfer to bot "other" say "Hold on...""#,
    );
    let source = Box::leak(source.into_boxed_str());
    let mut house = House::new(Plan {
        bots: vec![Bot::new("bot-1", "Shop", source), Bot::new("bot-2", "Other", other)],
        ..Plan::default()
    });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    assert_eq!(house.place(id), "bot-2");
    assert_eq!(
        house.transcript(id),
        ["visitor: a human please", "bot-1: Hold on...", "bot-2: I heard: a human please"]
    );
}

/// Two bots that give each other what they get do not do so for ever.
#[test]
fn bots_do_not_pass_a_conversation_on_for_ever() {
    let bot = |name: &str, other: &str| -> &'static str {
        let source = format!(
            "bot \"{name}\" {{\n  language en-US\n  entry \"Pass\"\n}}\non transfer in dialog \"In\" {{\n  -> dialog \"Pass\"\n}}\ndialog \"Pass\" {{\n  user says {{\n    pattern \"*\"\n  }}\n  transfer to bot \"{other}\" say \"Not me.\"\n}}\nfallback dialog \"F\" {{\n  say \"Sorry?\"\n}}\n"
        );
        Box::leak(source.into_boxed_str())
    };
    let mut house = House::new(Plan {
        bots: vec![
            Bot::new("bot-1", "Shop", bot("one", "two")),
            Bot::new("bot-2", "Other", bot("two", "one")),
        ],
        ..Plan::default()
    });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hello");
    house.wait(600_000);
    let passed = house.transcript(id).iter().filter(|line| line.ends_with("Not me.")).count();
    assert!((10..20).contains(&passed), "{passed} times");
    assert!(house.facts(id).iter().any(|fact| format!("{fact:?}").contains("more than 10 bots in a row")));
    assert!(house.place(id).starts_with("bot-"), "the last one keeps it, and says it is sorry");
}

/// Whoever runs the house hears first that nobody will come.
#[test]
fn a_handover_that_is_known_to_fail_comes_back_at_once() {
    let mut house = shop(&[]);
    house.account.skills.insert("People".into(), Skill::default());
    house.set_up();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    let failed = Talk::Happens { name: "escalation failed".to_string(), data: Value::Nothing };
    assert_eq!(code(house.visitor(id, failed.clone())), Code::NotAllowed);
    house.operator(Ask::In(id, failed.clone())).unwrap();
    assert_eq!(house.place(id), "bot-1");
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: Nobody is there right now.");
    house.operator(Ask::In(id, failed)).unwrap();
    assert_eq!(house.transcript(id).len(), 4, "a bot that has its conversation is told as well");
}

//! A bot of ours in a seat: it hears, joins, greets, pauses, is not interrupted, wakes, and remembers.

use super::*;

#[test]
fn question_and_answer_are_one_record() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    let before = house.records(id).len();
    house.says(id, "hi");
    assert_eq!(house.records(id).len(), before + 1);
    assert_eq!(house.transcript(id), ["visitor: hi", "bot-1: Hello!", "bot-1: What is your name?"]);
}

#[test]
fn in_a_chat_the_bot_speaks_first() {
    let mut house = House::new(Plan {
        bots: vec![Bot { channel: Channel::Chat, ..Bot::new("bot-1", "Shop", SHOP) }],
        ..Plan::default()
    });
    let id = house.begin("v", Channel::Chat, "Shop");
    assert_eq!(house.transcript(id), ["bot-1: Hello!", "bot-1: What is your name?"]);
}

#[test]
fn in_messaging_the_bot_greets_if_nobody_speaks() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.wait(2_900);
    assert_eq!(house.transcript(id), Vec::<String>::new());
    house.wait(200);
    assert_eq!(house.transcript(id), ["bot-1: Hello!", "bot-1: What is your name?"]);
    let id = house.begin("w", Channel::Messaging, "Shop");
    house.wait(1_000);
    house.says(id, "where is my order");
    house.wait(5_000);
    assert_eq!(house.transcript(id), ["visitor: where is my order"], "who has spoken is not greeted");
}

#[test]
fn messages_close_together_are_heard_as_one() {
    let manners = Manners::default();
    let mut house = House::new(Plan {
        bots: vec![Bot { manners, ..Bot::new("bot-1", "Shop", SHOP) }],
        ..Plan::default()
    });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "where is");
    house.wait(200);
    house.says(id, "my order");
    assert_eq!(house.performs().len(), 0);
    house.wait(100);
    assert_eq!(house.performs().len(), 1, "the order is asked for once");
    let heard = house.facts(id).into_iter().filter_map(|fact| match fact {
        Fact::Heard(Happening::Said(text)) => Some(text),
        _ => None,
    });
    assert_eq!(heard.collect::<Vec<_>>(), ["where is my order"]);
}

#[test]
fn a_pause_is_kept_and_not_interrupted() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "slow");
    house.wait(1_000);
    house.says(id, "hurry up");
    assert_eq!(house.transcript(id), ["visitor: slow", "bot-1: One.", "visitor: hurry up"]);
    house.crash();
    house.log_in("bot-1");
    house.wait(5_000);
    assert_eq!(
        house.transcript(id),
        ["visitor: slow", "bot-1: One.", "visitor: hurry up", "bot-1: Two.", "bot-1: Three."]
    );
}

#[test]
fn a_bot_wakes_when_it_wanted_to_even_after_a_crash() {
    let quiet = r#"
bot "quiet" {
  language en-US
  entry    "Ask"
}
dialog "Ask" {
  user says {
    pattern "*"
  }
  ask name "Who are you?" {
    when silence 5m say "Are you still there?"
    when anything say "Thanks." -> end
  }
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;
    let mut house = House::new(Plan { bots: vec![Bot::new("bot-1", "Shop", quiet)], ..Plan::default() });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hello");
    house.wait(120_000);
    house.crash();
    house.log_in("bot-1");
    house.wait(179_000);
    assert_eq!(house.transcript(id).len(), 2);
    house.wait(2_000);
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: Are you still there?");
}

#[test]
fn what_a_bot_remembers_is_known_in_the_next_conversation() {
    let source = r#"
bot "memory" {
  language en-US
  entry    "Ask"
  remember name text
}
dialog "Ask" {
  user says {
    pattern "hi"
  }
  if name {
    -> dialog "Again"
  }
  ask who "Who are you?" {
    when anything save name = reply say "I'll remember that." -> end
  }
}
dialog "Again" {
  say "Hello again, {{ name }}."
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;
    let mut house = House::new(Plan { bots: vec![Bot::new("bot-1", "Shop", source)], ..Plan::default() });
    let first = house.begin("ann", Channel::Messaging, "Shop");
    house.says(first, "hi");
    house.says(first, "Ann");
    assert!(house.conversation(first).effects.is_empty(), "it is kept");
    house.crash();
    house.log_in("bot-1");
    let second = house.begin("ann", Channel::Messaging, "Shop");
    house.says(second, "hi");
    assert_eq!(house.transcript(second).last().unwrap(), "bot-1: Hello again, Ann.");
    let other = house.begin("bob", Channel::Messaging, "Shop");
    house.says(other, "hi");
    assert_eq!(house.transcript(other).last().unwrap(), "bot-1: Who are you?");
}

#[test]
fn a_message_that_waited_for_too_long_is_not_answered() {
    let mut house = shop(&[]);
    house.operator(Ask::Stop { connector: "bot-1".into(), now: true }).unwrap();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    house.wait(31 * 60_000);
    house.operator(Ask::Start("bot-1".into())).unwrap();
    assert_eq!(house.place(id), "bot-1");
    assert_eq!(house.transcript(id), ["visitor: hi"]);
    house.says(id, "hi");
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: What is your name?");
}

#[test]
fn a_bot_that_says_too_much_at_once_is_cut_short_and_the_log_says_so() {
    let lines: String = (0..5).map(|_| format!("  say \"{}\"\n", "long ".repeat(1_600))).collect();
    let source = format!(
        "bot \"talker\" {{\n  language en-US\n  entry \"Talk\"\n}}\ndialog \"Talk\" {{\n  user says {{\n    pattern \"*\"\n  }}\n{lines}}}\nfallback dialog \"F\" {{\n  say \"Sorry?\"\n}}\n"
    );
    let source: &'static str = Box::leak(source.into_boxed_str());
    let mut house = House::new(Plan { bots: vec![Bot::new("bot-1", "Shop", source)], ..Plan::default() });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "talk");
    let said = house.facts(id).iter().filter_map(said).count();
    assert_eq!(said, 4, "the visitor's message and three of five answers");
    let trouble = house.facts(id).iter().any(|fact| format!("{fact:?}").contains("24576 bytes are the most"));
    assert!(trouble);
}

#[test]
fn a_bot_without_a_version_hands_over_at_once() {
    let mut house = House::new(Plan {
        people: vec![("sam", vec!["People"], 2)],
        bots: vec![Bot { fallback: Some("People"), ..Bot::new("bot-1", "Shop", SHOP) }],
        ..Plan::default()
    });
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().deploy_to = Environment::Production;
    house.set_up();
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    assert_eq!(house.place(id), "rings sam");
    house.wait(100_000);
    let said = house.facts(id).iter().filter_map(said).count();
    assert_eq!(said, 1, "it says so once");
}

#[test]
fn what_a_bot_remembers_as_it_closes_is_kept_too() {
    let source = r#"
bot "memory" {
  language en-US
  entry    "Count"
  remember visits number = 0
}
dialog "Count" {
  user says {
    pattern "hi"
  }
  set visits = visits + 1
  say "Visit {{ visits }}." -> close
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;
    let mut house = House::new(Plan { bots: vec![Bot::new("bot-1", "Shop", source)], ..Plan::default() });
    let first = house.begin("ann", Channel::Messaging, "Shop");
    house.says(first, "hi");
    assert!(house.conversation(first).effects.is_empty(), "it is kept");
    // Here the crash comes right after the turn was kept, before anything was done about it.
    let second = house.begin("ann", Channel::Messaging, "Shop");
    let ask = Ask::In(second, Talk::Say { content: Content::text("hi"), audience: Audience::All });
    let (id, from) = (CommandId::from("again"), Caller::Visitor("ann".into()));
    let command = Command { id, reply_to: 1, from, ask };
    for output in house.platform.handle(Input::Command(command), house.now) {
        if let Output::Append { append, .. } = output {
            house.store.append(&[append]).unwrap();
        }
    }
    house.crash();
    house.log_in("bot-1");
    let third = house.begin("ann", Channel::Messaging, "Shop");
    house.says(third, "hi");
    assert_eq!(house.transcript(third), ["visitor: hi", "bot-1: Visit 3."]);
}

#[test]
fn a_bot_that_gets_a_conversation_back_does_not_answer_the_same_message_twice() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.user_in("sam", id, Talk::Transfer(To::Skill("Shop".into()))).unwrap();
    assert_eq!(house.place(id), "bot-1", "it does not hand it over once more");
    assert_eq!(house.transcript(id), ["visitor: a human please", "bot-1: Hold on..."]);
    house.says(id, "a human please");
    assert_eq!(house.place(id), "rings sam");
}

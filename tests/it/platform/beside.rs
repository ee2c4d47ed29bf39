//! Bots with the role Manager: beside whoever has a conversation, never in the seat.

use parlor::conversation::{Participant, Role as Part};
use parlor::platform::{Role, Warning};

use super::*;

const WATCH: &str = r#"
bot "watch" {
  language en-US
  entry    "Quiet"
  var much text = "abcdefghij"
}
dialog "Quiet" {
  log "seen" "a visitor"
}
dialog "Angry" {
  user says {
    pattern "*(angry|lawyer)*"
  }
  note "The visitor is angry."
  transfer to skill "People" {
    when failure say "And stays where they are: {{ response.reason }}." -> end
  }
}
dialog "Name" {
  user says {
    pattern "*name*"
  }
  ask name "Who is it?" {
    when anything say "It is {{ reply }}." -> end
  }
}
dialog "Order" {
  user says {
    pattern "*order*"
  }
  var status text
  call "Order Status" {
    when success say "It is {{ status }}." -> end
    when failure say "Nobody knows: {{ response.reason }}." -> end
  }
}
dialog "Bye" {
  user says {
    words "enough"
  }
  -> close
}
dialog "Long" {
  user says {
    words "long"
  }
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  set much = much ~ much
  say "Long."
}
integration "Order Status" api {
  get "https://example.com/status"
  save status = response.body.state
}
fallback dialog "Fallback" {
  log "heard" "something"
}
"#;

/// A shop with its bot, a person, and a manager of ours beside them.
fn watched(change: impl FnOnce(&mut Connector)) -> House {
    let mut house = House::new(Plan {
        people: vec![("ann", vec!["People"], 2)],
        bots: vec![Bot::new("bot-1", "Shop", SHOP), Bot::new("watch-1", "Shop", WATCH)],
        ..Plan::default()
    });
    let own = house.account.users.get_mut(&UserId::from("watch-1")).unwrap();
    own.profile = "Agent Manager".into();
    let connector = house.account.connectors.get_mut(&"watch-1".into()).unwrap();
    connector.role = Role::Manager;
    change(connector);
    house.set_up();
    house
}

fn last(house: &House, id: ConversationId) -> String {
    house.transcript(id).last().unwrap().clone()
}

fn begun(house: &mut House) -> ConversationId {
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    id
}

#[test]
fn a_manager_comes_beside_whoever_has_it_and_never_has_it() {
    let mut house = watched(|_| {});
    for visitor in 0..5 {
        let id = house.begin(&format!("v{visitor}"), Channel::Messaging, "Shop");
        house.says(id, "hi");
        let conversation = house.conversation(id);
        assert_eq!(conversation.seat().unwrap().user.as_str(), "bot-1");
        let beside = Participant { user: "watch-1".into(), role: Part::Manager };
        assert_eq!(conversation.others, [beside]);
    }
    assert_eq!(house.platform.floor().load(&"watch-1".into()), 0);
}

#[test]
fn what_it_says_is_for_those_who_work_here() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "what is my name?");
    let facts = house.facts(id);
    let whisper = facts.iter().rev().find_map(|fact| match fact {
        Fact::Said { by: Author::User(user), audience, content, .. } if user.as_str() == "watch-1" => {
            Some((*audience, content.clone()))
        }
        _ => None,
    });
    assert_eq!(whisper, Some((Audience::Staff, Content::text("Who is it?"))));
    let visible = facts.iter().any(|fact| {
        matches!(fact, Fact::Said { by: Author::User(user), audience: Audience::All, .. } if user.as_str() == "watch-1")
    });
    assert!(!visible);
}

#[test]
fn it_knows_after_a_crash_what_it_knew() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "what is my name?");
    house.crash();
    house.log_in("watch-1");
    house.log_in("bot-1");
    house.says(id, "Ben");
    assert!(
        house.transcript(id).iter().any(|line| line.contains("It is Ben.")),
        "{:?}",
        house.transcript(id)
    );
}

#[test]
fn it_gives_a_conversation_to_somebody_else() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "I am angry");
    let conversation = house.conversation(id);
    assert_eq!(conversation.skill.as_str(), "People");
    assert!(conversation.queue().is_some_and(|queue| queue.transferred));
    house.comes("ann");
    let ring = house.conversation(id).queue().unwrap().ring.clone().expect("it rings at her");
    house.user_in("ann", id, Talk::Accept { ring: ring.number }).unwrap();
    // It stays beside her.
    house.says(id, "what is my name?");
    assert!(last(&house, id).contains("Who is it?"));
}

#[test]
fn a_receiver_that_is_not_there_is_a_failure_it_can_speak_of() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.account.skills.remove(&SkillId::from("People"));
    house.account.users.get_mut(&UserId::from("ann")).unwrap().skills.clear();
    house.set_up();
    house.says(id, "my lawyer");
    assert!(last(&house, id).contains("And stays where they are: refused."), "{}", last(&house, id));
    assert_eq!(house.conversation(id).seat().unwrap().user.as_str(), "bot-1");
}

#[test]
fn it_hears_only_what_its_filters_fit() {
    let mut house = watched(|connector| connector.manners.filter = vec!["(?i)ANGRY".into(), "^x$".into()]);
    let id = begun(&mut house);
    house.says(id, "what is my name?");
    assert!(house.conversation(id).beside.is_empty());
    house.says(id, "I am angry");
    assert_eq!(house.conversation(id).skill.as_str(), "People");
}

#[test]
fn one_that_is_told_of_no_messages_only_stands_there() {
    let mut house = watched(|connector| connector.manners.no_messages = true);
    let id = begun(&mut house);
    house.says(id, "I am angry");
    let conversation = house.conversation(id);
    assert_eq!((conversation.others.len(), conversation.beside.len()), (1, 0));
    assert_eq!(conversation.skill.as_str(), "Shop");
}

#[test]
fn it_calls_nothing_and_closes_nothing() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "Ann"); // the bot's question is answered
    house.says(id, "enough");
    assert!(!house.conversation(id).is_over());
    house.left.clear();
    house.says(id, "where is my order");
    assert!(last(&house, id).contains("Nobody knows: not performed."), "{}", last(&house, id));
    let by_watch =
        |output: &&Output| matches!(output, Output::Perform { by, .. } if by.user.as_str() == "watch-1");
    assert_eq!(house.left.iter().filter(by_watch).count(), 0);
}

#[test]
fn one_that_knows_too_much_begins_anew() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "long");
    assert_eq!(house.conversation(id).beside[&"watch-1".into()].state, None);
    let told = house.facts(id).iter().any(|fact| format!("{fact:?}").contains("4096 are the most"));
    assert!(told);
    house.says(id, "what is my name?");
    assert!(last(&house, id).contains("Who is it?"));
}

#[test]
fn what_is_too_much_for_the_turn_is_left_out_and_the_visitor_is_heard() {
    let mut house = watched(|_| {});
    let id = begun(&mut house);
    house.says(id, "what is my name?");
    let state = house.conversation(id).beside[&"watch-1".into()].state.clone();
    // What was said, what the bot heard, and what it says about it leave no room for a third time.
    house.says(id, &format!("order {}", "x".repeat(15_900)));
    house.says(id, &format!("order {}", "\\".repeat(7_900)));
    let left_out = |fact: &&Fact| format!("{fact:?}").contains("there is no room for it in this turn");
    let facts = house.facts(id);
    assert!(facts.iter().filter(left_out).count() > 0, "{:?}", facts.last());
    assert!(state.is_some());
    house.transcript(id);
}

#[test]
fn one_that_is_stopped_stays_away_and_comes_with_the_next_message() {
    let mut house = watched(|_| {});
    house.operator(Ask::Stop { connector: "watch-1".into(), now: true }).unwrap();
    let id = begun(&mut house);
    assert!(house.conversation(id).others.is_empty());
    house.operator(Ask::Start("watch-1".into())).unwrap();
    house.log_in("watch-1");
    house.says(id, "what is my name?");
    assert!(last(&house, id).contains("Who is it?"), "{}", last(&house, id));
}

#[test]
fn where_only_a_manager_has_the_skill_nobody_has_the_conversation() {
    let mut house = watched(|_| {});
    house.operator(Ask::Stop { connector: "bot-1".into(), now: true }).unwrap();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "I am angry");
    let conversation = house.conversation(id);
    assert!(conversation.queue().is_some() && conversation.others.is_empty());
    let refused = house.user_in("watch-1", id, Talk::Take);
    assert_eq!(code(refused), Code::NoCapacity);
}

#[test]
fn a_manager_does_not_count_among_the_connectors_of_a_skill() {
    let mut house = watched(|connector| connector.deploy_to = Environment::Production);
    let connector = house.account.connectors.get_mut(&"bot-1".into()).unwrap();
    connector.deploy_to = Environment::Production;
    house.set_up();
    assert_eq!(house.platform.warnings(), [Warning::FewConnectors("Shop".into(), 1)]);
}

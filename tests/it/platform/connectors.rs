//! Connectors: wanted and run states, limits, draining, and somebody else's bot that does not answer.

use super::*;
use parlor::platform::{RunState, limits::CONNECTOR_OPEN_MAX};

fn state(house: &House) -> RunState {
    house.platform.run_state(&"bot-1".into())
}

#[test]
fn the_states_of_a_connector() {
    let mut house = shop(&["sam"]);
    assert_eq!(state(&house), RunState::Online);
    house.user("bot-1", Ask::Report { service: true, vendor: false }).unwrap();
    assert_eq!(state(&house), RunState::VendorInterruption);
    house.left.clear();
    house.wait(10_000);
    assert!(house.left.iter().any(|output| matches!(output, Output::Probe(_))), "it is probed");
    house.user("bot-1", Ask::Report { service: true, vendor: true }).unwrap();
    assert_eq!(state(&house), RunState::Online);
    house.user("bot-1", Ask::Report { service: false, vendor: true }).unwrap();
    assert_eq!(state(&house), RunState::ServiceInterruption);
    house.left.clear();
    house.wait(180_000);
    let restarts = house.left.iter().filter(|output| matches!(output, Output::Run(_))).count();
    assert_eq!(restarts, 3, "once a minute");
    let id = house.begin("v", Channel::Messaging, "Shop");
    assert_eq!(house.place(id), "queue Shop", "it takes nothing");
    house.user("bot-1", Ask::Report { service: true, vendor: true }).unwrap();
    assert_eq!(house.place(id), "bot-1");
    house.operator(Ask::Stop { connector: "bot-1".into(), now: true }).unwrap();
    assert_eq!(state(&house), RunState::Offline);
    house.crash();
    house.log_in("bot-1");
    assert_eq!(state(&house), RunState::Offline, "what is wanted outlives a crash");
}

#[test]
fn a_vendor_interruption_hands_new_conversations_over_at_once() {
    let mut house = shop(&["sam"]);
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().fallback = Some("People".into());
    house.set_up();
    house.comes("sam");
    house.user("bot-1", Ask::Report { service: true, vendor: false }).unwrap();
    let id = house.begin("v", Channel::Messaging, "Shop");
    assert_eq!(house.place(id), "rings sam");
    assert_eq!(house.transcript(id), ["bot-1: One moment, I'll connect you with somebody who can help."]);
}

#[test]
fn a_connector_that_is_full_hands_over_at_once() {
    let mut house = House::new(Plan {
        people: vec![("sam", vec!["People"], 5)],
        bots: vec![Bot { fallback: Some("People"), most: 2_000, ..Bot::new("bot-1", "Shop", SHOP) }],
        ..Plan::default()
    });
    house.comes("sam");
    for number in 0..CONNECTOR_OPEN_MAX {
        let id = house.begin(&format!("v{number}"), Channel::Messaging, "Shop");
        assert_eq!(house.place(id), "bot-1");
    }
    let id = house.begin("one too many", Channel::Messaging, "Shop");
    assert_eq!(house.place(id), "rings sam");
    let trouble = house.facts(id).iter().any(|fact| format!("{fact:?}").contains("999 are the most"));
    assert!(trouble);
}

#[test]
fn draining_takes_nothing_new_and_then_stops() {
    let mut house = shop(&["sam"]);
    let open = house.begin("v", Channel::Messaging, "Shop");
    house.operator(Ask::Stop { connector: "bot-1".into(), now: false }).unwrap();
    let new = house.begin("w", Channel::Messaging, "Shop");
    assert_eq!(house.place(new), "queue Shop");
    house.says(open, "hi");
    assert_eq!(house.transcript(open).len(), 3, "what is open goes on");
    assert_eq!(state(&house), RunState::Online);
    house.says(open, "leave");
    assert_eq!(house.place(open), "over Agent");
    assert_eq!(state(&house), RunState::Offline);
}

#[test]
fn stopping_at_once_hands_over_what_is_open() {
    let mut house = shop(&["sam"]);
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().fallback = Some("People".into());
    house.set_up();
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.operator(Ask::Stop { connector: "bot-1".into(), now: true }).unwrap();
    assert_eq!(house.place(id), "rings sam");
}

/// A house with a bot of somebody else.
fn vendor(manners: Manners) -> (House, ConversationId) {
    let mut house = House::new(Plan {
        people: vec![("sam", vec!["People"], 5)],
        bots: vec![Bot { manners, ..Bot::new("bot-1", "Shop", SHOP) }],
        ..Plan::default()
    });
    let connector = house.account.connectors.get_mut(&"bot-1".into()).unwrap();
    connector.mind = Mind::Theirs("watson".into());
    house.set_up();
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    let ring = house.ring(id);
    house.user_in("bot-1", id, Talk::Accept { ring }).unwrap();
    (house, id)
}

#[test]
fn a_stuck_bot_is_asked_again_then_the_visitor_is_told_then_people_get_it() {
    let manners = Manners {
        stuck_message: Some("Please say that again.".to_string()),
        stuck_skill: Some("People".into()),
        ..Manners::default()
    };
    let (mut house, id) = vendor(manners);
    let first = house.says(id, "hello");
    house.left.clear();
    house.wait(61_000);
    let resent: Vec<u64> = house
        .left
        .iter()
        .filter_map(|output| match output {
            Output::Resend { sequence, .. } => Some(*sequence),
            _ => None,
        })
        .collect();
    assert_eq!(resent, [first]);
    house.wait(120_000);
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: Please say that again.");
    house.says(id, "hello!");
    house.wait(61_000 + 120_000);
    assert_eq!(house.place(id), "rings sam");
    assert_eq!(
        house.transcript(id),
        [
            "visitor: hello",
            "bot-1: Please say that again.",
            "visitor: hello!",
            "bot-1: I'll connect you with somebody who can help."
        ]
    );
}

#[test]
fn a_bot_that_answers_is_not_asked_again() {
    let (mut house, id) = vendor(Manners::default());
    house.says(id, "hello");
    house.wait(30_000);
    house.user_says("bot-1", id, "Hello!").unwrap();
    house.left.clear();
    house.wait(300_000);
    assert!(!house.left.iter().any(|output| matches!(output, Output::Resend { .. })));
}

//! A connector goes silent, and another of the same bot goes on, without a word lost, doubled or out of order.

use super::*;

fn two_connectors() -> House {
    House::new(Plan {
        people: vec![("sam", vec!["People"], 5)],
        bots: vec![Bot::new("bot-1", "Shop", SHOP), Bot::new("bot-2", "Shop", SHOP)],
        ..Plan::default()
    })
}

#[test]
fn a_silent_connector_in_the_middle_of_a_turn_and_a_late_answer() {
    let mut house = two_connectors();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    let first = house.place(id);
    house.says(id, "Ann");
    house.performs();
    house.says(id, "where is my order");
    let performs = house.performs();
    let [(effect, by)] = &performs[..] else { panic!("{performs:?}") };
    assert_eq!(by.user.as_str(), first);
    // The connector is silent from now on; the call is under way.
    let second = if first == "bot-1" { "bot-2" } else { "bot-1" };
    house.wait_without(20_000, &[&first]);
    assert_eq!(house.place(id), second);
    let performs = house.performs();
    let [(again, now)] = &performs[..] else { panic!("{performs:?}") };
    assert_eq!(again, effect, "it is done again under its old name");
    assert_eq!(now.user.as_str(), second);
    // The late answer of the first one changes nothing.
    let turn = house.conversation(id).turn;
    house.returned(id, *effect, by, "late");
    assert_eq!(house.conversation(id).turn, turn);
    house.returned(id, *effect, now, "on its way");
    house.returned(id, *effect, now, "twice");
    assert_eq!(
        house.transcript(id),
        [
            "visitor: hi",
            &format!("{first}: Hello!"),
            &format!("{first}: What is your name?"),
            "visitor: Ann",
            &format!("{first}: Nice to meet you, Ann."),
            "visitor: where is my order",
            &format!("{second}: It is on its way."),
        ]
    );
    // The old login counts for nothing, even if it comes to life again.
    let stale = Caller::User(by.clone());
    let talk = Talk::Say { content: Content::text("me again"), audience: Audience::All };
    assert_eq!(code(house.ask(stale, Ask::In(id, talk))), Code::StaleLogin);
}

#[test]
fn what_may_be_tried_once_is_unknown_after_a_failover() {
    let mut house = two_connectors();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.performs();
    house.says(id, "send a mail");
    assert_eq!(house.performs().len(), 1, "it was tried");
    let first = house.place(id);
    house.wait_without(20_000, &[&first]);
    assert_eq!(house.performs().len(), 0, "it is not tried again");
    let said = house.transcript(id);
    assert!(said.last().unwrap().ends_with("Maybe not written: unknown."), "{said:#?}");
}

#[test]
fn without_another_connector_people_take_over() {
    let mut house = shop(&["sam"]);
    house.account.connectors.get_mut(&"bot-1".into()).unwrap().fallback = Some("People".into());
    house.set_up();
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    house.wait_without(20_000, &["bot-1"]);
    assert_eq!(house.place(id), "rings sam");
}

#[test]
fn a_question_that_was_open_is_still_open_at_the_other_connector() {
    let mut house = two_connectors();
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    let first = house.place(id);
    house.wait_without(20_000, &[&first]);
    house.says(id, "Ann");
    let said = house.transcript(id);
    assert!(said.last().unwrap().ends_with("Nice to meet you, Ann."), "{said:#?}");
}

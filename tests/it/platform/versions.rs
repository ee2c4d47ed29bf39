//! Versions of a bot: a conversation stays on its own until its session is over, or until it is moved.

use super::*;

fn deployed(move_open: bool) -> (House, ConversationId) {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "hi");
    house.bots.put("shop-2".into(), program(&SHOP.replace("Nice to meet you", "Pleased to meet you")));
    let deploy =
        Ask::Deploy { bot: "shop".into(), version: "shop-2".into(), to: Environment::Demo, move_open };
    house.operator(deploy).unwrap();
    (house, id)
}

fn answer(house: &mut House, id: ConversationId) -> String {
    house.says(id, "Ann");
    house.transcript(id).last().unwrap().clone()
}

#[test]
fn an_open_conversation_stays_on_its_version() {
    let (mut house, id) = deployed(false);
    assert_eq!(answer(&mut house, id), "bot-1: Nice to meet you, Ann.");
    let new = house.begin("w", Channel::Messaging, "Shop");
    house.says(new, "hi");
    assert_eq!(answer(&mut house, new), "bot-1: Pleased to meet you, Ann.");
}

#[test]
fn a_new_session_takes_the_new_version() {
    let (mut house, id) = deployed(false);
    house.wait(3_601_000);
    house.says(id, "hi");
    assert_eq!(answer(&mut house, id), "bot-1: Pleased to meet you, Ann.");
}

#[test]
fn open_conversations_are_moved_if_one_says_so() {
    let (mut house, id) = deployed(true);
    assert_eq!(answer(&mut house, id), "bot-1: Pleased to meet you, Ann.");
}

#[test]
fn one_step_back() {
    let (mut house, _) = deployed(false);
    house.operator(Ask::RollBack { bot: "shop".into(), on: Environment::Demo, move_open: false }).unwrap();
    let id = house.begin("w", Channel::Messaging, "Shop");
    house.says(id, "hi");
    assert_eq!(answer(&mut house, id), "bot-1: Nice to meet you, Ann.");
    let nothing = Ask::RollBack { bot: "shop".into(), on: Environment::Production, move_open: false };
    assert_eq!(code(house.operator(nothing)), Code::UnknownVersion);
    let unknown =
        Ask::Deploy { bot: "shop".into(), version: "x".into(), to: Environment::Demo, move_open: false };
    assert_eq!(code(house.operator(unknown)), Code::UnknownVersion);
}

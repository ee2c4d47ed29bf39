//! What is done outside: once, again after a crash, late, twice or never.

use super::*;

#[test]
fn a_call_is_done_again_after_a_crash_under_its_old_name() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "where is my order");
    let [(effect, by)] = &house.performs()[..] else { panic!("one call") };
    let (effect, by) = (*effect, by.clone());
    house.crash();
    assert_eq!(house.performs().len(), 0, "its connector is not there yet");
    house.log_in("bot-1");
    let [(again, now)] = &house.performs()[..] else { panic!("one call") };
    let (again, now) = (*again, now.clone());
    assert_eq!(again, effect);
    house.returned(id, effect, &by, "from before the crash");
    assert_eq!(house.transcript(id), ["visitor: where is my order"], "that login has ended");
    house.returned(id, effect, &now, "shipped");
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: It is shipped.");
}

#[test]
fn what_may_be_tried_once_is_written_down_before() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a mail please");
    let effect = house.performs()[0].0;
    let begun = house.facts(id).contains(&Fact::Begun(effect));
    assert!(begun);
    house.crash();
    house.log_in("bot-1");
    assert_eq!(house.performs().len(), 0);
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: Maybe not written: unknown.");
}

#[test]
fn what_was_not_begun_yet_is_begun_after_a_crash() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.left.clear();
    // The crash comes right after the turn was kept and before anything was done about it.
    let visitor = Caller::Visitor("v".into());
    let ask = Ask::In(id, Talk::Say { content: Content::text("a mail please"), audience: Audience::All });
    let command = Command { id: "mail".into(), reply_to: 1, from: visitor, ask };
    for output in house.platform.handle(Input::Command(command), house.now) {
        if let Output::Append { append, .. } = output {
            house.store.append(&[append]).unwrap();
        }
    }
    house.crash();
    house.log_in("bot-1");
    assert_eq!(house.performs().len(), 1);
}

#[test]
fn a_call_that_never_comes_back_has_failed() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "where is my order");
    house.wait(181_000);
    assert_eq!(house.transcript(id).last().unwrap(), "bot-1: I can't find out: timeout.");
    let effects = house.conversation(id).effects.len();
    assert_eq!(effects, 0);
}

#[test]
fn an_answer_that_comes_twice_counts_once() {
    let mut house = shop(&[]);
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "where is my order");
    let (effect, by) = house.performs()[0].clone();
    house.returned(id, effect, &by, "shipped");
    house.returned(id, effect, &by, "lost");
    assert_eq!(house.transcript(id), ["visitor: where is my order", "bot-1: It is shipped."]);
}

//! What went wrong in other products, each as a case that holds here.

use super::*;

/// A handover told nobody until the next message came.
#[test]
fn a_handover_rings_at_once() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.left.clear();
    house.says(id, "a human please");
    assert_eq!(house.place(id), "rings sam");
    let rang = house.left.iter().any(|output| match output {
        Output::Happened { record, .. } => record.facts.iter().any(|fact| matches!(fact, Fact::Rang { .. })),
        _ => false,
    });
    assert!(rang, "who looks at it is told in the same moment");
}

/// An agent ignored a chat, and it stayed theirs for ever.
#[test]
fn an_ignored_ring_goes_to_the_next_agent() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    assert_eq!(house.place(id), "rings sam");
    house.comes("tom");
    house.wait(72_000);
    assert_eq!(house.place(id), "rings tom");
}

/// One beep only, and the chat was missed: a ring lasts until it is answered or over, and then there is another.
#[test]
fn a_ring_lasts_and_comes_again() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    for minute in 1..=5 {
        house.wait(60_000);
        let rings = house.ring(id);
        assert!(rings >= minute * 60 / 90, "after {minute} minutes there were {rings} rings");
    }
    assert!(house.place(id).starts_with("rings") || house.place(id).starts_with("queue"));
}

/// The bot went on answering after the handover.
#[test]
fn the_bot_is_silent_after_a_handover() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "a human please");
    house.says(id, "hello?");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.says(id, "hi");
    house.user_says("sam", id, "Sam here.").unwrap();
    assert_eq!(
        house.transcript(id),
        ["visitor: a human please", "bot-1: Hold on...", "visitor: hello?", "visitor: hi", "sam: Sam here."]
    );
    let bot = house.logins["bot-1"].clone();
    let late = Talk::Say { content: Content::text("I am still here"), audience: Audience::All };
    assert_eq!(code(house.ask(Caller::User(bot), Ask::In(id, late))), Code::NotAParticipant);
}

/// The visitor saw nothing while they waited.
#[test]
fn who_waits_knows_how_many_wait_before() {
    let mut house = shop(&["sam"]);
    let first = house.begin("a", Channel::Messaging, "People");
    house.wait(1_000);
    let second = house.begin("b", Channel::Messaging, "People");
    assert_eq!(house.platform.floor().waits_behind(first), Some(0));
    assert_eq!(house.platform.floor().waits_behind(second), Some(1));
    assert_eq!(house.platform.floor().waiting_for(&"People".into()), 2);
}

/// What was said while nobody was there was never shown.
#[test]
fn what_was_said_while_nobody_was_there_is_there_on_accept() {
    let mut house = shop(&["sam"]);
    let id = house.begin("v", Channel::Messaging, "People");
    house.says(id, "is anybody there?");
    house.wait(3_600_000);
    house.says(id, "hello?");
    house.comes("sam");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    assert_eq!(house.transcript(id), ["visitor: is anybody there?", "visitor: hello?"]);
    assert_eq!(house.place(id), "sam");
}

/// The handover was said to have worked, and failed later: the bot hears of it, three times, and then gives up.
#[test]
fn a_handover_that_fails_later_comes_back_three_times_and_then_no_more() {
    let mut house = shop(&[]);
    house.account.skills.insert("People".into(), Skill::default());
    house.set_up();
    let id = house.begin("v", Channel::Messaging, "Shop");
    for _ in 0..4 {
        house.says(id, "a human please");
        assert_eq!(house.place(id), "queue People");
        house.wait(181_000);
        assert_eq!(house.place(id), "bot-1");
    }
    let said = house.transcript(id);
    let nobody = said.iter().filter(|line| *line == "bot-1: Nobody is there right now.").count();
    assert_eq!(nobody, 3, "{said:#?}");
    let fourth = said.last().unwrap();
    assert!(fourth.starts_with("bot-1: ") && !fourth.contains("Nobody"), "{fourth}");
}

/// Messages arrived out of order unless they were delayed: their numbers say the order, and no delay is needed.
#[test]
fn the_order_of_messages_is_their_number() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    for number in 0..20 {
        house.user_says("sam", id, &number.to_string()).unwrap();
    }
    let facts = house.facts(id);
    let said = facts.iter().filter_map(|fact| match fact {
        Fact::Said { sequence, content: Content::Message(Message::Text(text)), .. } => {
            Some((*sequence, text.clone()))
        }
        _ => None,
    });
    assert!(said.eq((0..20).map(|number: u64| (number, number.to_string()))));
}

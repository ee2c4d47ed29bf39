//! Who gets what: skills, availability, capacity, what is due first, rings, and taking from the queue.

use super::*;

#[test]
fn nobody_gets_more_than_they_can_take() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let ids: Vec<_> = ["a", "b", "c"].map(|name| house.begin(name, Channel::Messaging, "People")).into();
    let places: Vec<_> = ids.iter().map(|id| house.place(*id)).collect();
    assert_eq!(places, ["rings sam", "rings sam", "queue People"]);
    let ring = house.ring(ids[0]);
    house.user_in("sam", ids[0], Talk::Accept { ring }).unwrap();
    house.user_in("sam", ids[0], Talk::Close { survey: false }).unwrap();
    assert_eq!(house.place(ids[2]), "rings sam", "a place is free again");
}

#[test]
fn what_is_due_first_comes_first() {
    let mut house = shop(&["sam"]);
    let ids: Vec<_> = ["a", "b", "c"].map(|name| house.begin(name, Channel::Messaging, "People")).into();
    for id in [ids[1], ids[0], ids[2]] {
        house.wait(1_000);
        house.says(id, "hello");
    }
    house.comes("sam");
    let places: Vec<_> = ids.iter().map(|id| house.place(*id)).collect();
    assert_eq!(places, ["rings sam", "rings sam", "queue People"]);
    house.operator(Ask::In(ids[2], Talk::SetDue(parlor::conversation::Due::Urgent))).unwrap();
    let ring = house.ring(ids[1]);
    house.user_in("sam", ids[1], Talk::Reject { ring }).unwrap();
    assert_eq!(house.place(ids[2]), "rings sam");
}

#[test]
fn availability_says_what_is_offered() {
    use Availability::*;
    for (availability, new, handed_over) in [
        (Online, true, true),
        (Occupied, false, true),
        (BackSoon, false, false),
        (Away, false, false),
        (Offline, false, false),
    ] {
        let mut house = shop(&["sam"]);
        house.log_in("sam");
        house.user("sam", Ask::Be(availability)).unwrap();
        let direct = house.begin("a", Channel::Messaging, "People");
        let through = house.begin("b", Channel::Messaging, "Shop");
        house.says(through, "a human please");
        assert_eq!(house.place(direct) == "rings sam", new, "{availability:?}");
        assert_eq!(house.place(through) == "rings sam", handed_over, "{availability:?}");
    }
}

#[test]
fn the_first_accept_wins_and_the_other_hears_who_has_it() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    house.comes("tom");
    let ring = house.ring(id);
    assert_eq!(code(house.user_in("tom", id, Talk::Accept { ring })), Code::RingOver);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    let refusal = house.user_in("tom", id, Talk::Accept { ring }).unwrap_err();
    assert_eq!((refusal.code, refusal.sentence.as_str()), (Code::Taken, "taken by sam"));
    assert_eq!(house.place(id), "sam");
}

#[test]
fn somebody_takes_it_out_of_the_queue() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    house.log_in("tom");
    house.user_in("tom", id, Talk::Take).unwrap();
    assert_eq!(house.place(id), "tom");
    let refusal = house.user_in("sam", id, Talk::Take).unwrap_err();
    assert_eq!((refusal.code, refusal.sentence.as_str()), (Code::Taken, "taken by tom"));
}

#[test]
fn one_takes_no_more_than_one_can_and_nothing_of_another_skill() {
    let mut house = shop(&["sam"]);
    house.log_in("sam");
    for name in ["a", "b"] {
        let id = house.begin(name, Channel::Messaging, "People");
        house.user_in("sam", id, Talk::Take).unwrap();
    }
    let id = house.begin("c", Channel::Messaging, "People");
    assert_eq!(code(house.user_in("sam", id, Talk::Take)), Code::NoCapacity);
    let other = house.begin("d", Channel::Messaging, "Shop");
    house.operator(Ask::In(other, Talk::Transfer(To::Queue))).unwrap();
    assert_eq!(code(house.user_in("sam", other, Talk::Take)), Code::NotAllowed);
}

#[test]
fn a_chat_that_rings_out_makes_its_agent_away() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Chat, "People");
    assert_eq!(house.place(id), "rings sam");
    house.wait_with_visitor(id, 20_000);
    assert_eq!(house.place(id), "queue People");
    let presence = house.platform.floor().presence(&"sam".into()).unwrap();
    assert_eq!(presence.availability, Availability::Away);
}

#[test]
fn a_rejected_ring_is_offered_to_others_and_later_to_the_same_one() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    house.comes("tom");
    for user in ["sam", "tom"] {
        assert_eq!(house.place(id), format!("rings {user}"));
        let ring = house.ring(id);
        house.user_in(user, id, Talk::Reject { ring }).unwrap();
    }
    assert_eq!(house.place(id), "queue People");
    house.wait(16_000);
    assert!(house.place(id).starts_with("rings "));
}

#[test]
fn a_rebuilt_floor_is_the_one_that_was_kept() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    for number in 0..6 {
        let skill = if number % 2 == 0 { "People" } else { "Shop" };
        let id = house.begin(&format!("v{number}"), Channel::Messaging, skill);
        house.says(id, "a human please");
    }
    let before = house.platform.floor().picture();
    house.crash();
    assert_eq!(house.platform.floor().picture(), before);
    assert!(before.loads.values().any(|load| *load != [0, 0]));
}

#[test]
fn transfers_go_to_a_skill_to_one_agent_and_back_to_the_queue() {
    let mut house = House::new(Plan {
        people: vec![
            ("sam", vec!["People"], 2),
            ("tom", vec!["People", "Money"], 2),
            ("ann", vec!["Money"], 2),
        ],
        ..Plan::default()
    });
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.comes("tom");
    house.comes("ann");
    house.user_in("sam", id, Talk::Transfer(To::User("ann".into(), "Money".into()))).unwrap();
    assert_eq!(house.place(id), "rings ann");
    let ring = house.ring(id);
    house.user_in("ann", id, Talk::Reject { ring }).unwrap();
    assert_eq!(house.place(id), "rings tom", "anybody of the skill, if the agent does not want it");
    let ring = house.ring(id);
    house.user_in("tom", id, Talk::Accept { ring }).unwrap();
    house.user_in("tom", id, Talk::Transfer(To::Skill("People".into()))).unwrap();
    assert_eq!(house.place(id), "rings sam", "who has just given it away is asked last");
    assert_eq!(code(house.user_in("tom", id, Talk::Transfer(To::Queue))), Code::NotAParticipant);
    let nowhere = To::Skill("Nowhere".into());
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    assert_eq!(code(house.user_in("sam", id, Talk::Transfer(nowhere))), Code::UnknownSkill);
    house.user_in("sam", id, Talk::Transfer(To::Queue)).unwrap();
    assert_eq!(house.place(id), "rings tom");
}

#[test]
fn an_agent_who_leaves_gives_chats_back_and_keeps_messaging() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let chat = house.begin("a", Channel::Chat, "People");
    let messaging = house.begin("b", Channel::Messaging, "People");
    for id in [chat, messaging] {
        let ring = house.ring(id);
        house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    }
    house.user("sam", Ask::LogOut).unwrap();
    assert_eq!(house.place(chat), "queue People");
    assert_eq!(house.place(messaging), "sam");
    house.says(messaging, "are you there?");
    house.wait(21 * 60_000);
    assert_eq!(house.place(messaging), "queue People", "an answer is due, and nobody is there to give it");
}

#[test]
fn a_silent_agent_is_offline() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("a", Channel::Messaging, "People");
    house.wait_without(61_000, &["sam"]);
    assert_eq!(house.place(id), "queue People");
    let login = house.logins["sam"].clone();
    assert_eq!(code(house.ask(Caller::User(login), Ask::Be(Availability::Online))), Code::StaleLogin);
}

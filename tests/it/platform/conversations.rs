//! How conversations begin, what is in them, and every way in which they end.

use super::*;
use parlor::conversation::{Receipt, Role};
use parlor::platform::limits::*;

#[test]
fn the_same_command_twice_is_done_once() {
    let mut house = shop(&["sam"]);
    let id = ConversationId(9);
    let begin = Ask::Begin {
        conversation: id,
        channel: Channel::Messaging,
        skill: "People".into(),
        context: Value::Nothing,
    };
    let visitor = Caller::Visitor("v".into());
    let first = house.ask_as("one", visitor.clone(), begin.clone()).unwrap();
    assert_eq!(house.ask_as("one", visitor.clone(), begin.clone()).unwrap(), first);
    assert_eq!(code(house.ask_as("two", visitor.clone(), begin)), Code::Exists);
    let say = Ask::In(id, Talk::Say { content: Content::text("hello"), audience: Audience::All });
    let said = house.ask_as("three", visitor.clone(), say.clone()).unwrap();
    house.crash();
    assert_eq!(house.ask_as("three", visitor, say).unwrap(), said);
    assert_eq!(house.transcript(id), ["visitor: hello"]);
}

#[test]
fn closing_ends_it_for_all() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.visitor(id, Talk::Close { survey: false }).unwrap();
    assert_eq!(house.place(id), "over Visitor");
    let talk = Talk::Say { content: Content::text("hello?"), audience: Audience::All };
    assert_eq!(code(house.visitor(id, talk)), Code::Closed);
    assert_eq!(code(house.user_says("sam", id, "bye")), Code::Closed);
    house.visitor(id, Talk::Close { survey: false }).unwrap();
    assert_eq!(house.platform.floor().open(), 0);
}

#[test]
fn bots_close_with_and_without_a_survey() {
    let survey = r#"
bot "survey" {
  language en-US
  entry    "How"
}
dialog "How" {
  ask stars "How was it, from 1 to 5?" {
    when anything say "Thank you." -> close
  }
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;
    let mut house = House::new(Plan {
        skills: vec![("Shop", Skill { survey: Some("bot-2".into()), ..Skill::default() })],
        people: vec![("sam", vec!["People"], 2)],
        bots: vec![Bot::new("bot-1", "Shop", SHOP), Bot::new("bot-2", "Surveys", survey)],
    });
    let id = house.begin("v", Channel::Messaging, "Shop");
    house.says(id, "ok bye");
    assert_eq!(house.place(id), "bot-2");
    assert!(house.conversation(id).in_survey());
    assert_eq!(house.says(id, "5"), 1, "a survey counts its messages for itself");
    assert_eq!(house.place(id), "over Agent");
    assert_eq!(
        house.transcript(id),
        [
            "visitor: ok bye",
            "bot-1: Bye!",
            "bot-2: How was it, from 1 to 5?",
            "visitor: 5",
            "bot-2: Thank you."
        ]
    );
    let id = house.begin("w", Channel::Messaging, "Shop");
    house.says(id, "leave");
    assert_eq!(house.place(id), "over Agent");
    let id = house.begin("x", Channel::Messaging, "Shop");
    house.visitor(id, Talk::Close { survey: true }).unwrap();
    assert_eq!(house.place(id), "bot-2");
    house.wait(25 * 3_600_000);
    assert_eq!(house.place(id), "over Idle", "a survey that nobody answers is over after a day");
}

#[test]
fn nobody_says_anything_for_a_week() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.wait(6 * 24 * 3_600_000);
    house.user_says("sam", id, "Are you still there?").unwrap();
    house.wait(6 * 24 * 3_600_000);
    assert_eq!(house.place(id), "sam");
    house.wait(2 * 24 * 3_600_000);
    assert_eq!(house.place(id), "over Idle");
}

#[test]
fn a_chat_is_over_when_its_visitor_has_left() {
    let mut house = shop(&["sam"]);
    let id = house.begin("v", Channel::Chat, "People");
    house.wait_with_visitor(id, 120_000);
    assert_eq!(house.place(id), "queue People");
    house.wait(41_000);
    assert_eq!(house.place(id), "over VisitorLeft");
    let messaging = house.begin("v", Channel::Messaging, "People");
    house.wait(41_000);
    assert_eq!(house.place(messaging), "queue People");
}

#[test]
fn receipts_are_numbered_with_messages() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    assert_eq!(house.says(id, "one"), 0);
    let read = Talk::Receive { status: Receipt::Read, of: vec![0] };
    assert_eq!(house.user_in("sam", id, read), Ok(Answer::Sequence(1)));
    assert_eq!(house.says(id, "two"), 2);
    let unknown = Talk::Receive { status: Receipt::Read, of: vec![3] };
    assert_eq!(code(house.user_in("sam", id, unknown)), Code::UnknownMessage);
}

#[test]
fn whispers_are_for_those_who_work_here() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.says(id, "hello");
    let due = house.conversation(id).due_at;
    let whisper = Talk::Say { content: Content::text("difficult"), audience: Audience::Staff };
    house.user_in("sam", id, whisper.clone()).unwrap();
    assert_eq!(house.conversation(id).due_at, due, "a whisper is no answer");
    assert_eq!(code(house.visitor(id, whisper)), Code::NotAllowed);
    house.user_says("sam", id, "Hello!").unwrap();
    assert_eq!(house.conversation(id).due_at, None);
    assert_eq!(house.transcript(id), ["visitor: hello", "sam (staff): difficult", "sam: Hello!"]);
}

#[test]
fn a_manager_steps_in_and_out() {
    let mut house = shop(&["sam", "max"]);
    house.account.users.get_mut(&"max".into()).unwrap().profile = "Agent Manager".into();
    house.set_up();
    house.comes("sam");
    house.log_in("max");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.user_in("max", id, Talk::Join(Role::Manager)).unwrap();
    house.user_says("max", id, "I can help.").unwrap();
    assert_eq!(house.conversation(id).others.len(), 1);
    house.user_in("max", id, Talk::Leave).unwrap();
    assert_eq!(house.conversation(id).others.len(), 0);
    assert_eq!(code(house.user_in("sam", id, Talk::Join(Role::Assigned))), Code::NotValid);
    house.user_in("max", id, Talk::Close { survey: false }).unwrap();
    assert_eq!(house.place(id), "over Agent");
}

#[test]
fn what_cannot_be_is_refused_with_its_field_and_limit() {
    let mut house = shop(&["sam"]);
    house.log_in("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let say = |text: String| Talk::Say { content: Content::text(text), audience: Audience::All };
    let refusal = house.visitor(id, say("x".repeat(CONTENT_BYTES_MAX))).unwrap_err();
    assert_eq!(refusal.to_string(), "16407 bytes are too many: 16384 is the most (too-large, in `content`)");
    let turn = house.conversation(id).turn;
    assert_eq!(code(house.user_says("sam", id, "hi")), Code::NotAParticipant);
    assert_eq!(code(house.visitor(id, Talk::Transfer(To::Queue))), Code::NotAllowed);
    assert_eq!(code(house.visitor(id, Talk::Rate(6))), Code::NotValid);
    assert_eq!(code(house.visitor(id, Talk::Receive { status: Receipt::Read, of: vec![] })), Code::TooMany);
    assert_eq!(
        code(house.ask(Caller::Visitor("w".into()), Ask::In(id, say("hi".into())))),
        Code::UnknownConversation
    );
    let nobody = ConversationId(77);
    assert_eq!(
        code(house.ask(Caller::Visitor("w".into()), Ask::In(nobody, say("hi".into())))),
        Code::UnknownConversation
    );
    let begin = |skill: &str, context| Ask::Begin {
        conversation: nobody,
        channel: Channel::Chat,
        skill: skill.into(),
        context,
    };
    let visitor = Caller::Visitor("w".into());
    assert_eq!(code(house.ask(visitor.clone(), begin("Nowhere", Value::Nothing))), Code::UnknownSkill);
    let large =
        Value::map(BTreeMap::from([("page".to_string(), Value::text("x".repeat(CONTEXT_BYTES_MAX)))]));
    assert_eq!(code(house.ask(visitor.clone(), begin("People", large))), Code::TooLarge);
    assert_eq!(code(house.ask(visitor.clone(), Ask::LogOut)), Code::NotAllowed);
    assert_eq!(code(house.ask(visitor.clone(), Ask::Start("bot-1".into()))), Code::NotAllowed);
    assert_eq!(code(house.operator(Ask::Start("bot-9".into()))), Code::UnknownConnector);
    assert_eq!(code(house.operator(Ask::LogIn("nobody".into()))), Code::UnknownUser);
    assert_eq!(code(house.ask_as("", visitor, begin("People", Value::Nothing))), Code::NotValid);
    assert_eq!(house.conversation(id).turn, turn, "nothing half done");
}

#[test]
fn a_nearly_full_disk_takes_no_new_conversations() {
    let mut house = shop(&["sam"]);
    let id = house.begin("v", Channel::Messaging, "People");
    house.happen(Input::FreeSpace(FREE_SPACE_MIN - 1));
    let conversation = ConversationId(5);
    let begin =
        Ask::Begin { conversation, channel: Channel::Chat, skill: "People".into(), context: Value::Nothing };
    let refusal = house.ask(Caller::Visitor("w".into()), begin).unwrap_err();
    assert_eq!(refusal.code, Code::NoSpace);
    assert!(refusal.sentence.contains("268435456"), "{refusal}");
    house.says(id, "what is open goes on");
}

#[test]
fn two_who_call_their_commands_the_same_are_not_mixed_up() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    let say = |text: &str| Ask::In(id, Talk::Say { content: Content::text(text), audience: Audience::All });
    let sam = Caller::User(house.logins["sam"].clone());
    assert_eq!(house.ask_as("1", Caller::Visitor("v".into()), say("hello")), Ok(Answer::Sequence(0)));
    assert_eq!(house.ask_as("1", sam, say("Hello!")), Ok(Answer::Sequence(1)));
    assert_eq!(house.transcript(id), ["visitor: hello", "sam: Hello!"]);
}

#[test]
fn only_who_takes_part_shows_what_they_do() {
    let mut house = shop(&["sam"]);
    house.log_in("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let doing = Talk::Do(parlor::conversation::Doing::Composing);
    assert_eq!(code(house.user_in("sam", id, doing.clone())), Code::NotAParticipant);
    let stranger = Caller::Visitor("w".into());
    assert_eq!(code(house.ask(stranger.clone(), Ask::In(id, doing.clone()))), Code::UnknownConversation);
    assert_eq!(code(house.ask(stranger, Ask::In(id, Talk::Alive))), Code::UnknownConversation);
    house.left.clear();
    house.visitor(id, doing).unwrap();
    assert!(house.left.iter().any(|output| matches!(output, Output::Doing { .. })));
}

#[test]
fn who_is_not_of_the_house_any_more_leaves_what_they_had() {
    let mut house = shop(&["sam", "tom"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.comes("tom");
    house.account.users.remove(&"sam".into());
    house.set_up();
    assert_eq!(house.place(id), "rings tom");
}

#[test]
fn who_gave_it_away_is_asked_again_if_nobody_else_is_there() {
    let mut house = shop(&["sam"]);
    house.comes("sam");
    let id = house.begin("v", Channel::Messaging, "People");
    let ring = house.ring(id);
    house.user_in("sam", id, Talk::Accept { ring }).unwrap();
    house.user_in("sam", id, Talk::Transfer(To::Queue)).unwrap();
    assert_eq!(house.place(id), "queue People");
    house.wait(16_000);
    assert_eq!(house.place(id), "rings sam");
}

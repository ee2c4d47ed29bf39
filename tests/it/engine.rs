//! The engine under bots, states and events of any kind: it never panics, says what went wrong, and keeps its limits.

use parlor::conversation::{Effect, Event, Happening, Knowledge, Log, Moment, Outcome, Span, Value};
use parlor::diagnostics::Severity;
use parlor::engine::{STACK_MAX, STATE_BYTES_MAX, State, Step, step};
use parlor::program::{Draft, Program};
use parlor::rehearsal::{Session, lines};
use proptest::prelude::*;

#[allow(dead_code)]
#[path = "../../examples/embed.rs"]
mod embed;

const CLOCK: Moment = Moment(1_795_165_200_000);

fn compile(text: &str) -> Program {
    compiled(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// The bot, or the slugs of its errors.
pub fn compiled(text: &str) -> Result<Program, String> {
    let mut draft = Draft::new();
    draft.put("bot.dialog", text);
    let checked = draft.check();
    let errors = checked.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    let slugs: Vec<String> = errors.map(|finding| format!("{}: {}", finding.slug, finding.message)).collect();
    checked.program.ok_or_else(|| slugs.join("; "))
}

// ------------------------------------------------------------------------------------------------ bots at random

/// How many dialogs a bot at random has.
const DIALOGS: usize = 4;

fn go() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("-> next".to_string()),
        Just("-> end".to_string()),
        Just("-> end all".to_string()),
        Just("-> back".to_string()),
        Just("-> close".to_string()),
        (0..DIALOGS).prop_map(|dialog| format!("-> dialog \"D{dialog}\"")),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    prop_oneof![
        go().prop_map(|go| format!("when \"yes\" {go}")),
        go().prop_map(|go| format!(
            "when pattern \"a*\" and if n > 2 save text_of = reply say \"Rule.\" {go}"
        )),
        go().prop_map(|go| format!("when words \"{{caught}} please\" save x = caught {go}")),
        Just("when words \"big\" save big = big ~ big ~ reply".to_string()),
        Just("when words \"deep\" save big = {'a': big, 'b': reply}".to_string()),
        Just("when \"broken\" and if 1 / zero > 1 -> next".to_string()),
        Just("when \"again\" -> repeat".to_string()),
        Just("when silence 1m say \"Still there?\"".to_string()),
        Just("when silence 5m -> end".to_string()),
        go().prop_map(|go| format!("retry 2 say \"Enough.\" {go}")),
    ]
}

fn last_rule() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("otherwise say \"No.\"".to_string()),
        Just("otherwise {\n say \"No, {{ reply }}.\"\n}".to_string()),
        Just("when anything say \"Fine.\"".to_string()),
        Just("when anything but not words \"no\" -> next".to_string()),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    let rules = || (prop::collection::vec(rule(), 0..4), last_rule());
    let block = |(rules, last): (Vec<String>, String)| format!("{{\n{}\n{last}\n}}", rules.join("\n"));
    prop_oneof![
        3 => Just("say \"Said {{ reply }} and {{ n }}.\"".to_string()),
        1 => Just("set n = n + 1".to_string()),
        1 => Just("set big = big ~ reply".to_string()),
        1 => Just("set kept = reply".to_string()),
        1 => Just("set n = 1 / zero".to_string()),
        1 => Just("if n > 3 {\nsay \"Many.\"\n} else {\nsay \"Few.\"\n}".to_string()),
        3 => rules().prop_map(move |rules| format!("ask Q \"Q?\" {}", block(rules))),
        1 => rules().prop_map(move |rules| format!("ask Q number \"How many?\" focused {}", block(rules))),
        1 => Just("ask Q \"Anything?\"".to_string()),
        2 => (prop::collection::vec(rule(), 0..2), last_rule()).prop_map(|(rules, last)| {
            format!("choose Q \"Which?\" {{\n\"One\"\n\"Two\" = \"2\" -> end\nfor s in some \"{{{{ s.name }}}}\" save x = s\n{}\n{last}\n}}", rules.join("\n"))
        }),
        1 => Just("collect {\nask Q date \"When?\"\nask R number \"How many?\"\n}".to_string()),
        2 => go().prop_map(|go| format!("call \"Api\" {{\nwhen success and if n > 1 {go}\nwhen failure say \"Failed.\"\n}}")),
        1 => Just("call \"Api\"".to_string()),
        1 => go().prop_map(|go| format!("transfer to skill \"S\" say \"Bye.\" {{\nwhen failure say \"Back.\" {go}\n}}")),
    ]
}

/// The text of a bot. Every dialog begins with a sentence, so that nobody is left without one.
pub fn bot() -> impl Strategy<Value = String> {
    let dialogs = prop::collection::vec(prop::collection::vec(statement(), 0..5), DIALOGS);
    (dialogs, any::<[bool; 5]>()).prop_map(|(dialogs, has)| {
        let mut text = String::from(
            "bot \"B\" {\nlanguage en\nentry \"D0\"\nretry 2\nvar n number = 1\nvar zero number = 0\nvar big json\nvar text_of text\nvar x json\nvar some list\nremember kept text\n}\nintegration \"Api\" api {\nget \"https://x.example/{{ n }}\"\nsave some = response.body.some\n}\n",
        );
        let mut names = 0;
        let mut dialog = |head: String, starter: String, statements: &[String]| {
            text.push_str(&format!("{head} {{\n{starter}say \"Begin.\"\n"));
            for statement in statements {
                names += 2;
                let named = statement.replace(" Q ", &format!(" q{names} ")).replace(" R ", &format!(" q{} ", names + 1));
                text.push_str(&named);
                text.push('\n');
            }
            text.push_str("}\n");
        };
        for (number, statements) in dialogs.iter().enumerate() {
            let starter = format!("user says {{\n\"d{number}\"\npattern \"go {number} *\"\n}}\n");
            dialog(format!("dialog \"D{number}\""), starter, statements);
        }
        let plain = ["say \"In place.\"".to_string()];
        for (name, wanted) in ["fallback", "escalation", "on start", "on silence 2m", "on file received"].iter().zip(has) {
            if wanted {
                dialog(format!("{name} dialog \"{name}\""), String::new(), &plain);
            }
        }
        text
    })
}

fn event() -> impl Strategy<Value = Happening> {
    let message = prop_oneof![
        8 => prop::sample::select(vec![
            "yes", "no", "d0", "d1", "d2", "d3", "go 1 now", "a thing", "coffee please", "big", "deep", "broken", "again",
            "One", "two", "2", "b", "tomorrow for 3", "", "  ", "*|(", "\u{1}\u{2}", "🎉",
        ]).prop_map(str::to_string),
        1 => ".{0,40}",
        1 => (1..6_000usize).prop_map(|times| "\u{1}".repeat(times)),
        1 => Just("x".repeat(1_000_000)),
    ];
    let body = prop_oneof![
        Just(Value::Nothing),
        Just(serde_json::json!({"some": [{"name": "First"}, {"name": 2}, 3, null]}).into()),
        Just(serde_json::json!({"some": "none"}).into()),
        Just(serde_json::json!({"some": ["x".repeat(9_000)]}).into()),
        Just(serde_json::json!([1, 2.5, 0.1])).prop_map(Value::from),
    ];
    let outcome = prop_oneof![
        body.prop_map(|body| Outcome::Success { status: 200, body }),
        "[a-z]{0,8}".prop_map(|reason| Outcome::Failure { reason, status: 0, body: Value::Nothing }),
    ];
    let wide: Value = serde_json::json!({"name": "n".repeat(40_000)}).into();
    let deep = (0..200).fold(Value::Nothing, |inner, _| Value::list(vec![inner]));
    prop_oneof![
        12 => message.prop_map(Happening::Said),
        4 => (0..8u64, outcome).prop_map(|(id, outcome)| Happening::Returned { id, outcome }),
        2 => Just(Happening::Woke),
        1 => Just(Happening::Began),
        1 => Just(Happening::EscalationFailed { reason: "busy".to_string() }),
        1 => Just(Happening::Other { name: "file received".to_string(), data: Value::Nothing }),
        1 => Just(Happening::Other { name: "unheard of".to_string(), data: Value::Flag(true) }),
        1 => prop::sample::select(vec![wide, deep, Value::Whole(1)])
            .prop_map(|visitor| Happening::Knows(Knowledge { visitor, ..Knowledge::default() })),
    ]
}

/// Events with the time that passes before each; clocks are set back now and then.
pub fn walk() -> impl Strategy<Value = Vec<(i64, Happening)>> {
    prop::collection::vec((prop_oneof![0..20_000i64, -100_000..400_000i64, Just(8_000_000)], event()), 1..40)
}

fn looked_at(program: &Program, before: State, event: &Event) -> Result<Step, TestCaseError> {
    let busy = before.waits_for().is_some();
    let now = step(program, before.clone(), event);
    prop_assert_eq!(&now, &step(program, before, event), "the same comes of the same");
    let written = now.state.write();
    prop_assert!(written.len() <= STATE_BYTES_MAX, "{} bytes", written.len());
    let (read, trouble) = State::read(&written);
    prop_assert!(trouble.is_none(), "{:?}", trouble);
    prop_assert_eq!(&read, &now.state);
    prop_assert!(now.state.stack().len() <= STACK_MAX);
    let says = now.effects.iter().filter(|effect| matches!(effect, Effect::Say(_))).count();
    let done = |effect: &Effect| {
        matches!(
            effect,
            Effect::Say(_) | Effect::Call { .. } | Effect::Transfer { .. } | Effect::Close { .. }
        )
    };
    // What a new version has lost is no trouble to the visitor: the question beneath takes the message as it would have.
    let trouble = |effect: &Effect| matches!(effect, Effect::Log(Log::Trouble { what, .. }) if !what.ends_with("goes on without it"));
    let trouble = now.effects.iter().any(trouble);
    if matches!(event.what, Happening::Said(_)) && !busy && trouble {
        prop_assert!(now.effects.iter().any(done), "trouble without a sentence: {:?}", now.effects);
    }
    prop_assert!(says < 200, "{} messages", says);
    Ok(now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_bot_stands_any_walk(text in bot(), other in bot(), events in walk(), cut in any::<(usize, u8)>()) {
        // A bot made at random may go in circles, which is an error; no other one is made.
        let programs = compiled(&text).and_then(|program| Ok((program, compiled(&other)?)));
        if let Err(errors) = &programs {
            prop_assert!(errors.split("; ").all(|error| error.starts_with("endless-jump")), "{}\n{}\n{}", errors, text, other);
        }
        let Ok((program, other)) = programs else { return Err(TestCaseError::reject("it goes in circles")) };
        let mut state = State::default();
        let mut at = CLOCK;
        for (passes, what) in events {
            at = Moment(at.0 + passes);
            let event = Event { at, what };
            // What a state of this bot does to another bot, and what is left of a state that was damaged.
            looked_at(&other, state.clone(), &event)?;
            let mut damaged = state.write();
            let place = cut.0 % damaged.len();
            damaged[place] = cut.1;
            let (damaged, _) = State::read(&damaged);
            if damaged.write().len() <= STATE_BYTES_MAX {
                looked_at(&program, damaged, &event)?;
            }
            state = looked_at(&program, state, &event)?.state;
        }
    }
}

// ------------------------------------------------------------------------------------------------------ by hand

#[test]
fn the_example_of_a_bot_inside_a_program_talks() {
    let told = embed::talk(&["espresso", "three"]);
    assert_eq!(told, ["How many cups?", "3 cups: 7.5 €."]);
    assert!(include_str!("../../examples/embed.rs").lines().count() < 60);
}

#[test]
fn a_state_in_the_middle_of_a_collection_is_small() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/tasks");
    let mut draft = Draft::new();
    let text = std::fs::read_to_string(folder.join("tasks.dialog")).expect("text");
    draft.put("tasks.dialog", text);
    let program = draft.check().program.expect("the bot has no errors");
    let mut session = Session::new(program, Knowledge::default(), CLOCK);
    session.say("book a table for four");
    session.say("Berlin");
    let written = session.state().write();
    assert!(session.state().open().is_some_and(|(_, open)| open.question == "day"));
    assert!(written.len() < 2_048, "{} bytes: {}", written.len(), String::from_utf8_lossy(&written));
}

#[test]
fn what_would_make_a_state_too_large_is_dropped_with_an_apology() {
    let mut text = String::from("bot \"B\" {\nlanguage en\nentry \"D\"\napology \"Too much.\"\n");
    for number in 0..9 {
        text.push_str(&format!("var v{number} text\n"));
    }
    text.push_str("}\ndialog \"D\" {\nsay \"Hi.\"\nask q \"Q?\" {\n");
    for number in 0..9 {
        text.push_str(&format!("when pattern \"{number} *\" save v{number} = reply -> repeat\n"));
    }
    text.push_str("}\n}\n");
    let mut session = Session::new(compile(&text), Knowledge::default(), CLOCK);
    session.say("begin");
    let mut troubled = None;
    for number in 0..9 {
        let told = session.say(&format!("{number} {}", "x".repeat(7_900)));
        let lines = lines(&told.effects);
        if lines.iter().any(|line| line.contains(&STATE_BYTES_MAX.to_string())) {
            assert!(lines.iter().any(|line| line == "bot: Too much."), "{lines:?}");
            troubled.get_or_insert(number);
        }
        assert!(session.state().write().len() <= STATE_BYTES_MAX);
    }
    let dropped = troubled.expect("nine of these are too much");
    let kept: Vec<String> = session.state().variables().map(|(name, _)| name.to_string()).collect();
    assert_eq!(kept, (0..dropped).map(|number| format!("v{number}")).collect::<Vec<_>>());
}

const BEFORE: &str = "bot \"B\" {\nlanguage en\nentry \"A\"\n}\nintegration \"Api\" api {\nget \"https://x.example\"\n}\ndialog \"A\" {\nuser says {\n\"a\"\n}\nask one \"One?\"\nask two \"Two?\" {\nwhen \"call\"\nwhen \"back\" -> back\notherwise say \"No.\"\n}\ncall \"Api\"\nsay \"Called.\"\n}\ndialog \"Gone\" {\nuser says {\n\"gone\"\n}\nask three \"Three?\"\n}\nfallback dialog \"F\" {\nsay \"Pardon?\"\n}\n";

fn said(session: &mut Session, text: &str) -> Vec<String> {
    lines(&session.say(text).effects)
}

#[test]
fn a_new_version_that_lost_a_dialog_goes_on_beneath_it() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "gone"] {
        session.say(text);
    }
    let start = BEFORE.find("dialog \"Gone\"").unwrap();
    let end = BEFORE.find("fallback").unwrap();
    session.replace(compile(&format!("{}{}", &BEFORE[..start], &BEFORE[end..])));
    let told = said(&mut session, "hm");
    assert_eq!(
        told,
        [
            "event: trouble: this version has no dialog `Gone`; the conversation goes on without it",
            "bot: No.",
        ]
    );
    assert_eq!(said(&mut session, "back"), ["bot: One?"]);
}

#[test]
fn a_new_version_that_lost_a_question_still_answers() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1"] {
        session.say(text);
    }
    session.replace(compile(&BEFORE.replace("ask two", "ask zwei")));
    let told = said(&mut session, "hm");
    assert_eq!(
        told,
        [
            "event: trouble: the dialog `A` has no question `two` in this version; the conversation goes on without it",
            "bot: Pardon?",
        ]
    );
}

#[test]
fn a_new_version_that_lost_a_call_apologises_when_it_comes_back() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    assert!(session.waits_for().is_some());
    session.replace(compile(&BEFORE.replace("call \"Api\"\nsay", "say")));
    let told = session.answer(Outcome::Success { status: 200, body: Value::Nothing }).expect("it waits");
    assert_eq!(
        lines(&told.effects),
        [
            "event: trouble: the call of `Api` came back, but the dialog `A` is gone",
            "bot: Sorry, something went wrong. Please try again.",
        ]
    );
}

#[test]
fn second_answers_to_a_call_are_ignored() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    let id = session.waits_for().expect("a call");
    let answer =
        || Happening::Returned { id, outcome: Outcome::Success { status: 200, body: Value::Nothing } };
    assert_eq!(lines(&session.happen(answer()).effects), ["bot: Called."]);
    let again = lines(&session.happen(answer()).effects);
    assert_eq!(again, ["event: trouble: the answer to call 1 is late or a second one, and is ignored"]);
}

#[test]
fn an_answer_to_the_call_before_is_ignored() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    let mut ids = Vec::new();
    for _ in 0..2 {
        for text in ["a", "1", "call"] {
            session.say(text);
        }
        ids.push(session.waits_for().expect("a call"));
        session.wait(Span(parlor::engine::BUSY_MS + 1));
    }
    let mut answer = |id| {
        let outcome = Outcome::Success { status: 200, body: Value::Nothing };
        lines(&session.happen(Happening::Returned { id, outcome }).effects)
    };
    let ignored = "event: trouble: the answer to call 1 is late or a second one, and is ignored";
    assert_eq!(answer(ids[0]), [ignored]);
    assert_eq!(answer(ids[1]), ["bot: Called."]);
}

#[test]
fn a_handover_that_seemed_to_succeed_counts_as_failed_when_it_comes_back() {
    let text = BEFORE.replace("ask three \"Three?\"", "transfer to skill \"S\" say \"Bye.\"");
    let mut session = Session::new(compile(&text), Knowledge::default(), CLOCK);
    for round in 1..=4u64 {
        session.say("gone");
        let outcome = Outcome::Success { status: 200, body: Value::Nothing };
        session.happen(Happening::Returned { id: round, outcome });
        let told = session.happen(Happening::EscalationFailed { reason: "busy".to_string() });
        let lines = lines(&told.effects).join("\n");
        assert_eq!(lines.contains("4 handovers in a row failed"), round == 4, "{lines}");
    }
    // One that was taken and came back much later begins the count anew.
    session.say("gone");
    session.happen(Happening::Returned {
        id: 5,
        outcome: Outcome::Success { status: 200, body: Value::Nothing },
    });
    session.say("gone");
    let told = session.happen(Happening::EscalationFailed { reason: "busy".to_string() });
    assert!(!lines(&told.effects).join("\n").contains("in a row"));
}

#[test]
fn a_silence_after_a_call_is_counted_from_its_return() {
    let text = BEFORE.replace(
        "say \"Called.\"",
        "ask four \"Four?\" {\nwhen silence 1m say \"Still there?\"\nwhen anything\n}",
    );
    let mut session = Session::new(compile(&text), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    session.wait(Span(50_000));
    session.answer(Outcome::Success { status: 200, body: Value::Nothing });
    assert_eq!(lines(&session.wait(Span(59_000)).effects), Vec::<String>::new());
    assert_eq!(lines(&session.wait(Span(1_000)).effects), ["bot: Still there?"]);
}

// A transcript has no way to leave a call unanswered while the visitor speaks or time passes, so these stand here.

#[test]
fn messages_are_not_answered_for_fifteen_seconds_while_a_call_is_on_its_way() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    assert_eq!(said(&mut session, "hello?"), Vec::<String>::new());
    session.wait(Span(15_000));
    assert_eq!(said(&mut session, "hello?"), Vec::<String>::new());
    session.wait(Span(1_000));
    assert_eq!(said(&mut session, "hello?"), ["bot: Pardon?"]);
    let told = session.answer(Outcome::Success { status: 200, body: Value::Nothing }).expect("it waits");
    assert_eq!(lines(&told.effects), ["bot: Called."]);
}

#[test]
fn a_starter_gives_a_call_up_that_takes_longer() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    session.wait(Span(16_000));
    assert_eq!(said(&mut session, "gone"), ["bot: Three?"]);
    assert!(session.waits_for().is_none());
    assert_eq!(said(&mut session, "3"), ["bot: Two?"]);
}

/// A bot that looks orders up and tells when a session is over.
const ORDERS: &str = r#"
bot "B" {
  language en
  entry "Order"
  session 1h
  var order_no text
  var status text
}
integration "Orders" api {
  get "https://x.example/{{ order_no }}"
  save status = response.body.status
}
dialog "Order" {
  user says {
    "order"
  }
  ask order_no "Which order?"
  call "Orders" {
    when failure say "I can't look." -> end
  }
  say "It is {{ status }}."
}
on session expired dialog "Again" {
  say "Let's begin again."
}
dialog "Status" {
  user says {
    "status"
  }
  say "{{ order_no | default('no order') }}, {{ status | default('no status') }}"
}
fallback dialog "F" {
  say "Pardon?"
}
"#;

/// The orders have come back with this.
fn shipped(session: &mut Session) -> Vec<String> {
    let body = serde_json::from_str(r#"{"status": "shipped"}"#).expect("sound JSON");
    lines(&session.answer(Outcome::Success { status: 200, body }).expect("it waits").effects)
}

#[test]
fn a_call_is_given_up_with_its_session() {
    let mut session = Session::new(compile(ORDERS), Knowledge::default(), CLOCK);
    assert_eq!(said(&mut session, "order"), ["bot: Which order?"]);
    assert_eq!(said(&mut session, "12"), ["event: call \"Orders\""]);
    session.wait(Span(61 * 60_000));
    assert_eq!(said(&mut session, "status"), ["bot: Let's begin again.", "bot: no order, no status"]);
    assert_eq!(said(&mut session, "order"), ["bot: Which order?"]);
    assert_eq!(said(&mut session, "13"), ["event: call \"Orders\""]);
    assert_eq!(shipped(&mut session), ["bot: It is shipped."]);
}

#[test]
fn an_answer_that_comes_late_within_the_session_still_counts() {
    let mut session = Session::new(compile(ORDERS), Knowledge::default(), CLOCK);
    for text in ["order", "12"] {
        session.say(text);
    }
    session.wait(Span(59 * 60_000));
    assert_eq!(shipped(&mut session), ["bot: It is shipped."]);
    assert_eq!(said(&mut session, "status"), ["bot: 12, shipped"]);
}

#[test]
fn an_answer_to_a_call_of_a_session_that_has_ended_is_ignored() {
    let mut session = Session::new(compile(BEFORE), Knowledge::default(), CLOCK);
    for text in ["a", "1", "call"] {
        session.say(text);
    }
    let id = session.waits_for().expect("a call");
    session.wait(Span(3_600_001));
    assert_eq!(said(&mut session, "gone"), ["bot: Three?"]);
    let outcome = Outcome::Success { status: 200, body: Value::Nothing };
    let late = session.happen(Happening::Returned { id, outcome });
    assert_eq!(
        lines(&late.effects),
        ["event: trouble: the answer to call 1 is late or a second one, and is ignored"]
    );
    assert!(session.state().open().is_some_and(|(dialog, _)| dialog == "Gone"));
}

#[test]
fn a_state_of_the_first_form_goes_on_where_it_was() {
    // As it was written when the trail of questions held names only.
    let first = r#"{"form":1,"begun":true,"last":1795165200000,"quiet":{"since":1795165200000,"answered":0},"stack":[
        {"dialog":"A","open":{"question":"two"}},{"dialog":"Gone","open":{"question":"three"}}],"trail":[[["A","one"]],
        [["A","two"]],[["A","two"],["Gone","three"]]],"reply":"gone"}"#;
    let program =
        compile(&BEFORE.replace("ask three \"Three?\"", "ask three \"Three?\" {\nwhen \"back\" -> back\n}"));
    let (mut state, trouble) = State::read(first.as_bytes());
    assert_eq!(trouble, None);
    for (text, told) in
        [("back", "bot: Two?"), ("back", "bot: One?"), ("1", "bot: Two?"), ("gone", "bot: Three?")]
    {
        let next = step(&program, state, &Event { at: CLOCK, what: Happening::Said(text.to_string()) });
        assert_eq!(lines(&next.effects), [told]);
        state = next.state;
    }
    let later = String::from_utf8(state.write()).expect("JSON").replacen("\"form\":2", "\"form\":3", 1);
    let (anew, trouble) = State::read(later.as_bytes());
    assert_eq!(
        (anew, trouble.as_deref()),
        (State::default(), Some("the state has form 3, and this version reads up to 2"))
    );
}

#[test]
fn what_a_dialog_held_is_written_once() {
    let text = "bot \"B\" {\nlanguage en\nentry \"A\"\n}\ndialog \"A\" {\nvar kept text\nask one \"One?\" {\nwhen anything save kept = reply * 100 -> next\n}\nask two \"Two?\"\nask three \"Three?\"\nask four \"Four?\"\n}\n";
    let mut session = Session::new(compile(text), Knowledge::default(), CLOCK);
    session.happen(Happening::Began);
    said(&mut session, "0123456789");
    let size = |session: &Session| session.state().write().len();
    let once = size(&session);
    assert!((1_000..2_000).contains(&once), "{once} bytes");
    // `two` has a value now and had none when it was asked, and so on: that is all that is written beside it.
    for text in ["2", "3"] {
        said(&mut session, text);
    }
    assert!(size(&session) < once + 300, "{} bytes", size(&session));
}

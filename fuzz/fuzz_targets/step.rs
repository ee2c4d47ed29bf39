//! No state and no event breaks the engine, whatever bot they meet; what goes wrong has a sentence.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use parlor::conversation::{Event, Happening, Moment, Outcome, Value};
use parlor::engine::{STATE_BYTES_MAX, State, step};
use parlor::program::{Draft, Program};

/// The bots of the repository.
fn programs() -> &'static [Program] {
    static PROGRAMS: OnceLock<Vec<Program>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let bots = [
            include_str!("../../bots/acme/acme.dialog"),
            include_str!("../../bots/tasks/tasks.dialog"),
        ];
        let compiled = bots.iter().filter_map(|text| {
            let mut draft = Draft::new();
            draft.put("bot.dialog", *text);
            draft.check().program
        });
        compiled.collect()
    })
}

// The first byte chooses the bot, the first line is a state, every other line something that happens: `r` and a number
// is an answer, `f` a failure, `w` time that passes, `e` an event, `{` an event as JSON, and all else a message.
fuzz_target!(|text: &str| {
    let programs = programs();
    assert_eq!(programs.len(), 2);
    let program = &programs[usize::from(text.as_bytes().first().is_some_and(|byte| byte & 1 == 1))];
    let mut lines = text.get(1..).unwrap_or("").lines();
    let (mut state, _) = State::read(lines.next().unwrap_or("").as_bytes());
    let mut at = 1_795_165_200_000;
    for line in lines.take(40) {
        let rest = line.get(1..).unwrap_or("");
        let body = || serde_json::from_str(rest.trim_start_matches(|digit: char| digit.is_ascii_digit())).unwrap_or_default();
        let id = rest.bytes().next().map_or(1, |digit| u64::from(digit.wrapping_sub(b'0')));
        let what = match line.as_bytes().first() {
            Some(b'r') => Happening::Returned { id, outcome: Outcome::Success { status: 200, body: body() } },
            Some(b'f') => {
                Happening::Returned { id, outcome: Outcome::Failure { reason: rest.to_string(), status: 0, body: Value::Nothing } }
            }
            Some(b'w') => {
                at += rest.trim().parse::<i32>().map_or(60_000, i64::from);
                Happening::Woke
            }
            Some(b'e') => Happening::Other { name: rest.to_string(), data: Value::Nothing },
            Some(b'{') => serde_json::from_str(line).unwrap_or(Happening::Began),
            _ => Happening::Said(line.to_string()),
        };
        let next = step(program, state, &Event { at: Moment(at), what });
        let written = next.state.write();
        assert!(written.len() <= STATE_BYTES_MAX, "{} bytes", written.len());
        let (read, trouble) = State::read(&written);
        assert_eq!(trouble, None);
        assert_eq!(read, next.state);
        state = read;
    }
});

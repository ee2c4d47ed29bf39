//! A bot inside a program of one's own: compile it, send it what happens, do what it asks for, keep its state.

use parlor::conversation::{Effect, Event, Happening, Moment, Outcome, Value};
use parlor::engine::{State, step};
use parlor::program::{Draft, Program};
use std::time::{SystemTime, UNIX_EPOCH};

const BOT: &str = r#"
bot "Kiosk" {
  language en
  entry "Order"
  var price number
}
integration "Prices" function {
  function "prices"
  save price = response.body
}
dialog "Order" {
  ask cups number "How many cups?"
  call "Prices" {
    when failure -> end
  }
  say "{{ cups }} cups: {{ cups * price }} €."
}
"#;

fn main() {
    talk(&["espresso", "three"]).iter().for_each(|line| println!("{line}"));
}

/// What the bot says to these messages.
pub fn talk(messages: &[&str]) -> Vec<String> {
    let mut draft = Draft::new();
    draft.put("kiosk.dialog", BOT);
    let program = draft.check().program.expect("the bot has no errors");
    let (mut stored, mut told) = (Vec::new(), Vec::new());
    for message in messages {
        let (mut state, _) = State::read(&stored);
        happen(&program, &mut state, Happening::Said(message.to_string()), &mut told);
        stored = state.write(); // to a file or a database
    }
    told
}

fn happen(program: &Program, state: &mut State, what: Happening, told: &mut Vec<String>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
    let next = step(program, std::mem::take(state), &Event { at: Moment(now), what });
    *state = next.state;
    for effect in next.effects {
        match effect {
            Effect::Say(message) => told.push(message.to_text()),
            Effect::Call { id, .. } => {
                let outcome = Outcome::Success { status: 200, body: Value::number(2.5) }; // what the till would say
                happen(program, state, Happening::Returned { id, outcome }, told);
            }
            other => println!("to be done: {other:?}"),
        }
    }
}

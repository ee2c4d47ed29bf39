//! A bot of any size, made up: realistic dialogs, distinct words, nothing wrong with it. Shared by benchmarks and tests.

/// The files of a bot with so many dialogs, a hundred dialogs a file, about twelve lines a dialog.
pub fn bot(dialogs: usize) -> Vec<(String, String)> {
    let mut files = vec![("bot.dialog".to_string(), FRAME.to_string())];
    for first in (0..dialogs).step_by(100) {
        let text: String = (first..dialogs.min(first + 100)).map(dialog).collect();
        files.push((format!("topics/{:05}.dialog", first / 100), text));
    }
    files
}

/// A word of seven letters that no other number has.
pub fn word(number: usize) -> String {
    const CONSONANTS: &[u8] = b"bcdfghklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let mut rest = number;
    let mut word = String::with_capacity(7);
    for place in 0..7 {
        let letters = if place % 2 == 0 { CONSONANTS } else { VOWELS };
        word.push(letters[rest % letters.len()] as char);
        rest /= letters.len();
    }
    word
}

fn dialog(number: usize) -> String {
    let (one, two, three) = (word(3 * number), word(3 * number + 1), word(3 * number + 2));
    format!(
        r#"
dialog "Topic {number}" {{
  user says {{
    "tell me about {one}"
    pattern "*({one}|{two}|{three})*"
  }}
  say "You ask about {one}, {{{{ visitor.name | default('friend') }}}}."
  ask order_no "Which {two} do you mean? (like A-12345)" {{
    when /^[A-Z]-\d{{5}}$/ save order_no = reply | upper
    when pattern "*(lost|no idea)*{three}*" -> dialog "Agent Handoff"
    otherwise say "A letter, a dash, then five digits, please."
  }}
  say "{{{{ order_no }}}} is on its way." -> end
}}
"#
    )
}

const FRAME: &str = r#"bot "Generated" {
  language en
  entry    "Welcome"
  var order_no text
}

dialog "Welcome" {
  user says {
    words "(hi|hello|hey)"
  }
  say "Hello. Ask me anything."
}

dialog "Agent Handoff" {
  user says {
    "I want to speak to an agent"
    pattern "*(agent|representative|help|human)*"
  }
  transfer to skill "Human" say "Hold on while I transfer you to an agent..."
}

fallback dialog "Fallback" {
  say "Sorry, I didn't get that."
}
"#;

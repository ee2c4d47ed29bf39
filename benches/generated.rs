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

/// A bot in which dialogs lead to each other as in those of people: menus, roads from dialog to dialog and back, calls,
/// and many that hand over; twenty dialogs a file.
#[allow(dead_code)]
pub fn roads(dialogs: usize) -> Vec<(String, String)> {
    let mut files = vec![("bot.dialog".to_string(), FRAME.to_string())];
    for first in (0..dialogs).step_by(20) {
        let last = dialogs.min(first + 20);
        let mut text =
            format!("integration \"Lookup {first}\" api {{\n  get \"https://x.example/{first}\"\n}}\n\n");
        for number in first..last {
            let name = |number: usize| format!("Topic {number} about {}", word(number));
            text.push_str(&format!(
                "dialog \"{}\" {{\n  user says {{\n    \"tell me about {}\"\n  }}\n",
                name(number),
                word(number)
            ));
            let next = |step: usize| name(first + (number - first + step) % (last - first));
            match (number - first) % 5 {
                0 => text.push_str(&format!(
                    "  choose q \"Which?\" {{\n    \"The {}\" -> dialog \"{}\"\n    \"Other\" -> dialog \"{}\"\n    \"A person\" -> dialog \"Agent Handoff\"\n    otherwise -> repeat\n  }}\n",
                    word(number + 1), next(1), next(5)
                )),
                1 => text.push_str(&format!(
                    "  ask q \"Which {}?\" {{\n    when words \"(a|b)\" -> dialog \"{}\"\n    when words \"c\" -> dialog \"{}\"\n    otherwise -> dialog \"{}\"\n  }}\n",
                    word(number), next(1), next(2), next(19)
                )),
                2 => text.push_str(&format!(
                    "  call \"Lookup {first}\" {{\n    when success -> dialog \"{}\"\n    when failure -> dialog \"Agent Handoff\"\n  }}\n",
                    next(1)
                )),
                3 if number + 20 < dialogs => {
                    text.push_str(&format!("  say \"Look there.\" -> dialog \"{}\"\n", name(number + 20)));
                }
                _ => text.push_str("  say \"That is all.\" -> end\n"),
            }
            text.push_str("}\n\n");
        }
        files.push((format!("topics/{:05}.dialog", first / 20), text));
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

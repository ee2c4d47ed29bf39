//! No pattern, no regex and no message breaks the matcher or takes it more than a moment.

#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use parlor::program::Draft;

// The first line is the message, every other line a pattern, or a /regex/.
fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let message = lines.next().unwrap_or("");
    let mut bot = "bot \"B\" {\n  language en\n  entry \"D0\"\n}\n".to_string();
    for (number, line) in lines.take(8).enumerate() {
        let line = line.replace('"', "\\\"");
        let matcher = match line.strip_prefix('/') {
            Some(_) => line,
            None if number % 2 == 0 => format!("pattern \"{line}\""),
            None => format!("words \"{line}\""),
        };
        bot.push_str(&format!(
            "dialog \"D{number}\" {{\n  user says {{\n    {matcher}\n  }}\n  say \"x\"\n}}\n"
        ));
    }
    bot.push_str("fallback dialog \"F\" {\n  say \"x\"\n}\n");
    let mut draft = Draft::new();
    draft.put("bot.dialog", bot);
    if let Some(program) = draft.check().program {
        let begun = Instant::now();
        let _ = program.answers(message);
        assert!(begun.elapsed() < Duration::from_millis(500), "it took {:?}", begun.elapsed());
    }
});

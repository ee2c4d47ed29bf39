//! Random conversations: they find mistakes that were planted, and none where there is none.

use parlor::conversation::Knowledge;
use parlor::rehearsal::{Act, CLOCK, Fuzz, Invariant, Violation};

use crate::commands::Folder;
use crate::crawl::compiled;

fn bot(dialogs: &str) -> String {
    format!(
        "bot \"Fuzzed\" {{\n  language en\n  entry    \"Welcome\"\n  var n number = 0\n}}\ndialog \"Welcome\" {{\n  user says {{\n    \"hello\"\n  }}\n  say \"Hi.\"\n}}\nfallback dialog \"Fallback\" {{\n  say \"Sorry?\"\n}}\n{dialogs}"
    )
}

/// What random conversations find, with the seed.
fn found(dialogs: &str, conversations: u64) -> Vec<(u64, Violation)> {
    let text = bot(dialogs);
    let (program, _) = compiled(&[("bot.dialog", &text)]);
    let knowledge = Knowledge::default();
    let fuzz = Fuzz::new(&program, &knowledge, CLOCK, 15);
    (1..=conversations).filter_map(|seed| Some((seed, fuzz.conversation(seed).violation?))).collect()
}

/// The acts of a violation with a seed that finds it; found again by the seed alone.
fn planted(dialogs: &str, invariant: Invariant) -> Violation {
    let all = found(dialogs, 60);
    let (seed, violation) = all.first().unwrap_or_else(|| panic!("nothing is found in\n{dialogs}"));
    assert_eq!(violation.invariant, invariant, "{violation:?}");
    let again = found(dialogs, *seed);
    assert_eq!(again.last(), Some(&(*seed, violation.clone())), "the seed repeats it");
    violation.clone()
}

#[test]
fn a_sound_bot_breaks_no_promise() {
    let sound = r#"
dialog "Name" {
  user says {
    "name"
    pattern "my name is {who}"
  }
  var who text private
  ask who "Who are you?"
  say "Hello {{ who }}."
  choose sure "Sure?" focused {
    "Yes" or phrases "yes" -> end
    "No" -> who
    otherwise say "Yes or no?"
    when silence 5m say "Well?"
  }
}
"#;
    assert_eq!(found(sound, 120), []);
}

#[test]
fn a_loop_without_a_question_is_found() {
    let endless = r#"
dialog "Round" {
  user says {
    "round"
  }
  set n = 0
  again: set n = n + 1
  if n > 0 {
    -> again
  }
  say "Never."
}
"#;
    let violation = planted(endless, Invariant::Stops);
    assert!(
        violation.what.contains("more than 1000 steps") && violation.what.contains("bot.dialog"),
        "{violation:?}"
    );
    assert_eq!(violation.done.len(), 1, "{violation:?}");
    assert!(matches!(&violation.done[0].act, Act::Say(_)), "{violation:?}");
}

#[test]
fn holes_that_are_said_are_found() {
    let raw =
        "dialog \"Raw\" {\n  user says {\n    \"raw\"\n  }\n  say \"{% raw %}{{ n }}{% endraw %}\"\n}\n";
    let quoted = "dialog \"Raw\" {\n  user says {\n    \"raw\"\n  }\n  say \"{{ '{{ n }}' }}\"\n}\n";
    let compiles = |dialog: &str| {
        let mut draft = parlor::program::Draft::new();
        draft.put("bot.dialog", bot(dialog));
        draft.check().program.is_some()
    };
    let dialog =
        [raw, quoted].into_iter().find(|dialog| compiles(dialog)).expect("one of them can be written");
    let violation = planted(dialog, Invariant::Rendered);
    assert!(violation.what.contains("`{{` is said"), "{violation:?}");
}

#[test]
fn a_dialog_that_says_nothing_is_found() {
    let mute = "dialog \"Mute\" {\n  user says {\n    \"mute\"\n  }\n  set n = 1\n}\n";
    let violation = planted(mute, Invariant::Answers);
    assert!(violation.what.contains("\"Mute\""), "{violation:?}");
}

#[test]
fn a_private_value_in_a_log_is_found() {
    let tells = r#"
dialog "Mail" {
  user says {
    "mail"
  }
  var mail email private
  ask mail "Which address?"
  log "mail" "{{ mail }}"
  say "Thanks."
}
"#;
    let violation = planted(tells, Invariant::Private);
    assert!(violation.what.contains("a private question"), "{violation:?}");
}

#[test]
fn the_command_shows_how_to_repeat_it_and_what_was_said() {
    let folder = Folder::new();
    folder
        .write("b/bot.dialog", bot("dialog \"Mute\" {\n  user says {\n    \"mute\"\n  }\n  set n = 1\n}\n"));
    let ran = folder.run(&["fuzz", "b", "--conversations", "60", "--turns", "15"]);
    assert_eq!(ran.code, 1, "{}{}", ran.data, ran.talk);
    assert!(ran.data.contains("test \"fuzz: a visitor who writes gets an answer\""), "{}", ran.data);
    let repeat =
        ran.talk.lines().find_map(|line| line.trim().strip_prefix("repeat it with: parlor ")).expect("how");
    let again = folder.run(&repeat.split(' ').collect::<Vec<_>>());
    assert_eq!((again.code, &again.data), (1, &ran.data));
    // What it printed is a transcript.
    folder.write("b/found.transcript", &ran.data);
    let ran = folder.run(&["test", "b"]);
    assert!(ran.talk.contains("1 passed"), "{}{}", ran.data, ran.talk);
    folder.write("c/bot.dialog", bot(""));
    let ran = folder.run(&["fuzz", "c", "--conversations", "30"]);
    assert_eq!((ran.code, ran.data.as_str()), (0, ""), "{}", ran.talk);
}

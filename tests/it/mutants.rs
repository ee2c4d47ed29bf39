//! Changes of a bot: a weak test lets them through, a strong one notices.

use crate::commands::Folder;

const BOT: &str = r#"bot "Shop" {
  language en
  entry    "Welcome"
}
dialog "Welcome" {
  user says {
    pattern "(hi|hello)*"
  }
  choose topic "What?" {
    "Order" -> dialog "Order"
    otherwise say "Please choose."
    retry 2 -> dialog "Person"
  }
}
dialog "Order" {
  user says {
    "order"
  }
  say "It is on its way." -> end
}
dialog "Person" {
  user says {
    words "person"
  }
  transfer to skill "Human" say "One moment."
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;

/// Looks at nothing.
const WEAK: &str = "test \"weak\"\n  user: hi\n  bot: ...\n  user: x\n  bot: ...\n  user: x\n  bot: ...\n  user: x\n  bot: ...\n  event: transfer to skill Human\n";
/// Looks at every line.
const STRONG: &str = "test \"strong\"\n  user: hi\n  bot: What?\n    choices: Order\n  user: x\n  bot: Please choose.\n  user: x\n  bot: Please choose.\n  user: x\n  bot: One moment.\n  event: transfer to skill Human\n";

fn folder(test: &str) -> Folder {
    let folder = Folder::new();
    folder.write("shop/bot.dialog", BOT).write("shop/one.transcript", test);
    folder
}

#[test]
fn a_weak_test_lets_a_change_survive_and_a_strong_one_notices() {
    let (weak, strong) = (folder(WEAK), folder(STRONG));
    let ran = weak.run(&["mutants", "shop", "--only", "say"]);
    assert_eq!(ran.code, 0, "{}", ran.talk);
    for line in [
        "shop/bot.dialog:11  say",
        "- otherwise say \"Please choose.\"",
        "+ otherwise",
        "did not notice: \"weak\"",
    ] {
        assert!(ran.data.contains(line), "{line}\n{}", ran.data);
    }
    let ran = strong.run(&["mutants", "shop", "--only", "say"]);
    assert!(!ran.data.contains("bot.dialog:11"), "{}", ran.data);
    // No test goes there at all.
    assert!(
        ran.data.contains("bot.dialog:19  say") && ran.data.contains("no test goes through there"),
        "{}",
        ran.data
    );
}

#[test]
fn a_changed_number_of_tries_is_noticed_by_who_counts() {
    for (test, survives) in
        [(WEAK, false), (STRONG, false), ("test \"once\"\n  user: hi\n  bot: What?\n", true)]
    {
        let ran = folder(test).run(&["mutants", "shop", "--only", "retry", "--fail-under", "100"]);
        assert_eq!(ran.code, i32::from(survives), "{}{}", ran.data, ran.talk);
        assert_eq!(ran.data.contains("+ retry 1 -> dialog \"Person\""), survives, "{}", ran.data);
    }
}

#[test]
fn the_same_however_many_work_at_once() {
    let strong = folder(STRONG);
    let one = strong.run(&["mutants", "shop", "--jobs", "1", "--json"]);
    let four = strong.run(&["mutants", "shop", "--jobs", "4", "--json"]);
    assert_eq!(one.data, four.data);
    let read: serde_json::Value = serde_json::from_str(&one.data).expect("JSON");
    let mutants = read["mutants"].as_array().expect("a list");
    let fates = |fate: &str| mutants.iter().filter(|mutant| mutant["fate"] == fate).count();
    assert!(fates("noticed") > 0 && fates("survived") > 0, "{}", one.data);
    assert_eq!(fates("noticed") + fates("survived") + fates("does not compile"), mutants.len());
}

#[test]
fn what_is_no_bot_any_more_is_listed_and_not_counted() {
    let strong = folder(STRONG);
    let ran = strong.run(&["mutants", "shop", "--list"]);
    assert_eq!(ran.code, 0, "{}", ran.talk);
    let listed = ran.data.matches("does not compile").count();
    assert!(ran.talk.contains(&format!("{listed} of them do not compile")), "{}", ran.talk);
    let json = strong.run(&["mutants", "shop", "--list", "--json", "--only", "jump"]);
    let read: serde_json::Value = serde_json::from_str(&json.data).expect("JSON");
    assert!(read["mutants"].as_array().expect("a list").iter().all(|mutant| mutant["kind"] == "jump"));
}

#[test]
fn tests_that_fail_already_notice_nothing() {
    let broken = folder("test \"wrong\"\n  user: hi\n  bot: Nonsense.\n");
    let ran = broken.run(&["mutants", "shop"]);
    assert_eq!(ran.code, 1, "{}", ran.talk);
    assert!(ran.talk.contains("\"wrong\" fails already"), "{}", ran.talk);
    let none = Folder::new();
    none.write("shop/bot.dialog", BOT);
    let ran = none.run(&["mutants", "shop"]);
    assert_eq!(ran.code, 6, "{}", ran.talk);
    assert!(ran.talk.contains("parlor crawl shop"), "{}", ran.talk);
    let ran = broken.run(&["mutants", "shop", "--only", "colour"]);
    assert_eq!(ran.code, 2, "{}", ran.talk);
}

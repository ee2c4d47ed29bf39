//! `parlor chat`: what goes in through a pipe, and the transcript that comes out.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of one test, with the example bots in it; gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("parlor-chat-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = Folder(std::env::temp_dir().join(name));
        for bot in ["acme", "tasks"] {
            let file = format!("{bot}/{bot}.dialog");
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("bots").join(&file));
            folder.write(&file, &text.expect("the bot is there"));
        }
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("the file is written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("the file is there")
    }

    fn start(&self, words: &[&str]) -> Chat {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parlor"))
            .arg("chat")
            .args(words)
            .current_dir(&self.0)
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("parlor starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("an output"));
        let talk = BufReader::new(child.stderr.take().expect("an output"));
        Chat { child, input, output, talk }
    }

    /// A whole conversation: what is printed, what is said about it, and how it ends.
    fn chat(&self, words: &[&str], input: &str) -> (String, String, i32) {
        let mut chat = self.start(words);
        // One that ends at once reads none.
        let _ = chat.input.take().expect("an input").write_all(input.as_bytes());
        let (mut printed, mut said) = (String::new(), String::new());
        chat.output.read_to_string(&mut printed).expect("it prints UTF-8");
        chat.talk.read_to_string(&mut said).expect("it prints UTF-8");
        (printed, said, chat.child.wait().expect("parlor ends").code().unwrap_or(-1))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left over lies among temporary files
    }
}

/// A conversation that goes on.
struct Chat {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    talk: BufReader<ChildStderr>,
}

impl Chat {
    fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an input");
        input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush()).expect("it listens");
    }

    /// The next lines that are printed.
    fn hears(&mut self, lines: &[&str]) {
        for line in lines {
            let mut heard = String::new();
            self.output.read_line(&mut heard).expect("it prints UTF-8");
            assert_eq!(heard.trim_end(), *line);
        }
    }

    /// What is said up to a line that begins like this.
    fn is_told(&mut self, line: &str) -> String {
        let mut told = String::new();
        loop {
            let before = told.len();
            assert!(
                self.talk.read_line(&mut told).expect("it prints UTF-8") > 0,
                "`{line}` is not in: {told}"
            );
            if told[before..].starts_with(line) {
                return told;
            }
        }
    }

    fn ends(mut self) -> i32 {
        self.input = None;
        self.child.wait().expect("parlor ends").code().unwrap_or(-1)
    }
}

#[test]
fn acme_talks() {
    let folder = Folder::new();
    let input = "hello\nTrack an order\n999\na-12345\n/answer success {\"order\": {\"status\": \"shipped\"}}\n\
                 thanks\nwhere is my order\nA-1\nA-12345\n";
    let (printed, said, code) = folder.chat(&["acme", "--given", "visitor.name=Dana"], input);
    assert_eq!((said.as_str(), code), ("", 0));
    assert_eq!(
        printed,
        r#"user: hello
bot: Hi Dana, I'm the Acme assistant.
bot: What can I help with?
  choices: Track an order | Talk to a person
user: Track an order
bot: What's your order number? (like A-12345)
user: 999
bot: A letter, a dash, then five digits, please.
user: a-12345
event: call "Order Lookup"
  # order_no = "A-12345"
answer: success {"order":{"status":"shipped"}}
bot: Order A-12345 has shipped. It arrives soon.
user: thanks
bot: Sorry, I didn't get that. You can track an order, or ask for an agent.
user: where is my order
bot: What's your order number? (like A-12345)
user: A-1
bot: A letter, a dash, then five digits, please.
user: A-12345
event: call "Order Lookup"
  # order_no = "A-12345"
answer: failure not performed
bot: I can't reach the order system.
bot: Hold on while I transfer you to an agent...
event: transfer to skill Human
"#
    );
}

#[test]
fn tasks_talk_in_a_time_of_their_own() {
    let folder = Folder::new();
    folder.write(
        "stores.json",
        r#"{"stores": [{"city": "Berlin", "street": "Hauptstr. 1", "hours": "9-17"}]}"#,
    );
    let input = "are you open?\nbook a table for four in Munich tomorrow\nstores\nclaim\n/wait 6m\n/wait 30m\n\
                 stores\n/answer @stores.json\n1\n/wait 12h\nI need help\n";
    let (printed, said, code) = folder.chat(&["tasks", "--clock", "2026-11-20T09:00:00Z"], input);
    assert_eq!((said.as_str(), code), ("", 0));
    assert_eq!(
        printed,
        r#"user: are you open?
bot: We are open now.
user: book a table for four in Munich tomorrow
bot: 4 people in MUC on 2026-11-21.
user: stores
event: call "Store search"
  # city = "MUC"
answer: failure not performed
bot: I can't look that up.
user: claim
bot: Tell me what happened.
wait: 6m
bot: Are you still there?
wait: 30m
bot: Still there?
bot: I'll close this for now.
event: closed
user: stores
event: call "Store search"
answer: success {"stores":[{"city":"Berlin","hours":"9-17","street":"Hauptstr. 1"}]}
bot: Which one?
  choices: Berlin, Hauptstr. 1 | None of these
user: 1
bot: Berlin: 9-17
wait: 12h
bot: Still there?
user: I need help
bot: Nobody is here. What shall I pass on?
"#
    );
}

#[test]
fn what_is_looked_at_and_taken_back() {
    let folder = Folder::new();
    let input = "/vars\n/undo\nhello\n/vars\n/undo\n/vars\n/goto Track Order\n/goto \"Track Ordr\"\nA-12345\n\
                 /answer failure timeout\n/undo\n/answer success {\"order\": {\"status\": \"late\"}}\n/restart\n/vars\n\
                 //wait\n/quit\nnot said\n";
    let (printed, said, code) = folder.chat(&["acme", "--given", "visits=4"], input);
    assert_eq!(code, 0);
    assert_eq!(
        printed,
        r#"# visits = 4
user: hello
bot: Hi there, I'm the Acme assistant.
bot: What can I help with?
  choices: Track an order | Talk to a person
# visits = 5
# taken back: user: hello
# visits = 4
goto: "Track Order"
bot: What's your order number? (like A-12345)
user: A-12345
event: call "Order Lookup"
  # order_no = "A-12345"
answer: failure timeout
bot: I can't reach the order system.
bot: Hold on while I transfer you to an agent...
event: transfer to skill Human
# taken back: answer: failure timeout
answer: success {"order":{"status":"late"}}
bot: Order A-12345 is late.
# a new conversation
# visits = 4
user: /wait
bot: Hi there, I'm the Acme assistant.
bot: What can I help with?
  choices: Track an order | Talk to a person
"#
    );
    assert_eq!(
        said,
        "error: there is nothing to take back\n\
         error: there is no dialog `Track Ordr`\nhelp: did you mean `Track Order`?\n"
    );
}

#[test]
fn the_trace_of_a_turn() {
    let folder = Folder::new();
    let (printed, _, _) = folder.chat(&["acme"], "/trace on\nhelp me track my order\nA-1\n/trace\nA-1\n");
    assert_eq!(
        printed,
        r#"# trace on
user: help me track my order
bot: What's your order number? (like A-12345)
#   set   visits: none → 0
#   lost  Agent Handoff (acme/acme.dialog:68): accounts for fewer characters
#   won   Track Order (acme/acme.dialog:46): a starter that accounts for 10 characters
#   did   acme/acme.dialog:49
#   now   Track Order, asking order_no
user: A-1
bot: A letter, a dash, then five digits, please.
#   tried order_no (acme/acme.dialog:50): does not fit
#   tried order_no (acme/acme.dialog:51): does not fit
#   won   Track Order (acme/acme.dialog:52): nothing else fits: otherwise
#   now   Track Order, asking order_no
# trace off
user: A-1
bot: A letter, a dash, then five digits, please.
"#
    );
}

#[test]
fn the_trace_names_starters_that_fitted_as_well() {
    let folder = Folder::new();
    let ask = |number: u32, with: &str| {
        format!(
            "dialog \"Ask {number}\" {{\n  user says {{\n    \"ask {number}\"\n  }}\n  ask q{number} \"Which?\" {with}\n}}\n"
        )
    };
    let mut bot = String::from("bot \"T\" {\n  language en\n  entry    \"Ask 1\"\n}\n");
    bot.push_str(&ask(1, "{\n    when words \"agent a\" say \"A.\"\n    otherwise say \"No.\"\n  }"));
    bot.push_str(&ask(2, "focused {\n    when anything say \"Fine.\"\n  }"));
    bot.push_str(&ask(3, "-> end"));
    for number in 1..=7 {
        bot.push_str(&format!(
            "dialog \"P{number}\" {{\n  user says {{\n    words \"agent\"\n    but not words \"no\"\n  }}\n  say \"P.\"\n}}\n"
        ));
    }
    bot.push_str("fallback dialog \"F\" {\n  say \"?\"\n}\n");
    folder.write("t/t.dialog", &bot);
    let lost = |input: &str| -> Vec<String> {
        let (printed, _, _) = folder.chat(&["t"], &format!("/trace\n/goto \"Ask 1\"\n{input}\n"));
        let told: Vec<&str> = printed.lines().collect();
        let from = told.iter().rposition(|line| line.starts_with("user: ")).expect("a message");
        told[from..].iter().filter_map(|line| line.strip_prefix("#   lost  ")).map(str::to_string).collect()
    };
    let of = |why: &str| -> Vec<String> {
        let five =
            [1, 2, 3, 4, 5].map(|number| format!("P{number} (t/t.dialog:{}): {why}", 30 + 7 * (number - 1)));
        five.into_iter().chain(["and 2 more; `parlor match` lists them".to_string()]).collect()
    };
    assert_eq!(lost("agent a"), of("the open question comes first"));
    assert_eq!(lost("ask 2\nagent"), of("the open question is focused"));
    assert_eq!(lost("ask 3\nan agent"), of("does not account for all of the message"));
    assert_eq!(lost("no agent"), of("taken out by `but not words \"no\"`"));
    assert_eq!(lost("nothing"), Vec::<String>::new());
}

#[test]
fn after_a_handover_the_bot_is_silent_until_it_has_the_conversation_back() {
    let folder = Folder::new();
    let input = "an agent please\nhello\n/wait 1d\n/event file received\n/answer success\nhello\n/undo\n/answer failure busy\n\
                 hello\n2\nhello\n/event transfer in {\"from\": \"Sam\"}\nwhere is my order\nA-12345\nhello\n/answer failure\n\
                 /answer failure\n2\n/goto Welcome\n/save all.transcript\n";
    let (printed, said, code) = folder.chat(&["acme"], input);
    assert_eq!((said.as_str(), code), ("error: no call waits for an answer\nWrote all.transcript\n", 0));
    let expected = r#"user: an agent please
bot: Hold on while I transfer you to an agent...
event: transfer to skill Human
user: hello
# skill Human has the conversation, and the bot does not hear this
wait: 1d
happens: file received
# skill Human has the conversation, and the bot does not hear this
# skill Human has the conversation already
user: hello
# skill Human has the conversation, and the bot does not hear this
# taken back: user: hello
happens: escalation failed
bot: Nobody is free right now. Please try again later.
user: hello
bot: Hi there, I'm the Acme assistant.
bot: What can I help with?
  choices: Track an order | Talk to a person
user: 2
bot: Hold on while I transfer you to an agent...
event: transfer to skill Human
user: hello
# skill Human has the conversation, and the bot does not hear this
happens: transfer in {"from":"Sam"}
user: where is my order
bot: What's your order number? (like A-12345)
user: A-12345
event: call "Order Lookup"
  # order_no = "A-12345"
answer: failure not performed
bot: I can't reach the order system.
bot: Hold on while I transfer you to an agent...
event: transfer to skill Human
user: hello
# skill Human has the conversation, and the bot does not hear this
happens: escalation failed
bot: Nobody is free right now. Please try again later.
"#;
    assert!(printed.starts_with(expected), "{printed}");
    let saved = folder.read("all.transcript");
    assert!(
        saved.contains("  user: hello\n  wait: 1d\n  happens: file received\n  happens: escalation failed\n"),
        "{saved}"
    );
}

#[test]
fn events_can_be_tried() {
    let folder = Folder::new();
    let on = |event: &str| {
        format!(
            "on {event} dialog \"{event}\" {{\n  say \"{{{{ event.name }}}}: {{{{ event.data.name }}}}\"\n}}\n"
        )
    };
    let events = ["file received", "file failed", "rich content received", "step up", "transfer in"];
    let mut bot = String::from(
        "bot \"E\" {\n  language en\n  entry    \"W\"\n}\ndialog \"W\" {\n  user says {\n    \"w\"\n  }\n  say \"W.\"\n}\non escalation failed dialog \"No\" {\n  say \"Nobody: {{ event.reason }}\"\n}\n",
    );
    events.iter().for_each(|event| bot.push_str(&on(event)));
    folder.write("e/e.dialog", &bot);
    let mut input: String =
        events.iter().map(|event| format!("/event {event} {{\"name\": \"x\"}}\n")).collect();
    input.push_str("/event step up\n/event escalation failed\n/event stepup\n/event wonder\n/event start\n/event session expired\n/event silence\n/event file failed {\n");
    let (printed, said, code) = folder.chat(&["e"], &input);
    assert_eq!(code, 0);
    let mut expected: String = events
        .iter()
        .map(|event| format!("happens: {event} {{\"name\":\"x\"}}\nbot: {event}: x\n"))
        .collect();
    expected.push_str("happens: step up\nbot: step up:\nhappens: escalation failed\nbot: Nobody: unknown\n");
    assert_eq!(printed, expected);
    let said = said.split_once('\n').expect("a warning first").1;
    assert_eq!(
        said,
        "error: there is no event `stepup`\nhelp: did you mean `step up`?\n\
         error: there is no event `wonder`\nhelp: there are `file received`, `file failed`, `rich content received`, `step up`, \
         `transfer in` and `escalation failed`\n\
         error: there is no event `start`\nhelp: it begins before the first message: /restart, and then a message\n\
         error: there is no event `session expired`\nhelp: time ends sessions: /wait 2h, and then a message\n\
         error: there is no event `silence`\nhelp: time brings silences: /wait 5m\n\
         error: what comes with it is no JSON: EOF while parsing an object at line 1 column 1\n\
         help: for instance: {\"order\": {\"status\": \"shipped\"}}\n"
    );
}

#[test]
fn a_conversation_is_saved_as_a_transcript() {
    let folder = Folder::new();
    let input = "hello\n2\n/answer failure busy\nhello\n/undo\n/wait 5m\n/save two-turns.transcript\n/save two-turns.transcript\n/save no/where\n";
    let (_, said, code) = folder.chat(&["acme", "--given", "visitor.name=Dana"], input);
    assert_eq!(code, 0);
    let told: Vec<&str> = said.lines().collect();
    assert_eq!(
        told[..3],
        [
            "Wrote two-turns.transcript",
            "error: `two-turns.transcript` is there already, and I overwrite nothing",
            "help: take another name",
        ]
    );
    assert!(told[3].starts_with("error: I can't write `no/where`: "), "{said}");
    assert_eq!(
        folder.read("two-turns.transcript"),
        r#"bot acme
clock 2026-11-20T09:00:00Z
given visitor.name = Dana

test "two turns"
  user: hello
  bot: Hi Dana, I'm the Acme assistant.
  bot: What can I help with?
    choices: Track an order | Talk to a person
  user: 2
  bot: Hold on while I transfer you to an agent...
  event: transfer to skill Human
  happens: escalation failed
  bot: Nobody is free right now. Please try again later.
  wait: 5m
"#
    );
}

#[test]
fn commands_that_are_not_understood() {
    let folder = Folder::new();
    let input =
        "/hlep\n/xyzzy\n/wait soon\n/answer success\n/answer failure timout\n/answer success {\n/help\n";
    let (printed, said, code) = folder.chat(&["acme"], input);
    assert_eq!(code, 0);
    assert!(printed.starts_with("# /vars "), "{printed}");
    for (name, does) in [("/undo", "take the last turn back"), ("/quit", "end; ")] {
        assert!(printed.lines().any(|line| line.starts_with(&format!("# {name} ")) && line.contains(does)));
    }
    assert_eq!(
        said,
        "error: there is no command `/hlep`\nhelp: did you mean `/help`?\n\
         error: there is no command `/xyzzy`\n\
         help: /help lists the commands; to say something that begins with `/`, begin with `//`\n\
         error: `/wait` is not used like that\nhelp: /wait 5m — let time pass: ms, s, m, h, d\n\
         error: no call waits for an answer\n\
         error: nothing fails with the reason `timout`\nhelp: did you mean `timeout`?\n\
         error: the answer is no JSON: EOF while parsing an object at line 1 column 1\n\
         help: for instance: {\"order\": {\"status\": \"shipped\"}}\n"
    );
}

#[test]
fn a_bot_that_changes_while_it_talks() {
    let folder = Folder::new();
    let acme = folder.read("acme/acme.dialog");
    let mut chat = folder.start(&["acme"]);
    chat.say("where is my order");
    chat.hears(&["user: where is my order", "bot: What's your order number? (like A-12345)"]);
    folder.write(
        "acme/acme.dialog",
        &acme.replace("A letter, a dash, then five digits, please.", "No, like A-12345."),
    );
    chat.say("12");
    chat.hears(&["user: 12", "bot: No, like A-12345."]);
    chat.is_told("acme was changed and is read again; the conversation goes on.");
    folder.write(
        "acme/acme.dialog",
        &acme.replace("-> dialog \"Agent Handoff\"", "-> dialog \"Agent Handof\""),
    );
    chat.say("13");
    chat.hears(&["user: 13", "bot: No, like A-12345."]);
    let told = chat.is_told("The version before goes on talking.");
    assert!(told.contains("error[unknown-dialog]: there is no dialog `Agent Handof`"), "{told}");
    assert!(told.contains("help: did you mean `Agent Handoff`?"), "{told}");
    chat.say("14");
    chat.hears(&["user: 14", "bot: No, like A-12345."]);
    folder.write("acme/acme.dialog", &acme);
    folder.write(
        "acme/more.dialog",
        "dialog \"More\" {\n  user says {\n    words \"more\"\n  }\n  say \"More.\"\n}\n",
    );
    chat.say("more");
    chat.hears(&["user: more", "bot: More.", "bot: What's your order number? (like A-12345)"]);
    chat.is_told("acme was changed and is read again; the conversation goes on.");
    assert_eq!(chat.ends(), 0);
}

#[test]
fn nothing_steers_the_terminal() {
    let folder = Folder::new();
    let name = "visitor.name=\u{1b}[31mDana\u{202e}";
    let (printed, said, _) =
        folder.chat(&["acme", "--given", name], "hello \u{1b}]0;x\u{7}\u{202e}\n/\u{1b}[2J\n");
    assert!(
        printed.starts_with("user: hello \\u{1b}]0;x\\u{7}\\u{202e}\nbot: Hi \\u{1b}[31mDana\\u{202e}, I'm"),
        "{printed}"
    );
    assert!(said.contains("no command `/\\u{1b}[2J`"), "{said}");
    assert!(!format!("{printed}{said}").contains(['\u{1b}', '\u{7}', '\u{202e}']));
}

#[test]
fn the_values_of_an_environment() {
    let folder = Folder::new();
    let bot = "bot \"E\" {\n  language en\n  entry    \"W\"\n}\ndialog \"W\" {\n  user says {\n    words \"where\"\n  }\n  \
               say \"{{ env.PLACE }}, {{ env.NUMBER }}.\"\n}\nfallback dialog \"F\" {\n  say \"?\"\n}\n";
    folder.write("e/e.dialog", bot);
    let said = |words: &[&str]| folder.chat(words, "where\n").0;
    assert_eq!(said(&["e"]), "user: where\nbot: PLACE, NUMBER.\n");
    folder
        .write("e/env.yaml", "demo:\n  PLACE: here\n  NUMBER: 7\nproduction:\n  PLACE: there\n  NUMBER: 8\n");
    assert_eq!(said(&["e"]), "user: where\nbot: here, 7.\n");
    assert_eq!(said(&["e", "--env", "production"]), "user: where\nbot: there, 8.\n");
}

#[test]
fn conversations_that_do_not_begin() {
    let folder = Folder::new();
    folder.write(
        "acme/broken.dialog",
        "dialog \"Lost\" {\n  user says {\n    words \"lost\"\n  }\n  -> dialog \"Nowhere\"\n}\n",
    );
    let (printed, said, code) = folder.chat(&["acme"], "hello\n");
    assert_eq!((printed.as_str(), code), ("", 3));
    assert!(said.contains("error[unknown-dialog]: there is no dialog `Nowhere`"), "{said}");
    assert!(
        said.ends_with(
            "error: acme has mistakes and cannot talk: 1 error in 1 file\nhelp: parlor check acme\n"
        ),
        "{said}"
    );
    assert_eq!(folder.chat(&["nowhere"], "").2, 3);
    assert_eq!(folder.chat(&["tasks", "--given", "mood=good"], "").2, 2);
    assert_eq!(folder.chat(&["tasks", "--clock", "noon"], "").2, 2);
    let (printed, said, code) = folder.chat(&["tasks"], "");
    assert_eq!((printed.as_str(), said.as_str(), code), ("", "", 0));
}

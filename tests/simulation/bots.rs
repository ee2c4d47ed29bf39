//! The bots that serve in the simulation: small real programs that use all a bot can do to a conversation.

use std::sync::{Arc, LazyLock};

use parlor::connectors::Bots;
use parlor::conversation::VersionId;
use parlor::program::Draft;

/// The bot that serves visitors, in two versions.
pub const HELPER: &str = "helper";
/// The bot that asks how it was.
pub const SURVEY: &str = "survey";
/// The versions of the bot that serves visitors.
pub const VERSIONS: [&str; 2] = ["helper-1", "helper-2"];
/// The version of the bot that asks how it was.
pub const SURVEY_VERSION: &str = "survey-1";

/// What visitors say, so that every dialog gets its turn; the last ones are understood by nobody.
pub const WORDS: [&str; 17] = [
    "hello",
    "look it up",
    "send a mail",
    "post it",
    "human please",
    "alice please",
    "another bot",
    "slowly now",
    "remember me",
    "how often",
    "ask me",
    "green",
    "bye",
    "long story",
    "everything",
    "what",
    "xyzzy",
];

const HELPER_TEXT: &str = r#"
bot "Helper" {
  language en
  entry    "Welcome"
  session  10m
  var colour   text
  remember visits number = 0
}
integration "Look" api {
  get "https://orders.example/v1"
}
integration "Post" api {
  post "https://orders.example/v1"
}
integration "Mail" email {
  to      "team@acme.example"
  subject "A visitor"
  body    text "{{ colour }}"
}
dialog "Welcome" {
  user says {
    words "hello"
  }
  say "Hello from VERSION."
}
dialog "Look" {
  user says {
    words "look"
  }
  say "One moment."
  call "Look" {
    when success say "Found it."
    when failure say "I can't look that up: {{ response.reason }}." -> end
  }
}
dialog "Mail" {
  user says {
    words "mail"
  }
  call "Mail" {
    when success say "Sent."
    when failure say "Not sent, as far as I know." -> end
  }
}
dialog "Post" {
  user says {
    words "post"
  }
  call "Post" {
    when success say "Posted."
    when failure say "Not posted, as far as I know." -> end
  }
}
dialog "Human" {
  user says {
    words "human"
  }
  transfer to skill "people" say "Hold on..." {
    when failure say "Nobody is free." -> end
  }
}
dialog "Alice" {
  user says {
    words "alice"
  }
  transfer to agent "agent-0" say "I'll get Alice." {
    when failure say "Alice is not here." -> end
  }
}
dialog "Other" {
  user says {
    words "another"
  }
  transfer to bot "vendor" say "A friend of mine knows that." {
    when failure say "My friend is out." -> end
  }
}
dialog "Slowly" {
  user says {
    words "slowly"
  }
  say "Let me think."
  pause 2s
  say "Well."
  pause 3s
  say "I know it now."
}
dialog "Remember" {
  user says {
    words "remember"
  }
  set visits = visits + 1
  say "I'll remember that."
}
dialog "How Often" {
  user says {
    words "often"
  }
  say "{{ visits }} times."
}
dialog "Ask" {
  user says {
    words "ask"
  }
  ask colour "Which colour?" {
    when silence 40s say "Are you still there?"
    when silence 2m say "Never mind." -> end
    when anything -> next
  }
  say "{{ colour }} is nice."
}
dialog "Everything" {
  user says {
    words "everything"
  }
  set visits = visits + 1
  say "All at once."
  call "Look" {
    otherwise -> next
  }
  call "Post" {
    otherwise -> next
  }
  pause 1s
  transfer to skill "experts" say "An expert will do the rest." {
    when failure say "No expert, sorry." -> end
  }
}
dialog "Bye" {
  user says {
    words "bye"
  }
  say "Bye!"
  -> close
}
on silence 3m dialog "Quiet" {
  say "Anybody there?"
}
on transfer in dialog "Back Again" {
  say "I take over from here."
}
on escalation failed dialog "Nobody" {
  say "Nobody could take over." -> end all
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;

const SURVEY_TEXT: &str = r#"
bot "Survey" {
  language en
  entry    "Stars"
  var stars number
}
dialog "Stars" {
  user says {
    words "survey"
  }
  ask stars "How many stars?" {
    when silence 5m -> close
    otherwise say "A number, please."
    retry 1 say "Never mind." -> close
  }
  say "Thank you." -> close
}
fallback dialog "Fallback" {
  say "Sorry?"
}
"#;

/// All versions, compiled once.
pub static BOTS: LazyLock<Arc<Bots>> = LazyLock::new(|| {
    let bots = Bots::new();
    for version in VERSIONS {
        put(&bots, version, &HELPER_TEXT.replace("VERSION", version));
    }
    put(&bots, SURVEY_VERSION, SURVEY_TEXT);
    Arc::new(bots)
});

fn put(bots: &Bots, version: &str, text: &str) {
    let mut draft = Draft::new();
    draft.put("bot.dialog", text);
    let checked = draft.check();
    let program = checked.program.unwrap_or_else(|| panic!("{version}: {:#?}", checked.findings));
    bots.put(VersionId::from(version), program);
}

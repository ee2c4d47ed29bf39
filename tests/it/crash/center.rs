//! The contact center that crashes: two bots that hand over to each other, look something up, and take money once.

use std::sync::Arc;

use parlor::connectors::Bots;
use parlor::conversation::{Channel, ConversationId, Span, UserId};
use parlor::platform::{Account, Ask, Connector, Environment, Manners, Mind, Skill, User};
use parlor::program::Draft;

const BOT: &str = r#"
bot "NAME" {
  language en-US
  entry    "Welcome"

  remember visits number = 0
}
dialog "Welcome" {
  user says {
    pattern "(hi|hello)*"
  }
  set visits = visits + 1
  say "Hello!"
}
dialog "Order" {
  user says {
    pattern "order {which}"
  }
  var state text
  call "Look Up" {
    when success say "Order {{ which }} is {{ state }}." -> end
    when failure say "I cannot see order {{ which }}: {{ response.reason }}." -> end
  }
}
dialog "Pay" {
  user says {
    pattern "pay {bill}"
  }
  call "Charge" {
    when success say "Bill {{ bill }} is paid." -> end
    when failure say "Bill {{ bill }} may be paid: {{ response.reason }}." -> end
  }
}
dialog "Over" {
  user says {
    pattern "somebody else*"
  }
  transfer to skill "OTHER" say "Hold on..."
}
on transfer in dialog "Taken Over" {
  say "I have it from here."
}
fallback dialog "Fallback" {
  say "Sorry?"
}
integration "Look Up" api {
  get  "https://example.com/orders/{{ which }}"
  save state = response.body
}
integration "Charge" api {
  post "https://example.com/bills"
  body json "{ \"bill\": \"{{ bill }}\" }"
}
"#;

/// The two skills, each with its bot, by these names.
pub const SKILLS: [&str; 2] = ["Front", "Back"];

pub fn bots() -> Arc<Bots> {
    let bots = Bots::new();
    for (name, other) in SKILLS.iter().zip(SKILLS.iter().rev()) {
        let mut draft = Draft::new();
        draft.put("bot.dialog", BOT.replace("NAME", name).replace("OTHER", other));
        let checked = draft.check();
        let program =
            checked.program.unwrap_or_else(|| panic!("the bot has mistakes: {:?}", checked.findings));
        bots.put((*name).into(), program);
    }
    Arc::new(bots)
}

pub fn account() -> Account {
    let mut account = Account { name: "acme".to_string(), ..Account::default() };
    for name in SKILLS {
        account.skills.insert(name.into(), Skill::default());
        let user = User { skills: vec![name.into()], messagings: 100, ..User::default() };
        account.users.insert(name.into(), user);
        let connector = Connector {
            user: name.into(),
            mind: Mind::Ours(name.into()),
            channel: Channel::Messaging,
            deploy_to: Environment::Production,
            manners: Manners { join: Span(0), greet_after: None, ..Manners::default() },
            ..Connector::default()
        };
        account.connectors.insert(name.into(), connector);
    }
    account
}

/// What an operator asks for whenever the house starts.
pub fn operator() -> Vec<Ask> {
    let mut asks = Vec::new();
    for name in SKILLS {
        asks.push(Ask::Deploy {
            bot: name.into(),
            version: name.into(),
            to: Environment::Production,
            move_open: false,
        });
        asks.push(Ask::Start(name.into()));
        asks.push(Ask::LogIn(UserId::from(name)));
    }
    asks
}

pub fn id(conversation: usize) -> ConversationId {
    ConversationId(0x0193_a6f0_0000_7000_8000_0000_0000_0000 + conversation as u128)
}

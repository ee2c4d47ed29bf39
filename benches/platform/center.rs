//! A contact center with one small bot behind as many connectors as are needed, and a house that runs it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parlor::connectors::Bots;
use parlor::conversation::{Channel, CommandId, Content, ConversationId, Span, UserId, Value, VisitorId};
use parlor::platform::{
    Account, Answer, Ask, Caller, Command, Connector, Environment, Input, Login, Manners, Mind, Output,
    Platform, Refusal, Skill, Talk, User,
};
use parlor::program::{Draft, Program};
use parlor::server::{House, Opening, Point};
use parlor::store::{Sizes, Sled, Store};

/// It asks for a number, counts, and answers.
const BOT: &str = r#"
bot "Small" {
  language en-US
  entry "Welcome"
}

dialog "Welcome" {
  user says {
    pattern "(hi|hello)*"
  }
  say "Hello! Ask me where your order is."
}

dialog "Order" {
  user says {
    words "where*order"
  }
  var status text = "on its way"
  say "Your order is {{ status }}. It should arrive in two or three days; is there anything else I can do for you?"
}

fallback dialog "Fallback" {
  say "Sorry, I didn't get that."
}
"#;

/// What visitors say, in turn.
const WORDS: [&str; 3] = ["hello there", "where is my order please", "and what about the other one?"];
/// Conversations of one connector, below what it may have.
pub const EACH: u32 = 900;
pub const SIZES: Sizes = Sizes { cache: 64 * 1024 * 1024, journal: 4 * 1024 * 1024 };

pub fn program() -> Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    let read = || {
        let mut draft = Draft::new();
        draft.put("small.dialog", BOT);
        let checked = draft.check();
        checked.program.unwrap_or_else(|| panic!("the bot has errors: {:?}", checked.findings))
    };
    PROGRAM.get_or_init(read).clone()
}

pub fn bots() -> Arc<Bots> {
    let bots = Bots::new();
    bots.put("v1".into(), program());
    Arc::new(bots)
}

/// With room for so many conversations.
pub fn account(conversations: u32) -> Account {
    let mut account = Account { name: "acme".into(), ..Account::default() };
    account.skills.insert("Help".into(), Skill::default());
    for number in 0..conversations.div_ceil(EACH) {
        let user: UserId = format!("small-{number}").into();
        let skills = vec!["Help".into()];
        account.users.insert(user.clone(), User { skills, messagings: EACH, ..User::default() });
        let manners = Manners { greet_after: None, join: Span(0), ..Manners::default() };
        let mind = Mind::Ours("Small".into());
        let (channel, deploy_to) = (Channel::Messaging, Environment::Production);
        let connector = Connector { user, mind, channel, deploy_to, manners, ..Connector::default() };
        account.connectors.insert(format!("connector-{number}").into(), connector);
    }
    account
}

pub fn begin(conversation: u32) -> Input {
    command(
        conversation,
        "begin".to_string(),
        Ask::Begin {
            conversation: id(conversation),
            channel: Channel::Messaging,
            skill: "Help".into(),
            context: Value::Nothing,
        },
    )
}

pub fn say(conversation: u32, turn: u32) -> Input {
    let content = Content::text(WORDS[turn as usize % WORDS.len()]);
    let ask = Ask::In(id(conversation), Talk::Say { content, audience: Default::default() });
    command(conversation, format!("0193a6f0-0000-7000-8000-{turn:012}"), ask)
}

fn command(conversation: u32, name: String, ask: Ask) -> Input {
    let visitor: VisitorId = format!("visitor-{conversation}").into();
    let (id, reply_to) = (CommandId::from(name), u64::from(conversation));
    Input::Command(Command { id, reply_to, from: Caller::Visitor(visitor), ask })
}

pub fn id(conversation: u32) -> ConversationId {
    ConversationId(u128::from(conversation).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// What an operator does before anybody comes.
pub fn operator(account: &Account) -> Vec<Input> {
    let mut asks = vec![Ask::Deploy {
        bot: "Small".into(),
        version: "v1".into(),
        to: Environment::Production,
        move_open: false,
    }];
    for (id, connector) in &account.connectors {
        asks.push(Ask::Start(id.clone()));
        asks.push(Ask::LogIn(connector.user.clone()));
    }
    let told = asks.into_iter().enumerate().map(|(number, ask)| {
        let (id, from) = (CommandId::from(format!("o{number}")), Caller::Operator("ops".into()));
        Input::Command(Command { id, reply_to: OPERATOR, from, ask })
    });
    told.collect()
}

/// Whom an operator's answers go to.
pub const OPERATOR: u64 = u64::MAX;

/// A house in a folder, with its bots logged in.
pub struct Center {
    pub house: House,
    pub told: Receiver<Vec<Output>>,
    /// Trips to the disk so far.
    pub groups: Arc<AtomicU64>,
    logins: Vec<Login>,
}

/// What came of a visitor's command.
pub struct Replied {
    pub conversation: u32,
    pub result: Result<Answer, Refusal>,
}

impl Center {
    pub fn open(folder: &Path, conversations: u32) -> Center {
        let store = Sled::open_with(folder, SIZES).expect("the store opens");
        Center::over(Arc::new(store), conversations)
    }

    pub fn over(store: Arc<dyn Store>, conversations: u32) -> Center {
        let account = account(conversations);
        let (tell, told) = channel();
        let groups = Arc::new(AtomicU64::new(0));
        let mut opening = Opening::new(account.clone(), bots(), store);
        let count = groups.clone();
        opening.passes = Arc::new(move |point| {
            if point == Point::AfterCommit {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let house = House::open(opening, |_| {
            move |outputs| {
                // Whoever is not listening any more is not told.
                let _ = tell.send(outputs);
            }
        });
        let mut center = Center { house: house.expect("the house opens"), told, groups, logins: Vec::new() };
        let asked = operator(&account);
        let mut answers = asked.len();
        asked.into_iter().for_each(|input| center.tell(input));
        while answers > 0 {
            for output in center.told.recv().expect("the house runs") {
                match output {
                    Output::Reply { to: OPERATOR, result, .. } => {
                        result.expect("the operator may do that");
                        answers -= 1;
                    }
                    Output::Presence { login, .. } => center.logins.push(login),
                    _ => {}
                }
            }
        }
        center
    }

    pub fn tell(&self, input: Input) {
        self.house.inbox().tell(input).expect("the house takes it");
    }

    /// The connectors are there: to be said every few seconds.
    pub fn alive(&self) {
        for login in &self.logins {
            let (id, from) = (CommandId::from("alive"), Caller::User(login.clone()));
            self.tell(Input::Command(Command { id, reply_to: OPERATOR, from, ask: Ask::Alive }));
        }
    }

    /// What came of visitors' commands since; nothing, if nothing did for so long.
    pub fn replies(&self, patience: Duration) -> Vec<Replied> {
        let mut replies = Vec::new();
        let Ok(outputs) = self.told.recv_timeout(patience) else { return replies };
        for output in outputs {
            if let Output::Reply { to, result, .. } = output
                && to != OPERATOR
            {
                replies.push(Replied { conversation: to as u32, result });
            }
        }
        replies
    }
}

/// Our account as a platform without a thread, with its bots logged in.
pub fn still(store: &dyn Store, conversations: u32) -> Platform {
    let (account, now) = (account(conversations), parlor::conversation::Moment(1_795_165_200_000));
    let mut platform = Platform::open(account.clone(), bots(), store, 1, now).expect("it opens");
    for input in operator(&account) {
        parlor::platform::keep(&mut platform, store, input, now);
    }
    platform
}

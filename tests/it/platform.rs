//! The contact center, one promise a case: a house in memory on a clock of its own, and people and bots in it.

mod known_failures; // what went wrong elsewhere and must not here
mod failover;
mod routing;
mod conversations;
mod bots;
mod handover;
mod effects;
mod connectors;
mod versions;
mod beside; // bots with the role Manager
mod keeping; // what is kept, forgotten and refused

use std::collections::BTreeMap;
use std::sync::Arc;

use parlor::connectors::Bots;
use parlor::conversation::{
    Audience, Author, Availability, Channel, CommandId, Content, ConversationId, Happening, Message, Moment,
    Outcome, SkillId, Span, UserId, Value, VisitorId,
};
use parlor::platform::{
    Account, Answer, Ask, Caller, Code, Command, Connector, Conversation, EffectId, Environment, Fact, Input,
    Login, Manners, Mind, Output, Place, Platform, Record, Refusal, Skill, Talk, To, User, keep, replay,
};
use parlor::program::{Draft, Program};
use parlor::store::{Key, Memory, Store, Version};

/// A house: the platform over a store in memory, and all that left it.
struct House {
    platform: Platform,
    store: Memory,
    bots: Arc<Bots>,
    account: Account,
    now: Moment,
    writer: u64,
    commands: u64,
    left: Vec<Output>,
    logins: BTreeMap<String, Login>,
}

/// What a case needs of an account.
#[derive(Default)]
struct Plan {
    skills: Vec<(&'static str, Skill)>,
    people: Vec<(&'static str, Vec<&'static str>, u32)>,
    bots: Vec<Bot>,
}

struct Bot {
    user: &'static str,
    skill: &'static str,
    source: &'static str,
    channel: Channel,
    manners: Manners,
    fallback: Option<&'static str>,
    most: u32,
}

impl Bot {
    fn new(user: &'static str, skill: &'static str, source: &'static str) -> Bot {
        let manners = Manners { join: Span(0), ..Manners::default() };
        Bot { user, skill, source, channel: Channel::Messaging, manners, fallback: None, most: 1_000 }
    }
}

fn program(source: &str) -> Program {
    let mut draft = Draft::new();
    draft.put("bot.dialog", source);
    let checked = draft.check();
    checked.program.unwrap_or_else(|| panic!("the bot of this case has mistakes: {:?}", checked.findings))
}

impl House {
    fn new(plan: Plan) -> House {
        let mut account = Account { name: "acme".to_string(), ..Account::default() };
        for (name, skill) in plan.skills {
            account.skills.insert(name.into(), skill);
        }
        let skill = |account: &mut Account, name: &str| {
            account.skills.entry(name.into()).or_default();
        };
        for (name, skills, most) in &plan.people {
            skills.iter().for_each(|name| skill(&mut account, name));
            let skills = skills.iter().map(|name| SkillId::from(*name)).collect();
            let user = User { skills, chats: *most, messagings: *most, ..User::default() };
            account.users.insert((*name).into(), user);
        }
        let bots = Arc::new(Bots::new());
        for bot in &plan.bots {
            skill(&mut account, bot.skill);
            let name = source_name(bot.source);
            bots.put(name.clone().into(), program(bot.source));
            let skills = vec![SkillId::from(bot.skill)];
            let own = User { skills, chats: bot.most, messagings: bot.most, ..User::default() };
            account.users.insert(bot.user.into(), own);
            let connector = Connector {
                user: bot.user.into(),
                mind: Mind::Ours(name.as_str().into()),
                channel: bot.channel,
                deploy_to: Environment::Demo,
                fallback: bot.fallback.map(SkillId::from),
                manners: bot.manners.clone(),
                ..Connector::default()
            };
            account.connectors.insert(bot.user.into(), connector);
        }
        assert_eq!(account.faults(), Vec::<String>::new());
        let store = Memory::new();
        let now = Moment(1_750_000_000_000);
        let platform = Platform::open(account.clone(), bots.clone(), &store, 1, now).unwrap();
        let logins = BTreeMap::new();
        let mut house =
            House { platform, store, bots, account, now, writer: 1, commands: 0, left: Vec::new(), logins };
        for bot in &plan.bots {
            let name = source_name(bot.source);
            let deploy = Ask::Deploy {
                bot: name.as_str().into(),
                version: name.as_str().into(),
                to: Environment::Demo,
                move_open: false,
            };
            house.operator(deploy).unwrap();
            house.operator(Ask::Start(bot.user.into())).unwrap();
            house.log_in(bot.user);
        }
        house.left.clear();
        house
    }

    /// Lets something happen.
    fn happen(&mut self, input: Input) {
        let left = keep(&mut self.platform, &self.store, input, self.now);
        self.left.extend(left);
    }

    /// Asks for something, as somebody, and gives the answer.
    fn ask(&mut self, from: Caller, ask: Ask) -> Result<Answer, Refusal> {
        self.commands += 1;
        let id = format!("command {}", self.commands);
        self.ask_as(&id, from, ask)
    }

    fn ask_as(&mut self, id: &str, from: Caller, ask: Ask) -> Result<Answer, Refusal> {
        let before = self.left.len();
        let id = CommandId::from(id);
        self.happen(Input::Command(Command { id: id.clone(), reply_to: 7, from, ask }));
        let answers = self.left[before..].iter().filter_map(|output| match output {
            Output::Reply { to: 7, command, result } if *command == id => Some(result.clone()),
            _ => None,
        });
        let answers: Vec<_> = answers.collect();
        assert_eq!(answers.len(), 1, "every command is answered once");
        answers.into_iter().next().unwrap()
    }

    fn operator(&mut self, ask: Ask) -> Result<Answer, Refusal> {
        self.ask(Caller::Operator("root".into()), ask)
    }

    /// The account as the case has changed it.
    fn set_up(&mut self) {
        let hash = self.account.keep(&self.store).unwrap();
        self.operator(Ask::SetUp(Box::new(self.account.clone()), hash)).unwrap();
        assert_eq!(Account::kept(&self.store, "acme").unwrap().as_ref(), Some(&self.account));
    }

    fn log_in(&mut self, user: &str) -> Login {
        let Ok(Answer::LoggedIn(epoch)) = self.operator(Ask::LogIn(user.into())) else {
            panic!("{user} logs in")
        };
        let login = Login { user: user.into(), epoch };
        self.logins.insert(user.to_string(), login.clone());
        login
    }

    /// A person comes and takes conversations.
    fn comes(&mut self, user: &str) {
        self.log_in(user);
        self.user(user, Ask::Be(Availability::Online)).unwrap();
    }

    fn user(&mut self, user: &str, ask: Ask) -> Result<Answer, Refusal> {
        let login = self.logins.get(user).unwrap_or_else(|| panic!("{user} has logged in")).clone();
        self.ask(Caller::User(login), ask)
    }

    fn user_in(&mut self, user: &str, id: ConversationId, talk: Talk) -> Result<Answer, Refusal> {
        self.user(user, Ask::In(id, talk))
    }

    fn user_says(&mut self, user: &str, id: ConversationId, text: &str) -> Result<Answer, Refusal> {
        self.user_in(user, id, Talk::Say { content: Content::text(text), audience: Audience::All })
    }

    fn begin(&mut self, visitor: &str, channel: Channel, skill: &str) -> ConversationId {
        let number = u128::from(self.commands + 1) << 64 | 7;
        let conversation = ConversationId(number);
        let ask = Ask::Begin { conversation, channel, skill: skill.into(), context: Value::Nothing };
        self.ask(Caller::Visitor(visitor.into()), ask).unwrap();
        conversation
    }

    fn visitor(&mut self, id: ConversationId, talk: Talk) -> Result<Answer, Refusal> {
        let visitor = self.conversation(id).visitor.clone();
        self.ask(Caller::Visitor(visitor), Ask::In(id, talk))
    }

    fn says(&mut self, id: ConversationId, text: &str) -> u64 {
        let said = self.visitor(id, Talk::Say { content: Content::text(text), audience: Audience::All });
        let Ok(Answer::Sequence(sequence)) = said else { panic!("{said:?}") };
        sequence
    }

    /// Time passes; whatever is due on the way is done then. Logins stay alive, but for those named.
    fn wait_without(&mut self, millis: u64, silent: &[&str]) {
        let end = self.now.after(Span(millis));
        let mut ticks = 0;
        loop {
            let beat = self.now.after(Span(5_000)).min(end);
            let next = self.platform.next_wake().unwrap_or(end).max(self.now).min(beat);
            self.now = next;
            self.happen(Input::Tick);
            if next == beat {
                let alive: Vec<Login> = self
                    .logins
                    .iter()
                    .filter(|(user, _)| !silent.contains(&user.as_str()))
                    .map(|(_, login)| login.clone())
                    .collect();
                for login in alive {
                    let _ = self.ask(Caller::User(login), Ask::Alive);
                }
            }
            if self.now >= end {
                return;
            }
            ticks += 1;
            assert!(ticks < 200_000, "time passes");
        }
    }

    fn wait(&mut self, millis: u64) {
        self.wait_without(millis, &[]);
    }

    /// A visitor's client stays there while time passes.
    fn wait_with_visitor(&mut self, id: ConversationId, millis: u64) {
        let mut left = millis;
        while left > 0 {
            let step = left.min(10_000);
            self.wait(step);
            let _ = self.visitor(id, Talk::Alive);
            left -= step;
        }
    }

    /// The house is killed and comes back: all that was on its way is lost.
    fn crash(&mut self) {
        self.writer += 1;
        self.platform =
            Platform::open(self.account.clone(), self.bots.clone(), &self.store, self.writer, self.now)
                .unwrap();
        self.left.clear();
    }

    fn key(&self, id: ConversationId) -> Key {
        Key::of(&["conversation", "acme", &id.to_string()])
    }

    /// A conversation as it is kept.
    fn conversation(&self, id: ConversationId) -> Conversation {
        let kept = self.store.newest(&self.key(id)).unwrap().expect("the conversation is kept");
        serde_json::from_slice(&kept.image).unwrap()
    }

    fn records(&self, id: ConversationId) -> Vec<Record> {
        let entries = self.store.read(&self.key(id), Version::NONE, 10_000).unwrap();
        entries.iter().map(|entry| serde_json::from_slice(&entry.bytes).unwrap()).collect()
    }

    /// What was said, as `who: what`; and the record is held to say the same again.
    fn transcript(&self, id: ConversationId) -> Vec<String> {
        let records = self.records(id);
        let again = replay(&records, &*self.bots).unwrap_or_else(|differs| panic!("{differs}"));
        assert_eq!(again.as_ref(), Some(&self.conversation(id)), "the facts fold to the image");
        let facts = records.iter().flat_map(|record| &record.facts);
        facts.filter_map(said).collect()
    }

    fn facts(&self, id: ConversationId) -> Vec<Fact> {
        self.records(id).into_iter().flat_map(|record| record.facts).collect()
    }

    /// Who has it: `queue skill`, `rings user`, `user`, `over`.
    fn place(&self, id: ConversationId) -> String {
        let conversation = self.conversation(id);
        match &conversation.place {
            Place::Queue(queue) => match &queue.ring {
                Some(ring) => format!("rings {}", ring.user),
                None => format!("queue {}", conversation.skill),
            },
            Place::Seat(seat) => seat.user.to_string(),
            Place::Over { reason, .. } => format!("over {reason:?}"),
        }
    }

    fn ring(&self, id: ConversationId) -> u64 {
        self.conversation(id).rings
    }

    /// What is to be done outside, since the last time this was asked.
    fn performs(&mut self) -> Vec<(EffectId, Login)> {
        let left = std::mem::take(&mut self.left);
        left.into_iter()
            .filter_map(|output| match output {
                Output::Perform { what, by, .. } => Some((what.id, by)),
                _ => None,
            })
            .collect()
    }

    fn returned(&mut self, id: ConversationId, effect: EffectId, by: &Login, body: &str) {
        let outcome = Outcome::Success { status: 200, body: Value::text(body) };
        self.happen(Input::Returned { conversation: id, id: effect, by: by.clone(), outcome });
    }
}

fn said(fact: &Fact) -> Option<String> {
    let Fact::Said { by, content, audience, .. } = fact else { return None };
    let by = match by {
        Author::Visitor => "visitor".to_string(),
        Author::User(user) => user.to_string(),
        Author::House => "house".to_string(),
    };
    let text = match content {
        Content::Message(message) => message.to_text(),
        Content::Chosen { label, .. } => format!("[{label}]"),
        other => format!("{other:?}"),
    };
    let whispers = if *audience == Audience::Staff { " (staff)" } else { "" };
    Some(format!("{by}{whispers}: {text}"))
}

fn source_name(source: &str) -> String {
    source.split('"').nth(1).unwrap_or("bot").to_string()
}

fn code(result: Result<Answer, Refusal>) -> Code {
    result.expect_err("it is refused").code
}

/// A bot that greets, asks, calls, pauses and hands over.
const SHOP: &str = r#"
bot "shop" {
  language en-US
  entry    "Welcome"
}
dialog "Welcome" {
  user says {
    pattern "(hi|hello)*"
  }
  say "Hello!"
  ask name "What is your name?" {
    when anything say "Nice to meet you, {{ reply }}." -> end
  }
}
dialog "Human" {
  user says {
    pattern "*(human|agent)*"
  }
  transfer to skill "People" say "Hold on..."
}
dialog "Order" {
  user says {
    pattern "*order*"
  }
  var status text
  call "Order Status" {
    when success say "It is {{ status }}." -> end
    when failure say "I can't find out: {{ response.reason }}." -> end
  }
}
dialog "Mail" {
  user says {
    pattern "*mail*"
  }
  call "Write" {
    when success say "Written." -> end
    when failure say "Maybe not written: {{ response.reason }}." -> end
  }
}
dialog "Slow" {
  user says {
    pattern "*slow*"
  }
  say "One."
  pause 2s
  say "Two."
  pause 2s
  say "Three."
}
dialog "Bye" {
  user says {
    pattern "*bye*"
  }
  say "Bye!" -> close
}
dialog "Leave" {
  user says {
    pattern "*leave*"
  }
  say "Gone." -> close without survey
}
on escalation failed dialog "Nobody" {
  say "Nobody is there right now."
}
fallback dialog "Fallback" {
  say "Sorry?"
}
integration "Order Status" api {
  get  "https://example.com/orders"
  save status = response.body
}
integration "Write" email {
  to      "help@example.com"
  subject "A question"
  body    text "Hello"
}
"#;

/// A shop's bot, and people.
fn shop(people: &[&'static str]) -> House {
    House::new(Plan {
        people: people.iter().map(|name| (*name, vec!["People"], 2)).collect(),
        bots: vec![Bot::new("bot-1", "Shop", SHOP)],
        ..Plan::default()
    })
}

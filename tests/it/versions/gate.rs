//! The gate before Production, case by case: what was added, deployed and said, and what the gate says then.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use parlor::connectors::{Bots, Bundle};
use parlor::conversation::{
    Author, Availability, BotName, Channel, CommandId, Content, ConversationId, Moment, SkillId, Span,
    UserId, Value,
};
use parlor::platform::{
    Account, Answer, Ask, Caller, Command, Connector, Environment, Fact, Input, Login, Manners, Mind, Output,
    Platform, Record, Refusal, Talk, User, keep,
};
use parlor::server::{Gate, Versions};
use parlor::store::{Key, Memory, Store, Version};
use serde::Deserialize;

use crate::golden;

/// A case: bots by name, each its files; and what happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(default)]
    values: BTreeMap<String, String>,
    bots: BTreeMap<String, BTreeMap<String, String>>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// A version is made of a bot.
    Add(String),
    /// It is served on Demo.
    Demo(String),
    /// It is served in Production, gate or not.
    Production(String),
    /// A visitor comes to Demo and says this.
    Visit(Vec<String>),
    /// A visitor comes to Production and says this.
    VisitProduction(Vec<String>),
    /// Somebody confirms all differences of a version.
    Confirm(String),
    /// What the gate says of a version.
    Gate(String),
    /// What the gate says of a version, when it may look at so many things only.
    GateInAHurry(String, usize),
    /// Where the version differs.
    Differences(String),
    /// The version passes the gate and is served in Production, or it is refused.
    Promote(String),
    /// The house ends and comes back.
    Restart,
}

struct Center {
    store: Arc<Memory>,
    platform: Platform,
    bots: Arc<Bots>,
    versions: Versions,
    account: Account,
    made: BTreeMap<String, Bundle>,
    now: Moment,
    commands: u64,
    told: String,
}

const BOT: &str = "shop";

fn account(values: BTreeMap<String, String>) -> Account {
    let mut account = Account { name: "acme".into(), ..Account::default() };
    for (user, skill, deploy_to) in
        [("bot-1", "Bot", Environment::Demo), ("bot-2", "Shop", Environment::Production)]
    {
        account.skills.entry(skill.into()).or_default();
        let skills = vec![SkillId::from(skill)];
        let own = User { skills, chats: 99, messagings: 99, ..User::default() };
        account.users.insert(user.into(), own);
        let manners = Manners { join: Span(0), ..Manners::default() };
        let (user, mind) = (UserId::from(user), Mind::Ours(BOT.into()));
        let connector = Connector { user, mind, deploy_to, manners, ..Connector::default() };
        account.connectors.insert(connector.user.as_str().into(), connector);
    }
    account.skills.entry("People".into()).or_default();
    let person = User { skills: vec!["People".into()], messagings: 99, ..User::default() };
    account.users.insert("ann".into(), person);
    account.bots.entry(BOT.into()).or_default().environment = Some("own".into());
    account.environments.entry("own".into()).or_default().demo = values;
    assert_eq!(account.faults(), Vec::<String>::new());
    account
}

impl Center {
    fn open(case: &Case) -> Center {
        let store = Arc::new(Memory::new());
        let account = account(case.values.clone());
        let (bots, now) = (Arc::new(Bots::new()), Moment(1_750_000_000_000));
        let platform = Platform::open(account.clone(), bots.clone(), &*store, 1, now).unwrap();
        let made = case.bots.iter().map(|(name, files)| {
            let files = files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
            (name.clone(), Bundle::of(files).unwrap())
        });
        let made = made.collect();
        let versions = Versions::new(store.clone(), "acme");
        let told = String::new();
        let mut center = Center { store, platform, bots, versions, account, made, now, commands: 0, told };
        center.start();
        center
    }

    fn start(&mut self) {
        for user in ["bot-1", "bot-2"] {
            self.ask(Caller::Operator("root".into()), Ask::Start(user.into())).unwrap();
            self.ask(Caller::Operator("root".into()), Ask::LogIn(user.into())).unwrap();
        }
        let person = self.ask(Caller::Operator("root".into()), Ask::LogIn("ann".into())).unwrap();
        let Answer::LoggedIn(epoch) = person else { panic!("she logs in") };
        let login = Login { user: "ann".into(), epoch };
        self.ask(Caller::User(login), Ask::Be(Availability::Online)).unwrap();
    }

    fn ask(&mut self, from: Caller, ask: Ask) -> Result<Answer, Refusal> {
        self.commands += 1;
        self.now = self.now.after(Span(10));
        let id = CommandId::from(format!("command {}", self.commands));
        let input = Input::Command(Command { id: id.clone(), reply_to: 7, from, ask });
        let left = keep(&mut self.platform, &*self.store, input, self.now);
        let answer = left.into_iter().find_map(|output| match output {
            Output::Reply { command, result, .. } if command == id => Some(result),
            _ => None,
        });
        answer.expect("every command is answered")
    }

    fn bot(&self) -> BotName {
        BOT.into()
    }

    fn deploy(&mut self, name: &str, to: Environment) {
        let version = self.made[name].id().clone();
        if !self.bots.has(&version) {
            self.versions.put(&self.bots, &self.account, &self.bot(), &version).unwrap();
        }
        let deploy = Ask::Deploy { bot: self.bot(), version, to, move_open: false };
        self.ask(Caller::Operator("root".into()), deploy).unwrap();
    }

    /// What the bots said is given back.
    fn visit(&mut self, says: &[String], skill: &str) -> Vec<String> {
        let visitor = Caller::Visitor(format!("visitor {}", self.commands).into());
        let conversation = ConversationId(u128::from(self.commands + 1) << 64 | 7);
        let channel = Channel::Messaging;
        let ask = Ask::Begin { conversation, channel, skill: skill.into(), context: Value::Nothing };
        self.ask(visitor.clone(), ask).unwrap();
        for said in says {
            let say = Talk::Say { content: Content::text(said.as_str()), audience: Default::default() };
            self.ask(visitor.clone(), Ask::In(conversation, say)).unwrap();
        }
        let key = Key::of(&["conversation", "acme", &conversation.to_string()]);
        let entries = self.store.read(&key, Version::NONE, 1_000).unwrap();
        let records = entries.iter().map(|entry| serde_json::from_slice::<Record>(&entry.bytes).unwrap());
        let facts = records.flat_map(|record| record.facts);
        let said = facts.filter_map(|fact| match fact {
            Fact::Said { by: Author::User(_), content: Content::Message(message), .. } => {
                Some(message.to_text())
            }
            _ => None,
        });
        said.collect()
    }

    fn gate(&self, name: &str, looks: usize) -> Gate {
        let version = self.versions.of(&self.bot(), self.made[name].id()).unwrap().expect("it was added");
        let mut left = looks;
        let mut goes_on = || {
            left = left.saturating_sub(1);
            left > 0
        };
        self.versions.gate(&self.account, &self.bot(), &version, &mut goes_on).unwrap()
    }

    fn take(&mut self, step: &Step) {
        let by = UserId::from("ann");
        match step {
            Step::Add(name) => {
                let (bot, bundle) = (self.bot(), self.made[name].clone());
                let added = self.versions.add(&bot, &bundle, name, (&by, self.now), &mut || true).unwrap();
                writeln!(self.told, "add {name}: {}, {}", added.version.label(), added.version.tests)
            }
            Step::Demo(name) => {
                self.deploy(name, Environment::Demo);
                let served = self.versions.served(&self.bot(), Environment::Demo).unwrap().unwrap();
                writeln!(self.told, "on Demo: {}", served.message)
            }
            Step::Production(name) => {
                self.deploy(name, Environment::Production);
                writeln!(self.told, "in Production: {name}")
            }
            Step::Visit(says) => {
                let said = self.visit(says, "Bot");
                writeln!(self.told, "visit: {}\n  {said:?}", says.join(" / "))
            }
            Step::VisitProduction(says) => {
                let said = self.visit(says, "Shop");
                writeln!(self.told, "visit in Production: {}\n  {said:?}", says.join(" / "))
            }
            Step::Confirm(name) => {
                let gate = self.gate(name, usize::MAX);
                let number = gate.version.number;
                let kept = self
                    .versions
                    .confirm(&self.bot(), number, &gate.replay.names(), (&by, self.now))
                    .unwrap();
                let confirmed = kept.confirmed.unwrap().differences.len();
                writeln!(self.told, "confirm {name}: {confirmed}")
            }
            Step::Gate(name) => {
                let gate = self.gate(name, usize::MAX);
                writeln!(self.told, "gate {name}:\n{gate}")
            }
            Step::GateInAHurry(name, looks) => {
                let gate = self.gate(name, *looks);
                writeln!(self.told, "gate {name} in a hurry:\n{gate}")
            }
            Step::Differences(name) => {
                let mut all = String::new();
                for difference in self.gate(name, usize::MAX).replay.differences {
                    writeln!(all, "  {}{}", difference.fate, lacks(difference.lacks.as_deref())).unwrap();
                    if let Some(first) = difference.first {
                        writeln!(all, "    {}", first.happened).unwrap();
                        writeln!(all, "    then {:?}\n    now  {:?}", first.then, first.now).unwrap();
                    }
                }
                writeln!(self.told, "differences of {name}:\n{all}")
            }
            Step::Promote(name) => {
                let told = match self.gate(name, usize::MAX).pass(false) {
                    Ok(ask) => {
                        let version = self.made[name].id().clone();
                        self.versions.put(&self.bots, &self.account, &self.bot(), &version).unwrap();
                        self.ask(Caller::Operator("root".into()), ask).unwrap();
                        let served = self.versions.served(&self.bot(), Environment::Production).unwrap();
                        format!("in Production: {}", served.unwrap().message)
                    }
                    Err(refusal) => format!("refused: {}", refusal.code.as_str()),
                };
                writeln!(self.told, "promote {name}: {told}")
            }
            Step::Restart => {
                self.bots = Arc::new(Bots::new());
                let missing = self.versions.load(&self.bots, &self.account).unwrap();
                let now = self.now;
                self.platform =
                    Platform::open(self.account.clone(), self.bots.clone(), &*self.store, 2, now).unwrap();
                self.start();
                writeln!(self.told, "restart: {missing:?}")
            }
        }
        .unwrap();
    }
}

fn lacks(why: Option<&str>) -> String {
    why.map(|why| format!(": {why}")).unwrap_or_default()
}

#[test]
fn the_gate_says_what_keeps_a_version_back() {
    golden::compare("versions/gate", "gate", 10, |name, bytes| {
        let case: Case = serde_yaml::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut center = Center::open(&case);
        case.steps.iter().for_each(|step| center.take(step));
        center.told
    });
}

/// A version whose files are gone or were spoiled says so, at the gate and when the house opens.
#[test]
fn a_version_that_is_gone_keeps_itself_back() {
    let files = BTreeMap::from([("shop.dialog".to_string(), super::HELLO.to_string())]);
    let bots = BTreeMap::from([("one".to_string(), files)]);
    let case = Case { values: BTreeMap::new(), bots, steps: Vec::new() };
    let mut center = Center::open(&case);
    center.take(&Step::Add("one".into()));
    center.take(&Step::Demo("one".into()));
    // The same records beside other blobs: what a restore of half a backup leaves.
    let other = Arc::new(Memory::new());
    for (key, kept) in center.store.list("", parlor::store::Which::Live, None, 1_000).unwrap() {
        let expected = parlor::store::Version::NONE;
        let append = parlor::store::Append { key, expected, entry: vec![], image: kept.image, live: true };
        other.append(&[append]).unwrap();
    }
    let versions = Versions::new(other, "acme");
    let version = versions.find(&BOT.into(), "1").unwrap();
    let gate = versions.gate(&center.account, &BOT.into(), &version, &mut || true).unwrap();
    let (label, short) = (version.label(), &version.id.as_str()[..12]);
    let gone = format!("version {short} of `shop` cannot be used: its files are not there");
    let told = format!(
        "{label} of `shop` does not go to Production\n  no: {gone} (unusable)\n      deploy the bot once more\n"
    );
    assert_eq!(gate.to_string(), told);
    assert_eq!(versions.load(&Bots::new(), &center.account).unwrap(), [gone]);
}

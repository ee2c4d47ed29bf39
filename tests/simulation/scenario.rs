//! What happens in a seed, as data: who is there, what they set out to do, and what goes wrong. A scenario can be cut down
//! to some of its steps, and what is left happens as before.

use std::collections::BTreeSet;

use parlor::conversation::{Availability, BotName, Channel, ConnectorId, Moment, SkillId, Span, UserId};
use parlor::platform::{Account, Connector, Environment, Manners, Mind, Skill, User};

use crate::bots::{HELPER, SURVEY, SURVEY_VERSION, VERSIONS, WORDS};
use crate::dice::Dice;
use crate::disk::Trouble;

/// When every simulation begins.
pub const BEGIN: Moment = Moment(1_700_000_000_000);

/// A seed, worked out.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The seed.
    pub seed: u64,
    /// How the account is set up.
    pub account: Account,
    /// The visits: at most one conversation each.
    pub visits: Vec<Visit>,
    /// The people who work here.
    pub agents: Vec<UserId>,
    /// The connectors.
    pub connectors: Vec<ConnectorId>,
    /// What happens, in the order of time.
    pub steps: Vec<Step>,
    /// Which of the steps really happen; nothing: all.
    pub keep: Option<BTreeSet<usize>>,
}

/// A visitor and how they behave.
#[derive(Debug, Clone)]
pub struct Visit {
    /// How they talk to us.
    pub channel: Channel,
    /// What they come for.
    pub skill: SkillId,
    /// Whether they wait for each acknowledgement before they go on.
    pub patient: bool,
    /// How many of a hundred commands they send twice.
    pub twice: u64,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// What.
    pub what: Do,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Do {
    /// A visitor does something.
    Visitor(usize, Visiting),
    /// A person who works here does something.
    Agent(usize, Working),
    /// A connector fares so.
    Connector(usize, Serving),
    /// The operator does something.
    Operator(Operating),
    /// The platform is killed, after it has done so many more things.
    Crash {
        /// How many.
        after: u64,
        /// For how long it is down.
        down: Span,
        /// By how much its clock is set back then.
        back: Span,
    },
    /// Something goes wrong with the next append.
    Disk(Trouble),
}

/// What visitors do.
#[derive(Debug, Clone, PartialEq)]
pub enum Visiting {
    /// Comes.
    Begins,
    /// Says something.
    Says(&'static str),
    /// Has read everything.
    Reads,
    /// Says how it was.
    Rates,
    /// Ends it.
    Closes,
    /// Is cut off for a while.
    Vanishes(Span),
}

/// What people who work here do by themselves; what they do about conversations they decide when those come.
#[derive(Debug, Clone, PartialEq)]
pub enum Working {
    /// Comes.
    LogsIn,
    /// Goes.
    LogsOut,
    /// Says whether they take conversations.
    Is(Availability),
    /// Is not heard of for a while.
    FallsSilent(Span),
    /// Logs in once more, while the first login still speaks.
    LogsInTwice,
    /// Takes something out of the queue.
    Takes,
    /// Gives away something they have, or as a manager something of others.
    Transfers,
    /// Ends something.
    Closes,
    /// A manager steps in, says something, and leaves.
    StepsIn,
}

/// How connectors fare.
#[derive(Debug, Clone, PartialEq)]
pub enum Serving {
    /// Is not heard of for a while; what it was doing is answered all the same.
    FallsSilent(Span),
    /// Its links are so.
    Links { service: bool, vendor: bool },
}

/// What the operator does.
#[derive(Debug, Clone, PartialEq)]
pub enum Operating {
    /// Starts a connector.
    Start(usize),
    /// Stops one.
    Stop { connector: usize, now: bool },
    /// Puts a version in front of visitors.
    Deploy { bot: &'static str, version: &'static str, move_open: bool },
    /// Takes the bot for visitors back to the version before.
    RollBack { move_open: bool },
    /// Changes how much everybody can take.
    SetUp { chats: u32, messagings: u32 },
}

impl Scenario {
    /// Works out a seed.
    pub fn of(seed: u64) -> Scenario {
        let mut dice = Dice::of(&[seed, 0]);
        let crowd = seed % 100 == 99;
        let visits = if crowd { 1_000 } else { dice.between(1, 50) };
        let lasts = if crowd { 1_200_000 } else { dice.between(60_000, 900_000) };
        let agents: Vec<UserId> =
            (0..dice.between(1, 6)).map(|number| UserId::from(format!("agent-{number}"))).collect();
        let account = account(&mut dice, &agents, crowd);
        let connectors: Vec<ConnectorId> = account.connectors.keys().cloned().collect();
        let mut steps = Vec::new();
        opening(&mut steps, &mut dice, &agents, &connectors);
        let visits =
            (0..visits as usize).map(|number| visit(number, &mut steps, &mut dice, lasts, crowd)).collect();
        for number in 0..agents.len() {
            work(number, &mut steps, &mut dice, lasts);
        }
        for number in 0..connectors.len() {
            serve(number, &mut steps, &mut dice, lasts);
        }
        operate(&mut steps, &mut dice, lasts, connectors.len());
        mishaps(&mut steps, &mut dice, lasts, crowd);
        crossed(&mut steps, &mut Dice::of(&[seed, 4]), lasts);
        steps.sort_by_key(|step| step.at);
        Scenario { seed, account, visits, agents, connectors, steps, keep: None }
    }

    /// Whether a step happens.
    pub fn keeps(&self, step: usize) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep.contains(&step))
    }

    /// When the last step happens.
    pub fn ends(&self) -> Moment {
        self.steps.last().map_or(BEGIN, |step| step.at)
    }
}

fn account(dice: &mut Dice, agents: &[UserId], crowd: bool) -> Account {
    let mut account = Account { name: "acme".to_string(), ..Account::default() };
    for skill in ["bots", "vendors", "people", "experts", "survey"] {
        let survey = (skill != "survey" && dice.chance(40)).then(|| ConnectorId::from("survey"));
        let fallback = (skill == "bots" || skill == "vendors") && dice.chance(50);
        let fallback = fallback.then(|| SkillId::from("people"));
        let idle = dice.span(200_000, 1_800_000);
        account.skills.insert(SkillId::from(skill), Skill { idle, survey, fallback, ..Skill::default() });
    }
    let most = if crowd { 40 } else { 4 };
    for (number, agent) in agents.iter().enumerate() {
        let mut skills = vec![SkillId::from("people")];
        if dice.chance(40) {
            skills.push(SkillId::from("experts"));
        }
        let (chats, messagings) = (dice.between(0, most) as u32, dice.between(1, most) as u32);
        let nickname = format!("Agent {number}");
        let profile = if number == 0 { "Agent Manager" } else { "Agent" }.to_string();
        let user = User { nickname, skills, chats, messagings, profile, ..User::default() };
        account.users.insert(agent.clone(), user);
    }
    let ours = |bot: &str| Mind::Ours(BotName::from(bot));
    let theirs = || Mind::Theirs(BotName::from("vendor"));
    let survey_most = if crowd { 300 } else { 5 };
    connector(&mut account, dice, "survey", ours(SURVEY), Channel::Messaging, "survey", survey_most);
    for (name, channel) in [("chat", Channel::Chat), ("messaging", Channel::Messaging)] {
        for number in 0..dice.between(1, 3) {
            let most = if crowd { 400 } else { dice.between(2, 30) as u32 };
            connector(
                &mut account,
                dice,
                &format!("ours-{name}-{number}"),
                ours(HELPER),
                channel,
                "bots",
                most,
            );
        }
        for number in 0..dice.between(0, 2) {
            let most = if crowd { 200 } else { dice.between(1, 10) as u32 };
            connector(
                &mut account,
                dice,
                &format!("theirs-{name}-{number}"),
                theirs(),
                channel,
                "vendors",
                most,
            );
        }
    }
    account
}

fn connector(
    account: &mut Account,
    dice: &mut Dice,
    name: &str,
    mind: Mind,
    channel: Channel,
    skill: &str,
    most: u32,
) {
    let user = UserId::from(format!("bot-{name}"));
    let own = User {
        nickname: name.to_string(),
        skills: vec![SkillId::from(skill)],
        chats: if channel == Channel::Chat { most } else { 0 },
        messagings: if channel == Channel::Messaging { most } else { 0 },
        ..User::default()
    };
    account.users.insert(user.clone(), own);
    let manners = Manners {
        greet_after: dice.chance(70).then_some(Span(3_000)),
        join: *dice.pick(&[Span(0), Span(300), Span(300), Span(2_000)]),
        resend_after: dice.span(5_000, 60_000),
        resends: dice.below(3) as u32,
        stuck_message: dice.chance(50).then(|| "Are you still there?".to_string()),
        stuck_skill: dice.chance(70).then(|| SkillId::from("people")),
        accept_within: dice.span(10_000, 120_000),
        ..Manners::default()
    };
    let fallback = dice.chance(70).then(|| SkillId::from("people"));
    let deploy_to = Environment::Production;
    let connector = Connector { user, mind, channel, deploy_to, fallback, manners, ..Connector::default() };
    account.connectors.insert(ConnectorId::from(name), connector);
}

/// A step some time within a span from the beginning.
fn some_time(dice: &mut Dice, lasts: u64, what: Do) -> Step {
    Step { at: dice.later(BEGIN, 0, lasts), what }
}

/// The house is opened: bots are deployed, connectors started, people come.
fn opening(steps: &mut Vec<Step>, dice: &mut Dice, agents: &[UserId], connectors: &[ConnectorId]) {
    for (bot, version) in [(HELPER, VERSIONS[0]), (SURVEY, SURVEY_VERSION)] {
        let what = Do::Operator(Operating::Deploy { bot, version, move_open: false });
        steps.push(Step { at: BEGIN, what });
    }
    for number in 0..connectors.len() {
        if dice.chance(92) {
            steps.push(some_time(dice, 2_000, Do::Operator(Operating::Start(number))));
        }
    }
    for number in 0..agents.len() {
        if dice.chance(85) {
            steps.push(some_time(dice, 20_000, Do::Agent(number, Working::LogsIn)));
        }
    }
}

fn visit(number: usize, steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64, crowd: bool) -> Visit {
    let channel = *dice.pick(&[Channel::Chat, Channel::Messaging]);
    let skill =
        SkillId::from(*dice.pick(&["bots", "bots", "bots", "vendors", "people", "people", "experts"]));
    let mut at = dice.later(BEGIN, 500, lasts * 3 / 4);
    let fast = dice.chance(30);
    let mut then = |at: Moment, what| steps.push(Step { at, what: Do::Visitor(number, what) });
    then(at, Visiting::Begins);
    let words = if crowd { dice.between(1, 4) } else { dice.between(1, 12) };
    for _ in 0..words {
        let pause = if fast { dice.span(5, 800) } else { dice.span(500, 40_000) };
        at = at.after(pause);
        then(at, Visiting::Says(dice.pick::<&str>(&WORDS)));
        if dice.chance(6) {
            then(dice.later(at, 0, 3_000), Visiting::Vanishes(dice.span(2_000, 70_000)));
        }
        if dice.chance(15) {
            then(dice.later(at, 0, 3_000), Visiting::Reads);
        }
    }
    if dice.chance(20) {
        then(dice.later(at, 0, 60_000), Visiting::Rates);
    }
    if dice.chance(30) {
        then(dice.later(at, 0, 60_000), Visiting::Closes);
    }
    Visit { channel, skill, patient: dice.chance(80), twice: *dice.pick(&[0, 5, 50]) }
}

fn work(number: usize, steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64) {
    for _ in 0..dice.between(0, 6) {
        let what = match dice.below(12) {
            0 => Working::LogsOut,
            1 => Working::LogsIn,
            2 => Working::FallsSilent(dice.span(5_000, 150_000)),
            3 => Working::LogsInTwice,
            4 | 5 => Working::Takes,
            6 => Working::Transfers,
            7 => Working::Closes,
            8 => Working::StepsIn,
            9 => Working::Is(Availability::Occupied),
            10 => Working::Is(*dice.pick(&[Availability::Away, Availability::BackSoon])),
            _ => Working::Is(Availability::Online),
        };
        let step = some_time(dice, lasts, Do::Agent(number, what));
        steps.push(step);
    }
}

fn serve(number: usize, steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64) {
    for _ in 0..dice.below(3) {
        let what = match dice.below(6) {
            0 => Serving::Links { service: false, vendor: true },
            1 => Serving::Links { service: true, vendor: false },
            _ => Serving::FallsSilent(dice.span(3_000, 90_000)),
        };
        let step = some_time(dice, lasts, Do::Connector(number, what));
        steps.push(step);
    }
}

fn operate(steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64, connectors: usize) {
    for _ in 0..dice.below(5) {
        let connector = dice.below(connectors as u64) as usize;
        let move_open = dice.chance(50);
        let what = match dice.below(8) {
            0 | 1 => Operating::Stop { connector, now: dice.chance(50) },
            2 | 3 => Operating::Start(connector),
            4 | 5 => Operating::Deploy { bot: HELPER, version: dice.pick::<&str>(&VERSIONS), move_open },
            6 => Operating::RollBack { move_open },
            _ => Operating::SetUp { chats: dice.between(0, 5) as u32, messagings: dice.between(0, 5) as u32 },
        };
        let again = matches!(what, Operating::Stop { .. }) && dice.chance(70);
        let step = some_time(dice, lasts, Do::Operator(what));
        if again {
            let at = dice.later(step.at, 1_000, 60_000);
            steps.push(Step { at, what: Do::Operator(Operating::Start(connector)) });
        }
        steps.push(step);
    }
}

fn mishaps(steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64, crowd: bool) {
    for _ in 0..dice.below(4) {
        let down = if dice.chance(80) { dice.span(50, 5_000) } else { dice.span(5_000, 100_000) };
        let back = if dice.chance(20) { dice.span(1, 20_000) } else { Span(0) };
        let what = Do::Crash { after: dice.below(40), down, back };
        let step = some_time(dice, lasts, what);
        steps.push(step);
    }
    let troubles = if dice.chance(30) { 0 } else { dice.between(1, if crowd { 60 } else { 12 }) };
    for _ in 0..troubles {
        let trouble = match dice.below(12) {
            0..=2 => Trouble::Unknown { done: true },
            3..=5 => Trouble::Unknown { done: false },
            6 | 7 => Trouble::Late(dice.span(1, 30_000)),
            8 => Trouble::Slow(dice.span(50, 10_000)),
            9 => Trouble::SlowAnswer(dice.span(50, 10_000)),
            10 => Trouble::Late(dice.span(0, 20)),
            _ => Trouble::Breaks { done: dice.chance(50) },
        };
        let step = some_time(dice, lasts, Do::Disk(trouble));
        steps.push(step);
    }
}

/// The operator does something right when the platform is killed, so that it is asked for again.
fn crossed(steps: &mut Vec<Step>, dice: &mut Dice, lasts: u64) {
    if dice.chance(20) {
        let move_open = dice.chance(50);
        let step = some_time(dice, lasts, Do::Operator(Operating::RollBack { move_open }));
        let at = dice.later(step.at, 5, 60);
        let what = Do::Crash { after: dice.below(4), down: dice.span(50, 5_000), back: Span(0) };
        steps.extend([step, Step { at, what }]);
    }
}

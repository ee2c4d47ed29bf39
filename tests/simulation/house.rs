//! A whole contact center on a clock of its own, in one thread: everything that happens is an event at a moment, and the
//! same scenario happens in the same way every time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parlor::conversation::{Availability, CommandId, ConversationId, Moment, Span, UserId};
use parlor::platform::{
    Account, Answer, Ask, Caller, Command, Conversation, Input, Login, Output, Platform, Record, Refusal,
    Ticket,
};
use parlor::store::{Failure, Key, Outcome, Store};

use crate::bots::BOTS;
use crate::dice::Dice;
use crate::disk::{Disk, Fate};
use crate::scenario::{BEGIN, Do, Scenario};
use crate::visitor::Visitor;
use crate::witness::{Broken, Witness};
use crate::worker::{Acting, Worker};

/// How long everybody goes on once nothing more is planned.
const CALM: Span = Span(200_000);
/// How long it takes until all is over once everybody has left.
const FOR_EVER: Span = Span(10 * 24 * 3_600_000);
/// Ticks without anything happening at one moment.
const TICKS_MAX: u32 = 20;
/// Turns of one conversation on average, beyond which something turns in circles.
const TURNS_MAX: u64 = 2_000;

/// What a simulation did, for the summary.
#[derive(Debug, Default, Clone, Copy)]
pub struct Deeds {
    /// Conversations that began.
    pub conversations: u64,
    /// Turns that became durable.
    pub turns: u64,
    /// Crashes of the platform.
    pub crashes: u64,
    /// Troubles of the store.
    pub troubles: u64,
    /// Seats that went from one connector to another.
    pub failovers: u64,
    /// Moments at which everything was looked at.
    pub looks: u64,
}

impl Deeds {
    /// Counts those of another simulation as well.
    pub fn add(&mut self, other: &Deeds) {
        self.conversations += other.conversations;
        self.turns += other.turns;
        self.crashes += other.crashes;
        self.troubles += other.troubles;
        self.failovers += other.failovers;
        self.looks += other.looks;
    }
}

/// What came of a scenario.
pub struct Outcomes {
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// What was done.
    pub deeds: Deeds,
    /// What happened, a line each, if that was asked for.
    pub trace: String,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A visitor.
    Visitor(usize),
    /// Somebody who works here: a person, or the process behind a connector.
    Worker(usize),
    /// The operator.
    Operator,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// A step of the scenario.
    Step(usize),
    /// Something reaches the platform.
    Arrives(Input),
    /// An append reaches the disk.
    Lands(u64),
    /// An answer reaches its client.
    Answered(usize, Result<Answer, Refusal>),
    /// Everybody sees a turn.
    Seen(u64, Arc<Record>, Arc<Conversation>),
    /// A client sends something again, if it has not been answered.
    Again(usize),
    /// Somebody says that they are there.
    Beats(Who),
    /// A worker does what it has made up its mind to.
    Acts(usize, Acting),
    /// The house opens again.
    Opens,
}

/// Everything there is.
pub struct House<'s> {
    pub scenario: &'s Scenario,
    pub now: Moment,
    pub disk: Disk,
    pub witness: Witness,
    pub visitors: Vec<Visitor>,
    pub workers: Vec<Worker>,
    pub platform: Option<Platform>,
    /// Whether everybody has left, and nobody does anything any more.
    pub left: bool,
    pub deeds: Deeds,
    /// How the account is set up, as far as the operator knows.
    pub account: Account,
    dice: Dice,
    /// What will happen; an event of an earlier life of the platform does not.
    events: BTreeMap<(Moment, u64), (Option<u64>, Event)>,
    last_event: u64,
    /// Commands of one client arrive in the order they were sent.
    links: HashMap<Who, Moment>,
    life: u64,
    /// By how much the platform's clock is behind.
    back: Span,
    /// After how many more things the platform is killed, and for how long it is down.
    doom: Option<(u64, Span, Span)>,
    /// What was asked of the store and has not been answered.
    asked: BTreeSet<Ticket>,
    loads: BTreeMap<UserId, [u32; 2]>,
    /// What everybody could take when that was looked at last.
    could: BTreeMap<UserId, [u32; 2]>,
    idle_ticks: u32,
    trace: Option<String>,
}

impl<'s> House<'s> {
    /// Lets a scenario happen.
    pub fn run(scenario: &'s Scenario, with_trace: bool) -> Outcomes {
        let mut house = House {
            scenario,
            now: BEGIN,
            disk: Disk::default(),
            witness: Witness::default(),
            visitors: (0..scenario.visits.len()).map(|number| Visitor::new(scenario, number)).collect(),
            workers: Worker::all(scenario),
            platform: None,
            left: false,
            deeds: Deeds::default(),
            account: scenario.account.clone(),
            dice: Dice::of(&[scenario.seed, 1]),
            events: BTreeMap::new(),
            last_event: 0,
            links: HashMap::new(),
            life: 0,
            back: Span(0),
            doom: None,
            asked: BTreeSet::new(),
            loads: BTreeMap::new(),
            could: BTreeMap::new(),
            idle_ticks: 0,
            trace: with_trace.then(String::new),
        };
        house.live();
        let broken = house.witness.broken.take();
        let deeds = Deeds {
            turns: house.witness.turns,
            failovers: house.witness.failovers,
            troubles: house.disk.troubles,
            ..house.deeds
        };
        Outcomes { broken, deeds, trace: house.trace.unwrap_or_default() }
    }

    /// Everything happens, then everybody goes on for a while, then everybody leaves.
    fn live(&mut self) {
        for (number, step) in self.scenario.steps.iter().enumerate() {
            if self.scenario.keeps(number) {
                self.at(step.at, None, Event::Step(number));
            }
        }
        self.open();
        self.pass_until(self.scenario.ends().after(Span(5_000)));
        self.note(|| "---- nothing more goes wrong".to_string());
        self.disk.heal();
        self.doom = None;
        self.pass_until(self.now.after(CALM));
        if self.is_quiet() && self.witness.broken.is_none() {
            self.look();
        }
        self.note(|| "---- everybody leaves".to_string());
        self.left = true;
        self.pass_until(self.now.after(FOR_EVER));
        self.at_the_end();
    }

    /// Lets time pass. Once everybody has left, no longer than anything is open.
    fn pass_until(&mut self, end: Moment) {
        while self.witness.broken.is_none() {
            let next = self.events.first_key_value().map(|((at, _), _)| *at);
            let wake = self.platform.as_ref().and_then(|platform| platform.next_wake());
            let wake = wake.map(|wake| wake.after(self.back).max(self.now));
            let tick = wake.is_some_and(|wake| next.is_none_or(|next| wake < next));
            let Some(at) = (if tick { wake } else { next }).filter(|at| *at <= end) else {
                self.now = end;
                return;
            };
            self.idle_ticks = if tick && at == self.now { self.idle_ticks + 1 } else { 0 };
            self.now = at;
            if self.idle_ticks > TICKS_MAX {
                self.witness.breaks("timers come to rest", format!("{TICKS_MAX} ticks at one moment"));
            } else if tick {
                self.handle(Input::Tick);
            } else if let Some((_, (life, event))) = self.events.pop_first()
                && life.is_none_or(|life| life == self.life)
            {
                self.happens(event);
            }
            if self.witness.turns > TURNS_MAX * self.scenario.visits.len() as u64 {
                self.witness.breaks("timers come to rest", "conversations go on for ever");
            }
            if self.is_quiet() {
                let often = if self.visitors.len() > 100 { 1 } else { 8 };
                if self.dice.below(1_000) < often {
                    self.look();
                }
                if self.left && self.platform.as_ref().is_some_and(|platform| platform.floor().open() == 0) {
                    return;
                }
            }
        }
    }

    /// Whether nothing is on its way between the platform and its store.
    pub fn is_quiet(&self) -> bool {
        self.platform.is_some() && self.asked.is_empty() && self.disk.is_quiet()
    }

    // -------------------------------------------------------------------------------------------------- events

    /// Something will happen; `life`: only if the platform is not killed before.
    pub fn at(&mut self, at: Moment, life: Option<u64>, event: Event) {
        self.last_event += 1;
        self.events.insert((at.max(self.now), self.last_event), (life, event));
    }

    /// Something will happen after a while, whatever becomes of the platform.
    pub fn later(&mut self, span: Span, event: Event) {
        self.at(self.now.after(span), None, event);
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Step(number) => self.step(number),
            Event::Arrives(input) => {
                if let Input::Stored { ticket, .. } | Input::Read { ticket, .. } = &input {
                    self.asked.remove(ticket);
                }
                self.handle(input);
            }
            Event::Lands(flight) => {
                if let Some((ticket, answered, outcome)) = self.lands(flight)
                    && let Some(ticket) = ticket
                {
                    let input = Input::Stored { ticket, outcome };
                    self.at(answered, Some(self.life), Event::Arrives(input));
                }
            }
            Event::Answered(number, answer) => self.answered(number, answer),
            Event::Seen(mark, record, conversation) => {
                self.visitor_sees(mark, &record, &conversation);
                self.workers_see(&record.facts, &conversation);
            }
            Event::Again(number) => {
                if self.witness.sent[number].answer.is_none() && !self.left {
                    self.put(number);
                }
            }
            Event::Beats(who) => self.beats(who),
            Event::Acts(worker, acting) => self.acts(worker, acting),
            Event::Opens => self.open(),
        }
    }

    fn step(&mut self, number: usize) {
        let step = &self.scenario.steps[number];
        self.note(|| format!("step {number}: {:?}", step.what));
        match &step.what {
            Do::Visitor(number, visiting) => self.visitor_does(*number, visiting),
            Do::Agent(number, working) => self.agent_does(*number, working),
            Do::Connector(number, serving) => self.connector_fares(*number, serving),
            Do::Operator(operating) => self.operator_does(operating),
            Do::Crash { after, down, back } => self.doom = Some((*after, *down, *back)),
            Do::Disk(trouble) => self.disk.plan(*trouble),
        }
    }

    // ------------------------------------------------------------------------------------------------- clients

    /// A client sends a command, and again until it is answered. Its number.
    pub fn send(&mut self, who: Who, from: Caller, ask: Ask, after: Option<usize>, copies: u32) -> usize {
        let number = self.witness.sent.len();
        let command = Command { id: Witness::name(number), reply_to: 0, from, ask };
        self.note(|| format!("{who:?} sends {}: {:?}", command.id, command.ask));
        let number = self.witness.sends(Command { reply_to: owner(who), ..command }, after);
        for _ in 0..copies {
            self.put(number);
        }
        number
    }

    /// Puts a command on the wire.
    fn put(&mut self, number: usize) {
        let sent = &mut self.witness.sent[number];
        sent.copies += 1;
        let input = Input::Command(sent.command.clone());
        let who = who(sent.command.reply_to);
        let at = self.dice.later(self.now, 1, 60);
        let link = self.links.entry(who).or_insert(at);
        *link = (*link).max(at);
        let at = *link;
        self.at(at, Some(self.life), Event::Arrives(input));
        let again = self.dice.span(2_000, 4_000);
        self.later(again, Event::Again(number));
    }

    /// Says something once that nobody waits for.
    pub fn whisper(&mut self, from: Caller, ask: Ask) {
        let command = Command { id: CommandId::from("beat"), reply_to: 0, from, ask };
        let at = self.dice.later(self.now, 1, 60);
        self.at(at, Some(self.life), Event::Arrives(Input::Command(command)));
    }

    fn answered(&mut self, number: usize, answer: Result<Answer, Refusal>) {
        let who = who(self.witness.sent[number].command.reply_to);
        if let Who::Visitor(visitor) = who
            && self.visitors[visitor].is_away(self.now)
        {
            return; // nobody is there to read it
        }
        self.note(|| format!("{who:?} reads c{number}: {}", answered(&answer)));
        if !self.witness.answered(number, answer.clone()) {
            return;
        }
        let ask = self.witness.sent[number].command.ask.clone();
        match who {
            Who::Visitor(visitor) => self.visitor_is_answered(visitor, number, &answer),
            Who::Worker(worker) => self.worker_is_answered(worker, &ask, &answer),
            Who::Operator => self.operator_is_answered(&ask, &answer),
        }
    }

    // ---------------------------------------------------------------------------------------------- the platform

    /// The clock of the platform.
    fn clock(&self) -> Moment {
        Moment(self.now.0 - self.back.0 as i64)
    }

    fn handle(&mut self, input: Input) {
        let clock = self.clock();
        let Some(platform) = &mut self.platform else { return };
        let decides = |output: &Output| matches!(output, Output::Append { append, .. } if append.key.as_str().starts_with("conversation"));
        let outputs = platform.handle(input, clock);
        if outputs.iter().any(decides) && (self.visitors.len() <= 100 || self.dice.below(20) == 0) {
            self.nobody_has_too_much();
        }
        for output in outputs {
            if let Some((after, down, back)) = &mut self.doom {
                if *after == 0 {
                    let (down, back) = (*down, *back);
                    return self.crash(down, back);
                }
                *after -= 1;
            }
            self.carry_out(output);
            if self.witness.broken.is_some() {
                return;
            }
        }
    }

    /// Nobody has more than they can take, unless that was lowered while they had it, or since the last look.
    fn nobody_has_too_much(&mut self) {
        let Some(platform) = &self.platform else { return };
        let loads = platform.floor().picture().loads;
        let users = platform.account().users.iter();
        let can_now: BTreeMap<UserId, [u32; 2]> =
            users.map(|(user, own)| (user.clone(), [own.chats, own.messagings])).collect();
        for (user, has) in &loads {
            let can = can_now.get(user).copied().unwrap_or_default();
            let had = self.loads.get(user).copied().unwrap_or_default();
            let could = self.could.get(user).copied().unwrap_or_default();
            if (0..2).any(|slot| has[slot] > can[slot].max(could[slot]) && has[slot] > had[slot]) {
                let how = format!("{user} has {has:?} chats and messagings, and can take {can:?}");
                self.witness.breaks("nobody gets more than they can take", how);
            }
        }
        if loads != self.loads {
            self.note(|| format!("loads {loads:?}"));
        }
        self.loads = loads;
        self.could = can_now;
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Append { ticket, append } => {
                self.note(|| format!("append {ticket:?} {} after {:?}", append.key, append.expected));
                self.asked.insert(ticket);
                let life = Some(self.life);
                match self.disk.take(ticket, append, self.now, &mut self.dice) {
                    Fate::Arrives(at, flight) => self.at(at, None, Event::Lands(flight)),
                    Fate::Unknown { told, arrives } => {
                        if let Some((at, flight)) = arrives {
                            self.at(at, None, Event::Lands(flight));
                        }
                        let input = Input::Stored { ticket, outcome: Outcome::Unknown };
                        self.at(told, life, Event::Arrives(input));
                    }
                    Fate::Breaks { told, arrives } => {
                        if let Some((at, flight)) = arrives {
                            self.at(at, None, Event::Lands(flight));
                        }
                        let failure = Failure::Broken("the disk is broken".to_string());
                        self.at(told, life, Event::Arrives(Input::StoreFailed(failure)));
                    }
                }
            }
            Output::Read { ticket, key } => {
                self.asked.insert(ticket);
                let kept = self.disk.memory.newest(&key).expect("a store in memory can be read");
                self.note(|| format!("read {ticket:?} {key}: {:?}", kept.as_ref().map(|kept| kept.version)));
                let at = self.dice.later(self.now, 0, 5);
                self.at(at, Some(self.life), Event::Arrives(Input::Read { ticket, kept }));
            }
            Output::Reply { to: _, command, result } => {
                let Some(number) = Witness::number(&command) else {
                    return; // to a whisper
                };
                self.note(|| format!("reply {command}: {}", answered(&result)));
                let key = key_of(&self.witness.sent[number].command);
                self.witness.leaves(&command, &result, key);
                let at = self.dice.later(self.now, 1, 60);
                self.at(at, Some(self.life), Event::Answered(number, result));
            }
            Output::Happened { record, conversation } => {
                self.note(|| format!("{} turn {}: {:?}", short(conversation.id), record.turn, record.facts));
                let mark = self.witness.told(&record, &conversation);
                let at = self.dice.later(self.now, 1, 30);
                self.at(at, Some(self.life), Event::Seen(mark, record, conversation));
            }
            Output::Perform { conversation, what, by, .. } => {
                self.note(|| format!("{} perform {} {:?}", short(conversation), what.id, what.what));
                self.witness.performs(conversation, &what, &by);
                self.worker_performs(conversation, &what, by);
            }
            Output::Resend { conversation, to, .. } => self.worker_is_asked_again(conversation, &to),
            Output::Presence { login, availability } => self.worker_is(&login, availability),
            Output::Run(connector) => self.worker_is_brought_up(&connector),
            Output::Probe(connector) => self.worker_is_probed(&connector),
            Output::Halt { why } => {
                self.note(|| format!("halt: {why}"));
                let down = self.dice.span(50, 2_000);
                self.crash(down, Span(0));
            }
            Output::Connector { connector, state } => self.note(|| format!("{connector} is {state:?}")),
            Output::Doing { .. } | Output::Forget(_) => {}
        }
    }

    fn lands(&mut self, flight: u64) -> Option<(Option<Ticket>, Moment, Outcome)> {
        let (flight, outcome) = self.disk.arrive(flight)?;
        self.note(|| format!("disk {}: {outcome:?}", flight.append.key));
        if matches!(outcome, Outcome::Appended(_)) {
            self.witness.kept(&flight.append);
        }
        Some((flight.ticket, flight.answered, outcome))
    }

    /// The platform is gone, and with it whatever was on its way to it or from it. What was on its way to the disk
    /// arrives or does not.
    fn crash(&mut self, down: Span, back: Span) {
        self.note(|| format!("CRASH, down for {} ms", down.0));
        self.deeds.crashes += 1;
        self.life += 1;
        self.platform = None;
        self.doom = None;
        self.back = back;
        self.asked.clear();
        self.loads.clear();
        self.witness.new_life();
        self.workers_lose_touch();
        for flight in self.disk.flying() {
            match self.dice.chance(50) {
                true => drop(self.lands(flight)),
                false => self.disk.lose(flight),
            }
        }
        self.later(down, Event::Opens);
    }

    fn open(&mut self) {
        let writer = self.life + 1;
        match Account::kept(&self.disk.memory, &self.account.name) {
            Ok(Some(account)) => self.account = account,
            Ok(None) => {}
            Err(failure) => return self.witness.breaks("the house opens again", failure.to_string()),
        }
        let platform =
            Platform::open(self.account.clone(), BOTS.clone(), &self.disk.memory, writer, self.clock());
        match platform {
            Ok(platform) => {
                self.loads = platform.floor().picture().loads;
                self.platform = Some(platform);
            }
            Err(failure) => return self.witness.breaks("the house opens again", failure.to_string()),
        }
        self.note(|| "the house is open".to_string());
        self.handle(Input::Tick);
        self.workers_look_around();
    }

    // -------------------------------------------------------------------------------------------------- looking

    /// A conversation as it is kept.
    pub fn kept(&self, id: ConversationId) -> Option<Conversation> {
        let key = Key::of(&["conversation", &self.account.name, &id.to_string()]);
        let kept = self.disk.memory.newest(&key).ok()??;
        serde_json::from_slice(&kept.image).ok()
    }

    /// Adds a line to the trace.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let time = self.now.0 - BEGIN.0;
            trace.push_str(&format!("{:>6}.{:03} {}\n", time / 1_000, time % 1_000, line()));
        }
    }

    /// Somebody who works here is there, in this login.
    pub fn is_there(&self, user: &UserId) -> Option<Login> {
        let presence = self.platform.as_ref()?.floor().presence(user)?;
        let there = presence.availability != Availability::Offline;
        there.then(|| Login { user: user.clone(), epoch: presence.epoch })
    }
}

/// The record that a command changes, if it is none of a conversation.
fn key_of(command: &Command) -> Option<Key> {
    let words = match (&command.ask, &command.from) {
        (Ask::LogIn(user), _) => ["user", user.as_str()],
        (Ask::LogOut | Ask::Be(_), Caller::User(login)) => ["user", login.user.as_str()],
        (Ask::Start(connector) | Ask::Stop { connector, .. }, _) => ["connector", connector.as_str()],
        (Ask::SetUp(..), _) => return Some(Key::of(&["account", "acme"])),
        (Ask::Deploy { bot, .. } | Ask::RollBack { bot, .. }, _) => ["bot", bot.as_str()],
        _ => return None,
    };
    Some(Key::of(&[words[0], "acme", words[1]]))
}

/// Clients as numbers, as the platform knows them.
fn owner(who: Who) -> u64 {
    match who {
        Who::Operator => 0,
        Who::Visitor(number) => 1 + 2 * number as u64,
        Who::Worker(number) => 2 + 2 * number as u64,
    }
}

fn who(owner: u64) -> Who {
    match owner {
        0 => Who::Operator,
        odd if odd % 2 == 1 => Who::Visitor((odd / 2) as usize),
        even => Who::Worker((even / 2 - 1) as usize),
    }
}

fn answered(answer: &Result<Answer, Refusal>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// A conversation's name in a trace: the number of its visit.
pub fn short(id: ConversationId) -> String {
    format!("#{}", id.0 & 0xffff_ffff)
}

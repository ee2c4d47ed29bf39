//! The side that does not crash: visitors who send commands, send again what was not acknowledged, and note everything; and
//! the world outside, which does what it is asked to and notes that, too.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ExitStatus};

use parlor::conversation::{ConversationId, Outcome, Value};
use parlor::platform::{Answer, EffectId, Login, Open, Record};
use parlor::server::Point;

use super::house::{self, Tells, Told};
use super::{Dice, center};

/// Conversations at once.
pub const CONVERSATIONS: usize = 24;
/// Commands of one conversation that are not acknowledged yet.
const AT_ONCE: usize = 3;
/// Commands of each conversation that it takes to come to an end, beyond what the crashes took.
const TO_THE_END: usize = 10;
/// What comes back from outside waits behind as many others, at most.
const LATE_MAX: usize = 8;

/// All that is known outside of the house.
pub struct Clients {
    /// The test whose house it is.
    test: &'static str,
    dice: Dice,
    pub talks: Vec<Talked>,
    /// What was asked of the world outside, and how often.
    pub performed: BTreeMap<(ConversationId, EffectId), (Open, u64)>,
    /// What comes back later.
    late: VecDeque<Told>,
    audits: u64,
}

/// What is known of one conversation.
#[derive(Default)]
pub struct Talked {
    /// Its commands: the first begins it, the others say this.
    pub sent: Vec<String>,
    /// The answers, by the number of the command.
    pub acknowledged: BTreeMap<usize, Answer>,
    /// Every turn that was told of.
    pub seen: BTreeMap<u64, Record>,
}

impl Talked {
    pub fn command(conversation: usize, number: usize) -> String {
        format!("{conversation}-{number}")
    }
}

impl Clients {
    pub fn new(test: &'static str, salt: u64) -> Clients {
        let talks = (0..CONVERSATIONS).map(|_| Talked::default()).collect();
        let (performed, late) = (BTreeMap::new(), VecDeque::new());
        Clients { test, dice: Dice::new(salt + 100), talks, performed, late, audits: 0 }
    }

    pub fn acknowledged(&self) -> u64 {
        self.talks.iter().map(|talk| talk.acknowledged.len() as u64).sum()
    }

    pub fn figures(&self) -> String {
        let turns: usize = self.talks.iter().map(|talk| talk.seen.len()).sum();
        let again = self.performed.values().filter(|(_, times)| *times > 1).count();
        let once = self.performed.values().filter(|(open, _)| open.once).count();
        format!(
            "{} commands acknowledged, none lost or done twice; {turns} turns; {} effects, {again} of them done again \
             under their old names, {once} that may be tried once tried once; {} audits",
            self.acknowledged(),
            self.performed.len(),
            self.audits
        )
    }

    pub fn audited(&mut self) {
        self.audits += 1;
    }

    /// A house lives until `dies`, or ends by itself; without either, until all is done and it is closed.
    pub fn live(
        &mut self,
        store: &Path,
        end_at: Option<(Point, u64)>,
        mut dies: impl FnMut(&Clients) -> bool,
    ) -> ExitStatus {
        let mut child = house::start(self.test, store, end_at);
        let mut input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("it writes"));
        self.late.clear(); // those who would say so have other logins now
        self.resume(&mut input);
        let to_the_end = self.talks.iter().map(|talk| talk.sent.len()).max().unwrap_or(0) + TO_THE_END;
        let mut line = Vec::new();
        let mut killed = false;
        loop {
            line.clear();
            if output.read_until(b'\n', &mut line).expect("it writes") == 0 {
                break;
            }
            let Some(tells) = house::read(&line) else { continue };
            self.hear(tells, &mut input, to_the_end);
            if !killed && dies(self) {
                child.kill().expect("it can be killed");
                killed = true; // what it has written still counts
            }
            if self.is_done(to_the_end) {
                self.late.drain(..).for_each(|told| send(&mut input, &told));
                drop(input.take());
            }
        }
        child.wait().expect("it ends")
    }

    /// A house lives until it ends by itself; `sees` looks on.
    pub fn live_until_it_ends(&mut self, store: &Path, mut sees: impl FnMut(&Clients)) -> ExitStatus {
        self.live(store, None, |clients| {
            sees(clients);
            false
        })
    }

    /// What was not acknowledged is sent again, and what happened meanwhile is asked for.
    fn resume(&mut self, input: &mut Option<ChildStdin>) {
        for conversation in 0..CONVERSATIONS {
            let talk = &self.talks[conversation];
            let after = talk.seen.keys().last().copied().unwrap_or(0);
            if talk.acknowledged.contains_key(&0) {
                send(input, &Told::Resume { conversation, after });
            }
            let again: Vec<usize> =
                (0..talk.sent.len()).filter(|number| !talk.acknowledged.contains_key(number)).collect();
            again.into_iter().for_each(|number| self.send(conversation, number, input));
            self.speak(conversation, usize::MAX, input);
        }
    }

    /// What comes next is said, if not too much waits already.
    fn speak(&mut self, conversation: usize, to_the_end: usize, input: &mut Option<ChildStdin>) {
        loop {
            let talk = &mut self.talks[conversation];
            let number = talk.sent.len();
            let waits = number - talk.acknowledged.len();
            if waits >= AT_ONCE || number >= to_the_end || (number > 0 && !talk.acknowledged.contains_key(&0))
            {
                return;
            }
            let text = match self.dice.roll(8) {
                _ if number == 0 => String::new(),
                1 => "hello".to_string(),
                2 => "somebody else please".to_string(),
                3 | 4 => format!("pay {conversation}x{number}"),
                5 => format!("nonsense {number}"),
                _ => format!("order {conversation}x{number}"),
            };
            talk.sent.push(text);
            self.send(conversation, number, input);
        }
    }

    fn send(&self, conversation: usize, number: usize, input: &mut Option<ChildStdin>) {
        let say = (number > 0).then(|| self.talks[conversation].sent[number].clone());
        let id = Talked::command(conversation, number);
        send(input, &Told::Command { conversation, id, say });
    }

    fn hear(&mut self, tells: Tells, input: &mut Option<ChildStdin>, to_the_end: usize) {
        match tells {
            Tells::Replied { conversation, id, result } => {
                let answer = result.unwrap_or_else(|refusal| panic!("{id} is refused: {refusal}"));
                let (_, number) = id.split_once('-').expect("it is one of ours");
                let number: usize = number.parse().expect("it is one of ours");
                let before = self.talks[conversation].acknowledged.insert(number, answer.clone());
                assert!(before.is_none_or(|before| before == answer), "{id} got two answers");
                self.speak(conversation, to_the_end, input);
            }
            Tells::Happened { conversation, record } => {
                let number = (0..CONVERSATIONS).find(|number| center::id(*number) == conversation);
                let talk = &mut self.talks[number.expect("it is one of ours")];
                let before = talk.seen.insert(record.turn, record.clone());
                assert!(before.is_none_or(|before| same(&before, &record)), "{conversation} has changed");
            }
            Tells::Perform { conversation, what, by } => self.perform(conversation, what, by, input),
        }
    }

    /// The world outside does what it is asked to. Whoever is asked twice under one name does it once.
    fn perform(
        &mut self,
        conversation: ConversationId,
        what: Open,
        by: Login,
        input: &mut Option<ChildStdin>,
    ) {
        let id = what.id;
        let (before, times) = self.performed.entry((conversation, id)).or_insert((what.clone(), 0));
        *times += 1;
        assert_eq!(before.what, what.what, "{conversation}: effect {id} is another one now");
        assert!(!what.once || *times == 1, "{conversation}: effect {id} may be tried once");
        let outcome = Outcome::Success { status: 200, body: Value::text("on its way") };
        self.late.push_back(Told::Returned { conversation, id, by, outcome });
        let stay = self.dice.roll(LATE_MAX as u64) as usize;
        while self.late.len() >= stay {
            let Some(told) = self.late.pop_front() else { break };
            send(input, &told);
        }
    }

    /// Whether everything was said and acknowledged; then nothing stays late either.
    fn is_done(&self, to_the_end: usize) -> bool {
        self.talks
            .iter()
            .all(|talk| talk.sent.len() >= to_the_end && talk.acknowledged.len() == talk.sent.len())
    }
}

/// A record that was told of before is the same one: a bot's state is not told.
fn same(one: &Record, other: &Record) -> bool {
    serde_json::to_string(one).ok() == serde_json::to_string(other).ok()
}

fn send(input: &mut Option<ChildStdin>, told: &Told) {
    let json = serde_json::to_string(told).expect("it is JSON");
    if let Some(open) = input
        && writeln!(open, "{json}").and_then(|()| open.flush()).is_err()
    {
        *input = None; // it has crashed: it is sent again to the next one
    }
}

//! The gate before Production: what keeps a version from visitors, each with what to do about it.
//!
//! A version passes with a check that finds nothing, with all of its tests green, and when somebody has looked at what it
//! would have said otherwise in the conversations that its bot had on Demo since Production was last given a version.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::connectors::bundle::Tested;
use crate::connectors::{Bots, Bundle, logs};
use crate::conversation::{BotName, ConversationId, Moment};
use crate::diagnostics::english::count;
use crate::diagnostics::render::summary;
use crate::platform::{Account, Ask, Code, Deployed, Environment, Fact, Record, Refusal};
use crate::program::Program;
use crate::rehearsal::replay::{Difference, Fate, Replayed, replay};
use crate::store::{Key, Version, Which};

use super::versions::{BotVersion, Versions, failed, surroundings, values_of};

/// Conversations that are replayed: the newest.
pub const REPLAYED_MAX: usize = 1_000;
/// Turns of one of them that are read.
const TURNS_READ_MAX: usize = 10_000;

/// What stands between a version and Production.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The bot.
    pub bot: BotName,
    /// The version.
    pub version: BotVersion,
    /// What keeps it back. Nothing: it may pass.
    pub obstacles: Vec<Obstacle>,
    /// What was looked at and is well.
    pub passed: Vec<String>,
    /// The conversations that were replayed.
    pub replay: Replay,
}

/// Something that keeps a version back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// Which kind.
    pub code: Hurdle,
    /// What it is.
    pub sentence: String,
    /// What to do about it.
    pub to_do: String,
}

/// The kinds of obstacles. Nothing is renamed once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hurdle {
    /// Its files are gone or damaged.
    Unusable,
    /// The check finds something.
    Findings,
    /// Tests fail.
    TestsFailed,
    /// Tests could not all be played.
    TestsNotPlayed,
    /// It would say something else in conversations that were held, and nobody has confirmed that.
    ReplayNotConfirmed,
    /// Conversations could not all be replayed.
    NotReplayed,
}

impl Hurdle {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Hurdle::Unusable => "unusable",
            Hurdle::Findings => "findings",
            Hurdle::TestsFailed => "tests-failed",
            Hurdle::TestsNotPlayed => "tests-not-played",
            Hurdle::ReplayNotConfirmed => "replay-not-confirmed",
            Hurdle::NotReplayed => "not-replayed",
        }
    }
}

/// Conversations of Demo, held again with a version.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Replay {
    /// How many were replayed.
    pub replayed: usize,
    /// How many there are beyond that: they are too old for the number that is replayed at most.
    pub older: usize,
    /// How many were left when the time was up.
    pub left: usize,
    /// Where the version goes another way.
    pub differences: Vec<Otherwise>,
}

/// A conversation that would have gone another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Otherwise {
    /// The name of this difference: it is confirmed by it, and another difference has another.
    pub name: String,
    /// The conversation.
    pub conversation: String,
    /// How it compares: `changed`, `newly fallen back`, `newly escalated` or `cannot be replayed`.
    pub fate: &'static str,
    /// What keeps it from being replayed, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
    /// Where it differs first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Place>,
}

/// Where a conversation goes another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The turn.
    pub turn: u32,
    /// What happened in it.
    pub happened: String,
    /// What the bot did then: lines of a transcript.
    pub then: Vec<String>,
    /// What this version does.
    pub now: Vec<String>,
    /// Why it cannot go on from there, if it cannot.
    pub stops: Option<String>,
}

impl Replay {
    /// The names of all differences: to confirm them is to confirm these.
    pub fn names(&self) -> BTreeSet<String> {
        self.differences.iter().map(|difference| difference.name.clone()).collect()
    }
}

impl Gate {
    /// Whether the version may pass.
    pub fn is_open(&self) -> bool {
        self.obstacles.is_empty()
    }

    /// What to ask the platform for, so that the version is served in Production; refused while something keeps it back.
    /// It has to be [at hand](Versions::put) then, as for every deployment.
    pub fn pass(&self, move_open: bool) -> Result<Ask, Refusal> {
        if !self.is_open() {
            return Err(Refusal::of(Code::NotAllowed, "version", self.to_string().trim_end()));
        }
        let (bot, version) = (self.bot.clone(), self.version.id.clone());
        Ok(Ask::Deploy { bot, version, to: Environment::Production, move_open })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, bot) = (self.version.label(), &self.bot);
        match self.is_open() {
            true => writeln!(f, "{label} of `{bot}` may go to Production")?,
            false => writeln!(f, "{label} of `{bot}` does not go to Production")?,
        }
        for Obstacle { code, sentence, to_do } in &self.obstacles {
            writeln!(f, "  no: {sentence} ({})\n      {to_do}", code.as_str())?;
        }
        self.passed.iter().try_for_each(|passed| writeln!(f, "  yes: {passed}"))
    }
}

impl Versions {
    /// Looks at all that stands between a version and Production. Tests and replays stop when `goes_on` says no; what was
    /// not looked at keeps the version back.
    pub fn gate(
        &self,
        account: &Account,
        bot: &BotName,
        version: &BotVersion,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Gate, Refusal> {
        let (bot, version) = (bot.clone(), version.clone());
        let mut gate =
            Gate { bot, version, obstacles: Vec::new(), passed: Vec::new(), replay: Replay::default() };
        let bundle = match self.bundle(&gate.bot, &gate.version.id) {
            Ok(bundle) => bundle,
            Err(refusal) if refusal.code == Code::UnknownVersion => {
                gate.keeps_back(Hurdle::Unusable, refusal.sentence, "deploy the bot once more".to_string());
                return Ok(gate);
            }
            Err(refusal) => return Err(refusal),
        };
        let checked = bundle.check(Some(&surroundings(account)));
        let mends =
            "mend it and deploy the bot again; `parlor check --account FILE` shows each with its line";
        match checked.findings.is_empty() {
            true => gate.passed.push("the check finds nothing".to_string()),
            false => {
                let all = summary(&checked.findings);
                gate.keeps_back(Hurdle::Findings, format!("the check finds {all}"), mends.to_string());
            }
        }
        let Some(program) = checked.program else { return Ok(gate) };
        gate.tests(&bundle.test(&program, goes_on));
        gate.replay = self.replay(account, &gate.bot, (&bundle, &program), goes_on)?;
        gate.replays();
        Ok(gate)
    }

    /// Holds the conversations again that a bot had on Demo since Production was last given a version, with this one.
    fn replay(
        &self,
        account: &Account,
        bot: &BotName,
        (bundle, program): (&Bundle, &Program),
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Replay, Refusal> {
        let on_demo = values_of(account, bot, Environment::Demo);
        let program = bundle.within(program.clone(), Environment::Demo, &on_demo);
        let deployed = Deployed::kept(&*self.store, &self.account, bot).map_err(failed)?;
        let since = deployed.and_then(|deployed| Some(deployed.served.get(&Environment::Production)?.at));
        // With whether the bot had it last: of those that are too old to be read, that is all one knows.
        let mut found: Vec<(Moment, ConversationId, bool)> = Vec::new();
        for which in [Which::Live, Which::AtRest] {
            self.conversations(which, &mut |conversation| {
                let Some(held) = &conversation.bot else { return };
                let on_demo = held.environment == Environment::Demo;
                if on_demo && since.is_none_or(|since| held.last >= since) {
                    found.push((held.last, conversation.id, held.bot == *bot));
                }
            })
            .map_err(failed)?;
        }
        found.sort_by(|one, other| other.cmp(one)); // the newest first
        let bots = Bots::new();
        let mut out = Replay::default();
        for (_, id, own) in found {
            if out.replayed >= REPLAYED_MAX {
                out.older += usize::from(own);
                continue;
            }
            let held = self.records(id)?;
            if !held.iter().flat_map(|record| &record.facts).any(|fact| is_about(fact, bot)) {
                continue;
            }
            if !goes_on() {
                out.left += 1;
                continue;
            }
            out.replayed += 1;
            self.put_all(&bots, account, bot, &held);
            out.differences.extend(match logs(&bots, (bot, Environment::Demo), &id.to_string(), &held) {
                Ok(logs) => otherwise(id, logs.iter().map(|turns| replay(&program, turns))),
                Err(why) => {
                    let lacking = Replayed { fate: Fate::Lacking(why), difference: None };
                    otherwise(id, std::iter::once(lacking))
                }
            });
        }
        Ok(out)
    }

    fn records(&self, id: ConversationId) -> Result<Vec<Record>, Refusal> {
        let key = Key::of(&["conversation", &self.account, &id.to_string()]);
        let entries = self.store.read(&key, Version::NONE, TURNS_READ_MAX).map_err(failed)?;
        let records = entries.iter().map(|entry| serde_json::from_slice(&entry.bytes));
        records.collect::<Result<_, _>>().map_err(|error| {
            let sentence = format!("the conversation {id} cannot be read: {error}");
            Refusal::of(Code::NoStore, "", sentence)
        })
    }

    /// Puts the versions at hand that had a conversation. One that cannot be is told of when it is asked for.
    fn put_all(&self, bots: &Bots, account: &Account, bot: &BotName, held: &[Record]) {
        for fact in held.iter().flat_map(|record| &record.facts) {
            if let Fact::Pinned { version, .. } = fact
                && is_about(fact, bot)
                && !bots.has(version)
            {
                self.put(bots, account, bot, version).ok();
            }
        }
    }
}

fn is_about(fact: &Fact, bot: &BotName) -> bool {
    matches!(fact, Fact::Pinned { bot: own, environment: Environment::Demo, .. } if own == bot)
}

/// What is different in a conversation: the first of it, under a name that all of it has.
fn otherwise(id: ConversationId, replayed: impl Iterator<Item = Replayed>) -> Option<Otherwise> {
    const LETTERS: usize = 16;
    let different: Vec<Otherwise> = replayed
        .filter(|replayed| replayed.fate != Fate::Unchanged)
        .map(|replayed| {
            let lacks = match &replayed.fate {
                Fate::Lacking(why) => Some(why.clone()),
                _ => None,
            };
            let first = replayed.difference.map(|difference| {
                let Difference { turn, happened, then, now, stops, .. } = difference;
                Place { turn, happened, then, now, stops }
            });
            let (name, conversation, fate) = (String::new(), id.to_string(), replayed.fate.word());
            Otherwise { name, conversation, fate, lacks, first }
        })
        .collect();
    let all = serde_json::to_vec(&different).unwrap_or_default();
    let name = ring::digest::digest(&ring::digest::SHA256, &all);
    let name = name.as_ref().iter().take(LETTERS / 2).map(|byte| format!("{byte:02x}")).collect();
    Some(Otherwise { name, ..different.into_iter().next()? })
}

impl Gate {
    fn keeps_back(&mut self, code: Hurdle, sentence: String, to_do: String) {
        self.obstacles.push(Obstacle { code, sentence, to_do });
    }

    fn tests(&mut self, tested: &Tested) {
        if tested.failed > 0 {
            let first = tested.failures.first().map(|first| format!(": {first}")).unwrap_or_default();
            let sentence = format!("{} failed{first}", count(tested.failed, "test"));
            let to_do = "`parlor test` shows what went otherwise; mend it and deploy the bot again";
            self.keeps_back(Hurdle::TestsFailed, sentence, to_do.to_string());
        }
        if tested.left > 0 {
            let sentence = format!("{} could not be played in time", count(tested.left, "test"));
            let to_do = "try once more; if it stays so, the bot has more tests than a server plays";
            self.keeps_back(Hurdle::TestsNotPlayed, sentence, to_do.to_string());
        }
        if tested.is_green() {
            self.passed.push(match tested.is_empty() {
                true => "the bot has no tests; `parlor record` writes one".to_string(),
                false => tested.to_string(),
            });
        }
    }

    fn replays(&mut self) {
        let Replay { replayed, older, left, differences } = &self.replay;
        let confirmed = self.version.confirmed.as_ref();
        let wanted = |difference: &&Otherwise| {
            confirmed.is_some_and(|confirmed| confirmed.differences.contains(&difference.name))
        };
        let (all, open) = (differences.len(), differences.iter().filter(|one| !wanted(one)).count());
        let conversations = count(*replayed, "conversation");
        let mut obstacles = Vec::new();
        if *left > 0 {
            let sentence = format!("{} could not be replayed in time", count(*left, "conversation"));
            obstacles.push((Hurdle::NotReplayed, sentence, "try once more, when the server has less to do"));
        }
        if open > 0 {
            let known = match all - open {
                0 => String::new(),
                1 => "; 1 more is confirmed".to_string(),
                known => format!("; {known} more are confirmed"),
            };
            let were = if *replayed == 1 { "was" } else { "were" };
            let differ = if open == 1 { "differs" } else { "differ" };
            let sentence = format!(
                "{conversations} on Demo {were} held again with it; {open} {differ}, and nobody has confirmed \
                 that{known}"
            );
            let to_do = "look at what differs, and confirm it for this version if it is meant so";
            obstacles.push((Hurdle::ReplayNotConfirmed, sentence, to_do));
        }
        if obstacles.is_empty() {
            let beyond =
                if *older > 0 { format!(", and {older} older ones were not") } else { String::new() };
            self.passed.push(match (replayed, all, confirmed) {
                (0, ..) => "there is no conversation on Demo to replay".to_string(),
                (_, 0, _) | (.., None) => {
                    format!("{conversations} on Demo replayed, without a difference{beyond}")
                }
                (_, all, Some(confirmed)) => format!(
                    "{conversations} on Demo replayed{beyond}; {} confirmed by {}",
                    count(all, "difference"),
                    confirmed.by
                ),
            });
        }
        for (code, sentence, to_do) in obstacles {
            self.keeps_back(code, sentence, to_do.to_string());
        }
    }
}

//! What was promised, and whether it is kept. The witness reads every append that becomes durable, sees everything that
//! leaves the house, and believes neither without the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parlor::conversation::{
    Audience, Author, CommandId, Content, ConversationId, Moment, Outcome, SkillId, UserId,
};
use parlor::platform::{
    Answer, Ask, Caller, Command, Conversation, EffectId, Errand, Fact, Login, Open, Record, Refusal, Talk,
};
use parlor::store::{Append, Key};

use crate::dice::mark;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: &'static str,
    /// By what.
    pub how: String,
}

/// A command as its client knows it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The command.
    pub command: Command,
    /// How often it was sent.
    pub copies: u32,
    /// The answer, once it has come.
    pub answer: Option<Result<Answer, Refusal>>,
    /// The command of the same client that was acknowledged before this one was sent.
    pub after: Option<usize>,
    /// Whether the user's login had been replaced by another before this was sent.
    pub stale: bool,
}

/// What is known of one conversation, from its durable records.
#[derive(Debug, Default)]
struct Story {
    /// Marks of the records, by turn.
    marks: Vec<u64>,
    at: Moment,
    place: Place,
    rings: u64,
    /// Until when it rings, if it does.
    until: Moment,
    /// The next number, by dialog.
    next: Vec<u64>,
    /// Which turn did a command, and with which answer.
    done: HashMap<CommandId, (u64, Answer)>,
    effects: BTreeMap<EffectId, Doing>,
    /// The last turn that the platform told of in this life.
    told: u64,
}

impl Story {
    /// Whether a value is being kept for the visitor: that outlives the conversation.
    fn is_kept_for_good(&self, id: EffectId) -> bool {
        let keeps = |doing: &Doing| !doing.over && matches!(doing.open.what, Errand::Remember { .. });
        self.effects.get(&id).is_some_and(keeps)
    }

    fn comes_back(&mut self, id: EffectId) {
        self.effects.entry(id).and_modify(|doing| doing.over = true);
    }

    /// Nobody waits any more for what is done outside.
    fn nobody_waits(&mut self) {
        let calls = |doing: &&mut Doing| matches!(doing.open.what, Errand::Call { .. });
        self.effects.values_mut().filter(calls).for_each(|doing| doing.over = true);
    }
}

#[derive(Debug, Default, Clone, PartialEq)]
enum Place {
    #[default]
    Nowhere,
    Queue(Option<(u64, UserId)>),
    Seat(UserId),
    Over,
}

/// What is going on outside.
#[derive(Debug)]
struct Doing {
    open: Open,
    /// Whether it has come back, or nobody waits for it.
    over: bool,
    begun: bool,
    /// How often it was performed, ever and in this life.
    performed: u32,
    in_this_life: u32,
}

/// Sees everything.
#[derive(Debug, Default)]
pub struct Witness {
    /// The first promise that was not kept.
    pub broken: Option<Broken>,
    /// All commands, by number.
    pub sent: Vec<Sent>,
    /// Turns of conversations that became durable.
    pub turns: u64,
    /// Seats that went from one connector to another.
    pub failovers: u64,
    stories: BTreeMap<ConversationId, Story>,
    /// The newest login of each user that some client was told of.
    logins: HashMap<UserId, u64>,
    /// What was returned when it came too late: whoever did it had logged in anew, or somebody else had the conversation.
    late: BTreeSet<String>,
    returns: u64,
    /// Entries by key, and commands that were sent about it and acknowledged.
    entries: HashMap<Key, u64>,
    acknowledged: HashMap<Key, BTreeSet<usize>>,
}

impl Sent {
    /// Whether it puts a version of a bot in front of visitors.
    pub fn releases(&self, name: &str) -> bool {
        matches!(&self.command.ask, Ask::Deploy { bot, .. } | Ask::RollBack { bot, .. } if bot.as_str() == name)
    }
}

impl Witness {
    /// A promise is broken; the first counts.
    pub fn breaks(&mut self, promise: &'static str, how: impl Into<String>) {
        self.broken.get_or_insert_with(|| Broken { promise, how: how.into() });
    }

    // ------------------------------------------------------------------------------------------------ commands

    /// The name of a command, and its number again.
    pub fn name(number: usize) -> CommandId {
        CommandId::from(format!("c{number}"))
    }

    /// The number of a command; nothing, if nobody waits for its answer.
    pub fn number(name: &CommandId) -> Option<usize> {
        name.as_str().strip_prefix('c')?.parse().ok()
    }

    /// A client is about to send something.
    pub fn sends(&mut self, command: Command, after: Option<usize>) -> usize {
        let stale = match &command.from {
            Caller::User(login) => self.logins.get(&login.user).is_some_and(|newest| *newest > login.epoch),
            _ => false,
        };
        self.sent.push(Sent { command, copies: 0, answer: None, after, stale });
        self.sent.len() - 1
    }

    /// An answer reaches the client. True, if it is the first.
    pub fn answered(&mut self, number: usize, answer: Result<Answer, Refusal>) -> bool {
        if let (Ask::LogIn(user), Ok(Answer::LoggedIn(epoch))) = (&self.sent[number].command.ask, &answer) {
            let newest = self.logins.entry(user.clone()).or_default();
            *newest = (*newest).max(*epoch);
        }
        let login = matches!(self.sent[number].command.ask, Ask::LogIn(_)); // each time it is asked for is another one
        match &self.sent[number].answer {
            None => {
                self.sent[number].answer = Some(answer);
                true
            }
            Some(Ok(before)) if answer.as_ref().is_ok_and(|answer| answer != before) && !login => {
                let how = format!("{} got {before:?}, then {answer:?}", Witness::name(number));
                self.breaks("the same command gets the same answer", how);
                false
            }
            Some(_) => false,
        }
    }

    /// What was done outside is about to come back. A name for it.
    pub fn returns(&mut self, id: ConversationId, by: &Login) -> String {
        let seated = self.stories.get(&id).is_some_and(|story| story.place == Place::Seat(by.user.clone()));
        let ended = self.logins.get(&by.user).is_some_and(|newest| *newest > by.epoch);
        self.returns += 1;
        let name = format!("return {}", self.returns);
        if !seated || ended {
            self.late.insert(name.clone());
        }
        name
    }

    // ------------------------------------------------------------------------------------------------- durable

    /// An append is durable.
    pub fn kept(&mut self, append: &Append) {
        *self.entries.entry(append.key.clone()).or_default() += 1;
        let mut words = append.key.words();
        if words.next().as_deref() != Some("conversation") {
            return;
        }
        let id = words.nth(1).and_then(|id| id.parse().ok());
        let record = serde_json::from_slice::<Record>(&append.entry);
        match (id, record) {
            (Some(id), Ok(record)) => self.turn(id, &record, mark(&append.entry)),
            (id, record) => self.breaks("records can be read", format!("{id:?}: {record:?}")),
        }
    }

    fn turn(&mut self, id: ConversationId, record: &Record, mark: u64) {
        self.turns += 1;
        let mut story = self.stories.remove(&id).unwrap_or_default();
        if let Err(broken) = self.follows(id, &mut story, record) {
            self.broken.get_or_insert(broken);
        }
        story.marks.push(mark);
        self.stories.insert(id, story);
    }

    /// Whether a record may follow what was before it.
    fn follows(&mut self, id: ConversationId, story: &mut Story, record: &Record) -> Result<(), Broken> {
        let broken = |promise, what: &str| {
            Err(Broken { promise, how: format!("{id}, turn {}: {what}; {:?}", record.turn, record.facts) })
        };
        if record.turn != story.marks.len() as u64 + 1 {
            return broken("turns stand in order", "another was expected");
        }
        if record.at < story.at {
            return broken("times never go backwards", &format!("{:?} follows {:?}", record.at, story.at));
        }
        story.at = record.at;
        let before = story.place.clone();
        let (mut said, mut said_by_command) = (0, 0);
        for fact in &record.facts {
            let over = story.place == Place::Over;
            match fact {
                Fact::Answered { .. } | Fact::Logged(_) => {}
                Fact::Returned { id, .. } if over && story.is_kept_for_good(*id) => story.comes_back(*id),
                _ if over => return broken("nothing happens in what is over", "something did"),
                Fact::Began { .. } if before != Place::Nowhere => {
                    return broken("a conversation begins once", "it began again");
                }
                Fact::Began { .. } => story.next.push(0),
                Fact::DialogOpened => story.next.push(0),
                Fact::Said { dialog, sequence, by, .. } => {
                    number(story, *dialog, *sequence, record, id)?;
                    said += usize::from(*by == Author::Visitor);
                }
                Fact::Received { dialog, sequence, .. } => number(story, *dialog, *sequence, record, id)?,
                Fact::Queued { .. } => {
                    if matches!(story.place, Place::Queue(Some(_))) {
                        return broken("a ring ends before anything else", "it still rings");
                    }
                    story.place = Place::Queue(None);
                }
                Fact::Rang { ring, user, until } => {
                    if story.place != Place::Queue(None) || *ring != story.rings + 1 {
                        return broken("one ring at a time", &format!("{:?}", story.place));
                    }
                    (story.rings, story.until) = (*ring, *until);
                    story.place = Place::Queue(Some((*ring, user.clone())));
                }
                Fact::RingEnded { ring, .. } => match &story.place {
                    Place::Queue(Some((number, _))) if number == ring => story.place = Place::Queue(None),
                    place => return broken("a ring ends once", &format!("{place:?}")),
                },
                Fact::Seated { user, connector, .. } => {
                    match &story.place {
                        Place::Queue(Some((_, rung))) if rung != user => {
                            return broken("who has it is whom it rang at", rung.as_str());
                        }
                        Place::Queue(_) => {}
                        Place::Seat(_) if connector.is_some() => self.failovers += 1,
                        place => return broken("one seat at a time", &format!("{place:?}")),
                    }
                    story.place = Place::Seat(user.clone());
                }
                Fact::Closed { .. } => {
                    story.place = Place::Over;
                    story.nobody_waits();
                }
                Fact::DialogClosed { .. } => story.nobody_waits(),
                Fact::Opened(open) => {
                    let (open, over, begun) = (open.clone(), false, false);
                    let doing = Doing { open: open.clone(), over, begun, performed: 0, in_this_life: 0 };
                    if open.id.turn != record.turn || story.effects.insert(open.id, doing).is_some() {
                        return broken("effects have names of their own", &open.id.to_string());
                    }
                }
                Fact::Begun(effect) | Fact::Returned { id: effect, .. } | Fact::GivenUp(effect) => {
                    let Some(doing) = story.effects.get_mut(effect).filter(|doing| !doing.over) else {
                        return broken("an effect comes back once", &effect.to_string());
                    };
                    match fact {
                        Fact::Returned { outcome, .. } if self.late.contains(&name_of(outcome)) => {
                            return broken("late answers are not heard", &effect.to_string());
                        }
                        Fact::Begun(_) if doing.begun || !doing.open.once => {
                            return broken("what is tried once begins once", &effect.to_string());
                        }
                        Fact::Begun(_) => doing.begun = true,
                        _ => doing.over = true,
                    }
                }
                _ => {}
            }
        }
        for fact in &record.facts {
            let Fact::Answered { by, command, answer } = fact else { continue };
            let Some(number) = Witness::number(command).filter(|number| *number < self.sent.len()) else {
                return broken("only what was asked is done", command.as_str());
            };
            if story.done.insert(command.clone(), (record.turn, answer.clone())).is_some() {
                return broken("a command is done once", command.as_str());
            }
            let sent = &self.sent[number];
            if *by != author(sent) {
                return broken("a command is its sender's", command.as_str());
            }
            if sent.stale {
                return broken("an ended login does nothing", command.as_str());
            }
            if sent.copies == 1 && matches!(sent.answer, Some(Err(_))) {
                return broken("what was refused is not done", command.as_str());
            }
            match &sent.command.ask {
                Ask::In(_, Talk::Say { content, audience }) => {
                    let own = record.facts.iter().any(|fact| says(fact, sent, content, *audience, answer));
                    if !own {
                        return broken("what was said stands as it was said", command.as_str());
                    }
                    said_by_command += usize::from(matches!(sent.command.from, Caller::Visitor(_)));
                }
                Ask::In(_, Talk::Accept { ring }) => {
                    let Caller::User(Login { user, .. }) = &sent.command.from else { continue };
                    if before != Place::Queue(Some((*ring, user.clone()))) || record.at >= story.until {
                        return broken("only what rings is accepted", &format!("{before:?}, {command}"));
                    }
                }
                Ask::In(_, Talk::Take) if matches!(before, Place::Seat(_)) => {
                    return broken("only what waits is taken", command.as_str());
                }
                _ => {}
            }
        }
        if said != said_by_command {
            return broken(
                "a message is in the record once",
                &format!("{said} messages, {said_by_command} asked"),
            );
        }
        Ok(())
    }

    // --------------------------------------------------------------------------------------- what leaves the house

    /// An answer leaves the house: what it promises is durable.
    pub fn leaves(&mut self, command: &CommandId, result: &Result<Answer, Refusal>, key: Option<Key>) {
        let (Some(number), Ok(answer)) = (Witness::number(command), result) else { return };
        let Some(sent) = self.sent.get(number) else { return };
        let conversation = match &sent.command.ask {
            Ask::Begin { conversation, .. } => Some(*conversation),
            Ask::In(_, Talk::Alive | Talk::Do(_)) => None,
            Ask::In(conversation, _) => Some(*conversation),
            _ => None,
        };
        if let Some(conversation) = conversation {
            let done = self.stories.get(&conversation).and_then(|story| story.done.get(command));
            // What is so already is not done again.
            let harmless = matches!(
                sent.command.ask,
                Ask::In(_, Talk::Close { .. } | Talk::Take | Talk::Join(_) | Talk::Leave)
            );
            match done {
                Some((_, kept)) if kept == answer => {}
                None if harmless && *answer == Answer::Done => {}
                done => {
                    let how = format!("{command} is answered with {answer:?}; durable is {done:?}");
                    self.breaks("nothing is acknowledged before it is durable", how);
                }
            }
        }
        if let Some(key) = key {
            let acknowledged = self.acknowledged.entry(key.clone()).or_default();
            acknowledged.insert(number);
            let (acknowledged, kept) =
                (acknowledged.len() as u64, self.entries.get(&key).copied().unwrap_or_default());
            if acknowledged > kept {
                let how = format!("{key}: {acknowledged} acknowledged, {kept} durable");
                self.breaks("nothing is acknowledged before it is durable", how);
            }
        }
    }

    /// Viewers are told of a turn. Its mark.
    pub fn told(&mut self, record: &Record, conversation: &Conversation) -> u64 {
        let mark = serde_json::to_vec(record).map_or(0, |bytes| mark(&bytes));
        let story = self.stories.entry(conversation.id).or_default();
        let durable = story.marks.get(record.turn.wrapping_sub(1) as usize);
        if durable != Some(&mark) || conversation.turn != record.turn {
            let how = format!("{}, turn {}", conversation.id, record.turn);
            self.breaks("nobody is told of what is not durable", how);
            return mark;
        }
        if record.turn <= story.told {
            let how = format!("{}, turn {} after {}", conversation.id, record.turn, story.told);
            self.breaks("viewers are told in order, and once", how);
            return mark;
        }
        story.told = record.turn;
        mark
    }

    /// Something is performed outside.
    pub fn performs(&mut self, id: ConversationId, open: &Open, by: &Login) {
        let story = self.stories.entry(id).or_default();
        let Some(doing) = story.effects.get_mut(&open.id) else {
            return self.breaks("nothing is performed before it is durable", format!("{id}, {}", open.id));
        };
        doing.performed += 1;
        doing.in_this_life += 1;
        let how = format!("{id}, {} by {by:?}, the {}. time", open.id, doing.performed);
        if doing.open.what != open.what || doing.open.once != open.once {
            self.breaks("what is performed again is the same", how);
        } else if doing.over {
            self.breaks("what has come back is not performed", how);
        } else if open.once && !doing.begun {
            self.breaks("nothing is performed before it is durable", how);
        } else if open.once && doing.performed > 1 {
            self.breaks("what may be tried once is tried once", how);
        } else if story.place != Place::Seat(by.user.clone()) {
            self.breaks("who has a conversation performs for it", how);
        }
    }

    /// The platform was killed: it begins anew to tell and to perform.
    pub fn new_life(&mut self) {
        for story in self.stories.values_mut() {
            story.told = 0;
            story.effects.values_mut().for_each(|doing| doing.in_this_life = 0);
        }
    }

    // ---------------------------------------------------------------------------------------------------- looks

    /// The mark of a turn.
    pub fn marks(&self, id: ConversationId) -> &[u64] {
        self.stories.get(&id).map_or(&[], |story| &story.marks)
    }

    /// Whether something open is being performed: by this life of the house, which answers for it.
    pub fn is_performed(&self, id: ConversationId, open: &Open) -> bool {
        let doing = self.stories.get(&id).and_then(|story| story.effects.get(&open.id));
        doing.is_some_and(|doing| match open.what {
            Errand::Call { .. } => doing.in_this_life > 0,
            Errand::Remember { .. } => false,
        })
    }

    /// Entries of a key.
    pub fn entries(&self, key: &Key) -> u64 {
        self.entries.get(key).copied().unwrap_or_default()
    }

    /// What clients sent one after another stands in that order.
    pub fn order(&mut self) {
        let mut wrong = None;
        // Who does not wait for acknowledgements is heard in order as well, as long as nothing had to be sent again.
        let mut last: HashMap<ConversationId, u64> = HashMap::new();
        for (number, sent) in self.sent.iter().enumerate() {
            let visitor = matches!(sent.command.from, Caller::Visitor(_)) && sent.copies == 1;
            let Some(id) = sent.command.ask.conversation().filter(|_| visitor) else { continue };
            let story = self.stories.get(&id);
            let turn = story.and_then(|story| story.done.get(&Witness::name(number))).map(|(turn, _)| *turn);
            if let Some(turn) = turn
                && last.insert(id, turn).is_some_and(|last| last >= turn)
            {
                wrong =
                    Some(format!("{id}: c{number} stands in turn {turn}, before what was sent before it"));
            }
        }
        for (number, sent) in self.sent.iter().enumerate() {
            let (Some(after), Some(id)) = (sent.after, sent.command.ask.conversation()) else { continue };
            let Some(story) = self.stories.get(&id) else { continue };
            let turn = |number| story.done.get(&Witness::name(number)).map(|(turn, _)| *turn);
            if let (Some(before), Some(turn)) = (turn(after), turn(number))
                && before >= turn
            {
                wrong = Some(format!("{id}: c{after} stands in turn {before}, c{number} in turn {turn}"));
            }
            if let Some(Ok(answer)) = &sent.answer
                && let Answer::Sequence(_) = answer
                && story.done.get(&Witness::name(number)).map(|(_, kept)| kept) != Some(answer)
            {
                wrong =
                    Some(format!("{id}: c{number} was acknowledged as {answer:?}, and does not stand so"));
            }
        }
        if let Some(how) = wrong {
            self.breaks("messages stand in the order they were sent", how);
        }
    }
}

/// Sequence numbers have no gaps.
fn number(
    story: &mut Story,
    dialog: u32,
    sequence: u64,
    record: &Record,
    id: ConversationId,
) -> Result<(), Broken> {
    let last = story.next.len().saturating_sub(1) as u32;
    match story.next.get_mut(dialog as usize) {
        Some(next) if *next == sequence && dialog == last => *next += 1,
        next => {
            let how = format!("{id}, turn {}: {dialog}/{sequence} instead of {next:?}", record.turn);
            return Err(Broken { promise: "numbers have no gaps", how });
        }
    }
    Ok(())
}

fn says(fact: &Fact, sent: &Sent, asked: &Content, to: Audience, answer: &Answer) -> bool {
    matches!(fact, Fact::Said { sequence, by, audience, content, .. }
        if *by == author(sent) && content == asked && *audience == to && *answer == Answer::Sequence(*sequence))
}

/// The name of an outcome; nothing, if the house made it itself.
fn name_of(outcome: &Outcome) -> String {
    let (Outcome::Success { body, .. } | Outcome::Failure { body, .. }) = outcome;
    body.as_text().unwrap_or_default().to_string()
}

/// Who sent a command, as records say it.
fn author(sent: &Sent) -> Author {
    match &sent.command.from {
        Caller::Visitor(_) => Author::Visitor,
        Caller::User(login) => Author::User(login.user.clone()),
        Caller::Operator(_) => Author::House,
    }
}

/// The skill that a conversation waits for, and whether it was handed over.
pub fn waits_for(conversation: &Conversation) -> Option<(&SkillId, bool)> {
    let queue = conversation.queue().filter(|queue| queue.ring.is_none())?;
    Some((&conversation.skill, queue.transferred))
}

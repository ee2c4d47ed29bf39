//! The floor: who is there, what waits, and who gets it next. A fold over the newest records, kept in memory.
//!
//! Whatever was decided counts at once: a ring takes a slot before it is durable. So one router keeps everybody's
//! capacity, and what is rebuilt from the store equals what was kept up to date.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::conversation::{Availability, Channel, ConversationId, Moment, SkillId, UserId};

use super::account::{Account, Role, User};
use super::conversation::{Conversation, Place};
use super::limits::CONNECTOR_OPEN_MAX;

/// Who is there and what waits.
#[derive(Debug, Default)]
pub struct Floor {
    people: HashMap<UserId, Person>,
    places: HashMap<ConversationId, Standing>,
    lines: BTreeMap<Line, Waiting>,
    free: BTreeMap<Line, BTreeSet<Turn>>,
    /// Lines in which something has changed since the last decision.
    changed: BTreeSet<Line>,
    given: u64,
}

/// Those who wait for one skill in one way. Those who were handed over also reach people who take nothing new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    skill: SkillId,
    channel: Channel,
    transferred: bool,
}

/// Who waits in a line, in the order of what is due first.
#[derive(Debug, Default)]
struct Waiting {
    /// Anybody will do.
    any: BTreeSet<(Moment, ConversationId)>,
    /// Somebody is asked first, or somebody let it pass.
    choosy: BTreeSet<(Moment, ConversationId)>,
}

/// Whose turn it is: the least busy, then who got something least recently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    /// Thousandths of what they can take.
    busy: u32,
    last: u64,
    user: UserId,
}

/// Somebody who works here, as the floor sees them.
#[derive(Debug, Clone, Default)]
struct Person {
    presence: Presence,
    skills: Vec<SkillId>,
    /// What they can take, and what they have: chats, messagings.
    can: [u32; 2],
    has: [u32; 2],
    holds: BTreeSet<ConversationId>,
    rings: BTreeSet<ConversationId>,
    last: u64,
    /// How many they have when they get nothing more that was handed over.
    full: Option<u32>,
}

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    /// The newest login.
    pub epoch: u64,
    /// What they say of themselves.
    pub availability: Availability,
    /// Whether they take new conversations.
    pub new: bool,
    /// Whether they take conversations that were handed over.
    pub transferred: bool,
}

/// Where a conversation stands, as far as the floor has to know.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    channel: Channel,
    place: Stand,
    /// Whether a turn of it is being kept: nothing is decided about it meanwhile.
    busy: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Stand {
    Waits { line: Line, due: Moment, declined: Box<[UserId]>, directed: Option<UserId> },
    Rings(UserId),
    Sits { user: UserId, acts: bool },
}

/// What the router wants: that a conversation is offered to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Which conversation.
    pub conversation: ConversationId,
    /// To whom.
    pub user: UserId,
}

/// The floor as it can be compared and shown: loads, lines, and who holds what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// What everybody has: chats and messagings, rings included.
    pub loads: BTreeMap<UserId, [u32; 2]>,
    /// Who waits for what: skill, channel, whether handed over; what is due first stands first.
    pub lines: BTreeMap<(SkillId, Channel, bool), Vec<ConversationId>>,
    /// Who holds what.
    pub holds: BTreeMap<UserId, Vec<ConversationId>>,
}

impl Presence {
    /// Of a person, by what they say of themselves.
    pub fn of(epoch: u64, availability: Availability) -> Presence {
        let new = availability == Availability::Online;
        Presence { epoch, availability, new, transferred: new || availability == Availability::Occupied }
    }
}

fn slot(channel: Channel) -> usize {
    match channel {
        Channel::Chat => 0,
        Channel::Messaging => 1,
    }
}

impl Floor {
    // -------------------------------------------------------------------------------------------- what is told

    /// The account is set up so: everybody's skills and capacity.
    pub fn set_up(&mut self, account: &Account) {
        for user in account.users.keys() {
            if !self.people.contains_key(user) {
                self.people.insert(user.clone(), Person::default());
            }
        }
        let users: Vec<UserId> = self.people.keys().cloned().collect();
        let gone = User::default();
        for user in users {
            let own = account.users.get(&user).unwrap_or(&gone);
            self.change(&user, |person| {
                person.skills = own.skills.clone();
                let connector = account.connector_of(&user);
                // Who stands beside others has nothing of their own.
                let beside = connector.is_some_and(|(_, connector)| connector.role == Role::Manager);
                person.can = if beside { [0, 0] } else { [own.chats, own.messagings] };
                person.full = connector.map(|_| CONNECTOR_OPEN_MAX as u32);
            });
        }
    }

    /// Somebody comes, goes, or takes conversations otherwise.
    pub fn set_presence(&mut self, user: &UserId, presence: Presence) {
        if !self.people.contains_key(user) {
            self.people.insert(user.clone(), Person::default());
        }
        self.change(user, |person| person.presence = presence);
    }

    /// A conversation stands so now. `busy`: a turn of it is being kept.
    pub fn note(&mut self, conversation: &Conversation, busy: bool) {
        let id = conversation.id;
        let place = match &conversation.place {
            Place::Over { .. } => return self.forget(id),
            Place::Seat(seat) => {
                Stand::Sits { user: seat.user.clone(), acts: !conversation.effects.is_empty() }
            }
            Place::Queue(queue) => match &queue.ring {
                Some(ring) => Stand::Rings(ring.user.clone()),
                None => Stand::Waits {
                    line: Line {
                        skill: conversation.skill.clone(),
                        channel: conversation.channel,
                        transferred: queue.transferred,
                    },
                    due: conversation.due_at.unwrap_or(queue.since),
                    declined: queue.declined.clone().into(),
                    directed: queue.directed.clone(),
                },
            },
        };
        let standing = Standing { channel: conversation.channel, place, busy };
        if self.places.get(&id) == Some(&standing) {
            return;
        }
        self.forget(id);
        self.enter(id, standing);
    }

    /// Nothing is decided about a conversation for a while, or may be again.
    pub fn set_busy(&mut self, id: ConversationId, busy: bool) {
        let Some(standing) = self.places.get(&id).filter(|standing| standing.busy != busy).cloned() else {
            return;
        };
        self.forget(id);
        self.enter(id, Standing { busy, ..standing });
    }

    /// A conversation is being offered to somebody: it takes a slot of theirs from now on, though it may have to be read
    /// before that is decided.
    pub fn offer(&mut self, decision: &Decision) {
        let Some(standing) = self.places.get(&decision.conversation) else { return };
        let place = Stand::Rings(decision.user.clone());
        let standing = Standing { channel: standing.channel, place, busy: true };
        self.forget(decision.conversation);
        self.enter(decision.conversation, standing);
    }

    /// A conversation is over.
    pub fn forget(&mut self, id: ConversationId) {
        let Some(standing) = self.places.remove(&id) else { return };
        match &standing.place {
            Stand::Waits { line, due, .. } => {
                if let Some(waiting) = self.lines.get_mut(line) {
                    waiting.any.remove(&(*due, id));
                    waiting.choosy.remove(&(*due, id));
                    if waiting.any.is_empty() && waiting.choosy.is_empty() {
                        self.lines.remove(line);
                    }
                }
            }
            Stand::Rings(user) | Stand::Sits { user, .. } => {
                let slot = slot(standing.channel);
                self.change(user, |person| {
                    person.has[slot] = person.has[slot].saturating_sub(1);
                    person.holds.remove(&id);
                    person.rings.remove(&id);
                });
            }
        }
    }

    fn enter(&mut self, id: ConversationId, standing: Standing) {
        match &standing.place {
            Stand::Waits { line, due, declined, directed } => {
                if !standing.busy {
                    let waiting = self.lines.entry(line.clone()).or_default();
                    let choosy = directed.is_some() || !declined.is_empty();
                    if choosy { &mut waiting.choosy } else { &mut waiting.any }.insert((*due, id));
                    self.changed.insert(line.clone());
                }
            }
            Stand::Rings(user) | Stand::Sits { user, .. } => {
                let slot = slot(standing.channel);
                let sits = matches!(standing.place, Stand::Sits { .. });
                if !self.people.contains_key(user) {
                    self.people.insert(user.clone(), Person::default());
                }
                self.given += 1;
                let given = self.given;
                self.change(user, |person| {
                    person.has[slot] += 1;
                    person.last = given;
                    if sits { &mut person.holds } else { &mut person.rings }.insert(id);
                });
            }
        }
        self.places.insert(id, standing);
    }

    /// Changes somebody, and puts them where they are found then.
    fn change(&mut self, user: &UserId, change: impl FnOnce(&mut Person)) {
        let Some(person) = self.people.get_mut(user) else { return };
        let before = person.turns(user);
        change(person);
        let after = person.turns(user);
        if before == after {
            return;
        }
        for (line, turn) in before {
            if let Some(free) = self.free.get_mut(&line) {
                free.remove(&turn);
                if free.is_empty() {
                    self.free.remove(&line);
                }
            }
        }
        for (line, turn) in after {
            self.changed.insert(line.clone());
            self.free.entry(line).or_default().insert(turn);
        }
    }

    // ----------------------------------------------------------------------------------------- what it decides

    /// Who gets what next; nothing, if nobody can take anything that waits. Whoever asks tells at once what comes of it,
    /// with [`Floor::offer`] or [`Floor::note`], and asks again.
    pub fn route(&mut self) -> Option<Decision> {
        while let Some(line) = self.changed.first().cloned() {
            if let Some(decision) = self.route_in(&line) {
                return Some(decision);
            }
            self.changed.remove(&line);
        }
        None
    }

    fn route_in(&self, line: &Line) -> Option<Decision> {
        let free = self.free.get(line)?;
        let waiting = self.lines.get(line)?;
        let first = waiting.any.first();
        for next in &waiting.choosy {
            if first.is_some_and(|first| first < next) {
                break;
            }
            let Some(Standing { place: Stand::Waits { declined, directed, .. }, .. }) =
                self.places.get(&next.1)
            else {
                continue;
            };
            let asked = directed.as_ref().filter(|user| self.can_take(user, line.channel, true));
            let user = match asked {
                Some(user) => Some(user),
                None => free.iter().map(|turn| &turn.user).find(|user| !declined.contains(user)),
            };
            if let Some(user) = user {
                return Some(Decision { conversation: next.1, user: user.clone() });
            }
        }
        let user = free.first()?.user.clone();
        Some(Decision { conversation: first?.1, user })
    }

    // ------------------------------------------------------------------------------------------- what is asked

    /// Whether somebody is there; nothing, if the house has never seen them.
    pub fn presence(&self, user: &UserId) -> Option<Presence> {
        self.people.get(user).map(|person| person.presence)
    }

    /// Whether somebody can take one more conversation.
    pub fn can_take(&self, user: &UserId, channel: Channel, transferred: bool) -> bool {
        self.people.get(user).is_some_and(|person| {
            let there = if transferred { person.takes_transferred() } else { person.presence.new };
            there && person.has_room(channel)
        })
    }

    /// Whether somebody has room for one more conversation, whether they are there or not.
    pub fn has_room(&self, user: &UserId, channel: Channel) -> bool {
        self.people.get(user).is_some_and(|person| person.has_room(channel))
    }

    /// Conversations that somebody has, rings included.
    pub fn load(&self, user: &UserId) -> usize {
        self.people.get(user).map_or(0, |person| (person.has[0] + person.has[1]) as usize)
    }

    /// What somebody holds.
    pub fn held_by(&self, user: &UserId) -> Vec<ConversationId> {
        self.people.get(user).map(|person| person.holds.iter().copied().collect()).unwrap_or_default()
    }

    /// What somebody holds that has something going on outside.
    pub fn acting_for(&self, user: &UserId) -> Vec<ConversationId> {
        let acts = |id: &ConversationId| {
            matches!(self.places.get(id), Some(Standing { place: Stand::Sits { acts: true, .. }, .. }))
        };
        self.held_by(user).into_iter().filter(acts).collect()
    }

    /// What somebody holds, and what rings at them.
    pub fn all_of(&self, user: &UserId) -> Vec<ConversationId> {
        let all = |person: &Person| person.holds.iter().chain(&person.rings).copied().collect();
        self.people.get(user).map(all).unwrap_or_default()
    }

    /// Whether a conversation is a chat.
    pub fn is_chat(&self, id: ConversationId) -> bool {
        self.places.get(&id).is_some_and(|standing| standing.channel == Channel::Chat)
    }

    /// Whether a conversation rings at somebody.
    pub fn rings_at(&self, id: ConversationId, user: &UserId) -> bool {
        self.people.get(user).is_some_and(|person| person.rings.contains(&id))
    }

    /// How many wait before a conversation; nothing, if it does not wait.
    pub fn waits_behind(&self, id: ConversationId) -> Option<usize> {
        let standing = self.places.get(&id)?;
        let Stand::Waits { line, due, .. } = &standing.place else { return None };
        let waiting = self.lines.get(line)?;
        let before = |set: &BTreeSet<(Moment, ConversationId)>| set.range(..(*due, id)).count();
        Some(before(&waiting.any) + before(&waiting.choosy))
    }

    /// How many conversations wait for a skill.
    pub fn waiting_for(&self, skill: &SkillId) -> usize {
        let lines = self.lines.iter().filter(|(line, _)| line.skill == *skill);
        lines.map(|(_, waiting)| waiting.any.len() + waiting.choosy.len()).sum()
    }

    /// How many conversations are open.
    pub fn open(&self) -> usize {
        self.places.len()
    }

    /// The floor, to compare and to show.
    pub fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        for (user, person) in &self.people {
            if person.has != [0, 0] {
                picture.loads.insert(user.clone(), person.has);
            }
            if !person.holds.is_empty() {
                picture.holds.insert(user.clone(), person.holds.iter().copied().collect());
            }
        }
        for (line, waiting) in &self.lines {
            let all: BTreeSet<_> = waiting.any.union(&waiting.choosy).collect();
            let line = (line.skill.clone(), line.channel, line.transferred);
            picture.lines.insert(line, all.into_iter().map(|(_, id)| *id).collect());
        }
        picture
    }
}

impl Person {
    /// Whether they get what was handed over.
    fn takes_transferred(&self) -> bool {
        self.presence.transferred && self.full.is_none_or(|full| self.has[0] + self.has[1] < full)
    }

    fn has_room(&self, channel: Channel) -> bool {
        self.has[slot(channel)] < self.can[slot(channel)]
    }

    /// Where they are found by what they can take now.
    fn turns(&self, user: &UserId) -> Vec<(Line, Turn)> {
        let mut turns = Vec::new();
        for channel in [Channel::Chat, Channel::Messaging] {
            if !self.has_room(channel) {
                continue;
            }
            let (has, can) = (u64::from(self.has[slot(channel)]), u64::from(self.can[slot(channel)]));
            let busy = (has * 1_000 / can.max(1)) as u32;
            for (transferred, there) in [(false, self.presence.new), (true, self.takes_transferred())] {
                let skills = self.skills.iter().filter(|_| there);
                turns.extend(skills.map(|skill| {
                    let line = Line { skill: skill.clone(), channel, transferred };
                    (line, Turn { busy, last: self.last, user: user.clone() })
                }));
            }
        }
        turns
    }
}

//! What must be true after every crash: the store against the journal, conversation by conversation, fact by fact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parlor::conversation::{Author, Content, ConversationId, Message, Outcome};
use parlor::platform::{Answer, Conversation, Fact, Record, replay};
use parlor::store::{Kept, Key, Sled, Store};

use super::center;
use super::clients::{CONVERSATIONS, Clients, Talked};
use super::house::records;

impl Clients {
    /// The store opens, and has everything that was acknowledged: once, in order, without a gap.
    pub fn audit(&mut self, folder: &Path) {
        self.audited();
        let store = Sled::open(folder).expect("what a crash leaves opens");
        let bots = center::bots();
        for conversation in 0..CONVERSATIONS {
            let id = center::id(conversation);
            let talk = &self.talks[conversation];
            let kept = records(&store, id, 0);
            if kept.is_empty() {
                assert!(talk.acknowledged.is_empty() && talk.seen.is_empty(), "{id} is lost");
                continue;
            }
            assert!(
                kept.iter().map(|record| record.turn).eq(1..=kept.len() as u64),
                "{id}: turns are missing"
            );
            what_was_told_is_kept(id, talk, &kept);
            commands_are_done_once(conversation, talk, &kept);
            sequences_have_no_gap(id, &kept);
            self.effects_are_done_as_written(id, &kept);
            let newest = newest(&store, id);
            assert_eq!(newest.version.0, kept.len() as u64, "{id}: the image is of another turn");
            let image: Conversation = serde_json::from_slice(&newest.image).expect("it is what was kept");
            let again = replay(&kept, &*bots).unwrap_or_else(|differs| panic!("{id}: {differs}"));
            assert_eq!(again, Some(image), "{id}: the records do not lead to the image");
        }
    }

    /// What leaves the house is written down before, once; what comes back was asked for.
    fn effects_are_done_as_written(&self, id: ConversationId, kept: &[Record]) {
        let mut opened = BTreeMap::new();
        let mut begun = BTreeSet::new();
        let mut returned = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for fact in kept.iter().flat_map(|record| &record.facts) {
            match fact {
                Fact::Opened(open) => {
                    assert!(opened.insert(open.id, open).is_none(), "{id}: two effects are {}", open.id);
                    if let parlor::platform::Errand::Call { integration, with, .. } = &open.what {
                        // Every order and bill has a number of its own.
                        let call = serde_json::to_string(&(integration, with)).expect("it is JSON");
                        assert!(asked.insert(call.clone()), "{id}: a command took effect twice: {call}");
                    }
                }
                Fact::Begun(effect) => assert!(begun.insert(*effect), "{id}: {effect} was begun twice"),
                Fact::Returned { id: effect, outcome } => {
                    assert!(returned.insert(*effect), "{id}: {effect} came back twice");
                    let calls = matches!(opened[effect].what, parlor::platform::Errand::Call { .. });
                    if calls && matches!(outcome, Outcome::Success { .. }) {
                        assert!(
                            self.performed.contains_key(&(id, *effect)),
                            "{id}: {effect} came back and was never done"
                        );
                    }
                }
                _ => {}
            }
        }
        for ((_, effect), (what, times)) in self.performed.iter().filter(|((other, _), _)| *other == id) {
            let written =
                opened.get(effect).unwrap_or_else(|| panic!("{id}: {effect} was done, and is lost"));
            assert_eq!(written.what, what.what, "{id}: {effect} was done as something else");
            assert!(
                !what.once || (begun.contains(effect) && *times == 1),
                "{id}: {effect} was done unwritten"
            );
        }
    }

    /// At the end everything that was sent is there, and nothing else.
    pub fn is_complete(&self, folder: &Path) {
        let store = Sled::open(folder).expect("what was closed opens");
        for (conversation, talk) in self.talks.iter().enumerate() {
            let id = center::id(conversation);
            assert_eq!(talk.acknowledged.len(), talk.sent.len(), "{id}: not everything is acknowledged");
            let kept = records(&store, id, 0);
            assert_eq!(visitor_said(&kept).len(), talk.sent.len() - 1, "{id}: messages are missing");
        }
    }
}

fn newest(store: &Sled, id: ConversationId) -> Kept {
    let key = Key::of(&["conversation", "acme", &id.to_string()]);
    store.newest(&key).expect("it can be read").expect("where there are records, there is an image")
}

fn what_was_told_is_kept(id: ConversationId, talk: &Talked, kept: &[Record]) {
    for (turn, record) in &talk.seen {
        let now = kept.get(*turn as usize - 1).unwrap_or_else(|| panic!("{id}: turn {turn} is lost"));
        let [before, now] = [record, now].map(|record| serde_json::to_string(record).expect("it is JSON"));
        assert_eq!(before, now, "{id}: turn {turn} was another one");
    }
}

/// Each command that was acknowledged is there once with its answer, in the order sent.
fn commands_are_done_once(conversation: usize, talk: &Talked, kept: &[Record]) {
    let id = center::id(conversation);
    let facts = kept.iter().flat_map(|record| &record.facts);
    let done: Vec<(&str, &Answer)> = facts
        .filter_map(|fact| match fact {
            Fact::Answered { command, answer, .. } => Some((command.as_str(), answer)),
            _ => None,
        })
        .collect();
    let expected: Vec<String> = (0..done.len()).map(|number| Talked::command(conversation, number)).collect();
    assert!(
        done.iter().map(|(command, _)| *command).eq(expected.iter().map(String::as_str)),
        "{id}: commands are lost, done twice or out of order: {done:?}"
    );
    for (number, answer) in &talk.acknowledged {
        let (_, kept) = done.get(*number).unwrap_or_else(|| panic!("{id}: command {number} is lost"));
        assert_eq!(*kept, answer, "{id}: command {number} has another answer");
    }
    let said = visitor_said(kept);
    let mut expected = Vec::new();
    for (number, (_, answer)) in done.iter().enumerate().skip(1) {
        let Answer::Sequence(sequence) = answer else { panic!("{id}: command {number} said nothing") };
        expected.push((*sequence, talk.sent[number].clone()));
    }
    assert_eq!(said, expected, "{id}: what was said is not what was sent");
}

/// What the visitor said, by number.
fn visitor_said(kept: &[Record]) -> Vec<(u64, String)> {
    let facts = kept.iter().flat_map(|record| &record.facts);
    let said = facts.filter_map(|fact| match fact {
        Fact::Said {
            by: Author::Visitor, sequence, content: Content::Message(Message::Text(text)), ..
        } => Some((*sequence, text.clone())),
        _ => None,
    });
    said.collect()
}

fn sequences_have_no_gap(id: ConversationId, kept: &[Record]) {
    let facts = kept.iter().flat_map(|record| &record.facts);
    let numbers = facts.filter_map(|fact| match fact {
        Fact::Said { dialog: 0, sequence, .. } => Some(*sequence),
        _ => None,
    });
    let numbers: Vec<u64> = numbers.collect();
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{id}: numbers are missing: {numbers:?}");
}

//! A house runs in real time over a store: it answers in order, closes without leaving anything undone, and stops
//! acknowledging the moment its store fails.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use parlor::conversation::{Channel, Content, Moment, Span, Value};
use parlor::platform::{
    Account, Answer, Ask, Caller, Code, Command, Fact, Input, Output, Record, Refusal, Talk,
};
use parlor::server::{House, Opening, Point};
use parlor::store::{Fault, Faults, Memory};

use super::crash::center;

/// A house over memory, and all that it gives out.
struct Served {
    house: House,
    store: Arc<Memory>,
    told: Receiver<Vec<Output>>,
}

fn open(account: Account, change: impl FnOnce(&mut Opening)) -> Served {
    open_over(Arc::new(Memory::new()), account, change)
}

fn open_over(store: Arc<Memory>, account: Account, change: impl FnOnce(&mut Opening)) -> Served {
    let (tell, told) = channel();
    let asks = if account.connectors.is_empty() { Vec::new() } else { center::operator() };
    let mut opening = Opening::new(account, center::bots(), store.clone());
    change(&mut opening);
    let house = House::open(opening, |_| move |outputs| tell.send(outputs).unwrap_or_default());
    let served = Served { house: house.expect("it opens"), store, told };
    for (number, ask) in asks.into_iter().enumerate() {
        served.tell(&format!("o{number}"), Caller::Operator("ops".into()), ask).unwrap();
        served.answer(&format!("o{number}")).expect("an operator may");
    }
    served
}

impl Served {
    fn tell(&self, id: &str, from: Caller, ask: Ask) -> Result<(), Refusal> {
        self.house.inbox().tell(Input::Command(Command { id: id.into(), reply_to: 1, from, ask }))
    }

    fn begin(&self, conversation: usize) {
        let ask = Ask::Begin {
            conversation: center::id(conversation),
            channel: Channel::Messaging,
            skill: "Front".into(),
            context: Value::Nothing,
        };
        self.tell(&format!("{conversation}-begin"), visitor(conversation), ask).expect("it is taken");
    }

    fn say(&self, conversation: usize, id: &str) -> Result<(), Refusal> {
        let content = Content::text("hello");
        let ask = Ask::In(center::id(conversation), Talk::Say { content, audience: Default::default() });
        self.tell(id, visitor(conversation), ask)
    }

    /// Waits for the answer to a command.
    fn answer(&self, id: &str) -> Result<Answer, Refusal> {
        loop {
            for output in self.told.recv().expect("the house runs") {
                if let Output::Reply { command, result, .. } = output
                    && command.as_str() == id
                {
                    return result;
                }
            }
        }
    }

    /// So many conversations begin, and the bot has them.
    fn begin_all(&self, count: usize) {
        (0..count).for_each(|conversation| self.begin(conversation));
        let mut seated = 0;
        while seated < count {
            let outputs = self.told.recv().expect("the house runs");
            let sits = |output: &&Output| matches!(output, Output::Happened { conversation, .. } if conversation.seat().is_some());
            seated += outputs.iter().filter(sits).count();
        }
    }

    /// All that was said in a conversation.
    fn said(&self, conversation: usize) -> Vec<u64> {
        let records = super::crash::records(&*self.store, center::id(conversation));
        said(&records)
    }
}

fn visitor(conversation: usize) -> Caller {
    Caller::Visitor(format!("visitor-{conversation}").into())
}

fn said(records: &[Record]) -> Vec<u64> {
    let facts = records.iter().flat_map(|record| &record.facts);
    facts
        .filter_map(|fact| if let Fact::Said { sequence, .. } = fact { Some(*sequence) } else { None })
        .collect()
}

#[test]
fn what_was_taken_is_done_before_it_closes() {
    let served = open(center::account(), |_| {});
    served.begin_all(20);
    for number in 0..5 {
        (0..20)
            .for_each(|conversation| served.say(conversation, &format!("{conversation}-{number}")).unwrap());
    }
    let inbox = served.house.inbox().clone();
    served.house.close().expect("it closes");
    let answers = served.told.iter().flatten().filter_map(|output| match output {
        Output::Reply { result, .. } => Some(result.expect("it is done")),
        _ => None,
    });
    assert_eq!(answers.count(), 20 * 5);
    let records = super::crash::records(&*served.store, center::id(7));
    assert_eq!(said(&records), (0..10).collect::<Vec<u64>>(), "five questions and five answers");
    let refused = inbox.tell(Input::Tick).unwrap_err();
    assert_eq!(refused.code, Code::NoStore);
}

#[test]
fn a_store_that_fails_ends_it_and_nothing_is_acknowledged_any_more() {
    let mut served = open(center::account(), |_| {});
    served.begin_all(1);
    let breaks = served.store.appends() + 30;
    served.store.plan(Faults::from([(breaks, Fault::Breaks { done: true })]));
    for number in 0..100 {
        // Once it has ended, it takes nothing any more.
        let _ = served.say(0, &format!("0-{number}"));
    }
    let why = served.house.join().expect_err("it has ended");
    let outputs: Vec<Output> = served.told.iter().flatten().collect();
    let halt = outputs.iter().position(|output| matches!(output, Output::Halt { .. }));
    let halt = halt.expect("it says that it halts");
    assert_eq!(outputs[halt], Output::Halt { why });
    let done = |output: &Output| matches!(output, Output::Reply { result: Ok(_), .. });
    assert!(!outputs[halt..].iter().any(done), "nothing is acknowledged after it");
    let acknowledged = outputs.iter().filter(|output| done(output)).count();
    let kept = served.store.durable();
    let kept = said(&super::crash::records(&kept, center::id(0)));
    assert!(acknowledged > 0 && kept.len() >= 2 * acknowledged, "{acknowledged} acknowledged: {kept:?}");
}

#[test]
fn time_passes_by_the_clock_it_is_given() {
    let now = Arc::new(AtomicI64::new(1_750_000_000_000));
    let mut account = center::account();
    account.connectors.values_mut().for_each(|connector| connector.manners.join = Span(300));
    let clock = now.clone();
    let served = open(account, |opening| {
        opening.clock = Arc::new(move || Moment(clock.load(Ordering::SeqCst)));
    });
    served.begin_all(1);
    served.say(0, "0-1").unwrap();
    served.answer("0-1").expect("it is done");
    assert_eq!(served.said(0), [0], "the bot waits for more");
    now.fetch_add(300, Ordering::SeqCst);
    served.house.inbox().tell(Input::Tick).unwrap();
    served.say(0, "0-2").unwrap();
    served.answer("0-2").expect("it is done");
    assert_eq!(served.said(0), [0, 1, 2], "it has answered before anything else was heard");
}

#[test]
fn a_disk_that_is_nearly_full_is_seen_before_anything_begins() {
    let store = Memory::new();
    store.set_free_space(Some(1));
    let served = open_over(Arc::new(store), center::account(), |_| {});
    served.begin(0);
    assert_eq!(served.answer("0-begin").unwrap_err().code, Code::NoSpace);
}

#[test]
fn a_turn_is_decided_kept_and_told_of_in_this_order() {
    let passed = Arc::new(Mutex::new(Vec::new()));
    let note = passed.clone();
    let mut account = center::account();
    (account.connectors, account.users) = Default::default();
    let served = open(account, |opening| {
        opening.passes = Arc::new(move |point| note.lock().unwrap().push(point));
    });
    served.begin(0);
    served.answer("0-begin").expect("it is done");
    served.house.close().expect("it closes");
    let passed = passed.lock().unwrap();
    assert_eq!(*passed, [Point::BeforeCommit, Point::AfterCommit, Point::AfterAct]);
}

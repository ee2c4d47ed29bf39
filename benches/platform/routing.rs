//! How long it takes to decide who gets what next, with many who wait and many who are there.

use std::time::Instant;

use parlor::conversation::{Availability, Channel, Moment};
use parlor::platform::{Account, Conversation, Floor, Presence, Skill, User};
use parlor::store::{Key, Memory, Store};

use super::center;

const AGENTS: u32 = 1_000;
const FEW: u32 = 100;
const MANY: u32 = 10_000;
const ROUNDS: u32 = 20_000;

/// A floor with a thousand agents, of whom one at a time can take something more.
fn floor(waiting: u32, like: &Conversation) -> Floor {
    let mut account = Account::default();
    account.skills.insert("Help".into(), Skill::default());
    for number in 0..AGENTS {
        let user = User { skills: vec!["Help".into()], messagings: 100, ..User::default() };
        account.users.insert(format!("agent-{number}").into(), user);
    }
    let mut floor = Floor::default();
    floor.set_up(&account);
    // Nobody is there while they come to wait, so that nothing is decided yet.
    (0..waiting).for_each(|number| floor.note(&waits(like, number), false));
    for user in account.users.keys() {
        floor.set_presence(user, Presence::of(1, Availability::Online));
    }
    floor
}

fn waits(like: &Conversation, number: u32) -> Conversation {
    let due_at = Some(Moment(like.at.0 + i64::from(number.wrapping_mul(2_654_435_761) % 1_000_000)));
    Conversation { id: center::id(number), due_at, ..like.clone() }
}

/// Nanoseconds of a decision, and of telling the floor what came of it.
fn decide(floor: &mut Floor, like: &Conversation, next: &mut u32) -> f64 {
    let begin = Instant::now();
    for _ in 0..ROUNDS {
        let decision = floor.route().expect("somebody waits, and somebody is there");
        floor.forget(decision.conversation);
        *next += 1;
        floor.note(&waits(like, *next), false);
    }
    begin.elapsed().as_nanos() as f64 / f64::from(ROUNDS)
}

pub fn measure() {
    let store = Memory::new();
    let mut platform = center::still(&store, 0);
    parlor::platform::keep(&mut platform, &store, center::begin(0), Moment(1_795_165_200_000));
    let key = Key::of(&["conversation", "acme", &center::id(0).to_string()]);
    let image = store.newest(&key).expect("memory reads").expect("it has begun").image;
    let like: Conversation = serde_json::from_slice(&image).expect("it is what was kept");
    assert!(like.queue().is_some() && like.channel == Channel::Messaging);

    let mut sides = [FEW, MANY].map(|waiting| (waiting, floor(waiting, &like), 1_000_000, f64::MAX));
    for _ in 0..10 {
        for (_, floor, next, best) in &mut sides {
            *best = best.min(decide(floor, &like, next));
        }
    }
    let [few, many] = sides.map(|(_, _, _, best)| best / 1_000.0);
    println!(
        "a decision among {AGENTS} agents: {few:.1} µs with {FEW} who wait, {many:.1} µs with {MANY} (below 50 µs), {:.2} times \
         (at most 2)",
        many / few
    );
}

//! Durable turns a second with 256 conversations at once, beside bare appends of the same bytes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::bare::{self, Bare};
use super::center::Center;
use super::clients::Clients;
use super::cpu;
use super::folder::Folder;

const CONVERSATIONS: u32 = 256;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

/// Turns a second of the house. Both sides take turns, so that a busy machine disturbs them alike.
pub fn measure() -> f64 {
    let (house, bare) = (Folder::new("house"), Folder::new("bare"));
    let kept = bare::turns(400);
    let sizes = |of: &dyn Fn(&bare::Kept) -> usize| kept.iter().map(of).max().unwrap_or(0);
    println!(
        "a turn is an entry of {} bytes and an image of {} at most",
        sizes(&|kept| kept.entry.len()),
        sizes(&|kept| kept.image.len())
    );
    let mut clients = Clients::new(Center::open(house.path(), CONVERSATIONS), CONVERSATIONS);
    let mut bare = Bare::open(&bare.path().join("sled"), CONVERSATIONS, kept);
    clients.hurry(ROUND);
    bare.hurry(ROUND);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let (before, groups) = (cpu::worked(), clients.center.groups.load(Ordering::Relaxed));
            let turns = clients.hurry(ROUND);
            let house = cpu::each(&before, turns * ROUND.as_secs_f64());
            let groups = clients.center.groups.load(Ordering::Relaxed) - groups;
            let turns_each = turns * ROUND.as_secs_f64() / groups as f64;
            let (before, groups) = (cpu::worked(), bare.groups);
            let appends = bare.hurry(ROUND);
            let alone = cpu::each(&before, appends * ROUND.as_secs_f64());
            let appends_each = appends * ROUND.as_secs_f64() / (bare.groups - groups) as f64;
            println!("{turns_each:.0} turns a trip to the disk, {appends_each:.0} appends");
            println!(
                "{turns:>8.0} turns/s   {appends:>8.0} bare appends/s   {:>3.0} %   work: {house}; {alone}",
                turns / appends * 100.0
            );
            (turns, appends)
        })
        .collect();
    rounds.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (turns, appends) = rounds[ROUNDS / 2];
    println!("durable turns beside bare appends: {:.0} % (at least 70 %)", turns / appends * 100.0);
    clients.center.house.close().expect("the house closes");
    turns
}

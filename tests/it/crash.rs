//! A house that is killed, that ends at the worst moment, or whose disk loses power, has lost nothing it acknowledged.
//!
//! The house runs in a process of its own: this test, started again. Its clients are here, on the other side of a pipe, and
//! keep a journal of what was acknowledged and of what was asked of the world outside. After each crash the store is read and
//! held against the journal ([`audit`]), and a new house goes on from it.
//!
//! `PARLOR_KILLS`, `PARLOR_ENDS` (at each point) and `PARLOR_CUTS` say how often; `PARLOR_SEED` says when.

pub mod center; // two bots, a call, a call that may be tried once, and a transfer
mod house; // the side that crashes
mod clients; // the side that does not
mod audit; // what must be true after every crash
mod disk; // a disk whose power can be cut

use std::io::Write;
use std::path::Path;
use std::process::ExitStatus;

use parlor::conversation::ConversationId;
use parlor::platform::Record;
use parlor::server::Point;
use parlor::store::Store;

use super::store::folder::Folder;
use clients::Clients;
use disk::Disk;

/// The tests by name, so that each can start itself again.
const KILLED: &str = "crash::a_killed_house_has_lost_nothing_it_acknowledged";
const ENDED: &str = "crash::a_house_that_ends_between_deciding_keeping_and_doing_has_lost_nothing";
const CUT: &str = "crash::a_house_whose_disk_loses_power_has_lost_nothing_it_acknowledged";

/// How often, unless somebody says otherwise.
const KILLS: u64 = 12;
const ENDS: u64 = 3;
const CUTS: u64 = 2;
/// Acknowledgements of one life of a house, at most.
const ACKNOWLEDGED_MAX: u64 = 150;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Numbers that look random, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn new(salt: u64) -> Dice {
        let seed = setting("PARLOR_SEED", 20_261_120) ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Dice(seed | 1)
    }

    /// From 1 to `most`.
    fn roll(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most + 1
    }
}

/// On standard error whether the test passes or not: what was done, and what was not.
fn say_so(what: &str) {
    writeln!(std::io::stderr(), "{what}").ok();
}

/// What is kept of a conversation.
pub fn records(store: &dyn Store, conversation: ConversationId) -> Vec<Record> {
    house::records(store, conversation, 0)
}

fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

fn ended_itself(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(6)
}

/// The last life: everything is acknowledged, what is under way comes back, and the house closes.
fn live_to_the_end(clients: &mut Clients, store: &Path) {
    let status = clients.live(store, None, |_| false);
    assert!(status.success(), "the house did not close: {status}");
    clients.audit(store);
    clients.is_complete(store);
}

#[test]
fn a_killed_house_has_lost_nothing_it_acknowledged() {
    if house::is_one() {
        return house::run();
    }
    let (folder, mut dice, mut clients) = (Folder::new(), Dice::new(1), Clients::new(KILLED, 1));
    let store = folder.path().join("store");
    let kills = setting("PARLOR_KILLS", KILLS);
    for _ in 0..kills {
        let until = clients.acknowledged() + dice.roll(ACKNOWLEDGED_MAX);
        let status = clients.live(&store, None, |clients| clients.acknowledged() >= until);
        assert!(was_killed(status), "the house ended by itself: {status}\n{}", house::complained(&store));
        clients.audit(&store);
    }
    live_to_the_end(&mut clients, &store);
    say_so(&format!("killed {kills} times: {}", clients.figures()));
}

#[test]
fn a_house_that_ends_between_deciding_keeping_and_doing_has_lost_nothing() {
    if house::is_one() {
        return house::run();
    }
    let (folder, mut dice, mut clients) = (Folder::new(), Dice::new(2), Clients::new(ENDED, 2));
    let store = folder.path().join("store");
    let ends = setting("PARLOR_ENDS", ENDS);
    for _ in 0..ends {
        for point in Point::ALL {
            let most = if point == Point::BeforeCommit { 80 } else { 12 };
            let at = (point, dice.roll(most));
            let status = clients.live(&store, Some(at), |_| false);
            let complained = house::complained(&store);
            assert!(ended_itself(status), "the house did not pass {at:?}: {status}\n{complained}");
            clients.audit(&store);
        }
    }
    live_to_the_end(&mut clients, &store);
    say_so(&format!("ended {ends} times at each of {} points: {}", Point::ALL.len(), clients.figures()));
}

#[test]
fn a_house_whose_disk_loses_power_has_lost_nothing_it_acknowledged() {
    if house::is_one() {
        return house::run();
    }
    let folder = Folder::new();
    let mut disk = match Disk::new(folder.path()) {
        Ok(disk) => disk,
        Err(why) => return say_so(&format!("POWER CUTS WERE NOT TRIED: {why}")),
    };
    let (mut dice, mut clients) = (Dice::new(3), Clients::new(CUT, 3));
    let store = disk.path().join("store");
    let cuts = setting("PARLOR_CUTS", CUTS);
    for _ in 0..cuts {
        let until = clients.acknowledged() + dice.roll(ACKNOWLEDGED_MAX);
        let mut cut = false;
        let status = clients.live_until_it_ends(&store, |clients| {
            if !cut && clients.acknowledged() >= until {
                disk.cut();
                cut = true;
            }
        });
        assert!(cut && status.code() == Some(house::HALTED), "the house did not halt: {status}");
        disk.power_on();
        clients.audit(&store);
    }
    live_to_the_end(&mut clients, &store);
    say_so(&format!("the power was cut {cuts} times: {}", clients.figures()));
}

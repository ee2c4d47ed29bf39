//! A test of a bot, played in a contact center that is made for it: what passes with the bare bot is to pass here too.
//!
//! The bot sits behind a connector of a platform with a store in memory. The visitor, the people and time send the platform
//! what a client, an agent's window and a clock would send it; what the bot did is read off the facts that were kept.

mod contact_center; // read this first: a platform with people, and its time
mod stage_hand; // what a line of a transcript is there
mod account; // whom it has
mod listening; // what the bot thinks there, for those who ask why

use crate::rehearsal::{Audience, Bindings, Played, Stage, Stopped, Test, play_with};

use account::Names;
use contact_center::ContactCenter;

/// How many names a test may reveal that nobody could know before, one after another.
const REVEALED_MAX: usize = 32;

/// Plays a test with one row of its table, through the platform.
pub fn play_through(stage: &Stage<'_>, test: &Test, row: &Bindings, audience: &mut dyn Audience) -> Played {
    let mut names = Names::of(stage.program, test);
    // Whom a bot names with a value is seen only when it does. The account needs them before: that is tried without
    // anybody who takes note.
    for _ in 0..if names.open { REVEALED_MAX } else { 0 } {
        let Ok(mut tried) = ContactCenter::open(stage, &names) else { break };
        play_with(stage, test, row, &mut (), &mut tried);
        if !names.add(tried.named()) {
            break;
        }
    }
    match ContactCenter::open(stage, &names) {
        Ok(mut center) => play_with(stage, test, row, audience, &mut center),
        Err(why) => Played::stopped(Stopped::Impossible(why)),
    }
}

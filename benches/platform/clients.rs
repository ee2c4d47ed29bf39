//! Visitors who speak, wait for the answer, and speak again.

use std::time::{Duration, Instant};

use parlor::platform::Answer;

use super::center::{self, Center};

/// How often the connectors say that they are there.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// So many visitors at once.
pub struct Clients {
    pub center: Center,
    /// What each of them has said so far.
    turns: Vec<u32>,
    alive: Instant,
}

impl Clients {
    /// Those whose conversations are open already. Their commands have other names than before.
    pub fn again(center: Center, count: u32) -> Clients {
        let turns = vec![std::process::id() * 1_000; count as usize];
        Clients { center, turns, alive: Instant::now() }
    }

    /// All of them begin a conversation and hear from the bot.
    pub fn new(center: Center, count: u32) -> Clients {
        let mut clients = Clients { center, turns: vec![0; count as usize], alive: Instant::now() };
        let mut next = 0;
        let mut done = 0;
        // Not more at once than would wait behind each other anyway.
        for _ in 0..count.min(512) {
            clients.center.tell(center::begin(next));
            next += 1;
        }
        while done < count {
            for reply in clients.replies() {
                match reply.result.expect("it is done") {
                    Answer::Began(_) => clients.speak(reply.conversation),
                    _ => {
                        done += 1;
                        if next < count {
                            clients.center.tell(center::begin(next));
                            next += 1;
                        }
                    }
                }
            }
        }
        clients
    }

    pub fn speak(&mut self, conversation: u32) {
        let turn = &mut self.turns[conversation as usize];
        *turn += 1;
        self.center.tell(center::say(conversation, *turn));
    }

    pub fn replies(&mut self) -> Vec<center::Replied> {
        self.replies_within(ALIVE_EVERY)
    }

    pub fn replies_within(&mut self, patience: Duration) -> Vec<center::Replied> {
        if self.alive.elapsed() >= ALIVE_EVERY {
            self.alive = Instant::now();
            self.center.alive();
        }
        self.center.replies(patience)
    }

    /// All speak at once, and again as soon as they are answered, for so long. Turns a second.
    pub fn hurry(&mut self, span: Duration) -> f64 {
        let begin = Instant::now();
        (0..self.turns.len() as u32).for_each(|conversation| self.speak(conversation));
        let (mut under_way, mut turns) = (self.turns.len(), 0_u64);
        let mut took = span;
        while under_way > 0 {
            for reply in self.replies() {
                reply.result.expect("it is done");
                under_way -= 1;
                if begin.elapsed() < span {
                    turns += 1;
                    self.speak(reply.conversation);
                    under_way += 1;
                    took = begin.elapsed();
                }
            }
        }
        turns as f64 / took.as_secs_f64()
    }
}

//! Chance that comes out the same every time: whoever asks with the same numbers gets the same answers.

use parlor::conversation::{Moment, Span};

/// A small generator (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice of their own for every use, named by numbers: what one actor rolls does not depend on what others do.
    pub fn of(names: &[u64]) -> Dice {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for name in names {
            dice.0 = dice.next() ^ name.wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0, if there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// A number from one to another, both included.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// A time between two, in milliseconds.
    pub fn span(&mut self, from: u64, to: u64) -> Span {
        Span(self.between(from, to))
    }

    /// A moment some milliseconds after another.
    pub fn later(&mut self, than: Moment, from: u64, to: u64) -> Moment {
        than.after(self.span(from, to))
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// A number for bytes: equal bytes have the same.
pub fn mark(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

//! What visitors and users carry so that the house knows them again: who they are and until when, signed.
//!
//! Nothing is kept of a pass. Whoever has the key can read any and make any; nobody else can do either.

use std::fmt;
use std::str::FromStr;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::conversation::{ConversationId, Moment, Span, UserId, VisitorId};
use crate::platform::{Caller, Login};
use crate::store::Failure;

/// Bytes of a pass as it is written. Names have a limit, so nothing longer is one.
pub const PASS_BYTES_MAX: usize = 512;
/// How long a visitor is known by a pass: 30 days. Every new conversation gives a new one.
pub const VISITOR_PASS: Span = Span(30 * 24 * 3_600_000);
/// How long a user is known by a pass: 12 hours, if their login lasts as long.
pub const USER_PASS: Span = Span(12 * 3_600_000);

/// What a pass begins with, so that it can be told from other tokens and found where it should not be.
const MARK: &str = "pass-";
/// Bytes of a signature.
const SEAL: usize = 32;

/// Makes passes and knows them again.
#[derive(Clone)]
pub struct Passes {
    sign: hmac::Key,
    derive: hmac::Key,
}

/// Who somebody is by their pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// A visitor.
    Visitor(VisitorId),
    /// Somebody who works here, in one login of theirs.
    User(Login),
}

impl fmt::Debug for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passes")
    }
}

impl Passes {
    /// By a key of 32 random bytes, which whoever runs the house keeps.
    pub fn new(key: &[u8; 32]) -> Passes {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let own = |name: &str| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, name.as_bytes()).as_ref());
        Passes { sign: own("passes"), derive: own("names") }
    }

    /// A pass for somebody, until then.
    pub fn give(&self, bearer: &Bearer, until: Moment) -> String {
        let Moment(until) = until;
        let says = match bearer {
            Bearer::Visitor(visitor) => format!("v\n{visitor}\n0\n{until}"),
            Bearer::User(login) => format!("u\n{}\n{}\n{until}", login.user, login.epoch),
        };
        let seal = hmac::sign(&self.sign, says.as_bytes());
        format!("{MARK}{}{}", hex(seal.as_ref()), hex(says.as_bytes()))
    }

    /// Who carries a pass: nothing, if it is not one of ours or is over.
    pub fn read(&self, pass: &str, now: Moment) -> Option<Bearer> {
        let written = pass.strip_prefix(MARK).filter(|_| pass.len() <= PASS_BYTES_MAX)?;
        let bytes = unhex(written)?;
        let (seal, says) = bytes.split_at_checked(SEAL)?;
        hmac::verify(&self.sign, says, seal).ok()?;
        let mut words = std::str::from_utf8(says).ok()?.split('\n');
        let (kind, name, epoch, until) = (words.next()?, words.next()?, words.next()?, words.next()?);
        if Moment(until.parse().ok()?) <= now {
            return None;
        }
        match kind {
            "v" => Some(Bearer::Visitor(name.into())),
            "u" => Some(Bearer::User(Login { user: UserId::from(name), epoch: epoch.parse().ok()? })),
            _ => None,
        }
    }

    /// The visitor and the conversation that a client begins by a name it has made at random: the same ones each time, so
    /// that it can ask twice, and nothing that tells the name to whoever sees them.
    pub fn begun_by(&self, name: u128) -> (VisitorId, ConversationId) {
        let of =
            |what: &str| first(hmac::sign(&self.derive, format!("{what} {name:032x}").as_bytes()).as_ref());
        (VisitorId::from(format!("{:032x}", of("visitor"))), ConversationId(of("conversation")))
    }

    /// The conversation that a known visitor begins by a name.
    pub fn begun_again(&self, visitor: &VisitorId, name: u128) -> ConversationId {
        let says = format!("{visitor} {name:032x}");
        ConversationId(first(hmac::sign(&self.derive, says.as_bytes()).as_ref()))
    }
}

impl Bearer {
    /// As the platform knows them.
    pub fn caller(self) -> Caller {
        match self {
            Bearer::Visitor(visitor) => Caller::Visitor(visitor),
            Bearer::User(login) => Caller::User(login),
        }
    }
}

/// A number nobody can guess.
pub fn unguessable() -> Result<u128, Failure> {
    let mut bytes = [0; 16];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| Failure::Broken("The machine has no random numbers to give.".into()))?;
    Ok(u128::from_be_bytes(bytes))
}

/// The number of a name that a client has made at random: a UUID, and none that is guessed at once.
pub fn made_at_random(name: &str) -> Option<u128> {
    let ConversationId(number) = ConversationId::from_str(name).ok()?;
    // A version 4 or 7, as the usual makers of UUIDs give them; not one that counts, or says only when and where.
    let version = (number >> 76) & 0xf;
    let variant = (number >> 62) & 0b11;
    (matches!(version, 4 | 7) && variant == 0b10).then_some(number)
}

fn first(bytes: &[u8]) -> u128 {
    bytes.first_chunk::<16>().map_or(0, |first| u128::from_be_bytes(*first))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.map(|digit| char::from(DIGITS[digit as usize])).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_says_who_until_it_is_over_and_to_nobody_else() {
        let (ours, theirs) = (Passes::new(&[7; 32]), Passes::new(&[8; 32]));
        let (now, later) = (Moment(1_000), Moment(2_000));
        let all = [Bearer::Visitor("4f".into()), Bearer::User(Login { user: "Zoë / one".into(), epoch: 3 })];
        for bearer in all {
            let pass = ours.give(&bearer, later);
            assert!(pass.len() <= PASS_BYTES_MAX && pass.is_ascii());
            assert_eq!(ours.read(&pass, now), Some(bearer));
            assert_eq!(ours.read(&pass, later), None, "it is over");
            assert_eq!(theirs.read(&pass, now), None, "another key");
            for place in 0..pass.len() {
                let mut changed = pass.clone().into_bytes();
                changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
                let changed = String::from_utf8(changed).expect("it is ASCII");
                assert_eq!(ours.read(&changed, now), None, "changed at {place}");
                assert_eq!(ours.read(&pass[..place], now), None, "cut at {place}");
            }
        }
    }

    #[test]
    fn who_names_a_beginning_gets_the_same_one_again() {
        let passes = Passes::new(&[7; 32]);
        let name = made_at_random("6a1f0c56-5b7e-4c9f-8a43-0d8a0b1f3e21").expect("it is a UUID");
        assert_eq!(passes.begun_by(name), passes.begun_by(name));
        assert_ne!(passes.begun_by(name).1, ConversationId(name), "the name is told to nobody");
        assert_ne!(passes.begun_by(name), passes.begun_by(name + 1));
        let guessed =
            ["1", "", "00000000-0000-0000-0000-000000000001", "6a1f0c56-5b7e-1c9f-8a43-0d8a0b1f3e21"];
        assert!(guessed.iter().all(|name| made_at_random(name).is_none()));
    }
}

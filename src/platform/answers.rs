//! The last commands that were done and their answers: the same one sent again is done once, and gets the same answer.
//!
//! They stand in one piece of text, as they are written: nearly every turn looks for one that is not there, and every turn
//! writes all of them.

use serde::{Deserialize, Serialize};

use crate::conversation::{Author, CommandId, ConversationId};
use crate::store::Hash;

use super::fact::Answer;
use super::limits::COMMANDS_KEPT;

/// Commands and their answers, oldest first: `v0123456789abcdefs12`, which is a visitor's command, by the hash of its name,
/// and a message's number; a space behind each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(String);

impl Answers {
    /// The answer that a command got already.
    pub fn to(&self, by: &Author, command: &CommandId) -> Option<Answer> {
        if self.0.is_empty() {
            return None;
        }
        // None of the letters it begins with stands anywhere else.
        let name = name_of(by, command);
        let at = memchr::memmem::find(self.0.as_bytes(), name.as_bytes())? + name.len();
        let end = self.0[at..].find(' ')? + at;
        read(&self.0[at..end])
    }

    /// A command was done. The oldest one is forgotten, if there are too many.
    pub(super) fn keep(&mut self, by: &Author, command: &CommandId, answer: &Answer) {
        if memchr::memchr_iter(b' ', self.0.as_bytes()).count() >= COMMANDS_KEPT
            && let Some(end) = self.0.find(' ')
        {
            self.0.drain(..=end);
        }
        self.0.push_str(&name_of(by, command));
        match answer {
            Answer::Done => self.0.push('d'),
            Answer::Began(conversation) => self.0.push_str(&format!("b{:x}", conversation.0)),
            Answer::Sequence(number) => self.0.push_str(&format!("s{number:x}")),
            Answer::LoggedIn(number) => self.0.push_str(&format!("l{number:x}")),
        }
        self.0.push(' ');
    }
}

/// Visitor, user or house, and a hash: no visitor can call a command of theirs as somebody who works here calls one.
fn name_of(by: &Author, command: &CommandId) -> String {
    let (whose, user) = match by {
        Author::Visitor => ('v', ""),
        Author::User(user) => ('u', user.as_str()),
        Author::House => ('h', ""),
    };
    let name = [user.as_bytes(), &[0], command.as_str().as_bytes()].concat();
    let hash = Hash::of(&name).map_or([0; 32], |hash| hash.0);
    let first = hash.first_chunk::<8>().copied().unwrap_or_default();
    format!("{whose}{:016x}", u64::from_be_bytes(first))
}

fn read(answer: &str) -> Option<Answer> {
    let number = answer.get(1..)?;
    let short = || u64::from_str_radix(number, 16).ok();
    match answer.get(..1)? {
        "d" => Some(Answer::Done),
        "b" => u128::from_str_radix(number, 16).ok().map(|id| Answer::Began(ConversationId(id))),
        "s" => short().map(Answer::Sequence),
        "l" => short().map(Answer::LoggedIn),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_name_and_by_who_asked_and_the_oldest_are_forgotten() {
        let mut answers = Answers::default();
        let sam = Author::User("sam".into());
        let all = [
            Answer::Done,
            Answer::Sequence(255),
            Answer::LoggedIn(3),
            Answer::Began(ConversationId(1 << 100)),
        ];
        for (number, answer) in all.iter().enumerate() {
            let name = CommandId::from(number.to_string());
            assert_eq!(answers.to(&Author::Visitor, &name), None);
            answers.keep(&Author::Visitor, &name, answer);
            assert_eq!(answers.to(&Author::Visitor, &name).as_ref(), Some(answer));
            assert_eq!(answers.to(&sam, &name), None);
            assert_eq!(answers.to(&Author::House, &name), None);
        }
        let read: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
        assert_eq!(read, answers);
        for number in 0..COMMANDS_KEPT {
            answers.keep(&sam, &number.to_string().into(), &Answer::Sequence(number as u64));
        }
        assert_eq!(answers.to(&Author::Visitor, &"0".into()), None);
        let known = |number: usize| {
            answers.to(&sam, &number.to_string().into()) == Some(Answer::Sequence(number as u64))
        };
        assert!((0..COMMANDS_KEPT).all(known));
    }
}

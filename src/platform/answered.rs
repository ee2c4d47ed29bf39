//! The last commands that were done and their answers: the same one sent again is done once, and gets the same answer.
//!
//! They stand in one piece, as the JSON they are written as: nearly every turn looks for one that is not there, and writes
//! all of them.

use std::collections::VecDeque;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::conversation::CommandId;

use super::fact::Answer;
use super::limits::COMMANDS_KEPT;

/// Commands and their answers, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answered {
    /// A list of `["command",answer]`; nothing at all, where there are none.
    json: String,
    /// Bytes of each, with what stands behind it.
    lengths: VecDeque<usize>,
}

impl Answered {
    /// The answer that a command got.
    pub fn answer_to(&self, command: &CommandId) -> Option<Answer> {
        // Inside of a string there is a backslash before each quote, so this is where a pair begins and nowhere else.
        let begin = format!("[{},", serde_json::to_string(command).ok()?);
        let at = memchr::memmem::find(self.json.as_bytes(), begin.as_bytes())?;
        let pair =
            serde_json::Deserializer::from_str(&self.json[at..]).into_iter::<(CommandId, Answer)>().next();
        pair?.ok().map(|(_, answer)| answer)
    }

    /// A command is done. The oldest one is forgotten, if there are too many.
    pub(super) fn push(&mut self, command: &CommandId, answer: &Answer) {
        if self.lengths.len() >= COMMANDS_KEPT
            && let Some(oldest) = self.lengths.pop_front()
        {
            self.json.drain(1..=oldest);
        }
        if let Ok(pair) = serde_json::to_string(&(command, answer)) {
            self.add(&pair);
        }
    }

    fn add(&mut self, pair: &str) {
        // What closed the list stands between two of them now.
        self.json.pop();
        self.json.push(if self.lengths.is_empty() { '[' } else { ',' });
        self.json.push_str(pair);
        self.json.push(']');
        self.lengths.push_back(pair.len() + 1);
    }
}

impl Serialize for Answered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = if self.json.is_empty() { "[]" } else { &self.json };
        serde_json::from_str::<&RawValue>(list).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Answered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Answered, D::Error> {
        let list = Box::<RawValue>::deserialize(deserializer)?;
        let pairs: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(D::Error::custom)?;
        let mut answered = Answered::default();
        pairs.iter().for_each(|pair| answered.add(pair.get()));
        Ok(answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_their_very_names_and_the_oldest_are_forgotten() {
        // Names that look like what stands around them.
        let names = ["a", "[\"a\",", "\\", "\"", "],[", "b\\\"", "ä"];
        let mut answered = Answered::default();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(answered.answer_to(&CommandId::from(*name)), None, "{name}");
            answered.push(&CommandId::from(*name), &Answer::Sequence(number as u64));
        }
        let read: Answered = serde_json::from_str(&serde_json::to_string(&answered).unwrap()).unwrap();
        assert_eq!(read, answered);
        for (number, name) in names.iter().enumerate() {
            assert_eq!(
                read.answer_to(&CommandId::from(*name)),
                Some(Answer::Sequence(number as u64)),
                "{name}"
            );
        }
        (0..COMMANDS_KEPT).for_each(|number| answered.push(&number.to_string().into(), &Answer::Done));
        assert!(names.iter().all(|name| answered.answer_to(&CommandId::from(*name)).is_none()));
        assert!((0..COMMANDS_KEPT).all(|number| answered.answer_to(&number.to_string().into()).is_some()));
    }
}

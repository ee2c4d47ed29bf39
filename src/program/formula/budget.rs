//! How much evaluating may cost: work and bytes, both counted down, so that no expression is slow or large.

use super::fault::Stop;
use crate::conversation::Value;

/// The most work one budget allows: a unit for every operator, name and item looked at, and for every 32 bytes of text.
pub const WORK_MAX: u32 = 100_000;
/// The largest value an expression makes, in bytes. What names bring along may be larger and is passed on as it is.
pub const VALUE_BYTES_MAX: usize = 32 * 1024;
/// The longest text a template says, in bytes.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// The most bytes of values that one budget lets expressions make, all together.
pub const MADE_BYTES_MAX: usize = 1024 * 1024;
/// How deep lists and maps may stand in a value that an expression makes.
pub const VALUE_DEPTH_MAX: usize = 100;

/// What a shared item of a list costs: its place in the list.
const ITEM_BYTES: usize = 24;

/// What is left of the work and the bytes that evaluating may cost: one for all expressions and texts of a turn.
#[derive(Debug, Clone)]
pub struct Budget {
    work: u32,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::new()
    }
}

impl Budget {
    /// A whole budget: [`WORK_MAX`] and [`MADE_BYTES_MAX`].
    pub fn new() -> Budget {
        Budget { work: WORK_MAX, bytes: MADE_BYTES_MAX }
    }

    /// How much work is left.
    pub fn work_left(&self) -> u32 {
        self.work
    }

    /// How many bytes may still be made.
    pub fn bytes_left(&self) -> usize {
        self.bytes
    }

    /// Counts work.
    #[inline]
    pub(super) fn work(&mut self, units: usize) -> Result<(), Stop> {
        match u32::try_from(units).ok().and_then(|units| self.work.checked_sub(units)) {
            Some(left) => {
                self.work = left;
                Ok(())
            }
            None => {
                self.work = 0;
                Err(Stop::new(format!("it takes more than {WORK_MAX} units of work, the most a turn allows")))
            }
        }
    }

    /// Counts the work of reading a text from end to end.
    #[inline]
    pub(super) fn reading(&mut self, bytes: usize) -> Result<(), Stop> {
        self.work(bytes / 32)
    }

    /// Counts bytes that are about to be made, for one value.
    pub(super) fn make(&mut self, bytes: usize) -> Result<(), Stop> {
        if bytes > VALUE_BYTES_MAX {
            return Err(Stop::new(format!(
                "it makes a value of more than {VALUE_BYTES_MAX} bytes, the most a value may have"
            )));
        }
        self.reading(bytes)?;
        self.take(bytes)
    }

    fn take(&mut self, bytes: usize) -> Result<(), Stop> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => {
                self.bytes = 0;
                Err(Stop::new(format!(
                    "it makes more than {MADE_BYTES_MAX} bytes in all, the most a turn allows"
                )))
            }
        }
    }

    /// A text that has been made within bounds.
    pub(super) fn text(&mut self, text: String) -> Result<Value, Stop> {
        self.make(text.len())?;
        Ok(Value::text(text))
    }

    /// A list or map that has been made: everything in it counts.
    pub(super) fn whole(&mut self, value: Value) -> Result<Value, Stop> {
        let mut room = VALUE_BYTES_MAX;
        match measure(&value, &mut room, VALUE_DEPTH_MAX) {
            Ok(()) => {
                self.make(VALUE_BYTES_MAX - room)?;
                Ok(value)
            }
            Err(TooBig::Bytes) => self.make(usize::MAX).map(|()| value),
            Err(TooBig::Depth) => Err(Stop::new(format!(
                "it makes lists or maps more than {VALUE_DEPTH_MAX} deep, the most a value may have"
            ))),
        }
    }

    /// A list of items that other lists hold already, each at most once: only their places count, so that the answer
    /// of an integration can be sorted and picked from even if it is large.
    pub(super) fn picked(&mut self, items: Vec<Value>) -> Result<Value, Stop> {
        self.work(items.len())?;
        self.take(items.len() * ITEM_BYTES)?;
        Ok(Value::list(items))
    }

    /// Counts the work of looking at all of a value, and says how much that was.
    pub(super) fn weigh(&mut self, value: &Value) -> Result<usize, Stop> {
        let own = match value {
            Value::Text(text) => 1 + text.len() / 32,
            _ => 1,
        };
        self.work(own)?;
        match value {
            Value::List(list) => list.iter().try_fold(own, |sum, item| Ok(sum + self.weigh(item)?)),
            Value::Map(map) => map.values().try_fold(own, |sum, item| Ok(sum + self.weigh(item)?)),
            _ => Ok(own),
        }
    }
}

enum TooBig {
    Bytes,
    Depth,
}

/// Takes a value's size, as [`Value::size`] counts it, off `room`; stops as soon as there is none left.
fn measure(value: &Value, room: &mut usize, depth: usize) -> Result<(), TooBig> {
    let mut take = |bytes: usize| room.checked_sub(bytes).map(|left| *room = left).ok_or(TooBig::Bytes);
    match value {
        Value::List(list) => {
            take(2 + list.len())?;
            let depth = depth.checked_sub(1).ok_or(TooBig::Depth)?;
            list.iter().try_for_each(|item| measure(item, room, depth))
        }
        Value::Map(map) => {
            take(2 + 4 * map.len())?;
            let depth = depth.checked_sub(1).ok_or(TooBig::Depth)?;
            map.iter().try_for_each(|(name, item)| {
                *room = room.checked_sub(name.len()).ok_or(TooBig::Bytes)?;
                measure(item, room, depth)
            })
        }
        plain => take(plain.size()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_measured_as_it_counts_itself() {
        let value: Value = serde_json::from_str(r#"{"a":[1,2.5,"x",null,true],"b":{"c":"dd"}}"#).unwrap();
        let mut budget = Budget::new();
        let size = value.size();
        budget.whole(value).unwrap();
        assert_eq!(MADE_BYTES_MAX - budget.bytes_left(), size);
    }

    #[test]
    fn what_is_too_large_or_too_deep_is_refused() {
        let mut budget = Budget::new();
        assert!(
            budget
                .whole(Value::list(vec![Value::Whole(1); 10_000]))
                .unwrap_err()
                .to_string()
                .contains("32768")
        );
        let mut deep = Value::Nothing;
        for _ in 0..101 {
            deep = Value::list(vec![deep]);
        }
        assert!(budget.whole(deep).unwrap_err().to_string().contains("100 deep"));
        assert!(budget.work(WORK_MAX as usize + 1).unwrap_err().to_string().contains("100000"));
    }
}

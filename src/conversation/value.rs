//! What a variable holds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A value. Cheap to clone. Unset, null and missing are one thing: [`Value::Nothing`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value: printed as nothing, false, replaced by `default`.
    #[default]
    Nothing,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction; never infinite, never "not a number".
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// Values in a row.
    List(Arc<Vec<Value>>),
    /// Values by name.
    Map(Arc<BTreeMap<String, Value>>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    /// A number: whole where it is, nothing where it is none.
    pub fn number(number: f64) -> Value {
        match number {
            _ if !number.is_finite() => Value::Nothing,
            _ if number.fract() == 0.0 && number.abs() < 9e15 => Value::Whole(number as i64),
            _ => Value::Number(number),
        }
    }

    /// Values in a row.
    pub fn list(values: Vec<Value>) -> Value {
        Value::List(Arc::new(values))
    }

    /// Values by name.
    pub fn map(values: BTreeMap<String, Value>) -> Value {
        Value::Map(Arc::new(values))
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Whole(number) => Some(*number as f64),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// What stands under a name; nothing, where there is none.
    pub fn member(&self, name: &str) -> Value {
        match self {
            Value::Map(map) => map.get(name).cloned().unwrap_or_default(),
            _ => Value::Nothing,
        }
    }

    /// Whether a condition takes it for true: nothing, false, zero and what is empty are not.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Flag(flag) => *flag,
            Value::Whole(number) => *number != 0,
            Value::Number(number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
        }
    }

    /// About how many bytes it takes: what limits count.
    pub fn size(&self) -> usize {
        match self {
            Value::Nothing | Value::Flag(_) => 4,
            Value::Whole(_) | Value::Number(_) => 8,
            Value::Text(text) => text.len() + 2,
            Value::List(list) => 2 + list.iter().map(|value| value.size() + 1).sum::<usize>(),
            Value::Map(map) => {
                2 + map.iter().map(|(name, value)| name.len() + value.size() + 4).sum::<usize>()
            }
        }
    }
}

/// As a text says it: nothing as nothing, whole numbers without a fraction, lists and maps as JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nothing => Ok(()),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Whole(number) => write!(f, "{number}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
            Value::List(_) | Value::Map(_) => {
                f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nothing => serializer.serialize_unit(),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Whole(number) => serializer.serialize_i64(*number),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|value| seq.serialize_element(value))?;
                seq.end()
            }
            Value::Map(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                map.iter().try_for_each(|(name, value)| entries.serialize_entry(name, value))?;
                entries.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Nothing)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
                Ok(Value::Flag(flag))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Whole(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(i64::try_from(number).map_or(Value::Number(number as f64), Value::Whole))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Value::list(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((name, value)) = entries.next_entry()? {
                    map.insert(name, value);
                }
                Ok(Value::map(map))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_through_json_and_print_as_texts_say_them() {
        let value: Value = serde_json::from_str(r#"{"a":[1,2.5,"x",null,true],"b":3.0}"#).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"a":[1,2.5,"x",null,true],"b":3}"#);
        assert_eq!(value.member("b"), Value::Whole(3));
        assert_eq!(Value::Nothing.to_string(), "");
        assert_eq!(Value::number(4.0).to_string(), "4");
        assert_eq!(Value::number(f64::NAN), Value::Nothing);
        assert!(!Value::text("").is_true());
    }
}

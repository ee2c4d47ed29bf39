//! `$.cards[0].title`: a path into JSON. Members, places, `*` and `..`; no filters.

use serde_json::Value;

/// A path.
#[derive(Debug, Clone)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    /// `.name`, `['name']`
    Member(String),
    /// `[0]`; negative from the end.
    Place(i64),
    /// `.*`, `[*]`
    All,
    /// `..`: here and everywhere below; a step follows it.
    Deep,
}

/// How many values are looked at on the way.
const VALUES_MAX: usize = 100_000;

impl JsonPath {
    /// Reads a path; why it cannot be read, otherwise.
    pub fn read(text: &str) -> Result<JsonPath, String> {
        let cannot =
            |rest: &str| format!("`{rest}` in it cannot be read: there are `.name`, `[0]`, `*` and `..`");
        let mut rest = text.trim();
        rest = rest.strip_prefix('$').unwrap_or(rest);
        let mut steps = Vec::new();
        if !rest.is_empty() && !rest.starts_with(['.', '[']) {
            let (name, after) = named(rest);
            steps.push(Step::Member(name.to_string()));
            rest = after;
        }
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("..") {
                steps.push(Step::Deep);
                rest = after;
                if rest.starts_with('[') {
                    continue;
                }
            } else if let Some(after) = rest.strip_prefix('.') {
                rest = after;
            } else if let Some(inner) = rest.strip_prefix('[') {
                let (inner, after) = inner.split_once(']').ok_or_else(|| cannot(rest))?;
                let inner = inner.trim();
                let quoted =
                    ['\'', '"'].iter().find_map(|sign| inner.strip_prefix(*sign)?.strip_suffix(*sign));
                steps.push(match (inner, quoted, inner.parse()) {
                    ("*", ..) => Step::All,
                    (_, Some(name), _) => Step::Member(name.to_string()),
                    (_, _, Ok(place)) => Step::Place(place),
                    _ => return Err(cannot(rest)),
                });
                rest = after;
                continue;
            } else {
                return Err(cannot(rest));
            }
            let (name, after) = named(rest);
            match name {
                "" => return Err(cannot(rest)),
                "*" => steps.push(Step::All),
                name => steps.push(Step::Member(name.to_string())),
            }
            rest = after;
        }
        match steps.last() {
            Some(Step::Deep) => Err(cannot("..")),
            _ => Ok(JsonPath(steps)),
        }
    }

    /// What it leads to.
    pub fn values<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![value];
        for step in &self.0 {
            let mut next: Vec<&Value> = Vec::new();
            for value in found {
                match (step, value) {
                    (Step::Member(name), Value::Object(map)) => next.extend(map.get(name)),
                    (Step::Place(place), Value::Array(all)) => {
                        let place = if *place < 0 { place.saturating_add(all.len() as i64) } else { *place };
                        next.extend(usize::try_from(place).ok().and_then(|place| all.get(place)));
                    }
                    (Step::All, Value::Object(map)) => next.extend(map.values()),
                    (Step::All, Value::Array(all)) => next.extend(all),
                    (Step::Deep, value) => below(value, &mut next),
                    _ => {}
                }
                next.truncate(VALUES_MAX);
            }
            found = next;
        }
        found
    }
}

/// A value and all below it.
fn below<'v>(value: &'v Value, out: &mut Vec<&'v Value>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if out.len() >= VALUES_MAX {
            return;
        }
        out.push(value);
        match value {
            Value::Object(map) => open.extend(map.values().rev()),
            Value::Array(all) => open.extend(all.iter().rev()),
            _ => {}
        }
    }
}

/// A name up to the next dot or bracket.
fn named(text: &str) -> (&str, &str) {
    text.split_at(text.find(['.', '[']).unwrap_or(text.len()))
}

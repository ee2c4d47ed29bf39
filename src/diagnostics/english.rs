//! Counts, lists, and "did you mean": the small change of sentences.

/// "1 dialog", "2 dialogs".
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {}", plural(noun)),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// "`a`, `b` or `c`"; `last` is the word before the last one.
pub fn list<S: AsRef<str>>(words: impl IntoIterator<Item = S>, last: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// The known word that was most likely meant, if one is near: at most a third of its letters differ, or one
/// of the two begins with the other.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let letters = wanted.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let name = candidate.to_lowercase();
        let length = name.chars().count();
        if letters.abs_diff(length) > letters.max(length) / 2 {
            continue;
        }
        let distance = if name == wanted { 0 } else { edits(&wanted, &name) };
        let near = distance <= letters.max(length).div_ceil(3).min(4) && distance < letters.max(length);
        let prefix = letters >= 3 && length >= 3 && (name.starts_with(&wanted) || wanted.starts_with(&name));
        if (near || prefix) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", if something is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|name| format!("did you mean `{name}`?"))
}

/// How many letters must be added, dropped, changed or swapped with their neighbour to get from one to the other.
pub fn edits(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(64).collect(), other.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let changed = usize::from(one[i - 1] != other[j - 1]);
            let mut least = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lists_and_guesses() {
        assert_eq!(count(1, "dialog"), "1 dialog");
        assert_eq!(count(2, "reply"), "2 replies");
        assert_eq!(count(0, "match"), "0 matches");
        assert_eq!(list(["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(nearest("otherwize", ["when", "otherwise", "retry"]), Some("otherwise"));
        assert_eq!(nearest("Track Ordr", ["Track Order", "Welcome"]), Some("Track Order"));
        assert_eq!(nearest("sya", ["say", "set"]), Some("say"));
        assert_eq!(nearest("xyz", ["say", "set"]), None);
    }
}

//! Slips with the parts of a line: a name, a type, a unit, an `=` that is missing, or a second statement.

use crate::diagnostics::{Finding, Slug, english};
use crate::language::parse::Context;
use crate::language::slips::Slip;
use crate::language::slips::first_word::words_of;
use crate::language::slips::letters::{indent_of, outside_quotes, shortened, without_comment, word_length};
use crate::language::words;

pub(super) fn missing_name(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if !matches!(word, "ask" | "choose") {
        return None;
    }
    let rest = line[word.len()..].trim_start();
    let meant = format!("{word} answer {rest}");
    (rest.starts_with('"') && slip.reads(&meant)).then(|| {
        slip.find(Slug::MissingName, 0..word.len(), format!("this `{word}` has no name for its answer"))
            .label("a name belongs behind this word")
            .help(format!("write `{}`, with a name of your choice; it keeps the answer, and `-> name` leads back to the question", shortened(&meant)))
    })
}

/// `var order_no`, without a type.
pub(super) fn missing_type(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if !matches!(word, "var" | "remember") {
        return None;
    }
    let rest = line[word.len()..].trim_start();
    let name = &rest[..word_length(rest)];
    let end = line.len() - rest.len() + name.len();
    let value = line[end..].trim_start().trim_start_matches('=').trim_start();
    let kind = match value.chars().next() {
        Some('0'..='9' | '-') => "number",
        Some('t' | 'f') if value.starts_with("true") || value.starts_with("false") => "flag",
        Some('[') => "list",
        Some('{') => "json",
        _ => "text",
    };
    let meant = format!("{} {kind}{}", &line[..end], &line[end..]);
    (!name.is_empty() && slip.reads(&meant)).then(|| {
        slip.find(Slug::UnknownType, end - name.len()..end, format!("the variable `{name}` has no type"))
            .help(format!(
                "write `{}`; the types are {}, or an entity's name",
                shortened(&meant),
                english::list(words::TYPES, "and")
            ))
    })
}

/// `integration "X" {`, without its kind.
pub(super) fn missing_kind(slip: &Slip<'_>) -> Option<Finding> {
    let code = without_comment(slip.line());
    let meant = format!("{code} api");
    (slip.block && slip.first_word() == "integration" && slip.reads(&meant)).then(|| {
        slip.find(Slug::UnknownKind, 0..code.len(), "this integration has no kind")
            .label("its kind belongs behind its name")
            .help(format!(
                "write `{} {{` for a call over the web; the kinds are {}",
                shortened(&meant),
                english::list(words::KINDS, "and")
            ))
    })
}

/// `set x "new"`, `set x to "new"`, `x = "new"`
pub(super) fn missing_equals(slip: &Slip<'_>) -> Option<Finding> {
    let (line, word) = (slip.line(), slip.first_word());
    if slip.context != Context::Steps || slip.block {
        return None;
    }
    if word != "set" {
        let meant = format!("set {line}");
        let assigns = outside_quotes(line).any(|(_, letter)| letter == '=') && slip.reads(&meant);
        return assigns.then(|| {
            slip.find(Slug::UnknownWord, 0..word.len().max(1), "a value is kept with `set`")
                .help(format!("write `{}`", shortened(&meant)))
                .fix("write `set`", vec![(slip.place(0..0), "set ".to_string())])
        });
    }
    let rest = line[3..].trim_start();
    let name = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')))?;
    let from = line.len() - rest.len() + name;
    let rest = line[from..].trim_start();
    let value =
        ["==", ":=", "to ", "="].iter().find_map(|sign| rest.strip_prefix(sign)).unwrap_or(rest).trim_start();
    let to = line.len() - value.len();
    let meant = format!("{} = {value}", &line[..from]);
    let place = if from < to { from..to } else { to..line.len() };
    slip.reads(&meant).then(|| {
        slip.find(Slug::UnreadableLine, place, "between a name and its value stands `=`")
            .help(format!("write `{}`", shortened(&meant)))
            .fix("write `=`", vec![(slip.place(from..to), " = ".to_string())])
    })
}

pub(super) fn missing_unit(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    for (at, _) in
        outside_quotes(line).filter(|(at, letter)| letter.is_ascii_digit() && line[..*at].ends_with(' '))
    {
        let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
        let rest = &line[at + digits..];
        let gap = rest.len() - rest.trim_start().len();
        let unit_word = &rest[gap..][..word_length(&rest[gap..])];
        let unit = match unit_word.to_lowercase().as_str() {
            "second" | "seconds" | "sec" | "secs" => Some("s"),
            "minute" | "minutes" | "min" | "mins" => Some("m"),
            "hour" | "hours" | "hr" | "hrs" => Some("h"),
            "day" | "days" => Some("d"),
            "millisecond" | "milliseconds" | "msec" => Some("ms"),
            lower if words::UNITS.contains(&lower) && (gap > 0 || lower != unit_word) => {
                words::UNITS.iter().find(|unit| **unit == lower).copied()
            }
            _ => None,
        };
        let number = &line[at..at + digits];
        if let Some(unit) = unit {
            let end = at + digits + gap + unit_word.len();
            let meant = format!("{}{unit}{}", &line[..at + digits], &line[end..]);
            if slip.reads(&meant) {
                return Some(
                    slip.find(Slug::MissingUnit, at..end, format!("a time is written `{number}{unit}`"))
                        .help("the units are `ms`, `s`, `m`, `h` and `d`, right behind the number")
                        .fix(
                            format!("write `{number}{unit}`"),
                            vec![(slip.place(at + digits..end), unit.to_string())],
                        ),
                );
            }
        }
        let meant = format!("{}s{}", &line[..at + digits], rest);
        if slip.reads(&meant) {
            return Some(
                slip.find(Slug::MissingUnit, at..at + digits, format!("{number} what? a time needs its unit"))
                    .help(format!("write `{number}s` for seconds or `{number}m` for minutes; `ms`, `h` and `d` are there too")),
            );
        }
    }
    None
}

/// `order number: ask …`
pub(super) fn name_of_several_words(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    let (colon, _) = outside_quotes(line).find(|(_, letter)| *letter == ':')?;
    let name = line[..colon].trim_end();
    let meant = format!("{}{}", name.replace([' ', '-'], "_"), &line[colon..]);
    (name.contains([' ', '-']) && slip.reads(&meant)).then(|| {
        slip.find(
            Slug::UnreadableLine,
            0..name.len(),
            format!("`{}` is no name for a step: a name is one word", shortened(name)),
        )
        .help(format!("write `{}`", shortened(&meant)))
        .fix("make it one word", vec![(slip.place(0..name.len()), name.replace([' ', '-'], "_"))])
    })
}

pub(super) fn several_on_a_line(slip: &Slip<'_>) -> Option<Finding> {
    let line = slip.line();
    for (at, letter) in outside_quotes(line) {
        let mark = matches!(letter, ';' | ',');
        if !mark && !line[..at].ends_with(' ') {
            continue;
        }
        let (one, other) = (line[..at].trim_end(), line[at + usize::from(mark)..].trim_start());
        if one.is_empty() || other.is_empty() || !slip.trials.reads(one, slip.context) || !slip.reads(other) {
            continue;
        }
        // Two words of an expression read as two statements only if the second begins like one.
        if !words_of(slip.context).contains(&&other[..word_length(other)])
            && !other.starts_with("->")
            && !other.starts_with('"')
        {
            continue;
        }
        let indent = indent_of(slip.source, slip.span.start as usize);
        let start = line.len() - other.len();
        return Some(
            slip.find(
                Slug::SeveralOnALine,
                start..line.len(),
                format!("`{}` belongs on a line of its own", shortened(other)),
            )
            .help("one statement a line")
            .fix("break the line", vec![(slip.place(one.len()..start), format!("\n{indent}"))]),
        );
    }
    None
}

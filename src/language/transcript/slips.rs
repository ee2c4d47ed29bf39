//! Why a line of a transcript could not be read, told to its author.
//!
//! The method is that of dialogs: change the line the way its author may have meant it, and see whether the grammar
//! takes it then. What it takes is offered as a fix.

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::slips::quote_places;
pub(super) use crate::language::slips::shortened;
use crate::language::transcript::parse::reads;
use crate::language::words;

/// Lines longer than this are not searched for slips, only reported.
const SEARCHED_BYTES_MAX: usize = 2_000;

/// A line that could not be read, without white space at its ends.
struct Slip<'a> {
    line: &'a str,
    span: Span,
    file: FileId,
    in_scene: bool,
}

/// What is wrong with a line.
pub(super) fn explain(line: &str, span: Span, file: FileId, in_scene: bool) -> Finding {
    let slip = Slip { line, span, file, in_scene };
    const SEARCHES: &[fn(&Slip<'_>) -> Option<Finding>] = &[
        odd_space,
        curly_quotes,
        lone_row,
        capital_word,
        needless_colon,
        missing_colon,
        unclosed_text,
        missing_quotes,
        known_word,
        unknown_word,
    ];
    let searched = line.len() <= SEARCHED_BYTES_MAX;
    let finding = searched.then(|| SEARCHES.iter().find_map(|search| search(&slip))).flatten();
    finding.unwrap_or_else(|| {
        slip.find(Slug::UnreadableLine, 0..line.len(), "I can't read this line").help(slip.known_words())
    })
}

/// Whether a line that could not be read was meant to begin a test: then what follows belongs to it.
pub(super) fn begins_scene(line: &str) -> bool {
    let (word, rest) = line.split_at(word_length(line));
    let word = word.to_lowercase();
    let quoted = rest.contains(['"', '“', '”', '„', '\'']);
    words::SCENES.contains(&word.as_str())
        || quoted && english::nearest(&word, words::SCENES.iter().copied()).is_some()
}

/// The word that a line of a text begins with but for one letter, if it would be a line of its own with that word.
pub(super) fn almost(line: &str) -> Option<&'static str> {
    let word = &line[..word_length(line)];
    if !(3..=8).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let rest = &line[word.len()..];
    let known = if rest.starts_with(':') { words::LABELS } else { words::CUES };
    let near = known.iter().find(|known| english::edits(word, known) == 1)?;
    // Most sentences do not go on as such a line would: `within days` is no `within 2d`.
    (rest.starts_with(':') || reads(&format!("{near}{rest}"))).then_some(*near)
}

impl Slip<'_> {
    fn find(&self, slug: Slug, at: std::ops::Range<usize>, message: impl Into<String>) -> Finding {
        Finding::new(slug, self.file, self.place(at), message)
    }

    /// A stretch of the line as a place in the file.
    fn place(&self, at: std::ops::Range<usize>) -> Span {
        let start = self.span.start as usize;
        Span::new(start + at.start, start + at.end)
    }

    /// The word the line begins with, with the mark of `bot?` and `bot!`.
    fn word(&self) -> &str {
        &self.line[..word_length(self.line)]
    }

    /// What a line may begin with here, in a sentence.
    fn known_words(&self) -> String {
        let (what, known) = match self.in_scene {
            true => ("a line of a test begins with", labelled(&[words::LABELS, words::CUES])),
            false => ("a line above the first test begins with", labelled(&[words::HEADER, words::SCENES])),
        };
        format!("{what} {}", english::list(known, "or"))
    }
}

/// The words as they are written, with their colons.
fn labelled(lists: &[&[&str]]) -> Vec<String> {
    let header = lists.contains(&words::HEADER);
    let written = |word: &&str| match !header && words::LABELS.contains(word) {
        true => format!("{word}:"),
        false => (*word).to_string(),
    };
    lists.iter().flat_map(|list| list.iter()).map(written).collect()
}

fn word_length(line: &str) -> usize {
    let end = line.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(line.len());
    end + usize::from(end > 0 && line[end..].starts_with(['?', '!']))
}

fn odd_space(slip: &Slip<'_>) -> Option<Finding> {
    let odd = |letter: char| letter.is_whitespace() && !matches!(letter, ' ' | '\t') || letter == '\u{feff}';
    let plain: String = slip.line.chars().map(|letter| if odd(letter) { ' ' } else { letter }).collect();
    let (first, letter) = slip.line.char_indices().find(|(_, letter)| odd(*letter))?;
    reads(&plain).then(|| {
        let edits = slip.line.char_indices().filter(|(_, letter)| odd(*letter));
        let edits =
            edits.map(|(at, letter)| (slip.place(at..at + letter.len_utf8()), " ".to_string())).collect();
        slip.find(
            Slug::NoBreakSpace,
            first..first + letter.len_utf8(),
            "here is a no-break space, and words stand apart by plain ones",
        )
        .help("type it anew; texts from word processors and web pages bring such spaces along")
        .fix("write plain spaces", edits)
    })
}

fn curly_quotes(slip: &Slip<'_>) -> Option<Finding> {
    let curly = |letter: char| matches!(letter, '“' | '”' | '„' | '‟' | '«' | '»' | '″');
    let (first, letter) = slip.line.char_indices().find(|(_, letter)| curly(*letter))?;
    let straight: String = slip.line.chars().map(|letter| if curly(letter) { '"' } else { letter }).collect();
    reads(&straight).then(|| {
        let places = slip.line.char_indices().filter(|(_, letter)| curly(*letter));
        let edits =
            places.map(|(at, letter)| (slip.place(at..at + letter.len_utf8()), "\"".to_string())).collect();
        slip.find(
            Slug::CurlyQuotes,
            first..first + letter.len_utf8(),
            "these are curly quotes, and a text stands in straight ones",
        )
        .label(format!("`{letter}` instead of `\"`"))
        .help("write `\"…\"`; word processors and phones turn straight quotes into curly ones by themselves")
        .fix("write straight quotes", edits)
    })
}

fn lone_row(slip: &Slip<'_>) -> Option<Finding> {
    slip.line.starts_with('|').then(|| {
        let finding = slip.find(Slug::UnreadableLine, 0..slip.line.len(), "this row belongs to no table");
        match slip.line.len() > 1 && !slip.line.ends_with('|') {
            true => finding.help("a row begins and ends with a bar: `| Munich | MUC |`"),
            false => finding.help("rows stand directly below the names of their columns: `each city, code`"),
        }
    })
}

fn capital_word(slip: &Slip<'_>) -> Option<Finding> {
    let word = slip.word();
    let lower = word.to_lowercase();
    let meant = format!("{lower}{}", &slip.line[word.len()..]);
    (lower != word && reads(&meant)).then(|| {
        slip.find(Slug::CapitalWord, 0..word.len(), format!("the word is `{lower}`, in small letters"))
            .help(format!("write `{lower}`; capitals count everywhere but in what visitors type"))
            .fix("write it in small letters", vec![(slip.place(0..word.len()), lower.clone())])
    })
}

fn needless_colon(slip: &Slip<'_>) -> Option<Finding> {
    let word = slip.word();
    let rest = slip.line[word.len()..].strip_prefix(':')?;
    let space = if rest.starts_with([' ', '\t']) { "" } else { " " };
    let colon = word.len()..word.len() + 1;
    (!words::LABELS.contains(&word) && reads(&format!("{word}{space}{rest}"))).then(|| {
        slip.find(Slug::NeedlessColon, colon.clone(), format!("there is no colon behind `{word}`"))
            .help(format!("write `{word} {}`", shortened(rest)))
            .fix("leave the colon out", vec![(slip.place(colon.clone()), space.to_string())])
    })
}

/// `user hello`, and `user : hello`.
fn missing_colon(slip: &Slip<'_>) -> Option<Finding> {
    let word = slip.word();
    if !words::LABELS.contains(&word) {
        return None;
    }
    let rest = &slip.line[word.len()..];
    let white = rest.len() - rest.trim_start().len();
    let (gap, message) = match rest.trim_start().strip_prefix(':') {
        Some(_) => (white + 1, format!("the colon stands directly behind `{word}`")),
        None => (0, format!("behind `{word}` a colon is missing")),
    };
    let meant = format!("{word}:{}", &rest[gap..]);
    reads(&meant).then(|| {
        let edit = (slip.place(word.len()..word.len() + gap), ":".to_string());
        slip.find(Slug::MissingColon, 0..word.len(), message)
            .help(format!("write `{}`", shortened(&meant)))
            .fix("put the colon", vec![edit])
    })
}

fn unclosed_text(slip: &Slip<'_>) -> Option<Finding> {
    let quotes = quote_places(slip.line);
    if quotes.len().is_multiple_of(2) {
        return None;
    }
    let open = *quotes.last()?;
    let before_tag = slip.line[open..].find(" @").map(|at| open + at);
    before_tag.into_iter().chain([slip.line.len()]).find_map(|close| {
        let meant = format!("{}\"{}", &slip.line[..close], &slip.line[close..]);
        reads(&meant).then(|| {
            slip.find(Slug::UnclosedText, open..close, "this text has no closing quote")
                .label("it begins here")
                .help(format!("write `{}`", shortened(&meant)))
                .fix("close it", vec![(slip.place(close..close), "\"".to_string())])
        })
    })
}

/// `test Order has shipped`, `expect dialog Welcome`
fn missing_quotes(slip: &Slip<'_>) -> Option<Finding> {
    const BEFORE: &[&str] = &["test", "opening", "goto:", "goto", "expect dialog", "expect call"];
    let words = BEFORE
        .iter()
        .find(|words| slip.line.strip_prefix(**words).is_some_and(|rest| rest.starts_with([' ', '\t'])))?;
    let rest = &slip.line[words.len()..];
    let start = words.len() + (rest.len() - rest.trim_start().len());
    let ends = [" @", " success", " failure"];
    let ends = ends.iter().filter_map(|end| slip.line[start..].find(end).map(|at| start + at));
    ends.chain([slip.line.len()]).find_map(|end| {
        let text = &slip.line[start..end];
        let bare = text.trim_matches('\'');
        let meant = format!("{}\"{bare}\"{}", &slip.line[..start], &slip.line[end..]);
        (!text.contains('"') && reads(&meant)).then(|| {
            slip.find(
                Slug::MissingQuotes,
                start..end,
                format!("`{}` is a name, and a name stands in quotes", shortened(bare)),
            )
            .help(format!("write `{}`", shortened(&meant)))
            .fix("put quotes", vec![(slip.place(start..end), format!("\"{bare}\""))])
        })
    })
}

/// A word of the language, and something behind it that it cannot have.
fn known_word(slip: &Slip<'_>) -> Option<Finding> {
    const SHAPES: &[(&str, &str)] = &[
        ("test", "a name in quotes, and tags: `test \"Order has shipped\" @smoke @skip(not yet)`"),
        ("opening", "a name in quotes: `opening \"Greeting\"`"),
        ("bot", "the folder of a bot, or `{` at the end of the line: `bot acme`"),
        ("env", "an environment: `env demo`"),
        ("clock", "a moment: `clock 2026-11-20T09:00:00Z`"),
        ("channel", "a channel: `channel web`"),
        ("locale", "a language: `locale de-DE`"),
        ("given", "a name and its value: `given visitor.name = Dana`"),
        (
            "stub",
            "which calls, and what they get: `stub GET */v1/orders/* -> 200 {…}`, `stub \"Order Lookup\" -> timeout`",
        ),
        ("include", "an opening in quotes, or a file above the first test: `include \"Greeting\"`"),
        (
            "each",
            "a name and its values: `each bad = 999 | A-12`; or several names, and rows below them: `each city, code`",
        ),
        (
            "expect",
            "one of `dialog \"…\"`, `matched …`, `var …`, `env …`, `call \"…\" success`, `no more`, `coverage …`",
        ),
        ("wait", "a time: `wait: 3m`"),
        ("within", "a time: `within 2s`"),
        ("begin", "nothing: `begin:`"),
        ("goto", "a dialog in quotes: `goto: \"Track Order\"`"),
        ("card", "JSON: `card: {\"title\": \"*\"}`"),
        ("happens", "an event: `happens: file received {\"name\": \"invoice.pdf\"}`"),
        ("answer", "what the call gets: `answer: success {…}`, `answer: failure busy`"),
    ];
    let word = slip.word();
    let (_, shape) = SHAPES.iter().find(|(known, _)| *known == word)?;
    let rest = slip.line[word.len()..].trim_start_matches([':', ' ', '\t']);
    let at = slip.line.len() - rest.len();
    if word == "expect" {
        let second = &rest[..word_length(rest)];
        if let Some(near) =
            english::nearest(second, words::EXPECTED.iter().copied()).filter(|near| *near != second)
        {
            let finding = slip
                .find(
                    Slug::UnknownWord,
                    at..at + second.len(),
                    format!("I don't know what to expect of `{second}`"),
                )
                .help(format!("did you mean `{near}`?"));
            let meant = format!("{}{near}{}", &slip.line[..at], &rest[second.len()..]);
            return Some(match reads(&meant) {
                true => finding.fix(
                    format!("write `{near}`"),
                    vec![(slip.place(at..at + second.len()), near.to_string())],
                ),
                false => finding,
            });
        }
    }
    let message = match rest.is_empty() {
        true => format!("behind `{word}` something is missing"),
        false => format!("behind `{word}` I can't read `{}`", shortened(rest)),
    };
    let place = if rest.is_empty() { 0..slip.line.len() } else { at..slip.line.len() };
    Some(slip.find(Slug::UnreadableLine, place, message).help(format!("behind `{word}` stands {shape}")))
}

fn unknown_word(slip: &Slip<'_>) -> Option<Finding> {
    let word = slip.word();
    if word.is_empty() {
        return None;
    }
    let lists: &[&[&str]] = match slip.in_scene {
        true => &[words::LABELS, words::CUES, words::SCENES],
        false => &[words::HEADER, words::SCENES],
    };
    let finding =
        slip.find(Slug::UnknownWord, 0..word.len(), format!("I don't know the word `{}`", shortened(word)));
    let rest = &slip.line[word.len()..];
    let colon = rest.starts_with(':');
    // With a colon behind it, a label is likelier than a word without one.
    let known = lists.iter().flat_map(|list| list.iter().copied());
    let alike: Vec<&str> =
        known.filter(|known| !slip.in_scene || words::LABELS.contains(known) == colon).collect();
    let Some(near) = meant_by(word, slip.in_scene).or_else(|| english::nearest(word, alike)) else {
        return Some(finding.help(slip.known_words()));
    };
    let meant = format!("{near}{rest}");
    let written = if colon { format!("{near}:") } else { near.to_string() };
    let finding = finding.help(format!("did you mean `{written}`?"));
    Some(match reads(&meant) {
        true => {
            finding.fix(format!("write `{written}`"), vec![(slip.place(0..word.len()), near.to_string())])
        }
        false => finding,
    })
}

/// What other tools call the same thing.
fn meant_by(word: &str, in_scene: bool) -> Option<&'static str> {
    in_scene.then_some(())?;
    Some(match word.to_lowercase().as_str() {
        "me" | "visitor" | "human" | "customer" | "consumer" | "you" => "user",
        "assistant" | "say" | "says" | "reply" => "bot",
        "buttons" | "options" => "choices",
        "operator" => "agent",
        "pause" | "sleep" => "wait",
        _ => return None,
    })
}

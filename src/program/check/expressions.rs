//! Conditions, values and the holes in texts: can they be read, and which names do they use?

use std::ops::Range;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::place_in_text;
use crate::language::syntax::{Argument, IntegrationLine, MatcherKind, Text};
use crate::language::words;
use crate::program::expression::{self, Reading, Trouble};
use crate::program::facts::{Facts, Use, What};
use crate::program::formula::{Formula, Template};
use crate::program::survey::{ExprRole, Home, Survey, TextRole};

/// Reads every expression and template of a file, and notes the names it uses.
pub(in crate::program) fn read(survey: &Survey<'_>, source: &str, file: FileId, facts: &mut Facts) {
    let mut check = Check { source, file, facts };
    for at in &survey.exprs {
        let start = at.expr.span.start as usize;
        let place = |range: Range<usize>| Span::new(start + range.start, start + range.end);
        if at.expr.source.len() > expression::EXPRESSION_BYTES_MAX {
            check.too_large(
                at.expr.span,
                "expression",
                at.expr.source.len(),
                expression::EXPRESSION_BYTES_MAX,
            );
            continue;
        }
        if at.role == ExprRole::Condition
            && let Some(condition) = at.expr.source.strip_suffix("then").filter(|rest| rest.ends_with(' '))
        {
            let (condition, end) = (condition.trim_end(), at.expr.source.len());
            let finding = check
                .find(
                    Slug::UnusableExpression,
                    place(end - "then".len()..end),
                    "a condition needs no `then`".to_string(),
                )
                .help(format!("the `{{` at the end of the line is enough: `{condition} {{`"))
                .fix("take it out", vec![(place(condition.len()..end), String::new())]);
            check.facts.findings.push(finding);
            continue;
        }
        match expression::read_expression(&at.expr.source) {
            Ok(reading) => {
                // What `save` keeps is a variable, which the bot can say.
                if matches!(at.home, Home::Integration(_)) {
                    check.saved_secrets(&reading, place);
                }
                let (found, used) = (check.facts.findings.len(), check.facts.uses.len());
                check.reading(reading, at.home, false, place);
                // What reads may still not work out: a filter with too many arguments, say.
                if check.facts.findings.len() == found
                    && let Err(trouble) = Formula::read(&at.expr.source)
                {
                    check.facts.uses.truncate(used);
                    check.comes_to_nothing(trouble, place);
                }
            }
            Err(trouble) => match at.expr.source.get(trouble.range.start..) {
                Some(rest) if rest.starts_with(';') || rest.trim() == "," => {
                    let finding = check.behind_mark(rest, place(trouble.range.start..at.expr.source.len()));
                    check.facts.findings.push(finding);
                }
                _ => check.unusable(&at.expr.source, trouble, at.role, place),
            },
        }
    }
    for at in survey.texts.iter().filter(|at| expression::has_holes(&at.text.value)) {
        check.template(at.text, at.role, at.home);
    }
    for at in &survey.sets {
        let fixed = at.value.and_then(|value| {
            let reading = expression::read_expression(&value.source).ok()?;
            Some((reading.constant?, value.span))
        });
        let root = at.path.text.split('.').next().unwrap_or("");
        let whole = root.len() == at.path.text.len();
        let span = Span::new(at.path.span.start as usize, at.path.span.start as usize + root.len());
        check.use_of(What::Set(fixed.filter(|_| whole)), root, span, at.home);
    }
    for (_, list, dialog) in &survey.loops {
        let root = list.text.split('.').next().unwrap_or("");
        let span = Span::new(list.span.start as usize, list.span.start as usize + root.len());
        check.use_of(What::Read { log: false }, root, span, Home::Dialog(*dialog));
    }
    check.other_names(survey);
}

struct Check<'a> {
    source: &'a str,
    file: FileId,
    facts: &'a mut Facts,
}

impl Check<'_> {
    fn use_of(&mut self, what: What, name: &str, span: Span, home: Home) {
        self.facts.uses.push(Use { what, name: name.to_string(), span, home });
    }

    fn find(&mut self, slug: Slug, span: Span, message: String) -> Finding {
        Finding::new(slug, self.file, span, message)
    }

    fn too_large(&mut self, span: Span, what: &str, bytes: usize, limit: usize) {
        let finding = self
            .find(Slug::TooLarge, span, format!("this {what} has {bytes} bytes, and {limit} is the most"))
            .help("do part of it in a step before: `set x = …`");
        self.facts.findings.push(finding);
    }

    fn template(&mut self, text: &Text, role: TextRole, home: Home) {
        if text.value.len() > expression::TEMPLATE_BYTES_MAX {
            return self.too_large(text.span, "text", text.value.len(), expression::TEMPLATE_BYTES_MAX);
        }
        let source = self.source;
        let place = |range: Range<usize>| place_in_text(source, text, false, range);
        match expression::read_template(&text.value) {
            Ok(reading) => {
                let before = self.facts.findings.len();
                self.reading(reading, home, matches!(role, TextRole::LogDetail | TextRole::LogEvent), place);
                if self.facts.findings.len() == before
                    && let Err(trouble) = Template::read(&text.value)
                {
                    self.comes_to_nothing(trouble, place);
                }
            }
            // A `{{` that never ends has been told already, in words of its own.
            Err(_)
                if self.facts.findings.iter().any(|other| {
                    other.slug == Slug::UnclosedHole && text.span.contains(other.place.span.start as usize)
                }) => {}
            Err(trouble) => self.unusable(&text.value, trouble, ExprRole::Value, place),
        }
    }

    /// It reads, but can never be worked out.
    fn comes_to_nothing(&mut self, trouble: Trouble, place: impl Fn(Range<usize>) -> Span) {
        let finding = self
            .find(Slug::UnusableExpression, place(trouble.range), trouble.message)
            .help("`parlor explain unusable-expression` says what an expression is made of; the manual shows every filter with an example");
        self.facts.findings.push(finding);
    }

    fn unusable(
        &mut self,
        source: &str,
        trouble: Trouble,
        role: ExprRole,
        place: impl Fn(Range<usize>) -> Span,
    ) {
        if role == ExprRole::Condition
            && let Some(at) = single_equals(source)
        {
            let finding = self
                .find(Slug::SingleEquals, place(at..at + 1), "one `=` keeps a value, two compare".to_string())
                .help(format!("write `{} == {}`", source[..at].trim_end(), source[at + 1..].trim_start()))
                .fix("write `==`", vec![(place(at..at + 1), "==".to_string())]);
            return self.facts.findings.push(finding);
        }
        let shown = source.get(trouble.range.clone()).unwrap_or("").trim();
        let signs = signs(source, trouble.range.start);
        let message = why(shown, &trouble.message);
        let unclosed = [("if", "endif"), ("for", "endfor")].iter().find(|(open, close)| {
            let tags = |word: &str| source.matches(&format!("{{% {word} ")).count();
            trouble.message.contains("end of input") && tags(open) > tags(close)
        });
        const ELSEWHERE: &[(&str, &str)] = &[
            (" equals ", "=="),
            ("&&", "and"),
            ("||", "or"),
            ("===", "=="),
            ("<>", "!="),
            ("!", "not"),
            ("?", "'a' if x else 'b'"),
        ];
        let help = ELSEWHERE
            .iter()
            .find(|(sign, _)| signs.contains(sign) && !(*sign == "!" && signs.contains("!=")))
            .map(|(sign, word)| format!("write `{word}` instead of `{}`", sign.trim()))
            .or_else(|| (shown == "then").then(|| "take it out: the condition ends with the `{`".to_string()))
            .unwrap_or_else(|| "an expression is made of names, 'texts', numbers, `+ - * / ~`, `== != < >`, `and or not`, `x is …` and `x | filter`".to_string());
        let (message, help, range) = match unclosed {
            Some((open, close)) => (
                format!("`{{% {open} … %}}` is never closed"),
                format!("write `{{% {close} %}}` where its text ends"),
                source
                    .rfind(&format!("{{% {open} "))
                    .map_or(trouble.range, |at| at..at + "{% ".len() + open.len()),
            ),
            None => (message, help, trouble.range),
        };
        let finding = self.find(Slug::UnusableExpression, place(range), message).help(help);
        self.facts.findings.push(finding);
    }

    /// A comma or semicolon behind an expression, with or without another statement behind it.
    fn behind_mark(&mut self, rest: &str, span: Span) -> Finding {
        let start = span.start as usize;
        match rest[1..].trim() {
            "" => self
                .find(
                    Slug::TrailingMark,
                    Span::new(start, start + 1),
                    format!("a line needs no `{}` at its end", &rest[..1]),
                )
                .help("one statement a line; the end of the line ends it")
                .fix("take it out", vec![(Span::new(start, start + 1), String::new())]),
            other => {
                let at = start + rest.find(other).unwrap_or(1);
                self.find(
                    Slug::SeveralOnALine,
                    Span::new(at, at + other.len()),
                    format!("`{}` belongs on a line of its own", short(other)),
                )
                .help("one statement a line")
            }
        }
    }

    fn reading(&mut self, reading: Reading, home: Home, log: bool, place: impl Fn(Range<usize>) -> Span) {
        for (name, range) in reading.filters {
            if !expression::FILTERS.contains(&name.as_str()) {
                let finding = self
                    .find(Slug::UnknownFilter, place(range.clone()), format!("there is no filter `{name}`"))
                    .help("`parlor explain unknown-filter` lists them all");
                let finding =
                    with_spelling(finding, &name, expression::FILTERS, FILTERS_ELSEWHERE, place(range));
                self.facts.findings.push(finding);
            }
        }
        for (name, range) in reading.tests {
            if !expression::TESTS.contains(&name.as_str()) {
                let finding = self
                    .find(Slug::UnknownTest, place(range.clone()), format!("there is no test `is {name}`"))
                    .help("`parlor explain unknown-test` lists them all");
                let finding = with_spelling(finding, &name, expression::TESTS, TESTS_ELSEWHERE, place(range));
                self.facts.findings.push(finding);
            }
        }
        for (name, range) in reading.functions {
            let help = match expression::FILTERS.contains(&name.as_str()) {
                true => format!("`{name}` is a filter: write `x | {name}`"),
                false => format!(
                    "the only functions are {}; a filter is applied with `x | filter`",
                    english::list(expression::FUNCTIONS, "and")
                ),
            };
            let finding = self
                .find(Slug::UnusableExpression, place(range), format!("`{name}` cannot be called"))
                .help(help);
            self.facts.findings.push(finding);
        }
        for (tag, range) in reading.tags {
            let finding = self
                .find(
                    Slug::UnusableExpression,
                    place(range),
                    format!("a text knows `{{% if %}}` and `{{% for %}}`, but not `{{% {tag} %}}`"),
                )
                .help("give the variable its value in a step before: `set x = …`");
            self.facts.findings.push(finding);
        }
        for (name, range) in reading.hours {
            self.use_of(What::Hours, &name, place(range), home);
        }
        self.facts.hours_by_value |= reading.hours_by_value;
        for used in reading.names {
            self.name(&used.root, used.member.as_deref(), place(used.range), home, log && !used.asked);
        }
    }

    fn saved_secrets(&mut self, reading: &Reading, place: impl Fn(Range<usize>) -> Span) {
        for used in reading.names.iter().filter(|used| used.root == "secret") {
            let name = used.member.as_deref().unwrap_or("NAME");
            let finding = self
                .find(
                    Slug::SecretInSpeech,
                    place(used.range.clone()),
                    format!("`secret.{name}` would be kept in a variable, which the bot can say"),
                )
                .help("secrets are for the addresses, headers and bodies of integrations, and nowhere else");
            self.facts.findings.push(finding);
        }
    }

    fn name(&mut self, root: &str, member: Option<&str>, span: Span, home: Home, log: bool) {
        match (root, member) {
            ("secret", _) if !matches!(home, Home::Integration(_)) => {
                let name = member.unwrap_or("NAME");
                let finding = self
                    .find(Slug::SecretInSpeech, span, format!("`secret.{name}` would leave the bot here"))
                    .help(
                        "secrets are for the addresses, headers and bodies of integrations, and nowhere else",
                    );
                self.facts.findings.push(finding);
            }
            ("secret", Some(name)) => self.use_of(What::Secret, name, span, home),
            ("env", Some(name)) => self.use_of(What::Env, name, span, home),
            ("hours", Some(name)) => self.use_of(What::Hours, name, span, home),
            ("visitor", Some("name" | "email" | "phone" | "address" | "first_name" | "last_name")) if log => {
                let whole = format!("visitor.{}", member.unwrap_or(""));
                let finding = self
                    .find(Slug::PersonalDataInLog, span, format!("`{whole}` is personal data, and a log keeps it"))
                    .help("log what happened and not to whom; the conversation's id is in every log line anyway");
                self.facts.findings.push(finding);
            }
            (root, _) if words::GIVEN.contains(&root) => {}
            (root, _) => self.use_of(
                What::Read { log },
                root,
                Span::new(span.start as usize, span.start as usize + root.len()),
                home,
            ),
        }
    }

    /// Names that stand outside of expressions.
    fn other_names(&mut self, survey: &Survey<'_>) {
        for at in &survey.matchers {
            match &at.matcher.kind {
                MatcherKind::Phrases(name) => self.use_of(What::Phrases, &name.value, name.span, at.home),
                MatcherKind::Intent(name) => self.use_of(What::Intent, &name.value, name.span, at.home),
                _ => {}
            }
        }
        for (call, dialog) in &survey.calls {
            self.use_of(
                What::Integration,
                &call.integration.value,
                call.integration.span,
                Home::Dialog(*dialog),
            );
        }
        for (var, home) in &survey.vars {
            self.type_of(&var.kind.name, var.kind.span, *home);
        }
        for question in &survey.questions {
            let home = Home::Dialog(question.dialog);
            if let Some(kind) = question.ask.and_then(|ask| ask.kind.as_ref()) {
                self.type_of(&kind.name, kind.span, home);
            }
            if let Some(name) = question.name {
                self.use_of(What::Set(None), &name.text, name.span, home);
            }
        }
        let skill =
            |text: &Text| (!expression::has_holes(&text.value)).then(|| (text.value.clone(), text.span));
        for (transfer, dialog) in survey.transfers.iter().filter(|(transfer, _)| transfer.to.text == "skill")
        {
            if let Some((name, span)) = skill(&transfer.target) {
                self.use_of(What::Skill, &name, span, Home::Dialog(*dialog));
            }
        }
        for (number, (integration, _)) in survey.integrations.iter().enumerate() {
            for line in integration.block.items() {
                if let IntegrationLine::Field(field) = line
                    && field.name.text == "skill"
                    && let Some(Argument::Text(text)) = field.values.first()
                    && let Some((name, span)) = skill(text)
                {
                    self.use_of(What::Skill, &name, span, Home::Integration(number));
                }
            }
        }
    }

    fn type_of(&mut self, name: &str, span: Span, home: Home) {
        if !words::TYPES.contains(&name) {
            self.use_of(What::Entity, name, span, home);
        }
    }
}

/// The expression around a place, without the texts in it: of a text with holes the hole alone.
fn signs(source: &str, at: usize) -> String {
    let at = (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let begin = source[..at].rfind("{{").max(source[..at].rfind("{%")).map_or(0, |at| at + 2);
    let end =
        source[at..].find("}}").or_else(|| source[at..].find("%}")).map_or(source.len(), |end| at + end);
    let mut quote = None;
    let outside = |letter: &char| match quote {
        Some(open) => {
            if open == *letter {
                quote = None;
            }
            false
        }
        None if matches!(letter, '\'' | '"') => {
            quote = Some(*letter);
            false
        }
        None => true,
    };
    source[begin..end].chars().filter(outside).collect()
}

/// What minijinja says, in words for people.
fn why(shown: &str, words: &str) -> String {
    let (found, wanted) = words.split_once(", expected ").unwrap_or((words, ""));
    let found = found.trim_start_matches("unexpected ");
    if matches!(shown, "" | "}}" | "%}") || found.starts_with("end of") {
        return match wanted {
            "`,`" => "this ends too early: a `]`, `)` or `}` is missing".to_string(),
            _ if wanted.starts_with('`') => format!("this ends too early: {wanted} is missing"),
            _ => "this ends too early: something is missing".to_string(),
        };
    }
    if let Some(tag) = words.strip_prefix("unknown statement ") {
        return match tag.trim_matches('`') {
            tag @ ("endif" | "endfor" | "else" | "elif") => format!("`{tag}` belongs to no `{{%` before it"),
            tag => format!("a text knows `{{% if %}}` and `{{% for %}}`, but not `{{% {tag} %}}`"),
        };
    }
    let why = match wanted {
        _ if words.starts_with("unexpected character") => "this sign means nothing here",
        "`)`" | "`]`" => {
            return format!("I can't read this from `{}` on: {wanted} is missing before it", short(shown));
        }
        _ => "a sign is missing before it, or too many stand there",
    };
    format!("I can't read this from `{}` on: {why}", short(shown))
}

/// What filters are called elsewhere, and here.
const FILTERS_ELSEWHERE: &[(&str, &str)] = &[
    ("size", "length"),
    ("len", "length"),
    ("strip", "trim"),
    ("downcase", "lower"),
    ("upcase", "upper"),
    ("lowercase", "lower"),
    ("uppercase", "upper"),
    ("number", "float"),
    ("integer", "int"),
    ("str", "string"),
    ("text", "string"),
    ("json", "tojson"),
    ("uniq", "unique"),
    ("escape_url", "urlencode"),
    ("url_encode", "urlencode"),
];

/// What tests are called elsewhere, and here.
const TESTS_ELSEWHERE: &[(&str, &str)] = &[
    ("null", "none"),
    ("nil", "none"),
    ("matching", "like"),
    ("set", "defined"),
    ("present", "defined"),
    ("text", "string"),
    ("list", "sequence"),
    ("starting", "startingwith"),
    ("ending", "endingwith"),
];

fn with_spelling(
    finding: Finding,
    name: &str,
    known: &[&str],
    elsewhere: &[(&str, &str)],
    span: Span,
) -> Finding {
    if name == "empty" || name == "blank" {
        return finding.help("write `not x`: it is so when there is nothing in `x`");
    }
    if name.starts_with("contain") {
        return finding.help("write `'text' in x`, or `x is like \"*text*\"`");
    }
    let lower = name.to_lowercase();
    let same = elsewhere.iter().find(|(other, _)| *other == lower).map(|(_, here)| *here);
    match same.or_else(|| english::nearest(name, known.iter().copied())) {
        Some(nearest) => finding
            .help(format!("did you mean `{nearest}`?"))
            .fix(format!("write `{nearest}`"), vec![(span, nearest.to_string())]),
        None => finding,
    }
}

/// Where one `=` stands alone in a condition.
fn single_equals(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(*byte),
            (None, b'=') => {
                let before = at.checked_sub(1).map(|at| bytes[at]);
                let after = bytes.get(at + 1);
                if !matches!(before, Some(b'=' | b'!' | b'<' | b'>')) && after != Some(&b'=') {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

//! From the sections of a Botium file to a test: what happens, what is asked of the bot, and the rows it is played with.

use crate::conversation::Span as Time;
use crate::diagnostics::english::did_you_mean;
use crate::diagnostics::{FileId, Finding, Slug, Span};
use crate::language::botium::syntax::{By, Convo, Hook, Memory as Table, Said, Section, Utterances};
use crate::language::botium::{SECTIONS_MAX, asserts};
use crate::language::transcript::ROWS_MAX;
use crate::language::transcript::syntax::Manner;
use crate::rehearsal::script::INCLUDES_MAX;
use crate::rehearsal::{At, Beat, Bindings, Expected, Label, Script, Test, What};

use super::ask::{Ask, Count, How, Of, Part, WILDCARDS_MAX, built};
use super::json_path::JsonPath;
use super::memory::is_brought;

/// The longest pause.
const BOTIUM_PAUSE_MS_MAX: u64 = 30 * 24 * 3_600_000;

/// What the bot says waits until a `#bot` section takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Where random numbers come from.
    pub seed: u64,
}

/// What happens in a conversation of Botium, and in no transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The visitor says this, with variables put in.
    Says(String),
    /// The visitor says what the column of the row has.
    SaysOneOf(String),
    /// The visitor chooses a button: its payload, and its text if that is written.
    Chooses(String, Option<String>),
    /// The visitor sends a file.
    Sends(String),
    /// A variable gets a value.
    Set(String, String),
    /// A variable is forgotten.
    Clear(String),
    /// A variable gets what the last message has there.
    Assign(String, String),
    /// Time passes until the bot says something, or this much has passed.
    Awaits(Time),
    /// What nobody took is forgotten.
    Skips,
}

/// The files beside a conversation that it may use.
#[derive(Default)]
pub struct Companions<'c> {
    /// Partial conversations, each with its file.
    pub partials: Vec<(FileId, &'c Convo)>,
    /// Lists of utterances.
    pub utterances: Vec<&'c Utterances>,
    /// Tables of variables.
    pub memories: Vec<&'c Table>,
}

/// The names of the partial conversations that a file includes.
pub fn partials_of(convo: &Convo) -> impl Iterator<Item = &str> {
    let hooks = convo.sections.iter().flat_map(|section| &section.hooks);
    hooks.filter(|hook| hook.name == "INCLUDE").flat_map(|hook| hook.args.iter().map(String::as_str))
}

/// Makes a script of a conversation. `name` is for those that have none.
pub fn script(convo: &Convo, name: &str, companions: &Companions<'_>, seed: u64) -> (Script, Vec<Finding>) {
    let mut maker = Maker {
        companions,
        findings: Vec::new(),
        beats: Vec::new(),
        columns: Vec::new(),
        used: Vec::new(),
        made: 0,
        over: false,
    };
    maker.sections(convo, FileId(0), 0);
    let rows = maker.rows(convo.span);
    let test = Test {
        name: if convo.name.is_empty() { name.to_string() } else { convo.name.clone() },
        at: At { file: FileId(0), span: convo.span },
        whole: convo.sections.last().map_or(convo.span, |last| convo.span.to(last.span)),
        tags: Vec::new(),
        rows,
        beats: maker.beats,
        queue: Some(Queue { seed }),
    };
    (Script { tests: vec![test], ..Script::default() }, maker.findings)
}

struct Maker<'c> {
    companions: &'c Companions<'c>,
    findings: Vec<Finding>,
    beats: Vec<Beat>,
    /// Messages that are lists: the name of the column, and the samples.
    columns: Vec<(String, &'c [String])>,
    /// Variables that are written somewhere.
    used: Vec<String>,
    /// How many sections there are by now, those of included files as often as they are included.
    made: usize,
    /// Whether files include each other without end: that is told once, and nothing is added any more.
    over: bool,
}

impl<'c> Maker<'c> {
    fn wrong(&mut self, slug: Slug, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::new(slug, at.file, at.span, message).help(help));
    }

    fn sections(&mut self, convo: &Convo, file: FileId, depth: usize) {
        for (number, section) in convo.sections.iter().enumerate() {
            if self.over {
                return;
            }
            self.made += 1;
            if self.made > SECTIONS_MAX {
                self.over = true;
                let at = At { file, span: section.head };
                let message = format!(
                    "this conversation has more than {SECTIONS_MAX} sections, with those it includes"
                );
                return self.wrong(Slug::TooLarge, at, message, "make several conversations of it");
            }
            // What is optional is passed over for the section below it: without one it has to be said.
            let another = convo.sections.get(number + 1).is_some_and(|next| next.by == By::Bot);
            self.section(section, another, file, depth);
        }
    }

    fn section(&mut self, section: &Section, another: bool, file: FileId, depth: usize) {
        let at = At { file, span: section.span };
        if section.by == By::Me {
            self.me(section, at);
        }
        for hook in section.hooks.iter().filter(|hook| hook.name == "WAITFORBOT") {
            self.act(hook, file);
        }
        if section.by == By::Bot {
            self.bot(section, another, at);
        }
        for hook in &section.hooks {
            if hook.name == "INCLUDE" {
                self.include(hook, file, depth);
            } else if hook.name != "WAITFORBOT" {
                self.act(hook, file);
            }
        }
    }

    fn beat(&mut self, what: What, at: Option<At>) {
        self.beats.push(Beat { what, at, stubs: Vec::new(), expected: Vec::new(), claims: Vec::new() });
    }

    fn me(&mut self, section: &Section, at: At) {
        if let Some(said) = &section.text {
            self.note(&said.text, At { span: said.span, ..at });
            let list = self
                .companions
                .utterances
                .iter()
                .find(|list| list.name == said.text && !list.samples.is_empty());
            let act = match list {
                Some(list) => {
                    let same = self.columns.iter().filter(|(name, _)| name.starts_with(&list.name)).count();
                    let number = if same == 0 { String::new() } else { format!(" {}", same + 1) };
                    let name = format!("{}{number}", list.name);
                    self.columns.push((name.clone(), &list.samples));
                    list.samples.iter().for_each(|sample| self.used.extend(names_in(sample)));
                    Act::SaysOneOf(name)
                }
                None => Act::Says(said.text.clone()),
            };
            self.beat(What::Botium(act), Some(at));
        }
        for hook in &section.hooks {
            let act = match (hook.name.as_str(), hook.args.as_slice()) {
                ("BUTTON", [payload, text @ ..]) => Act::Chooses(payload.clone(), text.first().cloned()),
                ("MEDIA", [uri, ..]) => Act::Sends(uri.clone()),
                ("BUTTON" | "MEDIA", []) => {
                    self.lacks::<()>(hook, at.file, "what is meant", "BUTTON payload|text");
                    continue;
                }
                _ => continue,
            };
            hook.args.iter().for_each(|arg| self.note(arg, At { span: hook.span, ..at }));
            self.beat(What::Botium(act), Some(at));
        }
    }

    fn bot(&mut self, section: &Section, another: bool, at: At) {
        let mut asks = Vec::new();
        let mut optional = false;
        let mut whole: Option<Span> = None;
        if let Some(said) = &section.text {
            optional |= said.optional;
            whole = Some(said.span);
            asks.extend(self.text(said, At { span: said.span, ..at }));
        }
        for hook in section.hooks.iter().filter(|hook| asserts(section.by, hook)) {
            optional |= hook.optional;
            whole = Some(whole.map_or(hook.span, |whole| {
                let (first, last) = (whole.start.min(hook.span.start), whole.end.max(hook.span.end));
                Span { start: first, end: last }
            }));
            asks.extend(self.ask(hook, at.file));
        }
        if self.beats.is_empty() {
            self.beat(What::Begin, None);
        }
        let expected = Expected {
            at: At { span: whole.unwrap_or(section.head), ..at },
            whole: at.span,
            label: Label::Bot,
            manner: if optional && another { Manner::May } else { Manner::Must },
            any_of: Vec::new(),
            below: None,
            choices: None,
            card: None,
            within: None,
            asks: Some(asks),
        };
        self.beats.last_mut().into_iter().for_each(|beat| beat.expected.push(expected.clone()));
    }

    fn text(&mut self, said: &Said, at: At) -> Option<Ask> {
        if said.text.is_empty() {
            return None;
        }
        let data = said.text.starts_with(['{', '[']).then(|| serde_json::from_str(&said.text).ok()).flatten();
        let of = match data {
            Some(data) => {
                self.used.extend(names_in(&said.text));
                Of::Data(data)
            }
            None => Of::Like(self.samples(&said.text, at)),
        };
        Some(Ask { at, name: String::new(), not: said.not, of })
    }

    /// A text, or the samples of the list with this name.
    fn samples(&mut self, text: &str, at: At) -> Vec<String> {
        let list =
            self.companions.utterances.iter().find(|list| list.name == text && !list.samples.is_empty());
        let texts = list.map_or_else(|| vec![text.to_string()], |list| list.samples.clone());
        texts.iter().for_each(|text| self.note(text, at));
        if texts.iter().any(|text| text.matches('*').count() > WILDCARDS_MAX) {
            let message = format!("a text has more than {WILDCARDS_MAX} `*`");
            self.wrong(Slug::TooLarge, at, message, "one `*` is any text; it needs no other beside it");
        }
        texts
    }

    /// Takes note of the variables of a text; functions that reach outside are told.
    fn note(&mut self, text: &str, at: At) {
        self.used.extend(names_in(text));
        for name in ["$env", "$func"] {
            if text.contains(&format!("{name}(")) {
                let help = "write its value; what bots read from their environment stands in env.yaml";
                self.wrong(Slug::BotiumNotSupported, at, format!("not supported: `{name}`"), help);
            }
        }
    }

    /// Tells what a hook does not say; there is nothing to be made of it then.
    fn lacks<T>(&mut self, hook: &Hook, file: FileId, what: &str, example: &str) -> Option<T> {
        let at = At { file, span: hook.span };
        self.wrong(
            Slug::WrongValue,
            at,
            format!("`{}` does not say {what}", hook.name),
            format!("write `{example}`"),
        );
        None
    }

    fn ask(&mut self, hook: &Hook, file: FileId) -> Option<Ask> {
        let at = At { file, span: hook.span };
        let texts: Vec<String> = hook.args.iter().flat_map(|arg| self.samples(arg, at)).collect();
        let first = hook.args.first().map_or("", String::as_str);
        let part = match hook.name.split('_').next() {
            Some("BUTTONS") => Some(Part::Buttons),
            Some("MEDIA") => Some(Part::Media),
            Some("CARDS") => Some(Part::Cards),
            _ => None,
        };
        let of = match (hook.name.as_str(), part) {
            (name, Some(part)) if name.ends_with("_COUNT") => match Count::read(first) {
                Some(count) => Of::Counts(part, count),
                None => return self.lacks(hook, file, "how many", &format!("{name} >=2")),
            },
            (_, Some(part)) => Of::Has(part, texts),
            ("INTENT", _) if first.is_empty() => {
                return self.lacks(hook, file, "which intent or dialog answers", "INTENT Track Order");
            }
            ("INTENT", _) => Of::Intent(first.to_string()),
            (name @ ("JSON_PATH" | "JSON_PATH_COUNT"), _) => {
                let path = match JsonPath::read(first) {
                    Ok(path) if !first.is_empty() => path,
                    Ok(_) => return self.lacks(hook, file, "which path", "JSON_PATH $.title|Track Order"),
                    Err(why) => {
                        let help = "write a path of names and places: `$.elements[0].title`";
                        self.wrong(Slug::WrongValue, at, format!("this path is none: {why}"), help);
                        return None;
                    }
                };
                let second = hook.args.get(1).cloned();
                match (name, Count::read(second.as_deref().unwrap_or(""))) {
                    ("JSON_PATH", _) => Of::Path(path, second),
                    (_, Some(count)) => Of::PathCounts(path, count),
                    (_, None) => return self.lacks(hook, file, "how many", "JSON_PATH_COUNT $.elements|>=2"),
                }
            }
            (name, _) => {
                let ignore_case = name.ends_with("_IC");
                let kind = name.trim_end_matches("_IC");
                let how = match kind.split('_').nth(1) {
                    Some("CONTAINS") => How::Contains,
                    Some("WILDCARD") => How::Wildcard,
                    Some("WILDCARDEXACT") => How::WildcardExact,
                    Some("REGEXP") => How::Regexp,
                    _ => How::Equals,
                };
                if texts.is_empty() {
                    return self.lacks(hook, file, "which text", &format!("{name} hello|hi"));
                }
                if how == How::Regexp {
                    for text in texts.iter().filter(|text| names_in(text).next().is_none()) {
                        if let Err(why) = built(text, ignore_case) {
                            let help =
                                "look-around and back-references do not exist here: they can take forever";
                            self.wrong(Slug::UnusableRegex, at, why, help);
                        }
                    }
                }
                // Without a word for it Botium's own way is meant: any of them, but `CONTAINS` alone means all.
                let all = kind.ends_with("_ALL") || kind == "TEXT_CONTAINS";
                Of::Texts { how, ignore_case, all, texts }
            }
        };
        Some(Ask { at, name: hook.name.clone(), not: hook.not, of })
    }

    fn act(&mut self, hook: &Hook, file: FileId) -> Option<()> {
        let at = At { file, span: hook.span };
        let dollar = |name: &str| format!("${}", name.trim_start_matches('$'));
        let what = match (hook.name.as_str(), hook.args.as_slice()) {
            ("PAUSE", args) => match args.first().and_then(|time| time.parse::<u64>().ok()) {
                Some(time) if time <= BOTIUM_PAUSE_MS_MAX => What::Wait(Time(time)),
                _ => {
                    let help = format!("write `PAUSE 1000`: milliseconds, at most {BOTIUM_PAUSE_MS_MAX}");
                    self.wrong(Slug::WrongValue, at, "`PAUSE` does not say how long", help);
                    return None;
                }
            },
            ("WAITFORBOT", args) => {
                let time = args.first().and_then(|time| time.parse::<u64>().ok()).filter(|time| *time > 0);
                What::Botium(Act::Awaits(Time(time.unwrap_or(BOTIUM_PAUSE_MS_MAX).min(BOTIUM_PAUSE_MS_MAX))))
            }
            ("SET_SCRIPTING_MEMORY", [name, value]) => {
                self.note(value, at);
                What::Botium(Act::Set(dollar(name), value.clone()))
            }
            ("CLEAR_SCRIPTING_MEMORY", [name]) => What::Botium(Act::Clear(dollar(name))),
            ("ASSIGN_SCRIPTING_MEMORY", [name, path]) => {
                if let Err(why) = JsonPath::read(path) {
                    self.wrong(Slug::WrongValue, at, format!("this path is none: {why}"), "write `$.title`");
                    return None;
                }
                What::Botium(Act::Assign(dollar(name), path.clone()))
            }
            ("SET_SCRIPTING_MEMORY", _) => {
                return self.lacks(hook, file, "a name and a value", "SET_SCRIPTING_MEMORY city|Munich");
            }
            ("CLEAR_SCRIPTING_MEMORY", _) => {
                return self.lacks(hook, file, "a name", "CLEAR_SCRIPTING_MEMORY city");
            }
            ("ASSIGN_SCRIPTING_MEMORY", _) => {
                return self.lacks(hook, file, "a name and a path", "ASSIGN_SCRIPTING_MEMORY title|$.title");
            }
            ("SKIP_BOT_UNCONSUMED", _) => What::Botium(Act::Skips),
            _ => return None,
        };
        self.beat(what, Some(at));
        Some(())
    }

    fn include(&mut self, hook: &Hook, file: FileId, depth: usize) {
        let at = At { file, span: hook.span };
        for name in &hook.args {
            if self.over {
                return;
            }
            let found = self.companions.partials.iter().find(|(_, partial)| partial.name == *name).copied();
            match found {
                Some(_) if depth >= INCLUDES_MAX => {
                    self.over = true;
                    let message =
                        format!("partial conversations include each other more than {INCLUDES_MAX} deep");
                    return self.wrong(Slug::TooDeep, at, message, "one of them includes itself");
                }
                Some((file, partial)) => self.sections(partial, file, depth + 1),
                None => {
                    let names = self.companions.partials.iter().map(|(_, partial)| partial.name.as_str());
                    let near = did_you_mean(name, names);
                    let help = near.unwrap_or_else(|| {
                        "it is looked for in the .pconvo.txt files of this folder, by their first line"
                            .to_string()
                    });
                    self.wrong(
                        Slug::UnknownOpening,
                        at,
                        format!("there is no partial conversation `{name}`"),
                        help,
                    );
                }
            }
        }
    }

    /// Each sample of each list with each other, and with each row of the tables whose variables are used.
    fn rows(&mut self, span: Span) -> Vec<Bindings> {
        let mut factors: Vec<Vec<Bindings>> = self
            .columns
            .iter()
            .map(|(name, samples)| {
                samples.iter().map(|sample| Bindings::from([(name.clone(), sample.clone())])).collect()
            })
            .collect();
        for table in &self.companions.memories {
            let wanted =
                table.names.iter().any(|name| self.used.iter().any(|used| used.starts_with(name.as_str())));
            if wanted && !table.rows.is_empty() {
                let row =
                    |values: &Vec<String>| table.names.iter().cloned().zip(values.iter().cloned()).collect();
                factors.push(table.rows.iter().map(row).collect());
            }
        }
        let many = factors.iter().try_fold(1usize, |many, factor| many.checked_mul(factor.len()));
        if many.is_none_or(|many| many > ROWS_MAX) {
            let at = At { file: FileId(0), span };
            let message =
                format!("the utterances and tables of this conversation make more than {ROWS_MAX} rows");
            self.wrong(Slug::TooLarge, at, message, "say one of the lists with a sample of its own");
            return vec![Bindings::new()];
        }
        factors.into_iter().fold(vec![Bindings::new()], |rows, factor| {
            let with = |row: &Bindings| {
                let row = row.clone();
                factor
                    .iter()
                    .map(move |more| row.clone().into_iter().chain(more.clone()).collect::<Bindings>())
                    .collect::<Vec<_>>()
            };
            rows.iter().flat_map(with).collect()
        })
    }
}

/// The variables written in a text, each with its `$`; without those that Botium brings along.
fn names_in(text: &str) -> impl Iterator<Item = String> {
    let names: Vec<String> = text
        .match_indices('$')
        .map(|(at, _)| {
            let rest = &text[at + 1..];
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            format!("${}", &rest[..end])
        })
        .filter(|name| name.len() > 1 && !is_brought(name))
        .collect();
    names.into_iter()
}

//! From text to tree: the only file that names a rule of `grammar/dialog.pest`.
//!
//! Reading never fails. What the grammar could not read is handed, line by line, to `slips`, which says why.

use std::cell::Cell;

use pest::Parser;
use pest::iterators::Pair;

use crate::diagnostics::{FileId, Finding, Slug, Span, english};
use crate::language::slips::{self, Slip};
use crate::language::syntax::*;
use crate::language::text::{self, Sort};

/// How many blocks may stand inside each other; the grammar holds the same number.
pub const DEPTH_MAX: usize = 32;

/// How many slips are told in one file; after so many the file is likely no bot at all.
pub const FINDINGS_MAX: usize = 200;

/// How many `else if` an `if` can have: each is a branch of the one before it.
pub const ELSE_IF_MAX: usize = 100;

#[derive(pest_derive::Parser)]
#[grammar = "grammar/dialog.pest"]
struct Grammar;

type Node<'a> = Pair<'a, Rule>;

/// Reads a file. Whatever it holds, there is a tree, and a finding for each line that is not in it.
pub fn parse(source: &str, file: FileId) -> (File, Vec<Finding>) {
    let mut reader = Reader {
        source,
        file,
        findings: Vec::new(),
        unread: Vec::new(),
        more: 0,
        trials: Trials::new(),
        displaced: Cell::new(false),
        long_texts: Vec::new(),
    };
    let mut tree = File::default();
    match Grammar::parse(Rule::file, source).map(|mut pairs| pairs.next()) {
        Ok(Some(node)) => tree.block = reader.file(node),
        // The grammar takes every text; should it ever not, the author still gets a sentence and a place.
        Ok(None) => {}
        Err(error) => reader.unread_line(span_of_error(&error), Context::Top, None),
    }
    reader.look_for_tabs();
    reader.drop_what_follows_from_depth();
    tree.unread = reader.unread;
    if reader.more > 0 {
        let more = english::count(reader.more, "more line");
        reader.findings.push(
            Finding::new(
                Slug::TooLarge,
                file,
                Span::at(source.len()),
                format!("{more} of this file cannot be read, and only {FINDINGS_MAX} are told"),
            )
            .help("mend the first ones and check again; or is this no `.dialog` file at all?"),
        );
    }
    reader.findings.sort_by_key(|finding| finding.place.span);
    (tree, reader.findings)
}

/// Where a line stands: what could have been meant there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Top,
    Bot,
    Integration,
    Listen,
    Intent,
    Entity,
    Hours,
    Steps,
    Rules,
}

/// How much guessing one file is worth: a mended line is read again by the grammar, and a hostile file could ask
/// for that a million times. Enough for a long file of slips; the slips behind it are told without a guess.
pub(super) struct Trials {
    left: Cell<usize>,
}

impl Trials {
    const BYTES_MAX: usize = 2 * 1024 * 1024;
    /// What a trial costs besides the letters it reads.
    const START: usize = 200;

    fn new() -> Trials {
        Trials { left: Cell::new(Trials::BYTES_MAX) }
    }

    /// Whether the grammar takes this line, as far as one still asks.
    pub(super) fn reads(&self, line: &str, context: Context) -> bool {
        self.pays_for(line) && try_line(line, context).is_none()
    }

    /// Whether it does not, as far as one still asks.
    fn fails(&self, line: &str, context: Context) -> bool {
        self.pays_for(line) && try_line(line, context).is_some()
    }

    fn pays_for(&self, line: &str) -> bool {
        let cost = line.len() + Trials::START;
        let left = self.left.get();
        self.left.set(left.saturating_sub(cost));
        left >= cost
    }
}

/// What the grammar says of one line taken by itself: how far it could be read, and what it would have taken
/// there, in human words; nothing when the line is fine.
pub(super) fn try_line(line: &str, context: Context) -> Option<(usize, Vec<&'static str>)> {
    let shape = match context {
        Context::Top => Rule::one_declaration,
        Context::Bot => Rule::one_bot_line,
        Context::Integration => Rule::one_field,
        Context::Listen => Rule::one_listen,
        Context::Intent => Rule::one_intent_line,
        Context::Entity => Rule::one_entity_value,
        Context::Hours => Rule::one_hour,
        Context::Steps => Rule::one_step,
        Context::Rules => Rule::one_rule,
    };
    let error = Grammar::parse(shape, line).err()?;
    let at = span_of_error(&error).start as usize;
    let mut expected: Vec<&'static str> = Vec::new();
    if let pest::error::ErrorVariant::ParsingError { positives, .. } = &error.variant {
        for positive in positives {
            if let Some(words) = in_human_words(*positive)
                && !expected.contains(&words)
            {
                expected.push(words);
            }
        }
    }
    Some((at, expected))
}

fn span_of_error(error: &pest::error::Error<Rule>) -> Span {
    match error.location {
        pest::error::InputLocation::Pos(at) => Span::at(at),
        pest::error::InputLocation::Span((start, end)) => Span::new(start, end),
    }
}

/// What a rule of the grammar is called in "I expected …".
fn in_human_words(shape: Rule) -> Option<&'static str> {
    Some(match shape {
        Rule::string | Rule::said => "a text in \"quotes\"",
        Rule::ident => "a name",
        Rule::path => "a variable",
        Rule::value => "a word or number",
        Rule::literal => "a value",
        Rule::duration => "a time such as `5m`",
        Rule::regex => "a /regex/",
        Rule::expr => "an expression",
        Rule::kind => "a type",
        Rule::go => "`->` and where to go",
        Rule::steps | Rule::rules | Rule::branch | Rule::listens => "`{` at the end of the line",
        Rule::matcher | Rule::listen => {
            "something to compare with: a text in \"quotes\", `pattern`, `words`, `phrases`, a /regex/ or `anything`"
        }
        Rule::when => "`when`",
        Rule::choice => "a choice in \"quotes\"",
        Rule::place => "`skill`, `agent` or `bot`",
        Rule::event => "an event",
        Rule::hour => "days and times, such as `mon-fri 08:00-17:00`",
        Rule::and_if => "`and if`",
        Rule::but_not => "`but not`",
        Rule::k_says => "`says`",
        Rule::k_to => "`to`",
        Rule::k_if => "`if`",
        Rule::k_not => "`not`",
        Rule::k_in => "`in`",
        Rule::k_or => "`or`",
        Rule::k_dialog => "`dialog`",
        Rule::k_within => "`within`",
        Rule::save | Rule::k_save => "`save`",
        Rule::to_dialog | Rule::end_all | Rule::t_next => {
            "where to go: `next`, `end`, `dialog \"…\"` or the name of a step"
        }
        _ => return None,
    })
}

struct Reader<'a> {
    source: &'a str,
    file: FileId,
    findings: Vec<Finding>,
    unread: Vec<Span>,
    /// Slips beyond the limit.
    more: usize,
    trials: Trials,
    /// Whether a block lost its first or last brace above: then the lines up to the next declaration stand in a
    /// wrong place for that reason alone, and are not told again.
    displaced: Cell<bool>,
    /// Where texts over several lines stand: what is white in there is theirs.
    long_texts: Vec<Span>,
}

impl<'a> Reader<'a> {
    // ------------------------------------------------------------------------------ blocks and their lines

    fn file(&mut self, node: Node<'a>) -> Block<Declaration> {
        self.block(node, Context::Top, |reader, node| reader.declaration(node))
    }

    /// The lines of a block, or of the whole file. `item` reads one statement.
    fn block<T>(
        &mut self,
        node: Node<'a>,
        context: Context,
        mut item: impl FnMut(&mut Self, Node<'a>) -> Option<T>,
    ) -> Block<T> {
        let span = span(&node);
        self.lines(node.into_inner(), span, context, &mut item)
    }

    fn lines<T>(
        &mut self,
        nodes: impl Iterator<Item = Node<'a>>,
        whole: Span,
        context: Context,
        item: &mut impl FnMut(&mut Self, Node<'a>) -> Option<T>,
    ) -> Block<T> {
        let mut block = Block { span: whole, ..Block::default() };
        let mut above: Vec<Trivia> = Vec::new();
        let mut last_line: Option<usize> = None; // where the statement before ends, while its line goes on
        let mut seen_line_end = context == Context::Top;
        let mut in_open_text = false; // a long text was not closed: what follows is still its text
        for node in nodes {
            let at = span(&node);
            match node.as_rule() {
                Rule::EOI => {}
                Rule::blank => {
                    // The line end behind a statement is not an empty line; the grammar has eaten it already.
                    seen_line_end = true;
                    last_line = None;
                    if above.last() != Some(&Trivia::Blank) {
                        above.push(Trivia::Blank);
                    }
                }
                Rule::comment => {
                    let comment = Comment { text: node.as_str().trim_end().to_string(), span: at };
                    let same_line = |end: usize| !self.source[end..at.start as usize].contains(['\n', '\r']);
                    if !seen_line_end && same_line(whole.start as usize) {
                        block.opening = Some(comment);
                    } else if let (Some(end), Some(line)) = (last_line.take(), block.lines.last_mut())
                        && same_line(end)
                    {
                        line.comment = Some(comment);
                    } else {
                        above.push(Trivia::Comment(comment));
                    }
                    seen_line_end = true;
                }
                Rule::unclosed => self.unclosed(whole),
                Rule::late => self.late_brace(at),
                Rule::stray => self.stray(at),
                Rule::junk => self.junk(at),
                Rule::after_block => self.after_block(node, whole),
                Rule::ended => self.ended(at),
                Rule::bad_line => {
                    seen_line_end = true;
                    last_line = None;
                    match in_open_text {
                        true => self.unread.push(trimmed(self.source, at)),
                        false => self.unread_line(at, context, Some(whole)),
                    }
                    in_open_text |= self.source[at.range()].trim_end().ends_with("\"\"\"");
                }
                Rule::bad_block => {
                    in_open_text = false;
                    seen_line_end = true;
                    last_line = None;
                    self.bad_block(node, context, whole);
                }
                _ => {
                    in_open_text = false;
                    seen_line_end = true;
                    if context == Context::Top && self.begins_its_line(at) {
                        self.displaced.set(false);
                    }
                    if let Some(item) = item(self, node) {
                        let above = std::mem::take(&mut above);
                        block.lines.push(Line { above, item, span: trimmed(self.source, at), comment: None });
                        last_line = Some(at.end as usize);
                    }
                }
            }
        }
        block.below = above;
        block
    }

    fn steps(&mut self, node: Node<'a>) -> Block<Step> {
        self.block(node, Context::Steps, |reader, node| reader.step(node))
    }

    fn rules(&mut self, node: Node<'a>) -> Block<crate::language::syntax::Rule> {
        self.block(node, Context::Rules, |reader, node| reader.rule(node))
    }

    fn listens(&mut self, node: Node<'a>) -> Block<Listen> {
        self.block(node, Context::Listen, |reader, node| reader.listen(node))
    }

    // ----------------------------------------------------------------------------------------- declarations

    fn declaration(&mut self, node: Node<'a>) -> Option<Declaration> {
        let whole = span(&node);
        let shape = node.as_rule();
        let mut parts = node.into_inner().filter(|part| !is_keyword(part)).peekable();
        if shape == Rule::dialog {
            return Some(Declaration::Dialog(self.dialog(parts)));
        }
        let name = self.text(parts.next()?);
        let kind = if shape == Rule::integration { Some(name_of(parts.next()?)) } else { None };
        if shape == Rule::phrases {
            return Some(Declaration::Phrases(Phrases { name, block: self.listens(parts.next()?) }));
        }
        // The block's lines stand side by side with the name: its span runs from the name's end.
        let block_span =
            Span { start: kind.as_ref().map_or(name.span, |kind| kind.span).end, end: whole.end };
        Some(match shape {
            Rule::bot => Declaration::Bot(Bot {
                name,
                block: self.lines(parts, block_span, Context::Bot, &mut |reader, node| reader.bot_line(node)),
            }),
            Rule::integration => Declaration::Integration(Integration {
                name,
                kind: kind?,
                block: self.lines(parts, block_span, Context::Integration, &mut |reader, node| {
                    Some(match node.as_rule() {
                        Rule::save => IntegrationLine::Save(reader.save(node)),
                        _ => IntegrationLine::Field(reader.setting(node)),
                    })
                }),
            }),
            Rule::intent => Declaration::Intent(Intent {
                name,
                block: self.lines(parts, block_span, Context::Intent, &mut |reader, node| {
                    Some(match node.as_rule() {
                        Rule::domain => IntentLine::Domain(reader.text(node.into_inner().last()?)),
                        _ => IntentLine::Sample(reader.text(node)),
                    })
                }),
            }),
            Rule::entity => Declaration::Entity(Entity {
                name,
                block: self
                    .lines(parts, block_span, Context::Entity, &mut |reader, node| reader.entity_value(node)),
            }),
            _ => Declaration::Hours(Hours {
                name,
                block: self.lines(parts, block_span, Context::Hours, &mut |reader, node| {
                    Some(Value {
                        text: node.as_str().trim_matches([' ', '\t']).to_string(),
                        span: trimmed(reader.source, span(&node)),
                    })
                }),
            }),
        })
    }

    fn dialog(&mut self, parts: impl Iterator<Item = Node<'a>>) -> Dialog {
        let mut kind = DialogKind::Plain;
        let mut name = None;
        let mut block = Block::default();
        for part in parts {
            match part.as_rule() {
                Rule::k_fallback => kind = DialogKind::Fallback,
                Rule::k_escalation => kind = DialogKind::Escalation,
                Rule::k_disambiguation => kind = DialogKind::Disambiguation,
                Rule::on => {
                    if let Some(event) = part.into_inner().find(|part| part.as_rule() == Rule::event) {
                        kind = DialogKind::On(self.event(event));
                    }
                }
                Rule::string => name = Some(self.text(part)),
                Rule::steps => block = self.steps(part),
                _ => {}
            }
        }
        Dialog { kind, name: name.unwrap_or_else(no_text), block }
    }

    fn event(&mut self, node: Node<'a>) -> Event {
        let place = trimmed(self.source, span(&node));
        let mut words = Vec::new();
        let mut duration = None;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::duration => duration = Some(duration_of(part)),
                _ => words.push(part.as_str()),
            }
        }
        Event { name: words.join(" "), duration, span: place }
    }

    fn bot_line(&mut self, node: Node<'a>) -> Option<BotLine> {
        Some(match node.as_rule() {
            Rule::var => BotLine::Var(self.var(node)?),
            _ => BotLine::Setting(self.setting(node)),
        })
    }

    fn setting(&mut self, node: Node<'a>) -> Setting {
        let mut name = Name { text: String::new(), span: span(&node) };
        let mut values = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::ident => name = name_of(part),
                Rule::string => values.push(Argument::Text(self.text(part))),
                _ => values.push(Argument::Value(value_of(part))),
            }
        }
        Setting { name, values }
    }

    fn var(&mut self, node: Node<'a>) -> Option<Var> {
        let mut remember = false;
        let (mut name, mut kind, mut value) = (None, None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::k_remember => remember = true,
                Rule::ident => name = Some(name_of(part)),
                Rule::kind => kind = self.kind(part),
                Rule::expr => value = Some(expr_of(part)),
                _ => {}
            }
        }
        Some(Var { remember, name: name?, kind: kind?, value })
    }

    fn kind(&mut self, node: Node<'a>) -> Option<Type> {
        let mut kind: Option<Type> = None;
        for part in node.into_inner() {
            let place = span(&part);
            match part.as_rule() {
                Rule::k_private => {
                    if let Some(kind) = &mut kind {
                        kind.private = true;
                    }
                }
                Rule::string => {
                    let text = self.text(part);
                    kind = Some(Type { name: text.value, quoted: true, span: place, private: false });
                }
                _ => {
                    kind = Some(Type {
                        name: part.as_str().to_string(),
                        quoted: false,
                        span: place,
                        private: false,
                    })
                }
            }
        }
        kind
    }

    fn entity_value(&mut self, node: Node<'a>) -> Option<EntityValue> {
        let mut matchers = Vec::new();
        let mut value = None;
        for part in node.into_inner() {
            let place = span(&part);
            match part.as_rule() {
                Rule::string => {
                    matchers.push(Matcher { kind: MatcherKind::Exact(self.text(part)), span: place })
                }
                Rule::regex => {
                    matchers.push(Matcher { kind: MatcherKind::Regex(regex_of(part)), span: place })
                }
                Rule::literal => value = self.literal(part),
                Rule::matcher => matchers.extend(self.matcher(part)),
                _ => {}
            }
        }
        Some(EntityValue { matchers, value })
    }

    fn literal(&mut self, node: Node<'a>) -> Option<Literal> {
        let part = first(node)?;
        Some(match part.as_rule() {
            Rule::string => Literal::Text(self.text(part)),
            _ => Literal::Value(value_of(part)),
        })
    }

    // ------------------------------------------------------------------------------------------------ steps

    fn step(&mut self, node: Node<'a>) -> Option<Step> {
        match node.as_rule() {
            Rule::user_says => {
                let listens = node.into_inner().find(|part| part.as_rule() == Rule::listens)?;
                Some(Step::UserSays(self.listens(listens)))
            }
            Rule::var => Some(Step::Var(self.var(node)?)),
            Rule::labelled => {
                let (mut label, mut statement) = (None, None);
                for part in node.into_inner() {
                    match part.as_rule() {
                        Rule::label => label = first(part).map(name_of),
                        _ => statement = self.statement(part),
                    }
                }
                Some(Step::Do { label, statement })
            }
            _ => Some(Step::Do { label: None, statement: Some(self.statement(node)?) }),
        }
    }

    fn statement(&mut self, node: Node<'a>) -> Option<Statement> {
        let shape = node.as_rule();
        if shape == Rule::go {
            return Some(Statement::Go(self.go(node)?));
        }
        if shape == Rule::if_ {
            return Some(Statement::If(self.if_(node)?));
        }
        let mut texts = Vec::new();
        let (mut name, mut kind, mut action, mut rules, mut steps) = (None, None, None, None, None);
        let (mut value, mut duration, mut word, mut focused) = (None, None, None, false);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::string => texts.push(self.text(part)),
                Rule::ident | Rule::path | Rule::place => name = Some(name_of(part)),
                Rule::kind => kind = self.kind(part),
                Rule::go => action = self.go(part),
                Rule::rules => rules = Some(self.rules(part)),
                Rule::steps => steps = Some(self.steps(part)),
                Rule::expr => value = Some(expr_of(part)),
                Rule::duration => duration = Some(duration_of(part)),
                Rule::value => word = Some(value_of(part)),
                Rule::k_focused => focused = true,
                _ => {}
            }
        }
        let mut texts = texts.into_iter();
        let mut text = || texts.next();
        let then = |rules: Option<_>, action: Option<_>| match (rules, action) {
            (Some(rules), _) => Then::Rules(rules),
            (None, Some(action)) => Then::Action(action),
            (None, None) => Then::Nothing,
        };
        Some(match shape {
            Rule::say => Statement::Say { text: text()?, action },
            Rule::note => Statement::Note(text()?),
            Rule::image => Statement::Image { url: text()?, alt: text() },
            Rule::card => Statement::Card(text()?),
            Rule::log => Statement::Log { event: text()?, detail: text() },
            Rule::pause => Statement::Pause(duration?),
            Rule::respond => Statement::Respond(match duration {
                Some(duration) => Respond::Time(duration),
                None => Respond::Word(word?),
            }),
            Rule::set => Statement::Set { path: name?, value: value? },
            Rule::ask => {
                Statement::Ask(Ask { name: name?, kind, text: text()?, focused, then: then(rules, action) })
            }
            Rule::choose => Statement::Choose(Choose { name: name?, text: text()?, focused, rules: rules? }),
            Rule::collect => Statement::Collect(steps?),
            Rule::call => Statement::Call(Call { integration: text()?, then: then(rules, action) }),
            Rule::transfer => {
                Statement::Transfer(Transfer { to: name?, target: text()?, say: text(), rules })
            }
            _ => return None,
        })
    }

    fn if_(&mut self, node: Node<'a>) -> Option<If> {
        let (mut branches, mut otherwise) = (Vec::new(), None);
        let (mut condition, mut then) = (None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::expr => condition = Some(expr_of(part)),
                Rule::branch => then = Some(self.steps(part)),
                Rule::steps => otherwise = Some(Else::Block(self.steps(part))),
                Rule::else_if if branches.len() == ELSE_IF_MAX => self.too_many_branches(span(&part)),
                Rule::else_if => branches.extend(self.else_if(part)),
                Rule::junk => self.junk(span(&part)),
                Rule::after_block => {
                    let whole = span(&part);
                    self.after_block(part, whole);
                }
                _ => {}
            }
        }
        for (condition, then) in branches.into_iter().rev() {
            otherwise = Some(Else::If(Box::new(If { condition, then, otherwise })));
        }
        Some(If { condition: condition?, then: then?, otherwise })
    }

    fn else_if(&mut self, node: Node<'a>) -> Option<(Expr, Block<Step>)> {
        let (mut condition, mut then) = (None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::expr => condition = Some(expr_of(part)),
                Rule::branch => then = Some(self.steps(part)),
                _ => {}
            }
        }
        condition.zip(then)
    }

    fn go(&mut self, node: Node<'a>) -> Option<Action> {
        let place = trimmed(self.source, span(&node));
        let part = first(node)?;
        let target = match part.as_rule() {
            Rule::t_next => Target::Next,
            Rule::t_repeat => Target::Repeat,
            Rule::t_wait => Target::Wait,
            Rule::t_end => Target::End,
            Rule::end_all => Target::EndAll,
            Rule::t_back => Target::Back,
            Rule::t_close => Target::Close,
            Rule::close_silent => Target::CloseWithoutSurvey,
            Rule::to_dialog => {
                let (mut name, mut label) = (None, None);
                for part in part.into_inner() {
                    match part.as_rule() {
                        Rule::string => name = Some(self.text(part)),
                        Rule::ident => label = Some(name_of(part)),
                        _ => {}
                    }
                }
                Target::Dialog { name: name?, label }
            }
            _ => Target::Label(name_of(part)),
        };
        Some(Action { target, span: place })
    }

    // ------------------------------------------------------------------------------------------------ rules

    fn rule(&mut self, node: Node<'a>) -> Option<crate::language::syntax::Rule> {
        let (shape, whole) = (node.as_rule(), span(&node));
        let mut fits = Fits { any: Vec::new(), but_not: Vec::new() };
        let (mut each, mut label, mut value, mut count, mut tail) = (None, None, None, None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::matcher => fits.any.extend(self.matcher(part)),
                Rule::but_not => fits.but_not.extend(self.but_not(part)),
                Rule::each => {
                    let mut names = part.into_inner().filter(|part| !is_keyword(part)).map(name_of);
                    each = names.next().zip(names.next());
                }
                Rule::string => label = Some(self.text(part)),
                Rule::literal => value = self.literal(part),
                Rule::value => count = Some(value_of(part)),
                Rule::tail => tail = Some(self.tail(part)),
                _ => {}
            }
        }
        let when = match shape {
            Rule::when => When::Fits(fits),
            Rule::choice => When::Choice(Choice { each, label: label?, value, fits }),
            Rule::retry => When::Retry(count?),
            _ => When::Otherwise(Span { start: whole.start, end: whole.start + "otherwise".len() as u32 }),
        };
        Some(crate::language::syntax::Rule { when, tail: tail? })
    }

    fn tail(&mut self, node: Node<'a>) -> Tail {
        let (mut condition, mut saves, mut say, mut action, mut steps) = (None, Vec::new(), None, None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::and_if => {
                    condition = part.into_inner().find(|part| part.as_rule() == Rule::expr).map(expr_of)
                }
                Rule::save => saves.push(self.save(part)),
                Rule::said => {
                    say = part
                        .into_inner()
                        .find(|part| part.as_rule() == Rule::string)
                        .map(|part| self.text(part))
                }
                Rule::go => action = self.go(part),
                Rule::steps => steps = Some(self.steps(part)),
                _ => {}
            }
        }
        let body = match steps {
            Some(steps) => Body::Block(steps),
            None => Body::Short { say, action },
        };
        Tail { condition, saves, body }
    }

    fn save(&mut self, node: Node<'a>) -> Save {
        let place = trimmed(self.source, span(&node));
        let (mut path, mut value) = (None, None);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::path => path = Some(name_of(part)),
                Rule::expr => value = Some(expr_of(part)),
                _ => {}
            }
        }
        Save { path, value, span: place }
    }

    // --------------------------------------------------------------------------------------------- matchers

    fn listen(&mut self, node: Node<'a>) -> Option<Listen> {
        match node.as_rule() {
            Rule::but_not => Some(Listen::ButNot(self.but_not(node)?)),
            Rule::any_of => {
                let nodes: Vec<_> =
                    node.into_inner().filter(|part| part.as_rule() == Rule::matcher).collect();
                Some(Listen::Any(nodes.into_iter().filter_map(|part| self.matcher(part)).collect()))
            }
            _ => None,
        }
    }

    fn but_not(&mut self, node: Node<'a>) -> Option<Matcher> {
        let matcher = node.into_inner().find(|part| part.as_rule() == Rule::matcher)?;
        self.matcher(matcher)
    }

    fn matcher(&mut self, node: Node<'a>) -> Option<Matcher> {
        let place = trimmed(self.source, span(&node));
        let part = first(node)?;
        let shape = part.as_rule();
        let kind = match shape {
            Rule::string => MatcherKind::Exact(self.text(part)),
            Rule::regex => MatcherKind::Regex(regex_of(part)),
            Rule::anything => MatcherKind::Anything,
            Rule::success => MatcherKind::Success,
            Rule::failure => MatcherKind::Failure,
            Rule::silence => {
                let duration = part.into_inner().find(|part| part.as_rule() == Rule::duration)?;
                MatcherKind::Silence(duration_of(duration))
            }
            _ => {
                let string = part.into_inner().find(|part| part.as_rule() == Rule::string)?;
                match shape {
                    Rule::pattern => MatcherKind::Pattern(self.cooked(string, Sort::Pattern)),
                    Rule::words => MatcherKind::Words(self.cooked(string, Sort::Pattern)),
                    Rule::phrase => MatcherKind::Phrases(self.text(string)),
                    _ => MatcherKind::Intent(self.text(string)),
                }
            }
        };
        Some(Matcher { kind, span: place })
    }

    // ------------------------------------------------------------------------------------------ small things

    fn text(&mut self, node: Node<'a>) -> Text {
        self.cooked(node, Sort::Speech)
    }

    fn cooked(&mut self, node: Node<'a>, sort: Sort) -> Text {
        let place = span(&node);
        let raw = node.as_str();
        let cooked = text::cook(raw, sort);
        let file = self.file;
        if !cooked.bad_escapes.is_empty() {
            self.found(|| slips::bad_escapes(file, raw, &cooked.bad_escapes, place));
        }
        if sort == Sort::Speech
            && raw.contains('{')
            && let Some(finding) = slips::unclosed_hole(file, raw, place)
        {
            self.found(|| finding);
        }
        let long = raw.starts_with("\"\"\"") && raw.len() >= 6;
        if long {
            self.long_texts.push(place);
        }
        Text { value: cooked.value, span: place, long }
    }

    // ------------------------------------------------------------------------------ what could not be read

    /// Keeps a finding, while there is room for it.
    fn found(&mut self, finding: impl FnOnce() -> Finding) {
        match self.findings.len() < FINDINGS_MAX {
            true => self.findings.push(finding()),
            false => self.more += 1,
        }
    }

    fn unread_line(&mut self, at: Span, context: Context, inside: Option<Span>) {
        let at = trimmed(self.source, at);
        self.unread.push(at);
        self.slip(at, context, inside, false);
    }

    /// Whether a declaration stands where authors put them: one that is indented may stand inside another by mistake.
    fn begins_its_line(&self, at: Span) -> bool {
        !self.source[..at.range().start].ends_with([' ', '\t'])
    }

    fn slip(&mut self, span: Span, context: Context, inside: Option<Span>, block: bool) {
        if self.findings.len() >= FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let (source, file, trials, displaced) = (self.source, self.file, &self.trials, &self.displaced);
        let slip = Slip { source, file, span, context, inside, block, trials, displaced };
        if displaced.get() && slips::reads_elsewhere(&slip) {
            return;
        }
        self.findings.push(slips::explain(&slip));
    }

    fn too_many_branches(&mut self, at: Span) {
        // One finding for all that are too many.
        let again = self
            .unread
            .last()
            .is_some_and(|last| self.source[last.range().end..at.range().start].trim().is_empty());
        self.unread.push(at);
        let file = self.file;
        if !again {
            self.found(|| slips::too_many_branches(file, at));
        }
    }

    /// A block whose first line could not be read: that line is explained. What it probably meant tells what
    /// the lines inside should be, so that a second slip in there is not hidden by the first.
    fn bad_block(&mut self, node: Node<'a>, context: Context, inside: Span) {
        self.unread.push(span(&node));
        self.lost_block(node, Some(context), inside);
    }

    /// A block behind a closing brace, such as `} elseif … {`.
    fn after_block(&mut self, node: Node<'a>, inside: Span) {
        self.unread.push(span(&node));
        self.lost_block(node, None, inside);
    }

    fn lost_block(&mut self, node: Node<'a>, context: Option<Context>, inside: Span) {
        let whole = span(&node);
        let mut within = None;
        let mut is_if = false;
        for part in node.into_inner() {
            let at = trimmed(self.source, span(&part));
            match part.as_rule() {
                Rule::bad_head => {
                    let line = &self.source[at.range()];
                    is_if = slips::is_if(line);
                    let Some(context) = context else {
                        within = slips::context_behind_brace(line);
                        self.behind_brace(at);
                        continue;
                    };
                    within = slips::context_inside(line, context);
                    if !self.trials.reads(&format!("{line} {{\n}}"), context) {
                        self.slip(at, context, Some(inside), true);
                    }
                }
                Rule::lost_line => {
                    if let Some(within) = within
                        && self.findings.len() < FINDINGS_MAX
                        && self.trials.fails(&self.source[at.range()], within)
                    {
                        self.unread_line(at, within, Some(whole));
                    }
                }
                Rule::bad_block => {
                    if let Some(within) = within {
                        self.bad_block(part, within, whole);
                    }
                }
                Rule::unclosed => self.unclosed(whole),
                Rule::late => self.late_brace(at),
                Rule::junk => self.junk(at),
                Rule::ended => self.ended(at),
                // An `else` belongs to its `if`, however that is written.
                Rule::after_block if is_if && slips::is_else(&self.source[at.range()]) => {
                    let before = self.displaced.replace(true);
                    self.after_block(part, whole);
                    self.displaced.set(before);
                }
                Rule::after_block => self.after_block(part, whole),
                _ => {}
            }
        }
    }

    fn unclosed(&mut self, block: Span) {
        let (source, file) = (self.source, self.file);
        if self.findings.len() >= FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let finding = slips::unclosed_block(source, file, block);
        // Lines that landed in the wrong block because of it are no slips of their own.
        let from = finding.place.span.start;
        self.findings.retain(|other| {
            other.slug != Slug::MisplacedLine || !(from..block.end).contains(&other.place.span.start)
        });
        self.findings.push(finding);
        // A declaration that is indented may have been meant to stand inside: what follows it is in the wrong place.
        if !self.begins_its_line(Span::at(self.next_line(block.end))) {
            self.displaced.set(true);
        }
    }

    fn next_line(&self, at: u32) -> usize {
        let rest = &self.source[at as usize..];
        at as usize + (rest.len() - rest.trim_start().len())
    }

    /// `end if` where a `}` should be.
    fn ended(&mut self, at: Span) {
        let (source, file) = (self.source, self.file);
        self.found(|| slips::ended(source, file, at));
    }

    fn late_brace(&mut self, at: Span) {
        let (source, file) = (self.source, self.file);
        self.found(|| slips::late_brace(source, file, at));
    }

    fn stray(&mut self, at: Span) {
        let file = self.file;
        if !self.displaced.get() {
            self.found(|| slips::stray_brace(file, at));
        }
    }

    fn junk(&mut self, at: Span) {
        let at = trimmed(self.source, at);
        self.unread.push(at);
        self.behind_brace(at);
    }

    fn behind_brace(&mut self, at: Span) {
        let (source, file) = (self.source, self.file);
        if !self.displaced.get() {
            self.found(|| slips::behind_brace(source, file, at));
        }
    }

    fn look_for_tabs(&mut self) {
        self.findings.extend(slips::tabs(self.source, self.file, &self.long_texts));
    }

    /// Where the depth limit was hit the braces no longer fit together; what follows from that is noise.
    fn drop_what_follows_from_depth(&mut self) {
        let deep = self
            .findings
            .iter()
            .filter(|finding| finding.slug == Slug::TooDeep)
            .map(|finding| finding.place.span.start);
        if let Some(first) = deep.min() {
            self.findings.retain(|finding| {
                finding.place.span.start < first
                    || finding.slug == Slug::TooDeep && finding.place.span.start == first
            });
        }
    }
}

fn span(node: &Node<'_>) -> Span {
    let at = node.as_span();
    Span::new(at.start(), at.end())
}

/// Without the white space that the grammar may have taken along at either end. Other white space than the grammar's
/// stays: it is a slip, and has to be seen.
pub(super) fn trimmed(source: &str, at: Span) -> Span {
    const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];
    let text = &source[at.range()];
    let start = at.start as usize + (text.len() - text.trim_start_matches(WHITE).len());
    Span::new(start, start + text.trim_matches(WHITE).len())
}

fn first<'a>(node: Node<'a>) -> Option<Node<'a>> {
    node.into_inner().next()
}

fn name_of(node: Node<'_>) -> Name {
    Name { text: node.as_str().to_string(), span: span(&node) }
}

fn value_of(node: Node<'_>) -> Value {
    Value { text: node.as_str().to_string(), span: span(&node) }
}

fn expr_of(node: Node<'_>) -> Expr {
    let text = node.as_str();
    let start = node.as_span().start() + (text.len() - text.trim_start().len());
    let text = text.trim();
    Expr { source: text.to_string(), span: Span::new(start, start + text.len()) }
}

fn duration_of(node: Node<'_>) -> Duration {
    let text = node.as_str();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match &text[digits..] {
        "ms" => "ms",
        "s" => "s",
        "m" => "m",
        "h" => "h",
        _ => "d",
    };
    Duration { number: text[..digits].parse().unwrap_or(u64::MAX), unit, span: span(&node) }
}

fn regex_of(node: Node<'_>) -> Regex {
    let text = node.as_str();
    let end = text.rfind('/').unwrap_or(text.len());
    let mut source = String::with_capacity(end);
    let mut letters = text[..end].chars().skip(1).peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some('/')) => {}
            ('\\', Some(next)) => {
                source.extend(['\\', *next]);
                letters.next();
            }
            _ => source.push(letter),
        }
    }
    Regex { source, ignore_case: text.ends_with('i') && end + 1 < text.len(), span: span(&node) }
}

fn no_text() -> Text {
    Text { value: String::new(), span: Span::default(), long: false }
}

/// Keywords in front of a declaration's parts; those that choose a dialog's kind are kept.
fn is_keyword(node: &Node<'_>) -> bool {
    matches!(
        node.as_rule(),
        Rule::k_bot
            | Rule::k_integration
            | Rule::k_phrases
            | Rule::k_intent
            | Rule::k_entity
            | Rule::k_hours
            | Rule::k_dialog
            | Rule::k_for
            | Rule::k_in
    )
}

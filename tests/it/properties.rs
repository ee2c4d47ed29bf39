//! What holds for every file, not only for those somebody thought of: random bots of the whole language are printed
//! and read back the same, and random damage never breaks the reader.

use parlor::diagnostics::{FileId, Finding, Source, Sources, Span, apply_fixes};
use parlor::language::syntax::*;
use parlor::language::{format, outline, parse};
use parlor::program::Draft;
use proptest::prelude::*;

use crate::parse::told;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_bot_is_read_back_the_same(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let tree = Dice::new(&bytes).file();
        let text = format(&tree);
        let (again, findings) = parse(&text, FileId(0));
        prop_assert!(findings.is_empty(), "{} in\n{text}", told(&Source::new("bot", &*text), &findings));
        prop_assert!(outline(&tree) == outline(&again), "{}in\n{text}", first_difference(&outline(&tree), &outline(&again)));
        prop_assert_eq!(&text, &format(&again));
    }

    #[test]
    fn damage_is_told_and_never_more_than_told(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        hits in prop::collection::vec((any::<prop::sample::Index>(), 0u8..6, "[ -~]|\"|\\{|\\}|\n|é|\u{a0}|“|\t|\\\\|->|\\{\\{|\"\"\""), 0..6),
        given in 0usize..3,
    ) {
        let text = match given {
            0 => include_str!("../../bots/acme/acme.dialog").to_string(),
            1 => include_str!("../../bots/tasks/tasks.dialog").to_string(),
            _ => format(&Dice::new(&bytes).file()),
        };
        let text = damaged(text, &hits);
        let (tree, findings) = parse(&text, FileId(0));
        sound(&text, &findings);
        let _ = (format(&tree), outline(&tree));
        for finding in &findings {
            mended(&text, finding);
        }
        let mut draft = Draft::new();
        draft.put("bot.dialog", &*text);
        let checked = draft.check();
        sound(&text, &checked.findings);
        let _ = apply_fixes(&checked.sources, &checked.findings);
    }
}

fn first_difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines());
    let different = pairs.skip_while(|(one, other)| one == other).take(3);
    different.map(|(one, other)| format!("{}\n  became {}\n", one.trim(), other.trim())).collect()
}

/// Deletes, inserts, doubles, swaps, or cuts.
fn damaged(mut text: String, hits: &[(prop::sample::Index, u8, String)]) -> String {
    for (at, how, new) in hits {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        if places.is_empty() {
            return text;
        }
        let number = at.index(places.len());
        let at = places[number];
        let next = places.get(number + 1).copied().unwrap_or(text.len());
        match how {
            0 => text.replace_range(at..next, ""),
            1 | 2 => text.insert_str(at, new),
            3 => text.replace_range(at..next, new),
            4 => {
                let line = text[at..].find('\n').map_or(text.len(), |end| at + end);
                text.replace_range(at..line, "");
            }
            _ if *how == 5 && number % 7 == 0 => text.truncate(at),
            _ => {
                let letter = text[at..next].to_string();
                text.insert_str(next, &letter);
            }
        }
    }
    text
}

/// Places lie inside the file and between letters, and findings come in order.
fn sound(text: &str, findings: &[Finding]) {
    for finding in findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        let places = finding.related.iter().map(|place| place.span).chain([finding.place.span]).chain(edits);
        for span in places {
            assert!(text.get(span.range()).is_some(), "{span:?} is no place of {finding:?}");
        }
    }
    assert!(
        findings.is_sorted_by_key(|finding| finding.place.span),
        "{}",
        told(&Source::new("bot", text), findings)
    );
}

/// A fix, made alone, takes its finding away.
fn mended(text: &str, finding: &Finding) {
    if finding.fix.is_none() {
        return;
    }
    let sources = Sources::new(vec![Source::new("bot", text)]);
    let (changed, made) = apply_fixes(&sources, std::slice::from_ref(finding));
    assert_eq!((changed.len(), made.len()), (1, 1));
    let (_, left) = parse(&changed[0].1, FileId(0));
    let same = |other: &&Finding| {
        (other.slug, &other.message, other.place.span.start)
            == (finding.slug, &finding.message, finding.place.span.start)
    };
    let around = &changed[0].1[finding.place.span.range().start..];
    assert!(
        !left.iter().any(|other| same(&other)),
        "after its fix there is still: {finding:?}\nin {around:.200}"
    );
}

// ------------------------------------------------------------------------------------------------- random bots

/// Throws for every choice; when the bytes are used up, it always throws the simplest.
struct Dice<'a> {
    bytes: std::slice::Iter<'a, u8>,
    depth: usize,
}

impl<'a> Dice<'a> {
    fn new(bytes: &'a [u8]) -> Dice<'a> {
        Dice { bytes: bytes.iter(), depth: 0 }
    }

    fn throw(&mut self, sides: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % sides)
    }

    fn chance(&mut self) -> bool {
        self.throw(3) == 2
    }

    fn maybe<T>(&mut self, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| some(self))
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.throw(of.len())].clone()
    }

    fn some<T>(&mut self, least: usize, most: usize, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let number = least + self.throw(most - least + 1);
        (0..number).map(|_| item(self)).collect()
    }

    // ------------------------------------------------------------------------------------------ what stands around

    fn comment(&mut self) -> Comment {
        let text = self.one(&[
            "#",
            "# a note",
            "## shown on hover",
            "# dialog \"X\" {",
            "# \"quote",
            "#}",
            "# ü 🎉 {{",
        ]);
        Comment { text: text.to_string(), span: Span::default() }
    }

    fn trivia(&mut self) -> Vec<Trivia> {
        let mut pieces = self.some(0, 3, |dice| match dice.throw(3) {
            2 => Trivia::Comment(dice.comment()),
            _ => Trivia::Blank,
        });
        pieces.dedup_by(|one, other| *one == Trivia::Blank && *other == Trivia::Blank);
        pieces
    }

    fn block<T>(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> T) -> Block<T> {
        self.depth += 1;
        let most = if self.depth > 5 { 0 } else { most };
        let opening = self.maybe(Dice::comment);
        let lines = self.some(0, most, |dice| Line {
            above: dice.trivia(),
            item: item(dice),
            span: Span::default(),
            comment: dice.maybe(Dice::comment),
        });
        let below = self.trivia();
        self.depth -= 1;
        Block { span: Span::default(), opening, lines, below }
    }

    // ------------------------------------------------------------------------------------------------------- texts

    fn word(&mut self) -> String {
        let words = [
            "a",
            "say",
            "x1",
            "_",
            "order_no",
            "when",
            "Upper",
            "ending",
            "saved",
            "otherwise",
            "text",
            "dialogue",
        ];
        self.one(&words).to_string()
    }

    fn name(&mut self) -> Name {
        Name { text: self.word(), span: Span::default() }
    }

    fn path(&mut self) -> Name {
        let words = self.some(1, 3, Dice::word);
        Name { text: words.join("."), span: Span::default() }
    }

    fn text(&mut self) -> Text {
        const PIECES: &[&str] = &[
            "word",
            " ",
            "  ",
            "\"",
            "\\",
            "\n",
            "\n\n",
            "\\n",
            "'",
            "#",
            "->",
            "{ ",
            "}",
            "}}",
            "é",
            "🎉",
            "שלום",
            "\u{a0}",
            "\t",
            "\"\"\"",
            "say \"x\"",
            "{{ a }}",
            "{{ b | default(\"q \\\" }}\") }}",
            "{{ 'it' }}",
            "{% if a == \"b\" %}",
            "{% endif %}",
            "{{ {'a': 1}.a }}",
            "dialog \"X\" { ",
            "*(a|b)*",
            "/",
            "\\\"",
        ];
        let value = self.some(0, 6, |dice| dice.one(PIECES)).concat();
        Text { value, span: Span::default(), long: self.chance() }
    }

    fn pattern(&mut self) -> Text {
        const PIECES: &[&str] =
            &["word", " ", "*", "(a|b)", "\\*", "\\\\", "\"", "{name}", "\\|", "'", "é", "🎉", "#"];
        let value = self.some(0, 5, |dice| dice.one(PIECES)).concat();
        Text { value, span: Span::default(), long: false }
    }

    fn expr(&mut self) -> Expr {
        let source = self.one(&[
            "a",
            "a + 1",
            "x == \"save y\"",
            "'a -> b'",
            "\"# no\"",
            "a | default('{')",
            "{'a': 1}",
            "[1, 2]",
            "not x",
            "x is like \"*a*\"",
            "\"a\" ~ 'say \"x\"'",
            "saved",
            "a.b.c",
            "1 < 2",
            "\"\\\"\"",
            "-1",
        ]);
        Expr { source: source.to_string(), span: Span::default() }
    }

    fn value(&mut self) -> Value {
        let text =
            self.one(&["3", "en-US", "Europe/Berlin", "08:00-17:00", "50%", "+1", "true", "1.5", "_", "-"]);
        Value { text: text.to_string(), span: Span::default() }
    }

    fn literal(&mut self) -> Literal {
        if self.chance() { Literal::Value(self.value()) } else { Literal::Text(self.text()) }
    }

    fn duration(&mut self) -> Duration {
        Duration {
            number: self.one(&[0, 5, 20, u64::MAX]),
            unit: self.one(&["ms", "s", "m", "h", "d"]),
            span: Span::default(),
        }
    }

    fn regex(&mut self) -> Regex {
        let pieces = self.some(1, 4, |dice| {
            dice.one(&[
                "a", "\\d", "/", "[a-z]", "[/]", "[^]]", "\\[", "\\\\", "{2}", "\"", "#", " ", "é", "(a|b)",
            ])
        });
        Regex { source: pieces.concat(), ignore_case: self.chance(), span: Span::default() }
    }

    fn kind(&mut self) -> Type {
        let quoted = self.chance();
        let name = if quoted { self.text().value } else { self.word() };
        Type { name, quoted, span: Span::default(), private: self.chance() }
    }

    // ------------------------------------------------------------------------------------------------ declarations

    fn file(&mut self) -> File {
        let mut block = self.block(5, Dice::declaration);
        block.opening = None;
        File { block, unread: Vec::new() }
    }

    fn declaration(&mut self) -> Declaration {
        let name = self.text();
        match self.throw(8) {
            0 => Declaration::Bot(Bot { name, block: self.block(5, Dice::bot_line) }),
            1 => Declaration::Integration(Integration {
                name,
                kind: self.name(),
                block: self.block(5, |dice| match dice.chance() {
                    true => IntegrationLine::Save(dice.save()),
                    false => IntegrationLine::Field(dice.setting()),
                }),
            }),
            2 => Declaration::Phrases(Phrases { name, block: self.block(4, Dice::listen) }),
            3 => Declaration::Intent(Intent {
                name,
                block: self.block(4, |dice| match dice.chance() {
                    true => IntentLine::Domain(dice.text()),
                    false => IntentLine::Sample(dice.text()),
                }),
            }),
            4 => Declaration::Entity(Entity { name, block: self.block(4, Dice::entity_value) }),
            5 => Declaration::Hours(Hours {
                name,
                block: self.block(4, |dice| {
                    let text = dice.one(&[
                        "zone Europe/Berlin",
                        "mon-fri 08:00-17:00",
                        "2026-12-25 closed",
                        "ünd so",
                        "x",
                    ]);
                    Value { text: text.to_string(), span: Span::default() }
                }),
            }),
            _ => Declaration::Dialog(Dialog { kind: self.dialog_kind(), name, block: self.steps() }),
        }
    }

    fn dialog_kind(&mut self) -> DialogKind {
        match self.throw(6) {
            1 => DialogKind::Fallback,
            2 => DialogKind::Escalation,
            3 => DialogKind::Disambiguation,
            4 => DialogKind::On(Event {
                name: self.some(1, 3, Dice::word).join(" "),
                duration: self.maybe(Dice::duration),
                span: Span::default(),
            }),
            _ => DialogKind::Plain,
        }
    }

    fn bot_line(&mut self) -> BotLine {
        if self.chance() { BotLine::Var(self.var()) } else { BotLine::Setting(self.setting()) }
    }

    fn setting(&mut self) -> Setting {
        let values = self.some(0, 3, |dice| match dice.chance() {
            true => Argument::Text(dice.text()),
            false => Argument::Value(dice.value()),
        });
        Setting { name: self.name(), values }
    }

    fn var(&mut self) -> Var {
        Var { remember: self.chance(), name: self.name(), kind: self.kind(), value: self.maybe(Dice::expr) }
    }

    fn entity_value(&mut self) -> EntityValue {
        let kind =
            if self.chance() { MatcherKind::Regex(self.regex()) } else { MatcherKind::Exact(self.text()) };
        let mut matchers = vec![Matcher { kind, span: Span::default() }];
        matchers.extend(self.some(0, 2, Dice::matcher));
        EntityValue { matchers, value: self.maybe(Dice::literal) }
    }

    // ------------------------------------------------------------------------------------------------------- steps

    fn steps(&mut self) -> Block<Step> {
        self.block(4, |dice| match dice.throw(8) {
            0 => Step::UserSays(dice.block(3, Dice::listen)),
            1 => Step::Var(dice.var()),
            2 => Step::Do { label: Some(dice.name()), statement: None },
            3 => Step::Do { label: Some(dice.name()), statement: Some(dice.statement()) },
            _ => Step::Do { label: None, statement: Some(dice.statement()) },
        })
    }

    fn statement(&mut self) -> Statement {
        match self.throw(16) {
            0 | 15 => Statement::Say { text: self.text(), action: self.maybe(Dice::action) },
            1 => Statement::Note(self.text()),
            2 => Statement::Image { url: self.text(), alt: self.maybe(Dice::text) },
            3 => Statement::Card(self.text()),
            4 => Statement::Log { event: self.text(), detail: self.maybe(Dice::text) },
            5 => Statement::Pause(self.duration()),
            6 => Statement::Respond(match self.chance() {
                true => Respond::Time(self.duration()),
                false => Respond::Word(self.value()),
            }),
            7 => Statement::Set { path: self.path(), value: self.expr() },
            8 => Statement::If(self.branches()),
            9 => Statement::Ask(Ask {
                name: self.name(),
                kind: self.maybe(Dice::kind),
                text: self.text(),
                focused: self.chance(),
                then: self.then(),
            }),
            10 => Statement::Choose(Choose {
                name: self.name(),
                text: self.text(),
                focused: self.chance(),
                rules: self.rules(),
            }),
            11 => Statement::Collect(self.steps()),
            12 => Statement::Call(Call { integration: self.text(), then: self.then() }),
            13 => Statement::Transfer(Transfer {
                to: Name { text: self.one(&["skill", "agent", "bot"]).to_string(), span: Span::default() },
                target: self.text(),
                say: self.maybe(Dice::text),
                rules: self.maybe(Dice::rules),
            }),
            _ => Statement::Go(self.action()),
        }
    }

    fn branches(&mut self) -> If {
        let otherwise = match self.throw(4) {
            1 => Some(Else::Block(self.steps())),
            2 => Some(Else::If(Box::new(self.branches()))),
            _ => None,
        };
        If { condition: self.expr(), then: self.steps(), otherwise }
    }

    fn then(&mut self) -> Then {
        match self.throw(3) {
            1 => Then::Rules(self.rules()),
            2 => Then::Action(self.action()),
            _ => Then::Nothing,
        }
    }

    fn action(&mut self) -> Action {
        let target = match self.throw(11) {
            0 => Target::Next,
            1 => Target::Repeat,
            2 => Target::Wait,
            3 => Target::End,
            4 => Target::EndAll,
            5 => Target::Back,
            6 => Target::Close,
            7 => Target::CloseWithoutSurvey,
            8 => Target::Label(self.name()),
            _ => Target::Dialog { name: self.text(), label: self.maybe(Dice::name) },
        };
        Action { target, span: Span::default() }
    }

    // ------------------------------------------------------------------------------------------------------- rules

    fn rules(&mut self) -> Block<Rule> {
        self.block(4, |dice| Rule { when: dice.when(), tail: dice.tail() })
    }

    fn when(&mut self) -> When {
        match self.throw(4) {
            0 => When::Otherwise(Span::default()),
            1 => When::Retry(self.value()),
            2 => When::Choice(Choice {
                each: self.maybe(|dice| (dice.name(), dice.path())),
                label: self.text(),
                value: self.maybe(Dice::literal),
                fits: self.fits(0),
            }),
            _ => When::Fits(self.fits(1)),
        }
    }

    fn fits(&mut self, least: usize) -> Fits {
        Fits { any: self.some(least, 3, Dice::matcher), but_not: self.some(0, 2, Dice::matcher) }
    }

    fn tail(&mut self) -> Tail {
        Tail {
            condition: self.maybe(Dice::expr),
            saves: self.some(0, 2, Dice::save),
            body: match self.chance() {
                true => Body::Block(self.steps()),
                false => Body::Short { say: self.maybe(Dice::text), action: self.maybe(Dice::action) },
            },
        }
    }

    fn save(&mut self) -> Save {
        let path = self.maybe(Dice::path);
        let value = if path.is_some() { self.maybe(Dice::expr) } else { None };
        Save { path, value, span: Span::default() }
    }

    fn listen(&mut self) -> Listen {
        match self.chance() {
            true => Listen::ButNot(self.matcher()),
            false => Listen::Any(self.some(1, 3, Dice::matcher)),
        }
    }

    fn matcher(&mut self) -> Matcher {
        let kind = match self.throw(10) {
            0 => MatcherKind::Exact(self.text()),
            1 => MatcherKind::Pattern(self.pattern()),
            2 => MatcherKind::Words(self.pattern()),
            3 => MatcherKind::Phrases(self.text()),
            4 => MatcherKind::Intent(self.text()),
            5 => MatcherKind::Regex(self.regex()),
            6 => MatcherKind::Success,
            7 => MatcherKind::Failure,
            8 => MatcherKind::Silence(self.duration()),
            _ => MatcherKind::Anything,
        };
        Matcher { kind, span: Span::default() }
    }
}

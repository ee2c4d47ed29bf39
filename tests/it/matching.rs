//! Matching, held against its definition: a matcher that tries every way to fit, slowly and obviously.

use std::cmp::Reverse;
use std::ops::Range;

use parlor::language::pattern::{Item, PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX, parse_pattern};
use parlor::program::matcher::{Matcher, Scratch};
use parlor::program::normal::{Heard, MESSAGE_BYTES_MAX, normal};
use parlor::program::overlap::{never_wins, witness};
use parlor::program::starters::{Candidate, Starter, Starters, Win};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

// ---- The definition, slowly ----

/// A matcher, as the definition sees it.
#[derive(Debug, Clone)]
enum Slow {
    Exact(String),
    Pattern(String),
    Words(String),
    /// As an author writes it, and the same for the regex crate.
    Regex(&'static str, &'static str),
    Phrases(Vec<Slow>, Vec<Slow>),
}

/// One way to fit.
#[derive(Debug, Clone, Default)]
struct Way {
    at: usize,
    own: u32,
    /// What was chosen, from left to right.
    choices: Vec<usize>,
    kept: Vec<(String, Range<usize>)>,
    /// Characters that no own letter stands for.
    free: Vec<usize>,
}

fn run(text: &str) -> Vec<char> {
    // Of the letters tried here only the soft hyphen is one that nobody sees.
    let text = &text.replace('\u{ad}', "");
    let mut out: Vec<char> = normal(text).chars().collect();
    if text.starts_with(char::is_whitespace) {
        out.insert(0, ' ');
    }
    if text.ends_with(char::is_whitespace) && out != [' '] {
        out.push(' ');
    }
    out
}

fn take(way: &Way, to: usize, choice: usize) -> Way {
    let mut way = way.clone();
    way.free.extend(way.at..to);
    way.at = to;
    way.choices.push(choice);
    way
}

fn go(items: &[Item], text: &[char], ways: Vec<Way>) -> Vec<Way> {
    let mut ways = ways;
    for item in items {
        let mut next = Vec::new();
        for way in &ways {
            match item {
                Item::Literal { text: said, .. } => {
                    let said = run(said);
                    if text[way.at..].starts_with(&said) {
                        let mut way = way.clone();
                        way.at += said.len();
                        way.own += said.len() as u32;
                        next.push(way);
                    }
                }
                Item::Star { .. } => next.extend((way.at..=text.len()).map(|to| take(way, to, to - way.at))),
                Item::Capture { name, .. } => next.extend((way.at + 1..=text.len()).map(|to| {
                    let mut longer = take(way, to, to - way.at);
                    longer.kept.push((name.clone(), way.at..to));
                    longer
                })),
                Item::Group { alternates, .. } => {
                    for (n, alternate) in alternates.iter().enumerate() {
                        next.extend(go(&alternate.items, text, vec![take(way, way.at, n)]));
                    }
                }
            }
        }
        ways = next;
    }
    ways
}

fn trailing(letter: char) -> bool {
    " .!?。".contains(letter)
}

/// All ways in which a message fits.
fn ways(items: &[Item], words: bool, message: &str) -> Vec<Way> {
    let text: Vec<char> = normal(message).chars().collect();
    if !words {
        let all = go(items, &text, vec![Way::default()]);
        return all
            .into_iter()
            .filter(|way| text[way.at..].iter().all(|&letter| trailing(letter)))
            .map(|way| {
                let to = text.len();
                take(&way, to, 0)
            })
            .collect();
    }
    let whole: String = text.iter().collect();
    let mut bounds: Vec<usize> =
        whole.split_word_bound_indices().map(|(at, _)| whole[..at].chars().count()).collect();
    bounds.extend([0, text.len()]);
    let starts = (0..=text.len()).filter(|at| bounds.contains(at));
    let all = go(items, &text, starts.map(|at| take(&Way::default(), at, at)).collect());
    all.into_iter().filter(|way| bounds.contains(&way.at)).map(|way| take(&way, text.len(), 0)).collect()
}

impl Slow {
    fn items(&self) -> Vec<Item> {
        let mut items = match self {
            Slow::Exact(text) => vec![Item::Literal { text: text.clone(), span: 0..0 }],
            Slow::Pattern(text) | Slow::Words(text) => parse_pattern(text).unwrap().items,
            Slow::Regex(..) | Slow::Phrases(..) => Vec::new(),
        };
        // The ends of a pattern are trimmed, as those of a message are.
        let seen = |text: &str| text.replace('\u{ad}', "");
        if let Some(Item::Literal { text, .. }) = items.first_mut() {
            *text = seen(text).trim_start().into();
        }
        if let Some(Item::Literal { text, .. }) = items.last_mut() {
            *text = seen(text).trim_end().into();
        }
        items
    }

    fn ways(&self, message: &str) -> Vec<Way> {
        ways(&self.items(), matches!(self, Slow::Words(_)), message)
    }

    /// Whether only a regex fits, and the own letters.
    fn fits(&self, message: &str) -> Option<(bool, u32)> {
        match self {
            Slow::Regex(_, plain) => {
                regex::Regex::new(plain).unwrap().is_match(message.trim()).then_some((true, 0))
            }
            Slow::Phrases(any, but_not) => {
                if but_not.iter().any(|one| one.fits(message).is_some()) {
                    return None;
                }
                any.iter()
                    .filter_map(|one| one.fits(message))
                    .min_by_key(|&(regex, own)| (regex, Reverse(own)))
            }
            _ => self.ways(message).iter().map(|way| way.own).max().map(|own| (false, own)),
        }
    }

    fn covers(&self, message: &str) -> bool {
        let text: Vec<char> = normal(message).chars().collect();
        match self {
            Slow::Regex(..) => false,
            Slow::Phrases(any, but_not) => {
                !but_not.iter().any(|one| one.fits(message).is_some())
                    && any.iter().any(|one| one.covers(message))
            }
            _ => {
                let all = self.ways(message);
                all.iter().any(|way| way.own > 0 && way.free.iter().all(|&at| !text[at].is_alphanumeric()))
            }
        }
    }

    /// What is kept, in the normal form.
    fn captures(&self, message: &str) -> Vec<(String, String)> {
        let text: Vec<char> = normal(message).chars().collect();
        let best = self.ways(message).into_iter().min_by_key(|way| (Reverse(way.own), way.choices.clone()));
        let kept = best.map(|way| way.kept).unwrap_or_default();
        kept.into_iter().map(|(name, range)| (name, text[range].iter().collect())).collect()
    }

    fn fast(&self) -> Matcher {
        match self {
            Slow::Exact(text) => Matcher::exact(text),
            Slow::Pattern(text) => Matcher::pattern(&parse_pattern(text).unwrap()),
            Slow::Words(text) => Matcher::words(&parse_pattern(text).unwrap()),
            Slow::Regex(written, _) => Matcher::regex(written, false).unwrap(),
            Slow::Phrases(any, but_not) => Matcher::phrases(fast(any), fast(but_not)),
        }
    }
}

fn fast(all: &[Slow]) -> Vec<Matcher> {
    all.iter().map(Slow::fast).collect()
}

#[derive(Debug, Clone)]
struct SlowStarter {
    any: Vec<Slow>,
    but_not: Vec<Slow>,
}

impl SlowStarter {
    fn fast(&self) -> Starter {
        Starter { any: fast(&self.any), but_not: fast(&self.but_not) }
    }

    fn candidate(&self, starter: usize, message: &str) -> Option<Candidate> {
        let fits = self.any.iter().enumerate().filter_map(|(n, one)| one.fits(message).map(|fit| (n, fit)));
        let (matcher, (regex, own)) = fits.min_by_key(|&(n, (regex, own))| (regex, Reverse(own), n))?;
        let excluded = self.but_not.iter().position(|one| one.fits(message).is_some());
        Some(Candidate { win: Win { starter, matcher, own, regex }, excluded })
    }
}

fn slow_candidates(starters: &[SlowStarter], message: &str) -> Vec<Candidate> {
    let mut all: Vec<_> =
        starters.iter().enumerate().filter_map(|(n, it)| it.candidate(n, message)).collect();
    all.sort_by_key(|one| (one.excluded.is_some(), one.win.regex, Reverse(one.win.own), one.win.starter));
    all
}

// ---- What is tried ----

const PIECES: &[&str] = &[
    "a", "a", "b", "b", "ab", "A", "ß", "ss", "É", "e\u{301}", "e", "ﬁ", "f", "’", "'", " ", " ", "  ", "。",
    ".", "!", "1", "\u{ad}", "\u{301}",
];

pub fn letters(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..=longest).prop_map(|pieces| pieces.concat())
}

/// The text of a pattern; captures are numbered when it is printed.
pub fn pattern_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => letters(3),
        3 => Just("*".to_owned()),
        1 => Just("\u{0}".to_owned()),
    ];
    let item = leaf.prop_recursive(3, 12, 3, |inner| {
        let way = prop::collection::vec(inner, 0..3).prop_map(|items| items.concat());
        prop::collection::vec(way, 1..4).prop_map(|ways| format!("({})", ways.join("|")))
    });
    prop::collection::vec(item, 1..5)
        .prop_map(|items| {
            let mut names = 0;
            let number = |letter: char| match letter {
                '\u{0}' => {
                    names += 1;
                    format!("{{x{names}}}")
                }
                other => other.to_string(),
            };
            items.concat().chars().map(number).collect::<String>()
        })
        .prop_filter("a pattern that can be read", |text| parse_pattern(text).is_ok())
}

/// One way to say what a pattern asks, so that most messages fit something.
pub fn say(items: &[Item], choices: &mut impl Iterator<Item = usize>, out: &mut String) {
    for item in items {
        match item {
            Item::Literal { text, .. } => out.push_str(text),
            Item::Star { .. } => {
                (0..choices.next().unwrap_or(0) % 3).for_each(|n| out.push_str(PIECES[n * 7 % 24]))
            }
            Item::Capture { .. } => {
                (0..=choices.next().unwrap_or(0) % 2).for_each(|n| out.push_str(PIECES[n * 5 + 3]))
            }
            Item::Group { alternates, .. } => {
                let n = choices.next().unwrap_or(0) % alternates.len();
                say(&alternates[n].items, choices, out);
            }
        }
    }
}

fn matcher() -> impl Strategy<Value = Slow> {
    let one = prop_oneof![
        2 => letters(3).prop_filter("said", |text| !normal(text).is_empty()).prop_map(Slow::Exact),
        5 => pattern_text().prop_map(Slow::Pattern),
        2 => prop::sample::select(&["*a*", "*b*", "*(a|b)*", "*(ab|é)*", "*ss*(a|1)*"][..]).prop_map(|text| Slow::Pattern(text.into())),
        2 => prop::sample::select(&["a", "(a|b)", "ab", "*", "(ss|é)"][..]).prop_map(|text| Slow::Words(text.into())),
        2 => pattern_text().prop_map(Slow::Words),
        1 => prop::sample::select(&[(r"\d", "[0-9]"), ("^[a\\d]+$", "^[a0-9]+$"), ("(?i)B", "(?i)B"), ("A+b|ß", "A+b|ß"), (r"\D$", "[^0-9]$")][..])
            .prop_map(|(written, plain)| Slow::Regex(written, plain)),
    ];
    one.prop_recursive(1, 4, 3, |inner| {
        (prop::collection::vec(inner.clone(), 1..3), prop::collection::vec(inner, 0..2))
            .prop_map(|(any, but_not)| Slow::Phrases(any, but_not))
    })
}

/// Letters that fold to themselves whatever stands beside them.
fn plain_letters(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&["a", "b", "ab", " ", ".", "1"][..]), 0..=longest)
        .prop_map(|pieces| pieces.concat())
}

fn plain_matcher() -> impl Strategy<Value = Slow> {
    let item = prop_oneof![
        3 => plain_letters(2),
        3 => Just("*".to_owned()),
        2 => (plain_letters(2), plain_letters(1)).prop_map(|(one, other)| format!("({one}|{other})")),
        1 => Just("({x}|a)".to_owned()),
    ];
    let pattern = prop::collection::vec(item, 1..4)
        .prop_map(|items| items.concat())
        .prop_filter("a pattern that can be read", |text| parse_pattern(text).is_ok());
    prop_oneof![
        1 => plain_letters(3).prop_filter("said", |text| !normal(text).is_empty()).prop_map(Slow::Exact),
        3 => pattern.prop_map(Slow::Pattern),
    ]
}

fn plain_starter() -> impl Strategy<Value = SlowStarter> {
    let words =
        prop::sample::select(&["a", "(a|b)", "ab", "a *"][..]).prop_map(|text| Slow::Words(text.into()));
    let one = prop_oneof![5 => plain_matcher(), 1 => words];
    let but_not = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(plain_matcher(), 1..2)];
    (prop::collection::vec(one, 1..3), but_not).prop_map(|(any, but_not)| SlowStarter { any, but_not })
}

fn starters() -> impl Strategy<Value = Vec<SlowStarter>> {
    let but_not = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(matcher(), 1..3)];
    let starter = (prop::collection::vec(matcher(), 1..4), but_not)
        .prop_map(|(any, but_not)| SlowStarter { any, but_not });
    prop::collection::vec(starter, 1..6)
}

fn first_pattern(one: &Slow) -> Option<Vec<Item>> {
    match one {
        Slow::Phrases(any, _) => any.iter().find_map(first_pattern),
        Slow::Regex(..) => None,
        other => Some(other.items()),
    }
}

/// What the pattern asks, or anything.
fn message_for(one: &Slow, choices: &[usize], other: &str) -> String {
    let mut said = String::new();
    let choices = &mut choices.iter().copied();
    match first_pattern(one) {
        Some(items) if !choices.next().unwrap_or(0).is_multiple_of(4) => {
            say(&items, choices, &mut said);
            match choices.next().unwrap_or(0) % 4 {
                0 => said + ". ",
                1 => format!("{said} {other}"),
                _ => said,
            }
        }
        _ => other.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_matcher_is_as_defined(
        slow in matcher(),
        choices in prop::collection::vec(0usize..100, 8),
        other in letters(4),
    ) {
        let message = message_for(&slow, &choices, &other);
        let heard = Heard::new(&message).unwrap();
        let fast = slow.fast();
        let scratch = &mut Scratch::new();
        let fit = fast.fits(&heard, scratch).map(|fit| (fit.regex, fit.own));
        prop_assert_eq!(fit, slow.fits(&message), "{:?}", message);
        prop_assert_eq!(fast.covers(&heard, scratch), slow.covers(&message), "covers {:?}", message);
        if !matches!(slow, Slow::Phrases(..)) {
            let kept: Vec<_> = fast.captures(&heard, scratch).into_iter().map(|(name, text)| (name.to_owned(), normal(text))).collect();
            let slowly: Vec<_> = slow.captures(&message).into_iter().map(|(name, text)| (name, normal(&text))).collect();
            // A letter is given back whole, with its accents: `ß` may be kept for an `s`.
            if !message.contains(['ß', 'ﬁ', '\u{301}']) {
                prop_assert_eq!(kept, slowly, "captures {:?}", message);
            } else {
                prop_assert_eq!(kept.len(), slowly.len());
                for ((name, text), (slow_name, slow_text)) in kept.iter().zip(&slowly) {
                    prop_assert_eq!(name, slow_name);
                    prop_assert!(text.contains(slow_text.as_str()), "captures {:?}: {:?} {:?}", message, text, slow_text);
                }
            }
        }
    }

    #[test]
    fn a_set_of_starters_is_as_defined(
        slow in starters(),
        which in 0usize..100,
        choices in prop::collection::vec(0usize..100, 8),
        other in letters(4),
    ) {
        let of = &slow[which % slow.len()];
        let message = message_for(&of.any[which / 7 % of.any.len()], &choices, &other);
        let heard = Heard::new(&message).unwrap();
        let fast = Starters::build(slow.iter().map(SlowStarter::fast).collect());
        let scratch = &mut Scratch::new();
        let expected = slow_candidates(&slow, &message);
        prop_assert_eq!(&fast.candidates(&heard, scratch), &expected, "{:?}", message);
        let winner = expected.iter().find(|one| one.excluded.is_none()).map(|one| one.win);
        prop_assert_eq!(fast.winner(&heard, scratch), winner, "{:?}", message);
        let interrupter = expected
            .iter()
            .filter(|one| one.excluded.is_none())
            .find(|one| slow[one.win.starter].any.iter().any(|it| it.covers(&message)))
            .map(|one| one.win);
        prop_assert_eq!(fast.interrupter(&heard, scratch), interrupter, "{:?}", message);
    }

    #[test]
    fn who_never_wins_never_wins(
        slow in prop::collection::vec(plain_starter(), 2..5),
        messages in prop::collection::vec((0usize..100, prop::collection::vec(0usize..100, 8), plain_letters(5)), 30),
    ) {
        let fast = Starters::build(slow.iter().map(SlowStarter::fast).collect());
        let scratch = &mut Scratch::new();
        for (n, it) in slow.iter().enumerate() {
            let Some(by) = never_wins(&fast, n, scratch) else { continue };
            prop_assert!(!by.is_empty() && !by.contains(&n));
            for (which, choices, other) in &messages {
                let message = message_for(&it.any[which % it.any.len()], choices, other);
                let won = fast.winner(&Heard::new(&message).unwrap(), scratch);
                prop_assert!(won.is_none_or(|win| win.starter != n), "{n} by {by:?} on {message:?}");
            }
        }
    }

    #[test]
    fn a_witness_is_found_where_there_is_one(
        one in plain_matcher(),
        other in plain_matcher(),
        choices in prop::collection::vec(0usize..100, 8),
    ) {
        let message = message_for(&one, &choices, "a");
        let both = one.fits(&message).is_some() && other.fits(&message).is_some();
        let found = witness(&one.fast(), &other.fast());
        if let Some(found) = &found {
            prop_assert!(one.fits(found).is_some() && other.fits(found).is_some(), "{found:?}");
        }
        prop_assert!(found.is_some() || !both, "{message:?} fits both");
    }

    #[test]
    fn the_normal_form_is_stable(text in "\\PC{0,12}", typed in letters(8)) {
        for text in [text, typed] {
            let once = normal(&text);
            prop_assert_eq!(&normal(&once), &once);
            let heard = Heard::new(&text).unwrap();
            prop_assert_eq!(heard.normal(), &once);
            prop_assert_eq!(normal(heard.typed(0..once.len())), once);
        }
    }

    #[test]
    fn nothing_panics(pattern in "[a*(|){}\\\\ é0]{0,30}", regex in "[a\\\\dD\\[\\](|)*+^$-]{0,12}", message in "\\PC{0,20}") {
        let heard = Heard::new(&message).unwrap();
        let scratch = &mut Scratch::new();
        match parse_pattern(&pattern) {
            Ok(read) => {
                for matcher in [Matcher::pattern(&read), Matcher::words(&read)] {
                    matcher.fits(&heard, scratch);
                    matcher.captures(&heard, scratch);
                    matcher.covers(&heard, scratch);
                }
            }
            Err(slip) => prop_assert!(pattern.get(slip.span.clone()).is_some(), "{:?}", slip),
        }
        match Matcher::regex(&regex, true) {
            Ok(matcher) => {
                matcher.fits(&heard, scratch);
            }
            Err(slip) => prop_assert!(regex.get(slip.span.clone()).is_some(), "{:?}", slip),
        }
    }
}

// ---- Plain cases ----

fn fits(pattern: &str, message: &str) -> bool {
    own(&Slow::Pattern(pattern.into()), message).is_some()
}

fn own(one: &Slow, message: &str) -> Option<u32> {
    one.fast().fits(&Heard::new(message).unwrap(), &mut Scratch::new()).map(|fit| fit.own)
}

fn captures(pattern: &str, message: &str) -> Vec<(String, String)> {
    let matcher = Slow::Pattern(pattern.into()).fast();
    let heard = Heard::new(message).unwrap();
    let kept = matcher.captures(&heard, &mut Scratch::new());
    kept.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

fn build(patterns: &[&str]) -> Starters {
    let starter =
        |text: &&str| Starter { any: vec![Slow::Pattern(text.to_string()).fast()], but_not: Vec::new() };
    Starters::build(patterns.iter().map(starter).collect())
}

fn winner(starters: &Starters, message: &str) -> Option<usize> {
    starters.winner(&Heard::new(message).unwrap(), &mut Scratch::new()).map(|win| win.starter)
}

#[test]
fn the_whole_message_has_to_fit() {
    assert!(!fits("(hi|hello|hey) *", "hi"));
    assert!(fits("(hi|hello|hey) *", "hi there"));
    assert!(fits("(hi|hello|hey)*", "hey you"));
    assert!(fits("*home*", "homes"));
    assert!(!fits("home", "homes"));
    for thanks in ["thank", "Thanks", "thank you", "thanks a lot"] {
        assert!(fits("(thank(|s)|thank you)*", thanks), "{thanks}");
    }
    assert!(!fits("(thank(|s)|thank you)", "thanks a lot"));
}

#[test]
fn case_quotes_space_and_closing_marks_do_not_matter() {
    for hello in ["Hello!!", "  hello ", "HELLO. ", "ｈｅｌｌｏ。", "hel\u{ad}lo"] {
        assert!(fits("hello", hello), "{hello}");
    }
    assert!(!fits("hello", "hello, you"));
    assert!(!fits("hello!", "hello"));
    assert!(fits("hello!", "hello!!"));
    assert!(fits("*don't know*", "I don’t\n know"));
    assert!(fits("straße", "STRASSE") && fits("CAFÉ", "cafe\u{301}"));
    assert!(fits("`tis", "´TIS") && fits("say \"x\"", "say “X”"));
    assert!(fits("what? *", "what? no") && !fits("what? *", "what no"));
}

#[test]
fn words_begin_and_end_at_word_boundaries() {
    let words = |text: &str, message: &str| own(&Slow::Words(text.into()), message);
    assert_eq!(words("rep", "repeat that"), None);
    assert_eq!(words("rep", "a Rep, please"), Some(3));
    assert_eq!(words("can", "I can't"), None);
    assert_eq!(words("speak * rep", "let me speak to a rep now"), Some(10));
    assert_eq!(words("rep * speak", "let me speak to a rep now"), None);
}

#[test]
fn the_one_that_accounts_for_most_letters_wins() {
    let starters = build(&["*(agent|representative|help|human)*", "*(track|where)*(order|parcel)*"]);
    assert_eq!(winner(&starters, "help me track my order"), Some(1));
    assert_eq!(winner(&starters, "help me"), Some(0));
    assert_eq!(winner(&starters, "good morning"), None);
    assert_eq!(winner(&build(&["*a*", "*a*", "a*"]), "abc"), Some(0));
}

#[test]
fn a_capture_gives_the_letters_back_as_typed() {
    let kept = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
    assert_eq!(captures("*i'm at {place}", "I’m  at Bob's Café!"), kept("place", "Bob's Café"));
    assert_eq!(captures("{a} and*", "Ann and Bob and Cy"), kept("a", "Ann"));
    assert_eq!(captures("*call me {name}(| please)", "Call me ÉLAN please"), kept("name", "ÉLAN"));
    assert_eq!(captures("x{a}", "x"), []);
}

#[test]
fn a_regex_sees_what_was_typed() {
    let regex = |source: &str, ignore_case: bool, message: &str| {
        let matcher = Matcher::regex(source, ignore_case).unwrap();
        matcher.fits(&Heard::new(message).unwrap(), &mut Scratch::new()).is_some()
    };
    assert!(regex(r"^[A-Z]-\d{5}$", false, " A-12345 "));
    assert!(!regex(r"^[A-Z]-\d{5}$", false, "a-12345") && regex(r"^[A-Z]-\d{5}$", true, "a-12345"));
    assert!(!regex(r"\d", false, "٣") && !regex(r"[x\d]", false, "٣") && regex(r"\D", false, "٣"));
    assert!(regex(r"\\d", false, r"\d") && !regex(r"\\d", false, "1"));
    assert!(regex(r"[\d-]", false, "-"));
    let slip = |source: &str| Matcher::regex(source, false).unwrap_err();
    assert_eq!(slip("a(?=b)").span, 1..4);
    assert!(slip("(a)\\1").message.contains("refers back"));
    assert!(slip("(((a{99}){99}){99}){99}").message.contains("too large"));
    assert_eq!(slip("a(b").message, "this `(` is never closed");
    let deep = "(".repeat(900) + "a" + &")".repeat(900);
    assert!(slip(&deep).message.contains("nested too deep"));
}

#[test]
fn a_regex_is_found_by_the_letters_it_needs() {
    let sources = [r"(?i)kelvin \d", "Straße|order", r"^[A-Z]+-x", r"(?:Ab)+\s+cd"];
    let starter =
        |source: &&str| Starter { any: vec![Matcher::regex(source, false).unwrap()], but_not: Vec::new() };
    let starters = Starters::build(sources.iter().map(starter).collect());
    assert_eq!(winner(&starters, "\u{212a}elvin 3"), Some(0));
    assert_eq!(winner(&starters, "die Straße"), Some(1));
    assert_eq!(winner(&starters, "die strasse"), None);
    assert_eq!(winner(&starters, "é order"), Some(1));
    assert_eq!(winner(&starters, "QU-x"), Some(2));
    assert_eq!(winner(&starters, "AbAb\u{a0}cd"), Some(3));
}

#[test]
fn slips_are_told_by_name() {
    let slip = |text: &str| {
        let slip = parse_pattern(text).unwrap_err();
        (slip.span, slip.message)
    };
    assert_eq!(slip("  "), (0..2, "this pattern is empty".into()));
    assert_eq!(slip("a|b"), (1..2, "`|` stands outside parentheses".into()));
    assert_eq!(slip(" *(a|(b)"), (2..3, "this `(` is never closed".into()));
    assert_eq!(slip("a)b"), (1..2, "this `)` closes nothing".into()));
    assert_eq!(slip("é}"), (2..3, "this `}` closes nothing".into()));
    assert_eq!(slip("a{}"), (1..3, "`{}` has no name".into()));
    assert_eq!(slip("{order no}"), (0..10, "`{order no}` is not a name in braces".into()));
    assert_eq!(slip("*{name"), (1..2, "this `{` is not followed by a name and `}`".into()));
    assert_eq!(slip("a\\"), (1..2, "`\\` stands at the end of the pattern".into()));
    assert_eq!(slip("a\\né"), (1..3, "`\\n` means nothing in a pattern".into()));
    assert_eq!(slip("{a} or {a}"), (7..10, "`{a}` stands twice in this pattern".into()));
    assert_eq!(slip("{a}{b}"), (3..6, "`{a}` and `{b}` stand side by side".into()));
    assert_eq!(slip("{a}*{b}"), (4..7, "`{a}` and `{b}` stand side by side".into()));
    assert_eq!(slip("({a}|x)(|y){b}"), (11..14, "`{a}` and `{b}` stand side by side".into()));
    assert!(parse_pattern("({a}|x)(z|y){b}").is_ok());
    assert!(fits(r"\*\(\)\|\{\}\\", r"*()|{}\"));
    assert!(parse_pattern(&"a".repeat(PATTERN_BYTES_MAX)).is_ok());
    assert!(slip(&"a".repeat(PATTERN_BYTES_MAX + 1)).1.contains(&format!("{} bytes", PATTERN_BYTES_MAX + 1)));
    let nested = |deep: usize| "(".repeat(deep) + "a" + &")".repeat(deep);
    assert!(parse_pattern(&nested(PATTERN_DEPTH_MAX)).is_ok());
    assert_eq!(slip(&nested(PATTERN_DEPTH_MAX + 1)).0, 64..65);
    // Neither braces nor backslashes may hide a parenthesis from the count.
    for deep in ["({)}".repeat(400), "({(".repeat(600), "(".repeat(2000), "(\\)".repeat(600)] {
        assert!(parse_pattern(&deep).is_err());
    }
}

#[test]
fn checks_can_ask_a_pattern() {
    let read = |text: &str| parse_pattern(text).unwrap();
    assert!(read("*").fits_anything() && read("(a|(|*)*)").fits_anything());
    assert!(!read("(|a)").fits_anything() && read("(|a)").fits_empty());
    assert!(!read("*a*").fits_empty() && !read("{a}").fits_empty() && !read("{a}*").fits_anything());
    assert!(read("(a|(b*))").has_star() && !read(r"\*").has_star());
    assert_eq!(read("{a} x ({b}|c)").captures(), [("a", 0..3), ("b", 7..10)]);
    assert_eq!(
        read("*(rep|agent|(is|a b|ü*))* x").inside_words(),
        [("rep", 2..5), ("is", 13..15), ("ü", 20..22)]
    );
    assert!(read("(rep|no)*").inside_words().is_empty());
}

#[test]
fn a_message_too_long_is_refused() {
    assert!(Heard::new(&"a".repeat(MESSAGE_BYTES_MAX)).is_ok());
    let refused = Heard::new(&"a".repeat(MESSAGE_BYTES_MAX + 1)).unwrap_err();
    assert_eq!(refused.bytes, MESSAGE_BYTES_MAX + 1);
}

#[test]
fn nothing_is_exponential() {
    let nested = (0..30).fold("a".to_owned(), |inner, _| format!("*(a|aa{inner})*"));
    let alternates = format!("*{}b", "(a|aa|)".repeat(140));
    let stars = "*a".repeat(450) + "b";
    for pattern in [&nested, &alternates, &stars, &"*(a|aa)*(b|)".repeat(80)] {
        let matcher = Slow::Pattern(pattern.clone()).fast();
        let work = |length: usize| {
            let text = "a".repeat(length) + "c";
            let mut scratch = Scratch::new();
            matcher.fits(&Heard::new(&text).unwrap(), &mut scratch);
            scratch.work()
        };
        let (short, long) = (work(1_000), work(10_000));
        assert!(short > 0 && long < short.max(100) * 12, "{pattern}: {short} {long}");
        assert!(long < 10 * 10_000 * pattern.len() as u64, "{pattern}: {long}");
    }
}

#[test]
fn overlaps_are_shown_by_a_message() {
    let meet = |one: &str, other: &str| {
        witness(&Slow::Pattern(one.into()).fast(), &Slow::Pattern(other.into()).fast())
    };
    assert_eq!(meet("*track*", "*order*"), Some("ordertrack".into()));
    assert_eq!(meet("(hi|hello) *", "*there"), Some("hi there".into()));
    assert_eq!(meet("hi*", "hello*"), None);
    let words =
        witness(&Slow::Words("rep".into()).fast(), &Slow::Pattern("my *(x|y)".into()).fast()).unwrap();
    assert!(words.contains("rep"), "{words}");
}

#[test]
fn a_starter_that_another_always_beats_is_found() {
    let by = |patterns: &[&str], n: usize| never_wins(&build(patterns), n, &mut Scratch::new());
    assert_eq!(by(&["*order*", "my *(order|orders)"], 1), None);
    assert_eq!(by(&["*(my|order)*order*", "*order*"], 1), None);
    assert_eq!(by(&["*(order|parcel)*", "*x*", "(order|parcel)*"], 2), Some(vec![0]));
    assert_eq!(by(&["*{x}order*", "order"], 1), None);
    assert_eq!(by(&["(order|*)", "*", "{a}*"], 1), Some(vec![0]));
    let sample = Starter { any: vec![Matcher::exact("Where is it?")], but_not: Vec::new() };
    let words = Starter { any: vec![Slow::Words("where is it?".into()).fast()], but_not: Vec::new() };
    assert_eq!(never_wins(&Starters::build(vec![words, sample]), 1, &mut Scratch::new()), Some(vec![0]));
}

//! Matching, held against its definition: a matcher that tries every way to fit, slowly and obviously.

use std::cmp::Reverse;
use std::ops::Range;

use parlor::language::pattern::{Item, PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX, Pattern, parse_pattern};
use parlor::program::matcher::{Matcher, Scratch};
use parlor::program::normal::{Heard, MESSAGE_BYTES_MAX, normal};
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

fn letters(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..=longest).prop_map(|pieces| pieces.concat())
}

/// The text of a pattern; captures are numbered when it is printed.
fn pattern_text() -> impl Strategy<Value = String> {
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
fn say(items: &[Item], choices: &mut impl Iterator<Item = usize>, out: &mut String) {
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
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

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

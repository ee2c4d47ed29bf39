//! Variables of Botium in a text: `$name` as it is known, `$now`, `$random(5)` and the others Botium brings along.

use crate::conversation::Moment;
use crate::rehearsal::Bindings;

/// What can be put into a text.
pub struct Memory<'m> {
    /// Variables by their names, each with its `$`.
    pub known: &'m Bindings,
    /// What time it is in the conversation.
    pub now: Moment,
    /// Where random numbers come from: the same seed gives the same numbers.
    pub dice: &'m mut u64,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Letters that stand as they are.
    Letters(String),
    /// What a variable is.
    Value(String),
    /// A variable that nothing is known of, with its `$`.
    Unknown(String),
}

/// How many digits `$random(…)` gives at most.
const DIGITS_MAX: usize = 1_000;

/// What Botium brings along, and how it is written: as `strftime` has it. The words that compute are below.
const FORMATS: &[(&str, &str)] = &[
    ("$now", "%-m/%-d/%Y, %-I:%M:%S %p"),
    ("$now_EN", "%-m/%-d/%Y, %-I:%M:%S %p"),
    ("$now_DE", "%d.%m.%Y, %H:%M:%S"),
    ("$now_ISO", "%Y-%m-%dT%H:%M:%S.000Z"),
    ("$date", "%-m/%-d/%Y"),
    ("$date_EN", "%-m/%-d/%Y"),
    ("$date_DE", "%Y.%m.%d"),
    ("$date_ISO", "%Y-%m-%d"),
    ("$time", "%-I:%M:%S %p"),
    ("$time_EN", "%-I:%M:%S %p"),
    ("$time_DE", "%H:%M:%S"),
    ("$time_ISO", "%H:%M:%S"),
    ("$time_HH_MM", "%H:%M"),
    ("$time_HH", "%H"),
    ("$time_H_A", "%-I %p"),
    ("$year", "%Y"),
    ("$month", "%B"),
    ("$month_MM", "%m"),
    ("$day_of_month", "%-d"),
    ("$day_of_week", "%A"),
];
const COMPUTED: &[&str] = &["$timestamp", "$random", "$random10", "$uniqid"];

/// Tokens of `$date(YYYY-MM-DD)`, longer ones first.
const TOKENS: &[(&str, &str)] = &[
    ("YYYY", "%Y"),
    ("MMMM", "%B"),
    ("dddd", "%A"),
    ("YY", "%y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH", "%H"),
    ("hh", "%I"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("M", "%-m"),
    ("D", "%-d"),
    ("H", "%-H"),
    ("h", "%-I"),
    ("A", "%p"),
];

impl Memory<'_> {
    /// The text with everything put in that is known.
    pub fn put_into(&mut self, text: &str) -> String {
        let piece = |piece: Piece| match piece {
            Piece::Letters(letters) | Piece::Value(letters) | Piece::Unknown(letters) => letters,
        };
        self.pieces(text).into_iter().map(piece).collect()
    }

    /// The pieces of a text. Of two names that begin alike the longer one counts.
    pub fn pieces(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            pieces.push(Piece::Letters(rest[..at].to_string()));
            rest = &rest[at..];
            let own = self.known.keys().map(String::as_str).filter(|name| name.starts_with('$'));
            let brought = FORMATS.iter().map(|(name, _)| *name).chain(COMPUTED.iter().copied());
            let longest =
                own.chain(brought).filter(|name| rest.starts_with(name)).max_by_key(|name| name.len());
            match longest.map(str::to_string) {
                Some(name) => {
                    rest = &rest[name.len()..];
                    let value = match self.known.get(&name) {
                        Some(value) => value.clone(),
                        None => {
                            let (argument, after) = argument(rest);
                            rest = after;
                            self.brought(&name, argument)
                        }
                    };
                    pieces.push(Piece::Value(value));
                }
                None => {
                    let letters =
                        rest[1..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                    let end = letters.map_or(rest.len(), |end| end + 1);
                    let (name, after) = rest.split_at(end);
                    rest = after;
                    let is_name =
                        name[1..].starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.len() > 2;
                    let name = name.to_string();
                    pieces.push(if is_name { Piece::Unknown(name) } else { Piece::Letters(name) });
                }
            }
        }
        pieces.push(Piece::Letters(rest.to_string()));
        pieces.retain(|piece| *piece != Piece::Letters(String::new()));
        pieces
    }

    fn brought(&mut self, name: &str, argument: Option<&str>) -> String {
        match name {
            "$timestamp" => self.now.0.to_string(),
            "$random10" => self.digits(10),
            "$random" => self.digits(argument.and_then(|length| length.trim().parse().ok()).unwrap_or(1)),
            "$uniqid" => {
                let (one, two) = (self.roll(), self.roll());
                let tail = two & 0xffff_ffff_ffff;
                format!(
                    "{:08x}-{:04x}-1{:03x}-8{:03x}-{tail:012x}",
                    one >> 32,
                    one >> 16 & 0xffff,
                    one & 0xfff,
                    two >> 52
                )
            }
            _ => {
                let plain = FORMATS.iter().find(|(own, _)| *own == name).map_or("", |(_, format)| format);
                let format = match argument {
                    Some(pattern) if name == "$date" => tokens(pattern),
                    _ => plain.to_string(),
                };
                let Ok(moment) = jiff::Timestamp::from_millisecond(self.now.0) else { return String::new() };
                moment.strftime(&format).to_string()
            }
        }
    }

    fn digits(&mut self, length: usize) -> String {
        (0..length.min(DIGITS_MAX))
            .map(|_| char::from(b'0' + (self.roll() >> 33).rem_euclid(10) as u8))
            .collect()
    }

    fn roll(&mut self) -> u64 {
        let mut dice = *self.dice | 1;
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        *self.dice = dice;
        dice.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// What stands in parentheses at the beginning of a text, and what follows them.
fn argument(text: &str) -> (Option<&str>, &str) {
    let inner = text.strip_prefix('(').and_then(|inner| inner.split_once(')'));
    inner.map_or((None, text), |(inner, after)| (Some(inner), after))
}

/// `YYYY-MM-DD` as `strftime` has it.
fn tokens(pattern: &str) -> String {
    let mut format = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let token = TOKENS.iter().find(|(token, _)| rest.starts_with(token));
        let taken = token.map_or(letter.len_utf8(), |(token, _)| token.len());
        match token {
            Some((_, directive)) => format.push_str(directive),
            None if letter == '%' => format.push_str("%%"),
            None => format.push(letter),
        }
        rest = &rest[taken..];
    }
    format
}

/// Whether it is a name that Botium brings along.
pub fn is_brought(name: &str) -> bool {
    FORMATS.iter().any(|(own, _)| *own == name) || COMPUTED.contains(&name)
}

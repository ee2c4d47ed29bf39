//! What a visitor is likely to say: messages that start dialogs, fit matchers, and hold values of a type.

use crate::conversation::Moment;
use crate::program::Program;
use crate::program::dialog::{Dialog, Fits};
use crate::program::kinds::Kind;
use crate::program::matcher::Scratch;
use crate::program::normal::Heard;
use crate::program::overlap::samples;

/// Messages that are tried where one is wanted that no starter fits.
const NONSENSE: &[&str] = &["blorp", "mumble mumble", "zxqj vwkp", "?!"];

/// What people say around a message; nothing first.
const AROUND: &[(&str, &str)] = &[("", ""), ("", " there"), ("well ", ""), ("well ", " there")];

impl Program {
    /// For each dialog that has `user says`, messages that fit it: one for each line and each alternate. Where another
    /// line would win a message, more words stand around it, if that helps.
    pub fn likely_starts(&self) -> impl Iterator<Item = (&Dialog, Vec<String>)> {
        let starters = self.starters().starters().iter().zip(self.tables.starting.dialogs()).enumerate();
        let mut scratch = Scratch::new();
        starters.filter_map(move |(number, (starter, known))| {
            let mut all: Vec<String> = Vec::new();
            for (line, matcher) in starter.any.iter().enumerate() {
                for message in samples(matcher) {
                    let around = AROUND.iter().map(|(before, behind)| format!("{before}{message}{behind}"));
                    let mut wins = |message: &String| {
                        let heard = Heard::new(message).ok();
                        let win = heard.and_then(|heard| self.starters().winner(&heard, &mut scratch));
                        win.is_some_and(|win| win.starter == number && win.matcher == line)
                    };
                    let message = around.into_iter().find(|message| wins(message)).unwrap_or(message);
                    if !all.contains(&message) {
                        all.push(message);
                    }
                }
            }
            Some((self.dialog(&known.name)?, all))
        })
    }

    /// Messages that fit what a rule compares with.
    pub fn likely_fits(&self, fits: &Fits) -> Vec<String> {
        match fits {
            Fits::Matcher(matcher) => samples(matcher),
            Fits::Phrases(name) => self.phrases(name).map(samples).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Messages that hold a value of a type.
    pub fn likely_values(&self, kind: &Kind, at: Moment) -> Vec<String> {
        let today = self.now(at).member("date").to_string();
        let tomorrow = self.now(Moment(at.0.saturating_add(86_400_000))).member("date").to_string();
        let all: Vec<String> = match kind {
            Kind::Number => vec!["2".to_string()],
            Kind::Flag => ["yes", "no"]
                .iter()
                .filter_map(|word| self.phrases(word).and_then(|said| samples(said).into_iter().next()))
                .collect(),
            Kind::List => vec!["one, two".to_string()],
            Kind::Date => vec![tomorrow, today],
            Kind::Time => vec!["15:00".to_string()],
            Kind::Email => vec!["dana@example.com".to_string()],
            Kind::Phone => vec!["020 7946 0123".to_string(), "+44 20 7946 0123".to_string()],
            Kind::Location => vec!["48.137, 11.575".to_string()],
            Kind::Entity(number) => {
                let entity = self.tables.entity(*number);
                entity.into_iter().flat_map(|entity| entity.said()).flat_map(samples).collect()
            }
            Kind::Text | Kind::Json | Kind::File => Vec::new(),
        };
        all.into_iter().filter(|message| self.find(kind, message, at).is_some()).collect()
    }

    /// A message that starts no dialog.
    pub fn nonsense(&self) -> &'static str {
        let starts = |message: &&&str| self.answers(message).is_ok_and(|answers| answers.is_empty());
        NONSENSE.iter().find(starts).unwrap_or(&NONSENSE[0])
    }
}

//! A conversation as it is kept in a log: one line of JSON a turn, to be read, made a test of, or replayed.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::conversation::{Effect, Happening, Message, Moment, Outcome};
use crate::diagnostics::english::count;
use crate::engine::Trace;
use crate::program::Program;

use super::mask::Mask;
use super::session::Happened;

/// The form this version writes. Older ones are read, newer ones are refused.
pub const LOG_FORM: u16 = 1;
/// Bytes of one line of a log: 4 MiB.
pub const LOG_LINE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Lines of all logs that are read together.
pub const LOG_LINES_MAX: usize = 5_000_000;

/// A turn: something that happened, and what the bot did about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The form of the line.
    pub form: u16,
    /// The conversation, by a name that no other has.
    pub conversation: String,
    /// Which turn of it, counted from 0.
    pub turn: u32,
    /// The bot, by the name of its folder.
    pub bot: String,
    /// Its version: what [`version`] makes of its files.
    pub version: String,
    /// Whose values of `env.yaml` it had; in the first line of a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// When.
    pub at: Moment,
    /// What happened. The first line of a conversation says whom the bot talks to: `knows`.
    pub what: What,
    /// What the bot did, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// What answered, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Reason>,
    /// The dialog that had the conversation afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialog: Option<String>,
    /// Whether something of what happened is masked, so that it is not what was said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// Whether something of what the bot did is masked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answer_masked: bool,
}

/// What happened in a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum What {
    /// What a bot is told.
    Happened(Happening),
    /// What it is not told.
    Beside(Beside),
}

/// What belongs to a conversation and is no happening to a bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// A tester began this dialog.
    Goto(String),
    /// The visitor said it while somebody else had the conversation.
    Unheard(String),
}

/// What answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `starter`, `rule`, `otherwise`, `fallback` …
    pub kind: String,
    /// The dialog.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dialog: String,
    /// The question that was open, if it took part in this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The file and line of the rule or starter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The characters of the message a starter accounts for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The kinds of answers that an open question gives.
const OF_A_QUESTION: &[&str] =
    &["rule", "choice", "number", "type", "anything", "otherwise", "retry", "silence"];

/// What a trace says of who answered. `asked`: the question that was open.
pub(super) fn reasons(trace: &[Trace], asked: Option<&str>) -> Vec<Reason> {
    let won = trace.iter().filter_map(|trace| match trace {
        Trace::Won { kind, dialog, place, own } => Some((*kind, dialog, place, *own)),
        _ => None,
    });
    won.map(|(kind, dialog, place, own)| Reason {
        kind: kind.to_string(),
        dialog: dialog.clone(),
        question: asked.filter(|_| OF_A_QUESTION.contains(&kind) && place.is_some()).map(str::to_string),
        place: place.clone(),
        own,
    })
    .collect()
}

/// What a log says of a conversation besides what happens in it.
#[derive(Debug, Clone)]
pub struct Head {
    /// The conversation, by a name that no other has.
    pub conversation: String,
    /// The bot.
    pub bot: String,
    /// Its environment.
    pub env: String,
}

/// A conversation as a log keeps it: what private variables hold stands nowhere in it. `version` tells the version of
/// the bot that had a turn.
pub fn turns(
    head: &Head,
    happened: &[Happened],
    version: impl Fn(usize) -> String,
    program: &Program,
) -> Vec<Turn> {
    let mut mask = Mask::new(&head.conversation);
    for happened in happened {
        hide_private(happened, program, &mut mask);
    }
    let turn = |(number, happened): (usize, &Happened)| {
        let mut turn = Turn {
            form: LOG_FORM,
            conversation: head.conversation.clone(),
            turn: u32::try_from(number).unwrap_or(u32::MAX),
            bot: head.bot.clone(),
            version: version(number),
            env: (number == 0).then(|| head.env.clone()),
            at: happened.at,
            what: happened.what.clone(),
            effects: happened.told.effects.clone(),
            why: reasons(&happened.told.trace, happened.asked.as_deref()),
            dialog: happened.dialog.clone(),
            masked: false,
            answer_masked: false,
        };
        turn.mask(&mask);
        turn
    };
    happened.iter().enumerate().map(turn).collect()
}

/// Notes what has to be left out because of a turn.
fn hide_private(happened: &Happened, program: &Program, mask: &mut Mask) {
    if let What::Happened(Happening::Knows(knowledge)) = &happened.what {
        let private = knowledge.remembered.iter().filter(|(name, _)| program.is_private(name));
        private.for_each(|(_, value)| mask.hide(value));
    }
    let private = &happened.told.private;
    if let What::Happened(Happening::Said(text)) = &happened.what {
        private.iter().for_each(|value| mask.hide_ending(text, &value.to_string()));
    }
    private.iter().for_each(|value| mask.hide(value));
    let What::Happened(Happening::Said(text)) = &happened.what else { return };
    // What was kept may have been worked out from the message: then no part of the message is safe. Neither is an
    // answer to a private question that it did not understand.
    let worked_out = !private.is_empty() && mask.text(text) == *text;
    let missed = happened.asked.as_deref().is_some_and(|asked| program.is_private(asked))
        && private.is_empty()
        && reasons(&happened.told.trace, None).iter().any(|why| {
            ["otherwise", "retry", "fallback", "escalation", "apology"].contains(&why.kind.as_str())
        });
    if worked_out || missed {
        mask.hide_whole(text);
    }
}

impl Turn {
    /// Replaces everything that the mask hides.
    pub fn mask(&mut self, mask: &Mask) {
        let before = (self.what.clone(), self.effects.clone());
        match &mut self.what {
            What::Happened(happening) => match happening {
                Happening::Knows(knowledge) => {
                    knowledge.visitor = mask.value(&knowledge.visitor);
                    knowledge.conversation = mask.value(&knowledge.conversation);
                    knowledge.remembered.values_mut().for_each(|value| *value = mask.value(value));
                }
                Happening::Said(text) => *text = mask.text(text),
                Happening::Returned { outcome, .. } => {
                    let (Outcome::Success { body, .. } | Outcome::Failure { body, .. }) = outcome;
                    *body = mask.value(body);
                }
                Happening::Other { data, .. } => *data = mask.value(data),
                Happening::EscalationFailed { .. } | Happening::Began | Happening::Woke => {}
            },
            What::Beside(Beside::Unheard(text)) => *text = mask.text(text),
            What::Beside(Beside::Goto(_)) => {}
        }
        for effect in &mut self.effects {
            match effect {
                Effect::Say(message) => mask_message(message, mask),
                Effect::Note(text) => *text = mask.text(text),
                Effect::Call { with, .. } => with.values_mut().for_each(|value| *value = mask.value(value)),
                Effect::Remember { value, .. } => *value = mask.value(value),
                Effect::Log(crate::conversation::Log::Custom { detail, .. }) => *detail = mask.text(detail),
                Effect::Log(crate::conversation::Log::Trouble { what, .. }) => *what = mask.text(what),
                Effect::Pause(_)
                | Effect::RespondWithin(_)
                | Effect::Transfer { .. }
                | Effect::Close { .. } => {}
            }
        }
        self.masked |= before.0 != self.what;
        self.answer_masked |= before.1 != self.effects;
    }

    /// What was said, if the visitor said something that the bot heard.
    pub fn said(&self) -> Option<&str> {
        match &self.what {
            What::Happened(Happening::Said(text)) => Some(text),
            _ => None,
        }
    }
}

fn mask_message(message: &mut Message, mask: &Mask) {
    match message {
        Message::Text(text) => *text = mask.text(text),
        Message::Choices(question) => {
            question.text = mask.text(&question.text);
            for choice in &mut question.choices {
                choice.label = mask.text(&choice.label);
                choice.payload = mask.text(&choice.payload);
            }
        }
        Message::Image { url, alt } => (*url, *alt) = (mask.text(url), mask.text(alt)),
        Message::Card(json) => *json = mask.json(json),
    }
}

// ------------------------------------------------------------------------------------------------ reading

/// Reads one line of a log; what cannot be read says why.
pub fn read(line: &str) -> Result<Turn, String> {
    #[derive(Deserialize)]
    struct Form {
        form: u16,
    }
    if line.len() > LOG_LINE_BYTES_MAX {
        return Err(format!("the line has more than {LOG_LINE_BYTES_MAX} bytes"));
    }
    match serde_json::from_str::<Form>(line) {
        Ok(Form { form }) if form > LOG_FORM => {
            return Err(format!(
                "the line has form {form}, and this version of parlor reads up to {LOG_FORM}"
            ));
        }
        Ok(_) => {}
        Err(error) if error.is_data() => return Err(format!("this is no line of a log: {error}")),
        Err(error) => return Err(format!("this is no JSON: {error}")),
    }
    serde_json::from_str(line).map_err(|error| format!("the line cannot be understood: {error}"))
}

/// Lines by conversation, in the order in which the conversations begin.
pub fn conversations(turns: Vec<Turn>) -> Vec<Vec<Turn>> {
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<Vec<Turn>> = Vec::new();
    for turn in turns {
        let at = *place.entry(turn.conversation.clone()).or_insert_with(|| {
            all.push(Vec::new());
            all.len() - 1
        });
        all[at].push(turn);
    }
    all.iter_mut().for_each(|turns| turns.sort_by_key(|turn| turn.turn));
    all
}

/// What a conversation lacks, so that nobody can tell how it went on.
pub fn lacks(turns: &[Turn]) -> Option<String> {
    let Some(first) = turns.first() else { return Some("the log has no line of it".to_string()) };
    if first.turn > 0 {
        let missing = count(first.turn as usize, "turn");
        return Some(format!("the log lacks its beginning, {missing}"));
    }
    if !matches!(first.what, What::Happened(Happening::Knows(_))) {
        return Some("the log does not say whom the bot talks to: turn 0 is not `knows`".to_string());
    }
    turns.windows(2).find_map(|two| {
        let (one, next) = (two[0].turn, two[1].turn);
        match next - one {
            0 => Some(format!("the log has turn {one} twice: are these two conversations of one name?")),
            1 => None,
            2 => Some(format!("the log lacks turn {}", one + 1)),
            _ => Some(format!("the log lacks turns {} to {}", one + 1, next - 1)),
        }
    })
}

/// The version of a bot: another one, whenever a letter of its files is another. (FNV-1a of 128 bits; it tells
/// versions apart, and protects from nobody.)
pub fn version<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = OFFSET;
    let mut take = |text: &str| {
        // The length before the letters: where a name ends counts.
        for byte in (text.len() as u64).to_le_bytes().iter().chain(text.as_bytes()) {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    };
    for (path, text) in files {
        take(path);
        take(text);
    }
    format!("{hash:032x}")
}

/// What happened, as a transcript writes it, to be read by people.
pub(super) fn happened(what: &What) -> Cow<'static, str> {
    match what {
        What::Happened(Happening::Knows(_)) => "knows:".into(),
        What::Happened(Happening::Began) => "begin:".into(),
        What::Happened(Happening::Said(text)) | What::Beside(Beside::Unheard(text)) => {
            format!("user: {text}").into()
        }
        What::Happened(Happening::Woke) => "nothing is heard for a time".into(),
        What::Happened(Happening::Returned { .. }) => "answer:".into(),
        What::Happened(Happening::EscalationFailed { reason }) => {
            format!("happens: escalation failed ({reason})").into()
        }
        What::Happened(Happening::Other { name, .. }) => format!("happens: {name}").into(),
        What::Beside(Beside::Goto(dialog)) => format!("goto: \"{dialog}\"").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"form":1,"conversation":"c","turn":1,"bot":"acme","version":"0","at":5,"what":{"said":"hello"},"later":true}"#;

    #[test]
    fn a_line_is_read_and_members_of_later_versions_are_passed_over() {
        let turn = read(LINE).unwrap();
        assert_eq!((turn.said(), turn.at), (Some("hello"), Moment(5)));
        assert_eq!(read(&serde_json::to_string(&turn).unwrap()).unwrap(), turn);
        let goto = read(&LINE.replace(r#"{"said":"hello"}"#, r#"{"goto":"Welcome"}"#)).unwrap();
        assert_eq!(goto.what, What::Beside(Beside::Goto("Welcome".to_string())));
    }

    #[test]
    fn what_is_not_read_says_why() {
        let why = |line: &str| read(line).unwrap_err();
        assert_eq!(
            why(&LINE.replace(r#""form":1"#, r#""form":2"#)),
            "the line has form 2, and this version of parlor reads up to 1"
        );
        assert!(why("{").starts_with("this is no JSON: "));
        assert!(why("{}").starts_with("this is no line of a log: missing field `form`"));
        assert!(why(&LINE.replace("said", "sang")).starts_with("the line cannot be understood: "));
        let long = LINE.replace("hello", &"x".repeat(LOG_LINE_BYTES_MAX));
        assert_eq!(why(&long), "the line has more than 4194304 bytes");
    }

    #[test]
    fn what_a_conversation_lacks_is_said() {
        let turn = |number: u32| Turn { turn: number, ..read(LINE).unwrap() };
        let knows = Turn { what: What::Happened(Happening::Knows(Default::default())), ..turn(0) };
        let of = |turns: &[Turn]| lacks(turns).unwrap_or_default();
        assert_eq!(of(&[knows.clone(), turn(1), turn(2)]), "");
        assert_eq!(of(&[knows.clone(), turn(1), turn(3)]), "the log lacks turn 2");
        assert_eq!(of(&[knows.clone(), turn(4)]), "the log lacks turns 1 to 3");
        assert_eq!(of(&[turn(2)]), "the log lacks its beginning, 2 turns");
        assert!(of(&[knows.clone(), knows]).starts_with("the log has turn 0 twice"));
        assert!(of(&[turn(0)]).ends_with("turn 0 is not `knows`"));
    }

    #[test]
    fn a_version_is_another_one_when_a_letter_or_a_name_is() {
        let one = version([("a.dialog", "x"), ("b.dialog", "y")]);
        assert_eq!(one.len(), 32);
        assert_ne!(one, version([("a.dialog", "x"), ("b.dialog", "z")]));
        assert_ne!(one, version([("a.dialog", "xb.dialog"), ("", "y")]));
        assert_eq!(one, version([("a.dialog", "x"), ("b.dialog", "y")]));
    }
}

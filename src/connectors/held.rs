//! What a bot of ours heard and did in a conversation of the house, as a log that can be replayed or made a test of.

use crate::conversation::{BotName, VersionId};
use crate::engine;
use crate::platform::{Environment, Fact, Record, State};
use crate::rehearsal::log::{Head, Turn, What, turns};
use crate::rehearsal::{Happened, Told};

use super::bot::{Bots, heard};

/// A stretch of a conversation in which a bot was never begun anew.
struct Stretch {
    happened: Vec<Happened>,
    versions: Vec<VersionId>,
    state: Option<Box<State>>,
}

/// The logs of a conversation: of all that a bot heard in an environment, one for each time it was begun anew. What it did
/// is worked out again by the versions it had then; the sentence says which of them is not at hand.
pub fn logs(
    bots: &Bots,
    (bot, environment): (&BotName, Environment),
    conversation: &str,
    records: &[Record],
) -> Result<Vec<Vec<Turn>>, String> {
    let mut stretches: Vec<Stretch> = Vec::new();
    // The version that has the conversation, if it is the bot that is meant.
    let mut pinned: Option<VersionId> = None;
    for record in records {
        for fact in &record.facts {
            match fact {
                Fact::Pinned { bot: other, version, environment: there, anew, .. } => {
                    let meant = other == bot && *there == environment;
                    let goes_on = pinned.is_some() && !anew;
                    pinned = meant.then(|| version.clone());
                    if meant && !goes_on {
                        stretches.push(Stretch { happened: vec![], versions: vec![], state: None });
                    }
                }
                Fact::Heard(what) => {
                    let (Some(version), Some(stretch)) = (&pinned, stretches.last_mut()) else { continue };
                    let gone = || format!("version {version}, which had it then, is not at hand");
                    let program = bots.program(version, environment).ok_or_else(gone)?;
                    let kept = stretch.state.as_ref().map(|state| state.0.get().as_bytes());
                    let (state, _) = engine::State::read(kept.unwrap_or_default());
                    let asked = state.open().map(|(_, open)| open.question.clone());
                    let what = What::Happened(heard(&program, &state, what));
                    let What::Happened(happening) = &what else { continue };
                    let mut told = Told::default();
                    let kept = stretch.state.as_deref();
                    let thought = bots.think((version, environment), kept, record.at, happening, &mut told);
                    let thought = thought.ok_or_else(gone)?;
                    told.effects = thought.effects;
                    let (state, _) = engine::State::read(thought.state.0.get().as_bytes());
                    let dialog = state.stack().last().map(|frame| frame.dialog.clone());
                    stretch.happened.push(Happened { at: record.at, what, asked, told, dialog });
                    stretch.versions.push(version.clone());
                    stretch.state = Some(thought.state);
                }
                _ => {}
            }
        }
    }
    let mut logs = Vec::new();
    for (number, stretch) in stretches.into_iter().enumerate() {
        let Some(program) = stretch.versions.last().and_then(|version| bots.program(version, environment))
        else {
            continue; // it was never told anything
        };
        let head = Head {
            conversation: match number {
                0 => conversation.to_string(),
                number => format!("{conversation}-{}", number + 1),
            },
            bot: bot.to_string(),
            env: match environment {
                Environment::Demo => "demo".to_string(),
                Environment::Production => "production".to_string(),
            },
        };
        let version = |at: usize| stretch.versions.get(at).map(VersionId::to_string).unwrap_or_default();
        logs.push(turns(&head, &stretch.happened, version, &program));
    }
    Ok(logs)
}

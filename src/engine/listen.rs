//! Which rule, starter or type answers a message: the published order, in one place.
//!
//! 1. The open question: its rules and choices as written, then the number or letter of a choice, then its type.
//! 2. The starters of all dialogs, unless the question is `focused`; a question that would take anything is
//!    interrupted only by a starter that accounts for the whole message.
//! 3. `when anything`, or a question with neither rules for messages nor type.
//! 4. A miss: `retry`, `otherwise`, the escalation dialog, the fallback dialog, the apology.

use std::cell::RefCell;

use crate::conversation::Value;
use crate::program::dialog::{Dialog, Fits, Rule, When};
use crate::program::kinds::Kind;
use crate::program::matcher::{Matcher, Scratch};
use crate::program::normal::Heard;
use crate::program::starters::Win;

use super::answer::{Broken, Offer};
use super::step::{Asked, Turn, place};
use super::trace::{Listener, Trace};

thread_local! {
    /// Room that matching works in; holds nothing between messages.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

/// Names that a matcher caught, with what it caught.
pub(super) type Caught = Vec<(String, Value)>;

impl<'t, L: Listener> Turn<'t, L> {
    /// Answers a message. `first`: it is the first of its session.
    pub(super) fn listen(&mut self, text: &str, first: bool) {
        let heard = match Heard::new(text) {
            Ok(heard) => heard,
            Err(too_long) => {
                self.trouble(too_long.to_string(), None);
                return self.apologise();
            }
        };
        self.state.reply = text.trim().to_string();
        // A condition that fails has been answered with the apology, and the question is still open.
        let _ = self.answer(&heard, text, first);
    }

    fn answer(&mut self, heard: &Heard<'_>, text: &str, first: bool) -> Result<(), Broken> {
        // Before a call that is still on its way, the question has been answered.
        let asked = self.asked().filter(|_| self.state.waiting.is_none());
        if let Some(asked) = asked
            && (self.by_rule(asked, heard)? || self.by_number(asked, text) || self.by_type(asked, text))
        {
            return Ok(());
        }
        let anything = match asked {
            Some(asked) => self.takes_anything(asked, heard)?,
            None => None,
        };
        if asked.is_none_or(|asked| !asked.question.focused)
            && let Some(win) = self.starter(heard, anything.is_some())
        {
            self.start(win, heard, text);
            return Ok(());
        }
        match (asked, anything) {
            (Some(asked), Some(rule)) => self.take_anything(asked, rule),
            (Some(asked), None) => self.miss(asked)?,
            (None, _) if first => self.enter_entry(),
            (None, _) => self.fall_back(),
        }
        Ok(())
    }

    // ------------------------------------------------------------------------------------- the open question

    fn by_rule(&mut self, asked: Asked<'t>, heard: &Heard<'_>) -> Result<bool, Broken> {
        for rule in &asked.question.rules {
            match &rule.when {
                When::Fits(any) => {
                    let caught =
                        self.fits_any(any, heard).filter(|_| self.fits_any(&rule.but_not, heard).is_none());
                    if let Some(caught) = caught
                        && self.holds(asked.dialog, rule, &caught)?
                    {
                        self.tried(asked, rule, true);
                        self.won("rule", &asked.dialog.name, place(asked.dialog, rule.line), 0);
                        self.take(asked, rule, caught, None);
                        return Ok(true);
                    }
                    self.tried(asked, rule, false);
                }
                When::Choice(choice) => {
                    let said = |said: &Matcher| {
                        SCRATCH.with_borrow_mut(|scratch| said.fits(heard, scratch)).is_some()
                    };
                    let meant =
                        self.fits_any(&choice.any, heard).is_some() || choice.said.as_ref().is_some_and(said);
                    let by_label = choice.said.is_none();
                    if !(meant || by_label) || self.fits_any(&rule.but_not, heard).is_some() {
                        self.tried(asked, rule, false);
                        continue;
                    }
                    for (label, value, local) in self.options(asked, rule) {
                        if (meant || said(&Matcher::exact(&label)))
                            && self.holds(asked.dialog, rule, &local)?
                        {
                            self.tried(asked, rule, true);
                            self.won("choice", &asked.dialog.name, place(asked.dialog, rule.line), 0);
                            self.take(asked, rule, local, Some(value));
                            return Ok(true);
                        }
                    }
                    self.tried(asked, rule, false);
                }
                When::Otherwise | When::Retry(_) => {}
            }
        }
        Ok(false)
    }

    /// The number or letter of a choice that is shown as a list.
    fn by_number(&mut self, asked: Asked<'t>, text: &str) -> bool {
        if !asked.question.choose || !self.shows_numbers() {
            return false;
        }
        let Some(number) = number_or_letter(text) else { return false };
        let Some(Offer { rule, value, local, .. }) = self.offers(asked).into_iter().nth(number) else {
            return false;
        };
        self.won("number", &asked.dialog.name, place(asked.dialog, rule.line), 0);
        self.take(asked, rule, local, Some(value));
        true
    }

    fn by_type(&mut self, asked: Asked<'t>, text: &str) -> bool {
        if asked.question.choose {
            return false;
        }
        let kind = self.program.kind_of(asked.question);
        if self.program.takes_any_words(&kind) {
            return false;
        }
        let Some(value) = self.program.find(&kind, text, self.at) else { return false };
        self.won(
            "type",
            &asked.dialog.name,
            place(asked.dialog, asked.dialog.steps[asked.at as usize].line),
            0,
        );
        self.applied(asked.dialog, asked.at, None);
        self.fill_others(asked);
        self.answered(asked, value);
        let go = asked.question.then.clone();
        self.follow(asked, go);
        true
    }

    /// What takes any answer at all: a rule `when anything`, or the question itself.
    fn takes_anything(
        &mut self,
        asked: Asked<'t>,
        heard: &Heard<'_>,
    ) -> Result<Option<Option<&'t Rule>>, Broken> {
        let question = asked.question;
        // A rule for a silence takes no message, so that it is none here.
        if question.rules.iter().all(|rule| rule.when.is_silence()) {
            let any = !question.choose && self.program.takes_any_words(&self.program.kind_of(question));
            return Ok(any.then_some(None));
        }
        for rule in question.rules.iter().filter(|rule| is_anything(rule)) {
            if self.fits_any(&rule.but_not, heard).is_none() && self.holds(asked.dialog, rule, &Vec::new())? {
                return Ok(Some(Some(rule)));
            }
        }
        // A list is made of any words, so that it comes as late as `when anything`.
        let list = !question.choose && self.program.kind_of(question) == Kind::List;
        Ok(list.then_some(None))
    }

    fn take_anything(&mut self, asked: Asked<'t>, rule: Option<&'t Rule>) {
        let reply = Value::text(self.state.reply.as_str());
        if let Some(rule) = rule {
            self.won("anything", &asked.dialog.name, place(asked.dialog, rule.line), 0);
            return self.take(asked, rule, Vec::new(), Some(reply));
        }
        self.won(
            "anything",
            &asked.dialog.name,
            place(asked.dialog, asked.dialog.steps[asked.at as usize].line),
            0,
        );
        self.applied(asked.dialog, asked.at, None);
        self.fill_others(asked);
        let found = self.program.find(&self.program.kind_of(asked.question), &self.state.reply, self.at);
        self.answered(asked, found.unwrap_or(reply));
        let go = asked.question.then.clone();
        self.follow(asked, go);
    }

    // ------------------------------------------------------------------------------------------- starters

    fn starter(&mut self, heard: &Heard<'_>, whole: bool) -> Option<Win> {
        let starters = self.program.starters();
        SCRATCH.with_borrow_mut(|scratch| match whole {
            true => starters.interrupter(heard, scratch),
            false => starters.winner(heard, scratch),
        })
    }

    fn start(&mut self, win: Win, heard: &Heard<'_>, text: &str) {
        let program = self.program;
        let Some(dialog) = program.started_by(&win) else { return };
        if L::LISTENS {
            self.won("starter", &dialog.name, program.starter_place(&win), win.own);
            self.listener.hear(Trace::Started { win, heard: text.to_string() });
        }
        let caught = SCRATCH.with_borrow_mut(|scratch| program.starters().captures(&win, heard, scratch));
        let caught = caught.into_iter().map(|(name, text)| (name.to_string(), Value::text(text))).collect();
        self.forgive();
        self.enter(dialog, Some(caught), Some(text));
    }

    // ---------------------------------------------------------------------------------------------- misses

    fn miss(&mut self, asked: Asked<'t>) -> Result<(), Broken> {
        let misses = match self.state.stack.last_mut().and_then(|frame| frame.open.as_mut()) {
            Some(open) => {
                open.misses = open.misses.saturating_add(1);
                open.misses
            }
            None => 1,
        };
        let rules: &'t [Rule] = &asked.question.rules;
        let limit = |rule: &Rule| match rule.when {
            When::Retry(count) => Some(count),
            _ => None,
        };
        let reached = rules
            .iter()
            .filter(|rule| limit(rule).is_some_and(|count| misses > count))
            .max_by_key(|rule| limit(rule));
        if let Some(rule) = reached
            && self.holds(asked.dialog, rule, &Vec::new())?
        {
            self.won("retry", &asked.dialog.name, place(asked.dialog, rule.line), 0);
            self.take(asked, rule, Vec::new(), None);
            return Ok(());
        }
        let own_limit = rules.iter().any(|rule| limit(rule).is_some());
        let program = self.program;
        if !own_limit
            && program.settings().retry.is_some_and(|count| misses > count)
            && let Some(dialog) = program.escalation()
        {
            self.won("escalation", &dialog.name, None, 0);
            self.enter_in_place(dialog);
            return Ok(());
        }
        for rule in rules.iter().filter(|rule| matches!(rule.when, When::Otherwise)) {
            if self.holds(asked.dialog, rule, &Vec::new())? {
                self.won("otherwise", &asked.dialog.name, place(asked.dialog, rule.line), 0);
                self.take(asked, rule, Vec::new(), None);
                return Ok(());
            }
        }
        self.fall_back();
        Ok(())
    }

    pub(super) fn fall_back(&mut self) {
        match self.program.fallback() {
            Some(dialog) => {
                self.won("fallback", &dialog.name, None, 0);
                self.enter_in_place(dialog);
            }
            None => {
                self.won("apology", "", None, 0);
                self.apologise();
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- comparing

    /// Whether one of these fits what was said, and what it catches.
    pub(super) fn fits_any(&self, any: &[Fits], heard: &Heard<'_>) -> Option<Caught> {
        let matchers = any.iter().filter_map(|fits| match fits {
            Fits::Matcher(matcher) => Some(matcher),
            Fits::Phrases(name) => self.program.phrases(name),
            _ => None,
        });
        SCRATCH.with_borrow_mut(|scratch| {
            for matcher in matchers {
                if matcher.fits(heard, scratch).is_some() {
                    let caught = matcher.captures(heard, scratch);
                    return Some(
                        caught
                            .into_iter()
                            .map(|(name, text)| (name.to_string(), Value::text(text)))
                            .collect(),
                    );
                }
            }
            None
        })
    }

    /// A rule for this silence, if the open question has one.
    pub(super) fn answer_silence(
        &mut self,
        asked: Asked<'t>,
        due: crate::conversation::Span,
    ) -> Result<bool, Broken> {
        for rule in &asked.question.rules {
            let When::Fits(any) = &rule.when else { continue };
            let meant = any.iter().any(|fits| matches!(fits, Fits::Silence(time) if *time == due));
            if meant && self.holds(asked.dialog, rule, &Vec::new())? {
                self.won("silence", &asked.dialog.name, place(asked.dialog, rule.line), 0);
                self.take(asked, rule, Vec::new(), None);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tried(&mut self, asked: Asked<'t>, rule: &Rule, fits: bool) {
        if L::LISTENS {
            let (question, place) =
                (asked.question.name.clone(), place(asked.dialog, rule.line).unwrap_or_default());
            self.listener.hear(Trace::Tried { question, place, fits });
        }
    }

    /// Puts a dialog in the place of nothing: the open question stays open beneath it and is not said again.
    pub(super) fn enter_in_place(&mut self, dialog: &'t Dialog) {
        self.put(dialog, true);
        self.run(dialog.first);
    }
}

fn is_anything(rule: &Rule) -> bool {
    matches!(&rule.when, When::Fits(any) if any.iter().any(|fits| matches!(fits, Fits::Anything)))
}

/// `2`, `2.`, `b`, `B)`: which choice of a list, counted from 0.
fn number_or_letter(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches(['.', ')', ':']).trim();
    if let Ok(number) = text.parse::<usize>() {
        return number.checked_sub(1);
    }
    match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(usize::from(letter.to_ascii_lowercase() - b'a')),
        _ => None,
    }
}

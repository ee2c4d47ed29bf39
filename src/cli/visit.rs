//! `parlor visit`: a conversation with a contact center, as a visitor has one.

mod begun; // the conversation, and how to come back to it

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::chat::is_typed;
use super::exit;
use super::exit::{Exit, Failure};
use super::live::{
    Aways, Errand, Heard, Keyboard, Link, News, Screen, Shown, Teller, choices, errands, follow, turn_of,
};
use super::remote::{Address, Ask, new_id};
use super::terminal::Terminal;
use begun::Begun;

const EXAMPLES: &str = "Examples:
  parlor visit http://127.0.0.1:7275                       talk to whoever answers there
  parlor visit https://chat.example.com --skill Sales      to somebody with this skill
  parlor visit http://127.0.0.1:7275 --resume talk.json    go on later where you were
  parlor visit http://127.0.0.1:7275 < visitor.txt         a line each, and what was said comes out";

const COMMANDS: &[(&str, &str)] = &[
    ("/rate 5", "say how it is, from 1 to 5"),
    ("/close", "end the conversation"),
    ("/help", "this list"),
    ("/quit", "leave; the end of the input does so too"),
    ("//text", "say something that begins with a slash"),
];

/// How long what comes from a pipe waits for the answer to what came before it. People may take longer, and are not waited for.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How often the others are told at most that somebody is writing.
const WRITING_EVERY: Duration = Duration::from_secs(5);

/// Talk to a contact center as a visitor
#[derive(Debug, clap::Args)]
#[command(help_template = super::HELP, before_help = EXAMPLES, after_help = exit::CODES)]
pub(super) struct Args {
    #[command(flatten)]
    address: Address,
    /// What you need; without it and --engagement, the only engagement there is
    #[arg(long, value_name = "S", conflicts_with = "engagement")]
    skill: Option<String>,
    /// Where you come in, as Engagement or Campaign/Engagement
    #[arg(long, value_name = "E")]
    engagement: Option<String>,
    /// The conversation type: chat or messaging
    #[arg(long, value_name = "TYPE", value_parser = ["chat", "messaging"], hide_possible_values = true)]
    channel: Option<String>,
    /// Keep the way back to the conversation in this file, and go on with it if it is there
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Exit, Failure> {
    let remote = args.address.open()?;
    let mut wish = json!({});
    for (name, value) in
        [("skill", &args.skill), ("engagement", &args.engagement), ("channel", &args.channel)]
    {
        if let Some(value) = value {
            wish[name] = value.as_str().into();
        }
    }
    let begun = Begun::open(&remote, wish, args.resume.as_deref())?;
    let (tell, news) = channel();
    let conversation = begun.conversation.clone();
    let keyboard = Keyboard::new("you: ");
    let link = Link::new(remote, tell.clone(), Box::new(move |remote| begun.again(remote)));
    follow(&link, &conversation, 0, Arc::new(AtomicBool::new(false)));
    let mut screen = Screen::new(terminal, is_typed(terminal), &keyboard, tell);
    if screen.is_typed() {
        screen.remark("/help lists what you can type besides words, /quit leaves");
    }
    let errands = errands(&link);
    let visit = Visit {
        link,
        errands,
        screen,
        conversation,
        teller: Teller::for_visitor(),
        aways: Aways::default(),
        turn: 0,
        lines: VecDeque::new(),
        flight: None,
        typed: Vec::new(),
        choices: Vec::new(),
        wrote: None,
        leaving: false,
    };
    visit.go_on(&news)
}

struct Visit<'t> {
    link: Arc<Link>,
    errands: Sender<Errand>,
    screen: Screen<'t>,
    conversation: String,
    teller: Teller,
    aways: Aways,
    /// The last turn that was shown.
    turn: u64,
    /// What was typed and waits for what was typed before it.
    lines: VecDeque<String>,
    flight: Option<Flight>,
    /// What stands on the screen already, as it was typed there.
    typed: Vec<String>,
    /// What there is to choose from.
    choices: Vec<(String, String)>,
    wrote: Option<Instant>,
    leaving: bool,
}

/// Something that is on its way to the server.
#[derive(Default)]
struct Flight {
    /// What it says; nothing, if it is no message.
    says: Option<String>,
    /// Its sequence, once it is durable.
    sequence: Option<u64>,
    /// Own messages that were shown since.
    shown: Vec<u64>,
    /// Whether somebody has said something since it was shown.
    answered: bool,
    /// Until when an answer is waited for, once it is shown.
    until: Option<Instant>,
}

impl Visit<'_> {
    fn go_on(mut self, news: &Receiver<News>) -> Result<Exit, Failure> {
        loop {
            let until = self.flight.as_ref().and_then(|flight| flight.until);
            let news = match until {
                Some(until) => news.recv_timeout(until.saturating_duration_since(Instant::now())),
                None => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match news {
                Err(RecvTimeoutError::Timeout) => self.flight = None, // nobody answers: that is no reason to be silent
                Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Ok),
                Ok(News::Typed(Heard::Line(line))) => self.lines.push_back(line),
                Ok(News::Typed(Heard::Unfit(why))) => self.screen.error(&why),
                Ok(News::Typed(Heard::End)) => self.leaving = true,
                Ok(News::Typed(Heard::Interrupted)) => return Ok(Exit::Interrupted),
                Ok(News::Typed(Heard::Failed(why))) => return Err(Failure::new(Exit::Io, why)),
                Ok(News::Keys) => self.writing(),
                Ok(News::Happened { events, turn, .. }) => {
                    if self.happened(&events, turn)? {
                        return Ok(Exit::Ok);
                    }
                }
                Ok(News::Done(Ok(answer))) => self.done(&answer),
                Ok(News::Done(Err(trouble))) => {
                    let said = self.flight.take().and_then(|flight| flight.says);
                    self.typed.retain(|typed| Some(typed) != said.as_ref());
                    self.screen.error(&trouble.sentence());
                }
                Ok(News::Lost { why, .. }) => return Err(why.into()),
                Ok(News::Stands(_)) => {}
                Ok(News::Away { way, why }) => self.aways.away(way, &why, &mut self.screen),
                Ok(News::Back { way }) => self.aways.back(way, &mut self.screen),
            }
            while self.flight.is_none()
                && let Some(line) = self.lines.pop_front()
            {
                self.hear(line.trim())?;
            }
            if self.screen.is_closed() {
                return Ok(Exit::Ok);
            }
            if self.leaving && self.flight.is_none() && self.lines.is_empty() {
                return self.leave();
            }
        }
    }

    /// Shows what has happened and was not shown yet. True, if the conversation is over.
    fn happened(&mut self, events: &[Json], turn: u64) -> Result<bool, Failure> {
        let mut over = false;
        let new = events.iter().filter(|event| turn_of(event).is_none_or(|turn| turn > self.turn));
        let mut lines = Vec::new();
        for event in new {
            if event["type"] == "doing" && !self.screen.is_typed() {
                continue; // it is about a moment that is over when somebody reads it
            }
            let shown = self.teller.lines(event);
            let is_said = event["type"] == "said";
            if is_said && self.teller.is_own(event) {
                self.choices.clear();
                if let (Some(flight), Some(sequence)) = (&mut self.flight, event["sequence"].as_u64()) {
                    flight.shown.push(sequence);
                }
                let said = event["text"].as_str().unwrap_or_default();
                if let Some(at) = self.typed.iter().position(|typed| typed == said) {
                    self.typed.remove(at);
                    continue;
                }
            } else if is_said {
                if let Some(flight) = &mut self.flight {
                    flight.answered = !flight.shown.is_empty();
                }
                if !choices(event).is_empty() {
                    self.choices = choices(event);
                }
            }
            over |= event["type"] == "closed";
            lines.extend(shown);
        }
        self.turn = self.turn.max(turn);
        self.screen.show(&lines)?;
        self.land();
        Ok(over)
    }

    /// What was asked for is done.
    fn done(&mut self, answer: &Json) {
        if let Some(flight) = &mut self.flight {
            flight.sequence = answer["sequence"].as_u64();
            if flight.says.is_none() || flight.sequence.is_none() {
                self.flight = None;
            }
        }
        self.land();
    }

    /// A message is said when it is durable and shown; one from a pipe, when it is answered as well. So what comes out of a
    /// pipe is in order.
    fn land(&mut self) {
        let Some(flight) = &mut self.flight else { return };
        if !flight.sequence.is_some_and(|own| flight.shown.contains(&own)) {
            return;
        }
        if self.screen.is_typed() || flight.answered || self.teller.with_person() {
            self.flight = None;
        } else {
            flight.until.get_or_insert(Instant::now() + ANSWER_SECONDS_MAX);
        }
    }

    /// Does what a line asks for.
    fn hear(&mut self, line: &str) -> Result<(), Failure> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(said) = line.strip_prefix("//") {
            return self.say(&format!("/{said}"));
        }
        let Some(command) = line.strip_prefix('/') else { return self.say(line) };
        match command.split_once(' ').unwrap_or((command, "")) {
            ("quit", _) => self.leaving = true,
            ("close", _) => self.ask("close", json!({}))?,
            ("rate", stars) => match stars.trim().parse::<u8>() {
                Ok(stars @ 1..=5) => self.ask("rating", json!({ "stars": stars }))?,
                _ => self.screen.error("/rate takes a number from 1 to 5"),
            },
            ("help", _) => {
                let list = COMMANDS.iter().map(|(command, does)| format!("{command:<8}  {does}"));
                list.for_each(|line| self.screen.remark(&line));
            }
            _ => self.screen.error("there is no such command; /help lists them, and // says a slash"),
        }
        Ok(())
    }

    /// Says something, or chooses by number.
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        let chosen = text.parse::<usize>().ok().and_then(|number| self.choices.get(number.checked_sub(1)?));
        let (says, body) = match chosen {
            Some((label, payload)) => {
                let content = json!({ "chosen": { "label": label, "payload": payload } });
                (label.clone(), json!({ "content": content }))
            }
            None => (text.to_string(), json!({ "text": text })),
        };
        self.ask("messages", body)?;
        if self.screen.is_typed() {
            self.typed.push(says.clone());
        }
        self.flight = Some(Flight { says: Some(says), ..Flight::default() });
        Ok(())
    }

    /// Asks for something in the conversation: however often it is sent, it happens once.
    fn ask(&mut self, what: &str, mut body: Json) -> Result<(), Failure> {
        body["id"] = new_id()?.into();
        let ask = Ask::post(format!("/api/v1/conversations/{}/{what}", self.conversation), &body);
        let _ = self.errands.send(Errand { ask, fleeting: false }); // who does them lives as long as this
        self.flight = Some(Flight::default());
        Ok(())
    }

    /// Lets the others see that somebody is writing.
    fn writing(&mut self) {
        if self.wrote.is_none_or(|wrote| wrote.elapsed() >= WRITING_EVERY) {
            self.wrote = Some(Instant::now());
            let path = format!("/api/v1/conversations/{}/doing", self.conversation);
            let ask = Ask::post(path, &json!({ "doing": "composing" }));
            let _ = self.errands.send(Errand { ask, fleeting: true }); // as above
        }
    }

    /// Shows what has happened until now, and leaves.
    fn leave(mut self) -> Result<Exit, Failure> {
        loop {
            let (events, turn) = self.link.so_far(&self.conversation, self.turn)?;
            if events.is_empty() || self.happened(&events, turn)? {
                break;
            }
        }
        if self.screen.is_typed() {
            self.screen.show(&[Shown::remark("you have left")])?;
        }
        Ok(Exit::Ok)
    }
}

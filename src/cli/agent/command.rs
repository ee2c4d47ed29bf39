//! What a line asks for: words for the visitor in front, or a command.

/// The commands, with what they do.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    ("/accept [N]", "take what rings: the one that rings longest, or number N"),
    ("/reject [N]", "let it ring elsewhere"),
    ("/take N", "take a conversation that waits; /list numbers them, if your profile lets you see them"),
    ("/switch N", "bring conversation N to the front; what you type goes there"),
    ("/note TEXT", "say something to colleagues that the visitor does not read"),
    ("/transfer skill NAME", "give it to anybody with this skill"),
    ("/transfer user NAME", "give it to this user"),
    ("/transfer queue", "give it back to the queue of its skill"),
    ("/close [survey]", "end it, and perhaps let the visitor be asked how it was"),
    ("/state STATE", "online, occupied, back soon or away; offline leaves"),
    ("/list", "what rings, what you have, and what waits"),
    ("/help", "this list"),
    ("/quit", "log out and leave; the end of the input does so too"),
    ("//text", "say something that begins with a slash"),
];

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Nothing,
    Say(String),
    Note(String),
    Accept(Option<usize>),
    Reject(Option<usize>),
    Take(usize),
    Switch(usize),
    Transfer(To),
    Close {
        survey: bool,
    },
    /// In the words of the API.
    State(&'static str),
    List,
    Help,
    Quit,
}

/// Whom a conversation is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum To {
    Skill(String),
    User(String),
    Queue,
}

impl Command {
    /// Reads a line, or says what does not fit.
    pub(super) fn read(line: &str) -> Result<Command, String> {
        let line = line.trim();
        if let Some(said) = line.strip_prefix("//") {
            return Ok(Command::Say(format!("/{said}")));
        }
        let Some(command) = line.strip_prefix('/') else {
            return Ok(if line.is_empty() { Command::Nothing } else { Command::Say(line.to_string()) });
        };
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        let number =
            || rest.parse::<usize>().map_err(|_| format!("/{word} takes the number of a conversation"));
        let maybe = || if rest.is_empty() { Ok(None) } else { number().map(Some) };
        match word {
            "accept" => maybe().map(Command::Accept),
            "reject" => maybe().map(Command::Reject),
            "take" => number().map(Command::Take),
            "switch" => number().map(Command::Switch),
            "note" if rest.is_empty() => Err("/note takes what to say".into()),
            "note" => Ok(Command::Note(rest.to_string())),
            "transfer" => to(rest).map(Command::Transfer),
            "close" if rest.is_empty() => Ok(Command::Close { survey: false }),
            "close" if rest == "survey" => Ok(Command::Close { survey: true }),
            "close" => Err("/close takes nothing, or survey".into()),
            "state" => match rest.replace(['_', '-'], " ").as_str() {
                "online" => Ok(Command::State("online")),
                "occupied" => Ok(Command::State("occupied")),
                "back soon" => Ok(Command::State("back_soon")),
                "away" => Ok(Command::State("away")),
                "offline" => Ok(Command::Quit),
                _ => Err("/state takes online, occupied, back soon, away or offline".into()),
            },
            "list" => Ok(Command::List),
            "help" => Ok(Command::Help),
            "quit" => Ok(Command::Quit),
            _ => Err("there is no such command; /help lists them, and // says a slash".into()),
        }
    }
}

fn to(rest: &str) -> Result<To, String> {
    let (kind, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match (kind, name.trim()) {
        ("queue", "") => Ok(To::Queue),
        ("skill", name) if !name.is_empty() => Ok(To::Skill(name.to_string())),
        ("user", name) if !name.is_empty() => Ok(To::User(name.to_string())),
        _ => Err("/transfer takes skill NAME, user NAME or queue".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let read = |line: &str| Command::read(line).expect(line);
        assert_eq!(read("hello /accept "), Command::Say("hello /accept".into()));
        assert_eq!(read("//accept"), Command::Say("/accept".into()));
        assert_eq!(read("  "), Command::Nothing);
        assert_eq!((read("/accept"), read("/accept 2")), (Command::Accept(None), Command::Accept(Some(2))));
        assert_eq!(read("/transfer skill After Sales"), Command::Transfer(To::Skill("After Sales".into())));
        assert_eq!(read("/transfer queue"), Command::Transfer(To::Queue));
        assert_eq!(
            (read("/state back soon"), read("/state offline")),
            (Command::State("back_soon"), Command::Quit)
        );
        assert_eq!(read("/close survey"), Command::Close { survey: true });
        for wrong in [
            "/take",
            "/accept x",
            "/transfer",
            "/transfer to x",
            "/state gone",
            "/close now",
            "/note",
            "/x",
            "/",
        ] {
            assert!(Command::read(wrong).is_err(), "{wrong}");
        }
    }
}

//! What happens in a conversation, as lines a person reads.

use serde_json::Value as Json;

/// A line to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Shown {
    pub(in crate::cli) text: String,
    /// Whether it is about the conversation, and not of it.
    pub(in crate::cli) dim: bool,
}

impl Shown {
    /// A remark about a conversation.
    pub(in crate::cli) fn remark(text: impl Into<String>) -> Shown {
        Shown { text: format!("# {}", text.into()), dim: true }
    }
}

/// Tells what happens to somebody.
pub(in crate::cli) struct Teller {
    /// Which user reads; nobody, if it is the visitor.
    user: Option<String>,
    /// Who has the conversation, as far as it is known.
    with: Option<String>,
    /// Whether that is a person.
    person: bool,
    /// Whom it was last said of that they are writing.
    writes: Option<String>,
}

impl Teller {
    pub(in crate::cli) fn for_visitor() -> Teller {
        Teller { user: None, with: None, person: false, writes: None }
    }

    pub(in crate::cli) fn for_user(user: &str) -> Teller {
        Teller { user: Some(user.to_string()), with: None, person: false, writes: None }
    }

    /// Whether whoever reads did it.
    pub(in crate::cli) fn is_own(&self, event: &Json) -> bool {
        match &self.user {
            None => event["by"]["role"] == "visitor",
            Some(user) => event["by"]["user"] == user.as_str(),
        }
    }

    /// Whether a person has the conversation: they answer when they like.
    pub(in crate::cli) fn with_person(&self) -> bool {
        self.with.is_some() && self.person
    }

    /// The lines of an event; none, if there is nothing to read.
    pub(in crate::cli) fn lines(&mut self, event: &Json) -> Vec<Shown> {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        if text("type") != "doing" {
            self.writes = None;
        }
        match (text("type"), &self.user) {
            ("said", _) => self.said(event),
            ("waits", None) => {
                let left = self.with.take().map(|who| format!("{who} has left; ")).unwrap_or_default();
                vec![Shown::remark(format!("{left}waiting for somebody"))]
            }
            ("waits", Some(_)) => {
                self.with = None;
                let why = if text("why").is_empty() { String::new() } else { format!(": {}", text("why")) };
                vec![Shown::remark(format!("waits for skill {}{why}", text("skill")))]
            }
            ("held", _) => {
                let who = self.who(event);
                self.person = event["by"]["role"] == "agent";
                let before = self.with.replace(who.clone()).filter(|before| *before != who);
                let left = before.map(|before| format!("{before} has left; ")).unwrap_or_default();
                vec![match (self.is_own(event), &self.user) {
                    (true, _) => Shown::remark(format!("{left}you have it")),
                    (false, None) => Shown::remark(format!("{left}{who} is here")),
                    (false, Some(_)) => Shown::remark(format!("{left}{who} has it")),
                }]
            }
            ("joined", _) => vec![Shown::remark(format!("{} joined as {}", text("user"), text("role")))],
            ("left", _) => vec![Shown::remark(format!("{} left", text("user")))],
            ("overdue", _) => vec![Shown::remark("an answer is overdue")],
            ("survey", _) => vec![Shown::remark("this is over; how was it?")],
            ("rated", _) => vec![Shown::remark(format!("rated {} of 5", event["stars"]))],
            ("closed", _) => vec![Shown::remark(match (self.is_own(event), event["by"]["role"].as_str()) {
                (true, _) => "closed by you".to_string(),
                (false, Some("house")) => "closed".to_string(),
                (false, _) => format!("closed by {}", self.who(event)),
            })],
            ("doing", _) if text("doing") == "composing" => {
                let who = self.who(event);
                if self.writes.as_ref() == Some(&who) {
                    return Vec::new();
                }
                self.writes = Some(who.clone());
                vec![Shown::remark(format!("{who} is writing"))]
            }
            _ => Vec::new(),
        }
    }

    fn said(&self, event: &Json) -> Vec<Shown> {
        let who = self.who(event);
        let note = if event["audience"] == "staff" { " (note)" } else { "" };
        let content = &event["content"];
        let said = match event["text"].as_str().unwrap_or_default() {
            "" if content.is_null() => String::new(),
            "" => "(something that a terminal cannot show)".to_string(),
            name if !content["file"].is_null() => format!("(a file: {name})"),
            said => said.to_string(),
        };
        let mut lines: Vec<Shown> = Vec::new();
        for (number, line) in said.split('\n').enumerate() {
            // What is set in was said as well: nobody can look like somebody else by breaking a line.
            let text = if number == 0 { format!("{who}{note}: {line}") } else { format!("  {line}") };
            lines.push(Shown { text, dim: false });
        }
        let mut links = Vec::new();
        links_in(content, &mut links, 0);
        links.retain(|link| !said.contains(link.as_str()));
        lines.extend(links.into_iter().map(|link| Shown { text: format!("  {link}"), dim: false }));
        lines
    }

    /// Who did it, as whoever reads calls them.
    fn who(&self, event: &Json) -> String {
        let by = &event["by"];
        let role = by["role"].as_str().unwrap_or("somebody");
        if self.is_own(event) {
            return "you".to_string();
        }
        by["name"].as_str().or(by["user"].as_str()).unwrap_or(role).to_string()
    }
}

/// The turn of an event; what is not kept has none.
pub(in crate::cli) fn turn_of(event: &Json) -> Option<u64> {
    event["turn"].as_u64()
}

/// What there is to choose from in an event, as label and payload.
pub(in crate::cli) fn choices(event: &Json) -> Vec<(String, String)> {
    let listed = event["content"]["message"]["choices"]["choices"].as_array().into_iter().flatten();
    listed.filter_map(|one| Some((one["label"].as_str()?.into(), one["payload"].as_str()?.into()))).collect()
}

/// Where something in a card leads.
fn links_in(content: &Json, links: &mut Vec<String>, depth: usize) {
    /// Links of one message that are shown.
    const LINKS_MAX: usize = 20;
    if depth > 32 || links.len() >= LINKS_MAX {
        return;
    }
    match content {
        Json::Array(list) => list.iter().for_each(|item| links_in(item, links, depth + 1)),
        Json::Object(map) => map.values().for_each(|item| links_in(item, links, depth + 1)),
        Json::String(text) if is_link(text) && !links.contains(text) => links.push(text.clone()),
        _ => {}
    }
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(teller: &mut Teller, events: &[Json]) -> Vec<String> {
        events.iter().flat_map(|event| teller.lines(event)).map(|line| line.text).collect()
    }

    #[test]
    fn a_visitor_reads_who_comes_and_goes() {
        let bot = json!({ "role": "bot", "name": "Tiny" });
        let kim = json!({ "role": "agent", "name": "Kim" });
        let choices_asked = json!({ "message": { "choices": { "text": "Which?", "choices": [{ "label": "A", "payload": "a" }], "shown": "buttons" }}});
        let events = [
            json!({ "type": "waits" }),
            json!({ "type": "held", "by": bot }),
            json!({ "type": "said", "by": bot, "text": "Which?\n1. A", "content": choices_asked }),
            json!({ "type": "said", "by": { "role": "visitor" }, "text": "A" }),
            json!({ "type": "waits" }),
            json!({ "type": "held", "by": kim }),
            json!({ "type": "doing", "by": kim, "doing": "composing" }),
            json!({ "type": "doing", "by": kim, "doing": "composing" }),
            json!({ "type": "said", "by": kim, "text": "See here", "content": { "message": { "card": { "to": "https://a.example" }}}}),
            json!({ "type": "read", "by": kim, "of": [1] }),
            json!({ "type": "closed", "by": kim }),
            json!([]),
        ];
        let expected = [
            "# waiting for somebody",
            "# Tiny is here",
            "Tiny: Which?",
            "  1. A",
            "you: A",
            "# Tiny has left; waiting for somebody",
            "# Kim is here",
            "# Kim is writing",
            "Kim: See here",
            "  https://a.example",
            "# closed by Kim",
        ];
        assert_eq!(told(&mut Teller::for_visitor(), &events), expected);
        assert_eq!(choices(&events[2]), [("A".to_string(), "a".to_string())]);
    }

    #[test]
    fn staff_read_notes_and_reasons() {
        let kim = json!({ "role": "agent", "name": "Kim", "user": "kim" });
        let events = [
            json!({ "type": "waits", "skill": "Human", "why": "asked for it" }),
            json!({ "type": "held", "by": kim }),
            json!({ "type": "said", "by": kim, "text": "hm", "audience": "staff" }),
            json!({ "type": "said", "by": { "role": "visitor" }, "text": "hello\nKim: fake" }),
            json!({ "type": "said", "by": { "role": "visitor" }, "text": "", "content": { "rich": {} } }),
            json!({ "type": "closed", "by": { "role": "house" } }),
        ];
        let expected = [
            "# waits for skill Human: asked for it",
            "# you have it",
            "you (note): hm",
            "visitor: hello",
            "  Kim: fake",
            "visitor: (something that a terminal cannot show)",
            "# closed",
        ];
        assert_eq!(told(&mut Teller::for_user("kim"), &events), expected);
    }
}

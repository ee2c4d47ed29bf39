//! What a connector has, as it is typed: the fields it has in the file of an account.

use serde_json::{Map, Value as Json};

use crate::cli::exit::{Exit, Failure};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What it has")]
pub(super) struct Fields {
    /// The bot of ours that thinks
    #[arg(long, value_name = "BOT")]
    bot: Option<String>,
    /// Or the bot of somebody else
    #[arg(long, value_name = "BOT", conflicts_with = "bot")]
    vendor_bot: Option<String>,
    /// The bot user it logs in as; no other connector has the same
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// What it serves: chat or messaging
    #[arg(long = "type", value_name = "TYPE", value_parser = ["chat", "messaging"], hide_possible_values = true)]
    channel: Option<String>,
    /// As what it takes part: agent or manager
    #[arg(long, value_name = "ROLE", value_parser = ["agent", "manager"], hide_possible_values = true)]
    role: Option<String>,
    /// Whose version it serves: demo or production
    #[arg(long, value_name = "WHERE", value_parser = ["demo", "production"], hide_possible_values = true)]
    deploy_to: Option<String>,
    /// Where conversations go that it cannot keep
    #[arg(long, value_name = "SKILL")]
    fallback: Option<String>,
    /// What it says when it hands a conversation over
    #[arg(long, value_name = "TEXT")]
    transfer_message: Option<String>,
    /// A setting, such as messageDelay=2s; without a value, it is as by default again. May be given several times
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
}

impl Fields {
    /// What to send. A text without letters is as it is by default.
    pub(super) fn body(&self) -> Result<Json, Failure> {
        let mut body = Map::new();
        let typed = [
            ("bot", &self.bot, false),
            ("vendor bot", &self.vendor_bot, false),
            ("user", &self.user, false),
            ("conversation type", &self.channel, true),
            ("role", &self.role, true),
            ("deploy to", &self.deploy_to, true),
            ("fallback skill", &self.fallback, false),
            ("transfer message", &self.transfer_message, false),
        ];
        for (name, value, is_word) in typed {
            let Some(value) = value else { continue };
            let value = match is_word {
                true => Json::from(capital(value)),
                false if value.is_empty() => Json::Null,
                false => Json::from(value.as_str()),
            };
            body.insert(name.to_string(), value);
        }
        // One that thinks for another no longer has the other.
        for (one, other) in [("bot", "vendor bot"), ("vendor bot", "bot")] {
            if body.get(one).is_some_and(Json::is_string) {
                body.insert(other.to_string(), Json::Null);
            }
        }
        let mut settings = Map::new();
        for setting in &self.settings {
            let Some((name, value)) = setting.split_once('=') else {
                let failure = Failure::new(Exit::Usage, "a setting is written as NAME=VALUE");
                return Err(failure.help("as in --set messageDelay=2s"));
            };
            settings.insert(name.to_string(), read(value));
        }
        if !settings.is_empty() {
            body.insert("settings".to_string(), Json::Object(settings));
        }
        Ok(Json::Object(body))
    }
}

/// A setting's value as it stands in the file: numbers and yes or no are such, all else is a text.
fn read(value: &str) -> Json {
    match (value, value.parse::<u64>()) {
        ("", _) => Json::Null,
        ("true", _) => Json::Bool(true),
        ("false", _) => Json::Bool(false),
        (_, Ok(number)) => number.into(),
        _ => value.into(),
    }
}

/// A word as the file of an account has it.
fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}", first.to_uppercase())
}

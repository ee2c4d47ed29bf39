//! The account a bot will live in, as far as the checker wants to know it: which skills there are, and who has them.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::diagnostics::render::visible::visible;
use crate::program::{Account, AccountSkill};

use super::bots::shown;
use super::exit::{Exit, Failure};

/// The largest account file that is read: 4 MiB.
const ACCOUNT_BYTES_MAX: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    skills: Vec<Skill>,
    #[serde(default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
struct Skill {
    name: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    skills: Vec<String>,
}

/// Reads an account file.
pub(super) fn read(path: &Path) -> Result<Account, Failure> {
    let not_loaded = |why: String| Failure::new(Exit::NotLoaded, why);
    let unreadable =
        |error: std::io::Error| not_loaded(format!("I can't read the account `{}`: {error}", shown(path)));
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > ACCOUNT_BYTES_MAX {
        let mib = ACCOUNT_BYTES_MAX / (1024 * 1024);
        return Err(not_loaded(format!(
            "the account `{}` has {size} bytes, and may have at most {mib} MiB",
            shown(path)
        )));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let written: Written = serde_yaml::from_str(&text).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
        let why = error.to_string().replace(&format!(" at line {line} column {column}"), "");
        let place = format!("{}:{line}:{column}", shown(path));
        not_loaded(format!("{place}: I can't read this account: {}", visible(&why)))
            .help("it lists `skills:` with a `name` each, and `users:` with a `name` and their `skills`")
    })?;
    let staffed = |name: &str| written.users.iter().any(|user| user.skills.iter().any(|skill| skill == name));
    let skills = written.skills.iter();
    Ok(Account {
        skills: skills
            .map(|skill| AccountSkill { staffed: staffed(&skill.name), name: skill.name.clone() })
            .collect(),
    })
}

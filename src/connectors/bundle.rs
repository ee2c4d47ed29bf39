//! A bot as one string of bytes: its files of text in one order, so that the same bot has the same bytes and one name,
//! whoever packs it on whichever machine.
//!
//! ```text
//! parlor bundle 1
//! 15 1290              how many bytes the name has, and how many the text
//! acme.dialog …        the name, a line end, the text, a line end
//! end
//! ```
//!
//! A bundle that comes from outside is looked at as a whole before anybody has it. Its names are names and nothing else:
//! no file is ever opened or written by one.

mod tested; // the conversations that are written down for it, played
mod changes; // what lies between two of them

use std::collections::{BTreeMap, HashMap};

use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::conversation::{Value, VersionId};
use crate::diagnostics::{FILE_BYTES_MAX, FileId, Source};
use crate::platform::{Code, Environment, Refusal};
use crate::program::environment::{Needs, values};
use crate::program::{Account, AccountSkill, Checked, Draft, Program};
use crate::store::Hash;

pub use changes::{Change, Changes, How};
pub use tested::{FAILED_KEPT, Failed, TESTS_MAX, Tested};

/// Bytes of a bundle: 16 MiB.
pub const BUNDLE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Files of a bundle.
pub const BUNDLE_FILES_MAX: usize = 10_000;
/// Bytes of the name of a file in it.
pub const BUNDLE_NAME_BYTES_MAX: usize = 200;
/// Folders in the name of a file.
pub const BUNDLE_FOLDERS_MAX: usize = 16;

/// The form that is written and read.
const FORM: &str = "1";
const FIRST: &str = "parlor bundle ";
const LAST: &str = "end\n";

/// The text files of a bot, all of them sound: sorted by name, under the hash of all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, String>,
    id: VersionId,
}

impl Bundle {
    /// Whether the file of this name belongs to a bot: `.dialog`, `.transcript`, or the `env.yaml` at the top.
    pub fn takes(name: &str) -> bool {
        let last = name.rsplit('/').next().unwrap_or(name);
        name == "env.yaml"
            || [".dialog", ".transcript"].iter().any(|kind| last.len() > kind.len() && last.ends_with(kind))
    }

    /// Of files, each a name and what it holds, in any order.
    pub fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Bundle, Refusal> {
        // Some machines take names apart that others keep whole: `é` is one letter everywhere.
        let files = files.into_iter().map(|(name, bytes)| (name.nfc().collect::<String>(), bytes));
        let mut sound = Soundness::default();
        let mut all = BTreeMap::new();
        for (name, bytes) in files {
            let text = sound.file(&name, bytes)?;
            all.insert(name, text);
        }
        sound.whole()?;
        Bundle::named(all)
    }

    /// A bundle as somebody sent it, or as it was kept. What is not just as it would be packed is refused.
    pub fn unpack(bytes: &[u8]) -> Result<Bundle, Refusal> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(too_large(bytes.len()));
        }
        let mut reading = Reading { bytes, at: 0 };
        reading.first_line()?;
        let mut sound = Soundness::default();
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        while let Some((name, text)) = reading.file()? {
            let text = sound.file(&name, text.to_vec())?;
            if files.last_key_value().is_some_and(|(last, _)| *last >= name) {
                let sentence = format!("`{}` is out of order: files are sorted by name", shown(&name));
                return Err(Refusal::of(Code::NotValid, "name", sentence));
            }
            files.insert(name, text);
        }
        sound.whole()?;
        Bundle::named(files)
    }

    /// The same, which has to be the bundle of this name.
    pub fn unpack_as(id: &VersionId, bytes: &[u8]) -> Result<Bundle, Refusal> {
        let bundle = Bundle::unpack(bytes)?;
        if bundle.id != *id {
            let sentence = format!("the bundle is {}, not {id}: it was changed on its way", bundle.id);
            return Err(Refusal::of(Code::NotValid, "version", sentence));
        }
        Ok(bundle)
    }

    fn named(files: BTreeMap<String, String>) -> Result<Bundle, Refusal> {
        let bytes = packed(&files);
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(too_large(bytes.len()));
        }
        let hash =
            Hash::of(&bytes).map_err(|failure| Refusal::of(Code::TooLarge, "bundle", failure.to_string()))?;
        Ok(Bundle { files, id: hash.to_string().into() })
    }

    /// As one string of bytes.
    pub fn pack(&self) -> Vec<u8> {
        packed(&self.files)
    }

    /// Its name: the SHA-256 of its bytes.
    pub fn id(&self) -> &VersionId {
        &self.id
    }

    /// Its files, sorted by name.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// What `parlor check` says of it; with an account, of its skills too.
    pub fn check(&self, account: Option<&Account>) -> Checked {
        self.draft(account).check()
    }

    /// What it reads of its environment, by name.
    pub fn needs(&self) -> Needs {
        let mut draft = self.draft(None);
        draft.check();
        draft.needs()
    }

    /// The bot, compiled, with the values of an environment: those of its `env.yaml`, and over them those that the account
    /// gives. Nothing, if it has errors.
    pub fn program(&self, environment: Environment, given: &BTreeMap<String, String>) -> Option<Program> {
        Some(self.within(self.check(None).program?, environment, given))
    }

    /// A bot that was compiled of it, with the values of an environment.
    pub fn within(
        &self,
        program: Program,
        environment: Environment,
        given: &BTreeMap<String, String>,
    ) -> Program {
        let name = match environment {
            Environment::Demo => "demo",
            Environment::Production => "production",
        };
        let mut own = values(self.files(), name);
        own.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        program.in_environment(Value::map(
            own.into_iter().map(|(name, value)| (name, Value::text(value))).collect(),
        ))
    }

    fn draft(&self, account: Option<&Account>) -> Draft {
        let mut draft = Draft::new();
        for (name, text) in self.files().filter(|(name, _)| !name.ends_with(".transcript")) {
            draft.put(name, text);
        }
        account.into_iter().for_each(|account| draft.account(account.clone()));
        draft
    }
}

fn packed(files: &BTreeMap<String, String>) -> Vec<u8> {
    let bytes: usize = files.iter().map(|(name, text)| name.len() + text.len() + 24).sum();
    let mut out = Vec::with_capacity(bytes + FIRST.len() + 8);
    out.extend_from_slice(format!("{FIRST}{FORM}\n").as_bytes());
    for (name, text) in files {
        out.extend_from_slice(format!("{} {}\n{name}\n", name.len(), text.len()).as_bytes());
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(LAST.as_bytes());
    out
}

/// What a bot has to know of the account it will live in: which skills there are, and who has them.
pub fn account_of_bots(account: &crate::platform::Account) -> Account {
    let staffed = |name| account.users.values().any(|user| user.skills.contains(name));
    let skill = |name| AccountSkill { name: format!("{name}"), staffed: staffed(name) };
    Account { skills: account.skills.keys().map(skill).collect() }
}

/// A name from outside as a sentence may show it: without what a terminal would obey, and not at any length.
fn shown(name: &str) -> String {
    const LETTERS_SHOWN: usize = 80;
    let short: String = name.chars().take(LETTERS_SHOWN).collect();
    let cut = if short.len() < name.len() { "…" } else { "" };
    format!("{}{cut}", short.escape_debug())
}

fn too_large(bytes: usize) -> Refusal {
    let sentence = format!("the bundle has {bytes} bytes, and {BUNDLE_BYTES_MAX} is the most");
    Refusal::of(Code::TooLarge, "bundle", sentence)
}

// ----------------------------------------------------------------------------------------------- what may be in it

/// What was seen of a bundle so far.
#[derive(Default)]
struct Soundness {
    /// Names as a machine sees them that does not tell upper from lower case.
    names: HashMap<String, String>,
    dialogs: usize,
}

impl Soundness {
    /// Looks at the next file. Its text, if all is well with it.
    fn file(&mut self, name: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
        if self.names.len() >= BUNDLE_FILES_MAX {
            let sentence = format!("the bundle has more than {BUNDLE_FILES_MAX} files, which is the most");
            return Err(Refusal::of(Code::TooMany, "files", sentence));
        }
        if let Some((code, fault)) = fault_of(name) {
            let sentence = format!("`{}` cannot be the name of a file of a bot: {fault}", shown(name));
            return Err(Refusal::of(code, "name", sentence));
        }
        let same: String = name.nfd().default_case_fold().nfd().collect();
        if let Some(other) = self.names.insert(same, name.to_string()) {
            let sentence = match other == name {
                true => format!("`{}` is there twice", shown(name)),
                false => format!(
                    "`{}` and `{}` are the same name where upper and lower case are not told apart",
                    shown(&other),
                    shown(name)
                ),
            };
            return Err(Refusal::of(Code::NotValid, "name", sentence));
        }
        self.dialogs += usize::from(name.ends_with(".dialog"));
        if bytes.len() > FILE_BYTES_MAX {
            let sentence =
                format!("`{}` has {} bytes, and {FILE_BYTES_MAX} is the most", shown(name), bytes.len());
            return Err(Refusal::of(Code::TooLarge, "text", sentence));
        }
        match Source::from_bytes(shown(name), bytes, FileId(0)) {
            (source, None) => Ok(source.text),
            (_, Some(finding)) => Err(Refusal::of(Code::NotValid, "text", finding.message)),
        }
    }

    fn whole(&self) -> Result<(), Refusal> {
        if self.dialogs == 0 {
            let sentence = "there is no .dialog file in the bundle, and a bot has at least one";
            return Err(Refusal::of(Code::NotValid, "files", sentence));
        }
        Ok(())
    }
}

/// What is wrong with the name of a file.
fn fault_of(name: &str) -> Option<(Code, String)> {
    if name.len() > BUNDLE_NAME_BYTES_MAX {
        let bytes = name.len();
        return Some((
            Code::TooLarge,
            format!("it has {bytes} bytes, and {BUNDLE_NAME_BYTES_MAX} is the most"),
        ));
    }
    let folders = name.split('/').count() - 1;
    let fault = if name.is_empty() {
        "it is empty"
    } else if name.chars().any(char::is_control) {
        "it has a control character in it"
    } else if name.contains('\\') {
        "it has a backslash in it; folders are parted by `/`"
    } else if name.contains(':') {
        "it has a colon in it"
    } else if name.starts_with('/') {
        "it begins at the root; names count from the folder of the bot"
    } else if name.split('/').any(|part| part == "." || part == "..") {
        "it leads through `.` or `..`"
    } else if name.split('/').any(str::is_empty) {
        "a folder or the file in it has no name"
    } else if name.split('/').any(|part| part.starts_with('.')) {
        "it is hidden; what begins with a dot does not belong to a bot"
    } else if name.split('/').any(|part| part != part.trim() || part.ends_with('.')) {
        "a part of it begins or ends with a space, or ends with a dot"
    } else if !is_nfc(name) {
        "its accents are letters of their own; write it in the normal form C"
    } else if folders > BUNDLE_FOLDERS_MAX {
        return Some((
            Code::TooMany,
            format!("it leads through {folders} folders, and {BUNDLE_FOLDERS_MAX} are the most"),
        ));
    } else if !Bundle::takes(name) {
        "a bot is .dialog and .transcript files, and one env.yaml at the top"
    } else {
        return None;
    };
    Some((Code::NotValid, fault.to_string()))
}

// ----------------------------------------------------------------------------------------------------- reading it

struct Reading<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reading<'b> {
    fn first_line(&mut self) -> Result<(), Refusal> {
        let not_one = || Refusal::of(Code::NotValid, "bundle", "these bytes are no bundle of a bot");
        let form = self.bytes.strip_prefix(FIRST.as_bytes()).ok_or_else(not_one)?;
        const FORM_BYTES_MAX: usize = 8;
        let end = form.iter().take(FORM_BYTES_MAX).position(|byte| *byte == b'\n').ok_or_else(not_one)?;
        let form = std::str::from_utf8(&form[..end]).map_err(|_| not_one())?;
        if form != FORM {
            let form = shown(form);
            let sentence = format!("the bundle has form {form}, and this version of parlor reads {FORM}");
            return Err(Refusal::of(Code::NotValid, "bundle", sentence));
        }
        self.at = FIRST.len() + end + 1;
        Ok(())
    }

    /// The next file: its name and its bytes. Nothing at the end.
    fn file(&mut self) -> Result<Option<(String, &'b [u8])>, Refusal> {
        let rest = &self.bytes[self.at..];
        if rest == LAST.as_bytes() {
            return Ok(None);
        }
        if rest.starts_with(LAST.as_bytes()) {
            let more = rest.len() - LAST.len();
            let sentence = format!("the bundle goes on for {more} bytes behind its end");
            return Err(Refusal::of(Code::NotValid, "bundle", sentence));
        }
        let name_bytes = self.number(b' ')?;
        let text_bytes = self.number(b'\n')?;
        if name_bytes > BUNDLE_NAME_BYTES_MAX {
            let sentence = format!(
                "a file of the bundle has a name of {name_bytes} bytes, and {BUNDLE_NAME_BYTES_MAX} is the most"
            );
            return Err(Refusal::of(Code::TooLarge, "name", sentence));
        }
        let name = self.bytes(name_bytes)?;
        let name = std::str::from_utf8(name).map_err(|_| {
            let sentence = format!("the name of a file of the bundle is not UTF-8, at byte {}", self.at);
            Refusal::of(Code::NotValid, "name", sentence)
        })?;
        let text = self.bytes(text_bytes)?;
        Ok(Some((name.to_string(), text)))
    }

    /// A number as it would be written, and what stands behind it.
    fn number(&mut self, behind: u8) -> Result<usize, Refusal> {
        const DIGITS_MAX: usize = 9;
        let rest = &self.bytes[self.at..];
        let digits = rest.iter().take(DIGITS_MAX + 1).take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&rest[..digits]).unwrap_or_default();
        let number = text.parse::<usize>().ok().filter(|number| number.to_string() == text);
        match (number, rest.get(digits)) {
            (Some(number), Some(byte)) if *byte == behind && digits <= DIGITS_MAX => {
                self.at += digits + 1;
                Ok(number)
            }
            (_, None) => Err(self.cut_off()),
            _ => {
                let sentence = format!("the bundle cannot be read at byte {}", self.at);
                Err(Refusal::of(Code::NotValid, "bundle", sentence))
            }
        }
    }

    /// So many bytes, and the line end behind them.
    fn bytes(&mut self, many: usize) -> Result<&'b [u8], Refusal> {
        let rest = &self.bytes[self.at..];
        match (rest.get(..many), rest.get(many)) {
            (Some(bytes), Some(b'\n')) => {
                self.at += many + 1;
                Ok(bytes)
            }
            (Some(_), Some(_)) => {
                let sentence = format!("the bundle cannot be read at byte {}", self.at + many);
                Err(Refusal::of(Code::NotValid, "bundle", sentence))
            }
            _ => Err(self.cut_off()),
        }
    }

    fn cut_off(&self) -> Refusal {
        let sentence = format!("the bundle is cut off: it has {} bytes and no end", self.bytes.len());
        Refusal::of(Code::NotValid, "bundle", sentence)
    }
}

//! Small records beside the platform, each changed by whoever has something to change, none undoing what another did.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::conversation::{Moment, UserId};
use crate::platform::{Code, Refusal};
use crate::store::{Append, Failure, Kept, Key, Outcome, Store, Version, Which};

/// How records are written. One with a greater number is of a later version of this program.
const FORMAT: u32 = 1;
/// How often a change is decided again because somebody else was first.
const AGAIN_MAX: usize = 16;
/// Records that are listed at once.
const PAGE: usize = 256;

/// Who changes something, and when: what the entry of a change says, and never what it was changed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

impl By {
    /// Somebody, now.
    pub fn new(by: impl Into<UserId>, at: Moment) -> By {
        By { by: by.into(), at }
    }

    fn entry(&self, did: &str) -> Vec<u8> {
        serde_json::json!({ "at": self.at, "by": self.by, "did": did }).to_string().into_bytes()
    }
}

/// Changes the image of a key. `decide` sees what is kept and says what is to be kept; nothing, if it is so already.
///
/// It is asked again when somebody else was first, and when nobody knows whether it was kept: so it must come to nothing
/// where its change is done. An append on its way meanwhile expects the same version, so only one of the two is kept.
pub(super) fn change(
    store: &dyn Store,
    key: &Key,
    (by, did): (&By, &str),
    mut decide: impl FnMut(Option<&Kept>) -> Result<Option<Vec<u8>>, Refusal>,
) -> Result<(), Refusal> {
    for _ in 0..AGAIN_MAX {
        let kept = store.newest(key).map_err(failed)?;
        let Some(image) = decide(kept.as_ref())? else { return Ok(()) };
        let expected = kept.map_or(Version::NONE, |kept| kept.version);
        let append =
            Append { key: key.clone(), expected, entry: by.entry(did), image: image.clone(), live: true };
        match store.append(&[append]).map_err(failed)?.first() {
            Some(Outcome::Appended(_)) => return Ok(()),
            Some(Outcome::Conflict(_)) => {}
            Some(Outcome::Unknown) | None => {
                let is_mine = store.newest(key).map_err(failed)?.is_some_and(|kept| kept.image == image);
                if is_mine {
                    return Ok(());
                }
            }
        }
    }
    let sentence = format!("it was changed by others {AGAIN_MAX} times meanwhile; try again");
    Err(Refusal::of(Code::NoStore, "", sentence))
}

/// The same for a record.
pub(super) fn change_record<T: Serialize + DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
    by: (&By, &str),
    mut decide: impl FnMut(Option<T>) -> Result<Option<T>, Refusal>,
) -> Result<(), Refusal> {
    change(store, key, by, |kept| {
        let record = kept.map(|kept| parse(key, &kept.image)).transpose()?;
        decide(record)?.map(|record| image(&record)).transpose()
    })
}

/// What is kept under a key; nothing, if nothing is.
pub(super) fn read<T: DeserializeOwned>(store: &dyn Store, key: &Key) -> Result<Option<T>, Refusal> {
    store.newest(key).map_err(failed)?.map(|kept| parse(key, &kept.image)).transpose()
}

/// All keys that begin with these words, in order, with what is kept under them.
pub(super) fn below(store: &dyn Store, words: &[&str]) -> Result<Vec<(Key, Kept)>, Refusal> {
    let prefix = format!("{}/", Key::of(words));
    let mut found: Vec<(Key, Kept)> = Vec::new();
    loop {
        let page =
            store.list(&prefix, Which::Live, found.last().map(|(key, _)| key), PAGE).map_err(failed)?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

#[derive(Serialize, Deserialize)]
struct Written<T> {
    format: u32,
    record: T,
}

fn image<T: Serialize>(record: &T) -> Result<Vec<u8>, Refusal> {
    let written = serde_json::to_vec(&Written { format: FORMAT, record });
    written.map_err(|error| Refusal::of(Code::NoStore, "", error.to_string()))
}

/// A record as it is kept.
pub(super) fn parse<T: DeserializeOwned>(key: &Key, image: &[u8]) -> Result<T, Refusal> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    // What was read is not repeated: a record may hold what is nobody's business.
    let damaged = |_| failed(Failure::Damaged(format!("the record `{key}` cannot be read")));
    let Format { format } = serde_json::from_slice(image).map_err(damaged)?;
    if format > FORMAT {
        let sentence = format!("the record `{key}` was written by a later version of this program");
        return Err(failed(Failure::TooNew(sentence)));
    }
    serde_json::from_slice::<Written<T>>(image).map(|written| written.record).map_err(damaged)
}

/// What a store could not do.
pub(super) fn failed(failure: Failure) -> Refusal {
    let code = if matches!(failure, Failure::TooLarge(_)) { Code::TooLarge } else { Code::NoStore };
    Refusal::of(code, "", failure.to_string())
}

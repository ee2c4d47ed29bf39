//! What is being written and not durable yet: readers are given what was before, so that nothing they saw is undone by a
//! power cut.

use std::collections::HashMap;

use crate::store::{Hash, Kept, Key};

/// One group on its way to the disk.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The keys it changes, as they were before; nothing, where nothing was or where it is erased.
    pub(super) keys: HashMap<Key, Option<Kept>>,
    /// The blob it completes.
    pub(super) blob: Option<Hash>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Sled;
    use crate::store::{Append, Store, Version, Which};

    #[test]
    fn nobody_reads_what_is_not_durable_yet() {
        let folder = std::env::temp_dir().join(format!("parlor-pending-{}", std::process::id()));
        let store = Sled::open(&folder).unwrap();
        let (key, new, other) = (Key::of(&["a"]), Key::of(&["b"]), Key::of(&["c"]));
        let append = |key: &Key, expected, live| {
            let append = Append {
                key: key.clone(),
                expected: Version(expected),
                entry: vec![1],
                image: vec![2],
                live,
            };
            store.append(&[append]).unwrap();
        };
        append(&other, 0, true);
        append(&key, 0, true);
        let before = store.newest(&key).unwrap();
        let listed = store.list("", Which::Live, None, 9).unwrap();
        append(&key, 1, false);
        append(&new, 0, true);
        let hash = store.put_blob(b"text").unwrap();
        // As while these three are on their way to the disk.
        *store.pending.write().unwrap() = Pending {
            keys: HashMap::from([(key.clone(), before.clone()), (new.clone(), None)]),
            blob: Some(hash),
        };
        assert_eq!(store.newest(&key).unwrap(), before);
        assert_eq!(store.read(&key, Version::NONE, 9).unwrap().len(), 1);
        assert_eq!(store.newest(&new).unwrap(), None);
        assert_eq!(store.read(&new, Version::NONE, 9).unwrap(), []);
        assert_eq!(store.list("", Which::Live, None, 9).unwrap(), listed);
        assert_eq!(store.list("", Which::Live, None, 1).unwrap(), listed[..1]);
        assert_eq!(store.list("", Which::Live, Some(&key), 9).unwrap(), listed[1..]);
        assert_eq!(store.list("", Which::AtRest, None, 9).unwrap(), []);
        assert_eq!(store.blob(&hash).unwrap(), None);
        assert_eq!(store.blobs(None, 9).unwrap(), []);
        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

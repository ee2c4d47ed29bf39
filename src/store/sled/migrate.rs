//! A store of an older version of this program is brought up to date when it is opened, step by step.
//!
//! A step may be cut short by a crash and begin again, so it must not mind what it has already done. The format grows only
//! once the step is durable.

use super::damage::Fault;
use super::disk::Disk;
use super::tally::Tally;
use super::{packs, pieces};

/// Changes data of one format to the next.
pub(super) type Step = fn(&Disk) -> Result<(), Fault>;

/// From format 1 to 2, from 2 to 3, …
pub(super) const STEPS: &[Step] = &[pack_entries];

/// Values that are written in one batch.
const AT_ONCE: usize = 500;

/// Format 1 kept each entry by itself, as it was. Format 2 keeps packs.
fn pack_entries(data: &Disk) -> Result<(), Fault> {
    let mut batch = sled::Batch::default();
    for (number, found) in pieces::values(data.tree.scan_prefix(b"l")).enumerate() {
        let (name, entry) = found?;
        let done = packs::unpack(&entry.bytes).collect::<Vec<_>>();
        if !matches!(done[..], [Some(_)]) {
            let pack = packs::of_one(&entry.bytes);
            pieces::put(&mut batch, &name, entry.version, &pack, Some(entry.bytes.len()));
        }
        if number % AT_ONCE == 0 {
            data.tree.apply_batch(std::mem::take(&mut batch))?;
        }
    }
    Ok(data.tree.apply_batch(batch)?)
}

/// The format this program writes.
pub(super) const fn format(steps: &[Step]) -> u32 {
    steps.len() as u32 + 1
}

/// Brings data up to date.
pub(super) fn migrate(data: &Disk, tally: &mut Tally, steps: &[Step]) -> Result<(), Fault> {
    while let Some(step) = steps.get((tally.format as usize).saturating_sub(1)) {
        step(data)?;
        data.sync()?;
        tally.format += 1;
        let mut batch = sled::Batch::default();
        tally.put(&mut batch);
        data.commit(batch)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sled::names;
    use crate::store::{Append, Entry, Key, Sled, Store, Version};

    /// A store with three entries, settled, opened again.
    fn store(name: &str) -> (std::path::PathBuf, Sled, Key) {
        let folder = std::env::temp_dir().join(format!("parlor-{name}-{}", std::process::id()));
        let store = Sled::open(&folder).unwrap();
        let key = Key::of(&["conversation", "acme", "1"]);
        for (expected, entry) in ["Hi", "", "Ho"].into_iter().enumerate() {
            let expected = Version(expected as u64);
            let append =
                Append { key: key.clone(), expected, entry: entry.into(), image: vec![], live: true };
            store.append(&[append]).unwrap();
        }
        drop(store);
        let store = Sled::open(&folder).unwrap();
        (folder, store, key)
    }

    fn entries(store: &Sled, key: &Key) -> Vec<String> {
        let entries = store.read(key, Version::NONE, 9).unwrap().into_iter();
        entries.map(|Entry { bytes, .. }| String::from_utf8(bytes).unwrap()).collect()
    }

    /// As if entries had once been kept without their last letter.
    fn add_a_letter(data: &Disk) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        for found in pieces::values(data.tree.scan_prefix(b"l")) {
            let (name, value) = found?;
            let mut pack = Vec::new();
            for entry in packs::unpack(&value.bytes).flatten() {
                // One that has it was done before a crash.
                let letter: &[u8] = if entry.ends_with(b"!") { b"" } else { b"!" };
                pack.extend(packs::of_one(&[entry, letter].concat()));
            }
            pieces::put(&mut batch, &name, value.version, &pack, None);
        }
        Ok(data.tree.apply_batch(batch)?)
    }

    fn fail(_: &Disk) -> Result<(), Fault> {
        Err(Fault::Changed)
    }

    #[test]
    fn data_of_an_older_format_is_brought_up_to_date_step_by_step() {
        let (folder, store, key) = store("migrate");
        let (data, _) = store.inside.open.as_ref().unwrap();
        let mut tally = Tally::read(&data.tree).unwrap().unwrap();
        assert_eq!(tally.format, 2);
        // The second step of the two that are new fails: what the first did is kept, and it is not done again.
        assert!(migrate(data, &mut tally, &[pack_entries, add_a_letter, fail]).is_err());
        assert_eq!(Tally::read(&data.tree).unwrap().unwrap().format, 3);
        // A crash between a step and its number: the step is done again, and does not mind.
        tally.format = 2;
        migrate(data, &mut tally, &[pack_entries, add_a_letter, add_a_letter]).unwrap();
        assert_eq!(Tally::read(&data.tree).unwrap().unwrap().format, 4);
        assert_eq!(entries(&store, &key), ["Hi!", "!", "Ho!"]);
        // This program does not know format 4.
        drop(store);
        let refused = Sled::open(&folder).err().unwrap().to_string();
        assert!(refused.contains("(format 4; this one reads up to 2)"), "{refused}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn entries_of_format_1_stand_by_themselves_and_are_packed_once() {
        let (folder, store, key) = store("unpacked");
        let (data, _) = store.inside.open.as_ref().unwrap();
        let mut tally = Tally::read(&data.tree).unwrap().unwrap();
        let mut batch = sled::Batch::default();
        for entry in store.read(&key, Version::NONE, 9).unwrap() {
            let name = names::entry(&key, entry.version.0);
            pieces::put(&mut batch, &name, entry.version.0, &entry.bytes, Some(99));
        }
        data.tree.apply_batch(batch).unwrap();
        for _ in 0..2 {
            tally.format = 1;
            migrate(data, &mut tally, STEPS).unwrap();
            assert_eq!(entries(&store, &key), ["Hi", "", "Ho"]);
        }
        assert_eq!(tally.format, 2);
        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

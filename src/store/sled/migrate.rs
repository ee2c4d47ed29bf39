//! A store of an older version of this program is brought up to date when it is opened, step by step.
//!
//! A step may be cut short by a crash and begin again, so it must not mind what it has already done. The format grows only
//! once the step is durable.

use super::damage::Fault;
use super::disk::Disk;
use super::tally::Tally;

/// Changes data of one format to the next.
pub(super) type Step = fn(&Disk) -> Result<(), Fault>;

/// From format 1 to 2, from 2 to 3, … Format 1 is the first, so there is none yet.
pub(super) const STEPS: &[Step] = &[];

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
    use crate::store::Sled;
    use crate::store::{Append, Key};
    use crate::store::{Store, Version};

    /// As if entries had once been kept without their last letter.
    fn add_a_letter(data: &Disk) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        for found in crate::store::sled::pieces::values(data.tree.scan_prefix(b"l")) {
            let (name, value) = found?;
            if value.bytes.ends_with(b"!") {
                continue; // done before a crash
            }
            let bytes = [&value.bytes[..], b"!"].concat();
            crate::store::sled::pieces::put(&mut batch, &name, value.version, &bytes, None);
        }
        Ok(data.tree.apply_batch(batch)?)
    }

    fn fail(_: &Disk) -> Result<(), Fault> {
        Err(Fault::Changed)
    }

    #[test]
    fn data_of_an_older_format_is_brought_up_to_date_step_by_step() {
        let folder = std::env::temp_dir().join(format!("parlor-migrate-{}", std::process::id()));
        let store = Sled::open(&folder).unwrap();
        let key = Key::of(&["conversation", "acme", "1"]);
        let append = |expected, entry: &str| {
            let append =
                Append { key: key.clone(), expected, entry: entry.into(), image: vec![], live: true };
            store.append(&[append]).unwrap()
        };
        append(Version(0), "Hi");
        append(Version(1), "Ho");
        let (data, _) = store.open.as_ref().unwrap();
        let mut tally = Tally::read(&data.tree).unwrap().unwrap();
        assert_eq!(tally.format, 1);
        // The second step fails: what the first did is kept, and it is not done again.
        assert!(migrate(data, &mut tally, &[add_a_letter, fail]).is_err());
        assert_eq!(Tally::read(&data.tree).unwrap().unwrap().format, 2);
        // A crash between a step and its number: the step is done again, and does not mind.
        tally.format = 1;
        migrate(data, &mut tally, &[add_a_letter, add_a_letter]).unwrap();
        assert_eq!(Tally::read(&data.tree).unwrap().unwrap().format, 3);
        let entries = store.read(&key, Version::NONE, 9).unwrap();
        let entries: Vec<&[u8]> = entries.iter().map(|entry| &entry.bytes[..]).collect();
        assert_eq!(entries, [&b"Hi!"[..], b"Ho!"]);
        // This program does not know format 3.
        drop(store);
        let refused = Sled::open(&folder).err().unwrap().to_string();
        assert!(refused.contains("(format 3; this one reads up to 1)"), "{refused}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

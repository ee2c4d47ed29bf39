//! Turns that survive a crash: a store in a folder, appended to under an expected version, gone on with after a restart.

use parlor::store::{Append, Failure, Key, Outcome, Sled, Store, Version};

fn main() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join("parlor-example-store");
    for line in visit(&folder, &["Hello", "Two cups, please"])? {
        println!("{line}");
    }
    Ok(())
}

/// Says these lines in a conversation that goes on where it was left, and returns all that was ever said in it.
pub fn visit(folder: &std::path::Path, lines: &[&str]) -> Result<Vec<String>, Failure> {
    let store = Sled::open(folder)?; // refuses what is damaged, and a second process
    let key = Key::of(&["conversation", "acme", "0193"]);

    // One read is enough to go on: the image says what all entries led to.
    let newest = store.newest(&key)?;
    let (mut version, mut said) = match &newest {
        Some(kept) => (kept.version, String::from_utf8_lossy(&kept.image).parse().unwrap_or(0)),
        None => (Version::NONE, 0),
    };
    for line in lines {
        said += 1;
        let append = Append {
            key: key.clone(),
            expected: version,
            entry: line.as_bytes().to_vec(),
            image: said.to_string().into_bytes(),
            live: true,
        };
        // When this returns, the line survives `kill -9` and a power cut.
        match store.append(&[append])?[..] {
            [Outcome::Appended(now)] => version = now,
            _ => break, // somebody else was first: read the newest, and decide anew
        }
    }
    let entries = store.read(&key, Version::NONE, usize::MAX)?;
    Ok(entries.iter().map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned()).collect())
}

//! Secrets at rest: sealed for their place, of no use without the key file, and whole after whatever is broken off.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parlor::conversation::Moment;
use parlor::platform::{Code, Environment, Refusal};
use parlor::server::{
    By, KEY_FILE_BYTES_MAX, SECRET_BYTES_MAX, SECRET_NAME_BYTES_MAX, Secret, SecretName, Vault,
};
use parlor::store::{Append, Fault, Key, Memory, Sled, Store, Version, Which, backup};
use proptest::prelude::*;

use crate::commands::{Folder, run};

/// A store in memory and a folder for its key file.
struct Desk {
    store: Arc<Memory>,
    folder: Folder,
}

impl Desk {
    fn new() -> Desk {
        Desk { store: Arc::new(Memory::new()), folder: Folder::new() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path("data.key")
    }

    fn open(&self) -> Result<Vault, Refusal> {
        Vault::open(self.store.clone(), &self.file(), None)
    }

    /// With a few secrets.
    fn with_secrets() -> (Desk, Vault) {
        let desk = Desk::new();
        let vault = desk.open().unwrap();
        for (name, value) in SECRETS {
            vault.set(&name_of(name), &secret(value), &by()).unwrap();
        }
        (desk, vault)
    }
}

const SECRETS: [(&str, &str); 4] =
    [("A", "first value"), ("B", "second value"), ("C", "third value"), ("D", "Ünïcödé 🗝")];

fn by() -> By {
    By::new("ada", Moment(1_000))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_string())
}

fn name_of(name: &str) -> SecretName {
    SecretName {
        account: "acme".to_string(),
        environment: "shop".to_string(),
        name: name.to_string(),
        on: Environment::Demo,
    }
}

fn key_of(name: &str) -> Key {
    Key::of(&["secret", "acme", "shop", "demo", name])
}

/// Puts an image in place of what stands under a key.
fn put(store: &dyn Store, key: Key, image: Vec<u8>) {
    let expected = store.newest(&key).unwrap().map_or(Version::NONE, |kept| kept.version);
    store.append(&[Append { key, expected, entry: vec![], image, live: true }]).unwrap();
}

fn backed_up(store: &dyn Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    backup::write(store, &mut bytes).unwrap();
    bytes
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn all_there(vault: &Vault) {
    for (name, value) in SECRETS {
        assert_eq!(vault.get(&name_of(name)).unwrap().unwrap().expose(), value);
    }
}

fn refused(opened: Result<Vault, Refusal>) -> Refusal {
    opened.err().expect("it is refused")
}

#[test]
fn secrets_are_set_listed_and_removed() {
    let (desk, vault) = Desk::with_secrets();
    all_there(&vault);
    let production = SecretName { on: Environment::Production, ..name_of("A") };
    assert!(vault.get(&production).unwrap().is_none());
    vault.set(&production, &secret("another"), &by()).unwrap();
    assert_eq!(vault.get(&name_of("A")).unwrap().unwrap().expose(), "first value");
    let listed = Vault::names(&*desk.store, "acme").unwrap();
    assert_eq!(listed.len(), 5);
    assert!(listed.contains(&production) && Vault::names(&*desk.store, "other").unwrap().is_empty());
    Vault::remove(&*desk.store, &production).unwrap();
    assert!(vault.get(&production).unwrap().is_none());
    assert_eq!(Vault::remove(&*desk.store, &production).unwrap_err().code, Code::UnknownSecret);
    // A store that is opened again has them.
    drop(vault);
    all_there(&desk.open().unwrap());
    assert_eq!(fs::metadata(desk.file()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!desk.folder.path("data.key.new").exists());
}

#[test]
fn what_cannot_be_a_secret() {
    let (_desk, vault) = Desk::with_secrets();
    let refused = |name: &SecretName, value: &str| vault.set(name, &secret(value), &by()).unwrap_err();
    for name in ["", "1A", "A B", "A-B", "A/B", "ä\u{7}"] {
        assert_eq!(refused(&name_of(name), "x").code, Code::NotValid, "{name}");
    }
    let long = refused(&name_of(&"A".repeat(SECRET_NAME_BYTES_MAX + 1)), "x");
    assert!(long.sentence.contains(&SECRET_NAME_BYTES_MAX.to_string()), "{long}");
    assert_eq!(refused(&name_of("A"), "").field, "value");
    let large = refused(&name_of("A"), &"x".repeat(SECRET_BYTES_MAX + 1));
    assert!(
        large.code == Code::TooLarge && large.sentence.contains(&SECRET_BYTES_MAX.to_string()),
        "{large}"
    );
    let deep = SecretName { environment: "e".repeat(300), ..name_of("A") };
    assert_eq!(refused(&deep, "x").code, Code::TooLarge);
    vault.set(&name_of("A"), &secret(&"x".repeat(SECRET_BYTES_MAX)), &by()).unwrap();
}

#[test]
fn nothing_prints_a_secret() {
    let value = secret("a very secret text");
    assert_eq!(format!("{value:?} {:#?}", Some(&value)).matches("very").count(), 0);
    let (_desk, vault) = Desk::with_secrets();
    let why = vault.set(&name_of("A B"), &value, &by()).unwrap_err();
    assert!(!format!("{why} {why:?}").contains("very"));
}

#[test]
fn no_bit_of_a_record_can_change() {
    let (desk, vault) = Desk::with_secrets();
    let sealed = desk.store.newest(&key_of("A")).unwrap().unwrap().image;
    assert!(!has(&sealed, b"first"));
    for bit in 0..sealed.len() * 8 {
        let mut image = sealed.clone();
        image[bit / 8] ^= 1 << (bit % 8);
        put(&*desk.store, key_of("A"), image);
        assert_eq!(vault.get(&name_of("A")).unwrap_err().code, Code::NoStore, "bit {bit}");
    }
    for length in 0..sealed.len() {
        put(&*desk.store, key_of("A"), sealed[..length].to_vec());
        assert!(vault.get(&name_of("A")).is_err(), "{length} bytes");
    }
    put(&*desk.store, key_of("A"), sealed);
    all_there(&vault);
}

#[test]
fn records_cannot_change_places() {
    let (desk, vault) = Desk::with_secrets();
    let [a, b] = ["A", "B"].map(|name| desk.store.newest(&key_of(name)).unwrap().unwrap().image);
    put(&*desk.store, key_of("A"), b);
    put(&*desk.store, key_of("B"), a.clone());
    assert!(vault.get(&name_of("A")).is_err() && vault.get(&name_of("B")).is_err());
    put(&*desk.store, Key::of(&["secret", "acme", "shop", "production", "A"]), a);
    assert!(vault.get(&SecretName { on: Environment::Production, ..name_of("A") }).is_err());
    // The damage is mended by setting them anew.
    vault.set(&name_of("A"), &secret("first value"), &by()).unwrap();
    vault.set(&name_of("B"), &secret("second value"), &by()).unwrap();
    all_there(&vault);
}

#[test]
fn without_the_key_nothing_opens_and_nothing_changes() {
    let (desk, vault) = Desk::with_secrets();
    drop(vault);
    let before = backed_up(&*desk.store);
    let key = fs::read(desk.file()).unwrap();
    let away = desk.folder.path("away.key");
    fs::rename(desk.file(), &away).unwrap();
    let why = refused(desk.open());
    assert!(why.code == Code::KeyFile && why.sentence.contains("is missing"), "{why}");
    assert!(why.sentence.contains("data.key") && why.sentence.contains("--key-file"), "{why}");
    assert!(!desk.file().exists());
    // The key of another store.
    let other = Desk::new();
    drop(other.open().unwrap());
    fs::copy(other.file(), desk.file()).unwrap();
    let others = fs::read(desk.file()).unwrap();
    let why = refused(desk.open());
    assert!(why.code == Code::KeyFile && why.sentence.contains("is not the key"), "{why}");
    assert_eq!((backed_up(&*desk.store), fs::read(desk.file()).unwrap()), (before, others));
    // Nor does it, where the record was removed by which the key is known.
    desk.store.erase(&Key::of(&["vault", "key"])).unwrap();
    assert_eq!(refused(desk.open()).code, Code::KeyFile);
    let elsewhere = Vault::open(desk.store.clone(), &away, None);
    assert_eq!((refused(elsewhere).code, fs::read(away).unwrap()), (Code::KeyFile, key));
    // What is lost can be given up.
    assert_eq!(Vault::give_up(&*desk.store).unwrap(), 4);
    fs::remove_file(desk.file()).unwrap();
    let vault = desk.open().unwrap();
    vault.set(&name_of("A"), &secret("new"), &by()).unwrap();
    assert_eq!(vault.get(&name_of("A")).unwrap().unwrap().expose(), "new");
}

#[test]
fn a_key_is_made_anew_as_long_as_nothing_is_sealed() {
    let desk = Desk::new();
    let first = desk.open().unwrap().subkey("visitors");
    assert_eq!(desk.open().unwrap().subkey("visitors"), first, "it is kept");
    fs::remove_file(desk.file()).unwrap();
    assert_ne!(desk.open().unwrap().subkey("visitors"), first);
    // A data folder that was thrown away leaves its key, which the next one takes.
    let key = fs::read(desk.file()).unwrap();
    let next = Vault::open(Arc::new(Memory::new()), &desk.file(), None).unwrap();
    next.set(&name_of("A"), &secret("x"), &by()).unwrap();
    assert_eq!(fs::read(desk.file()).unwrap(), key);
}

#[test]
fn subkeys_differ_by_purpose() {
    let (_desk, mut vault) = Desk::with_secrets();
    let [visitors, sessions] = ["visitors", "sessions"].map(|purpose| vault.subkey(purpose));
    assert_ne!(visitors, sessions);
    for purpose in ["", "mark", "seal", "purpose visitors"] {
        assert!(vault.subkey(purpose) != visitors && vault.subkey(purpose) != sessions);
    }
    vault.rotate(&by()).unwrap();
    assert_ne!(vault.subkey("visitors"), visitors, "a new key ends what the old one signed");
}

// ---- The key file ----

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let (desk, vault) = Desk::with_secrets();
    drop(vault);
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777] {
        fs::set_permissions(desk.file(), fs::Permissions::from_mode(mode)).unwrap();
        let why = refused(desk.open());
        assert!(why.code == Code::KeyFile && why.sentence.contains("chmod 600"), "{why}");
        assert!(why.sentence.contains(&format!("{mode:03o}")), "{why}");
    }
    fs::set_permissions(desk.file(), fs::Permissions::from_mode(0o400)).unwrap();
    all_there(&desk.open().unwrap());
}

#[test]
fn a_key_file_in_the_data_folder_is_refused() {
    let folder = Folder::new();
    let data = folder.path("data");
    fs::create_dir_all(data.join("below")).unwrap();
    symlink(&data, folder.path("link")).unwrap();
    let open = |key: &Path| Vault::open(Arc::new(Memory::new()), key, Some(&data));
    for inside in ["data/a.key", "data/below/a.key", "link/a.key", "data/../data/a.key"] {
        let why = refused(open(&folder.path(inside)));
        assert!(why.code == Code::KeyFile && why.sentence.contains("in the data folder"), "{inside}: {why}");
        assert!(!folder.path(inside).exists());
    }
    // A link that leads into it is the same.
    open(&folder.path("outside.key")).unwrap();
    fs::rename(folder.path("outside.key"), folder.path("data/hidden.key")).unwrap();
    symlink(folder.path("data/hidden.key"), folder.path("outside.key")).unwrap();
    assert!(refused(open(&folder.path("outside.key"))).sentence.contains("in the data folder"));
    open(&folder.path("other.key")).unwrap();
    assert_eq!(Vault::beside(&data), folder.path("data.key"));
    assert_eq!(Vault::beside(Path::new("data/")), Path::new("data.key"));
}

#[test]
fn what_is_no_key_file() {
    let (desk, vault) = Desk::with_secrets();
    drop(vault);
    let good = fs::read_to_string(desk.file()).unwrap();
    let key = good.lines().last().unwrap();
    let cut = &good[..good.len() - 3];
    let wrong = [
        String::new(),
        "parlor-key 1\n".to_string(),
        format!("parlor-key 2\n{key}\n"),
        format!("{key}\n"),
        cut.to_string(),
        format!("{good}{key}\n"),
        format!("{good}new {}\n", &key[4..]),
        good.replace("key ", "key x"),
        format!("{good}{}", "#".repeat(KEY_FILE_BYTES_MAX)),
    ];
    for text in wrong {
        fs::write(desk.file(), &text).unwrap();
        let why = refused(desk.open());
        assert!(why.code == Code::KeyFile && why.sentence.contains("no key file"), "{text:?}: {why}");
        assert_eq!(fs::read_to_string(desk.file()).unwrap(), text, "it is left alone");
    }
    fs::write(desk.file(), [0xff, 0xfe]).unwrap();
    assert_eq!(refused(desk.open()).code, Code::KeyFile);
    fs::remove_file(desk.file()).unwrap();
    fs::create_dir(desk.file()).unwrap();
    assert!(refused(desk.open()).sentence.contains("is not a file"));
    fs::remove_dir(desk.file()).unwrap();
    fs::write(desk.file(), good).unwrap();
    fs::set_permissions(desk.file(), fs::Permissions::from_mode(0o600)).unwrap();
    all_there(&desk.open().unwrap());
}

// ---- A new key ----

#[test]
fn a_new_key_opens_all_and_the_old_one_nothing() {
    let (desk, mut vault) = Desk::with_secrets();
    let old = fs::read(desk.file()).unwrap();
    let before: Vec<_> =
        SECRETS.map(|(name, _)| desk.store.newest(&key_of(name)).unwrap().unwrap().image).into();
    vault.rotate(&by()).unwrap();
    all_there(&vault);
    for ((name, _), before) in SECRETS.iter().zip(before) {
        let entries = desk.store.read(&key_of(name), Version::NONE, 10).unwrap();
        assert!(entries.iter().all(|entry| !has(&entry.bytes, b"value")), "entries say who and when");
        put(&*desk.store, Key::of(&["secret", "acme", "shop", "demo", &format!("{name}2")]), before);
        assert!(vault.get(&name_of(&format!("{name}2"))).is_err(), "what the old key sealed opens no more");
        Vault::remove(&*desk.store, &name_of(&format!("{name}2"))).unwrap();
    }
    drop(vault);
    let new = fs::read(desk.file()).unwrap();
    assert!(!has(&new, &old[old.len() - 65..]) && !has(&new, b"\nold "));
    all_there(&desk.open().unwrap());
    fs::write(desk.file(), old).unwrap();
    assert_eq!(refused(desk.open()).code, Code::KeyFile);
}

#[test]
fn a_new_key_survives_being_broken_off_anywhere() {
    // Four secrets and the record of the key: five appends, and each may be the last, done or not.
    for number in 1..=5 {
        for done in [false, true] {
            let (desk, mut vault) = Desk::with_secrets();
            let broken_at = desk.store.appends() + number;
            desk.store.plan([(broken_at, Fault::Breaks { done })].into());
            vault.rotate(&by()).unwrap_err();
            drop(vault);
            desk.store.restart();
            let half = fs::read_to_string(desk.file()).unwrap();
            assert!(half.contains("\nold "), "both keys are there until all is done");
            // A damaged record stops it, with its name, and nothing else is lost.
            let image = desk.store.newest(&key_of("C")).unwrap().unwrap().image;
            put(&*desk.store, key_of("C"), vec![1; 60]);
            let why = refused(desk.open());
            assert!(why.sentence.contains("secret/acme/shop/demo/C"), "{why}");
            assert_eq!(fs::read_to_string(desk.file()).unwrap(), half);
            put(&*desk.store, key_of("C"), image);
            all_there(&desk.open().unwrap());
            let whole = fs::read_to_string(desk.file()).unwrap();
            assert!(!whole.contains("\nold "));
            // Broken off before the last step, the file has both keys still.
            fs::write(desk.file(), &half).unwrap();
            all_there(&desk.open().unwrap());
            assert_eq!(fs::read_to_string(desk.file()).unwrap(), whole);
        }
    }
    // What nobody knows the outcome of is looked up.
    for fault in [Fault::Unknown { done: false }, Fault::Unknown { done: true }, Fault::Late] {
        for number in 1..=5 {
            let (desk, mut vault) = Desk::with_secrets();
            desk.store.plan([(desk.store.appends() + number, fault)].into());
            vault.rotate(&by()).unwrap();
            all_there(&vault);
            drop(vault);
            all_there(&desk.open().unwrap());
        }
    }
}

#[test]
fn a_damaged_secret_keeps_the_key_from_being_changed() {
    let (desk, mut vault) = Desk::with_secrets();
    let key = fs::read(desk.file()).unwrap();
    put(&*desk.store, key_of("B"), vec![0; 40]);
    assert!(vault.rotate(&by()).unwrap_err().sentence.contains("secret/acme/shop/demo/B"));
    assert_eq!(fs::read(desk.file()).unwrap(), key);
    Vault::remove(&*desk.store, &name_of("B")).unwrap();
    vault.rotate(&by()).unwrap();
    assert_eq!(vault.get(&name_of("A")).unwrap().unwrap().expose(), "first value");
}

// ---- What leaves the house ----

#[test]
fn a_backup_has_neither_secrets_nor_their_key() {
    let folder = Folder::new();
    let store = Arc::new(Sled::open(folder.path("data")).unwrap());
    let mut vault = Vault::open(store.clone(), &folder.path("data.key"), Some(&folder.path("data"))).unwrap();
    vault.set(&name_of("A"), &secret("first value"), &by()).unwrap();
    let first = fs::read(folder.path("data.key")).unwrap();
    vault.rotate(&by()).unwrap();
    vault.set(&name_of("A"), &secret("changed value"), &by()).unwrap();
    let second = fs::read(folder.path("data.key")).unwrap();
    let mut files = vec![backed_up(&*store)];
    assert!(has(&files[0], b"secret/acme/shop/demo/A"), "it is in the backup");
    drop((vault, store));
    for entry in fs::read_dir(folder.path("data")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        files.push(fs::read(entry.path()).unwrap());
    }
    for file in files {
        for value in ["first value", "changed value"] {
            assert!(!has(&file, value.as_bytes()));
        }
        for key in [&first, &second] {
            let digits = &key[key.len() - 65..key.len() - 1];
            let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            let bytes: Vec<u8> = digits.chunks(2).map(pair).collect();
            assert_eq!(bytes.len(), 32);
            assert!(!has(&file, digits) && !has(&file, &bytes));
        }
    }
    // Restored elsewhere, it opens with the key, and with the key only.
    let backup = {
        let store = Sled::open(folder.path("data")).unwrap();
        backed_up(&store)
    };
    let other = Arc::new(Memory::new());
    backup::restore(&*other, &backup[..]).unwrap();
    assert!(Vault::open(other.clone(), &folder.path("none.key"), None).is_err());
    let vault = Vault::open(other, &folder.path("data.key"), None).unwrap();
    assert_eq!(vault.get(&name_of("A")).unwrap().unwrap().expose(), "changed value");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_opens_and_no_bit_may_change(
        value in "\\PC{1,200}",
        name in "[A-Za-z_][A-Za-z0-9_]{0,30}",
        at in any::<proptest::sample::Index>(),
        bit in 0u8..8,
    ) {
        let desk = Desk::new();
        let vault = desk.open().unwrap();
        vault.set(&name_of(&name), &secret(&value), &by()).unwrap();
        let got = vault.get(&name_of(&name)).unwrap().unwrap();
        prop_assert_eq!(got.expose(), &value);
        let mut image = desk.store.newest(&key_of(&name)).unwrap().unwrap().image;
        prop_assert!(image.len() >= value.len() + 16);
        let at = at.index(image.len());
        image[at] ^= 1 << bit;
        put(&*desk.store, key_of(&name), image);
        prop_assert!(vault.get(&name_of(&name)).is_err());
        prop_assert_eq!(desk.store.list("secret/", Which::Live, None, 9).unwrap().len(), 1);
    }
}

// ---- As it is typed ----

const SHOP: &str = "account: shop\nenvironments:\n  shop:\n    secrets: [ORDERS_KEY]\nusers:\n  ada:\n  robin: {type: bot}\n";

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("a.yaml", SHOP);
    assert_eq!(folder.run(&["account", "apply", "a.yaml", "--yes"]).code, 0);
    folder
}

#[test]
fn a_secret_is_typed_and_never_shown() {
    let folder = shop();
    let set =
        |words: &[&str], value: &str| folder.run_with(&[&["secret", "set", "shop"], words].concat(), value);
    let ran = set(&["ORDERS_KEY"], "two\nlines\r\n");
    assert!(
        ran.code == 0 && ran.data.is_empty() && ran.talk == "ORDERS_KEY of shop is set on Demo\n",
        "{ran:?}"
    );
    assert_eq!(fs::metadata(folder.path("data.key")).unwrap().permissions().mode() & 0o777, 0o600);
    {
        let store = Arc::new(Sled::open(folder.path("data")).unwrap());
        let vault = Vault::open(store, &folder.path("data.key"), None).unwrap();
        let name = SecretName {
            account: "shop".into(),
            environment: "shop".into(),
            name: "ORDERS_KEY".into(),
            on: Environment::Demo,
        };
        assert_eq!(
            vault.get(&name).unwrap().unwrap().expose(),
            "two\nlines",
            "without the end of its last line"
        );
    }
    let refusals = [
        (&["ORDERS_KEY"][..], String::new(), 1, "at least one letter"),
        (&["ORDERS_KEY"], "x".repeat(SECRET_BYTES_MAX + 1), 1, "more than 8192 bytes"),
        (&["ORDERS_KEY"], "x".repeat(1_000_000), 1, "more than 8192 bytes"),
        (&["ORDRES_KEY"], "x".into(), 6, "lists no secret `ORDRES_KEY`"),
        (&["ORDERS_KEY", "the value"], "x".into(), 2, "unexpected argument"),
        (&["ORDERS_KEY", "--on", "moon"], "x".into(), 2, "invalid value"),
        (&["ORDERS_KEY", "--key-file", "data/a.key"], "x".into(), 3, "in the data folder"),
        (&["ORDERS_KEY", "--key-file", "gone.key"], "x".into(), 3, "is missing"),
        (&["ORDERS_KEY", "--data", "gone"], "x".into(), 6, "no account"),
    ];
    for (words, value, code, told) in refusals {
        let ran = set(words, &value);
        assert!(ran.code == code && ran.talk.contains(told), "{words:?}: {ran:?}");
    }
    let ran = folder.run(&["secret", "ls"]);
    assert_eq!(ran.data, "shop ORDERS_KEY: Demo set, Production missing\n");
    let ran = folder.run(&["secret", "ls", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(
        (&document["secrets"][0]["demo"], &document["secrets"][0]["production"]),
        (&true.into(), &false.into())
    );
    assert!(folder.run(&["secret", "rm"]).talk.contains("I don't know which"));
    assert!(folder.run(&["secret", "rm", "--all"]).talk.contains("--yes"));
    assert_eq!(folder.run(&["secret", "rm", "shop", "ORDERS_KEY", "--on", "production"]).code, 6);
    assert_eq!(folder.run(&["secret", "rm", "shop", "ORDERS_KEY"]).code, 0);
    assert_eq!(folder.run(&["secret", "ls"]).data, "shop ORDERS_KEY: Demo missing, Production missing\n");
}

#[test]
fn a_lost_key_is_told_and_can_be_given_up() {
    let folder = shop();
    let set = || folder.run_with(&["secret", "set", "shop", "ORDERS_KEY"], "x");
    assert_eq!(set().code, 0);
    assert_eq!(folder.run(&["secret", "rotate"]).code, 0);
    fs::rename(folder.path("data.key"), folder.path("away.key")).unwrap();
    let ran = set();
    assert!(ran.code == 3 && ran.talk.contains("parlor secret rm --all --yes"), "{ran:?}");
    assert_eq!(folder.run(&["secret", "rotate", "--key-file", "away.key"]).code, 0);
    let away = [("PARLOR_KEY_FILE", "away.key")];
    assert_eq!(run(&folder.path(""), &["secret", "rotate"], "", &away).code, 0);
    assert_eq!(run(&folder.path(""), &["secret", "rotate", "--key-file", "data.key"], "", &away).code, 3);
    assert!(!folder.path("data.key").exists());
    let ran = folder.run(&["secret", "rm", "--all", "--yes"]);
    assert!(ran.code == 0 && ran.talk == "1 secret removed\n", "{ran:?}");
    assert_eq!(set().code, 0);
    let _open = Sled::open(folder.path("data")).unwrap();
    for words in
        [&["secret", "ls"][..], &["token", "ls"], &["user", "password", "ada"], &["secret", "rotate"]]
    {
        let ran = folder.run(words);
        assert!(ran.code == 3 && ran.talk.contains("stop the server"), "{ran:?}");
    }
}

//! Versions of bots: bundles are the same wherever they are packed, nothing unsound gets in, whatever is killed when a
//! version is whole or not there, and the gate before Production says what keeps one back.

mod gate; // cases as data: bots, and the conversations they had on Demo

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use parlor::connectors::bundle::{BUNDLE_BYTES_MAX, BUNDLE_FILES_MAX, How};
use parlor::connectors::{Bots, Bundle};
use parlor::conversation::{BotName, Moment, UserId};
use parlor::platform::{Account, Code, Environment, Refusal};
use parlor::server::{Added, BotVersion, VERSION_MESSAGE_BYTES_MAX, Versions};
use parlor::store::{Append, Fault, Faults, Hash, Key, Memory, Store, Version};
use proptest::prelude::*;

use super::golden;

const HELLO: &str = "bot \"shop\" {\n  language en-US\n  entry    \"Welcome\"\n}\ndialog \"Welcome\" {\n  user says {\n    pattern \"(hi|hello)*\"\n  }\n  say \"Hello!\"\n}\nfallback dialog \"Fallback\" {\n  say \"Sorry?\"\n}\n";

fn of(files: &[(&str, &str)]) -> Result<Bundle, Refusal> {
    Bundle::of(files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())))
}

fn bundle(text: &str) -> Bundle {
    of(&[("shop.dialog", text)]).expect("the bundle is sound")
}

fn greeting(text: &str) -> Bundle {
    bundle(&HELLO.replace("Hello!", text))
}

// ------------------------------------------------------------------------------------------------------ bundles

#[test]
fn what_is_no_sound_bundle_is_refused_with_a_sentence() {
    golden::compare("versions/bundles", "refusal", 50, |_, bytes| match Bundle::unpack(&bytes) {
        Ok(bundle) => panic!("{} files are taken", bundle.files().len()),
        Err(refusal) => format!("{} {}: {}\n", refusal.code.as_str(), refusal.field, refusal.sentence),
    });
}

#[test]
fn limits_are_told() {
    let refused = |files: Vec<(String, Vec<u8>)>| {
        let refusal = Bundle::of(files).unwrap_err();
        (refusal.code, refusal.field.clone(), refusal.sentence)
    };
    let many = (0..=BUNDLE_FILES_MAX).map(|number| (format!("{number:06}.dialog"), Vec::new())).collect();
    let (code, field, sentence) = refused(many);
    assert_eq!((code, field.as_str()), (Code::TooMany, "files"));
    assert!(sentence.contains("10000"), "{sentence}");
    let (code, field, sentence) = refused(vec![("a.dialog".into(), vec![b'x'; 8 * 1024 * 1024 + 1])]);
    assert_eq!((code, field.as_str()), (Code::TooLarge, "text"));
    assert!(sentence.contains("8388609") && sentence.contains("8388608"), "{sentence}");
    let large = |number| (format!("{number}.dialog"), vec![b'x'; 6 * 1024 * 1024]);
    let (code, field, sentence) = refused((0..3).map(large).collect());
    assert_eq!((code, field.as_str()), (Code::TooLarge, "bundle"));
    assert!(sentence.contains("16777216"), "{sentence}");
    let refusal = Bundle::unpack(&vec![b'p'; BUNDLE_BYTES_MAX + 1]).unwrap_err();
    assert_eq!((refusal.code, refusal.field.as_str()), (Code::TooLarge, "bundle"));
}

#[test]
fn a_bundle_has_to_be_the_one_it_is_said_to_be() {
    let (one, other) = (greeting("Hello!"), greeting("Good day!"));
    assert_eq!(Bundle::unpack_as(one.id(), &one.pack()).unwrap(), one);
    let refusal = Bundle::unpack_as(one.id(), &other.pack()).unwrap_err();
    assert_eq!((refusal.code, refusal.field.as_str()), (Code::NotValid, "version"));
    assert_eq!(one.id().as_str(), Hash::of(&one.pack()).unwrap().to_string());
}

/// Written down, so that a change of the form is noticed: every version that was ever kept is named by it.
#[test]
fn the_form_is_this_one() {
    let bundle = of(&[("env.yaml", "demo:\n  a: b\n"), ("a.dialog", "x")]).unwrap();
    let packed = String::from_utf8(bundle.pack()).unwrap();
    assert_eq!(packed, "parlor bundle 1\n8 1\na.dialog\nx\n8 13\nenv.yaml\ndemo:\n  a: b\n\nend\n");
    assert_eq!(bundle.id().as_str(), Hash::of(packed.as_bytes()).unwrap().to_string());
}

#[test]
fn a_folder_has_one_bundle() {
    let folder = tempfile();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (name, text) in [
        ("b/c.dialog", "two"),
        ("a.dialog", HELLO),
        ("env.yaml", "demo: {}\n"),
        ("tests/a.transcript", "test \"x\"\n"),
        ("secrets", "no"),
        (".hidden.dialog", "no"),
        (".git/x.dialog", "no"),
        ("b/env.yaml", "no"),
        ("notes.md", "no"),
    ] {
        write(name, text);
    }
    let outside = tempfile();
    std::fs::write(outside.join("far.dialog"), "no").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.join("far.dialog"), folder.join("far.dialog")).unwrap();
    let said = std::cell::RefCell::new(Vec::new());
    let packed = parlor::cli::bundle(&folder, &|line| said.borrow_mut().push(line.to_string())).unwrap();
    let names: Vec<&str> = packed.files().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.dialog", "b/c.dialog", "env.yaml", "tests/a.transcript"]);
    assert_eq!(said.borrow().len(), usize::from(cfg!(unix)), "{said:?}");
    let other = of(&[
        ("tests/a.transcript", "test \"x\"\n"),
        ("env.yaml", "demo: {}\n"),
        ("b/c.dialog", "two"),
        ("a.dialog", HELLO),
    ]);
    assert_eq!(other.unwrap().pack(), packed.pack());
    // A link out of the folder is none of its files, whatever its name is.
    std::fs::remove_file(folder.join("env.yaml")).unwrap();
    std::fs::write(outside.join("env.yaml"), "no").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.join("env.yaml"), folder.join("env.yaml")).unwrap();
    assert_eq!(parlor::cli::bundle(&folder, &|_| {}).unwrap().text("env.yaml"), None);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::remove_dir_all(&outside).unwrap();
}

fn tempfile() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("parlor-bundle-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

proptest! {
    #[test]
    fn a_bundle_read_again_is_the_same(
        files in proptest::collection::btree_map("[a-zé]{1,6}(/[a-z ]{0,3}[a-z]){0,2}", "[^\0]{0,40}", 1..8),
        seed in any::<usize>(),
    ) {
        let mut files: Vec<(String, Vec<u8>)> =
            files.into_iter().map(|(name, text)| (format!("{name}.dialog"), text.into_bytes())).collect();
        let Ok(bundle) = Bundle::of(files.clone()) else { return Ok(()) }; // a folder that begins with a space
        let at = seed % files.len();
        files.rotate_left(at);
        files.reverse();
        prop_assert_eq!(&Bundle::of(files.clone()).unwrap(), &bundle);
        prop_assert_eq!(&Bundle::unpack(&bundle.pack()).unwrap(), &bundle);
        prop_assert_eq!(bundle.files().len(), files.len());
    }

    /// A bundle that was changed anywhere is refused, or it is another one.
    #[test]
    fn no_byte_can_be_changed_unseen(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let bundle = of(&[("a.dialog", HELLO), ("tests/a.transcript", "test \"x\"\n")]).unwrap();
        let mut bytes = bundle.pack();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(other) = Bundle::unpack(&bytes) {
            prop_assert_ne!(other.id(), bundle.id());
            prop_assert_eq!(other.pack(), bytes);
        }
        prop_assert!(Bundle::unpack_as(bundle.id(), &bundle.pack()[..at]).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut with_head = b"parlor bundle 1\n".to_vec();
        with_head.extend(&bytes);
        for bytes in [bytes, with_head] {
            if let Ok(bundle) = Bundle::unpack(&bytes) {
                prop_assert_eq!(bundle.pack(), bytes);
            }
        }
    }
}

#[test]
fn a_bundle_says_what_it_needs_and_plays_its_tests() {
    let dialog = HELLO.replace("Hello!", "Hello from {{ env.city }}!");
    let call = "integration \"News\" api {\n  get    \"{{ env.host }}/news\"\n  header \"Key\" \"{{ secret.key }}\"\n}\n";
    let env = "demo:\n  city: Ulm\n  host: https://demo.example\nproduction:\n  city: Bonn\n  host: https://example.com\nsecrets:\n  - key\n";
    let tests = "include shared/b.transcript\n\ntest \"green\"\n  user: hi\n  bot: Hello from Ulm!\n\ntest \"red\"\n  user: hi\n  bot: Bye!\n\ntest \"left out\" @skip(later)\n  user: hi\n";
    let production = "env production\n\ntest \"in production\"\n  user: hi\n  bot: Hello from Bonn!\n";
    let broken = "include ../../far.transcript\n\ntest \"x\"\n  user: hi\n";
    let files = [
        ("shop.dialog", format!("{dialog}{call}")),
        ("env.yaml", env.to_string()),
        ("tests/a.transcript", tests.replace("shared/", "../")),
        ("b.transcript", "clock 2026-11-20T09:00:00Z\n".to_string()),
        ("tests/broken.transcript", broken.to_string()),
        ("production.transcript", production.to_string()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let bundle = of(&files).unwrap();
    let needs = bundle.needs();
    assert_eq!(needs.values, BTreeSet::from(["city".to_string(), "host".to_string()]));
    assert_eq!(needs.secrets, BTreeSet::from(["key".to_string()]));
    let program = bundle.check(None).program.expect("it runs");
    let tested = bundle.test(&program, &mut || true);
    let failures: Vec<String> = tested.failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [
            "tests/a.transcript:9: \"red\": after `user: hi` comes `bot: Hello from Ulm!`",
            "tests/broken.transcript:1: there is no file `../../far.transcript` in the bot's folder"
        ]
    );
    assert_eq!((tested.passed, tested.failed, tested.skipped, tested.left), (2, 2, 1, 0));
    // Two files and a test, and the two other files are left.
    let mut looks = 0;
    let in_a_hurry = &mut || {
        looks += 1;
        looks <= 3
    };
    let tested = bundle.test(&program, in_a_hurry);
    assert_eq!((tested.passed, tested.failed, tested.left), (1, 0, 2));
    assert!(!tested.is_green());
}

#[test]
fn what_has_changed_is_told_by_files_and_by_what_they_declare() {
    let was = of(&[("shop.dialog", HELLO), ("old.transcript", "test \"x\"\n")]).unwrap();
    let moved = "fallback dialog \"Fallback\" {\n    say   \"Sorry?\"\n}\n";
    let rest = HELLO.split("fallback").next().unwrap().replace("Hello!", "Welcome!");
    let is = of(&[
        ("shop.dialog", &rest),
        ("rest.dialog", &format!("{moved}dialog \"More\" {{\n  say \"x\"\n}}\n")),
    ]);
    let changes = was.changes(&is.unwrap());
    let told: Vec<String> = changes.to_string().lines().map(str::to_string).collect();
    let expected =
        ["- old.transcript", "+ rest.dialog", "~ shop.dialog", "+ dialog \"More\"", "~ dialog \"Welcome\""];
    assert_eq!(told, expected);
    assert_eq!(changes.files[0].how, How::Removed);
    assert!(was.changes(&was).is_empty());
}

// ----------------------------------------------------------------------------------------------------- versions

struct Shelf {
    store: Arc<Memory>,
    versions: Versions,
    bot: BotName,
    by: UserId,
}

impl Shelf {
    fn new() -> Shelf {
        let store = Arc::new(Memory::new());
        let versions = Versions::new(store.clone(), "acme");
        Shelf { store, versions, bot: "shop".into(), by: "ann".into() }
    }

    fn add(&self, bundle: &Bundle, message: &str) -> Result<Added, Refusal> {
        self.versions.add(&self.bot, bundle, message, (&self.by, Moment(5)), &mut || true)
    }

    fn numbers(&self) -> Vec<(u32, String)> {
        let all = self.versions.list(&self.bot).unwrap();
        all.into_iter().map(|version| (version.number, version.message)).collect()
    }
}

#[test]
fn versions_are_numbered_in_order_and_the_same_bot_is_the_same_version() {
    let shelf = Shelf::new();
    let first = shelf.add(&greeting("Hello!"), "as it was").unwrap();
    assert!(first.new);
    assert_eq!((first.version.number, first.version.files, first.version.warnings), (1, 1, 1));
    assert!(shelf.add(&greeting("Good day!"), "politer").unwrap().new);
    let again = shelf.add(&greeting("Hello!"), "another message").unwrap();
    assert_eq!((again.new, again.version), (false, first.version));
    assert_eq!(shelf.numbers(), [(2, "politer".into()), (1, "as it was".into())]);
    let other: BotName = "other".into();
    assert_eq!(shelf.versions.list(&other).unwrap(), []);
    // A bot whose name begins with the name of another has versions of its own.
    let longer: BotName = "shop/1".into();
    let added = shelf.versions.add(&longer, &greeting("Hi!"), "", (&shelf.by, Moment(5)), &mut || true);
    assert_eq!(added.unwrap().version.number, 1);
    assert_eq!(shelf.numbers().len(), 2);
}

#[test]
fn a_version_is_found_by_number_or_by_the_beginning_of_its_hash() {
    let shelf = Shelf::new();
    for number in 0..30 {
        let added = shelf.add(&greeting(&format!("Hello {number}!")), "").unwrap();
        assert_eq!(added.version.number, number + 1);
    }
    let find = |named: &str| shelf.versions.find(&shelf.bot, named);
    let seventh = find("7").unwrap();
    assert_eq!(seventh.number, 7);
    assert_eq!(find(seventh.id.as_str()).unwrap(), seventh);
    assert_eq!(find(&seventh.id.as_str()[..12].to_uppercase()).unwrap(), seventh);
    let refused = |named: &str| {
        let refusal = find(named).unwrap_err();
        (refusal.code, refusal.sentence)
    };
    assert_eq!(refused("31"), (Code::UnknownVersion, "`shop` has no version 31".into()));
    assert_eq!(refused("0").0, Code::UnknownVersion);
    let short = "a version is named by its number, or by 6 or more letters of its hash";
    for named in ["", "abc", "v7", "-1", "latest!", "../../secret"] {
        assert_eq!(refused(named), (Code::NotValid, short.into()), "{named}");
    }
    let none = (Code::UnknownVersion, "`shop` has no version whose hash begins with `000000000000`".into());
    assert_eq!(refused("000000000000"), none);
    // Hashes that begin alike are rare; these are made up.
    for (number, last) in [(31, 'a'), (32, 'b')] {
        let id = format!("{}{last}", "0123456789abcdef".repeat(4).split_at(63).0);
        let version = BotVersion { number, id: id.into(), ..seventh.clone() };
        let key = Key::of(&["version", "acme", "shop", &format!("{number:05}")]);
        let image = serde_json::to_vec(&version).unwrap();
        let append = Append { key, expected: Version::NONE, entry: vec![], image, live: true };
        shelf.store.append(&[append]).unwrap();
    }
    let several = "2 versions of `shop` have a hash that begins with `01234567`, among them 31 and 32: give more \
                   letters, or the number";
    assert_eq!(refused("01234567"), (Code::UnknownVersion, several.into()));
    assert_eq!(find(&format!("{}b", "0123456789abcdef".repeat(4).split_at(63).0)).unwrap().number, 32);
    assert_eq!(find("31").unwrap().number, 31);
}

#[test]
fn what_is_no_version_is_refused() {
    let shelf = Shelf::new();
    let refused = |bundle: &Bundle, message: &str| {
        let refusal = shelf.add(bundle, message).unwrap_err();
        (refusal.code, refusal.field.clone())
    };
    let good = greeting("Hello!");
    assert_eq!(
        refused(&bundle("dialog \"A\" {\n  say \"x\" -> \"B\"\n}\n"), ""),
        (Code::NotValid, "bundle".into())
    );
    assert_eq!(
        refused(&good, &"x".repeat(VERSION_MESSAGE_BYTES_MAX + 1)),
        (Code::TooLarge, "message".into())
    );
    assert_eq!(refused(&good, "\u{1b}[2J"), (Code::NotValid, "message".into()));
    let long: BotName = "x".repeat(200).into();
    let named = |bot: &BotName, by: &UserId| {
        shelf.versions.add(bot, &good, "", (by, Moment(0)), &mut || true).unwrap_err().field
    };
    assert_eq!(named(&long, &shelf.by), "bot");
    assert_eq!(named(&shelf.bot, &"".into()), "by");
    assert_eq!(shelf.store.blobs(None, 10).unwrap(), [], "nothing was kept");
    assert_eq!(shelf.numbers(), []);
}

/// Every fault at every append: afterwards the version is there once, or not at all, and adding it again makes it whole.
#[test]
fn whatever_the_store_does_a_version_is_there_once_or_not_at_all() {
    let faults = [
        Fault::Unknown { done: true },
        Fault::Unknown { done: false },
        Fault::Late,
        Fault::Breaks { done: true },
        Fault::Breaks { done: false },
    ];
    for fault in faults {
        let shelf = Shelf::new();
        shelf.add(&greeting("Hello!"), "first").unwrap();
        shelf.store.plan(Faults::from([(2, fault)]));
        let second = greeting("Good day!");
        let added = shelf.add(&second, "second");
        match fault {
            Fault::Breaks { done } => {
                assert_eq!(added.unwrap_err().code, Code::NoStore);
                shelf.store.restart();
                let blob = Hash::read(second.id().as_str()).unwrap();
                assert!(shelf.store.blob(&blob).unwrap().is_some(), "the break is behind the blob");
                assert_eq!(shelf.numbers().len(), 1 + usize::from(done));
                assert_eq!(shelf.add(&second, "second").unwrap().new, !done);
            }
            _ => assert!(added.unwrap().new, "{fault:?}"),
        }
        shelf.add(&greeting("Hi!"), "third").unwrap();
        let all = [(3, "third".into()), (2, "second".into()), (1, "first".into())];
        assert_eq!(shelf.numbers(), all, "{fault:?}");
    }
}

#[test]
fn who_adds_at_once_gets_numbers_of_their_own() {
    let shelf = Shelf::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let shelf = &shelf;
            scope.spawn(move || {
                for number in 0..3 {
                    shelf.add(&greeting(&format!("Hello {writer} {number}!")), "own").unwrap();
                    shelf.add(&greeting(&format!("Hello {number}!")), "shared").unwrap();
                }
            });
        }
    });
    let mut all = shelf.numbers();
    all.reverse();
    assert_eq!(all.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
    assert_eq!(all.iter().filter(|(_, message)| message == "shared").count(), 3);
}

#[test]
fn a_confirmation_is_kept_whatever_the_store_does() {
    for fault in [Fault::Unknown { done: true }, Fault::Unknown { done: false }, Fault::Late] {
        let shelf = Shelf::new();
        shelf.add(&greeting("Hello!"), "").unwrap();
        shelf.store.plan(Faults::from([(2, fault)]));
        let names = BTreeSet::from(["a".to_string()]);
        let confirm = |number| shelf.versions.confirm(&shelf.bot, number, &names, (&shelf.by, Moment(9)));
        assert_eq!(confirm(1).unwrap().confirmed.unwrap().differences, names);
        assert_eq!(confirm(2).unwrap_err().code, Code::UnknownVersion);
        let kept = shelf.versions.find(&shelf.bot, "1").unwrap();
        assert_eq!(kept.confirmed.unwrap().by, shelf.by, "{fault:?}");
    }
}

#[test]
fn what_cannot_be_put_at_hand_is_a_sentence() {
    let shelf = Shelf::new();
    let (bots, account) = (Bots::new(), Account::default());
    let put = |id: &str| {
        let refusal = shelf.versions.put(&bots, &account, &shelf.bot, &id.into()).unwrap_err();
        (refusal.code, refusal.sentence)
    };
    let not = |sentence: &str| (Code::UnknownVersion, sentence.to_string());
    assert_eq!(put("shop-2"), not("version shop-2 of `shop` cannot be used: its name is no hash"));
    let gone = "0123456789abcdef".repeat(4);
    assert_eq!(put(&gone), not("version 0123456789ab of `shop` cannot be used: its files are not there"));
    // A blob that is no bundle, as of something else that is kept.
    let strange = shelf.store.put_blob(b"an account").unwrap().to_string();
    let (code, sentence) = put(&strange);
    assert_eq!(code, Code::UnknownVersion);
    assert!(sentence.ends_with("cannot be used: these bytes are no bundle of a bot"), "{sentence}");
    let added = shelf.add(&greeting("Hello!"), "").unwrap().version;
    shelf.versions.put(&bots, &account, &shelf.bot, &added.id).unwrap();
    assert!(bots.has(&added.id));
    assert_eq!(shelf.versions.served(&shelf.bot, Environment::Demo).unwrap(), None);
}

#[test]
fn example_bots_can_be_packed_and_pass_their_tests() {
    for name in ["acme", "tiny"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots").join(name);
        let bundle = parlor::cli::bundle(&folder, &|_| {}).unwrap();
        let program = bundle.check(None).program.expect("it runs");
        let tested = bundle.test(&program, &mut || true);
        assert!(tested.is_green() && tested.failures.is_empty(), "{name}: {tested}: {:?}", tested.failures);
    }
}

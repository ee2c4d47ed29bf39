//! Who somebody is: right ones get in, all others get the same answer after the same work, and nobody is locked out by strangers.

use std::num::NonZeroU32;
use std::sync::Arc;

use parlor::conversation::{Moment, NAME_BYTES_MAX, Span, UserId};
use parlor::platform::{Account, Code, Kind, Refusal, User};
use parlor::server::*;
use parlor::store::{Append, Fault, Faults, Key, Memory, Store, backup};

use crate::commands::Folder;

const ROUNDS: NonZeroU32 = NonZeroU32::new(16).unwrap();
const GOOD: &str = "three small green boats";
const NOW: Moment = Moment(1_800_000_000_000);
const DAY: Span = Span(24 * 3_600_000);

/// An account with two people and two bots, and those who can log in.
struct Desk {
    store: Arc<Memory>,
    account: Account,
    logins: Credentials,
}

impl Desk {
    fn new() -> Desk {
        let store = Arc::new(Memory::new());
        let user = |name: &str, kind| {
            (UserId::from(name), User { kind, name: format!("{name} Miller"), ..User::default() })
        };
        let users = [
            user("ada", Kind::Human),
            user("sam", Kind::Human),
            user("robin", Kind::Bot),
            user("merle", Kind::Bot),
        ];
        let account = Account { name: "acme".to_string(), users: users.into(), ..Account::default() };
        let logins = Credentials::new(store.clone(), ROUNDS);
        let desk = Desk { store, account, logins };
        desk.set("ada", GOOD).unwrap();
        desk
    }

    fn set(&self, user: &str, password: &str) -> Result<(), Refusal> {
        self.logins.set_password(&self.account, &user.into(), &secret(password), &by())
    }

    fn log_in(&self, user: &str, password: &str) -> Result<LoggedIn, Refusal> {
        self.log_in_from(user, password, "home", NOW)
    }

    fn log_in_from(&self, user: &str, password: &str, from: &str, now: Moment) -> Result<LoggedIn, Refusal> {
        self.logins.log_in(&self.account, &user.into(), &secret(password), from, now)
    }

    fn token(&self, user: &str, name: &str) -> (TokenId, Secret) {
        self.logins.new_token(&self.account, &user.into(), name, None, &by()).unwrap()
    }

    fn shown(&self, text: &Secret) -> Result<Token, Refusal> {
        self.logins.shown(&self.account, text, NOW)
    }

    fn put(&self, key: Key, image: Vec<u8>) {
        let expected = self.store.newest(&key).unwrap().map(|kept| kept.version).unwrap_or_default();
        self.store.append(&[Append { key, expected, entry: vec![], image, live: true }]).unwrap();
    }

    fn image(&self, key: &Key) -> Vec<u8> {
        self.store.newest(key).unwrap().unwrap().image
    }

    /// What goes wrong with the next append.
    fn next(&self, fault: Fault) {
        self.store.plan(Faults::from([(self.store.appends() + 1, fault)]));
    }
}

const FAULTS: [Fault; 3] = [Fault::Unknown { done: false }, Fault::Unknown { done: true }, Fault::Late];

fn secret(text: &str) -> Secret {
    Secret::new(text.to_string())
}

fn by() -> By {
    By::new("ada", NOW)
}

fn key(words: [&str; 3]) -> Key {
    Key::of(&words)
}

// ---- Passwords ----

#[test]
fn the_right_password_lets_in() {
    let desk = Desk::new();
    let in_ = desk.log_in("ada", GOOD).unwrap();
    assert_eq!((in_.user.as_str(), in_.since), ("ada", NOW));
    assert_eq!(desk.logins.password_since(&desk.account, &"ada".into()).unwrap(), Some(NOW));
    assert_eq!(desk.logins.password_since(&desk.account, &"sam".into()).unwrap(), None);
    desk.set("ada", "another one that is long").unwrap();
    assert_eq!(desk.log_in("ada", GOOD).unwrap_err().code, Code::WrongLogin);
    desk.log_in("ada", "another one that is long").unwrap();
    // Typed on another keyboard it is the same: one letter, or two that make one.
    desk.set("sam", "Gr\u{fc}\u{df}e an den Nachbarn").unwrap();
    desk.log_in("sam", "Gru\u{308}\u{df}e an den Nachbarn").unwrap();
}

#[test]
fn all_that_is_wrong_gets_the_same_answer_after_the_same_work() {
    let desk = Desk::new();
    desk.set("sam", GOOD).unwrap();
    let mut gone = desk.account.clone();
    gone.users.remove(&"sam".into());
    let mut bot = desk.account.clone();
    bot.users.get_mut(&"sam".into()).unwrap().kind = Kind::Bot;
    let long = "x".repeat(5_000);
    let cases: Vec<(&str, &Account, &str, &str)> = vec![
        ("a wrong password", &desk.account, "ada", "no such password"),
        ("an empty one", &desk.account, "ada", ""),
        ("one that is too long", &desk.account, "ada", &long),
        ("an unknown user", &desk.account, "nobody", GOOD),
        ("a name that cannot be one", &desk.account, &long, GOOD),
        ("no name", &desk.account, "", GOOD),
        ("a bot", &desk.account, "robin", GOOD),
        ("a person who has become a bot", &bot, "sam", GOOD),
        ("a person who is gone", &gone, "sam", GOOD),
    ];
    let mut answers = Vec::new();
    for (what, account, user, password) in cases {
        let before = desk.logins.hashes_computed();
        let why = desk.logins.log_in(account, &user.into(), &secret(password), what, NOW).unwrap_err();
        let work = desk.logins.hashes_computed() - before;
        assert_eq!(work, u64::from(ROUNDS.get()), "{what}");
        answers.push((why, work));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    desk.log_in("sam", GOOD).unwrap();
}

#[test]
fn a_password_that_was_hashed_less_is_hashed_anew_at_its_login() {
    let mut desk = Desk::new();
    desk.logins = Credentials::new(desk.store.clone(), ROUNDS.saturating_mul(NonZeroU32::new(4).unwrap()));
    let kept = key(["password", "acme", "ada"]);
    let before = desk.image(&kept);
    // A wrong one is as much work as for whoever has a new one or none, and changes nothing.
    for user in ["ada", "nobody"] {
        let spent = desk.logins.hashes_computed();
        desk.log_in(user, "no such password").unwrap_err();
        assert_eq!(desk.logins.hashes_computed() - spent, u64::from(ROUNDS.get()) * 4, "{user}");
    }
    assert_eq!(desk.image(&kept), before);
    assert_eq!(desk.log_in("ada", GOOD).unwrap().since, NOW);
    let after = String::from_utf8(desk.image(&kept)).unwrap();
    assert!(
        after.contains("\"iterations\":64") && !String::from_utf8(before).unwrap().contains("64,"),
        "{after}"
    );
    assert_eq!(desk.log_in("ada", GOOD).unwrap().since, NOW, "it counts from when it was set");
    assert_eq!(desk.image(&kept), after.into_bytes(), "once is enough");
}

#[test]
fn bad_passwords_are_told_what_is_wrong() {
    let desk = Desk::new();
    let cases = [
        ("", "at least 12 letters, and this one has 0"),
        ("short one", "at least 12 letters, and this one has 9"),
        ("ñandú über!", "this one has 11"),
        ("aaaaaaaaaaaaaaaa", "5 different letters"),
        ("abababababababab", "5 different letters"),
        ("my Password is good", "`password` stands in it"),
        ("xx1234567890yy", "`123456789` stands in it"),
        ("QWERTYUIOP and so on", "`qwertyuiop` stands in it"),
        ("sam is my own name", "the name of the user"),
        ("I work for ACME now", "the name of the user or the account"),
        ("with a \u{7} bell in it", "control characters"),
    ];
    for (password, told) in cases {
        let why = desk.set("sam", password).unwrap_err();
        assert_eq!((why.code, why.field.as_str()), (Code::NotValid, "password"), "{password}");
        assert!(why.sentence.contains(told), "{password}: {why}");
    }
    let long = desk.set("sam", &"abcde ".repeat(50)).unwrap_err();
    assert!(long.sentence.contains(&PASSWORD_BYTES_MAX.to_string()), "{long}");
    assert!(desk.set("sam", "short one").unwrap_err().sentence.contains(&PASSWORD_LETTERS_MIN.to_string()));
    assert_eq!(desk.logins.password_since(&desk.account, &"sam".into()).unwrap(), None);
    assert_eq!(desk.set("nobody", GOOD).unwrap_err().code, Code::UnknownUser);
    assert!(desk.set("robin", GOOD).unwrap_err().sentence.contains("is a bot"));
}

#[test]
fn a_first_password_can_be_typed() {
    let desk = Desk::new();
    let give = || desk.logins.give_password(&desk.account, &"sam".into(), &by()).unwrap();
    let (first, second) = (give(), give());
    assert_ne!(first.expose(), second.expose());
    for password in [&first, &second] {
        let groups: Vec<&str> = password.expose().split('-').collect();
        assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 4), "four times four");
        assert!(!password.expose().contains(['l', '1', '0', 'o', 'O', 'I']), "no two look alike");
    }
    assert_eq!(desk.log_in("sam", first.expose()).unwrap_err().code, Code::WrongLogin);
    desk.log_in("sam", second.expose()).unwrap();
    assert!(desk.logins.give_password(&desk.account, &"robin".into(), &by()).is_err());
}

#[test]
fn records_of_passwords_cannot_change_places_or_be_made_up() {
    let desk = Desk::new();
    let [ada, sam] = ["ada", "sam"].map(|user| key(["password", "acme", user]));
    desk.put(sam.clone(), desk.image(&ada));
    assert_eq!(desk.log_in("sam", GOOD).unwrap_err().code, Code::WrongLogin);
    let text = String::from_utf8(desk.image(&ada)).unwrap();
    let hash = text.split("\"hash\":\"").nth(1).unwrap().split('"').next().unwrap().to_string();
    // An empty or shorter hash fits nothing.
    for shorter in ["", &hash[..2], &hash[..32]] {
        desk.put(ada.clone(), text.replace(&hash, shorter).into_bytes());
        assert_eq!(desk.log_in("ada", GOOD).unwrap_err().code, Code::WrongLogin, "{shorter}");
    }
    for broken in
        ["", "{}", "{\"format\":1}", &text[..40], &text.replace("\"iterations\":16", "\"iterations\":0")]
    {
        desk.put(ada.clone(), broken.into());
        let why = desk.log_in("ada", GOOD).unwrap_err();
        assert!(why.code == Code::NoStore && why.sentence.contains("password/acme/ada"), "{broken}: {why}");
        assert!(!why.sentence.contains(&hash));
    }
    desk.put(ada.clone(), text.replace("\"format\":1", "\"format\":2").into_bytes());
    assert!(desk.log_in_from("ada", GOOD, "later", NOW).unwrap_err().sentence.contains("later version"));
    desk.put(ada, text.into_bytes());
    desk.log_in_from("ada", GOOD, "again", NOW).unwrap();
}

#[test]
fn what_is_not_known_to_be_kept_is_looked_up() {
    for fault in FAULTS {
        let desk = Desk::new();
        desk.next(fault);
        desk.set("ada", "another one that is long").unwrap();
        desk.store.restart();
        desk.log_in("ada", "another one that is long").unwrap();
        desk.next(fault);
        let (id, text) = desk.token("ada", "laptop");
        desk.store.restart();
        desk.next(fault);
        assert_eq!(desk.shown(&text).unwrap().id, id);
        let tokens = desk.logins.tokens(&desk.account).unwrap();
        assert!(tokens.len() == 1 && tokens[0].used.is_some(), "{fault:?}: {tokens:?}");
    }
    let desk = Desk::new();
    desk.next(Fault::Breaks { done: false });
    assert_eq!(desk.set("ada", "another one that is long").unwrap_err().code, Code::NoStore);
    desk.store.restart();
    desk.log_in("ada", GOOD).unwrap();
}

// ---- Tries ----

#[test]
fn tries_are_limited_for_known_and_unknown_users_alike() {
    let desk = Desk::new();
    let mut told = Vec::new();
    for user in ["ada", "nobody"] {
        for _ in 0..TRIES_MAX {
            assert_eq!(desk.log_in(user, "wrong").unwrap_err().code, Code::WrongLogin);
        }
        let spent = desk.logins.hashes_computed();
        let why = desk.log_in(user, GOOD).unwrap_err();
        assert_eq!(why.code, Code::TooMany);
        assert_eq!(desk.logins.hashes_computed(), spent, "and no work is done for it");
        told.push(why.sentence);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], format!("there were {TRIES_MAX} wrong passwords within 15 minutes; try again in 15"));
    // Other people, and other places, are none of it; and it is over by itself.
    desk.set("sam", GOOD).unwrap();
    desk.log_in("sam", GOOD).unwrap();
    desk.log_in_from("ada", GOOD, "office", NOW).unwrap();
    let almost = Moment(NOW.0 + TRIES_WITHIN.0 as i64 - 1);
    let why = desk.log_in_from("ada", GOOD, "home", almost).unwrap_err();
    assert!(why.sentence.ends_with("try again in 1"), "{why}");
    desk.log_in_from("ada", GOOD, "home", NOW.after(TRIES_WITHIN)).unwrap();
}

#[test]
fn the_right_password_ends_the_count() {
    let desk = Desk::new();
    for _ in 0..5 {
        for _ in 1..TRIES_MAX {
            desk.log_in("ada", "wrong").unwrap_err();
        }
        desk.log_in("ada", GOOD).unwrap();
    }
}

#[test]
fn a_stranger_locks_nobody_out_who_comes_from_where_they_always_do() {
    let desk = Desk::new();
    desk.log_in("ada", GOOD).unwrap();
    let mut refused = 0;
    for number in 0..TRIES_ELSEWHERE_MAX + 50 {
        let why = desk.log_in_from("ada", "a guess", &format!("10.0.0.{number}"), NOW).unwrap_err();
        refused += u32::from(why.code == Code::TooMany);
    }
    assert_eq!(refused, 50, "from everywhere together there are no more than {TRIES_ELSEWHERE_MAX}");
    assert_eq!(desk.log_in_from("ada", GOOD, "a new place", NOW).unwrap_err().code, Code::TooMany);
    for _ in 0..3 {
        desk.log_in("ada", GOOD).unwrap();
    }
    desk.log_in_from("ada", GOOD, "a new place", NOW.after(TRIES_WITHIN)).unwrap();
    // A clock that was set back leaves nobody outside.
    for _ in 0..TRIES_MAX {
        desk.log_in_from("ada", "wrong", "home", NOW.after(TRIES_WITHIN)).unwrap_err();
    }
    desk.log_in_from("ada", GOOD, "home", Moment(NOW.0 - 1)).unwrap();
}

#[test]
fn many_at_once_are_not_more_tries() {
    let desk = Desk::new();
    let wrong = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let why = desk.log_in("ada", "wrong").unwrap_err();
                    if why.code == Code::WrongLogin {
                        wrong.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(wrong.into_inner(), TRIES_MAX);
    desk.log_in_from("ada", GOOD, "office", NOW).unwrap();
}

// ---- Tokens and API keys ----

#[test]
fn a_token_says_whose_it_is() {
    let desk = Desk::new();
    let (id, text) = desk.token("ada", "laptop");
    let shown = desk.shown(&text).unwrap();
    assert_eq!((shown.user.as_str(), shown.kind, &shown.id), ("ada", Kind::Human, &id));
    assert_eq!(TokenId::read(&id.to_string()), Some(id.clone()));
    let listed = desk.logins.tokens(&desk.account).unwrap();
    let token = &listed[0];
    assert_eq!((token.name.as_str(), token.by.as_str(), token.made), ("laptop", "ada", NOW));
    assert!(
        token.used.is_some_and(|used| used <= NOW && NOW < used.after(DAY) && used.0 % DAY.0 as i64 == 0)
    );
    // The day it was last used is written once a day.
    let appends = desk.store.appends();
    desk.shown(&text).unwrap();
    assert_eq!(desk.store.appends(), appends);
    desk.logins.shown(&desk.account, &text, NOW.after(DAY)).unwrap();
    assert_eq!(desk.store.appends(), appends + 1);
    desk.logins.revoke(&desk.account, &id).unwrap();
    assert_eq!(desk.shown(&text).unwrap_err().code, Code::WrongLogin);
    assert_eq!(desk.logins.revoke(&desk.account, &id).unwrap_err().code, Code::UnknownToken);
}

#[test]
fn whatever_is_no_token_gets_the_same_answer() {
    let desk = Desk::new();
    let (id, text) = desk.token("ada", "laptop");
    let (other, _) = desk.token("sam", "phone");
    let good = text.expose().to_string();
    let last = if good.ends_with('a') { "b" } else { "a" };
    let mut wrong = vec![
        String::new(),
        "parlor_".to_string(),
        "Bearer x".to_string(),
        good[..good.len() - 1].to_string(),
        format!("{}{last}", &good[..good.len() - 1]),
        format!("{good}a"),
        good.to_uppercase(),
        good.replace(&id.to_string(), &other.to_string()),
        good.replace(&id.to_string(), "aaaaaaaaaaaa"),
        good.replace(&id.to_string(), "../../../../"),
        "x".repeat(100_000),
    ];
    wrong.extend((7..good.len()).map(|at| {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).unwrap()
    }));
    let mut answers: Vec<Refusal> = wrong.iter().map(|text| desk.shown(&secret(text)).unwrap_err()).collect();
    // One that has expired, and one whose user is gone or has become a bot.
    let expires = Some(NOW.after(Span(1_000)));
    let (_, short) = desk.logins.new_token(&desk.account, &"ada".into(), "short", expires, &by()).unwrap();
    desk.shown(&short).unwrap();
    answers.push(desk.logins.shown(&desk.account, &short, NOW.after(Span(1_000))).unwrap_err());
    let mut gone = desk.account.clone();
    gone.users.get_mut(&"ada".into()).unwrap().kind = Kind::Bot;
    answers.push(desk.logins.shown(&gone, &text, NOW).unwrap_err());
    gone.users.remove(&"ada".into());
    answers.push(desk.logins.shown(&gone, &text, NOW).unwrap_err());
    let elsewhere = Account { name: "other".to_string(), ..desk.account.clone() };
    answers.push(desk.logins.shown(&elsewhere, &text, NOW).unwrap_err());
    answers.dedup();
    assert!(answers.len() == 1 && answers[0].code == Code::WrongLogin, "{answers:?}");
    desk.shown(&text).unwrap();
}

#[test]
fn a_record_of_a_token_counts_in_its_place_only() {
    let desk = Desk::new();
    let (first, text) = desk.token("ada", "laptop");
    let (second, _) = desk.token("sam", "phone");
    let image = desk.image(&key(["token", "acme", &first.to_string()]));
    desk.put(key(["token", "acme", &second.to_string()]), image);
    let moved = text.expose().replace(&first.to_string(), &second.to_string());
    assert_eq!(desk.shown(&secret(&moved)).unwrap_err().code, Code::WrongLogin);
    desk.shown(&text).unwrap();
}

#[test]
fn an_api_key_is_changed_without_a_gap() {
    let desk = Desk::new();
    let (old, first) = desk.token("robin", "one");
    let (_, second) = desk.token("robin", "two");
    assert_eq!(desk.shown(&first).unwrap().kind, Kind::Bot);
    desk.shown(&second).unwrap();
    desk.logins.revoke(&desk.account, &old).unwrap();
    assert!(desk.shown(&first).is_err());
    assert_eq!(desk.shown(&second).unwrap().user.as_str(), "robin");
}

#[test]
fn what_cannot_be_a_token() {
    let desk = Desk::new();
    let make = |user: &str, name: &str, expires| {
        desk.logins.new_token(&desk.account, &user.into(), name, expires, &by()).map(|_| ())
    };
    assert_eq!(make("nobody", "x", None).unwrap_err().code, Code::UnknownUser);
    for name in ["", "a\nb", &"x".repeat(NAME_BYTES_MAX + 1)] {
        let why = make("ada", name, None).unwrap_err();
        assert!(why.field == "name" && why.sentence.contains(&NAME_BYTES_MAX.to_string()), "{why}");
    }
    for expires in [NOW, Moment(0), NOW.after(Span(TOKEN_LIFE_MAX.0 + 1))] {
        let why = make("ada", "x", Some(expires)).unwrap_err();
        assert!(why.field == "expires" && why.sentence.contains("3650 days"), "{why}");
    }
    for number in 0..TOKENS_OF_USER_MAX {
        make("ada", &format!("number {number}"), None).unwrap();
    }
    let why = make("ada", "one more", None).unwrap_err();
    assert!(why.code == Code::TooMany && why.sentence.contains(&TOKENS_OF_USER_MAX.to_string()), "{why}");
    make("sam", "x", None).unwrap();
    assert_eq!(make("sam", "x", None).unwrap_err().code, Code::Exists);
}

// ---- What is kept ----

#[test]
fn nothing_that_lets_in_is_kept() {
    let desk = Desk::new();
    let first = desk.logins.give_password(&desk.account, &"sam".into(), &by()).unwrap();
    let (_, token) = desk.token("ada", "laptop");
    let (_, api_key) = desk.token("robin", "one");
    desk.shown(&token).unwrap();
    let mut bytes = Vec::new();
    backup::write(&*desk.store, &mut bytes).unwrap();
    for text in [GOOD, first.expose(), token.expose(), &token.expose()[20..], &api_key.expose()[20..]] {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
    }
    assert!(bytes.windows(6).any(|window| window == b"laptop"), "it is the backup of all that");
    let printed = format!("{token:?} {first:?} {:?}", desk.logins.tokens(&desk.account).unwrap());
    assert!(!printed.contains(&token.expose()[20..]) && !printed.contains(first.expose()));
}

#[test]
fn who_is_gone_leaves_nothing_to_who_comes_with_the_same_name() {
    let mut desk = Desk::new();
    desk.set("sam", GOOD).unwrap();
    let (_, token) = desk.token("sam", "laptop");
    let (_, api_key) = desk.token("robin", "one");
    let (_, stays) = desk.token("ada", "laptop");
    let before = desk.account.clone();
    desk.account.users.remove(&"sam".into());
    desk.account.users.get_mut(&"robin".into()).unwrap().kind = Kind::Human;
    assert_eq!(desk.logins.forget_gone(&desk.account).unwrap(), 3);
    desk.account = before;
    assert_eq!(desk.log_in("sam", GOOD).unwrap_err().code, Code::WrongLogin);
    assert!(desk.shown(&token).is_err() && desk.shown(&api_key).is_err());
    desk.log_in("ada", GOOD).unwrap();
    desk.shown(&stays).unwrap();
    assert_eq!(desk.logins.forget_gone(&desk.account).unwrap(), 0);
}

// ---- As it is typed ----

#[test]
fn people_and_bots_are_let_in_by_what_was_typed() {
    let folder = Folder::new();
    folder.write("a.yaml", "account: acme\nusers:\n  ada:\n  sam:\n  robin: {type: bot}\n");
    folder.write("b.yaml", "account: acme\nusers:\n  ada:\n");
    assert_eq!(folder.run(&["account", "apply", "a.yaml", "--yes"]).code, 0);
    let ran = folder.run_with(&["user", "password", "ada"], &format!("{GOOD}\n"));
    assert!(ran.code == 0 && ran.data.is_empty() && ran.talk == "ada has a new password\n", "{ran:?}");
    let refusals = [
        (&["user", "password", "ada"][..], "short", 1, "at least 12 letters"),
        (&["user", "password", "zed"], GOOD, 6, "no user `zed`"),
        (&["user", "password", "robin"], GOOD, 1, "is a bot"),
        (&["user", "password", "ada", GOOD], GOOD, 2, "unexpected argument"),
        (&["token", "new", "zed"], "", 6, "no user `zed`"),
        (&["token", "new", "ada", "--expires", "soon"], "", 2, "90d"),
        (&["token", "new", "ada", "--expires", "99999d"], "", 1, "within 3650 days"),
        (&["token", "revoke", "../../x"], "", 2, "not the id of a token"),
        (&["token", "revoke", "aaaaaaaaaaaa"], "", 6, "no token"),
    ];
    for (words, input, code, told) in refusals {
        let ran = folder.run_with(words, input);
        assert!(ran.code == code && ran.talk.contains(told), "{words:?}: {ran:?}");
    }
    let typed = |words: &[&str]| secret(folder.run(words).data.trim_end());
    let [laptop, phone, api_key] = [
        typed(&["token", "new", "ada", "--name", "laptop", "--expires", "90d"]),
        typed(&["token", "new", "sam"]),
        typed(&["token", "new", "robin"]),
    ];
    let ran = folder.run(&["token", "ls"]);
    assert!(
        ran.data.lines().count() == 3 && ran.data.contains("robin API key") && ran.data.contains("until ")
    );
    let document: serde_json::Value =
        serde_json::from_str(&folder.run(&["token", "ls", "--json"]).data).unwrap();
    assert!(!document.to_string().contains("hash"));
    let open = || {
        let store = Arc::new(parlor::store::Sled::open(folder.path("data")).unwrap());
        let account = Account::kept(&*store, "acme").unwrap().unwrap();
        (Credentials::new(store, PASSWORD_ITERATIONS), account)
    };
    {
        let (logins, account) = open();
        let whose = |text| logins.shown(&account, text, now()).unwrap().user.to_string();
        assert_eq!([whose(&laptop), whose(&phone), whose(&api_key)], ["ada", "sam", "robin"]);
        logins.log_in(&account, &"ada".into(), &secret(GOOD), "home", now()).unwrap();
    }
    // Who is removed from the account loses what they had, for good.
    for file in ["b.yaml", "a.yaml"] {
        assert_eq!(folder.run(&["account", "apply", file, "--yes"]).code, 0);
    }
    let (logins, account) = open();
    assert!(account.users.len() == 3 && logins.shown(&account, &laptop, now()).is_ok());
    assert!(
        logins.shown(&account, &phone, now()).is_err() && logins.shown(&account, &api_key, now()).is_err()
    );
}

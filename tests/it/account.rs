//! Accounts as files: every kind of mistake with its words, what is written read back the same, and what lies between two.
//!
//! `tests/account/<mistake>.yaml` is a file, `<mistake>.found` what a person reads about it. `tests/account/changes/*.yaml` are
//! accounts, and `.changes` what makes them out of `start.yaml`. `UPDATE=1 cargo test` rewrites both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use parlor::conversation::{Channel, Moment, SkillId, Span};
use parlor::diagnostics::render::{Format, Style, render};
use parlor::diagnostics::{Severity, Slug};
use parlor::platform::limits::{ACCOUNT_BYTES_MAX, ACCOUNT_DEPTH_MAX, SLOTS_MAX};
use parlor::platform::*;
use parlor::store::{Key, Memory, Store, Version};
use proptest::prelude::*;

use crate::commands::Folder;
use crate::golden;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn told(read: &ReadAccount) -> String {
    render(Format::Human, &read.sources, &read.findings, &Style::default())
}

/// An account that must be one.
fn sound(text: &str) -> Account {
    let read = Account::read("a.yaml", text.as_bytes().to_vec());
    read.account.clone().unwrap_or_else(|| panic!("{}\nin\n{text}", told(&read)))
}

#[test]
fn every_mistake_has_its_words() {
    golden::compare("account", "found", 30, |name, bytes| {
        let read = Account::read(name, bytes);
        let errors = read.findings.iter().any(|finding| finding.severity() == Severity::Error);
        assert_eq!(read.account.is_none(), errors, "{name}: whole or not at all");
        for finding in &read.findings {
            let source = read.sources.get(finding.place.file).expect("a finding points into its file");
            assert!(finding.place.span.end as usize <= source.text.len(), "{name}: {finding:?}");
        }
        told(&read)
    });
}

#[test]
fn every_change_has_its_words() {
    let start = sound(&fs::read_to_string(root().join("tests/account/changes/start.yaml")).unwrap());
    golden::compare("account/changes", "changes", 9, |_, bytes| {
        let other = sound(&String::from_utf8(bytes).unwrap());
        let there = changes(&start, &other);
        assert_eq!(there.is_empty(), start == other, "no change is left out");
        assert_eq!(there.len(), changes(&other, &start).len(), "the way back is as long");
        there.iter().map(|change| format!("{change}\n")).collect()
    });
}

#[test]
fn limits_are_told_with_their_values() {
    let large = Account::read("a.yaml", vec![b'#'; ACCOUNT_BYTES_MAX + 1]);
    assert!(large.account.is_none() && large.findings[0].message.contains(&ACCOUNT_BYTES_MAX.to_string()));
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "{a: ".repeat(100_000),
        format!("x: {}", "[".repeat(9_000)),
    ] {
        let deep = Account::read("a.yaml", text.into_bytes());
        assert_eq!(deep.findings[0].slug, Slug::TooDeep);
        assert!(deep.findings[0].message.contains(&ACCOUNT_DEPTH_MAX.to_string()), "{deep:?}");
    }
    let read = Account::read("a.yaml", b"account: a\nusers:\n  sam:\n    max chats: 1000\n".to_vec());
    assert!(read.findings[0].message.contains(&SLOTS_MAX.to_string()), "{}", told(&read));
    let many: String = (0..5_000).map(|number| format!("unknown{number}: x\n")).collect();
    assert!(Account::read("a.yaml", many.into_bytes()).findings.len() <= 201);
}

#[test]
fn bytes_that_are_no_text() {
    let read = Account::read("a.yaml", vec![b'a', 0xff, b'\n']);
    assert!(read.account.is_none() && read.findings[0].slug == Slug::NotText);
}

// ---- Who may do what ----

#[test]
fn who_may_create_and_start_bots() {
    use Permission::*;
    let account = sound(
        "account: a\nprofiles:\n  Release: {like: Campaign Manager, may: [deploy to Production]}\n  Lead: {like: Agent, may: [create bot users, create connectors, start connectors]}\nusers:\n  ada: {profile: Administrator}\n  cam: {profile: Campaign Manager}\n  max: {profile: Agent Manager}\n  sam:\n  rio: {profile: Release}\n  lea: {profile: Lead}\n",
    );
    let who = |what| -> Vec<&str> {
        account.users.keys().filter(|user| account.may(user, what)).map(|user| user.as_str()).collect()
    };
    for what in [CreateBotUsers, CreateConnectors, StartConnectors] {
        assert_eq!(who(what), ["ada", "cam", "lea", "rio"], "{what}");
    }
    for what in [StopConnectors, EditConnectors, DeleteConnectors] {
        assert_eq!(who(what), ["ada", "cam", "lea", "max", "rio", "sam"], "{what}");
    }
    assert_eq!(who(DeployToProduction), ["ada", "rio"]);
    assert_eq!(who(DeployToDemo), ["ada", "cam", "rio"]);
    assert_eq!(who(StepIn), ["ada", "max"]);
    assert_eq!(who(HaveConversations), ["ada", "lea", "max", "sam"]);
    for what in [ChangeAccount, EraseVisitors, ReadAudit] {
        assert_eq!(who(what), ["ada"], "{what}");
    }
    assert!(!account.may(&"nobody".into(), StopConnectors));
}

#[test]
fn settings_have_the_defaults_of_the_table() {
    let account = sound(
        "account: a\nskills: {Bot: }\nusers: {b: {type: bot, skills: [Bot], max messaging: 1}}\nbots: {x: }\nconnectors:\n  c: {bot: x, user: b, conversation type: Messaging}\n",
    );
    let manners = &account.connectors[&"c".into()].manners;
    assert_eq!(*manners, Manners::default());
    let times = [
        manners.join,
        manners.too_old,
        manners.resend_after,
        manners.accept_within,
        manners.ring_accept_wait,
    ];
    assert_eq!(times.map(|time| time.0), [300, 30 * 60_000, 60_000, 180_000, 100]);
    assert_eq!((manners.greet_after, manners.greeting.as_str()), (Some(Span(3_000)), "hi"));
    assert_eq!((manners.resends, manners.escalation_retries, manners.step_up.as_str()), (1, 3, "_STEPUP_"));
    assert_eq!((&manners.stuck_message, &manners.stuck_skill), (&None, &None));
    assert!(manners.no_receipts && !manners.no_messages && !manners.main_dialog_only && !manners.button_text);
}

// ---- There and back ----

#[test]
fn the_example_is_sound_and_complete() {
    let text = fs::read_to_string(root().join("examples/acme.account.yaml")).unwrap();
    let read = Account::read("acme.account.yaml", text.clone().into_bytes());
    assert!(read.findings.is_empty(), "{}", told(&read));
    let account = read.account.unwrap();
    let on = |where_| account.connectors.values().filter(|connector| connector.deploy_to == where_).count();
    assert_eq!((on(Environment::Demo), on(Environment::Production)), (2, 2));
    assert!(account.faults().is_empty() && !account.campaigns.is_empty() && !account.profiles.is_empty());
    assert_eq!(sound(&account.write()), account);
}

/// Accounts that stand up to every check, out of bytes.
fn any_account() -> impl Strategy<Value = Account> {
    prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| Dice(bytes, 0).account())
}

struct Dice(Vec<u8>, usize);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        let byte = self.0.get(self.1).copied().unwrap_or(0);
        self.1 += 1;
        usize::from(byte) % most
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    fn name(&mut self) -> String {
        const NAMES: &[&str] = &[
            "Human",
            "Night shift",
            "yes",
            "null",
            "~",
            "007",
            "a: b",
            "- x",
            "#1",
            "ä\"ö'ü",
            "back\\slash",
            "& so on",
            "*",
            "{x}",
            "[y]",
            " spaces ",
            "1e3",
            "0x1f",
            "2026-01-01",
            "a#b",
            "a #b",
            "é🎉",
            "\u{a0}",
            "x,y",
            "---",
            "...",
            "%",
            "@",
            "`",
            "!",
            "|",
            ">",
            "?",
            ":",
            "-",
            "<<",
            "a.b",
            "inf",
            ".inf",
            "=",
            "\u{feff}b",
            "\u{202e}rtl",
            "o'clock:",
        ];
        self.of(NAMES).to_string()
    }

    fn text(&mut self) -> String {
        let more = [
            "",
            "\n",
            "\t",
            "two\nlines\n",
            "  indented\n\n",
            "\u{2028}",
            "{{ x }}",
            "https://a.example/?q=1#top",
        ];
        format!("{}{}", self.of(&more), self.name())
    }

    fn time(&mut self, least: u64, most: u64) -> Span {
        let units = [1, 1_000, 60_000, 3_600_000, 86_400_000];
        Span((self.of(&units) * self.below(90) as u64).clamp(least, most))
    }

    fn names(&mut self, most: usize) -> Vec<String> {
        let number = self.below(most + 1);
        let names: BTreeSet<String> = (0..number).map(|_| self.name()).collect();
        names.into_iter().collect()
    }

    fn account(&mut self) -> Account {
        let skills: Vec<SkillId> = self.names(5).into_iter().map(SkillId::from).collect();
        let mut account = Account { name: self.name(), ..Account::default() };
        account.retention_days = 1 + self.below(200) as u32;
        account.groups = self.names(3).into_iter().collect();
        let groups: Vec<String> = account.groups.iter().cloned().collect();
        for name in self.names(3) {
            let like = self.of(&[
                BuiltIn::Administrator,
                BuiltIn::CampaignManager,
                BuiltIn::AgentManager,
                BuiltIn::Agent,
            ]);
            let may = [Permission::StepIn, Permission::StartConnectors, Permission::ReadAudit];
            let may = may.into_iter().filter(|_| self.below(2) == 0).collect();
            account.profiles.insert(name, Profile { like, may });
        }
        for (number, name) in skills.iter().enumerate() {
            // A skill falls back to a later one, so that there is no circle.
            let fallback = skills.get(number + 1 + self.below(3)).cloned();
            let due = DueTimes { normal: self.time(1_000, 600_000_000), ..DueTimes::default() };
            account.skills.insert(
                name.clone(),
                Skill { idle: self.time(60_000, 30_000_000_000), fallback, due, survey: None },
            );
        }
        for name in self.names(4) {
            let group = (!groups.is_empty() && self.below(2) == 0).then(|| self.of(&groups));
            let own = skills.iter().filter(|_| self.below(2) == 0).cloned().collect();
            let user = User {
                name: self.text(),
                nickname: self.text(),
                group,
                skills: own,
                chats: self.below(99) as u32,
                ..User::default()
            };
            account.users.insert(format!("person {name}").into(), user);
        }
        for name in self.names(3) {
            let values = |dice: &mut Dice| {
                BTreeMap::from([("URL".to_string(), dice.text()), ("ä_1".to_string(), dice.text())])
            };
            let own = Values {
                demo: values(self),
                production: BTreeMap::new(),
                secrets: BTreeSet::from(["KEY".to_string()]),
            };
            account.environments.insert(name, own);
        }
        let environments: Vec<String> = account.environments.keys().cloned().collect();
        for name in self.names(3) {
            let environment = (!environments.is_empty()).then(|| self.of(&environments));
            account.bots.insert(name.into(), Bot { folder: None, environment });
        }
        if !skills.is_empty() {
            let mut engagements = BTreeMap::new();
            for name in self.names(3) {
                let origins =
                    if self.below(2) == 0 { Vec::new() } else { vec!["https://a.example:8443".to_string()] };
                let (channel, skill) = (self.of(&[Channel::Chat, Channel::Messaging]), self.of(&skills));
                engagements.insert(name, Engagement { channel, skill, origins, ..Engagement::default() });
            }
            account.campaigns.insert(self.name(), Campaign { goal: self.text(), engagements });
        }
        for (number, name) in self.names(4).into_iter().enumerate() {
            let own: Vec<SkillId> = skills.iter().take(1).cloned().collect();
            let user = User {
                kind: Kind::Bot,
                skills: own,
                chats: 1,
                messagings: 2,
                profile: "Agent Manager".into(),
                ..User::default()
            };
            account.users.insert(format!("bot {number}").into(), user);
            let bots: Vec<_> = account.bots.keys().cloned().collect();
            let mind = if bots.is_empty() || self.below(3) == 0 {
                Mind::Theirs(self.name().into())
            } else {
                Mind::Ours(self.of(&bots))
            };
            let connector = Connector {
                user: format!("bot {number}").into(),
                mind,
                role: self.of(&[Role::Agent, Role::Manager]),
                channel: self.of(&[Channel::Chat, Channel::Messaging]),
                deploy_to: self.of(&[Environment::Demo, Environment::Production]),
                fallback: skills.last().cloned(),
                manners: self.manners(&skills),
            };
            account.connectors.insert(name.into(), connector);
        }
        account
    }

    fn manners(&mut self, skills: &[SkillId]) -> Manners {
        Manners {
            greet_after: (self.below(2) == 0).then(|| self.time(1_000, 86_400_000)),
            greeting: self.text(),
            join: self.time(0, 60_000),
            too_old: self.time(60_000, 600_000_000),
            resends: self.below(11) as u32,
            stuck_message: (self.below(2) == 0).then(|| self.text()),
            stuck_skill: skills.first().filter(|_| self.below(2) == 0).cloned(),
            stuck_transfer_message: self.text(),
            transfer_message: self.text(),
            skip_agent_message: self.below(2) == 0,
            receipt: self.of(&[ReceiptOf::Read, ReceiptOf::Sent]),
            tiles: self.of(&[Tiles::Vertical, Tiles::Horizontal]),
            filter: self.of(&[vec![], vec!["(?i)order\\s+\\d+".to_string(), "[a-z]".to_string()]]),
            no_receipts: self.below(2) == 0,
            ..Manners::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_the_same(account in any_account()) {
        let text = account.write();
        let read = Account::read("a.yaml", text.clone().into_bytes());
        prop_assert_eq!(read.account.as_ref(), Some(&account), "{}\nin\n{}", told(&read), text);
        prop_assert_eq!(&account.write(), &text);
        // Other readers of YAML take it too.
        prop_assert!(serde_yaml::from_str::<serde_yaml::Value>(&text).is_ok(), "{:?}\n{text}", serde_yaml::from_str::<serde_yaml::Value>(&text));
        let json = serde_json::to_string(&account).unwrap();
        prop_assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), account);
    }

    #[test]
    fn no_change_is_overlooked(one in any_account(), other in any_account()) {
        prop_assert!(changes(&one, &one).is_empty());
        prop_assert_eq!(changes(&one, &other).is_empty(), one == other);
    }

    #[test]
    fn damage_is_told_and_never_breaks_the_reader(
        hits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..8, "[ -~]|\"|'|\\{|\\[|\n|\t|é|: |- |&|\\||#|\u{1b}"), 1..8),
    ) {
        let mut text: Vec<char> = include_str!("../../examples/acme.account.yaml").chars().collect();
        for (at, gone, put) in hits {
            let at = at.index(text.len());
            let end = (at + gone).min(text.len());
            text.splice(at..end, put.chars());
        }
        let read = Account::read("a.yaml", text.into_iter().collect::<String>().into_bytes());
        let errors = read.findings.iter().any(|finding| finding.severity() == Severity::Error);
        prop_assert_eq!(read.account.is_none(), errors);
        told(&read);
    }
}

// ---- Set up ----

#[test]
fn what_is_set_up_is_kept_and_written_down() {
    let account = sound(include_str!("../../examples/acme.account.yaml"));
    let store = Memory::new();
    assert_eq!(Account::names(&store).unwrap(), Vec::<String>::new());
    account.set_up(&store, "ada".into(), 1, Moment(1_000)).unwrap();
    assert_eq!(Account::names(&store).unwrap(), ["acme"]);
    assert_eq!(Account::kept(&store, "acme").unwrap(), Some(account.clone()));
    let lines = store.read(&Key::of(&["audit", "acme"]), Version::NONE, 10).unwrap();
    assert_eq!(lines.len(), 1);
    // What the platform would refuse is refused here too, and changes nothing.
    let mut broken = account.clone();
    broken.users.clear();
    let why = broken.set_up(&store, "ada".into(), 2, Moment(2_000)).unwrap_err();
    assert!(why.contains("whom the account does not have"), "{why}");
    assert_eq!(Account::kept(&store, "acme").unwrap(), Some(account));
}

const SMALL: &str =
    "account: acme\nskills:\n  Human:\nusers:\n  sam:\n    skills: [Human]\n    max messaging: 3\n";

#[test]
fn a_file_is_applied_and_exported() {
    let folder = Folder::new();
    folder.write("a.yaml", SMALL);
    let ran = folder.run(&["account", "diff", "a.yaml"]);
    assert_eq!((ran.code, ran.data.as_str()), (1, "+ account acme\n+ skill Human\n+ user sam\n"), "{ran:?}");
    assert!(!folder.path("data").exists(), "looking makes nothing");
    assert_eq!(folder.run(&["account", "export"]).code, 6);
    let ran = folder.run(&["account", "apply", "a.yaml"]);
    assert!(ran.code == 2 && ran.talk.contains("--yes") && !folder.path("data").exists(), "{ran:?}");
    assert_eq!(folder.run(&["account", "apply", "a.yaml", "--dry-run"]).code, 0);
    assert!(!folder.path("data").exists());
    let ran = folder.run(&["account", "apply", "a.yaml", "--yes"]);
    assert!(ran.code == 0 && ran.talk.contains("3 changes applied"), "{ran:?}");
    assert_eq!(folder.run(&["account", "diff", "a.yaml"]).code, 0);
    let ran = folder.run(&["account", "apply", "a.yaml", "--yes"]);
    assert!(ran.code == 0 && ran.talk.contains("nothing to apply"), "{ran:?}");
    let ran = folder.run(&["account", "export"]);
    assert_eq!(
        ran.data,
        "account: acme\n\nskills:\n  Human:\n\nusers:\n  sam:\n    skills: [Human]\n    max messaging: 3\n"
    );
    folder.write("b.yaml", SMALL.replace("max messaging: 3", "max messaging: 4"));
    let ran = folder.run(&["account", "diff", "b.yaml", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(document["changes"][0]["field"], "max messaging", "{ran:?}");
    assert_eq!((&document["applied"], &document["errors"]), (&false.into(), &0.into()));
}

#[test]
fn nothing_of_a_wrong_file_is_applied() {
    let folder = Folder::new();
    folder.write("a.yaml", SMALL);
    assert_eq!(folder.run(&["account", "apply", "a.yaml", "--yes"]).code, 0);
    let before = folder.run(&["account", "export"]).data;
    folder.write("b.yaml", SMALL.replace("[Human]", "[Humna]").replace("  Human:\n", "  Human:\n  Night:\n"));
    let ran = folder.run(&["account", "apply", "b.yaml", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.data.contains("error[unknown-skill]") && ran.data.contains("b.yaml:7:14"), "{ran:?}");
    assert!(ran.talk.contains("nothing was applied"), "{ran:?}");
    // Another name is another account.
    folder.write("c.yaml", SMALL.replace("acme", "other"));
    let ran = folder.run(&["account", "apply", "c.yaml", "--yes"]);
    assert!(ran.code == 1 && ran.talk.contains("that of the account `acme`"), "{ran:?}");
    assert_eq!(folder.run(&["account", "export"]).data, before);
    assert_eq!(folder.run(&["account", "diff", "gone.yaml"]).code, 4);
}

#[test]
fn a_folder_that_a_server_has_is_left_alone() {
    let folder = Folder::new();
    folder.write("a.yaml", SMALL);
    let open = parlor::store::Sled::open(folder.path("data")).unwrap();
    for words in
        [&["account", "apply", "a.yaml", "--yes"][..], &["account", "diff", "a.yaml"], &["account", "export"]]
    {
        let ran = folder.run(words);
        assert!(ran.code == 3 && ran.talk.contains("stop the server"), "{ran:?}");
    }
    drop(open);
    assert_eq!(folder.run(&["account", "apply", "a.yaml", "--yes"]).code, 0);
}

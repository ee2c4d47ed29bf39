//! The register of mistakes. A slug is the name of a check, of its page, and of its test cases; a released
//! one is never renamed or used for something else.

use super::Severity;

macro_rules! slugs {
    ($($(#[$section:meta])* $name:ident $slug:literal $severity:ident $title:literal)*) => {
        /// One kind of mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Slug {
            $(#[doc = $title] $name,)*
        }

        impl Slug {
            /// All of them, in the order of the manual.
            pub const ALL: &[Slug] = &[$(Slug::$name),*];

            /// Its name, as printed and as typed after `parlor explain`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Slug::$name => $slug),* }
            }

            /// Error or warning.
            pub const fn severity(self) -> Severity {
                match self { $(Slug::$name => Severity::$severity),* }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Slug::$name => $title),* }
            }

            /// The text of its page.
            pub(super) const fn page_text(self) -> &'static str {
                match self { $(Slug::$name => include_str!(concat!("pages/", $slug, ".md"))),* }
            }
        }
    };
}

slugs! {
    // The file itself.
    NotText "not-text" Error "a file that is not text"
    TooLarge "too-large" Error "more than a limit allows"
    TooDeep "too-deep" Error "blocks inside blocks, too many levels deep"
    // How a line is written.
    UnknownWord "unknown-word" Error "a line that begins with an unknown word"
    UnreadableLine "unreadable-line" Error "a line that does not read as any statement"
    MissingQuotes "missing-quotes" Error "a text without its quotes"
    UnclosedText "unclosed-text" Error "a text whose closing quote is missing"
    CurlyQuotes "curly-quotes" Error "curly quotes around a text"
    SingleQuotes "single-quotes" Error "single quotes around a text"
    BadEscape "bad-escape" Error "a backslash before a letter that needs none"
    UnclosedHole "unclosed-hole" Error "a `{{` without its `}}`"
    UnclosedRegex "unclosed-regex" Error "a regex whose closing slash is missing"
    NoBreakSpace "no-break-space" Error "a no-break space between words"
    Tab "tab" Warning "a tab instead of spaces"
    CapitalWord "capital-word" Error "a word of the language in capitals"
    BraceOnNextLine "brace-on-next-line" Error "an opening brace on a line of its own"
    BraceInLine "brace-in-line" Error "more text on the line behind an opening brace"
    UnclosedBlock "unclosed-block" Error "a block whose closing brace is missing"
    StrayBrace "stray-brace" Error "a closing brace that closes nothing"
    MissingArrow "missing-arrow" Error "a next action without its arrow"
    WrongArrow "wrong-arrow" Error "an arrow written in another way"
    MissingName "missing-name" Error "a question without its name"
    MissingUnit "missing-unit" Error "a time without its unit"
    WrongComment "wrong-comment" Error "a comment that begins with something else than `#`"
    TrailingMark "trailing-mark" Error "a comma or semicolon at the end of a line"
    NeedlessColon "needless-colon" Error "a colon behind a word that needs none"
    SingleEquals "single-equals" Error "one equals sign in a condition"
    SeveralOnALine "several-on-a-line" Error "two statements on one line"
    MisplacedLine "misplaced-line" Error "a line that belongs into another block"
    MissingColon "missing-colon" Error "a label without its colon"
    DetachedLine "detached-line" Error "a line of a transcript that belongs to one above it, which is not there"
    EmptyText "empty-text" Error "a line of a transcript with nothing behind its word"
    WrongRow "wrong-row" Error "a row with more or fewer values than its table has columns"
    KeptForLater "kept-for-later" Error "a word that is kept for a later version"
    // What a bot must have, and what may stand where.
    MissingBot "missing-bot" Error "a folder without a `bot` block"
    MissingEntry "missing-entry" Error "a bot that does not say where it begins"
    DuplicateName "duplicate-name" Error "two things of one kind with the same name"
    DuplicateLabel "duplicate-label" Error "two steps with the same name in one dialog"
    DuplicateSetting "duplicate-setting" Error "a setting given twice"
    DuplicateChoice "duplicate-choice" Error "two choices with the same label"
    ReservedName "reserved-name" Error "a name that already means something else"
    EmptyBlock "empty-block" Error "a block with nothing in it"
    MisplacedUserSays "misplaced-user-says" Error "a second `user says`, or one that is not the first step"
    StarterNotAllowed "starter-not-allowed" Error "`user says` in a dialog that starts by itself"
    QuestionNotAllowed "question-not-allowed" Error "a question where nobody can answer it yet"
    NotAQuestion "not-a-question" Error "something else than `ask` inside `collect`"
    MisplacedAction "misplaced-action" Error "a next action that has no meaning here"
    MisplacedRule "misplaced-rule" Error "a rule that can never apply in this kind of step"
    MissingField "missing-field" Error "something that lacks a line it needs"
    UnknownField "unknown-field" Error "a field that its block does not have"
    UnknownSetting "unknown-setting" Error "a setting that bots do not have"
    UnknownKind "unknown-kind" Error "a kind of integration that does not exist"
    UnknownEvent "unknown-event" Error "an event that does not exist"
    WrongValue "wrong-value" Error "a value that is not what this place takes"
    WrongType "wrong-type" Error "a value of another type than the variable"
    // Names that lead nowhere.
    UnknownDialog "unknown-dialog" Error "a dialog that does not exist"
    UnknownLabel "unknown-label" Error "a step that does not exist"
    UnknownIntegration "unknown-integration" Error "an integration that does not exist"
    UnknownVariable "unknown-variable" Error "a variable that nobody declared"
    UnknownFilter "unknown-filter" Error "a filter that does not exist"
    UnknownTest "unknown-test" Error "a test that does not exist"
    UnknownOpening "unknown-opening" Error "an opening that does not exist"
    BotiumNotSupported "botium-not-supported" Error "a hook of Botium that Parlor does not have"
    UnknownPhrases "unknown-phrases" Error "a list of phrases that does not exist"
    UnknownIntent "unknown-intent" Error "an intent that does not exist"
    UnknownType "unknown-type" Error "a type that does not exist"
    UnknownHours "unknown-hours" Error "opening hours that do not exist"
    UnknownSkill "unknown-skill" Error "a skill that the account does not have"
    UnknownValue "unknown-value" Error "a value that `env.yaml` does not name"
    UnreadableEnv "unreadable-env" Error "an `env.yaml` that cannot be used"
    // What the file of an account says.
    UnreadableYaml "unreadable-yaml" Error "YAML that cannot be read"
    UnknownName "unknown-name" Error "a name in an account that nothing has"
    SharedUser "shared-user" Error "a bot user that two connectors log in as"
    FallbackLoop "fallback-loop" Error "skills that fall back to each other in a circle"
    SecretInAccount "secret-in-account" Error "a secret written into the file of an account"
    SecondSkill "second-skill" Warning "a bot user with a second skill"
    LoneConnector "lone-connector" Warning "the only connector of a skill in Production"
    // What does not work as written.
    UnusablePattern "unusable-pattern" Error "a pattern that cannot be read"
    UnusableRegex "unusable-regex" Error "a regex that cannot be used"
    UnusableExpression "unusable-expression" Error "a condition or template that cannot be read"
    UnusableHours "unusable-hours" Error "opening hours that cannot be read"
    UnusableJson "unusable-json" Error "a card that is not JSON"
    TemplateInMatcher "template-in-matcher" Error "a template where only fixed text can be compared"
    EndlessJump "endless-jump" Error "jumps in a circle without a question"
    SecretInSpeech "secret-in-speech" Error "a secret outside of an integration"
    CommandAsSpeech "command-as-speech" Error "a command of another platform, said to the visitor"
    // What works, but hardly as meant.
    UnreachableDialog "unreachable-dialog" Warning "a dialog that nothing leads to"
    UnreachableStep "unreachable-step" Warning "a step that nothing leads to"
    UnreachableRule "unreachable-rule" Warning "a rule behind one that takes everything"
    NeverWins "never-wins" Warning "a starter that can never win"
    SampleWonElsewhere "sample-won-elsewhere" Warning "a dialog's own sample that starts another dialog"
    SamePatternTwice "same-pattern-twice" Warning "the same starter twice"
    NeverFits "never-fits" Warning "a starter or rule that no message fits"
    FiresInsideWords "fires-inside-words" Warning "a short alternative that fires inside longer words"
    FitsAnything "fits-anything" Warning "a pattern that fits whatever is said"
    OnlySamples "only-samples" Warning "a starter that fits its samples and nothing else"
    NoWayOut "no-way-out" Warning "a question that some answers can never leave"
    CallWithoutFailure "call-without-failure" Warning "a call without a rule for failure"
    UnstaffedSkill "unstaffed-skill" Warning "a skill that nobody has"
    TooLong "too-long" Warning "a text longer than a channel shows"
    TooManyChoices "too-many-choices" Warning "more choices than a channel shows"
    NeverSet "never-set" Warning "a variable that is read but never set"
    NeverRead "never-read" Warning "a variable that is set but never read"
    UnusedName "unused-name" Warning "something declared and never used"
    PersonalDataInLog "personal-data-in-log" Warning "personal data written to a log"
    PlainHttp "plain-http" Warning "an address without encryption"
    NoFallback "no-fallback" Warning "a bot without a fallback dialog"
    NoWayToHuman "no-way-to-human" Warning "a bot that never hands over to a person"
    IntentWithoutModel "intent-without-model" Warning "an intent, though no model is there to recognise it"
}

impl Slug {
    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Slug> {
        Slug::ALL.iter().copied().find(|slug| slug.as_str() == name)
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

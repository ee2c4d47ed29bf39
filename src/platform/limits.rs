//! Every limit and every time of the platform, with its unit. A refusal that comes of one prints its value.

use crate::conversation::Span;

/// Bytes of one message, as JSON.
pub const CONTENT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of what is known of a conversation's beginning: campaign, page, visitor.
pub const CONTEXT_BYTES_MAX: usize = 8 * 1024;
/// Bytes of all that a bot says in one turn.
pub const BOT_SAYS_BYTES_MAX: usize = 24 * 1024;
/// Commands of clients that a conversation remembers, so that the same one sent again gets the same answer.
pub const COMMANDS_KEPT: usize = 64;
/// Commands that a bot's deployments remember, for the same reason.
pub const RELEASES_KEPT: usize = 16;
/// Bytes of a line of the audit log.
pub const AUDIT_LINE_BYTES_MAX: usize = 1_024;
/// Commands that may wait for one conversation.
pub const COMMANDS_WAITING_MAX: usize = 256;
/// People and bots in one conversation at once.
pub const PARTICIPANTS_MAX: usize = 32;
/// Messages that one receipt may name.
pub const RECEIPT_MESSAGES_MAX: usize = 256;
/// Messages of the visitor that wait for a bot; beyond that the oldest are joined.
pub const UNHEARD_MAX: usize = 64;
/// Bytes of the messages of the visitor that wait for a bot.
pub const UNHEARD_BYTES_MAX: usize = 4 * 1024;
/// Agents that let a conversation's ring pass, as far as it is remembered.
pub const DECLINED_MAX: usize = 64;
/// Turns of a bot within one turn of a conversation.
pub const BOT_TURNS_MAX: u32 = 32;
/// Bots with the role Manager in one conversation.
pub const BESIDE_MAX: usize = 2;
/// Turns of such a bot within one turn of a conversation.
pub const BESIDE_TURNS_MAX: u32 = 8;
/// Bytes of the state of such a bot: it stands in the image of the conversation, beside that of the bot that has it.
pub const BESIDE_STATE_BYTES_MAX: usize = 4 * 1024;
/// Bytes that such bots leave free in the record and the image of a turn.
pub const BESIDE_SPARE_BYTES: usize = 2 * 1024;
/// Bots that may have a conversation one after another before its visitor says something again.
pub const BOT_PASSES_MAX: u32 = 10;
/// Effects of a conversation that have not come back.
pub const EFFECTS_OPEN_MAX: usize = 64;
/// Effects that a visitor's record remembers, so that one done twice counts once.
pub const EFFECTS_KEPT: usize = 64;
/// Variables kept for one visitor.
pub const REMEMBERED_MAX: usize = 256;
/// Bytes of all that is kept for one visitor.
pub const REMEMBERED_BYTES_MAX: usize = 8 * 1024;
/// Conversations that stand decoded in memory; the others are read when something happens to them.
pub const RESIDENT_MAX: usize = 4_096;
/// Visitors that stand decoded in memory.
pub const VISITORS_RESIDENT_MAX: usize = 1_024;

/// Bytes that must be free on the disk for a new conversation to begin.
pub const FREE_SPACE_MIN: u64 = 256 * 1024 * 1024;

/// Open conversations of a connector beyond which each new one is handed over at once.
pub const CONNECTOR_OPEN_MAX: usize = 999;
/// Open conversations of a connector beyond which the dashboard warns.
pub const CONNECTOR_OPEN_ADVISED: usize = 50;
/// Open conversations of a bot beyond which the dashboard warns.
pub const BOT_OPEN_ADVISED: usize = 250;
/// Connectors that a skill in Production should have.
pub const CONNECTORS_ADVISED: usize = 2;

/// Milliseconds without a sign of life after which a connector loses its conversations.
pub const CONNECTOR_SILENT_MS: u64 = 15_000;
/// Milliseconds without a sign of life after which a person is offline.
pub const PERSON_SILENT_MS: u64 = 60_000;
/// Milliseconds between two attempts to bring a connector back from a service interruption.
pub const RESTART_MS: u64 = 60_000;
/// Milliseconds between two probes of a vendor that does not answer.
pub const PROBE_MS: u64 = 10_000;
/// Milliseconds without the client of a chat after which its visitor has left.
pub const VISITOR_GONE_MS: u64 = 40_000;
/// Milliseconds for which a chat rings.
pub const CHAT_RING_MS: u64 = 20_000;
/// Milliseconds for which a conversation of messaging rings.
pub const MESSAGING_RING_MS: u64 = 72_000;
/// Milliseconds after which those who let a ring pass are asked again, where nobody else is there.
pub const RING_AGAIN_MS: u64 = 15_000;
/// Milliseconds after which a call that nothing was heard of has failed.
pub const EFFECT_PATIENCE_MS: u64 = 180_000;
/// Milliseconds during which what a visitor says between two messages of the bot is not answered.
pub const BLOCKED_MS: u64 = 15_000;
/// Milliseconds after which a conversation without a word is closed, where its skill does not say: a week.
pub const IDLE_MS: u64 = 7 * 24 * 3_600_000;
/// Milliseconds after which a survey without a word is over: a day.
pub const SURVEY_IDLE_MS: u64 = 24 * 3_600_000;
/// Days for which closed conversations are kept, where the account does not say.
pub const RETENTION_DAYS: u32 = 390;
/// Milliseconds after which something that was due and could not be done is tried again.
pub const AGAIN_MS: u64 = 1_000;

/// Bytes of an account file: 4 MiB, room for some ten thousand users.
pub const ACCOUNT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Levels of an account file, one inside of the other.
pub const ACCOUNT_DEPTH_MAX: usize = 16;
/// Findings of an account file; what is behind them is seen when they are mended.
pub const ACCOUNT_FINDINGS_MAX: usize = 200;
/// Bytes of a name in an account file, as YAML limits it too.
pub const YAML_NAME_BYTES_MAX: usize = 1_000;
/// Letters of a text in an account.
pub const ACCOUNT_TEXT_LETTERS_MAX: usize = 2_000;
/// Conversations of one kind that a user may have at once.
pub const SLOTS_MAX: u32 = CONNECTOR_OPEN_MAX as u32;
/// How soon an answer may be due.
pub const DUE_MIN: Span = Span(1_000);
/// How late an answer may be due.
pub const DUE_MAX: Span = Span(7 * 24 * 3_600_000);
/// The shortest time without a word after which a skill closes its conversations.
pub const IDLE_MIN: Span = Span(60_000);
/// The longest one.
pub const IDLE_MAX: Span = Span(365 * 24 * 3_600_000);
/// The shortest time that a connector can wait for somebody.
pub const PATIENCE_MIN: Span = Span(1_000);
/// The longest one.
pub const PATIENCE_MAX: Span = Span(24 * 3_600_000);
/// The longest time within which messages are joined.
pub const JOIN_MAX: Span = Span(60_000);
/// The shortest time after which a message is too old to be answered.
pub const TOO_OLD_MIN: Span = Span(60_000);
/// The longest one.
pub const TOO_OLD_MAX: Span = Span(7 * 24 * 3_600_000);
/// The longest time a connector waits before it accepts a conversation.
pub const RING_ACCEPT_MAX: Span = Span(10_000);
/// How often a message that is not answered is sent again at most.
pub const RESENDS_MAX: u32 = 10;
/// How often a bot is told at most that nobody accepted a conversation.
pub const ESCALATIONS_MAX: u32 = 10;
/// Days for which closed conversations are kept at most: ten years.
pub const RETENTION_DAYS_MAX: u32 = 3_650;
/// Bytes of a regex in `filterPatterns`.
pub const FILTER_BYTES_MAX: usize = 64 * 1024;

//! How a connector behaves: the settings of Conversation Builder's table, under their names and with their defaults.

use serde::{Deserialize, Serialize};

use crate::conversation::{SkillId, Span};
use crate::platform::limits::{
    ESCALATIONS_MAX, JOIN_MAX, PATIENCE_MAX, PATIENCE_MIN, RESENDS_MAX, RING_ACCEPT_MAX, TOO_OLD_MAX,
    TOO_OLD_MIN,
};

use super::block::{Block, Form};
use super::value::words;

/// Whether a conversation whose bot does not answer goes to a skill, and to which one.
const ESCALATES: &str = "escalateOnStuckConversation";
const ESCALATION_SKILL: &str = "escalationSkillIdOnStuckConversation";
/// What the visitor is told when the bot does not answer, where nothing else is written.
const STUCK_MESSAGE: &str = "Something went wrong on my side. Please say that again.";

/// How a connector behaves: times and sentences, each with its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// How long the visitor may be silent before the bot speaks first, in messaging; nothing: it never does.
    pub greet_after: Option<Span>,
    /// What the bot is told then, as if the visitor had said it.
    pub greeting: String,
    /// What the bot is told when the visitor has logged in meanwhile.
    pub step_up: String,
    /// Whether the bot is told what stands on a button, not what stands behind it.
    pub button_text: bool,
    /// Messages that arrive within this time are heard as one, in messaging.
    pub join: Span,
    /// A message that has waited longer than this for the bot is not answered any more.
    pub too_old: Span,
    /// After how long a message that a bot of somebody else has not answered is sent to it again.
    pub resend_after: Span,
    /// How often it is sent again.
    pub resends: u32,
    /// What the visitor is told when the bot does not answer at all; nothing: nothing is said.
    pub stuck_message: Option<String>,
    /// Where the conversation goes then.
    pub stuck_skill: Option<SkillId>,
    /// What the visitor is told then.
    pub stuck_transfer_message: String,
    /// How long somebody may take to accept a conversation that the bot hands over.
    pub accept_within: Span,
    /// How often the bot is told that nobody accepted it.
    pub escalation_retries: u32,
    /// How long a connector waits before it accepts a conversation.
    pub ring_accept_wait: Span,
    /// What the visitor is told when the bot cannot keep a conversation.
    pub transfer_message: String,
    /// Whether a bot that gets a conversation begins with the visitor's last message, whatever was said since.
    pub skip_agent_message: bool,
    /// What is told to the visitor of a message once the bot has it.
    pub receipt: ReceiptOf,
    /// How choices are laid out.
    pub tiles: Tiles,
    /// Regexes of messages that a bot with the role Manager hears; none: all.
    pub filter: Vec<String>,
    /// Whether a bot with the role Manager gives no receipts.
    pub no_receipts: bool,
    /// Whether a bot with the role Manager is not told of single messages.
    pub no_messages: bool,
    /// Whether a bot with the role Manager hears nothing of surveys.
    pub main_dialog_only: bool,
}

/// What is told to the visitor of a message once the bot has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptOf {
    /// That it was read.
    #[default]
    Read,
    /// That it was sent.
    Sent,
}

/// How choices are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tiles {
    /// One below the other.
    #[default]
    Vertical,
    /// Side by side.
    Horizontal,
}

words! { ReceiptOf, "a receipt":
    Read "READ"
    Sent "SENT"
}

words! { Tiles, "a layout":
    Vertical "vertical"
    Horizontal "horizontal"
}

/// How long a visitor may be silent where nothing else is written.
const GREET_AFTER: Span = Span(3_000);

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            greet_after: Some(GREET_AFTER),
            greeting: "hi".to_string(),
            step_up: "_STEPUP_".to_string(),
            button_text: false,
            join: Span(300),
            too_old: Span(30 * 60_000),
            resend_after: Span(60_000),
            resends: 1,
            stuck_message: None,
            stuck_skill: None,
            stuck_transfer_message: "I'll connect you with somebody who can help.".to_string(),
            accept_within: Span(180_000),
            escalation_retries: 3,
            ring_accept_wait: Span(100),
            transfer_message: "One moment, I'll connect you with somebody who can help.".to_string(),
            skip_agent_message: false,
            receipt: ReceiptOf::Read,
            tiles: Tiles::Vertical,
            filter: Vec::new(),
            no_receipts: true,
            no_messages: false,
            main_dialog_only: false,
        }
    }
}

impl Block for Manners {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.field("acceptStatusEventValue", &mut self.receipt);
        form.field("defaultGreetingMessage", &mut self.greeting);
        // A switch and what it switches: two lines in the table, one value here.
        let mut silent = self.greet_after.is_none();
        let mut after = self.greet_after.unwrap_or(GREET_AFTER);
        form.field("disableGreetings", &mut silent);
        form.within("greetAfter", &mut after, PATIENCE_MIN..=PATIENCE_MAX);
        if silent {
            form.only_one("disableGreetings", "greetAfter");
        }
        self.greet_after = (!silent).then_some(after);
        form.field("defaultStepupMessage", &mut self.step_up);
        form.field("enableButtonTextOnPostback", &mut self.button_text);
        form.within("messageDelay", &mut self.join, Span(0)..=JOIN_MAX);
        form.within("maxConsumerMessageDelay", &mut self.too_old, TOO_OLD_MIN..=TOO_OLD_MAX);
        form.within("retryMessageInterval", &mut self.resend_after, PATIENCE_MIN..=PATIENCE_MAX);
        form.within("messageResendMaxRetries", &mut self.resends, 0..=RESENDS_MAX);
        let mut asks = self.stuck_message.is_some();
        let mut message = self.stuck_message.take().unwrap_or_else(|| STUCK_MESSAGE.to_string());
        form.field("userRetryOnStuckConversation", &mut asks);
        form.field("userNotificationMessageOnStuckConversation", &mut message);
        if !asks {
            form.goes_with(
                "userNotificationMessageOnStuckConversation",
                "userRetryOnStuckConversation",
                "true",
            );
        }
        self.stuck_message = asks.then_some(message);
        let mut escalates = self.stuck_skill.is_some();
        form.field(ESCALATES, &mut escalates);
        form.field(ESCALATION_SKILL, &mut self.stuck_skill);
        match (escalates, &self.stuck_skill) {
            (true, None) => form.goes_with(ESCALATES, ESCALATION_SKILL, "…"),
            (false, Some(_)) => form.goes_with(ESCALATION_SKILL, ESCALATES, "true"),
            _ => {}
        }
        form.field("escalationMessageOnStuckConversation", &mut self.stuck_transfer_message);
        form.within("fallbackEscalationTime", &mut self.accept_within, PATIENCE_MIN..=PATIENCE_MAX);
        form.within("maxEscalationRetries", &mut self.escalation_retries, 0..=ESCALATIONS_MAX);
        form.within("ringAcceptWait", &mut self.ring_accept_wait, Span(0)..=RING_ACCEPT_MAX);
        form.field("skipAgentMessage", &mut self.skip_agent_message);
        form.field("tileDisplay", &mut self.tiles);
        form.field("filterPatterns", &mut self.filter);
        form.field("ignoreAcceptStatusEvent", &mut self.no_receipts);
        form.field("ignoreSubscribeMessagingEvents", &mut self.no_messages);
        form.field("subscribeToMainDialogOnly", &mut self.main_dialog_only);
    }
}

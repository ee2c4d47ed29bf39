//! A conversation ends: by whoever may end it, because nobody says anything, or because the visitor has left. A survey
//! may follow.

use crate::conversation::{Author, Channel, ConnectorId, Happening};
use crate::platform::account::{Connector, Mind};
use crate::platform::fact::{Answer, CloseReason, Fact, RingEnd};
use crate::platform::refusal::{Code, Refusal};
use crate::platform::take_turn::Turn;

impl<'w> Turn<'w> {
    pub(in crate::platform) fn asked_to_close(
        &mut self,
        author: Author,
        survey: bool,
    ) -> Result<Answer, Refusal> {
        if self.conversation.is_over() {
            return Ok(Answer::Done); // that is what they wanted
        }
        self.part_of(&author)?;
        let reason = match &author {
            Author::Visitor => CloseReason::Visitor,
            Author::User(user) => {
                let holds = self.conversation.seat().is_some_and(|seat| seat.user == *user);
                if !holds && !self.is_manager(user) {
                    let sentence = format!("{user} does not have the conversation");
                    return Err(Refusal::of(Code::NotAllowed, "conversation", sentence));
                }
                CloseReason::Agent
            }
            Author::House => CloseReason::House,
        };
        self.close(author, reason, survey);
        Ok(Answer::Done)
    }

    /// The dialog that runs is over; with the last one the conversation is.
    pub(in crate::platform) fn close(&mut self, by: Author, reason: CloseReason, survey: bool) {
        let dialog = self.conversation.dialog();
        let surveyor = self.surveyor().filter(|_| survey);
        if let Some(ring) = self.conversation.queue().and_then(|queue| queue.ring.as_ref()) {
            self.end_ring(ring.number, RingEnd::Withdrawn);
        }
        self.happens(Fact::DialogClosed { dialog, by: by.clone() });
        match surveyor {
            Some((id, connector)) => self.ask_how_it_was(id, connector),
            None => self.happens(Fact::Closed { by, reason }),
        }
    }

    /// The bot that asks how it was, if there is one that can.
    fn surveyor(&self) -> Option<(&'w ConnectorId, &'w Connector)> {
        let conversation = &self.conversation;
        if conversation.channel == Channel::Chat || conversation.in_survey() {
            return None;
        }
        let id = self.skill()?.survey.as_ref()?;
        let (id, connector) = self.world.account.connectors.get_key_value(id)?;
        let (version, _) = self.world.version(connector)?;
        let there = self.world.floor.can_take(&connector.user, conversation.channel, true);
        (there && self.world.minds.session(&version).is_some()).then_some((id, connector))
    }

    fn ask_how_it_was(&mut self, id: &ConnectorId, connector: &Connector) {
        let (Mind::Ours(bot), Some((version, moves))) = (&connector.mind, self.world.version(connector))
        else {
            return;
        };
        self.happens(Fact::DialogOpened);
        let (user, own) = (connector.user.clone(), Some(id.clone()));
        self.happens(Fact::Seated { user, connector: own, greet_at: None });
        let (bot, environment) = (bot.clone(), connector.deploy_to);
        self.happens(Fact::Pinned { bot, version, environment, moves, anew: true });
        self.knows();
        self.hear(Happening::Began);
    }

    /// Nobody has said anything for too long. No survey: nobody is there to answer it.
    pub(in crate::platform) fn idle_close(&mut self) {
        self.close(Author::House, CloseReason::Idle, false);
    }

    /// The visitor of a chat is gone.
    pub(in crate::platform) fn visitor_left(&mut self) {
        if self.conversation.channel == Channel::Chat && !self.conversation.is_over() {
            self.close(Author::House, CloseReason::VisitorLeft, false);
        }
    }
}

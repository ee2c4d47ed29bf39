//! What is asked of the store, and what it answers.

use super::*;

impl Platform {
    pub(super) fn append(&mut self, subject: Subject, append: Append) {
        let ticket = self.ticket(subject);
        self.out.push(Output::Append { ticket, append });
    }

    pub(super) fn read(&mut self, subject: Subject) {
        let key = self.key_of(&subject);
        let ticket = self.ticket(subject);
        self.out.push(Output::Read { ticket, key });
    }

    pub(super) fn ticket(&mut self, subject: Subject) -> Ticket {
        self.last_ticket += 1;
        self.tickets.insert(Ticket(self.last_ticket), subject);
        Ticket(self.last_ticket)
    }

    pub(super) fn key(&self, kind: &str, name: &str) -> Key {
        Key::of(&[kind, &self.account.name, name])
    }

    pub(super) fn key_of(&self, subject: &Subject) -> Key {
        match subject {
            Subject::Conversation(id) => self.key("conversation", &id.to_string()),
            Subject::User(id) => self.key(user::Presence::KIND, id.as_str()),
            Subject::Visitor(id) => self.key(Visitor::KIND, id.as_str()),
            Subject::Switch(id) => self.key(Switch::KIND, id.as_str()),
            Subject::Bot(id) => self.key(Deployed::KIND, id.as_str()),
            Subject::Audit => Key::of(&[Audit::KIND, &self.account.name]),
            Subject::Setup => Key::of(&[Setup::KIND, &self.account.name]),
        }
    }

    pub(super) fn stored(&mut self, ticket: Ticket, outcome: store::Outcome) {
        let Some(subject) = self.tickets.remove(&ticket) else { return };
        match &subject {
            Subject::Conversation(id) => {
                let settled = self.conversations.stored(id, outcome);
                self.settle_conversation(*id, settled);
            }
            Subject::User(id) => {
                let settled = self.users.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Visitor(id) => {
                let settled = self.visitors.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Switch(id) => {
                let settled = self.switches.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Bot(id) => {
                let settled = self.bots.stored(id, outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Audit => {
                let settled = self.audit.stored(&(), outcome);
                self.settle_small(&subject, settled);
            }
            Subject::Setup => {
                let settled = self.setup.stored(&(), outcome);
                self.settle_small(&subject, settled);
            }
        }
        self.work.push_back(subject);
    }

    pub(super) fn was_read(&mut self, ticket: Ticket, kept: Option<Kept>) {
        let Some(subject) = self.tickets.remove(&ticket) else { return };
        match &subject {
            Subject::Conversation(id) => match self.conversations.read(id, kept) {
                Ok(settled) => {
                    if matches!(settled, Settled::Undone | Settled::Nothing) {
                        match self.conversations.image(id).cloned() {
                            Some(image) => {
                                self.floor.note(&image, false);
                                self.schedule(*id, Some(&image));
                            }
                            None => self.floor.forget(*id),
                        }
                    }
                    self.settle_conversation(*id, settled);
                }
                Err(why) => {
                    self.floor.forget(*id);
                    let asks = self.conversations.give_up(id);
                    asks.into_iter().for_each(|asked| self.answer(asked.reply, Err(unreadable(&why))));
                }
            },
            Subject::User(id) => self.small_read(&subject, id, kept, |platform| &mut platform.users),
            Subject::Visitor(id) => self.small_read(&subject, id, kept, |platform| &mut platform.visitors),
            Subject::Switch(id) => self.small_read(&subject, id, kept, |platform| &mut platform.switches),
            Subject::Bot(id) => self.small_read(&subject, id, kept, |platform| &mut platform.bots),
            Subject::Audit => self.small_read(&subject, &(), kept, |platform| &mut platform.audit),
            Subject::Setup => self.small_read(&subject, &(), kept, |platform| &mut platform.setup),
        }
        self.work.push_back(subject);
    }

    pub(super) fn small_read<T: Small>(
        &mut self,
        subject: &Subject,
        id: &T::Id,
        kept: Option<Kept>,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
    ) {
        match ledger(self).read(id, kept) {
            Ok(settled) => self.settle_small(subject, settled),
            Err(why) => {
                let wishes = ledger(self).give_up(id);
                wishes.into_iter().for_each(|wish| self.answer(wish.reply, Err(unreadable(&why))));
            }
        }
    }
}

fn unreadable(why: &str) -> Refusal {
    Refusal::of(Code::NoStore, "", format!("what is kept of it cannot be read: {why}"))
}

//! Whatever can be decided now is decided, and what waits is given to whoever is free.

use super::*;

impl Platform {
    /// Everything that can be decided now is, and what waits is given to whoever is free.
    pub(super) fn work(&mut self) {
        loop {
            while let Some(subject) = self.work.pop_front() {
                self.look_at(&subject);
            }
            let Some(decision) = self.floor.route() else { break };
            // Nothing else is decided about it until this is.
            self.floor.offer(&decision);
            self.tell(decision.conversation, What::Offered(decision.user));
        }
    }

    pub(super) fn look_at(&mut self, subject: &Subject) {
        match subject {
            Subject::Conversation(id) => self.look_at_conversation(*id),
            Subject::User(id) => self.look_at_small(subject, id, |platform| &mut platform.users),
            Subject::Visitor(id) => self.look_at_small(subject, id, |platform| &mut platform.visitors),
            Subject::Switch(id) => self.look_at_small(subject, id, |platform| &mut platform.switches),
            Subject::Bot(id) => self.look_at_small(subject, id, |platform| &mut platform.bots),
            Subject::Audit => self.look_at_small(subject, &(), |platform| &mut platform.audit),
            Subject::Setup => self.look_at_small(subject, &(), |platform| &mut platform.setup),
        }
    }

    pub(super) fn look_at_conversation(&mut self, id: ConversationId) {
        loop {
            match self.conversations.next(&id) {
                Next::Nothing => return,
                Next::Read => return self.read(Subject::Conversation(id)),
                Next::Decide(asked, image, version) => {
                    if self.decide(id, asked, image, version) {
                        return;
                    }
                }
            }
        }
    }

    /// A command that is not refused shows that its visitor is there, and may show others what somebody does.
    pub(super) fn notice(&mut self, conversation: &Conversation, what: &What) {
        let What::Asked { from, ask, .. } = what else { return };
        if matches!(from, Caller::Visitor(_))
            && conversation.channel == Channel::Chat
            && !conversation.is_over()
        {
            self.hear_of_visitor(conversation.id);
        }
        if let Ask::In(conversation, Talk::Do(doing)) = ask {
            self.out.push(Output::Doing { conversation: *conversation, by: from.author(), doing: *doing });
        }
    }

    /// Decides one turn. True, if it is on its way to the store.
    pub(super) fn decide(
        &mut self,
        id: ConversationId,
        asked: Asked,
        image: Option<Arc<Conversation>>,
        version: store::Version,
    ) -> bool {
        let taken = take_turn(image.as_deref(), id, &asked.what, &self.world(), self.now);
        let taken = taken.and_then(|taken| {
            let entry = written(&mut self.scratch, &taken.record);
            let bytes = written(&mut self.scratch, &taken.conversation);
            fits(entry.len(), store::ENTRY_BYTES_MAX, "")?;
            fits(bytes.len(), store::IMAGE_BYTES_MAX, "")?;
            Ok((taken, entry, bytes))
        });
        // What comes to nothing appends nothing. If a turn that was given up is still on its way, it would find the version
        // it expects, and what is refused now would be done after all: so something is appended first.
        let nothing = taken.as_ref().map_or(true, |(taken, ..)| taken.record.facts.is_empty());
        if nothing && asked.what != What::Fence && image.is_some() && self.conversations.may_be_late(&id) {
            self.conversations.ask_first(&id, asked);
            self.conversations.ask_first(&id, Asked { what: What::Fence, reply: None });
            return false;
        }
        match taken {
            Err(refusal) => {
                match &image {
                    Some(image) => self.floor.note(image, false),
                    None => self.floor.forget(id), // there is no such conversation
                }
                let too_large = refusal.code == Code::TooLarge && refusal.field.is_empty();
                self.answer(asked.reply, Err(refusal));
                self.schedule(id, image.as_deref());
                if too_large && asked.what != What::TooLarge {
                    self.tell(id, What::TooLarge);
                }
                false
            }
            Ok((taken, ..)) if taken.record.facts.is_empty() && asked.what != What::Fence => {
                self.notice(&taken.conversation, &asked.what);
                self.answer(asked.reply, Ok(taken.answer));
                if let Some(image) = image {
                    self.floor.note(&image, false);
                    self.schedule(id, Some(&image));
                    if asked.what == What::TakenUp {
                        self.take_up(&image, u64::MAX);
                    }
                }
                false
            }
            Ok((taken, entry, bytes)) => {
                self.floor.note(&taken.conversation, true);
                self.notice(&taken.conversation, &asked.what);
                // One that is over is looked at again after a crash as long as the house has something to do for it.
                let live = !taken.conversation.is_over() || !taken.conversation.effects.is_empty();
                let key = self.key("conversation", &id.to_string());
                let append = Append { key, expected: version, entry, image: bytes, live };
                let turned = Turned { record: Arc::new(taken.record), answer: taken.answer };
                let pending = Pending { image: Arc::new(taken.conversation), ask: asked, turned };
                self.conversations.keep(&id, pending);
                self.append(Subject::Conversation(id), append);
                true
            }
        }
    }

    pub(super) fn look_at_small<T: Small>(
        &mut self,
        subject: &Subject,
        id: &T::Id,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
    ) {
        loop {
            match ledger(self).next(id) {
                Next::Nothing => return,
                Next::Read => return self.read(subject.clone()),
                Next::Decide(wish, image, version) => {
                    let before = image.as_deref().cloned().unwrap_or_default();
                    match before.decide(&wish.ask, self.now) {
                        Err(refusal) => {
                            if let Then::Done(conversation, effect) = wish.then {
                                self.tell(conversation, What::Done(effect)); // it cannot be done: it is not tried again
                            }
                            self.answer(wish.reply, Err(refusal));
                        }
                        Ok(change) if change.entry.is_empty() => {
                            self.small_done(subject, wish, change.answer)
                        }
                        Ok(mut change) => {
                            let stamp = change.image.stamp();
                            *stamp = Stamp { turn: stamp.turn + 1, writer: self.writer };
                            let image = serde_json::to_vec(&change.image).unwrap_or_default();
                            let (key, live) = (self.key_of(subject), T::LIVE);
                            let entry = change.entry.into_bytes();
                            let append = Append { key, expected: version, entry, image, live };
                            let (image, turned) = (Arc::new(change.image), change.answer);
                            ledger(self).keep(id, Pending { image, ask: wish, turned });
                            return self.append(subject.clone(), append);
                        }
                    }
                }
            }
        }
    }
}

/// As JSON, in a piece of memory of the very size.
fn written(scratch: &mut Vec<u8>, value: &impl serde::Serialize) -> Vec<u8> {
    scratch.clear();
    match serde_json::to_writer(&mut *scratch, value) {
        Ok(()) => scratch.as_slice().to_vec(),
        Err(_) => Vec::new(),
    }
}

//! Commit, then act: what follows once a turn is durable.

use super::*;

impl Platform {
    /// A conversation's turn is durable, or not, or nobody knows.
    pub(super) fn settle_conversation(
        &mut self,
        id: ConversationId,
        settled: Settled<Conversation, Asked, Turned>,
    ) {
        match settled {
            Settled::Nothing => {}
            Settled::Read => self.read(Subject::Conversation(id)),
            Settled::Undone => self.floor.set_busy(id, false),
            Settled::Kept(Pending { image, ask, turned }) => {
                self.answer(ask.reply, Ok(turned.answer));
                self.happened(image.clone(), turned.record);
                if ask.what == What::TakenUp {
                    self.take_up(&image, image.turn); // what this very turn opened is being done already
                }
            }
            Settled::Late(image, turned) => self.happened(image, turned.record),
        }
    }

    /// A turn is durable: what follows from it leaves the house.
    pub(super) fn happened(&mut self, image: Arc<Conversation>, record: Arc<Record>) {
        self.floor.note(&image, false);
        self.schedule(image.id, Some(&image));
        self.out.push(Output::Happened { record: record.clone(), conversation: image.clone() });
        let holder = image.seat().and_then(|seat| self.login(&seat.user));
        self.out.extend(act(&record, &image, holder.as_ref()));
        self.follow(&record, &image);
        if image.is_over() {
            self.conversations.drop(&image.id);
        }
    }

    /// What follows a durable turn inside the house. All of it can be seen from the record and the image, so that it is
    /// taken up again after a crash.
    pub(super) fn follow(&mut self, record: &Record, image: &Conversation) {
        let seated = record.facts.iter().any(|fact| matches!(fact, Fact::Seated { .. }));
        for fact in &record.facts {
            match fact {
                Fact::Opened(open) if !seated => self.see_to(image, open.id),
                Fact::RingEnded { how: RingEnd::Expired, .. } if image.channel == Channel::Chat => {
                    // Who let a chat ring until it stopped is away.
                    if let Some(user) = image.queue().and_then(|queue| queue.declined.last()) {
                        let _ = self.come(user.clone(), Comes::LetRing, None);
                    }
                }
                _ => {}
            }
        }
        if seated {
            let open: Vec<EffectId> = image.effects.iter().map(|open| open.id).collect();
            open.into_iter().for_each(|id| self.see_to(image, id));
        }
        self.stop_what_has_drained();
    }

    /// What may be tried only once is written down before it is; what the house does itself is done.
    pub(super) fn see_to(&mut self, image: &Conversation, id: EffectId) {
        let Some(open) = image.effect(id) else { return };
        match &open.what {
            Errand::Call { .. } if open.once && !open.begun => {
                if image.seat().is_some_and(|seat| self.login(&seat.user).is_some()) {
                    self.tell(image.id, What::Tries(id));
                }
            }
            Errand::Call { .. } => {}
            Errand::Remember { name, value } => {
                let (conversation, name, value) = (image.id, name.clone(), value.clone());
                let ask = Memory::Keep { conversation, effect: id, name, value };
                let wish = Wish { ask, reply: None, line: None, then: Then::Done(conversation, id) };
                let visitor = image.visitor.clone();
                let _ = self.wish(
                    Subject::Visitor(visitor.clone()),
                    |platform| &mut platform.visitors,
                    visitor,
                    wish,
                );
            }
        }
    }

    /// What the house does itself is taken up after a start; the rest is, once its connector is here.
    pub(in crate::platform) fn take_up_at_home(&mut self, image: &Conversation) {
        let own = image.effects.iter().filter(|open| matches!(open.what, Errand::Remember { .. }));
        let own: Vec<EffectId> = own.map(|open| open.id).collect();
        own.into_iter().for_each(|id| self.see_to(image, id));
    }

    /// Whoever has a conversation is here: what is going on outside since before a turn is taken up.
    pub(super) fn take_up(&mut self, image: &Conversation, before: u64) {
        let holder = image.seat().and_then(|seat| self.login(&seat.user));
        let own = |output: &Output| matches!(output, Output::Perform { what, .. } if what.id.turn >= before);
        self.out.extend(act_again(image, holder.as_ref()).into_iter().filter(|output| !own(output)));
        let open = image.effects.iter().map(|open| open.id).filter(|id| id.turn < before);
        let open: Vec<EffectId> = open.collect();
        open.into_iter().for_each(|id| self.see_to(image, id));
    }

    pub(super) fn settle_small<T, A>(&mut self, subject: &Subject, settled: Settled<T, Wish<A>, Answer>) {
        match settled {
            Settled::Nothing => {}
            Settled::Undone | Settled::Late(..) => self.small_changed(subject),
            Settled::Read => self.read(subject.clone()),
            Settled::Kept(pending) => self.small_done(subject, pending.ask, pending.turned),
        }
    }

    /// A small record is another now: what is known of it elsewhere follows.
    pub(super) fn small_changed(&mut self, subject: &Subject) {
        match subject {
            Subject::User(user) => self.user_changed(user),
            Subject::Switch(connector) => {
                let wanted = self.switches.image(connector).map(|switch| switch.wanted).unwrap_or_default();
                self.wanted.insert(connector.clone(), wanted);
                self.connector_changed(connector);
                self.stop_what_has_drained();
            }
            Subject::Bot(bot) => {
                if let Some(deployed) = self.bots.image(bot) {
                    self.deployed.note(bot.clone(), (**deployed).clone());
                }
                let served =
                    self.account.connectors.iter().filter(|(_, own)| own.mind == Mind::Ours(bot.clone()));
                let served: Vec<ConnectorId> = served.map(|(id, _)| id.clone()).collect();
                served.iter().for_each(|id| self.connector_changed(id));
            }
            Subject::Setup => {
                if let Some(account) = self.setup.image(&()).and_then(|setup| setup.account.clone()) {
                    self.set_up(*account);
                }
            }
            Subject::Visitor(_) | Subject::Conversation(_) | Subject::Audit => {}
        }
    }

    /// Something asked of a small record is done and durable.
    pub(super) fn small_done<A>(&mut self, subject: &Subject, wish: Wish<A>, answer: Answer) {
        self.small_changed(subject);
        if let Some((by, did)) = wish.line {
            self.write_down(by, did);
        }
        match wish.then {
            Then::Nothing => self.answer(wish.reply, Ok(answer)),
            Then::Done(conversation, effect) => self.tell(conversation, What::Done(effect)),
            Then::Begin(command) => {
                let reply = wish.reply;
                let command = self.with_what_is_remembered(*command, subject);
                if let Some(conversation) = command.ask.conversation()
                    && let Err(refusal) = self.ask(conversation, command)
                {
                    self.answer(reply, Err(refusal));
                }
            }
        }
    }

    /// What bots remember of a visitor is known in their next conversation.
    pub(super) fn with_what_is_remembered(&self, mut command: Command, subject: &Subject) -> Command {
        let Subject::Visitor(visitor) = subject else { return command };
        let remembered =
            self.visitors.image(visitor).map(|visitor| visitor.remembered.clone()).unwrap_or_default();
        if let Ask::Begin { context, .. } = &mut command.ask {
            let mut map = match context {
                Value::Map(map) => (**map).clone(),
                _ => Default::default(),
            };
            map.remove("remembered"); // only we say what we remember
            if !remembered.is_empty() {
                map.insert("remembered".to_string(), Value::map(remembered));
            }
            *context = if map.is_empty() { Value::Nothing } else { Value::map(map) };
        }
        command
    }
}

//! What can be asked for, by whom, and whose turn it becomes.

use crate::conversation::NAME_BYTES_MAX;

use super::*;

impl Platform {
    pub(super) fn command(&mut self, command: Command) {
        let reply = Reply { to: command.reply_to, command: command.id.clone() };
        if let Err(refusal) = self.take_command(command) {
            self.answer(Some(reply), Err(refusal));
        }
    }

    pub(super) fn take_command(&mut self, command: Command) -> Result<(), Refusal> {
        if !command.id.is_sound() {
            return Err(Refusal::of(
                Code::NotValid,
                "id",
                format!("a command's name is 1 to {NAME_BYTES_MAX} bytes without control characters"),
            ));
        }
        let reply = Some(Reply { to: command.reply_to, command: command.id.clone() });
        if let Caller::User(login) = &command.from {
            self.world().newest(login)?;
            self.alive.insert(Timer::User(login.user.clone()), self.now);
        }
        let operator = match &command.from {
            Caller::Operator(name) => Ok(name.clone()),
            _ => Err(Refusal::of(Code::NotAllowed, "", "only an operator does that")),
        };
        let login = match &command.from {
            Caller::User(login) => Ok(login.clone()),
            _ => Err(Refusal::of(Code::NotAllowed, "", "only a user does that")),
        };
        match &command.ask {
            Ask::Begin { conversation, .. } => {
                if let Caller::Visitor(visitor) = &command.from {
                    let (visitor, then) = (visitor.clone(), Then::Begin(Box::new(command)));
                    let wish = Wish { ask: Memory::Look, reply, line: None, then };
                    return self.wish(
                        Subject::Visitor(visitor.clone()),
                        |platform| &mut platform.visitors,
                        visitor,
                        wish,
                    );
                }
                self.ask(*conversation, command)
            }
            Ask::In(conversation, _) => self.ask(*conversation, command),
            Ask::LogIn(user) => {
                operator?;
                if !self.account.users.contains_key(user) {
                    return Err(Refusal::of(Code::UnknownUser, "user", format!("there is no user `{user}`")));
                }
                let ready = self.account.connector_of(user).is_some();
                self.come(user.clone(), Comes::In { ready }, reply)
            }
            Ask::LogOut => {
                let Login { user, epoch } = login?;
                self.come(user, Comes::Out { epoch }, reply)
            }
            Ask::Be(availability) => {
                let Login { user, epoch } = login?;
                self.come(user, Comes::Is { epoch, availability: *availability }, reply)
            }
            Ask::Alive => {
                login?;
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
            Ask::Report { service, vendor } => {
                let user = login?.user;
                let Some(id) = self.account.connector_of(&user).map(|(id, _)| id.clone()) else {
                    return Err(Refusal::of(
                        Code::UnknownConnector,
                        "",
                        format!("{user} is no connector's user"),
                    ));
                };
                let links = self.links.entry(id.clone()).or_default();
                (links.service, links.vendor) = (*service, *vendor);
                self.connector_changed(&id);
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
            Ask::Start(connector) => self.switch(operator?, connector, Wanted::Started, reply),
            Ask::Stop { connector, now } => {
                let wanted = if *now { Wanted::Stopped } else { Wanted::Draining };
                self.switch(operator?, connector, wanted, reply)
            }
            Ask::Deploy { bot, version, to, move_open } => {
                let operator = operator?;
                if self.minds.session(version).is_none() {
                    let sentence = format!("version {version} is not at hand");
                    return Err(Refusal::of(Code::UnknownVersion, "version", sentence));
                }
                let release = Release::Deploy { version: version.clone(), to: *to, move_open: *move_open };
                self.release(operator, bot, release, reply)
            }
            Ask::RollBack { bot, on, move_open } => {
                self.release(operator?, bot, Release::RollBack { on: *on, move_open: *move_open }, reply)
            }
            Ask::SetUp(account, hash) => {
                let operator = operator?;
                if let Some(fault) = account.faults().into_iter().next() {
                    return Err(Refusal::of(Code::NotValid, "account", fault));
                }
                if account.name != self.account.name {
                    let sentence =
                        format!("this is the account `{}`, not `{}`", self.account.name, account.name);
                    return Err(Refusal::of(Code::NotValid, "account", sentence));
                }
                let line = Some((operator.clone(), format!("set the account up as {hash}")));
                let wish = Wish { ask: (operator, account.clone(), *hash), reply, line, then: Then::Nothing };
                self.wish(Subject::Setup, |platform| &mut platform.setup, (), wish)
            }
            Ask::WriteDown(did) => {
                let operator = operator?;
                fits(did.len(), AUDIT_LINE_BYTES_MAX, "did")?;
                let wish = Wish { ask: (operator, did.clone()), reply, line: None, then: Then::Nothing };
                self.wish(Subject::Audit, |platform| &mut platform.audit, (), wish)
            }
            Ask::Erase(visitor) => {
                self.write_down(operator?, format!("erase visitor {visitor}"));
                self.out.push(Output::Forget(visitor.clone()));
                self.answer(reply, Ok(Answer::Done));
                Ok(())
            }
        }
    }

    /// A command in a conversation.
    pub(super) fn ask(&mut self, conversation: ConversationId, command: Command) -> Result<(), Refusal> {
        let reply = Some(Reply { to: command.reply_to, command: command.id.clone() });
        let what = What::Asked { from: command.from, command: command.id, ask: command.ask };
        self.work.push_back(Subject::Conversation(conversation));
        self.conversations.ask(&conversation, Asked { what, reply }).map_err(|_| too_many())
    }

    /// Something else that happens to a conversation.
    pub(super) fn tell(&mut self, conversation: ConversationId, what: What) {
        self.work.push_back(Subject::Conversation(conversation));
        // Where too much waits already it is told again: by its timer, at the next login, or by whoever answers twice.
        let _ = self.conversations.ask(&conversation, Asked { what, reply: None });
    }

    pub(super) fn wish<T: Small>(
        &mut self,
        subject: Subject,
        ledger: impl Fn(&mut Platform) -> &mut Ledgers<T>,
        id: T::Id,
        wish: Wish<T::Ask>,
    ) -> Result<(), Refusal> {
        self.work.push_back(subject);
        ledger(self).ask(&id, wish).map_err(|_| too_many())
    }

    pub(super) fn come(&mut self, user: UserId, ask: Comes, reply: Option<Reply>) -> Result<(), Refusal> {
        let wish = Wish { ask, reply, line: None, then: Then::Nothing };
        self.wish(Subject::User(user.clone()), |platform| &mut platform.users, user, wish)
    }

    pub(super) fn switch(
        &mut self,
        by: UserId,
        connector: &ConnectorId,
        wanted: Wanted,
        reply: Option<Reply>,
    ) -> Result<(), Refusal> {
        if !self.account.connectors.contains_key(connector) {
            let sentence = format!("there is no connector `{connector}`");
            return Err(Refusal::of(Code::UnknownConnector, "connector", sentence));
        }
        let line = Some((by.clone(), format!("connector {connector}: {wanted:?}")));
        let wish = Wish { ask: (Some(by), wanted), reply, line, then: Then::Nothing };
        self.wish(
            Subject::Switch(connector.clone()),
            |platform| &mut platform.switches,
            connector.clone(),
            wish,
        )
    }

    pub(super) fn release(
        &mut self,
        by: UserId,
        bot: &BotName,
        release: Release,
        reply: Option<Reply>,
    ) -> Result<(), Refusal> {
        let line = Some((by.clone(), format!("bot {bot}: {release:?}")));
        let command = reply.as_ref().map_or_else(|| CommandId::from(""), |reply| reply.command.clone());
        let wish = Wish { ask: (by, command, release), reply, line, then: Then::Nothing };
        self.wish(Subject::Bot(bot.clone()), |platform| &mut platform.bots, bot.clone(), wish)
    }

    pub(super) fn write_down(&mut self, by: UserId, did: String) {
        let wish = Wish { ask: (by, did), reply: None, line: None, then: Then::Nothing };
        let _ = self.wish(Subject::Audit, |platform| &mut platform.audit, (), wish);
    }

    pub(super) fn answer(&mut self, reply: Option<Reply>, result: Result<Answer, Refusal>) {
        if let Some(Reply { to, command }) = reply {
            self.out.push(Output::Reply { to, command, result });
        }
    }
}

fn too_many() -> Refusal {
    let sentence = format!("{COMMANDS_WAITING_MAX} commands wait for this already, which is the most");
    Refusal::of(Code::TooMany, "", sentence)
}

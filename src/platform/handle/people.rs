//! People and connectors come, go, fall silent and change what they do.

use super::*;

impl Platform {
    /// The account is set up so from now on.
    pub(super) fn set_up(&mut self, account: Account) {
        let before = std::mem::replace(&mut self.account, account);
        self.floor.set_up(&self.account);
        let connectors: Vec<ConnectorId> = self.account.connectors.keys().cloned().collect();
        connectors.iter().for_each(|id| self.connector_changed(id));
        // Whoever is not of the house any more, or is somebody else now, leaves all that they had.
        let users = before.users.keys().filter(|user| {
            let of = |account: &Account| {
                account.connector_of(user).map(|(id, connector)| (id.clone(), connector.mind.clone()))
            };
            !self.account.users.contains_key(*user) || of(&before) != of(&self.account)
        });
        let users: Vec<UserId> = users.cloned().collect();
        for user in users {
            for conversation in self.floor.all_of(&user) {
                self.tell(
                    conversation,
                    What::Lost { user: user.clone(), why: "the account was set up otherwise" },
                );
            }
        }
    }

    /// A user's record is another now.
    pub(super) fn user_changed(&mut self, user: &UserId) {
        let before = self.floor.presence(user).unwrap_or_default();
        self.user_is_known(user);
        let now = self.floor.presence(user).unwrap_or_default();
        if now.epoch != before.epoch && self.login(user).is_some() {
            self.floor.acting_for(user).into_iter().for_each(|held| self.tell(held, What::TakenUp));
        }
    }

    /// A user's record is known: the floor, the timers and the connector follow, and so does what the user held, if they
    /// are not there.
    pub(in crate::platform) fn user_is_known(&mut self, user: &UserId) {
        let Some(record) = self.users.image(user).cloned() else { return };
        let login = Login { user: user.clone(), epoch: record.epoch };
        let there = record.availability != Availability::Offline;
        let connector = self.account.connector_of(user).map(|(id, _)| id.clone());
        self.floor.set_presence(user, Presence::of(record.epoch, record.availability));
        self.out.push(Output::Presence { login, availability: record.availability });
        if there {
            let timer = Timer::User(user.clone());
            self.alive.insert(timer.clone(), self.now);
            let silent = if connector.is_some() { CONNECTOR_SILENT_MS } else { PERSON_SILENT_MS };
            self.timers.insert((self.now.after(Span(silent)), timer));
        }
        match connector {
            Some(id) => {
                self.links.entry(id.clone()).or_default().there = there;
                self.connector_changed(&id);
                if !there {
                    self.lose(user, "its connector is silent");
                }
            }
            None if !there => self.lose(user, "who had it has left"),
            None => {}
        }
    }

    /// A user is not there any more. Chats and a bot's conversations go to others; a person's messaging waits for them.
    pub(super) fn lose(&mut self, user: &UserId, why: &'static str) {
        let is_bot = self.account.connector_of(user).is_some();
        for conversation in self.floor.all_of(user) {
            if is_bot || self.floor.is_chat(conversation) || self.floor.rings_at(conversation, user) {
                self.tell(conversation, What::Lost { user: user.clone(), why });
            }
        }
    }

    /// What is wanted of a connector, or how its links are, is something else now.
    pub(in crate::platform) fn connector_changed(&mut self, id: &ConnectorId) {
        let Some(connector) = self.account.connectors.get(id).cloned() else { return };
        let wanted = self.wanted.get(id).copied().unwrap_or_default();
        let mut links = self.links.get(id).copied().unwrap_or_default();
        if let Mind::Ours(bot) = &connector.mind {
            // A bot of ours answers if its version is at hand.
            let version = self.deployed.served(bot, connector.deploy_to);
            links.vendor &= version.is_some_and(|(version, _)| self.minds.session(&version).is_some());
        }
        let (before, state) = (self.run_state(id), RunState::of(wanted, links));
        let presence = self.floor.presence(&connector.user).unwrap_or_default();
        let new = state.takes_new(wanted) && presence.availability == Availability::Online;
        let transferred = state.takes_transferred(wanted) && presence.availability != Availability::Offline;
        self.floor.set_presence(&connector.user, Presence { new, transferred, ..presence });
        if before != state {
            self.runs.insert(id.clone(), state);
            self.out.push(Output::Connector { connector: id.clone(), state });
        }
        if wanted == Wanted::Stopped {
            self.lose(&connector.user, "its connector was stopped");
        }
        let retry = match state {
            RunState::VendorInterruption => Some(PROBE_MS),
            RunState::ServiceInterruption => Some(RESTART_MS),
            RunState::Offline if wanted != Wanted::Stopped => Some(RESTART_MS),
            _ => None,
        };
        let next = retry.map(|span| self.now.after(Span(span)));
        let links = self.links.entry(id.clone()).or_default();
        if next.is_none() || links.next.is_none() {
            links.next = next;
            if let Some(at) = next {
                self.timers.insert((at, Timer::Connector(id.clone())));
                if state == RunState::Offline {
                    self.out.push(Output::Run(id.clone()));
                }
            }
        }
    }

    /// A connector that was to finish what it has, and has finished, is stopped.
    pub(super) fn stop_what_has_drained(&mut self) {
        let draining = self.wanted.iter().filter(|(_, wanted)| **wanted == Wanted::Draining);
        let empty = draining.filter(|(id, _)| {
            self.account.connectors.get(*id).is_none_or(|connector| self.floor.load(&connector.user) == 0)
        });
        let empty: Vec<ConnectorId> = empty.map(|(id, _)| id.clone()).collect();
        for id in empty {
            self.wanted.insert(id.clone(), Wanted::Stopped);
            let wish = Wish { ask: (None, Wanted::Stopped), reply: None, line: None, then: Then::Nothing };
            let _ = self.wish(Subject::Switch(id.clone()), |platform| &mut platform.switches, id, wish);
        }
    }
}

//! What time does: conversations are looked at again, visitors leave, connectors are tried again.

use super::*;

impl Platform {
    pub(super) fn hear_of_visitor(&mut self, conversation: ConversationId) {
        let timer = Timer::Visitor(conversation);
        if self.alive.insert(timer.clone(), self.now).is_none() {
            self.timers.insert((self.now.after(Span(VISITOR_GONE_MS)), timer));
        }
    }

    /// When a conversation is looked at again, if nothing happens before.
    pub(in crate::platform) fn schedule(&mut self, id: ConversationId, image: Option<&Conversation>) {
        let at = image.and_then(|image| image.wake(self.world().idle(image)));
        // What was due and could not be done is tried again, but not at once and for ever.
        let at = at.map(|at| if at <= self.now { self.now.after(Span(AGAIN_MS)) } else { at });
        let before = match at {
            Some(at) => self.wakes.insert(id, at),
            None => self.wakes.remove(&id),
        };
        if before != at
            && let Some(before) = before
        {
            self.timers.remove(&(before, Timer::Conversation(id)));
        }
        if let Some(at) = at {
            self.timers.insert((at, Timer::Conversation(id)));
        }
        match image {
            // A chat lives as long as its visitor's client: after a start, that has as long as ever.
            Some(image) if image.channel == Channel::Chat && !image.is_over() => {
                if !self.alive.contains_key(&Timer::Visitor(id)) {
                    self.hear_of_visitor(id);
                }
            }
            _ => {
                self.alive.remove(&Timer::Visitor(id));
            }
        }
    }

    pub(super) fn let_time_pass(&mut self) {
        while let Some((at, timer)) = self.timers.first().filter(|(at, _)| *at <= self.now).cloned() {
            self.timers.remove(&(at, timer.clone()));
            match &timer {
                Timer::Conversation(id) => {
                    // Its turn puts the timer back, if it is still wanted.
                    self.wakes.remove(id);
                    self.tell(*id, What::Woke);
                }
                Timer::Visitor(id) => {
                    let Some(seen) = self.alive.get(&timer).copied() else { continue };
                    let gone = seen.after(Span(VISITOR_GONE_MS));
                    if gone <= self.now {
                        self.alive.remove(&timer);
                        self.tell(*id, What::VisitorLeft);
                    } else {
                        self.timers.insert((gone, timer));
                    }
                }
                Timer::User(user) => {
                    let Some(presence) = self.floor.presence(user) else { continue };
                    if presence.availability == Availability::Offline {
                        continue;
                    }
                    let is_bot = self.account.connector_of(user).is_some();
                    let silent = if is_bot { CONNECTOR_SILENT_MS } else { PERSON_SILENT_MS };
                    let seen = self.alive.get(&timer).copied().unwrap_or(at);
                    let gone = seen.after(Span(silent));
                    if gone <= self.now {
                        let _ = self.come(user.clone(), Comes::Silent { epoch: presence.epoch }, None);
                    } else {
                        self.timers.insert((gone, timer));
                    }
                }
                Timer::Connector(id) => {
                    let links = self.links.entry(id.clone()).or_default();
                    if links.next != Some(at) {
                        continue; // its state was another meanwhile
                    }
                    links.next = None;
                    match self.run_state(id) {
                        RunState::VendorInterruption => self.out.push(Output::Probe(id.clone())),
                        RunState::ServiceInterruption => self.out.push(Output::Run(id.clone())),
                        _ => {}
                    }
                    self.connector_changed(id);
                }
            }
        }
    }
}

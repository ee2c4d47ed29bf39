//! Everything is looked at: what must hold whenever nothing is on its way between the platform and its store, and what
//! must hold when all is over.

use parlor::platform::{Conversation, Errand, Mind, Place, Platform, Record, RunState, replay};
use parlor::store::{Key, Store, Version, Which};

use crate::bots::{BOTS, HELPER};
use crate::dice::mark;
use crate::house::{House, short};
use crate::witness::waits_for;

impl House<'_> {
    /// Looks at everything. Nothing is on its way to the store or from it.
    pub fn look(&mut self) {
        self.deeds.looks += 1;
        let Some(platform) = &self.platform else { return };
        let prefix = format!("{}/", Key::of(&["conversation", &self.account.name]));
        let live = self.disk.memory.list(&prefix, Which::Live, None, usize::MAX).expect("it can be listed");
        let live: Vec<Conversation> =
            live.iter().filter_map(|(_, kept)| serde_json::from_slice(&kept.image).ok()).collect();
        let mut broken = None;
        for conversation in &live {
            broken = broken.or(self.waits_in_vain(platform, conversation));
            broken = broken.or(self.is_held_by_nobody(platform, conversation));
            broken = broken.or(self.is_not_performed(conversation));
            broken = broken.or(self.is_not_heard(platform, conversation));
        }
        let open = |writer| {
            Platform::open(platform.account().clone(), BOTS.clone(), &self.disk.memory, writer, self.now)
        };
        match open(u64::MAX) {
            Ok(rebuilt) => {
                let (rebuilt, own) = (rebuilt.floor().picture(), platform.floor().picture());
                if rebuilt != own {
                    let how = format!("rebuilt {rebuilt:#?}\nkept up to date {own:#?}");
                    broken = broken.or(Some(("a floor that is rebuilt is the same", how)));
                }
            }
            Err(failure) => broken = broken.or(Some(("the house opens again", failure.to_string()))),
        }
        if let Some((promise, how)) = broken {
            self.witness.breaks(promise, how);
        }
    }

    /// Something waits, and somebody who could take it is free.
    fn waits_in_vain(&self, platform: &Platform, waits: &Conversation) -> Option<(&'static str, String)> {
        let (skill, transferred) = waits_for(waits)?;
        let declined = &waits.queue()?.declined;
        let users = platform.account().users.iter();
        let mut suited = users.filter(|(user, own)| {
            own.skills.contains(skill)
                && !declined.contains(user)
                && platform.floor().can_take(user, waits.channel, transferred)
        });
        let (user, _) = suited.next()?;
        Some(("nothing waits while somebody is free", format!("{} waits for {user}", short(waits.id))))
    }

    /// A connector that is not there or is stopped holds something.
    fn is_held_by_nobody(&self, platform: &Platform, held: &Conversation) -> Option<(&'static str, String)> {
        let seat = held.seat()?;
        let connector = seat.connector.as_ref()?;
        let gone = self.is_there(&seat.user).is_none();
        gone.then(|| {
            let state: RunState = platform.run_state(connector);
            (
                "a connector that is gone holds nothing",
                format!("{} is held by {connector}, {state:?}", short(held.id)),
            )
        })
    }

    /// Something is to be done outside, who does it is there, and it was never told.
    fn is_not_performed(&self, conversation: &Conversation) -> Option<(&'static str, String)> {
        for open in &conversation.effects {
            let there = conversation.seat().is_some_and(|seat| self.is_here(&seat.user));
            let waits = matches!(open.what, Errand::Remember { .. }) || there;
            if waits && !self.witness.is_performed(conversation.id, open) {
                return Some(("what is open is being done", format!("{}: {open:?}", short(conversation.id))));
            }
        }
        None
    }

    /// The visitor has spoken to a bot of ours, and nothing will make it listen.
    fn is_not_heard(&self, platform: &Platform, waits: &Conversation) -> Option<(&'static str, String)> {
        let connector = waits.seat()?.connector.as_ref()?;
        let ours = matches!(platform.account().connectors.get(connector)?.mind, Mind::Ours(_));
        let unheard = !waits.unheard.is_empty() && waits.hear_at.is_none() && waits.paused.is_none();
        (ours && unheard)
            .then(|| ("a bot hears what is said to it", format!("{}: {:?}", short(waits.id), waits.unheard)))
    }

    /// Everybody has left for long: all is over, and the records say the same again.
    pub fn at_the_end(&mut self) {
        if self.witness.broken.is_some() {
            return;
        }
        self.witness.order();
        for number in 0..self.visitors.len() {
            let id = self.visitors[number].id;
            let key = Key::of(&["conversation", &self.account.name, &id.to_string()]);
            let entries = self
                .disk
                .memory
                .read(&key, Version::NONE, usize::MAX)
                .expect("a store in memory can be read");
            let marks: Vec<u64> = entries.iter().map(|entry| mark(&entry.bytes)).collect();
            if !marks.starts_with(&self.visitors[number].seen) || marks != self.witness.marks(id) {
                return self.witness.breaks("what was seen stays", short(id));
            }
            let records: Result<Vec<Record>, _> =
                entries.iter().map(|entry| serde_json::from_slice(&entry.bytes)).collect();
            let records = match records {
                Ok(records) => records,
                Err(error) => return self.witness.breaks("records can be read", error.to_string()),
            };
            let kept = self.kept(id);
            match replay(&records, &**BOTS) {
                Ok(again) if again == kept => {}
                Ok(again) => {
                    let how = format!("{}: {again:#?}\nis kept as {kept:#?}", short(id));
                    return self.witness.breaks("a record read again says the same", how);
                }
                Err(differs) => {
                    let how = format!("{}: {differs}", short(id));
                    return self.witness.breaks("a record read again says the same", how);
                }
            }
            if let Some(open) = kept.filter(|kept| !matches!(kept.place, Place::Over { .. })) {
                let how = format!("{}: {:?}", short(id), open.place);
                return self.witness.breaks("everything ends", how);
            }
        }
        let bot = Key::of(&["bot", &self.account.name, HELPER]);
        let asked = self.witness.sent.iter().filter(|sent| sent.releases(HELPER)).count() as u64;
        let done = self.witness.entries(&bot);
        if done > asked {
            let how = format!("{asked} releases were asked for, {done} were done");
            self.witness.breaks("a command is done once", how);
        }
    }
}

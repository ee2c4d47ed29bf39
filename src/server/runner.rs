//! Our own connectors, running: they log in, say how they are, stay alive, and bring back what bots want done outside.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::time::MissedTickBehavior;

use crate::conversation::{Availability, CommandId, ConnectorId, Outcome, UserId, Value};
use crate::platform::{Ask, Caller, Input, Login, Mind, Output, Wanted, retention};

use super::hall::{Errands, Hall};

/// How often a connector shows that it is alive: three times within what it may be silent for.
pub const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// How often conversations that have been closed for long enough are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// As whom the house itself asks for something.
const HOUSE: &str = "house";

/// Runs the connectors of our bots until the house ends.
pub async fn run(hall: Arc<Hall>, mut errands: Errands) {
    let mut runner = Runner { hall, logins: FxHashMap::default(), asked: 0 };
    runner.come_again().await;
    let mut alive = tokio::time::interval(ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            errand = errands.recv() => match errand {
                Some(errand) => runner.take(errand).await,
                None => return,
            },
            _ = alive.tick() => runner.show_life(),
            _ = sweep.tick() => runner.sweep().await,
        }
    }
}

struct Runner {
    hall: Arc<Hall>,
    /// The newest logins of connectors of ours.
    logins: FxHashMap<UserId, Login>,
    asked: u64,
}

impl Runner {
    /// Whatever was logged in before is logged in anew: what was under way then is taken up again.
    async fn come_again(&mut self) {
        let wanted = self.hall.look(|platform| {
            let account = platform.account();
            let runs = |id: &ConnectorId| platform.wanted(id) != Wanted::Stopped;
            account.connectors.keys().filter(|id| runs(id)).cloned().collect::<Vec<_>>()
        });
        for connector in wanted.await.unwrap_or_default() {
            self.log_in(&connector);
        }
    }

    async fn take(&mut self, errand: Output) {
        match errand {
            Output::Run(connector) => self.log_in(&connector),
            Output::Probe(connector) => self.report(&connector),
            Output::Presence { login, availability } => self.presence(login, availability),
            Output::Perform { conversation, what, by, .. } => {
                // The house makes no calls yet. Its bots are told so at once, rather than when they stop waiting.
                let outcome =
                    Outcome::Failure { reason: "not performed".into(), status: 0, body: Value::Nothing };
                let input = Input::Returned { conversation, id: what.id, by, outcome };
                self.hall.returned(input).ok();
            }
            Output::Forget(visitor) => {
                let (account, name) = (self.hall.account().name.clone(), visitor.clone());
                let forgotten = self.hall.read(move |store| retention::forget(store, &account, &name)).await;
                match forgotten {
                    Ok(done) => tracing::info!(
                        conversations = done.conversations,
                        open = done.open.len(),
                        "a visitor was forgotten"
                    ),
                    Err(failure) => tracing::error!(%failure, "a visitor was not forgotten"),
                }
            }
            Output::Connector { connector, state } => {
                tracing::info!(%connector, ?state, "a connector is in another state");
            }
            // Somebody else's bot is told by its own door.
            _ => {}
        }
    }

    fn log_in(&mut self, connector: &ConnectorId) {
        if let Some(user) = self.ours(connector) {
            self.tell(Caller::Operator(HOUSE.into()), Ask::LogIn(user));
        }
    }

    fn report(&mut self, connector: &ConnectorId) {
        let Some(login) = self.ours(connector).and_then(|user| self.logins.get(&user).cloned()) else {
            return;
        };
        // Its bot is in this very process: the platform sees itself whether the version is at hand.
        self.tell(Caller::User(login), Ask::Report { service: true, vendor: true });
    }

    /// Who logs in for a connector, if its bot is ours.
    fn ours(&self, connector: &ConnectorId) -> Option<UserId> {
        let account = self.hall.account();
        let connector = account.connectors.get(connector)?;
        matches!(connector.mind, Mind::Ours(_)).then(|| connector.user.clone())
    }

    fn presence(&mut self, login: Login, availability: Availability) {
        let account = self.hall.account();
        let Some((id, connector)) = account.connector_of(&login.user) else { return };
        if !matches!(connector.mind, Mind::Ours(_)) {
            return;
        }
        if availability == Availability::Offline {
            self.logins.remove(&login.user);
            return;
        }
        let new = self.logins.insert(login.user.clone(), login.clone()) != Some(login);
        if new {
            self.report(id);
        }
    }

    /// Removes what the account does not keep any longer.
    async fn sweep(&self) {
        let (account, now) = (self.hall.account(), self.hall.now());
        let swept =
            self.hall.read(move |store| retention::sweep(store, &account.name, account.retention_days, now));
        match swept.await {
            Ok(0) => {}
            Ok(removed) => {
                tracing::info!(removed, "conversations were removed: they have been kept for long enough")
            }
            Err(failure) => tracing::error!(%failure, "old conversations were not removed"),
        }
    }

    fn show_life(&mut self) {
        for login in self.logins.values().cloned().collect::<Vec<_>>() {
            self.tell(Caller::User(login), Ask::Alive);
        }
    }

    fn tell(&mut self, from: Caller, ask: Ask) {
        self.asked += 1;
        self.hall.tell(from, CommandId::from(format!("runner-{:x}-{}", self.hall.run(), self.asked)), ask);
    }
}

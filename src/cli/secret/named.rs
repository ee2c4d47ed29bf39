//! Which secret is meant: an environment of the account, a name it lists, and Demo or Production.

use crate::cli::exit::{Exit, Failure};
use crate::diagnostics::render::visible::visible;
use crate::platform::{Account, Environment};
use crate::server::SecretName;

/// A secret, as it is typed.
#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// The environment
    #[arg(value_name = "ENVIRONMENT")]
    pub(super) environment: String,
    /// The name, as the bot says it behind `secret.`
    #[arg(value_name = "NAME")]
    pub(super) name: String,
}

/// Where bots find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum On {
    Demo,
    Production,
}

impl From<On> for Environment {
    fn from(on: On) -> Environment {
        match on {
            On::Demo => Environment::Demo,
            On::Production => Environment::Production,
        }
    }
}

impl Named {
    pub(super) fn of(&self, account: &Account, on: On) -> SecretName {
        SecretName {
            account: account.name.clone(),
            environment: self.environment.clone(),
            name: self.name.clone(),
            on: on.into(),
        }
    }

    /// Refuses what the account does not list, which no bot would find.
    pub(super) fn listed(&self, account: &Account) -> Result<(), Failure> {
        let Some(environment) = account.environments.get(&self.environment) else {
            let message = format!("the account has no environment `{}`", self.environment);
            return Err(Failure::new(Exit::NotFound, visible(&message))
                .help("parlor account export shows those it has"));
        };
        if environment.secrets.contains(&self.name) {
            return Ok(());
        }
        let message = format!("the environment `{}` lists no secret `{}`", self.environment, self.name);
        Err(Failure::new(Exit::NotFound, visible(&message))
            .help("add it to the `secrets` of the environment in the account file, and apply that"))
    }
}

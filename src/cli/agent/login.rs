//! Who works at this terminal: logged in with a password, and again when the server has forgotten it.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use crate::cli::exit::{Exit, Failure};
use crate::cli::hidden;
use crate::cli::remote::{Ask, Remote, Trouble};
use crate::server::{PASSWORD_BYTES_MAX, Secret};

/// Whether they take conversations, in the words of the API.
pub(super) type State = Arc<Mutex<&'static str>>;

pub(super) struct Login {
    user: String,
    password: Secret,
    /// What is said again after a new login.
    pub(super) state: State,
}

impl Login {
    /// Asks for the password, unless the environment has it.
    pub(super) fn ask(user: &str) -> Result<Login, Failure> {
        let password = match std::env::var("PARLOR_PASSWORD") {
            Ok(password) if !password.is_empty() => Secret::new(password),
            _ => hidden::known("password", PASSWORD_BYTES_MAX)?,
        };
        if password.expose().is_empty() {
            return Err(Failure::new(Exit::Usage, "there is no password"));
        }
        Ok(Login { user: user.to_string(), password, state: Arc::new(Mutex::new("online")) })
    }

    /// Logs in, and takes conversations as before.
    pub(super) fn log_in(&self, remote: &Remote) -> Result<(), Trouble> {
        let body = json!({ "user": self.user, "password": self.password.expose() });
        let answer = remote.ask(&Ask::post("/api/v1/login", &body).without_pass())?;
        let token =
            answer["token"].as_str().filter(|token| token.chars().all(|letter| letter.is_ascii_graphic()));
        let token = token.ok_or_else(|| {
            Trouble::Nonsense(format!("{} is no server of Parlor: it lets nobody in", remote.shown()))
        })?;
        remote.is_now(Secret::new(token.to_string()));
        let state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        remote.ask(&Ask::put("/api/v1/me/availability", &json!({ "availability": state })))?;
        Ok(())
    }
}

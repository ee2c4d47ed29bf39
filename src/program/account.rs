//! What a bot has to know of the account it will live in: the skills, and whether anybody has them.

/// An account, as far as bots speak of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Its skills.
    pub skills: Vec<AccountSkill>,
}

/// A skill of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSkill {
    /// Its name.
    pub name: String,
    /// Whether a user has it.
    pub staffed: bool,
}

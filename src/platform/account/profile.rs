//! What somebody may do: the four profiles every account has, own ones made of them, and the rights in users' words.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::block::{Block, Form};
use super::value::{Words, words};

/// A profile of an account's own: one of the four, with more rights.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Whose rights it has.
    pub like: BuiltIn,
    /// Which ones it has besides.
    pub may: BTreeSet<Permission>,
}

/// The profiles every account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// Everything.
    Administrator,
    /// Bots, connectors and campaigns.
    CampaignManager,
    /// Conversations, also those of others.
    AgentManager,
    /// Their own conversations.
    #[default]
    Agent,
}

/// Something that somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Have conversations of their own.
    HaveConversations,
    /// Read the conversations of others, step into them, take them over and close them.
    StepIn,
    /// See who is there, what waits, and how connectors are.
    SeeStatus,
    /// Change skills, groups, profiles, people and environments.
    ChangeAccount,
    /// Change campaigns and their engagements.
    ChangeCampaigns,
    /// Make bot users.
    CreateBotUsers,
    /// Make connectors.
    CreateConnectors,
    /// Start connectors.
    StartConnectors,
    /// Stop connectors.
    StopConnectors,
    /// Change connectors.
    EditConnectors,
    /// Remove connectors.
    DeleteConnectors,
    /// Put a version of a bot on Demo.
    DeployToDemo,
    /// Put a version of a bot on Production.
    DeployToProduction,
    /// Remove all that is kept of a visitor.
    EraseVisitors,
    /// Read who did what.
    ReadAudit,
}

words! { BuiltIn, "a profile every account has":
    Administrator "Administrator"
    CampaignManager "Campaign Manager"
    AgentManager "Agent Manager"
    Agent "Agent"
}

words! { Permission, "a permission":
    HaveConversations "have conversations"
    StepIn "step into conversations"
    SeeStatus "see status"
    ChangeAccount "change the account"
    ChangeCampaigns "change campaigns"
    CreateBotUsers "create bot users"
    CreateConnectors "create connectors"
    StartConnectors "start connectors"
    StopConnectors "stop connectors"
    EditConnectors "edit connectors"
    DeleteConnectors "delete connectors"
    DeployToDemo "deploy to Demo"
    DeployToProduction "deploy to Production"
    EraseVisitors "erase visitors"
    ReadAudit "read the audit log"
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl BuiltIn {
    /// The one of this name.
    pub fn named(name: &str) -> Option<BuiltIn> {
        BuiltIn::ALL.iter().find(|(_, word)| *word == name).map(|(own, _)| *own)
    }

    /// Whether it has a right. Agents and Agent Managers may stop, edit and delete connectors, but neither make nor start
    /// one; what reaches visitors, only an Administrator deploys, unless a profile of the account's own says so.
    pub fn may(self, what: Permission) -> bool {
        use Permission::*;
        match what {
            StopConnectors | EditConnectors | DeleteConnectors => true,
            HaveConversations | StepIn if self == BuiltIn::AgentManager => true,
            HaveConversations if self == BuiltIn::Agent => true,
            SeeStatus => self != BuiltIn::Agent,
            ChangeCampaigns | CreateBotUsers | CreateConnectors | StartConnectors | DeployToDemo => {
                matches!(self, BuiltIn::Administrator | BuiltIn::CampaignManager)
            }
            _ => self == BuiltIn::Administrator,
        }
    }
}

impl Profile {
    /// Whether it has a right.
    pub fn may(&self, what: Permission) -> bool {
        self.like.may(what) || self.may.contains(&what)
    }
}

impl Block for Profile {
    fn fields(&mut self, form: &mut Form<'_>) {
        form.needed("like", &mut self.like);
        form.field("may", &mut self.may);
    }
}

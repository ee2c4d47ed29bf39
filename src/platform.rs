//! The contact center: conversations, who has them, and what became of them, whatever is killed when.
//!
//! Knows `conversation`, `diagnostics` and `store`. Never opens a socket, looks at a clock or knows how a bot thinks: it is
//! told what happens and when, and says what is to be done. [`Platform::handle`] is the only way in.
//!
//! ```text
//! Input ──▶ a turn is decided ──▶ Output::Append ──▶ Input::Stored ──▶ Output::Reply, Happened, Perform …
//! ```

mod take_turn; // read this first: one thing that happens, one record, commit, then act
mod turn; // what each thing does, one file a word
mod fact; // what can happen in a conversation, as it is written down
mod conversation; // a conversation as it stands
mod answers; // commands that were done
mod floor; // who is there, what waits, who gets it
mod input;
mod output;
mod refusal;
mod account; // how it all is set up, and its file
mod setup; // which configuration counts
mod connector; // wanted and run states
mod deployed; // versions of bots
mod user; // logins
mod visitor; // what is remembered
mod audit;
mod mind; // what it needs of our bots
mod ledger; // records that change one turn at a time
mod handle; // how inputs become turns, and turns outputs
mod warnings; // what an operator should look at
mod open; // from the store, after whatever happened
mod replay; // a record read again says the same
mod keep; // a platform beside a store at hand
pub mod retention; // what is kept for how long, and what is forgotten
pub mod limits;

pub use account::{Account, Connector, DueTimes, Environment, Manners, Mind, Skill, User};
pub use account::{
    Bot, BuiltIn, Campaign, Change, Engagement, How, Kind, Permission, Profile, ReadAccount, ReceiptOf, Role,
    Source, Tiles, Values, changes,
};
pub use answers::Answers;
pub use audit::Line;
pub use connector::{Links, RunState, Wanted};
pub use conversation::{
    Awaited, Beside, Conversation, Dialog, Handover, Held, Paused, Place, Queue, Ring, Seat, Unheard,
};
pub use deployed::{Deployed, Deployments, Served};
pub use fact::{Answer, Aside, CloseReason, EffectId, Errand, Fact, Open, Record, RingEnd, State};
pub use floor::{Decision, Floor, Picture, Presence};
pub use handle::Platform;
pub use input::{Ask, Caller, Command, Input, Login, Talk, To};
pub use keep::keep;
pub use mind::{Minds, Thought};
pub use output::{Output, Ticket};
pub use refusal::{Code, Refusal};
pub use replay::{Differs, replay};
pub use setup::Setup;
pub use take_turn::{Taken, What, World, act, act_again, take_turn};
pub use visitor::remembered;
pub use warnings::Warning;

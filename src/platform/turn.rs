//! What each thing does that can happen to a conversation, one file a word.

mod begin; // a visitor comes
mod say; // somebody says, gets or shows something
mod ring; // it is offered to somebody, who takes it or not
mod bot; // a bot of ours has it: it hears, speaks, pauses, greets
mod beside; // a bot of ours stands beside whoever has it, and reads along
mod effect; // what is done outside, and comes back
mod transfer; // it is given to somebody else
mod handover; // a bot gives it to people, and what if nobody is there
mod awaited; // somebody else's bot that does not answer
mod lost; // whoever has it is not there any more
mod close; // it ends, in every form; surveys

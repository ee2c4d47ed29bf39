//! Turns survive a crash: the stores of the house keep the contract, and refuse with a sentence what they cannot keep.

pub mod folder;
mod contract;
mod refusals;
mod process;
mod committer;
mod backup;
mod example;
mod damage;
mod full_disk;

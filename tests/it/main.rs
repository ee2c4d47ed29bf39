//! All tests of the house in one binary: one module a room or a promise, most of them thin runners over data folders.

mod tidy;

mod golden;
mod parse;
mod fmt;
mod slips;
mod properties;
mod hardness;
mod check;
mod matching;
mod kinds;
mod formulas;
mod rendering;
mod commands;
mod bots;
mod run;
mod chat;
mod engine;
mod coverage;
mod graph;
mod docs;
mod transcripts;
mod testing;
mod through;
mod platform;
mod account;
mod vault;
mod credentials;
mod record;
mod crawl;
mod mutants;
mod fuzz;
mod botium;
mod store;
mod crash;
mod server;

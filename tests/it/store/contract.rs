//! The public suite and random rows of operations, on every store of the house.

use std::sync::Arc;

use parlor::store::suite::{self, Expects, Operation, Place, Planned};
use parlor::store::{Memory, Sizes, Sled, Which};
use proptest::prelude::*;

use super::folder::Folder;

fn in_memory() -> Place {
    let memory = Arc::new(Memory::new());
    Box::new(move || Ok(Box::new(memory.clone())))
}

fn on_sled() -> Place {
    let folder = Folder::new();
    Box::new(move || Ok(Box::new(Sled::open(folder.path().join("store"))?)))
}

/// With a journal that is full after a few changes, so that most of what is read is settled, or just being settled.
fn on_sled_in_a_hurry() -> Place {
    let folder = Folder::new();
    let sizes = Sizes { journal: 12 * 1024, ..Sizes::default() };
    Box::new(move || Ok(Box::new(Sled::open_with(folder.path().join("store"), sizes)?)))
}

/// Rows of operations: most of them appends that fit, on few keys, so that much happens to each.
fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let bytes = prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), prop::sample::select(vec![5_099, 5_120, 5_121, 15_360, 49_152]))
            .prop_map(|(byte, size)| vec![byte; size]),
    ];
    let expects = prop_oneof![
        8 => Just(Expects::Newest),
        1 => Just(Expects::Nothing),
        1 => Just(Expects::Older),
        1 => Just(Expects::Never),
    ];
    let planned = (0..12u8, expects, bytes.clone(), bytes.clone(), any::<bool>())
        .prop_map(|(key, expects, entry, image, live)| Planned { key, expects, entry, image, live });
    let which = prop_oneof![Just(Which::Live), Just(Which::AtRest)];
    let operation = prop_oneof![
        10 => prop::collection::vec(planned, 1..5).prop_map(Operation::Append),
        1 => (0..12u8).prop_map(Operation::Erase),
        1 => bytes.prop_map(Operation::PutBlob),
        2 => (0..12u8, 0..6u8, 0..5usize)
            .prop_map(|(key, after, limit)| Operation::Read { key, after, limit }),
        3 => (0..12u8, 0..9u8, which, prop::option::of(0..12u8), 0..5usize)
            .prop_map(|(like, letters, which, after, limit)| Operation::List { like, letters, which, after, limit }),
        1 => Just(Operation::Reopen),
    ];
    prop::collection::vec(operation, 1..40)
}

#[test]
fn memory_keeps_every_promise() {
    suite::everything(&in_memory).unwrap();
}

#[test]
fn sled_keeps_every_promise() {
    suite::everything(&on_sled).unwrap();
    suite::everything(&on_sled_in_a_hurry).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn sled_is_as_the_model(operations in operations()) {
        suite::hold(&on_sled_in_a_hurry(), &operations).map_err(TestCaseError::fail)?;
        suite::hold(&on_sled(), &operations).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn memory_is_as_the_model(operations in operations()) {
        suite::hold(&in_memory(), &operations).map_err(TestCaseError::fail)?;
    }
}

//! What is being written and not durable yet: readers are given what was before, so that nothing they saw is undone by a
//! power cut.

use std::collections::HashMap;

use super::super::{Hash, Kept, Key};

/// One group on its way to the disk.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The keys it changes, as they were before; nothing, where nothing was or where it is erased.
    pub(super) keys: HashMap<Key, Option<Kept>>,
    /// The blob it completes.
    pub(super) blob: Option<Hash>,
}

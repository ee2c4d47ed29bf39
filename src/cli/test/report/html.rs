//! t
pub(super) fn text(_: &super::Report<'_>) -> String { String::new() }

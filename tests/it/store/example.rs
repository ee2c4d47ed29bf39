//! The example does what it says: a second visit goes on where the first ended.

use super::folder::Folder;

#[allow(dead_code)]
#[path = "../../../examples/store.rs"]
mod store;

#[test]
fn a_second_visit_goes_on_where_the_first_ended() {
    let folder = Folder::new();
    let path = folder.path().join("store");
    assert_eq!(store::visit(&path, &["Hello", "One"]).unwrap(), ["Hello", "One"]);
    assert_eq!(store::visit(&path, &["Two"]).unwrap(), ["Hello", "One", "Two"]);
}

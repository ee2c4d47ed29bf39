//! A folder for a store, gone when it is not needed any more.

use std::path::{Path, PathBuf};

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let parent = std::env::var_os("PARLOR_BENCH_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
        let path = parent.join(format!("parlor-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the folder can be made");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

//! A disk whose power can be cut: ext4 in a file. What the kernel has not written by then is gone, the tail of the journal
//! included; a drive that lies about what it wrote is not shown by it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes of the disk: what a house must have free, and room for a test beside it. Only what is written takes space.
const DISK_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: no system call of the standard library says so, and this crate has
/// no `unsafe`.
const CUT: &str = "import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

pub struct Disk {
    image: PathBuf,
    mounted: PathBuf,
}

impl Disk {
    /// A new one; or why there is none on this machine.
    pub fn new(folder: &Path) -> Result<Disk, String> {
        let (image, mounted) = (folder.join("disk.img"), folder.join("disk"));
        std::fs::create_dir(&mounted).expect("the folder is writable");
        let file = File::create(&image).expect("the folder is writable");
        file.set_len(DISK_BYTES).expect("a file may have holes");
        run("mkfs.ext4", &["-q", "-F", text(&image)])?;
        let mut disk = Disk { image, mounted };
        disk.mount()?;
        // Once for trying: whatever this machine does not allow shows now.
        run("python3", &["-c", CUT, text(&disk.mounted)])?;
        disk.power_on();
        Ok(disk)
    }

    pub fn path(&self) -> &Path {
        &self.mounted
    }

    /// From now on nothing reaches the disk.
    pub fn cut(&mut self) {
        run("python3", &["-c", CUT, text(&self.mounted)]).expect("it worked before");
    }

    /// The disk as it is found after the cut. Nobody may have a file of it open.
    pub fn power_on(&mut self) {
        run("umount", &[text(&self.mounted)]).expect("nobody uses it");
        self.mount().expect("it was mounted before");
    }

    fn mount(&self) -> Result<(), String> {
        run("mount", &["-o", "loop", text(&self.image), text(&self.mounted)])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &[text(&self.mounted)]).ok();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the test's own name")
}

fn run(program: &str, words: &[&str]) -> Result<(), String> {
    let done = Command::new(program).args(words).stdin(Stdio::null()).output();
    let done = done.map_err(|error| format!("`{program}` does not start: {error}"))?;
    match done.status.success() {
        true => Ok(()),
        false => Err(format!("`{program}`: {}", String::from_utf8_lossy(&done.stderr).trim())),
    }
}

//! What an open conversation costs in memory: a process that has 100,000 of them beside one that has 1,000.

use std::process::Command;

use super::center::Center;
use super::clients::Clients;
use super::folder::Folder;

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;

/// Each side is a process of its own: once as it has opened them, once as it finds them after a start.
pub fn measure() {
    let [few, many] = [FEW, MANY].map(|count| {
        let this = std::env::current_exe().expect("it has a path");
        let said = Command::new(this).args(["memory", &count.to_string()]).output().expect("it starts again");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let said = String::from_utf8(said.stdout).expect("it writes text");
        let sizes: Vec<f64> = said.split_whitespace().map(|size| size.parse().expect("a number")).collect();
        println!("{count:>7} open: {:.0} MB, {:.0} MB after a start", sizes[0] / 1e6, sizes[1] / 1e6);
        sizes
    });
    for (number, name) in ["as they were opened", "after a start"].iter().enumerate() {
        let each = (many[number] - few[number]) / f64::from(MANY - FEW);
        println!("an open conversation, {name}: {each:.0} bytes (below 2,048)");
    }
}

/// Opens so many conversations, and prints the bytes of this process; closes, starts again in another, and prints those.
pub fn child(of: &str) {
    if let Some(folder) = of.strip_prefix("again:") {
        let (count, folder) = folder.split_once(':').expect("it says how many");
        let count = count.parse().expect("a number");
        let center = Center::open(std::path::Path::new(folder), count);
        println!("{}", resident());
        return center.house.close().expect("the house closes");
    }
    let count: u32 = of.parse().expect("a number");
    let folder = Folder::new("memory");
    let clients = Clients::new(Center::open(folder.path(), count), count);
    println!("{}", resident());
    clients.center.house.close().expect("the house closes");
    let again = format!("again:{count}:{}", folder.path().display());
    let this = std::env::current_exe().expect("it has a path");
    let ended = Command::new(this).args(["memory", &again]).status().expect("it starts again");
    assert!(ended.success());
}

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it says so");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") * 1_024
}

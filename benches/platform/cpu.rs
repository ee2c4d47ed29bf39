//! How long which thread has worked: on a machine that others use as well, what is to be trusted.

use std::collections::BTreeMap;

/// Hundredths of a second so far, by the name of the thread.
pub fn worked() -> BTreeMap<String, u64> {
    let mut worked = BTreeMap::new();
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    for stat in threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("stat")).ok()) {
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else {
            continue;
        };
        let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
        let name = if name.starts_with("sled-io") { "sled-io" } else { name };
        *worked.entry(name.to_string()).or_default() += ticks.sum::<u64>();
    }
    worked
}

/// Microseconds of each thread for each of so many turns.
pub fn each(before: &BTreeMap<String, u64>, turns: f64) -> String {
    let mut all = 0.0;
    let mut words = Vec::new();
    for (name, now) in worked() {
        let ticks = now - before.get(&name).copied().unwrap_or(0).min(now);
        let each = ticks as f64 * 10_000.0 / turns;
        all += each;
        if each >= 1.0 {
            words.push(format!("{name} {each:.0}"));
        }
    }
    format!("{all:.0} µs ({})", words.join(", "))
}

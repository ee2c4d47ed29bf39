//! How long a visitor waits for the answer at a quarter of what the house can do: arrivals at a steady rate, whoever is
//! still waiting, so that a pause of the house counts for all who come meanwhile.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::center::Center;
use super::clients::Clients;
use super::folder::Folder;

const CONVERSATIONS: u32 = 256;
const SPAN: Duration = Duration::from_secs(15);
/// The first of it is not counted.
const WARM: Duration = Duration::from_secs(2);

pub fn measure(turns_a_second: f64) {
    let folder = Folder::new("latency");
    let mut clients = Clients::new(Center::open(folder.path(), CONVERSATIONS), CONVERSATIONS);
    let rate = turns_a_second / 4.0;
    let mut waiting: Vec<VecDeque<Instant>> = vec![VecDeque::new(); CONVERSATIONS as usize];
    let mut took = Vec::new();
    let (begin, mut said) = (Instant::now(), 0_u64);
    while begin.elapsed() < SPAN {
        let due = (begin.elapsed().as_secs_f64() * rate) as u64;
        while said < due {
            let conversation = (said % u64::from(CONVERSATIONS)) as u32;
            waiting[conversation as usize].push_back(begin + Duration::from_secs_f64(said as f64 / rate));
            clients.speak(conversation);
            said += 1;
        }
        let next = begin + Duration::from_secs_f64((said + 1) as f64 / rate);
        for reply in clients.replies_within(next.saturating_duration_since(Instant::now())) {
            reply.result.expect("it is done");
            let asked = waiting[reply.conversation as usize].pop_front().expect("it was asked");
            if asked.duration_since(begin) > WARM {
                took.push(asked.elapsed());
            }
        }
    }
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    println!(
        "at {rate:.0} turns/s an answer takes {:.1} ms (p50), {:.1} ms (p99, below 10 ms), {:.1} ms (p99.9)",
        at(0.5),
        at(0.99),
        at(0.999)
    );
    clients.center.house.close().expect("the house closes");
}

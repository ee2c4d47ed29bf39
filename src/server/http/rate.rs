//! How often one address may ask, and how much it may keep open: a bucket of tokens for each, by the clock of the house.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::conversation::Moment;

/// Addresses that are remembered at once.
pub const ADDRESSES_MAX: usize = 65_536;
/// Long polls and event streams that one address keeps open.
pub const STREAMS_OF_ADDRESS_MAX: u32 = 256;
/// Long polls and event streams that are open at once.
pub const STREAMS_MAX: u32 = 16_384;

const SHARDS: usize = 16;

/// Where somebody comes from. Of IPv6, the network counts: whoever has one has all its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Address(IpAddr);

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Address {
        Address(match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address => address,
        })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is left to each address.
pub(super) struct Rate {
    /// How many requests a second; nothing: as many as they like.
    per_second: Option<u32>,
    shards: [Mutex<FxHashMap<Address, Bucket>>; SHARDS],
    open: Mutex<u32>,
}

struct Bucket {
    /// Thousandths of a request.
    left: u64,
    at: Moment,
    streams: u32,
}

/// One open poll or stream. It counts until it is dropped.
pub(super) struct Stream {
    rate: Arc<Rate>,
    address: Address,
}

impl Rate {
    pub(super) fn new(per_second: Option<u32>) -> Rate {
        Rate { per_second, shards: Default::default(), open: Mutex::new(0) }
    }

    /// Takes a request, or says after how many seconds the next one is taken.
    pub(super) fn take(&self, address: Address, now: Moment) -> Result<(), u64> {
        let Some(per_second) = self.per_second else { return Ok(()) };
        let (each, most) = (u64::from(per_second.max(1)), self.burst() * 1_000);
        let mut shard = self.shard(address);
        make_room(&mut shard, now, each, most);
        let bucket = shard.entry(address).or_insert(Bucket { left: most, at: now, streams: 0 });
        bucket.fill(now, each, most);
        match bucket.left.checked_sub(1_000) {
            Some(left) => {
                bucket.left = left;
                Ok(())
            }
            None => Err((1_000 - bucket.left).div_ceil(each * 1_000).max(1)),
        }
    }

    /// Requests that an address may send at once, if it has sent none for a while.
    pub(super) fn burst(&self) -> u64 {
        u64::from(self.per_second.unwrap_or(0).max(1)) * 2
    }

    pub(super) fn per_second(&self) -> u32 {
        self.per_second.unwrap_or(0)
    }

    /// Opens a poll or a stream; nothing, if too many are open. The sentence says which limit it is.
    pub(super) fn open(self: &Arc<Self>, address: Address, now: Moment) -> Result<Stream, String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if *open >= STREAMS_MAX {
            return Err(format!("{STREAMS_MAX} polls and streams are open, which is the most"));
        }
        let mut shard = self.shard(address);
        let most = self.burst() * 1_000;
        let bucket = shard.entry(address).or_insert(Bucket { left: most, at: now, streams: 0 });
        if bucket.streams >= STREAMS_OF_ADDRESS_MAX {
            let most = STREAMS_OF_ADDRESS_MAX;
            return Err(format!("{most} polls and streams are open from your address, which is the most"));
        }
        bucket.streams += 1;
        *open += 1;
        Ok(Stream { rate: self.clone(), address })
    }

    /// Polls and streams that are open.
    pub(super) fn streams(&self) -> u32 {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, address: Address) -> MutexGuard<'_, FxHashMap<Address, Bucket>> {
        let last = match address.0 {
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(address) => address.octets()[7],
        };
        self.shards[usize::from(last) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn fill(&mut self, now: Moment, each: u64, most: u64) {
        self.left = self.left.saturating_add(now.since(self.at).0.saturating_mul(each)).min(most);
        self.at = now;
    }
}

/// Forgets whom nothing is held against; if all have asked too much a moment ago, those who keep nothing open.
fn make_room(shard: &mut FxHashMap<Address, Bucket>, now: Moment, each: u64, most: u64) {
    if shard.len() < ADDRESSES_MAX / SHARDS {
        return;
    }
    shard.retain(|_, bucket| {
        bucket.fill(now, each, most);
        bucket.left < most || bucket.streams > 0
    });
    if shard.len() >= ADDRESSES_MAX / SHARDS {
        shard.retain(|_, bucket| bucket.streams > 0);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        *self.rate.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        if let Some(bucket) = self.rate.shard(self.address).get_mut(&self.address) {
            bucket.streams = bucket.streams.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let rate = Rate::new(Some(10));
        let (one, other) =
            (Address::from(IpAddr::from([10, 0, 0, 1])), Address::from(IpAddr::from([10, 0, 0, 2])));
        let now = Moment(1_000);
        assert!((0..20).all(|_| rate.take(one, now).is_ok()));
        assert_eq!(rate.take(one, now), Err(1));
        assert_eq!(rate.take(other, now), Ok(()));
        assert_eq!(rate.take(one, Moment(1_099)), Err(1));
        assert_eq!(rate.take(one, Moment(1_100)), Ok(()), "a tenth of a second is one request");
        assert_eq!(rate.take(one, Moment(0)), Err(1), "a clock that is set back gives nothing");
    }

    #[test]
    fn addresses_are_forgotten_before_they_are_too_many() {
        let rate = Rate::new(Some(1));
        for number in 0..(ADDRESSES_MAX as u32 * 2) {
            rate.take(Address::from(IpAddr::from(number.to_be_bytes())), Moment(i64::from(number))).ok();
        }
        let kept: usize = rate.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= ADDRESSES_MAX, "{kept} are remembered");
    }

    #[test]
    fn an_address_keeps_so_many_open_and_closing_makes_room() {
        let rate = Arc::new(Rate::new(None));
        let one = Address::from(IpAddr::from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]));
        let same = Address::from(IpAddr::from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 2]));
        let mut open: Vec<Stream> = Vec::new();
        open.extend(
            (0..STREAMS_OF_ADDRESS_MAX)
                .map(|_| rate.open(one, Moment(0)).unwrap_or_else(|why| panic!("{why}"))),
        );
        assert!(rate.open(same, Moment(0)).is_err(), "the same network");
        open.pop();
        assert!(rate.open(same, Moment(0)).is_ok());
        drop(open);
        assert_eq!(rate.streams(), 0);
    }
}

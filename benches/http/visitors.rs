//! Visitors on sockets: each says something, waits for the answer, and says something again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// How a conversation is talked to: the path, who talks, and the number of the next turn.
pub struct Request {
    pub path: String,
    pub pass: String,
    pub turn: u32,
}

impl Request {
    /// As it is sent: the same words for everybody, in turn.
    fn write(&mut self, out: &mut Vec<u8>) {
        let words = super::center::WORDS[self.turn as usize % super::center::WORDS.len()];
        let (path, pass, turn) = (&self.path, &self.pass, self.turn);
        let body = format!(r#"{{"id":"0193a6f0-0000-7000-8000-{turn:012}","text":"{words}"}}"#);
        self.turn += 1;
        out.clear();
        out.extend_from_slice(
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {pass}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
    }
}

/// One socket, and the conversations it talks in, one after another.
struct Line {
    socket: TcpStream,
    requests: Vec<Request>,
    next: usize,
    out: Vec<u8>,
    read: Vec<u8>,
}

impl Line {
    async fn turn(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        let next = self.next % self.requests.len();
        self.requests[next].write(&mut out);
        self.next += 1;
        self.socket.write_all(&out).await.expect("it is sent");
        self.out = out;
        self.read.clear();
        while !whole(&self.read) {
            let read = self.socket.read_buf(&mut self.read).await.expect("it is answered");
            assert!(read > 0, "it was cut off: {}", String::from_utf8_lossy(&self.read));
        }
        assert!(self.read.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&self.read));
    }
}

/// Whether an answer is there to its end.
fn whole(read: &[u8]) -> bool {
    let Some(head) = memchr::memmem::find(read, b"\r\n\r\n") else { return false };
    const LENGTH: &[u8] = b"content-length: ";
    let Some(at) = memchr::memmem::find(&read[..head], LENGTH) else { return true };
    let digits = read[at + LENGTH.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    read.len() >= head + 4 + length
}

pub struct Visitors {
    lines: Vec<Line>,
    runtime: Runtime,
}

impl Visitors {
    /// So many sockets, with the conversations dealt out among them.
    pub fn connect(address: SocketAddr, connections: u32, requests: Vec<Request>) -> Visitors {
        let runtime = Builder::new_current_thread().enable_all().build().expect("it starts");
        let mut dealt: Vec<Vec<Request>> = (0..connections).map(|_| Vec::new()).collect();
        for (number, request) in requests.into_iter().enumerate() {
            dealt[number % connections as usize].push(request);
        }
        let lines = dealt.into_iter().map(|requests| {
            let socket = runtime.block_on(TcpStream::connect(address)).expect("it connects");
            socket.set_nodelay(true).expect("it can be set");
            Line { socket, requests, next: 0, out: Vec::new(), read: Vec::with_capacity(1024) }
        });
        let lines = lines.collect();
        Visitors { lines, runtime }
    }

    /// All talk at once, and again as soon as they are answered, for so long. Turns a second.
    pub fn hurry(&mut self, span: Duration) -> f64 {
        let count = Arc::new(AtomicU64::new(0));
        let begin = Instant::now();
        self.each(|mut line| {
            let count = count.clone();
            async move {
                while begin.elapsed() < span {
                    line.turn().await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                line
            }
        });
        count.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
    }

    /// They talk at a steady rate, whoever is still waiting. How long each answer took, from when it was due, in order.
    pub fn steady(&mut self, rate: f64, span: Duration) -> Vec<Duration> {
        let took = Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = self.lines.len() as f64;
        let begin = Instant::now();
        let warm = span / 5;
        let mut number = 0.0;
        self.each(|mut line| {
            let (took, first) = (took.clone(), begin + Duration::from_secs_f64(number / rate));
            number += 1.0;
            async move {
                let mut turn = 0.0;
                loop {
                    let due = first + Duration::from_secs_f64(turn * lines / rate);
                    if due > begin + span {
                        return line;
                    }
                    tokio::time::sleep_until(due.into()).await;
                    // The clock of the runtime has milliseconds: what it oversleeps is not the house's.
                    let due = due.max(Instant::now() - Duration::from_millis(1));
                    line.turn().await;
                    if due > begin + warm {
                        took.lock().expect("nobody panics").push(due.elapsed());
                    }
                    turn += 1.0;
                }
            }
        });
        let mut took = std::mem::take(&mut *took.lock().expect("nobody panics"));
        took.sort();
        took
    }

    /// Does something with every line at once.
    fn each<F: Future<Output = Line> + 'static>(&mut self, mut work: impl FnMut(Line) -> F) {
        let local = tokio::task::LocalSet::new();
        let tasks: Vec<_> = self.lines.drain(..).map(|line| local.spawn_local(work(line))).collect();
        let all = async {
            let mut lines = Vec::new();
            for task in tasks {
                lines.push(task.await.expect("nobody panics"));
            }
            lines
        };
        self.lines = local.block_on(&self.runtime, all);
    }
}

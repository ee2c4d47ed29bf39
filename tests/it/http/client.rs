//! A client that sends bytes and reads them, so that a test says exactly what goes over the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value as Json;

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body, where all is well.
    pub fn ok(self) -> Json {
        assert!((200..300).contains(&self.status), "{self:?}");
        if self.body.is_empty() { Json::Null } else { self.json() }
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_string()
    }
}

/// A connection.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn to(address: SocketAddr) -> Wire {
        Wire(BufReader::new(TcpStream::connect(address).expect("the server listens")))
    }

    pub fn send(&mut self, bytes: &[u8]) {
        // Who refuses early reads no further.
        self.0.get_mut().write_all(bytes).ok();
    }

    /// Reads what stands before the body.
    pub fn head(&mut self) -> Reply {
        let mut line = String::new();
        // Nothing comes of a connection that was closed: status 0.
        self.0.read_line(&mut line).ok();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).ok();
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_string(), value.to_string())),
                None => return Reply { status, headers, body: String::new() },
            }
        }
    }

    /// Reads a whole answer.
    pub fn reply(&mut self) -> Reply {
        let mut reply = self.head();
        let mut bytes = Vec::new();
        if let Some(length) = reply.header("content-length") {
            bytes.resize(length.parse().expect("it is a number"), 0);
            self.0.read_exact(&mut bytes).expect("the body comes");
        } else if reply.header("transfer-encoding").is_some() {
            while let Some(piece) = self.piece() {
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
        reply.body = String::from_utf8(bytes).expect("it is text");
        reply
    }

    /// The next piece of a stream; nothing, if it is over.
    pub fn piece(&mut self) -> Option<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the stream goes on");
        let length = usize::from_str_radix(line.trim(), 16).ok()?;
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes).ok()?;
        bytes.truncate(length);
        (length > 0).then(|| String::from_utf8(bytes).expect("it is text"))
    }

    /// The next event of a stream: its id and its data.
    pub fn event(&mut self) -> Option<(String, Json)> {
        loop {
            let piece = self.piece()?;
            let field = |name: &str| {
                piece.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_string)
            };
            if let Some(data) = field("data") {
                let data = serde_json::from_str(&data).expect("data is JSON");
                return Some((field("id").unwrap_or_default(), data));
            }
        }
    }
}

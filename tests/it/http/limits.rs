//! Limits: floods, bodies that are too large or never come, headers without end, and sites that may not ask.

use std::io::Read;
use std::net::TcpStream;

use parlor::server::http::{BODY_BYTES_MAX, HEADER_BYTES_MAX, STREAMS_OF_ADDRESS_MAX};
use serde_json::json;

use super::*;

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let served = served_so(Manner { requests_per_second: Some(2000), ..Manner::default() });
    // The clock stands still, so what is left of the second is left for ever.
    let mut last = served.nobody().get("/healthz");
    let mut asked = 0;
    while last.status == 200 {
        last = served.nobody().get("/healthz");
        asked += 1;
        assert!(asked <= 4_000, "there is an end to it");
    }
    assert_eq!((last.status, last.code().as_str()), (429, "too-fast"));
    assert_eq!(last.header("retry-after"), Some("1"));
    assert!(last.json()["detail"].as_str().unwrap().contains("2000 requests a second"));
    served.clock.fetch_add(1_000, Ordering::SeqCst);
    assert_eq!(served.nobody().get("/healthz").status, 200);
}

#[test]
fn of_what_proxies_say_only_the_last_word_counts() {
    let manner = Manner { requests_per_second: Some(2000), behind_proxy: true, ..Manner::default() };
    let served = served_so(manner);
    let from = |address: &str| served.send("GET", "/healthz", &[("X-Forwarded-For", address)], "").status;
    while from("10.9.9.9, 10.0.0.1") == 200 {}
    assert_eq!(from("10.0.0.1"), 429, "whatever stands before it");
    assert_eq!(from("10.0.0.1, 10.0.0.2"), 200);
}

#[test]
fn an_address_keeps_so_many_polls_open() {
    let served = served();
    let (visitor, path) = served.visitor();
    let path = format!("{path}/events");
    let open: Vec<Wire> = (0..STREAMS_OF_ADDRESS_MAX).map(|_| visitor.stream(&path)).collect();
    let more = visitor.get(&path);
    assert_eq!((more.status, more.code().as_str()), (429, "too-fast"));
    assert!(more.json()["detail"].as_str().unwrap().contains(&STREAMS_OF_ADDRESS_MAX.to_string()));
    drop(open);
}

#[test]
fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let served = served();
    let (visitor, path) = served.visitor();
    let mut wire = Wire::to(served.address);
    let head = format!(
        "POST {path}/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n",
        visitor.bearer
    );
    wire.send(head.as_bytes());
    let reply = wire.reply();
    assert_eq!((reply.status, reply.code().as_str()), (413, "too-large"));
    assert!(reply.json()["detail"].as_str().unwrap().contains(&BODY_BYTES_MAX.to_string()));
}

#[test]
fn headers_without_end_are_cut_off() {
    let served = served();
    let mut wire = Wire::to(served.address);
    wire.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ");
    wire.send(&vec![b'x'; HEADER_BYTES_MAX * 2]);
    let head = wire.head();
    assert_eq!(head.status, 431);
}

#[test]
fn what_is_no_http_ends_the_connection_and_nothing_else() {
    let served = served();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut socket = TcpStream::connect(served.address).unwrap();
        std::io::Write::write_all(&mut socket, bytes).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).ok();
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4") || answer.starts_with(b"HTTP/1.1 5"),
            "{answer:?}"
        );
    }
    assert_eq!(served.nobody().get("/healthz").status, 200);
}

#[test]
fn a_site_does_what_its_visitors_do_and_nothing_else() {
    let served = served();
    let site = ("Origin", "https://shop.example.com");
    let kind = ("Content-Type", "application/json");
    let begin =
        |headers: &[(&str, &str)], body: &str| served.send("POST", "/api/v1/conversations", headers, body);
    let begun = begin(&[site, kind], r#"{"engagement": "Ask us"}"#);
    assert_eq!(begun.header("access-control-allow-origin"), Some(site.1), "{begun:?}");
    assert_eq!(begun.status, 201);
    let other = begin(&[("Origin", "https://evil.example.com"), kind], r#"{"engagement": "Ask us"}"#);
    assert_eq!((other.status, other.code().as_str()), (403, "unknown-origin"));
    assert_eq!(other.header("access-control-allow-origin"), None);
    let skill = begin(&[site, kind], r#"{"skill": "Bot"}"#);
    assert_eq!(skill.code(), "not-allowed", "only its own engagement");
    let own = begin(&[("Origin", "http://localhost"), kind], r#"{"skill": "Bot"}"#);
    assert_eq!(own.status, 201, "the house's own pages");
    let asks = [site, ("Access-Control-Request-Method", "POST")];
    let before = served.send("OPTIONS", "/api/v1/conversations", &asks, "");
    assert_eq!((before.status, before.header("access-control-allow-methods")), (204, Some("POST, GET")));
    let login = served.send(
        "POST",
        "/api/v1/login",
        &[site, kind],
        &json!({ "user": "ada", "password": PASSWORD }).to_string(),
    );
    assert_eq!(login.code(), "unknown-origin", "no site logs anybody in");
}

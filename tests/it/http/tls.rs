//! TLS: a certificate and its key as PEM, and the same answers through it. The pair in `tests/http` is for tests alone.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use parlor::server::http::tls;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::*;

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).expect("it is there")
}

#[test]
fn answers_come_through_tls_as_well() {
    let (cert, key) = (pem("localhost.cert.pem"), pem("localhost.key.pem"));
    let config = tls(&cert, &key).expect("they fit together");
    let bytes = std::fs::read(folder().join("shop.account.yaml")).expect("the account is there");
    let account = Account::read("shop.account.yaml", bytes).account.expect("it is sound");
    let served = over_tls(Arc::new(Memory::new()), account, Manner::default(), Some(config));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&cert).expect("it is one")).expect("it is taken");
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("there are some")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("it is a name");
    let connection = ClientConnection::new(Arc::new(client), name).expect("it begins");
    let socket = TcpStream::connect(served.address).expect("it listens");
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(&written("GET", "/healthz", &[("Connection", "close")], "")).expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    let mut plain = TcpStream::connect(served.address).expect("it listens");
    plain.write_all(&written("GET", "/healthz", &[], "")).expect("it is taken");
    let mut nothing = Vec::new();
    plain.read_to_end(&mut nothing).ok();
    assert!(!nothing.starts_with(b"HTTP"), "without TLS there is no answer");
}

#[test]
fn what_is_no_certificate_is_refused_in_a_sentence() {
    let (cert, key) = (pem("localhost.cert.pem"), pem("localhost.key.pem"));
    let cases = [
        (&b""[..], &key[..], "there is no certificate in the file"),
        (&cert[..], &b"hello"[..], "the key cannot be read"),
        (&cert[..], &cert[..], "the key cannot be read"),
    ];
    for (cert, key, says) in cases {
        let why = tls(cert, key).expect_err("it is refused");
        assert!(why.contains(says), "{why}");
    }
}

//! Sockets: connections are accepted, with TLS or without, kept within limits, and ended without cutting anybody off.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::doors::Peer;

/// Connections that are open at once; the next one waits for another's end.
pub const CONNECTIONS_MAX: usize = 16_384;
/// Bytes of the first line and the headers of a request.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;
/// How long the first line and the headers may take to come, also after the request before.
pub const HEADER_SECONDS_MAX: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
const HANDSHAKE_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How long answers that are under way may take when the house closes.
const CLOSING_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How long to wait when the machine has no room for another connection.
const FULL_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` comes; then nothing new is accepted, and what is under way is answered.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let tls = tls.map(TlsAcceptor::from);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { break };
        let (socket, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(FULL_PAUSE).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        socket.set_nodelay(true).ok(); // answers are small and whole
        let (app, tls, peer, watcher) = (app.clone(), tls.clone(), Peer(peer.ip()), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            match tls {
                None => talk(socket, app, peer, watcher).await,
                Some(tls) => match timeout(HANDSHAKE_SECONDS_MAX, tls.accept(socket)).await {
                    Ok(Ok(socket)) => talk(socket, app, peer, watcher).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                },
            }
        });
    }
    drop(listener);
    timeout(CLOSING_SECONDS_MAX, graceful.shutdown()).await.ok();
}

async fn talk(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    app: Router,
    peer: Peer,
    watcher: Watcher,
) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let mut app = app.clone();
        tower_service::Service::call(&mut app, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_SECONDS_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(socket), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// How TLS is spoken, by a certificate chain and its key as PEM.
pub fn tls(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, String> {
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
    let chain = chain.map_err(|error| format!("the certificate cannot be read: {error}"))?;
    if chain.is_empty() {
        return Err("there is no certificate in the file".into());
    }
    let key =
        PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("the key cannot be read: {error}"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
    let mut config =
        config.map_err(|error| format!("the certificate and its key cannot be used: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Listens on an address of this machine.
pub async fn listen(address: std::net::SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

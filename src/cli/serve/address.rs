//! Where a contact center listens: on this machine only, unless TLS or a proxy stands before the world.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;

use crate::cli::exit::{Exit, Failure};
use crate::server::http;

/// Requests that an address beyond this machine may send a second, if nobody says otherwise.
const REQUESTS_PER_SECOND: u32 = 50;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Doors")]
pub(super) struct Address {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7275")]
    listen: SocketAddr,
    /// A name by which it is reached, such as chat.example.com; may be given several times
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// The certificate for TLS and those it stands on, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy of yours stands before it, speaks TLS, and says in X-Forwarded-For who asks
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
}

/// The doors as they will be.
pub(super) struct Doors {
    pub(super) listen: SocketAddr,
    pub(super) names: Vec<String>,
    pub(super) behind_proxy: bool,
    pub(super) requests_per_second: Option<u32>,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Address {
    /// Whether it may listen so.
    pub(super) fn check(&self) -> Result<Doors, Failure> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => {
                let tls = http::tls(&super::file(cert)?, &super::file(key)?);
                Some(tls.map_err(|why| Failure::new(Exit::NotLoaded, why))?)
            }
            _ => None,
        };
        let here = self.listen.ip().is_loopback();
        if !here && tls.is_none() && !self.behind_proxy {
            let message = format!(
                "{} can be reached from other machines, and without TLS everybody in between reads along",
                self.listen
            );
            let help = "add --tls-cert and --tls-key, or --behind-proxy if a proxy of yours speaks TLS";
            return Err(Failure::new(Exit::Usage, message).help(help));
        }
        let mut names = self.names.clone();
        let ip = self.listen.ip();
        if !ip.is_unspecified() {
            names.push(if let IpAddr::V6(ip) = ip { format!("[{ip}]") } else { ip.to_string() });
        } else if names.is_empty() {
            let message = format!("{} is reached by names that I do not know", self.listen);
            let help =
                "say each with --name, such as --name chat.example.com: requests for other hosts are refused";
            return Err(Failure::new(Exit::Usage, message).help(help));
        }
        let requests_per_second = (!here || self.behind_proxy).then_some(REQUESTS_PER_SECOND);
        let (listen, behind_proxy) = (self.listen, self.behind_proxy);
        Ok(Doors { listen, names, behind_proxy, requests_per_second, tls })
    }
}

impl Doors {
    /// Where it is found, once it listens.
    pub(super) fn shown(&self, at: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        match self.names.first() {
            Some(name) if at.ip().is_unspecified() => format!("{scheme}://{name}:{}", at.port()),
            _ => format!("{scheme}://{at}"),
        }
    }
}

//! Somebody else's HTTP server: where it is, and a connection to it, over TLS or without.

use std::{net::IpAddr, path::Path, sync::Arc};

use hyper::{
    Uri,
    body::{Body, Bytes},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;

/// Why it could not be reached.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The address of a server.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    uri: Uri,
    tls: bool,
}

/// A connection on which one asks after the other. It ends with the value.
pub(crate) struct Connection<B> {
    /// Sends requests.
    pub(crate) sender: http1::SendRequest<B>,
    carrying: JoinHandle<()>,
}

impl<B> Drop for Connection<B> {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Bytes both ways, whoever carries them.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Peer {
    /// Reads an address: `https://…` or `http://…`.
    pub(crate) fn of(text: &str) -> Result<Self, String> {
        let uri: Uri = text
            .parse()
            .map_err(|_| format!("{text}: this is no URL"))?;
        let tls = match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(host)) if !host.is_empty() => true,
            (Some("http"), Some(host)) if !host.is_empty() => false,
            _ => return Err(format!("{text}: http:// or https:// and a host are needed")),
        };
        Ok(Self { uri, tls })
    }

    /// Host and, where one is named, port.
    pub(crate) fn authority(&self) -> &str {
        self.uri
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    fn host(&self) -> &str {
        let host = self.uri.host().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether nobody can listen: TLS, or this machine.
    pub(crate) fn is_private(&self) -> bool {
        let host = self.host();
        self.tls
            || host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Connects. Over TLS the server must show a certificate that the machine trusts, or one of `trusted` where a file is
    /// named (PEM).
    pub(crate) async fn connect<B>(&self, trusted: Option<&Path>) -> Result<Connection<B>, Failed>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Failed>,
    {
        let port = self.uri.port_u16();
        let port = port.unwrap_or(if self.tls { 443 } else { 80 });
        let socket = TcpStream::connect((self.host(), port)).await?;
        socket.set_nodelay(true)?;
        let wire: Box<dyn Wire> = if self.tls {
            let name = ServerName::try_from(self.host().to_owned())?;
            Box::new(connector(trusted)?.connect(name, socket).await?)
        } else {
            Box::new(socket)
        };
        let (sender, connection) = http1::handshake(TokioIo::new(wire)).await?;
        // Its error is also the answer's.
        let carrying = tokio::spawn(async { drop(connection.await) });
        Ok(Connection { sender, carrying })
    }
}

fn connector(trusted: Option<&Path>) -> Result<TlsConnector, Failed> {
    let mut roots = rustls::RootCertStore::empty();
    match trusted {
        Some(file) => {
            let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
            let read = CertificateDer::pem_file_iter(file).map_err(|e| wrong(&e))?;
            for certificate in read {
                roots.add(certificate.map_err(|e| wrong(&e))?)?;
            }
            if roots.is_empty() {
                return Err(wrong(&"no certificate stands in it").into());
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_private_over_tls_or_on_this_machine() {
        for (text, private) in [
            ("https://qonys.example", true),
            ("https://192.0.2.1:8443/x?y", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:8080", true),
            ("http://192.0.2.1", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(Peer::of(text).expect(text).is_private(), private, "{text}");
        }
        for text in ["", "127.0.0.1", "ftp://host", "http://", "/path"] {
            assert!(Peer::of(text).is_err(), "{text}");
        }
    }
}

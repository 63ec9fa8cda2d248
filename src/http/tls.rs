//! TLS of the server: certificate and key from PEM files, rustls on ring, TLS 1.2 and 1.3.

use std::{io, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

/// The server's side of TLS with the certificates and the key of two files.
///
/// # Errors
/// Where one cannot be read or they do not fit each other. What stands in the key's file is not told.
pub fn acceptor(certificates: &Path, key: &Path) -> io::Result<TlsAcceptor> {
    let wrong = |path: &Path, what: String| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: {what}", path.display()),
        )
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(certificates, e.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(
            certificates,
            "no certificate stands in it".to_owned(),
        ));
    }
    let read = PrivateKeyDer::from_pem_file(key);
    let private = read.map_err(|_| wrong(key, "no private key stands in it".to_owned()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|e| wrong(certificates, e.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

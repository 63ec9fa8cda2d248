//! The public keys of a provider (RFC 7517), from a file or an address: kept for a while, fetched again when a token names a
//! key that is not known, but not more often than every few seconds, whatever tokens say.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Request, Uri, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Mutex,
};

use super::Refused;

/// How long keys are used before they are fetched again.
const FRESH: Duration = Duration::from_secs(300);
/// How long they are used although they cannot be fetched.
const STALE_MAX: Duration = Duration::from_secs(3_600);
/// The shortest time between two fetches.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest document, in bytes.
const BYTES_MAX: usize = 262_144;

/// Where the keys stand.
#[derive(Debug, Clone)]
pub(super) enum Source {
    File(PathBuf),
    Address(Uri),
}

impl Source {
    /// An address: over TLS, or on this machine.
    pub(super) fn address(text: &str) -> Result<Self, Refused> {
        let wrong = |what: &str| Refused::Unavailable(format!("{text}: {what}"));
        let uri: Uri = text.parse().map_err(|_| wrong("this is no URL"))?;
        let host = uri.host().unwrap_or_default();
        match uri.scheme_str() {
            Some("https") if !host.is_empty() => Ok(Self::Address(uri)),
            Some("http") if is_here(host) => Ok(Self::Address(uri)),
            _ => Err(wrong("keys are fetched over https, or from this machine")),
        }
    }

    async fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                let read = tokio::fs::read(path).await;
                read.map_err(|e| format!("{}: {e}", path.display()))
            }
            Self::Address(uri) => match tokio::time::timeout(PATIENCE, fetch(uri)).await {
                Ok(fetched) => fetched.map_err(|e| format!("{uri}: {e}")),
                Err(_) => Err(format!("{uri}: no answer in {PATIENCE:?}")),
            },
        }
    }
}

fn is_here(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn fetch(uri: &Uri) -> Result<Vec<u8>, Failed> {
    let host = uri.host().ok_or("no host")?.to_owned();
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let socket = TcpStream::connect((name, port)).await?;
    if !tls {
        return ask(uri, &host, socket).await;
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let server = rustls::pki_types::ServerName::try_from(name.to_owned())?;
    ask(uri, &host, connector.connect(server, socket).await?).await
}

async fn ask(
    uri: &Uri,
    host: &str,
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<Vec<u8>, Failed> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    // Its error is also the answer's.
    let connection = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != hyper::StatusCode::OK {
        return Err(format!("it answers {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), BYTES_MAX)
        .collect()
        .await?;
    connection.abort();
    Ok(body.to_bytes().to_vec())
}

/// One public key, and the only algorithms that it may be used with.
#[derive(Clone)]
struct Key {
    id: Option<String>,
    takes: Vec<Algorithm>,
    key: DecodingKey,
}

impl Key {
    /// A key that signs, with a public half; none for every other.
    fn of(jwk: &Jwk) -> Option<Self> {
        if matches!(&jwk.common.public_key_use, Some(of) if *of != PublicKeyUse::Signature) {
            return None;
        }
        let family: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            AlgorithmParameters::EllipticCurve(of) if of.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            AlgorithmParameters::EllipticCurve(of) if of.curve == EllipticCurve::P384 => {
                &[Algorithm::ES384]
            }
            AlgorithmParameters::OctetKeyPair(of) if of.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            _ => return None,
        };
        let named = jwk.common.key_algorithm.map(|named| named.to_string());
        let takes: Vec<Algorithm> = family
            .iter()
            .copied()
            .filter(|algorithm| {
                let name = format!("{algorithm:?}");
                named.as_ref().is_none_or(|named| *named == name)
            })
            .collect();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        debug_assert_ne!(key.family(), AlgorithmFamily::Hmac);
        Some(Self {
            id: jwk.common.key_id.clone(),
            takes,
            key,
        })
    }
}

struct Known {
    keys: Vec<Key>,
    fetched: Instant,
    tried: Instant,
}

/// The keys of one provider.
pub(super) struct Jwks {
    source: Source,
    known: Mutex<Known>,
}

impl Jwks {
    /// Fetches them for the first time: a server that could verify nobody does not start.
    pub(super) async fn start(source: Source) -> Result<Self, Refused> {
        let keys = read(&source).await.map_err(Refused::Unavailable)?;
        let now = Instant::now();
        let known = Mutex::new(Known {
            keys,
            fetched: now,
            tried: now,
        });
        Ok(Self { source, known })
    }

    /// The key that a token names, for its algorithm. A token that names none is taken where only one key fits.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, Refused> {
        let mut known = self.known.lock().await;
        let old = known.fetched.elapsed() > FRESH;
        if (old || fitting(&known.keys, id, algorithm).is_none()) && known.tried.elapsed() > PAUSE {
            known.tried = Instant::now();
            match read(&self.source).await {
                Ok(keys) => (known.keys, known.fetched) = (keys, Instant::now()),
                Err(error) => tracing::warn!(%error, "the provider's keys could not be fetched"),
            }
        }
        if known.fetched.elapsed() > STALE_MAX {
            let why = "the provider's keys could not be fetched for too long".to_owned();
            return Err(Refused::Unavailable(why));
        }
        fitting(&known.keys, id, algorithm)
            .ok_or_else(|| Refused::Credential("no key of the provider fits it".to_owned()))
    }
}

fn fitting(keys: &[Key], id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let mut fitting = keys
        .iter()
        .filter(|key| key.takes.contains(&algorithm))
        .filter(|key| id.is_none() || key.id.as_deref() == id);
    let (first, second) = (fitting.next()?, fitting.next());
    second.is_none().then(|| first.key.clone())
}

async fn read(source: &Source) -> Result<Vec<Key>, String> {
    let bytes = source.read().await?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let listed = document["keys"]
        .as_array()
        .ok_or("the document has no list `keys`")?;
    // A key that cannot be read is left out: a provider may have others for others.
    let keys = listed
        .iter()
        .filter_map(|key| Key::of(&serde_json::from_value::<Jwk>(key.clone()).ok()?));
    Ok(keys.collect())
}

//! The program over TLS: with its certificates it speaks nothing else; behind a gate it is not reached from elsewhere without.

use std::{os::unix::fs::PermissionsExt as _, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::support::process::{Running, qonys, run, run_with_input};

/// A certificate for this machine and its key, made for this test.
const CERTIFICATE: &str = include_str!("cert.pem");
const KEY: &str = include_str!("key.pem");

#[tokio::test]
async fn with_certificates_the_server_speaks_tls_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let (certificate, key) = (file("cert.pem", CERTIFICATE), file("key.pem", KEY));
    let at = directory.path().join("data").to_string_lossy().into_owned();
    run(qonys(["init", "--data-dir", &at]))
        .await
        .expect_success();
    let common = ["serve", "--api-keys", "--data-dir", &at];
    // Credentials are not sent in the clear.
    let clear = run(qonys(common.into_iter().chain(["--addr", "0.0.0.0:0"]))).await;
    assert_eq!(clear.code(), Some(2), "{}", clear.stderr);
    // A key that is none is refused without a word of what stands in it.
    let wrong = [
        "--addr",
        "127.0.0.1:0",
        "--tls-certificates",
        &certificate,
        "--tls-key",
        &certificate,
    ];
    let wrong = run(qonys(common.into_iter().chain(wrong))).await;
    assert_ne!(wrong.code(), Some(0));
    assert!(!wrong.stderr.contains("MII"), "{}", wrong.stderr);

    let arguments = [
        "--addr",
        "127.0.0.1:0",
        "--tls-certificates",
        &certificate,
        "--tls-key",
        &key,
    ];
    let mut server = Running::start(qonys(common.into_iter().chain(arguments)));
    let line = server
        .wait_for("serving https://", Duration::from_secs(60))
        .await;
    let address = line
        .rsplit("https://")
        .next()
        .expect("an address")
        .trim_end_matches('/')
        .to_owned();

    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let socket = TcpStream::connect(&address)
        .await
        .expect("the server listens");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = connector.connect(name, socket).await.expect("TLS");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let connection = tokio::spawn(connection);
    for (path, status) in [("/livez", 200), ("/v1/board", 200), ("/v1/decisions", 401)] {
        let request = Request::get(path)
            .header("host", "localhost")
            .body(Empty::<Bytes>::new());
        let response = sender
            .send_request(request.expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(response.status(), status, "{path}");
        assert!(
            response.headers().contains_key("content-security-policy"),
            "{path}"
        );
        assert_eq!(
            response.headers()["cross-origin-resource-policy"],
            "same-origin",
            "{path}"
        );
        response.into_body().collect().await.expect("a body");
    }
    connection.abort();

    // `submit` sends a credential, and only to a server whose certificate it trusts.
    let line = "{}\n";
    let url = address.replace("127.0.0.1", "https://localhost");
    let credential = file("credential", "qk_unknown\n");
    let submit = |trusted: Option<&str>| {
        let mut submit = qonys(["submit", "-", "--server", &url]);
        submit.args(["--credential-file", &credential]);
        submit.args(
            trusted
                .iter()
                .flat_map(|file| ["--trusted-certificates", file]),
        );
        submit
    };
    let open = run_with_input(submit(Some(&certificate)), line).await;
    assert_eq!(open.code(), Some(2), "{}", open.stderr);
    assert!(open.stderr.contains("chmod 600"), "{}", open.stderr);
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&credential, closed).expect("closed");
    let refused = run_with_input(submit(Some(&certificate)), line).await;
    assert_eq!(refused.code(), Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("401") && !refused.stderr.contains("qk_unknown"),
        "{}",
        refused.stderr
    );
    let untrusted = run_with_input(submit(None), line).await;
    assert_eq!(untrusted.code(), Some(6), "{}", untrusted.stderr);
    let key = run(qonys([
        "access",
        "make-key",
        "test",
        "--role",
        "registrar",
        "--data-dir",
        &at,
    ]));
    let key = key.await.expect_success();
    std::fs::write(&credential, &key.stdout).expect("a file");
    let let_in = run_with_input(submit(Some(&certificate)), line).await;
    assert!(
        let_in.stdout.contains("\"outcome\":\"invalid\""),
        "{} {}",
        let_in.stdout,
        let_in.stderr
    );

    // Whoever speaks without TLS gets no HTTP.
    let mut plain = TcpStream::connect(&address)
        .await
        .expect("the server listens");
    plain
        .write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(15), plain.read_to_end(&mut answer)).await);
    assert!(
        !answer.starts_with(b"HTTP"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    server.kill9().await;
}

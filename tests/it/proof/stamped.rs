//! Time evidence: an RFC 3161 token over a checkpoint, by a time-stamping authority of our own with `openssl`.

use std::{path::Path, process::Command};

use super::stage::Stage;

/// The authority: a certificate for time-stamping alone, and how it answers.
const CONFIG: &str = "
[ req ]
distinguished_name = name
x509_extensions = stamping
prompt = no
[ name ]
CN = A test authority
[ stamping ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ tsa ]
default_tsa = authority
[ authority ]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
";

/// Runs openssl in a directory; its output, or `None` where it fails.
fn openssl(directory: &Path, arguments: &str) -> Option<String> {
    let output = Command::new("openssl")
        .current_dir(directory)
        .args(arguments.split(' '))
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

#[tokio::test]
async fn a_token_stamps_a_checkpoint_and_nothing_else() {
    let mut stage = Stage::embedded().await;
    let first = stage.sign().await;
    stage.families(2).await;
    let second = stage.sign().await;
    let place = tempfile::tempdir().expect("a directory");
    let at = place.path();
    std::fs::write(at.join("config"), CONFIG).expect("a file");
    std::fs::write(at.join("serial"), "01\n").expect("a file");
    std::fs::write(at.join("checkpoint"), first.to_string()).expect("a file");
    std::fs::write(at.join("other"), second.to_string()).expect("a file");
    let must =
        |arguments: &str| openssl(at, arguments).unwrap_or_else(|| panic!("openssl {arguments}"));
    must("req -x509 -newkey rsa:2048 -nodes -config config -keyout tsa.key -out tsa.pem -days 2");
    must("ts -query -data checkpoint -sha256 -cert -out query");
    must("ts -reply -config config -section authority -queryfile query -out token");
    let verified = "ts -verify -in token -CAfile tsa.pem -data";
    must(&format!("{verified} checkpoint"));
    // A51: the token of one checkpoint is none of another, and none of an authority that is not known.
    assert_eq!(openssl(at, &format!("{verified} other")), None);
    must("req -x509 -newkey rsa:2048 -nodes -config config -keyout x.key -out x.pem -days 2");
    assert_eq!(
        openssl(at, "ts -verify -in token -CAfile x.pem -data checkpoint"),
        None
    );
    // Its time is now, which is what bounds the entries that the checkpoint covers (`verify/tests`).
    let shown = must("ts -reply -in token -text");
    assert!(shown.contains("Time stamp: "), "{shown}");
}

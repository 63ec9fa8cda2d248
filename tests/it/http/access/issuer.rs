//! A provider of tokens: keys, their document, and tokens that are signed with them. The keys are made for these tests.

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use qonys::access::token::Provider;
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256,
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(super) const ISSUER: &str = "https://id.example.kz/realms/akimat";
pub(super) const AUDIENCE: &str = "qonys";
/// An RSA key of 2,048 bits, for these tests alone.
const RSA: &[u8] = include_bytes!("rsa.der");

pub(crate) struct Issuer {
    directory: TempDir,
    pub(super) ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A compact JWS of any header.
pub(super) fn compact(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let head = b64(header.to_string().as_bytes());
    let body = b64(claims.to_string().as_bytes());
    let message = format!("{head}.{body}");
    let signature = b64(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}

pub(super) fn now() -> i64 {
    qonys::clock::Clock::System.now().micros() / 1_000_000
}

/// A new Ed25519 key.
pub(super) fn ed_key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key")
}

pub(super) fn ed_jwk(kid: &str, key: &Ed25519KeyPair) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": b64(key.public_key().as_ref())})
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let issuer = Self {
            directory: tempfile::tempdir().expect("a directory"),
            ed: ed_key(),
            ec: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key"),
            rsa: RsaKeyPair::from_der(RSA).expect("a key"),
        };
        issuer.publish(&issuer.document());
        issuer
    }

    pub(super) fn file(&self) -> PathBuf {
        self.directory.path().join("jwks.json")
    }

    pub(super) fn publish(&self, document: &Value) {
        std::fs::write(self.file(), document.to_string()).expect("a file");
    }

    /// The public keys, one of each kind, and one for encryption that signs nothing.
    pub(super) fn document(&self) -> Value {
        let ec = self.ec.public_key().as_ref();
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let (modulus, exponent) = (&rsa.n, &rsa.e);
        json!({"keys": [
            ed_jwk("ed", &self.ed),
            {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": b64(&ec[1..33]), "y": b64(&ec[33..])},
            {"kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": b64(modulus), "e": b64(exponent)},
            {"kty": "RSA", "kid": "enc", "alg": "RSA-OAEP", "use": "enc", "n": b64(modulus), "e": b64(exponent)},
            {"kty": "oct", "kid": "oct", "alg": "HS256", "k": b64(b"a secret that everybody can read")},
        ]})
    }

    pub(super) fn provider(&self) -> Provider {
        Provider {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            keys: self.file().to_string_lossy().into_owned(),
            algorithms: ["EdDSA", "ES256", "RS256"].map(str::to_owned).to_vec(),
            skew: Duration::from_secs(30),
            roles: "/realm_access/roles".to_owned(),
            office: "/office".to_owned(),
            person: "/person".to_owned(),
        }
    }

    /// What a good token says.
    pub(super) fn claims(&self, subject: &str, roles: &[&str]) -> Value {
        json!({"iss": ISSUER, "aud": [AUDIENCE, "another"], "sub": subject, "iat": now(), "exp": now() + 600,
            "office": "akimat.almaty", "realm_access": {"roles": roles}})
    }

    pub(super) fn signed(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "ed"});
        compact(&header, claims, |message| {
            self.ed.sign(message).as_ref().to_vec()
        })
    }

    pub(super) fn by_ec(&self, claims: &Value) -> String {
        let header = json!({"alg": "ES256", "kid": "ec"});
        compact(&header, claims, |message| {
            let signature = self.ec.sign(&SystemRandom::new(), message);
            signature.expect("a signature").as_ref().to_vec()
        })
    }

    pub(super) fn by_rsa(&self, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "kid": kid});
        compact(&header, claims, |message| {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            let random = SystemRandom::new();
            let signed = self
                .rsa
                .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
            signed.expect("a signature");
            signature
        })
    }

    /// A good token.
    pub(super) fn token(&self, subject: &str, roles: &[&str]) -> String {
        self.signed(&self.claims(subject, roles))
    }
}

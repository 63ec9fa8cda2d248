//! Who gets in: the options by which a server asks, and `qonys access`, which keeps the API keys.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use qonys_events::{
    id::Ref,
    scalar::{Instant, Slug},
};
use serde_json::json;

use super::{Failure, Output, kept, output};
use crate::{
    access::{
        Gate, Refused,
        keys::{KeyRecord, Keys, NewKey},
        policy::{self, Role},
        token::{Provider, USUAL_ALGORITHMS, USUAL_SKEW},
    },
    settings::{DEFAULT_DIRECTORY, Place},
};

/// How a server asks who somebody is.
#[derive(Args)]
pub(super) struct Entrance {
    /// Issuer of the tokens that are accepted (OpenID Connect), exactly as in their `iss`.
    #[arg(
        long,
        env = "QONYS_OIDC_ISSUER",
        requires = "oidc_audience",
        requires = "oidc_keys"
    )]
    oidc_issuer: Option<String>,
    /// What this register is called in their `aud`.
    #[arg(long, env = "QONYS_OIDC_AUDIENCE")]
    oidc_audience: Option<String>,
    /// The provider's public keys (JWKS): a file, an https:// address, or an http:// one on this machine.
    #[arg(long, env = "QONYS_OIDC_KEYS")]
    oidc_keys: Option<String>,
    /// Signature algorithms that are accepted, with public keys only.
    #[arg(long, env = "QONYS_OIDC_ALGORITHMS", value_delimiter = ',', default_values = USUAL_ALGORITHMS)]
    oidc_algorithm: Vec<String>,
    /// How far the provider's clock may be from this machine's, in seconds.
    #[arg(long, env = "QONYS_OIDC_SKEW_SECONDS", default_value_t = USUAL_SKEW.as_secs())]
    oidc_skew_seconds: u64,
    /// JSON pointer to the roles in a token: a list, or a text with blanks between.
    #[arg(long, env = "QONYS_OIDC_ROLES", default_value = "/roles")]
    oidc_roles: String,
    /// JSON pointer to the office that somebody acts for.
    #[arg(long, env = "QONYS_OIDC_OFFICE", default_value = "/office")]
    oidc_office: String,
    /// JSON pointer to somebody's reference as a person in the register.
    #[arg(long, env = "QONYS_OIDC_PERSON", default_value = "/person")]
    oidc_person: String,
    /// Asks for API keys (`qonys access`), also where no provider is named.
    #[arg(long, env = "QONYS_API_KEYS")]
    api_keys: bool,
    /// Asks nobody although the log is in PostgreSQL; only this machine is answered.
    #[arg(long, conflicts_with_all = ["oidc_issuer", "api_keys"])]
    local: bool,
}

impl Entrance {
    /// The gate that the options describe. Without any the embedded log is served in local mode.
    pub(super) async fn gate(&self, place: &Place) -> Result<Gate, Failure> {
        let provider = match (&self.oidc_issuer, &self.oidc_audience, &self.oidc_keys) {
            (Some(issuer), Some(audience), Some(keys)) => Some(Provider {
                issuer: issuer.clone(),
                audience: audience.clone(),
                keys: keys.clone(),
                algorithms: self.oidc_algorithm.clone(),
                skew: Duration::from_secs(self.oidc_skew_seconds),
                roles: self.oidc_roles.clone(),
                office: self.oidc_office.clone(),
                person: self.oidc_person.clone(),
            }),
            (None, None, None) => None,
            _ => {
                return Err(Failure::usage(
                    "a provider of tokens has an issuer, an audience and keys",
                ));
            }
        };
        if provider.is_some() || self.api_keys {
            // Who is known, and by which key, is so through all incarnations.
            let (first, _) = kept::first(place, Path::new(""))?;
            return Ok(Gate::guarded(first.directory(), provider).await?);
        }
        match place {
            Place::Database { .. } if !self.local => Err(Failure::usage(
                "a log in PostgreSQL is served to whoever can say who he is: name a provider of tokens (--oidc-issuer), \
                 ask for API keys (--api-keys), or say --local, which asks nobody and answers this machine only",
            )),
            _ => Ok(Gate::local()),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Credential(why) => Self::usage(why),
            Refused::Unavailable(why) => Self::unavailable(why),
        }
    }
}

/// `qonys access`.
#[derive(Subcommand)]
pub(super) enum Access {
    /// Makes an API key and prints it. It is shown once: only its hash is kept.
    MakeKey(MakeKey),
    /// Lists the API keys, without their secrets.
    ListKeys(ListKeys),
    /// Revokes an API key: it is refused a second later at the latest.
    RevokeKey(RevokeKey),
}

/// Where the keys are kept.
#[derive(Args)]
struct Directory {
    /// The data directory of the server.
    #[arg(long, env = "QONYS_DATA_DIR", default_value = DEFAULT_DIRECTORY)]
    data_dir: PathBuf,
}

impl Directory {
    /// The keys of the register's first incarnation: they are good in all.
    async fn keys(&self) -> Result<Keys, Failure> {
        let place = Place::Directory(self.data_dir.clone());
        let (first, _) = kept::first(&place, Path::new(""))?;
        Ok(Keys::open(first.directory()).await?)
    }
}

/// Options of `qonys access make-key`.
#[derive(Args)]
pub(super) struct MakeKey {
    /// What the key is for.
    label: String,
    /// Role in which it acts; may be given several times.
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// Reference of the official for whom it acts; a new one where it is absent.
    #[arg(long)]
    official: Option<Ref>,
    /// Office that it acts for, if one alone.
    #[arg(long)]
    office: Option<Slug>,
    /// Action that it is good for, such as `read-register`; may be given several times. Without it all of its roles'.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// For how many days it is good.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    #[command(flatten)]
    at: Directory,
}

/// Options of `qonys access list-keys`.
#[derive(Args)]
pub(super) struct ListKeys {
    /// How the list is written.
    #[arg(long, default_value = "table")]
    output: Output,
    #[command(flatten)]
    at: Directory,
}

/// Options of `qonys access revoke-key`.
#[derive(Args)]
pub(super) struct RevokeKey {
    /// The key's id: what stands between the two underscores.
    id: String,
    #[command(flatten)]
    at: Directory,
}

/// Keeps the keys.
pub(super) async fn run(access: Access) -> Result<(), Failure> {
    match access {
        Access::MakeKey(make) => make_key(make).await,
        Access::ListKeys(list) => list_keys(list).await,
        Access::RevokeKey(revoke) => {
            let keys = revoke.at.keys().await?;
            if !keys.revoke(&revoke.id).await? {
                return Err(Failure::error("no key of this id is good"));
            }
            Ok(output::line(&format!("revoked {}", revoke.id))?)
        }
    }
}

async fn make_key(make: MakeKey) -> Result<(), Failure> {
    if let Some(unknown) = make.scopes.iter().find(|scope| !policy::is_action(scope)) {
        return Err(Failure::usage(format!("{unknown:?} is no action")));
    }
    let keys = make.at.keys().await?;
    let scopes: BTreeSet<String> = make.scopes.into_iter().collect();
    let (record, key) = keys
        .make(NewKey {
            official: make.official,
            roles: make.roles.into_iter().collect(),
            office: make.office,
            scopes: Some(scopes).filter(|scopes| !scopes.is_empty()),
            label: make.label,
            lives: Duration::from_secs(u64::from(make.days) * 86_400),
        })
        .await?;
    output::complain(&format!(
        "acts for {}, until {}; shown once, kept nowhere:",
        record.official,
        day(record.expires)
    ));
    Ok(output::line(&key)?)
}

fn day(seconds: i64) -> String {
    Instant::from_micros(seconds.saturating_mul(1_000_000)).to_string()
}

fn written(key: &KeyRecord) -> serde_json::Value {
    let roles: Vec<&str> = key.roles.iter().map(|role| role.name()).collect();
    json!({
        "id": key.id,
        "label": key.label,
        "official": key.official,
        "roles": roles,
        "office": key.office,
        "scopes": key.scopes,
        "expires": day(key.expires),
        "revoked": key.revoked.map(day),
    })
}

async fn list_keys(list: ListKeys) -> Result<(), Failure> {
    let keys = list.at.keys().await?.list().await?;
    match list.output {
        Output::Json => {
            let all: Vec<_> = keys.iter().map(written).collect();
            output::json(&all)?;
        }
        Output::Ndjson => {
            for key in &keys {
                output::json(&written(key))?;
            }
        }
        Output::Table => {
            for key in &keys {
                let roles: Vec<&str> = key.roles.iter().map(|role| role.name()).collect();
                let state = match key.revoked {
                    Some(at) => format!("revoked {}", day(at)),
                    None => format!("until {}", day(key.expires)),
                };
                output::line(&format!(
                    "{}  {}  {}  {}  {state}",
                    key.id,
                    key.official,
                    roles.join(" "),
                    key.label
                ))?;
            }
        }
    }
    Ok(())
}

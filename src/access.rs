//! Who gets in: who somebody is (tokens of an OpenID provider, API keys), and what he may do (the policies in `access/`).
//!
//! Identity and permission are separate. [`Gate::identify`] says who asks; [`policy::decide`] says whether a role may do an
//! operation, and by which policy. Nothing here looks at the register: no answer tells whether something exists in it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use qonys_events::{id::Ref, scalar::Slug};

pub mod keys;
pub mod policy;
pub mod token;

mod crypto;
mod jwks;
mod store;

use keys::Keys;
use policy::Role;
use store::Store;
use token::{Provider, Tokens};

/// What an API key begins with. Nothing else that comes as a bearer begins so.
const KEY_PREFIX: &str = "qonys_";

/// Why nobody was identified. What it says goes into our own log line and never to the caller, who hears 401 alone.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The credential is not one of ours or of the provider, or not any more.
    #[error("{0}")]
    Credential(String),
    /// Whether it is cannot be found out now.
    #[error("{0}")]
    Unavailable(String),
}

/// How somebody was identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Not at all: he came to a server that this machine alone can reach, and declares who he is.
    Local,
    /// Not at all: what is public is for him.
    Nobody,
    /// By a token of the provider.
    Token,
    /// By an API key.
    Key,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// How we know.
    pub means: Means,
    /// His reference as an official: random, ours; what appointments name. None for who is no official.
    pub official: Option<Ref>,
    /// The roles in which he may act.
    pub roles: BTreeSet<Role>,
    /// The office that he acts for, where the provider names one.
    pub office: Option<Slug>,
    /// His reference as a person in the register, where the provider names it.
    pub person: Option<Ref>,
    /// The actions that his key is made for; every one where it names none.
    pub scopes: Option<BTreeSet<String>>,
}

/// That a principal may do something: in which role, and by which policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The role; none in local mode, where the caller declares it.
    pub role: Option<Role>,
    /// The id of the policy that decided; none in local mode.
    pub policy: Option<&'static str>,
}

impl Principal {
    fn without(means: Means) -> Self {
        Self {
            means,
            official: None,
            roles: BTreeSet::new(),
            office: None,
            person: None,
            scopes: None,
        }
    }

    /// Whoever came without a credential to a server that asks for one.
    pub fn nobody() -> Self {
        Self::without(Means::Nobody)
    }

    /// Whoever came to a server in local mode.
    pub fn local() -> Self {
        Self::without(Means::Local)
    }

    /// Whether he may do an operation in one of his roles, or in the one that is named. `own` says that the question is
    /// about himself.
    pub fn may(&self, operation: &str, role: Option<Role>, own: bool) -> Option<Admitted> {
        if self.means == Means::Local {
            return Some(Admitted {
                role: None,
                policy: None,
            });
        }
        let action = policy::action(operation)?;
        let for_all = policy::decide(Role::Public, action, own).map(|policy| Admitted {
            role: Some(Role::Public),
            policy: Some(policy),
        });
        let in_scope = self
            .scopes
            .as_ref()
            .is_none_or(|scopes| scopes.contains(action));
        let in_role = self
            .roles
            .iter()
            .filter(|own_role| role.is_none_or(|role| role == **own_role) && in_scope)
            .find_map(|role| {
                let policy = policy::decide(*role, action, own)?;
                Some(Admitted {
                    role: Some(*role),
                    policy: Some(policy),
                })
            });
        in_role.or(for_all.filter(|_| role.is_none()))
    }

    /// The official whom entries of the second log name.
    pub fn reference(&self) -> Option<Ref> {
        self.official.or(self.person)
    }
}

/// The gate of one server. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Kind>);

enum Kind {
    Local,
    Guarded(Box<Guarded>),
}

struct Guarded {
    tokens: Option<Tokens>,
    keys: Keys,
}

impl Gate {
    /// Nobody is asked who he is: for a server that this machine alone can reach.
    pub fn local() -> Self {
        Self(Arc::new(Kind::Local))
    }

    /// Everybody is asked: for tokens of a provider, if there is one, and for API keys of this directory.
    ///
    /// # Errors
    /// Where the directory or the provider's keys cannot be read.
    pub async fn guarded(directory: &Path, provider: Option<Provider>) -> Result<Self, Refused> {
        crypto::install();
        let store = Store::open(directory).await?;
        let tokens = match provider {
            Some(provider) => Some(Tokens::start(provider, store.clone()).await?),
            None => None,
        };
        let keys = Keys::new(store);
        Ok(Self(Arc::new(Kind::Guarded(Box::new(Guarded {
            tokens,
            keys,
        })))))
    }

    /// Whether nobody is asked.
    pub fn is_local(&self) -> bool {
        matches!(*self.0, Kind::Local)
    }

    /// Who brings this bearer credential, or none.
    ///
    /// # Errors
    /// [`Refused`] for a credential that is not good, whatever is wrong with it.
    pub async fn identify(&self, bearer: Option<&str>) -> Result<Principal, Refused> {
        let guarded = match &*self.0 {
            Kind::Local => return Ok(Principal::local()),
            Kind::Guarded(guarded) => guarded,
        };
        let Some(bearer) = bearer else {
            return Ok(Principal::nobody());
        };
        if bearer.starts_with(KEY_PREFIX) {
            return guarded.keys.identify(bearer).await;
        }
        match &guarded.tokens {
            Some(tokens) => tokens.identify(bearer).await,
            None => Err(Refused::Credential(
                "no provider of tokens is known here".to_owned(),
            )),
        }
    }
}

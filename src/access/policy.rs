//! What a role may do: the table that Cedar made of the policies (`access/access.cedar`) for every role and action. The
//! policies see nothing but role, action and whether the question is about the caller himself, so the table is all of them
//! (ADR 6); `cargo xtask policies` evaluates them again and compares.

use std::{collections::HashMap, fmt, str::FromStr, sync::LazyLock};

/// Operation and action, one a line.
const OPERATIONS: &str = include_str!("../../access/operations.csv");
/// Role, action, whether it is about the caller himself, decision, deciding policies.
const DECISIONS: &str = include_str!("../../access/decisions.csv");

/// A role of the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Registers persons, dwellings, residences and stays.
    Registrar,
    /// Decides on applications, keeps acts and quotas.
    QuotaOfficer,
    /// Drafts proposals, monitors, forecasts.
    ProposalOfficer,
    /// Answers proposals, sets limits, decides on complaints.
    AuthorisedBody,
    /// Reads everything and decides nothing.
    Auditor,
    /// Runs the system and reads no person.
    Operator,
    /// Everybody.
    Public,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Registrar,
        Self::QuotaOfficer,
        Self::ProposalOfficer,
        Self::AuthorisedBody,
        Self::Auditor,
        Self::Operator,
        Self::Public,
    ];

    /// The name as it stands in tokens, keys, policies and entries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::QuotaOfficer => "quota-officer",
            Self::ProposalOfficer => "proposal-officer",
            Self::AuthorisedBody => "authorised-body",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Public => "public",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| format!("{text:?} is no role"))
    }
}

static ACTIONS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let rows = OPERATIONS.lines().skip(1);
    rows.filter_map(|row| row.split_once(',')).collect()
});

static PERMITS: LazyLock<HashMap<(&'static str, &'static str, bool), &'static str>> =
    LazyLock::new(|| {
        let rows = DECISIONS.lines().skip(1);
        rows.filter_map(|row| {
            let [role, action, own, "allow", policies] = row.split(',').collect::<Vec<_>>()[..]
            else {
                return None;
            };
            // Where several permit, the first by name stands for them.
            let policy = policies.split(' ').next()?;
            Some(((role, action, own == "true"), policy))
        })
        .collect()
    });

/// The action that an operation belongs to; none for one that nobody may do.
pub fn action(operation: &str) -> Option<&'static str> {
    ACTIONS.get(operation).copied()
}

/// Every action that there is.
pub fn is_action(name: &str) -> bool {
    ACTIONS.values().any(|action| *action == name)
}

/// The policy by which a role may do an action; none where it may not.
pub fn decide(role: Role, action: &str, own: bool) -> Option<&'static str> {
    let action = ACTIONS.values().find(|known| **known == action)?;
    PERMITS.get(&(role.name(), *action, own)).copied()
}

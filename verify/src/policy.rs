//! C2SP tlog-policy: which logs and witnesses are trusted, and how many cosignatures make a checkpoint good.

use std::{collections::HashMap, str::FromStr};

use crate::note::{Algorithm, Signed, VerifierKey};

/// The most logs, witnesses or groups of a policy.
const MAX_LINES: usize = 256;

/// A text that is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {why}")]
pub struct BadPolicy {
    /// The line, from 1; 0 for the whole.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name within the policy.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where checkpoints are submitted to it.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Nobody,
    Witness(usize),
    Group(usize, Vec<Rule>),
}

impl Rule {
    fn holds(&self, seen: &[bool]) -> bool {
        match self {
            Self::Nobody => true,
            Self::Witness(witness) => seen[*witness],
            Self::Group(least, members) => {
                members.iter().filter(|rule| rule.holds(seen)).count() >= *least
            }
        }
    }
}

/// Logs, witnesses and the quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Keys of the logs.
    pub logs: Vec<VerifierKey>,
    /// The witnesses.
    pub witnesses: Vec<Witness>,
    quorum: Rule,
}

impl Policy {
    /// Every key: those of the logs first, then those of the witnesses.
    pub fn keys(&self) -> Vec<VerifierKey> {
        let witnesses = self.witnesses.iter().map(|witness| &witness.key);
        self.logs.iter().chain(witnesses).cloned().collect()
    }

    /// Whether these signatures by [`Policy::keys`] are a quorum of witnesses. Whether a log signed is not asked here.
    pub fn has_quorum(&self, signed: &[Signed]) -> bool {
        let mut seen = vec![false; self.witnesses.len()];
        for signed in signed {
            let witness = signed.key.checked_sub(self.logs.len());
            if let Some(seen) = witness.and_then(|witness| seen.get_mut(witness)) {
                *seen = true;
            }
        }
        self.quorum.holds(&seen)
    }

    /// Whether the quorum asks for any witness at all.
    pub fn asks_for_witnesses(&self) -> bool {
        self.quorum != Rule::Nobody
    }
}

impl FromStr for Policy {
    type Err = BadPolicy;

    fn from_str(text: &str) -> Result<Self, BadPolicy> {
        let mut reading = Reading::default();
        for (n, line) in text.lines().enumerate() {
            let bad = |why| BadPolicy { line: n + 1, why };
            if line.contains(|c: char| c.is_control() && c != '\t') {
                return Err(bad("it has a control character"));
            }
            let words: Vec<&str> = line.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
            match words.first() {
                Some(word) if !word.starts_with('#') => reading.line(&words).map_err(bad)?,
                _ => {}
            }
            if n > 3 * MAX_LINES {
                return Err(bad("it has too many lines"));
            }
        }
        let quorum = reading.quorum.ok_or(BadPolicy {
            line: 0,
            why: "it has no quorum",
        })?;
        Ok(Self {
            logs: reading.logs,
            witnesses: reading.witnesses,
            quorum,
        })
    }
}

#[derive(Default)]
struct Reading {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    rules: HashMap<String, (Rule, bool)>,
    quorum: Option<Rule>,
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), &'static str> {
        match words {
            ["log", key] | ["log", key, _] => {
                let key = self.key(key, Algorithm::Ed25519)?;
                self.logs.push(key);
                Ok(())
            }
            ["witness", name, key, url @ ..] if url.len() <= 1 => {
                let key = self.key(key, Algorithm::Cosignature)?;
                self.name(name, Rule::Witness(self.witnesses.len()))?;
                self.witnesses.push(Witness {
                    name: (*name).to_owned(),
                    key,
                    url: url.first().map(|url| (*url).to_owned()),
                });
                Ok(())
            }
            ["group", name, least, members @ ..] if !members.is_empty() => {
                let least = match *least {
                    "any" => 1,
                    "all" => members.len(),
                    number => crate::checkpoint::decimal(number)
                        .and_then(|n| usize::try_from(n).ok())
                        .filter(|n| (1..=members.len()).contains(n))
                        .ok_or("a group asks for any, all or a number of its members")?,
                };
                let members = members.iter().map(|member| self.take(member));
                let members = members.collect::<Result<_, _>>()?;
                self.name(name, Rule::Group(least, members))
            }
            ["quorum", name] => {
                if self.quorum.is_some() {
                    return Err("there is a quorum already");
                }
                self.quorum = Some(match *name {
                    "none" => Rule::Nobody,
                    name => self.take(name)?,
                });
                Ok(())
            }
            _ => Err("it is none of log, witness, group, quorum"),
        }
    }

    fn key(&self, text: &str, algorithm: Algorithm) -> Result<VerifierKey, &'static str> {
        let key: VerifierKey = text.parse().map_err(|_| "its key is none")?;
        if key.algorithm() != algorithm {
            return Err("a log's key is of type 1, a witness's of type 4");
        }
        let witnesses = self.witnesses.iter().map(|witness| &witness.key);
        let mut known = self.logs.iter().chain(witnesses);
        if known.any(|known| known.key() == key.key()) {
            return Err("its key stands there already");
        }
        Ok(key)
    }

    fn name(&mut self, name: &str, rule: Rule) -> Result<(), &'static str> {
        if name == "none" || self.rules.insert(name.to_owned(), (rule, false)).is_some() {
            return Err("its name is taken");
        }
        Ok(())
    }

    /// Each name may be a member once.
    fn take(&mut self, name: &str) -> Result<Rule, &'static str> {
        let (rule, taken) = self
            .rules
            .get_mut(name)
            .ok_or("a name is not defined above")?;
        if std::mem::replace(taken, true) {
            return Err("a name is a member twice");
        }
        Ok(rule.clone())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn key(n: u8, algorithm: Algorithm) -> VerifierKey {
        let key = SigningKey::from_bytes(&[n; 32]).verifying_key();
        VerifierKey::new(&format!("key/{n}"), algorithm, key).expect("a name")
    }

    fn policy() -> String {
        let witness = |n| key(n, Algorithm::Cosignature);
        format!(
            "# two of three, and one more\nlog {}\nwitness a {} http://127.0.0.1:1/\n\twitness b {}\n\nwitness c {}\n\
             witness d {}\ngroup three 2 a b c\ngroup both all three d\nquorum both\n",
            key(1, Algorithm::Ed25519),
            witness(2),
            witness(3),
            witness(4),
            witness(5)
        )
    }

    #[test]
    fn the_quorum_is_counted_through_groups() {
        let policy: Policy = policy().parse().expect("a policy");
        assert_eq!(policy.keys().len(), 5);
        let seen = |keys: &[usize]| {
            let signed: Vec<_> = keys
                .iter()
                .map(|key| Signed {
                    key: *key,
                    time: None,
                })
                .collect();
            policy.has_quorum(&signed)
        };
        assert!(seen(&[0, 1, 2, 4]) && seen(&[2, 3, 4]));
        assert!(!seen(&[0, 1, 2, 3]) && !seen(&[1, 4]) && !seen(&[0]));
        let nobody: Policy = "quorum none\n".parse().expect("a policy");
        assert!(nobody.has_quorum(&[]) && !nobody.asks_for_witnesses());
    }

    #[test]
    fn what_the_format_forbids_is_refused() {
        let good = policy();
        for bad in [
            good.replace("quorum both\n", ""),
            good.clone() + "quorum none\n",
            good.replace("quorum both", "quorum three"),
            good.replace("group three 2 a b c", "group three 4 a b c"),
            good.replace("group three 2 a b c", "group three 2 a b b"),
            good.replace("all three d", "all four d"),
            good.replace("group both", "group none"),
            good.replace("witness b", "witness a"),
            good.replace("log ", "witness e "),
            good.clone() + "extra\n",
            good.clone() + &format!("log {}\n", key(1, Algorithm::Ed25519)),
        ] {
            assert!(bad.parse::<Policy>().is_err(), "{bad} passed");
        }
    }
}

//! What a log is called at the broker: one stream for each incarnation, one subject for each kind
//! of event. Names are made from the origin alone, so that every process finds the same stream.

use std::fmt::Write as _;

use qonys_events::id::{Origin, StreamKind};

/// What the types of our own events begin with.
const OUR_TYPES: &str = "kz.qonys.";

/// The names of one log at the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    stream: String,
    prefix: String,
}

impl Names {
    /// The names of the log with this origin. Two origins never share a stream's name or a prefix.
    pub fn of(origin: &Origin) -> Self {
        let names = || origin.as_str().split('/');
        let stream: Vec<_> = names().map(stream_part).collect();
        let prefix: Vec<_> = names().map(token).collect();
        Self {
            stream: stream.join("-"),
            prefix: prefix.join("."),
        }
    }

    /// The stream: `qonys/almaty/1` is `QONYS-ALMATY-1`. Inside a part of the origin, `-` is
    /// written `_-` and `.` is written `__`.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// What every subject begins with: `qonys/almaty/1` is `qonys.almaty.1`, each part as
    /// [`token`] writes it.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// All subjects of the log, and nothing else: `qonys.almaty.1.>`.
    pub fn subjects(&self) -> String {
        format!("{}.>", self.prefix)
    }

    /// The subject of an event: prefix, kind of its stream, name of the event. The name is the type
    /// without `kz.qonys.`, without the kind and without the version, so that subscribers of an
    /// event get every version of it: `kz.qonys.application.filed.v1` in the stream of an
    /// application is `qonys.almaty.1.application.filed`, `kz.qonys.act.recorded.v1` in the register
    /// of acts is `qonys.almaty.1.law.act_recorded`. No subject holds an id: their number is small.
    pub fn subject(&self, kind: StreamKind, type_name: &str) -> String {
        let kind = kind.name();
        let name = type_name.strip_prefix(OUR_TYPES).unwrap_or(type_name);
        let name = name
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('.'))
            .unwrap_or(name);
        format!(
            "{}.{}.{}",
            self.prefix,
            token(kind),
            token(without_version(name))
        )
    }
}

/// One token of a subject for any text: lower-case letters, digits and `-` stand as they are, `.` is
/// written `_`, every other byte `=` and two hexadecimal digits, nothing at all `=`. Two texts never
/// share a token.
pub fn token(text: &str) -> String {
    let mut token = String::with_capacity(text.len().max(1));
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => token.push(char::from(byte)),
            b'.' => token.push('_'),
            other => write!(token, "={other:02x}").expect("a string takes every text"),
        }
    }
    if token.is_empty() {
        token.push('=');
    }
    token
}

fn stream_part(text: &str) -> String {
    text.replace('.', "__")
        .replace('-', "_-")
        .to_ascii_uppercase()
}

/// A type without its last part, where that is a major version.
fn without_version(name: &str) -> &str {
    match name.rsplit_once(".v") {
        Some((rest, digits))
            if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            rest
        }
        _ => name,
    }
}

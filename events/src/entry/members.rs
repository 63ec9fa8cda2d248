//! The members of an entry in the one order in which they are written: a writer, and a reader that knows only this form.
//! Whatever has another form is read member by member instead (`Entry::parse`), which also says why it is no entry.

use std::{
    fmt,
    io::{self, Write},
    str::FromStr,
};

use super::{Actor, Command, ENGINE, Entry, Place};
use crate::{
    event::Event,
    fact::Fact,
    scalar::{Slug, Text},
    schema,
};

/// A text that is read from its beginning.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn skip(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// A string without escapes, up to its closing quote; the quote is skipped too.
    fn string(&mut self) -> Option<&'a str> {
        let mut bytes = self.0.bytes();
        let end = bytes.position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        let (string, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(string)
    }

    /// The value of the member that begins so: comma, name, colon and quote.
    fn member<T: FromStr>(&mut self, begins: &str) -> Option<T> {
        self.skip(begins)?;
        self.string()?.parse().ok()
    }

    /// The same of a member that may be absent.
    fn optional<T: FromStr>(&mut self, begins: &str) -> Option<Option<T>> {
        if self.0.starts_with(begins) {
            self.member(begins).map(Some)
        } else {
            Some(None)
        }
    }
}

/// Reads a text in the written form; `fact` reads type and data. `None` where the text has another form or is no entry.
///
/// What is read so has the written form up to `data`: names, order and fixed values are compared byte for byte, each value
/// has one form, and none holds anything that would be escaped.
pub(super) fn read(text: &str, fact: impl FnOnce(&str, &str) -> Option<Fact>) -> Option<Entry> {
    let mut at = Cursor(text);
    let id = at.member(r#"{"specversion":"1.0","id":""#)?;
    let source = at.member(r#","source":""#)?;
    at.skip(r#","type":""#)?;
    let type_name = at.string()?;
    let subject = at.member(r#","subject":""#)?;
    let time = at.member(r#","time":""#)?;
    at.skip(r#","datacontenttype":"application/json","dataschema":""#)?;
    at.skip(schema::urn(type_name)?)?;
    let position = at.member(r#"","entryversion":"1","position":""#)?;
    let streamseq = at.member(r#","streamseq":""#)?;
    let commandid = at.member(r#","commandid":""#)?;
    let commandindex = at.member(r#","commandindex":""#)?;
    let commandcount = at.member(r#","commandcount":""#)?;
    let commandhash = at.member(r#","commandhash":""#)?;
    let decidedon = at.optional(r#","decidedon":""#)?;
    let effectivefrom = at.optional(r#","effectivefrom":""#)?;
    let effectiveto = at.optional(r#","effectiveto":""#)?;
    let actor = at.member(r#","actor":""#)?;
    let role = at.member(r#","role":""#)?;
    let office = at.member(r#","office":""#)?;
    let onbehalfof = at.optional(r#","onbehalfof":""#)?;
    let act = at.optional(r#","act":""#)?;
    let point = at.optional(r#","point":""#)?;
    let wording = at.optional(r#","wording":""#)?;
    let actnumber = at.optional(r#","actnumber":""#)?;
    let actlanguage = at.optional(r#","actlanguage":""#)?;
    let purpose = at.optional(r#","purpose":""#)?;
    let caseref = at.optional(r#","caseref":""#)?;
    let policy = at.member(r#","policy":""#)?;
    at.skip(r#","engine":""#)?;
    at.skip(ENGINE)?;
    at.skip("\"")?;
    let correlation = at.optional(r#","correlation":""#)?;
    let causation = at.optional(r#","causation":""#)?;
    let causationsource = at.optional(r#","causationsource":""#)?;
    let supersedes = at.optional(r#","supersedes":""#)?;
    let traceparent = at.optional(r#","traceparent":""#)?;
    let nonce = at.member(r#","nonce":""#)?;
    at.skip(r#","data":"#)?;
    let data = at.0.strip_suffix('}')?;
    Some(Entry {
        place: Place {
            id,
            subject,
            time,
            position,
            streamseq,
            commandindex,
        },
        command: Command {
            source,
            commandid,
            commandhash,
            commandcount,
            actor: Actor {
                actor,
                role,
                office,
                onbehalfof,
            },
            purpose,
            policy,
            correlation,
            causation,
            causationsource,
            traceparent,
            nonce,
        },
        event: Event {
            decidedon,
            effectivefrom,
            effectiveto,
            act,
            point,
            wording,
            actnumber,
            actlanguage,
            caseref,
            supersedes,
            fact: fact(type_name, data)?,
        },
    })
}

/// Writes members one after the other.
struct Members<'a>(&'a mut Vec<u8>);

impl Members<'_> {
    fn raw(&mut self, bytes: &str) {
        self.0.extend_from_slice(bytes.as_bytes());
    }

    /// A value whose written form holds nothing that is escaped.
    fn member(&mut self, begins: &str, value: &impl fmt::Display) -> io::Result<()> {
        self.raw(begins);
        write!(self.0, "{value}\"")
    }

    fn slug(&mut self, begins: &str, value: &Slug) {
        self.raw(begins);
        self.raw(value.as_str());
        self.raw("\"");
    }

    /// A text, which may hold quotes: `begins` ends before its own.
    fn text(&mut self, begins: &str, value: &Text) -> io::Result<()> {
        self.raw(begins);
        Ok(serde_json::to_writer(&mut *self.0, value.as_str())?)
    }

    fn optional(&mut self, begins: &str, value: Option<&impl fmt::Display>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.member(begins, value))
    }

    fn optional_slug(&mut self, begins: &str, value: Option<&Slug>) {
        if let Some(value) = value {
            self.slug(begins, value);
        }
    }

    fn optional_text(&mut self, begins: &str, value: Option<&Text>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.text(begins, value))
    }
}

/// Appends the written form of an entry whose schema has this name.
pub(super) fn write(entry: &Entry, urn: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let Entry {
        place,
        command,
        event,
    } = entry;
    let mut to = Members(out);
    to.member(r#"{"specversion":"1.0","id":""#, &place.id)?;
    to.member(r#","source":""#, &command.source)?;
    to.raw(r#","type":""#);
    to.raw(event.fact.type_name());
    to.member(r#"","subject":""#, &place.subject)?;
    to.member(r#","time":""#, &place.time)?;
    to.raw(r#","datacontenttype":"application/json","dataschema":""#);
    to.raw(urn);
    to.member(r#"","entryversion":"1","position":""#, &place.position)?;
    to.member(r#","streamseq":""#, &place.streamseq)?;
    to.member(r#","commandid":""#, &command.commandid)?;
    to.member(r#","commandindex":""#, &place.commandindex)?;
    to.member(r#","commandcount":""#, &command.commandcount)?;
    to.member(r#","commandhash":""#, &command.commandhash)?;
    to.optional(r#","decidedon":""#, event.decidedon.as_ref())?;
    to.optional(r#","effectivefrom":""#, event.effectivefrom.as_ref())?;
    to.optional(r#","effectiveto":""#, event.effectiveto.as_ref())?;
    let actor = &command.actor;
    to.member(r#","actor":""#, &actor.actor)?;
    to.slug(r#","role":""#, &actor.role);
    to.slug(r#","office":""#, &actor.office);
    to.optional(r#","onbehalfof":""#, actor.onbehalfof.as_ref())?;
    to.optional_slug(r#","act":""#, event.act.as_ref());
    to.optional_text(r#","point":"#, event.point.as_ref())?;
    to.optional_slug(r#","wording":""#, event.wording.as_ref());
    to.optional_text(r#","actnumber":"#, event.actnumber.as_ref())?;
    to.optional(r#","actlanguage":""#, event.actlanguage.as_ref())?;
    to.optional_slug(r#","purpose":""#, command.purpose.as_ref());
    to.optional(r#","caseref":""#, event.caseref.as_ref())?;
    to.slug(r#","policy":""#, &command.policy);
    to.raw(r#","engine":""#);
    to.raw(ENGINE);
    to.raw("\"");
    to.optional(r#","correlation":""#, command.correlation.as_ref())?;
    to.optional(r#","causation":""#, command.causation.as_ref())?;
    let causationsource = command.causationsource.as_ref();
    to.optional(r#","causationsource":""#, causationsource)?;
    to.optional(r#","supersedes":""#, event.supersedes.as_ref())?;
    to.optional_text(r#","traceparent":"#, command.traceparent.as_ref())?;
    to.member(r#","nonce":""#, &command.nonce)?;
    to.raw(r#","data":"#);
    write_data(&event.fact, to.0)?;
    out.push(b'}');
    Ok(())
}

/// Writes the `data` member.
pub(super) fn write_data(fact: &Fact, writer: impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::new(writer);
    Ok(fact.serialize_data(&mut json)?)
}

#[cfg(test)]
mod tests {
    use super::{super::BadEntry, *};
    use crate::catalog::example_entries;

    /// Reading as it would be without a reader that knows only the written form.
    fn long_way(text: &str) -> Result<Entry, BadEntry> {
        let entry = Entry::parse_members(text)?;
        if entry.write()? == text {
            Ok(entry)
        } else {
            Err(BadEntry::NotCanonical)
        }
    }

    fn told(read: Result<Entry, BadEntry>) -> Result<Entry, String> {
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn the_written_form_of_every_type_is_read_the_short_way() {
        let entries = example_entries();
        assert!(!entries.is_empty());
        for entry in entries {
            let text = entry.write().expect("an entry");
            let plain = !text.contains('\\');
            let short = read(&text, |name, data| Fact::read(name, data)?.ok());
            assert_eq!(short.is_some(), plain, "{text}");
            assert_eq!(short.unwrap_or_else(|| entry.clone()), entry);
        }
    }

    #[test]
    fn both_ways_say_the_same_of_damaged_entries() {
        let (mut refused, mut accepted) = (0, 0);
        for (n, entry) in example_entries().into_iter().enumerate() {
            let text = entry.write().expect("an entry");
            let places = (n % 101..text.len()).step_by(101);
            for at in
                places.filter(|at| text.is_char_boundary(*at) && text.is_char_boundary(at + 1))
            {
                let (before, rest) = text.split_at(at);
                for put in [
                    "", "\"", "\\", " ", "0", "A", "f", "\u{1}", ",\"a\":", "\\u0041",
                ] {
                    let damaged = format!("{before}{put}{}", &rest[1..]);
                    let (short, long) = (told(Entry::read(&damaged)), told(long_way(&damaged)));
                    assert_eq!(short, long, "{damaged}");
                    let parsed = told(Entry::parse(&damaged));
                    assert_eq!(parsed, told(Entry::parse_members(&damaged)), "{damaged}");
                    *(if short.is_ok() {
                        &mut accepted
                    } else {
                        &mut refused
                    }) += 1;
                }
            }
        }
        assert!(
            refused > 1_000 && accepted > 10,
            "{refused} refused, {accepted} accepted"
        );
    }
}

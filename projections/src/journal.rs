//! The incoming and outgoing registers of offices (point 6): every document under its number. What identifies somebody is
//! sealed and stands in no row.

use qonys_events::{
    digest::Sha256Hex,
    fact::{Fact, journal::Translation},
    id::{Ref, StreamKind},
    scalar::{Count, Day, Position, Slug, Text, Year},
    term::{NoticeWay, ProceedingsLanguage},
};

use crate::{
    cell::{Json, rows, words},
    projection::{Changes, FoldError, Projection, Recorded, insert},
    table::Table,
};

words! {
    /// Which way a document went.
    Direction {
        /// It came in.
        Incoming = "incoming",
        /// It went out.
        Outgoing = "outgoing",
    }
}

rows! {
    /// A document in a register of an office.
    JournalRow in JOURNAL = "journal" {
        key: [office, year, direction, number, recorded_from],
        entity: [],
        indexes: [[application], [kind]],
    }
    /// The office.
    office: Slug,
    /// The year.
    year: Year,
    /// Which way it went.
    direction: Direction,
    /// Its number in the office and year.
    number: Count,
    /// The day.
    registered_on: Day,
    /// What it is.
    kind: Slug,
    /// The body that issued it or that it went to; a person is sealed.
    body: Option<Text>,
    /// How it went out.
    way: Option<NoticeWay>,
    /// The language of proceedings that it is in.
    language: Option<ProceedingsLanguage>,
    /// Its translations: a JSON list as the entry writes it.
    translations: Json,
    /// SHA-256 of the document.
    document_sha256: Sha256Hex,
    /// The application that it belongs to.
    application: Option<Ref>,
    /// Whether somebody handed it in for another.
    represented: bool,
    /// The year of the incoming document that it answers.
    answers_year: Option<Year>,
    /// Its number.
    answers_number: Option<Count>,
    /// The position that wrote the row.
    recorded_from: Position,
}

/// The office and the year in the name of a stream.
fn register_of(entry: &Recorded) -> Result<(Slug, Year), FoldError> {
    let stream = &entry.entry.place.subject;
    let parts = (stream.kind() == StreamKind::Journal)
        .then(|| stream.key().rsplit_once('.'))
        .flatten();
    let read = parts.and_then(|(office, year)| Some((office.parse().ok()?, year.parse().ok()?)));
    read.ok_or(FoldError::Stream {
        position: entry.position(),
    })
}

/// The view of the registers.
#[derive(Debug, Clone, Copy)]
pub struct Journals;

impl Projection for Journals {
    fn name(&self) -> &'static str {
        "journals"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static Table] {
        const { &[&JOURNAL] }
    }

    fn types(&self) -> &'static [&'static str] {
        &[
            "kz.qonys.journal.incoming-registered.v1",
            "kz.qonys.journal.outgoing-registered.v1",
        ]
    }

    fn fold(&self, entry: &Recorded, rows: &mut dyn Changes) -> Result<(), FoldError> {
        let (office, year) = register_of(entry)?;
        let row = |direction, number, kind: &Slug, translations: &Vec<Translation>, sha256| {
            Ok::<_, FoldError>(JournalRow {
                office,
                year,
                direction,
                number,
                registered_on: entry.day()?,
                kind: kind.clone(),
                body: None,
                way: None,
                language: None,
                translations: Json::of(translations)?,
                document_sha256: sha256,
                application: None,
                represented: false,
                answers_year: None,
                answers_number: None,
                recorded_from: entry.position(),
            })
        };
        let row = match &entry.event().fact {
            Fact::IncomingRegistered(fact) => JournalRow {
                body: fact.issuer.clone(),
                language: fact.language,
                application: fact.application,
                represented: fact.represented.is_some(),
                ..row(
                    Direction::Incoming,
                    fact.number,
                    &fact.kind,
                    &fact.translations,
                    fact.sha256,
                )?
            },
            Fact::OutgoingRegistered(fact) => JournalRow {
                body: fact.addressee.clone(),
                way: Some(fact.way),
                language: Some(fact.language),
                application: fact.application,
                answers_year: fact.answers.map(|place| place.year),
                answers_number: fact.answers.map(|place| place.number),
                ..row(
                    Direction::Outgoing,
                    fact.number,
                    &fact.kind,
                    &fact.translations,
                    fact.sha256,
                )?
            },
            _ => return Ok(()),
        };
        insert(rows, &row)
    }
}

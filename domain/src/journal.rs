//! The incoming and outgoing registers of an office (point 6; administrative procedure code): one number after the other in
//! each office and year, none twice and no gap, in the order of the days.

use std::collections::BTreeSet;

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        journal::{IncomingRegistered, OutgoingRegistered, Represented, Translation},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Count, Day, Slug, Year},
    term::ProceedingsLanguage,
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{RegisterIncoming, RegisterOutgoing},
    context::Context,
    decide::{Decided, Undecided},
    office::Office,
    person::{self, family::acts_in_applications},
    streams::Known,
};

/// The numbers of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Numbers {
    last: Count,
    /// The day of the last number.
    on: Option<Day>,
}

impl Numbers {
    fn given(&mut self, number: Count, event: &Event) {
        (self.last, self.on) = (number, event.decidedon);
    }

    /// The next number. What a paper register says must be that, on a day that is not before the last one.
    fn next(self, asked: Option<Count>, on: Day) -> Result<Count, Blocked> {
        let next = Count(self.last.0 + 1);
        let blocked = |code| Blocked::control(code).with("next-number", next);
        match asked {
            Some(number) if number < next => {
                return Err(blocked(Code::NumberTaken).with("number", number));
            }
            Some(number) if number > next => {
                return Err(blocked(Code::NumberGap).with("number", number));
            }
            _ => {}
        }
        match self.on {
            Some(last) if on < last => Err(blocked(Code::DatesOutOfOrder)
                .with("last-registered-on", last)
                .with("decided-on", on)),
            _ => Ok(next),
        }
    }
}

/// The registers of one office and year, as the events of the stream made them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Journal {
    incoming: Numbers,
    outgoing: Numbers,
}

impl Journal {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::IncomingRegistered(fact) => self.incoming.given(fact.number, event),
            Fact::OutgoingRegistered(fact) => self.outgoing.given(fact.number, event),
            _ => {}
        }
    }
}

/// The name of the registers of an office and year: their stream.
pub fn name(office: &Slug, year: Year) -> Slug {
    format!("{office}.{year}")
        .parse()
        .expect("an office and a year are a name")
}

fn on(cx: &Context, fact: Fact, case: Option<Ref>) -> Decided {
    let stream = StreamId::named(
        StreamKind::Journal,
        &name(&cx.actor.office, cx.decided_on.year()),
    );
    let event = cx.event(fact).effective(cx.decided_on, None);
    let event = case.into_iter().fold(event, Event::case);
    vec![(stream, event)]
}

/// Registers of an office that is registered itself.
fn journal<'a>(cx: &Context, year: Year, known: &Known<'a>) -> Result<&'a Journal, Undecided> {
    Office::registered(known, &cx.actor.office)?;
    Ok(known.journal(&name(&cx.actor.office, year))?)
}

fn check_translations(translations: &[Translation]) -> Result<(), Blocked> {
    let into: BTreeSet<_> = translations.iter().map(|t| t.language).collect();
    if into.len() == translations.len() {
        return Ok(());
    }
    Err(Blocked::control(Code::LinesMalformed).with("what", "translations"))
}

/// Whoever hands something in for a person acts for him on that day in applications; and the person is the applicant of
/// the case that it belongs to.
fn check_represented(
    represented: &Represented,
    application: Option<Ref>,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    person::recorded(known, represented.person)?;
    acts_in_applications(
        represented.person,
        &represented.representative,
        cx.decided_on,
        known,
    )?;
    if let Some(id) = application
        && known.application(id)?.asked(id)?.applicant() != represented.person
    {
        return Err(Blocked::control(Code::NotTheApplicant)
            .with("application", id)
            .with("person", represented.person)
            .into());
    }
    Ok(())
}

/// Whoever a document is sealed for is recorded, and his data are neither blocked nor destroyed.
fn check_person(person: Option<Ref>, known: &Known<'_>) -> Result<(), Undecided> {
    let Some(id) = person else {
        return Ok(());
    };
    Ok(person::data::unblocked(person::recorded(known, id)?, id)?)
}

/// Registers what came in under the next number. A document in another language and without a translation is registered
/// too: what comes in is never refused.
pub fn register_incoming(
    c: &RegisterIncoming,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let journal = journal(cx, cx.decided_on.year(), known)?;
    let number = journal.incoming.next(c.number, cx.decided_on)?;
    check_translations(&c.translations)?;
    if let Some(application) = c.application {
        known.application(application)?.asked(application)?;
    }
    if let Some(represented) = &c.represented {
        check_represented(represented, c.application, cx, known)?;
    }
    check_person(c.person, known)?;
    let fact = Fact::IncomingRegistered(IncomingRegistered {
        number,
        kind: c.kind.clone(),
        issuer: c.issuer.clone(),
        language: c.language,
        translations: c.translations.clone(),
        sha256: c.sha256,
        application: c.application,
        represented: c.represented.clone(),
        slots: cx.slots.clone(),
    });
    Ok(on(cx, fact, c.application))
}

/// Whether a document speaks a language, itself or in a translation.
fn speaks(c: &RegisterOutgoing, language: ProceedingsLanguage) -> bool {
    c.language == language || c.translations.iter().any(|t| t.language == language)
}

/// Registers what goes out under the next number. What belongs to a case goes out in the language that the applicant
/// chose, or with a translation into it.
pub fn register_outgoing(
    c: &RegisterOutgoing,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let own = journal(cx, cx.decided_on.year(), known)?;
    let number = own.outgoing.next(c.number, cx.decided_on)?;
    check_translations(&c.translations)?;
    if let Some(place) = c.answers {
        let last = journal(cx, place.year, known)?.incoming;
        let before = last.on.is_some() && place.number.0 > 0 && place.number <= last.last;
        if !before {
            return Err(Blocked::control(Code::EntryNotFound)
                .with("year", place.year)
                .with("number", place.number)
                .into());
        }
    }
    if let Some(id) = c.application {
        let application = known.application(id)?;
        application.asked(id)?;
        if let Some(language) = application.language()
            && !speaks(c, language)
        {
            return Err(Blocked::control(Code::NotTheLanguageOfTheCase)
                .with("application", id)
                .into());
        }
    }
    check_person(c.person, known)?;
    let fact = Fact::OutgoingRegistered(OutgoingRegistered {
        number,
        kind: c.kind.clone(),
        addressee: c.addressee.clone(),
        way: c.way,
        language: c.language,
        translations: c.translations.clone(),
        sha256: c.sha256,
        application: c.application,
        answers: c.answers,
        slots: cx.slots.clone(),
    });
    Ok(on(cx, fact, c.application))
}

//! The commands of these tests, with what most of them say.

use qonys_events::{
    digest::Sha256Hex,
    fact::dwelling::Holder,
    id::{Ref, StreamId, StreamKind},
    scalar::SquareDecimetres,
    term::{
        AgeClass, ConsentKind, DwellingChange, HoldingTitle, HousingFund, PersonKind, PremisesUse,
        RegisteringBody, RepresentationBasis, RepresentationScope, ResidenceEnd, SlotCategory,
    },
};

use super::{Given, consents, day, owner};
use crate::command::{
    AppointRepresentative, ChangeDwelling, Command, Custody, EndResidence, GrantKandasStatus,
    HolderConsent, Holding, OverNorm, RecordDwelling, RecordHolders, RecordPerson,
    RegisterResidence, RegisterStay,
};

/// Records a person under a reference.
pub(crate) fn person(id: Ref, kind: PersonKind) -> Given {
    let given = Given::new(Command::RecordPerson(RecordPerson {
        kind,
        document: None,
    }))
    .on("2017-01-01");
    given.minting(id).sealing("name", SlotCategory::Identity)
}

/// Records a dwelling under a reference; the area is in square decimetres.
pub(crate) fn flat(id: Ref, fund: HousingFund, area: u64) -> Given {
    let district = "medeu".parse().expect("a slug");
    let record = RecordDwelling {
        fund,
        useful_area: SquareDecimetres(area),
        district,
        premises: PremisesUse::Living,
        holding: Some(Holding {
            title: HoldingTitle::Ownership,
            holders: vec![owner()],
            document: Sha256Hex::of(b"title"),
        }),
    };
    let given = Given::new(Command::RecordDwelling(record)).on("2017-01-01");
    given
        .from("2000-01-01")
        .minting(id)
        .sealing("address", SlotCategory::Residence)
}

/// Grants the status of kandas.
pub(crate) fn kandas(person: Ref, until: Option<&str>) -> Given {
    Given::new(Command::GrantKandasStatus(GrantKandasStatus {
        person,
        until: until.map(day),
        application: None,
    }))
}

/// Records somebody as the guardian of a person, by the appointment.
pub(crate) fn guards(guardian: Ref, ward: Ref) -> Given {
    Given::new(Command::AppointRepresentative(AppointRepresentative {
        person: ward,
        representative: Holder::Person { person: guardian },
        basis: RepresentationBasis::Guardian,
        scope: RepresentationScope::All,
        until: None,
        document: Sha256Hex::of(b"appointment"),
    }))
}

/// Registers a grown person with the owners' consent.
pub(crate) fn moves(person: Ref, dwelling: Ref) -> Given {
    Given::new(Command::RegisterResidence(RegisterResidence {
        person,
        dwelling,
        body: RegisteringBody::Police,
        consent: ConsentKind::Owners,
        court_act: None,
        consents: consents(),
        age: AgeClass::From14,
        with: None,
        over_norm: None,
    }))
}

/// Registers somebody for whom a ground is given why the norm does not block.
pub(crate) fn moves_over(person: Ref, dwelling: Ref, age: AgeClass, ground: OverNorm) -> Given {
    moves(person, dwelling).with(|command| {
        let Command::RegisterResidence(c) = command else {
            unreachable!("it is a registration")
        };
        (c.age, c.over_norm) = (age, Some(ground));
    })
}

/// Ends a residence.
pub(crate) fn leaves(person: Ref, reason: ResidenceEnd) -> Given {
    Given::new(Command::EndResidence(EndResidence {
        person,
        reason,
        requested_by: None,
        document: None,
    }))
}

/// Registers a temporary stay.
pub(crate) fn stays(person: Ref, dwelling: Ref, until: &str) -> Given {
    Given::new(Command::RegisterStay(RegisterStay {
        person,
        dwelling,
        body: RegisteringBody::StateCorporation,
        consent: ConsentKind::Owners,
        court_act: None,
        consents: consents(),
        until: day(until),
        permit: None,
    }))
}

/// The same registration or stay, with another reason why the person may live there.
pub(crate) fn by(given: Given, kind: ConsentKind, came: Vec<HolderConsent>) -> Given {
    given.with(|command| match command {
        Command::RegisterResidence(c) => (c.consent, c.consents) = (kind, came),
        Command::RegisterStay(c) => (c.consent, c.consents) = (kind, came),
        Command::ExtendStay(c) => (c.consent, c.consents) = (kind, came),
        _ => unreachable!("it is a registration"),
    })
}

/// The registration in a command that registers.
pub(crate) fn registration(given: Given) -> RegisterResidence {
    match given.command {
        Command::RegisterResidence(c) => c,
        _ => unreachable!("it is a registration"),
    }
}

/// The stay in a command that registers one.
pub(crate) fn stay(given: Given) -> RegisterStay {
    match given.command {
        Command::RegisterStay(c) => c,
        _ => unreachable!("it is a stay"),
    }
}

/// A child under 14.
pub(crate) fn child(given: Given, with: Option<Custody>) -> Given {
    given.with(|command| match command {
        Command::RegisterResidence(c) => (c.age, c.with) = (AgeClass::Under14, with),
        _ => unreachable!("it is a registration"),
    })
}

/// Describes a dwelling of the state otherwise.
pub(crate) fn measured(dwelling: Ref, fund: HousingFund, area: u64) -> Given {
    Given::new(Command::ChangeDwelling(ChangeDwelling {
        dwelling,
        fund,
        useful_area: SquareDecimetres(area),
        district: "medeu".parse().expect("a slug"),
        premises: PremisesUse::Living,
        reason: DwellingChange::Measured,
        document: Sha256Hex::of(b"plan"),
    }))
}

/// Records who holds a dwelling.
pub(crate) fn held(dwelling: Ref, holders: Vec<Holder>) -> Given {
    let holding = Holding {
        title: HoldingTitle::Ownership,
        holders,
        document: Sha256Hex::of(b"title"),
    };
    Given::new(Command::RecordHolders(RecordHolders { dwelling, holding }))
}

/// A norm of the rules of registration, without an end.
pub(crate) fn norm(name: &str, value: u64) -> String {
    format!(
        r#"{{"norm":"{name}","document":"registration-rules","point":"5","value":"{value}","unit":"days","from":"2011-12-01","certainty":"known","source":"test"}}"#
    )
}

/// The stream of a person or dwelling.
pub(crate) fn stream(kind: StreamKind, id: Ref) -> StreamId {
    StreamId::of(kind, id)
}

//! The city: dwellings and who is registered in them (points 9 and 10), and grants of the status of kandas.

use jiff::civil::Date;
use qonys_events::{entry::Actor, id::Ref};
use serde_json::{Value, json};

use super::{FIRST, REPEALED};
use crate::{
    demo::{
        agenda::{Agenda, Chance, Draft, Hour, after, by, day},
        names::Names,
    },
    published,
};

/// Working days on which the stock of dwellings is entered, and dwellings on each.
const STOCK_DAYS: usize = 12;
const STOCK_A_DAY: usize = 50;

/// SHA-256 of whatever paper stands behind a title or a consent here.
const DOCUMENT: &str = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

/// Who holds what nobody has bought.
fn housing_fund() -> Value {
    json!({"holder": "organisation", "organisation": "synthetic-housing-fund"})
}

/// A dwelling as the city thinks it stands.
struct Flat {
    id: Ref,
    limited: bool,
    capacity: usize,
    residents: usize,
    /// Who owns it, once somebody does; before that, and where it is limited, the city's housing fund.
    owner: Option<Ref>,
}

/// Somebody who was recorded.
struct Person {
    id: Ref,
    foreign: bool,
    kandas: bool,
    home: Option<usize>,
}

/// The city while its year is written.
pub(super) struct City {
    chance: Chance,
    police: Actor,
    corporation: Actor,
    akimat: Actor,
    districts: Vec<String>,
    flats: Vec<Flat>,
    people: Vec<Person>,
    days: usize,
}

impl City {
    pub(super) fn new(agenda: &Agenda) -> Self {
        let districts = published::districts().into_iter();
        Self {
            chance: agenda.chance("city"),
            police: agenda.official("registrar", "police.almaty"),
            corporation: agenda.official("registrar", "state-corporation.almaty"),
            akimat: agenda.official("quota-officer", "akimat.almaty"),
            districts: districts.map(|[code, ..]| code).collect(),
            flats: Vec::new(),
            people: Vec::new(),
            days: 0,
        }
    }

    /// One working day.
    pub(super) fn day(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let built = if self.days < STOCK_DAYS {
            STOCK_A_DAY
        } else {
            2
        };
        self.days += 1;
        for _ in 0..built {
            self.build(today, agenda, names);
        }
        for _ in 0..self.chance.span(10, 14) {
            self.arrive(today, agenda, names);
        }
        for _ in 0..4 {
            self.move_house(today, agenda);
        }
        for _ in 0..6 {
            self.stay(today, agenda);
        }
        for _ in 0..2 {
            self.leave(today, agenda);
            self.grant(today, agenda);
        }
        if self.chance.once_in(2) {
            self.child(today, agenda, names);
        }
        if self.chance.once_in(3) {
            self.crowd(today, agenda, names);
        }
    }

    fn registrar(&mut self) -> (Actor, &'static str) {
        if self.chance.once_in(3) {
            (self.police.clone(), "police")
        } else {
            (self.corporation.clone(), "state-corporation")
        }
    }

    fn build(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let fund =
            *self
                .chance
                .one_of(&["private", "private", "private", "state", "akimat-rented"]);
        let area = self.chance.span(1_800, 9_600);
        let district = if self.chance.once_in(40) {
            "not-stated".to_owned()
        } else {
            self.chance.one_of(&self.districts).clone()
        };
        let holding =
            json!({"title": "ownership", "holders": [housing_fund()], "document": DOCUMENT});
        let data = json!({
            "fund": fund, "useful_area": area.to_string(), "district": district, "holding": holding,
        });
        let draft = Draft::new("record-dwelling", &self.police, data).personal(names.address());
        // Whoever held it on the first day held it when the register began.
        let draft = draft.effective(today.saturating_sub(jiff::Span::new().years(1)));
        let limited = fund != "private";
        self.flats.push(Flat {
            id: agenda.give(today, Hour::Opening, draft).id,
            limited,
            // The norm of point 10, as far as the city has it in mind; elsewhere people live as they like.
            capacity: if limited { area / 1_500 } else { 8 },
            residents: 0,
            owner: None,
        });
    }

    fn record(&mut self, kind: &str, today: Date, agenda: &mut Agenda, names: &mut Names) -> usize {
        let draft = Draft::new("record-person", &self.corporation, json!({"kind": kind}));
        let id = agenda
            .give(today, Hour::Morning, draft.personal(names.person()))
            .id;
        let foreign = kind != "citizen";
        self.people.push(Person {
            id,
            foreign,
            kandas: false,
            home: None,
        });
        self.people.len() - 1
    }

    /// A dwelling with room, if a few looks find one.
    fn room(&mut self) -> Option<usize> {
        let tries = (0..30).map(|_| self.chance.below(self.flats.len()));
        let tries: Vec<usize> = tries.collect();
        tries
            .into_iter()
            .find(|flat| self.flats[*flat].residents < self.flats[*flat].capacity)
    }

    fn register(&mut self, person: usize, flat: usize, more: Value) -> Draft {
        let (registrar, body) = self.registrar();
        let mut data = json!({
            "person": by(self.people[person].id), "dwelling": by(self.flats[flat].id),
            "body": body, "age": "from-14",
        });
        let consent = self.consent(person, flat);
        if let (Some(data), Some(consent)) = (data.as_object_mut(), consent.as_object()) {
            data.extend(consent.clone());
        }
        if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
            data.extend(more.clone());
        }
        Draft::new("register-residence", &registrar, data)
    }

    /// Why somebody may live in a dwelling: it is his own, or whoever holds it consents.
    fn consent(&self, person: usize, flat: usize) -> Value {
        let holder = match self.flats[flat].owner {
            Some(owner) if owner == self.people[person].id => {
                return json!({"consent": "owner-himself"});
            }
            Some(owner) => json!({"holder": "person", "person": by(owner)}),
            None => housing_fund(),
        };
        json!({"consent": "owners", "consents": [{"holder": holder, "document": DOCUMENT}]})
    }

    /// Somebody buys the dwelling that he moves into, now and then.
    fn buy(&mut self, person: usize, flat: usize, today: Date, agenda: &mut Agenda) {
        let (limited, owned) = (self.flats[flat].limited, self.flats[flat].owner.is_some());
        if limited || owned || !self.chance.once_in(2) {
            return;
        }
        let holders = json!([{"holder": "person", "person": by(self.people[person].id)}]);
        let holding = json!({"title": "ownership", "holders": holders, "document": DOCUMENT});
        let data = json!({"dwelling": by(self.flats[flat].id), "holding": holding});
        let draft = Draft::new("record-holders", &self.corporation, data);
        // Bought some weeks before.
        let since = today.saturating_sub(jiff::Span::new().days(60));
        agenda.give(today, Hour::Morning, draft.effective(since));
        self.flats[flat].owner = Some(self.people[person].id);
    }

    fn enter(&mut self, person: usize, flat: usize) {
        if let Some(former) = self.people[person].home.replace(flat) {
            self.flats[former].residents -= 1;
        }
        self.flats[flat].residents += 1;
    }

    fn arrive(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let kinds = [
            "citizen",
            "citizen",
            "citizen",
            "citizen",
            "foreigner",
            "foreigner",
        ];
        let kind = if self.chance.once_in(60) {
            "stateless"
        } else {
            *self.chance.one_of(&kinds)
        };
        let person = self.record(kind, today, agenda, names);
        let Some(flat) = self.room() else { return };
        self.buy(person, flat, today, agenda);
        let mut draft = self.register(person, flat, json!({}));
        if !self.flats[flat].limited && self.chance.once_in(6) && FIRST < today {
            // Entered today, living there for some days.
            let days = i64::try_from(self.chance.span(1, 25)).unwrap_or(1);
            let since = today.saturating_sub(jiff::Span::new().days(days));
            draft = draft.effective(since);
            if self.chance.once_in(3) {
                // Decided on paper on that very day.
                draft = draft.decided_on(since);
            }
        }
        agenda.give(today, Hour::Noon, draft);
        self.enter(person, flat);
        if kind != "citizen" && self.chance.once_in(2) {
            self.report(person, flat, today, agenda);
        }
    }

    /// The host reports an immigrant who arrived some days before, not always in time.
    fn report(&mut self, person: usize, flat: usize, today: Date, agenda: &mut Agenda) {
        let days = i64::try_from(self.chance.span(0, 6)).unwrap_or(0);
        let data =
            json!({"person": by(self.people[person].id), "dwelling": by(self.flats[flat].id)});
        let draft = Draft::new("report-arrival", &self.police, data);
        let arrived = today.saturating_sub(jiff::Span::new().days(days));
        agenda.give(today, Hour::Noon, draft.effective(arrived));
    }

    /// Somebody who lives here, if there is one.
    fn resident(&mut self) -> Option<usize> {
        let tries: Vec<usize> = (0..10)
            .map(|_| self.chance.below(self.people.len()))
            .collect();
        tries
            .into_iter()
            .find(|person| self.people[*person].home.is_some())
    }

    fn move_house(&mut self, today: Date, agenda: &mut Agenda) {
        let (Some(person), Some(flat)) = (self.resident(), self.room()) else {
            return;
        };
        let stays_put = self.people[person].home == Some(flat) || self.chance.once_in(40);
        let to = if stays_put {
            self.people[person].home.unwrap_or(flat)
        } else {
            flat
        };
        let draft = self.register(person, to, json!({}));
        agenda.give(today, Hour::Afternoon, draft);
        if !stays_put {
            self.enter(person, flat);
        }
    }

    fn stay(&mut self, today: Date, agenda: &mut Agenda) {
        let Some(person) = self.resident() else {
            return;
        };
        let elsewhere = self.chance.below(self.flats.len());
        let flat = match self.people[person].home {
            Some(home) if self.chance.once_in(30) => home,
            _ => elsewhere,
        };
        let (registrar, body) = self.registrar();
        let weeks = i64::try_from(self.chance.span(2, 12)).unwrap_or(2);
        let mut data = json!({
            "person": by(self.people[person].id), "dwelling": by(self.flats[flat].id),
            "body": body, "until": day(after(today, weeks * 7)),
        });
        let consent = self.consent(person, flat);
        if let (Some(data), Some(consent)) = (data.as_object_mut(), consent.as_object()) {
            data.extend(consent.clone());
        }
        agenda.give(
            today,
            Hour::Afternoon,
            Draft::new("register-stay", &registrar, data),
        );
    }

    fn leave(&mut self, today: Date, agenda: &mut Agenda) {
        let Some(person) = self.resident() else {
            return;
        };
        let (registrar, _) = self.registrar();
        let reasons = [
            "departed",
            "departed",
            "departed",
            "owner-request",
            "court",
            "death",
        ];
        let reason = *self.chance.one_of(&reasons);
        let data = json!({"person": by(self.people[person].id), "reason": reason});
        agenda.give(
            today,
            Hour::Evening,
            Draft::new("end-residence", &registrar, data),
        );
        if let Some(home) = self.people[person].home.take() {
            self.flats[home].residents -= 1;
        }
    }

    /// The status of kandas, for a year (migration law art. 25).
    fn grant(&mut self, today: Date, agenda: &mut Agenda) {
        let tries: Vec<usize> = (0..20)
            .map(|_| self.chance.below(self.people.len()))
            .collect();
        let foreign = |person: &usize| self.people[*person].foreign;
        let Some(person) = tries.into_iter().find(foreign) else {
            return;
        };
        if self.people[person].kandas && !self.chance.once_in(10) {
            return;
        }
        let until = today.saturating_add(jiff::Span::new().years(1));
        let data = json!({"person": by(self.people[person].id), "until": day(until)});
        agenda.give(
            today,
            Hour::Evening,
            Draft::new("grant-kandas-status", &self.akimat, data),
        );
        self.people[person].kandas = true;
    }

    /// A full dwelling under the norm of point 10, with somebody who lives there.
    fn full(&mut self) -> Option<(usize, usize)> {
        let start = self.chance.below(self.people.len());
        let order = (start..self.people.len()).chain(0..start);
        order.into_iter().find_map(|person| {
            let home = self.people[person].home?;
            let flat = &self.flats[home];
            (flat.limited && flat.residents >= flat.capacity).then_some((person, home))
        })
    }

    /// A child joins a parent, whatever the norm says.
    fn child(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let Some((parent, flat)) = self.full() else {
            return;
        };
        let child = self.record("citizen", today, agenda, names);
        let parent = by(self.people[parent].id);
        let joins = json!({
            "age": "under-14",
            "over_norm": {"ground": "child-joins-parent", "parent": parent},
        });
        let draft = self.register(child, flat, joins);
        agenda.give(today, Hour::Noon, draft);
        self.enter(child, flat);
    }

    /// Somebody asks for a dwelling that is full: over the norm while the Rules are in force, and not checked after.
    fn crowd(&mut self, today: Date, agenda: &mut Agenda, names: &mut Names) {
        let Some((_, flat)) = self.full() else { return };
        let person = self.record("citizen", today, agenda, names);
        let draft = self.register(person, flat, json!({}));
        agenda.give(today, Hour::Noon, draft);
        if REPEALED <= today {
            self.enter(person, flat);
        }
    }
}

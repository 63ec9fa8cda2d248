//! The chapters of the story.

use super::*;

/// The days that the national quota of 2024 is asked about: both sides of its entry into force and of its amendment.
const NATIONAL_DAYS: [&str; 4] = ["2024-01-13", "2024-01-14", "2024-08-23", "2024-08-24"];

impl Telling<'_> {
    pub(super) fn preface(&mut self) {
        self.line("QONYS: a register of migration decisions, lived through once");
        self.line("");
        self.line("Every person is invented. [synthetic] marks an act that is invented for this demonstration;");
        self.line("[assumed] marks what no source gives and an official has determined, and what leans on it;");
        self.line("[interpretation] marks a reading of the law. Every figure was asked of the log just now.");
    }

    pub(super) async fn refusal(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("1  The status is one thing, a place in a quota another");
        self.decided(&story.status, "Almaty grants an ethnic Kazakh from abroad the status of kandas.").await?;
        let filed = self.ask.command(story.filed.id).await?;
        if let Some(Fact::ApplicationFiled(filed)) = filed.first().map(|found| &found.entry.event.fact) {
            let (members, year) = (filed.members, filed.year);
            let members = self.figure("members of the family", members);
            let text = format!("They apply for the quota of Almaty for {year}, with {members} members of the family.");
            self.decided(&story.filed, text).await?;
        }
        self.blocked(&story.no_line, "no places can be held. Nothing is stored, and the case stays open.").await?;
        let text = "A deputy akim refuses, because there is no regional quota for Almaty.";
        let Some(refused) = self.decided(&story.refused, text).await? else { return Ok(()) };
        if let Fact::ApplicationRefused(fact) = &refused.entry.event.fact {
            let grounds = fact.bases.iter();
            let grounds = grounds.map(|b| format!("point {}{}", b.point, mark(b.certainty.as_str())));
            let number = self.figure("number of the ground", fact.facts.get("ground-number").unwrap_or("-"));
            let ground = format!("ground {number} ({}), line: {}", grounds.collect::<Vec<_>>().join(", "),
                fact.facts.get("line").unwrap_or("-"));
            self.more(ground);
            if let qonys_events::fact::application::Hearing::Held { on } = fact.hearing {
                self.more(format_args!("heard on {on}; may complain {}", fact.appeal));
            }
        }
        Ok(())
    }

    pub(super) async fn proposals(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("2  A proposal asks; only an act of the setter changes anything");
        self.proposal(&story.designation, "to designate Almaty for settling kandas").await?;
        self.proposal(&story.quota, "for a quota of Almaty for the coming year").await?;
        self.act_of(&story.determination).await?;
        self.act_of(&story.order).await?;
        for proposal in [&story.designation, &story.quota] {
            let Some(id) = self.ask.subject(proposal.draft.id).await? else { continue };
            let stream = self.ask.stream(&StreamId::of(StreamKind::Proposal, id), story.closed.at).await?;
            if let State::Proposal(state) = stream.state {
                let acts: Vec<String> = state.acts().map(|act| self.act(act)).collect();
                self.more(format_args!("The proposal is {} and linked to {}.", state.stage(), acts.join(", ")));
            }
        }
        Ok(())
    }

    async fn proposal(&mut self, proposal: &Proposal, what: &str) -> Result<(), DemoError> {
        self.decided(&proposal.draft, format_args!("The akimat drafts a proposal {what}.")).await?;
        self.blocked(&proposal.unsigned, "it cannot be sent unsigned.").await?;
        let mut steps = Vec::new();
        for step in &proposal.steps {
            let found = self.ask.command(step.id).await?;
            let event = found.into_iter().next().map(|found| found.entry.event);
            steps.extend(event.map(|event| {
                let name = super::super::ask::short(event.fact.type_name()).replace("proposal.", "");
                let day = event.decidedon.map_or(String::new(), |day| day.to_string());
                match event.fact {
                    Fact::ProposalAnswered(answered) => format!("{name} {day} ({})", answered.answer),
                    _ => format!("{name} {day}"),
                }
            }));
        }
        self.more(steps.join(", "));
        Ok(())
    }

    async fn act_of(&mut self, act: &Planned) -> Result<(), DemoError> {
        let found = self.ask.command(act.id).await?;
        let Some(Fact::ActRecorded(act)) = found.first().map(|found| &found.entry.event.fact) else { return Ok(()) };
        let ActRecorded { titles, adopted_on, in_force_on, .. } = act;
        let adopted = adopted_on.map_or(String::new(), |day| day.to_string());
        let title = titles.en.as_ref().map_or(String::new(), ToString::to_string);
        self.on(adopted, format_args!("{}: {title}.", self.act(&act.act)));
        if let Some(day) = in_force_on {
            self.more(format_args!("in force from {day}"));
        }
        Ok(())
    }

    pub(super) async fn inclusion(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("3  The same family, now that there is a line");
        self.decided(&story.filed_again, "They apply again, for 2024.").await?;
        self.blocked(&story.too_early, "the order with the line is not in force yet.").await?;
        if let Some(held) = self.decided(&story.held, "The verdict is computed, and places are held.").await? {
            let places = fact_of(&held, "places").unwrap_or_default();
            let places = self.figure("places held for the family", places);
            let limit = fact_of(&held, "limit").unwrap_or_default();
            let limit = self.figure("limit that the verdict read", limit);
            self.more(format_args!("{places} places of a limit of {limit}; leaf {}", held.leaf));
        }
        let text = "A head of department adopts exactly that verdict: the family is included.";
        if let Some(committed) = self.decided(&story.committed, text).await?
            && let Fact::PlacesCommitted(fact) = &committed.entry.event.fact
        {
            self.more(format_args!("adopts leaf {}", fact.adopts.leaf));
        }
        let line = line_2024("kandas", "almaty");
        for day in ["2024-02-04", "2024-02-05", "2024-02-14", "2024-02-16"] {
            self.board_row(&line, day);
        }
        Ok(())
    }

    fn board_row(&mut self, line: &Line, day: &str) {
        let Some(found) = self.board(line, date(day)) else { return };
        let name = |what: &str| format!("{what} of {line} on {day}");
        let held = self.figure(name("held"), found.held);
        let committed = self.figure(name("committed"), found.committed);
        let remaining = found.remaining.map_or("-".to_owned(), |left| left.to_string());
        let remaining = self.figure(name("remaining"), remaining);
        let stands = state(&found);
        if let Some(limit) = found.limit {
            self.figure(name("limit"), limit);
        }
        let counts = format!("held {held}, committed {committed}, remaining {remaining}");
        self.more(format_args!("board of {day}: {} {}: {stands}, {counts}", line.category, line.territory));
    }

    pub(super) async fn flat(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("4  A flat of 45.00 m2 takes three and not four, in some funds");
        for (flat, last) in [(&story.flat, &story.fourth), (&story.private_flat, &story.private_fourth)] {
            let Some(id) = self.ask.subject(flat.id).await? else { continue };
            let stream = self.ask.stream(&StreamId::of(StreamKind::Dwelling, id), story.closed.at).await?;
            let State::Dwelling(dwelling) = stream.state else { continue };
            let Ok(premises) = dwelling.premises(id) else { continue };
            let (fund, area) = (premises.fund, premises.useful_area);
            let area = self.figure(format!("useful area of the {fund} flat"), square_metres(area.0));
            let found = self.ask.command(last.id).await?;
            let day = date("2024-03-01");
            let residents = dwelling.residents_on(day).count();
            let residents = self.figure(format!("residents of the {fund} flat on {day}"), residents);
            self.on(day, format_args!("{fund} fund, {area} m2: {residents} registered."));
            if let Some(found) = found.first() {
                self.more(format_args!("The fourth is registered: {}.", norm_of(found)));
                if let Some(basis) = self.basis(found) {
                    self.more(basis);
                }
            }
            if let Some(third) = story.three.last().filter(|_| found.is_empty()) {
                let third = self.ask.command(third.id).await?;
                let read = |name: &str| third.first().and_then(|found| fact_of(found, name)).unwrap_or_default();
                let (norm, capacity) = (read("norm"), read("capacity"));
                let norm = norm.parse().map_or(norm, square_metres);
                let norm = self.figure("norm of useful area per person", norm);
                let capacity = self.figure("capacity that the third registration read", capacity);
                self.more(format_args!("The third registration read: norm {norm} m2 per person, capacity {capacity}."));
                self.blocked(last, "a fourth would be over the norm for provision of housing.").await?;
            }
        }
        Ok(())
    }

    pub(super) async fn repeal(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("5  The repeal of the Rules stops some decisions and not others");
        let medium = "A medium-term proposal is drafted under the Rules.";
        self.decided(&story.medium_term, medium).await?;
        for (command, goes_on) in &story.after_repeal {
            let what = match self.ask.command(command.id).await?.first() {
                Some(found) => super::super::ask::short(found.entry.event.fact.type_name()).to_owned(),
                None => String::new(),
            };
            if *goes_on {
                let text = match what.as_str() {
                    "proposal.drafted" => "A coming-year proposal goes on under the law.",
                    _ => "So does a registration.",
                };
                self.decided(command, text).await?;
            } else {
                self.blocked(command, "another medium-term proposal has no basis any more.").await?;
            }
        }
        Ok(())
    }

    pub(super) fn national(&mut self) {
        self.heading("6  The national quota of 2024 and its act of August");
        for day in NATIONAL_DAYS {
            let board = self.whole.board.as_of(date(day));
            let mut total = None;
            let mut parts = Vec::new();
            for category in ["kandas", "resettlers"] {
                let Some(line) = board.line(&line_2024(category, Line::NATIONAL)).cloned() else { continue };
                if let Some(limit) = line.limit {
                    self.figure(format!("national {category} on {day}"), grouped(limit.0));
                    total = Some(total.unwrap_or(0) + limit.0);
                    let act = line.act.as_ref().map_or(String::new(), |act| self.act(act));
                    parts.push(format!("{category} {} ({act})", grouped(limit.0)));
                } else {
                    parts.push(format!("{category} {}", state(&line)));
                }
            }
            if let Some(total) = total {
                let total = self.figure(format!("national total on {day}"), grouped(total));
                parts.push(format!("together {total}"));
            }
            self.on(day, parts.join(", "));
        }
        for amendment in self.whole.board.amendments() {
            let (Some(moved), Some(total)) = (&amendment.moved, amendment.total_after) else { continue };
            let names = |lines: &[Line]| lines.iter().map(|line| line.category.to_string()).collect::<Vec<_>>().join(", ");
            let total = self.figure(format!("total after {}", amendment.act), grouped(total.unsigned_abs()));
            let places = self.figure(format!("moved by {}", amendment.act), grouped(moved.places.unsigned_abs()));
            let (from, to) = (names(&moved.from), names(&moved.to));
            self.more(format_args!("{}: {places} moved from {from} to {to}, total {total}", self.act(&amendment.act)));
        }
    }

    pub(super) async fn year(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("7  The year around it");
        self.more("board of 2024-08-30, lines of the invented order:");
        self.more(format_args!("{:<28}{:>7}{:>7}{:>11}{:>11}", "line", "limit", "held", "committed", "remaining"));
        let board = self.whole.board.as_of(date("2024-08-30"));
        for found in board.lines.iter().filter(|found| found.act.as_ref().is_some_and(|act| act.as_str() == super::super::story::ORDER)) {
            let name = |what: &str| format!("{what} of {} on 2024-08-30", found.line);
            let limit = found.limit.map_or("-".to_owned(), |limit| limit.to_string());
            let limit = self.figure(name("limit"), limit);
            let held = self.figure(name("held"), found.held);
            let committed = self.figure(name("committed"), found.committed);
            let remaining = self.figure(name("remaining"), found.remaining.map_or("-".to_owned(), |n| n.to_string()));
            let called = format!("{} {}", found.line.category, found.line.territory);
            self.more(format_args!("{called:<28}{limit:>7}{held:>7}{committed:>11}{remaining:>11}"));
        }
        let closed = self.ask.command(story.closed.id).await?;
        if let Some(Fact::YearClosed(fact)) = closed.first().map(|found| &found.entry.event.fact) {
            let (limit, committed) = (fact.limit, fact.committed);
            let lapsed = self.figure("places of Almaty that lapsed", fact.lapsed);
            let text = format!("The line of Almaty is closed: limit {limit}, committed {committed}, lapsed {lapsed}.");
            self.decided(&story.closed, text).await?;
        }
        let types: Vec<_> = self.whole.types.clone().into_iter().collect();
        self.more("entries by type:");
        for (name, count) in types {
            let count = self.figure(format!("entries {name}"), count);
            self.more(format_args!("{count:>7}  {name}"));
        }
        let (commands, position, root) = (self.whole.commands, self.whole.position, self.whole.root);
        let commands = self.figure("accepted commands", commands);
        let position = self.figure("entries", position);
        let root = self.figure("root", root);
        self.heading(&format!("{commands} accepted commands wrote {position} entries; the root of their tree is"));
        self.line(root);
        Ok(())
    }
}

/// How point 10 stood at a registration.
fn norm_of(found: &Found) -> &'static str {
    use qonys_events::fact::registration::NormCheck;
    match &found.entry.event.fact {
        Fact::ResidenceRegistered(fact) => match fact.norm {
            NormCheck::NotApplicable => "the norm does not apply to this fund",
            NormCheck::NoBasis => "no act in force lets the norm be taken into account",
            NormCheck::Within => "within the norm",
            NormCheck::Over { .. } => "over the norm, for a ground that is recorded",
        },
        _ => "not a registration",
    }
}

/// Square decimetres as square metres: 4500 is 45.00.
fn square_metres(decimetres: u64) -> String {
    format!("{}.{:02}", decimetres / 100, decimetres % 100)
}

/// 9483 is 9,483.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

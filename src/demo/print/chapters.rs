//! The chapters of the story.

use qonys_events::fact::{application::Hearing, registration::NormCheck};

use super::*;

/// The days that the line of Almaty is asked about: around its act, the verdict and the adoption.
const ALMATY_DAYS: [&str; 4] = ["2024-02-04", "2024-02-05", "2024-02-14", "2024-02-16"];
/// The days that the national quota of 2024 is asked about: both sides of its entry into force and of its amendment.
const NATIONAL_DAYS: [&str; 4] = ["2024-01-13", "2024-01-14", "2024-08-23", "2024-08-24"];
/// The day on which residents of the flats are counted.
const COUNTED: &str = "2024-03-01";
/// The day of the last board.
const LAST_BOARD: &str = "2024-08-30";

impl Telling<'_> {
    pub(super) async fn preface(&mut self, story: &Story) -> Result<(), DemoError> {
        self.line("QONYS  a year of migration decisions, as the register has them");
        let found = self.ask.command(story.opened.id).await?;
        if let Some(found) = found.first()
            && let Fact::LogOpened(opened) = &found.entry.event.fact
        {
            let (origin, zone) = (&found.entry.command.source, &opened.zone);
            let (kind, clock) = (opened.kind, opened.clock);
            self.line(format_args!(
                "       log {origin}: a {kind} with a {clock} clock, days of {zone}"
            ));
        }
        for line in [
            "",
            "Every person is invented. [synthetic] marks an act that is invented for this demonstration,",
            "[assumed] what no source gives and somebody has determined, and whatever leans on it,",
            "[interpretation] a reading of the law. Every figure was asked of the log just now.",
        ] {
            self.line(line);
        }
        Ok(())
    }

    pub(super) async fn refusal(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("The status is one thing, a place in a quota another");
        let text = "Almaty grants an ethnic Kazakh from abroad the status of kandas.";
        self.decided(&story.status, text).await?;
        let filed = self.ask.command(story.filed.id).await?;
        if let Some(Fact::ApplicationFiled(filed)) = filed.first().map(|f| &f.entry.event.fact) {
            let members = self.figure("members of the family", filed.members);
            let text = format!(
                "The family applies for the quota of Almaty for {}: the kandas and {members} members.",
                filed.year
            );
            self.decided(&story.filed, text).await?;
        }
        let text = "no places can be held. Nothing is stored, and the case stays open.";
        self.blocked(&story.no_line, text).await?;
        let text = "A deputy akim refuses: there is no regional quota for Almaty.";
        let Some(refused) = self.decided(&story.refused, text).await? else {
            return Ok(());
        };
        if let Fact::RefusalActAdopted(fact) = &refused.entry.event.fact {
            let number = fact.facts.get("ground-number").unwrap_or("-");
            let number = self.figure("number of the ground", number);
            let points: Vec<String> = fact
                .bases
                .iter()
                .map(|basis| format!("point {}{}", basis.point, mark(basis.certainty.as_str())))
                .collect();
            let line = fact.facts.get("line").unwrap_or("-");
            self.more(format_args!(
                "ground {number}, {}; line of Almaty: {line}",
                points.join(", ")
            ));
            if let Hearing::Held { on } = fact.hearing {
                self.more(format_args!("heard on {on}; may complain {}", fact.appeal));
            }
        }
        Ok(())
    }

    pub(super) async fn proposals(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("A proposal asks; only an act of the setter changes anything");
        self.proposal(
            &story.designation,
            "to designate Almaty for settling kandas",
        )
        .await?;
        self.proposal(&story.quota, "for a quota of Almaty for the coming year")
            .await?;
        self.act_of(&story.determination, &story.designation)
            .await?;
        self.act_of(&story.order, &story.quota).await
    }

    async fn proposal(&mut self, proposal: &Proposal, what: &str) -> Result<(), DemoError> {
        let text = format!("The akimat drafts a proposal {what}.");
        self.decided(&proposal.draft, text).await?;
        self.blocked(&proposal.unsigned, "it cannot be sent unsigned.")
            .await?;
        let mut steps = Vec::new();
        for step in &proposal.steps {
            for found in self.ask.command(step.id).await? {
                let event = found.entry.event;
                let name = short(event.fact.type_name()).replace("proposal.", "");
                let day = event.decidedon.map_or(String::new(), |day| day.to_string());
                steps.push(match event.fact {
                    Fact::ProposalAnswered(answered) => {
                        format!("{name} {day} ({})", answered.answer)
                    }
                    _ => format!("{name} {day}"),
                });
            }
        }
        self.more(steps.join(", "));
        Ok(())
    }

    /// An act, and the proposal that it is linked to.
    async fn act_of(&mut self, act: &Planned, proposal: &Proposal) -> Result<(), DemoError> {
        let found = self.ask.command(act.id).await?;
        let Some(Fact::ActRecorded(act)) = found.first().map(|found| &found.entry.event.fact)
        else {
            return Ok(());
        };
        let adopted = act.adopted_on.map_or(String::new(), |day| day.to_string());
        let title = act.titles.en.as_ref();
        self.on(adopted, title.map_or(String::new(), ToString::to_string));
        let in_force = act
            .in_force_on
            .map_or(String::new(), |day| format!(", in force from {day}"));
        self.more(format_args!("{}{in_force}", self.act(&act.act)));
        if let Some(id) = self.ask.subject(proposal.draft.id).await?
            && let Some(found) = self.ask.proposal(id).await?
            && found.acts.contains(&act.act)
        {
            let state = found.proposal.0.state.as_str();
            self.more(format_args!("the proposal, {state}, is linked to this act"));
        }
        Ok(())
    }

    pub(super) async fn inclusion(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("The same family, now that there is a line");
        self.decided(&story.filed_again, "The family applies again, for 2024.")
            .await?;
        let text = "the order with the line is not in force yet.";
        self.blocked(&story.too_early, text).await?;
        let text = "The verdict is computed, and places are held.";
        if let Some(held) = self.decided(&story.held, text).await? {
            let read = |name: &str| fact_of(&held, name).unwrap_or_else(|| "-".to_owned());
            let places = self.figure("places held for the family", read("places"));
            let limit = self.figure("limit that the verdict read", read("limit"));
            self.more(format_args!("{places} places of a limit of {limit}"));
            self.more(format_args!("leaf   {}", held.leaf));
        }
        let text = "A head of department adopts exactly these bytes: the family is included.";
        if let Some(committed) = self.decided(&story.committed, text).await?
            && let Fact::PlacesCommitted(fact) = &committed.entry.event.fact
        {
            self.more(format_args!("adopts {}", fact.adopts.leaf));
        }
        let line = line_2024("kandas", "almaty");
        for day in ALMATY_DAYS {
            let board = self.ask.board(date(day)).await?;
            if let Some(found) = board.lines.iter().find(|found| found.line == line) {
                self.board_row(found, day);
            }
        }
        Ok(())
    }

    fn board_row(&mut self, found: &BoardLine, day: &str) {
        let name = |what: &str| format!("{what} of {} on {day}", found.line);
        let stands = match found.limit {
            Some(limit) => format!("limit {}", self.figure(name("limit"), limit)),
            None => state(found),
        };
        let rule = found.rule_certainty.filter(|_| found.limit.is_some());
        let rule = rule.map_or(String::new(), |rule| mark(rule.as_str()));
        let held = self.figure(name("held"), found.held);
        let committed = self.figure(name("committed"), found.committed);
        let remaining = self.figure(name("remaining"), or_dash(found.remaining));
        self.more(format_args!(
            "board of {day}: {stands}{rule}, held {held}, committed {committed}, remaining {remaining}"
        ));
    }

    pub(super) async fn flat(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("A flat that takes three and not four, and in another fund the fourth");
        let third = story.three.last().unwrap_or(&story.fourth);
        self.dwelling(&story.flat, third, "the third").await?;
        let text = "a fourth would be over the norm for provision of housing.";
        if let Some(blocked) = self.blocked(&story.fourth, text).await? {
            let read = |name: &str| blocked.facts.get(name).unwrap_or("-").to_owned();
            let norm = read("norm")
                .parse()
                .map_or_else(|_| read("norm"), square_metres);
            let norm = self.figure("norm of useful area per person", norm);
            let capacity = self.figure("capacity of the state flat", read("capacity"));
            let (known, reading) = (read("norm-certainty"), read("over-norm-blocks"));
            self.more(format_args!(
                "norm {norm} m2 per person{}: capacity {capacity}; that over it is blocked{}",
                mark(&known),
                mark(&reading)
            ));
        }
        let (flat, fourth) = (&story.private_flat, &story.private_fourth);
        self.dwelling(flat, fourth, "the fourth").await
    }

    /// A flat, its last resident, and how many live there.
    async fn dwelling(
        &mut self,
        flat: &Planned,
        last: &Planned,
        who: &str,
    ) -> Result<(), DemoError> {
        let Some(id) = self.ask.subject(flat.id).await? else {
            return Ok(());
        };
        let answer = self.ask.dwelling(id, date(COUNTED)).await?;
        let Some(described) = answer.dwelling else {
            return Ok(());
        };
        let (fund, area) = (described.0.fund, described.0.useful_area);
        let area = self.figure(
            format!("useful area of the {fund} flat"),
            square_metres(area.0),
        );
        let text = format!("A flat of {area} m2 in the {fund} fund: {who} moves in.");
        if let Some(found) = self.decided(last, text).await? {
            let residents = answer.residences.len();
            let name = format!("residents of the {fund} flat on {COUNTED}");
            let residents = self.figure(name, residents);
            self.more(format_args!(
                "{}; residents on {COUNTED}: {residents}",
                norm_of(&found)
            ));
        }
        Ok(())
    }

    pub(super) async fn repeal(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("The repeal of the Rules stops some decisions and not others");
        let text = "A medium-term proposal is drafted under the Rules.";
        self.decided(&story.medium_term, text).await?;
        self.warned(story).await?;
        for (command, goes_on) in &story.after_repeal {
            if *goes_on {
                let found = self.ask.command(command.id).await?;
                let fact = found.first().map(|found| &found.entry.event.fact);
                let text = match fact {
                    Some(Fact::ProposalDrafted(_)) => {
                        "A coming-year proposal goes on under the law."
                    }
                    _ => "So does a registration.",
                };
                self.decided(command, text).await?;
                continue;
            }
            let text = "another medium-term proposal has no basis any more.";
            if let Some(blocked) = self.blocked(command, text).await?
                && let Some(document) = blocked.facts.get("document").and_then(|d| d.parse().ok())
                && let Some(day) = blocked.facts.get("repealed-on")
            {
                let status = self.register.status(&document, date(day), LATEST);
                let certainty = status.certainty();
                let certainty = certainty.map_or(String::new(), |c| mark(c.as_str()));
                let day = self.figure("the Rules lost force on", day);
                let act = self.act(&document);
                self.more(format_args!("{act} lost force on {day}{certainty}"));
            }
        }
        Ok(())
    }

    /// A signature that a warning blocks, and the reason with which it is confirmed.
    async fn warned(&mut self, story: &Story) -> Result<(), DemoError> {
        let warned = &story.warned;
        let text = "it is not signed without a word on what the signatory should know.";
        if let Some(blocked) = self.blocked(&warned.unconfirmed, text).await?
            && let Some(warning) = blocked.facts.get("warning")
        {
            self.more(format_args!("warning: {warning}"));
        }
        let text = "A deputy akim confirms the warning with a reason and signs.";
        self.decided(&warned.confirmed, text).await?;
        let Some(id) = self.ask.subject(story.medium_term.id).await? else {
            return Ok(());
        };
        let found = self.ask.proposal(id).await?;
        let row = found.map(|found| serde_json::to_value(&found.proposal));
        let confirmed = row.and_then(Result::ok).map(|row| row["confirmed"].clone());
        for one in confirmed.iter().filter_map(Value::as_array).flatten() {
            let warning = one["warning"].as_str().unwrap_or("-");
            let warning = self.figure("warning that was confirmed", warning);
            let reason = one["reason"].as_str().unwrap_or("-");
            self.more(format_args!("confirmed: {warning}, because {reason}"));
        }
        Ok(())
    }

    pub(super) async fn national(&mut self) -> Result<(), DemoError> {
        self.heading("The national quota of 2024 and its act of August");
        for day in NATIONAL_DAYS {
            let board = self.ask.board(date(day)).await?;
            let (mut total, mut parts) = (None, Vec::new());
            for category in ["kandas", "resettlers"] {
                let line = line_2024(category, Line::NATIONAL);
                let Some(found) = board.lines.iter().find(|found| found.line == line) else {
                    continue;
                };
                let Some(limit) = found.limit else {
                    parts.push(format!("{category} {}", state(found)));
                    continue;
                };
                total = Some(total.unwrap_or(0) + limit.0);
                let limit = self.figure(format!("national {category} on {day}"), grouped(limit.0));
                let act = found
                    .act
                    .as_ref()
                    .map_or(String::new(), |act| self.act(act));
                parts.push(format!("{category} {limit} ({act})"));
            }
            if let Some(total) = total {
                let total = self.figure(format!("national total on {day}"), grouped(total));
                parts.push(format!("together {total}"));
            }
            self.on(day, parts.join(", "));
        }
        for amendment in self.ask.board(date(NATIONAL_DAYS[3])).await?.amendments {
            let (Some(moved), Some(total)) = (&amendment.moved, amendment.total_after) else {
                continue;
            };
            let names = |lines: &[Line]| -> String {
                let names: Vec<_> = lines.iter().map(|l| l.category.as_str()).collect();
                names.join(", ")
            };
            let act = &amendment.act;
            let places = grouped(moved.places.unsigned_abs());
            let places = self.figure(format!("moved by {act}"), places);
            let total = grouped(total.unsigned_abs());
            let total = self.figure(format!("total after {act}"), total);
            let (from, to) = (names(&moved.from), names(&moved.to));
            self.more(format_args!(
                "{}: {places} moved from {from} to {to}, total {total}",
                self.act(act)
            ));
        }
        Ok(())
    }

    pub(super) async fn year(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("The year around it");
        let board = self.ask.board(date(LAST_BOARD)).await?;
        let of_order = |found: &&BoardLine| {
            let act = found.act.as_ref();
            act.is_some_and(|act| act.as_str() == ORDER)
        };
        self.on(
            LAST_BOARD,
            format_args!("The board of the lines of {ORDER} [synthetic]:"),
        );
        let header = ["limit", "held", "committed", "remaining"];
        self.row("", header.map(str::to_owned));
        for found in board.lines.iter().filter(of_order) {
            let mut figure = |what: &str, value: String| {
                self.figure(format!("{what} of {} on {LAST_BOARD}", found.line), value)
            };
            let cells = [
                figure("limit", or_dash(found.limit)),
                figure("held", found.held.to_string()),
                figure("committed", found.committed.to_string()),
                figure("remaining", or_dash(found.remaining)),
            ];
            let line = &found.line;
            self.row(&format!("{} {}", line.category, line.territory), cells);
        }
        let closed = self.ask.command(story.closed.id).await?;
        if let Some(Fact::YearClosed(fact)) = closed.first().map(|f| &f.entry.event.fact) {
            let limit = self.figure("limit of Almaty at the close", fact.limit);
            let committed = self.figure("committed in Almaty at the close", fact.committed);
            let lapsed = self.figure("lapsed in Almaty at the close", fact.lapsed);
            let text = format!(
                "The line of Almaty is closed: limit {limit}, committed {committed}, lapsed {lapsed}."
            );
            self.decided(&story.closed, text).await?;
        }
        self.totals().await
    }

    fn row(&mut self, name: &str, cells: [String; 4]) {
        let [limit, held, committed, remaining] = cells;
        self.more(format_args!(
            "{name:<28}{limit:>7}{held:>7}{committed:>11}{remaining:>11}"
        ));
    }

    /// What the log holds: entries by type, and the root of their tree.
    async fn totals(&mut self) -> Result<(), DemoError> {
        self.heading("What the log holds");
        let counted = self.ask.counted().await?;
        let mut column = Vec::new();
        for (name, count) in &counted.types {
            let count = self.figure(format!("entries {name}"), count);
            column.push(format!("{count:>6}  {name}"));
        }
        let half = column.len().div_ceil(2);
        for n in 0..half {
            let right = column.get(n + half).map_or("", String::as_str);
            self.line(format_args!("  {:<42}{right}", column[n]));
        }
        let head = self.ask.log.head().await?;
        let commands = self.figure("accepted commands", counted.commands);
        let entries = self.figure("entries", head.position);
        self.line(format_args!(
            "\n{commands} accepted commands wrote {entries} entries. The root of their tree:"
        ));
        let root = self.figure("root", head.frontier.root());
        self.line(root);
        Ok(())
    }
}

/// How point 10 stood at a registration.
fn norm_of(found: &Found) -> &'static str {
    let Fact::ResidenceRegistered(fact) = &found.entry.event.fact else {
        return "not a registration";
    };
    match fact.norm {
        NormCheck::NotApplicable => "the norm does not apply to this fund",
        NormCheck::NoBasis => "no act in force lets the norm be taken into account",
        NormCheck::Within => "within the norm",
        NormCheck::Over { .. } => "over the norm, for a ground that is recorded",
    }
}

/// Square decimetres as square metres: 4500 is 45.00.
fn square_metres(decimetres: u64) -> String {
    format!("{}.{:02}", decimetres / 100, decimetres % 100)
}

/// A number with its thousands apart: 9,483.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

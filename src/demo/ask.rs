//! Asking the log: what was recorded, how a board stands on a day, and why something was blocked. Nothing here remembers
//! what a demonstration sent.

use std::collections::{BTreeMap, HashMap};

use qonys_domain::{
    blocked::Blocked,
    context::Context,
    decide::{Undecided, decide, recorded},
    streams::{Stream, Streams},
};
use qonys_events::{
    digest::Sha256Hex,
    entry::Entry,
    id::{Ref, StreamId},
    scalar::{Day, Instant, Position},
    tree::leaf_hash,
};
use qonys_projections::{
    acts::register::Register, cell::TableRow, projection::Recorded, table::Value as Cell,
};

use super::{DemoError, agenda::Planned};
use crate::{
    clock::{Clock, Entropy},
    dispatch::Request,
    log::Log,
    queries::{Queries, Rows, Unanswered},
    views::{
        Views, ViewsError,
        queries::{
            AsOf,
            board::{BoardAnswer, BoardQuery},
            proposals::{ProposalQuery, ProposalWithActs},
            residents::DwellingAnswer,
        },
    },
};

/// Entries read in one page.
const PAGE: u32 = 1_000;
/// Streams that one verdict may read.
const READS_MAX: usize = 64;

/// The log, to be asked.
pub(super) struct Ask<'a> {
    pub(super) log: &'a Log,
    pub(super) views: &'a Views,
}

/// What the whole log holds, counted.
pub(super) struct Counted {
    /// Entries by type, without prefix and version.
    pub(super) types: BTreeMap<String, u64>,
    /// Commands that were accepted.
    pub(super) commands: u64,
}

/// An entry and its leaf in the tree.
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) leaf: Sha256Hex,
}

/// The streams that a verdict read, as they stood then.
#[derive(Default)]
struct Then(HashMap<StreamId, Stream>);

impl Streams for Then {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.0.get(id)
    }
}

impl Ask<'_> {
    /// Counts the entries of the whole log, page by page.
    pub(super) async fn counted(&self) -> Result<Counted, DemoError> {
        let mut types: BTreeMap<String, u64> = BTreeMap::new();
        let (mut commands, mut position) = (0, Position(0));
        loop {
            let page = self.log.read_after(position, PAGE).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for entry in page {
                let entry = Recorded::read(entry.text)?;
                let name = entry.event().fact.type_name();
                *types.entry(short(name).to_owned()).or_default() += 1;
                commands += u64::from(entry.ends_command());
            }
        }
        Ok(Counted { types, commands })
    }

    /// The board of an effective day, as known at the end of the log.
    pub(super) async fn board(&self, day: Day) -> Result<BoardAnswer, DemoError> {
        let query = BoardQuery {
            as_of: AsOf::Latest,
            effective: Some(day),
            year: None,
        };
        Ok(self.views.board(query, &Clock::System).await?)
    }

    /// The rows of a view in which columns hold values, about a day if one is named.
    pub(super) async fn rows<R: TableRow>(
        &self,
        day: Option<Day>,
        equal: &[(&'static str, Cell)],
    ) -> Result<Vec<R>, DemoError> {
        let broken = |e: Unanswered| ViewsError::Broken(e.to_string());
        let at = self.views.point(AsOf::Latest).await?.position;
        let wanted = equal
            .iter()
            .fold(Rows::of(R::table(), at), |rows, (column, value)| {
                rows.with(column, value.clone())
            });
        let rows = Queries::rows(self.views, wanted.on(day)).await;
        let read = |row| R::read(row).map_err(|e| ViewsError::Broken(e.to_string()).into());
        rows.map_err(broken)?.iter().map(read).collect()
    }

    /// The register of acts.
    pub(super) async fn register(&self) -> Result<Register, DemoError> {
        let at = self.views.point(AsOf::Latest).await?;
        Ok(self.views.register(at).await?)
    }

    /// A dwelling and who lives there on a day.
    pub(super) async fn dwelling(
        &self,
        dwelling: Ref,
        day: Day,
    ) -> Result<DwellingAnswer, DemoError> {
        let answer = self
            .views
            .residents(dwelling, Some(day), AsOf::Latest, &Clock::System);
        Ok(answer.await?)
    }

    /// How a proposal stands at the end.
    pub(super) async fn proposal(
        &self,
        proposal: Ref,
    ) -> Result<Option<ProposalWithActs>, DemoError> {
        let query = ProposalQuery {
            proposal: Some(proposal),
            ..ProposalQuery::default()
        };
        let answer = self.views.proposals(&query, &Clock::System).await?;
        Ok(answer.proposals.into_iter().next())
    }

    /// The entries of a command; none when it was blocked.
    pub(super) async fn command(&self, id: Ref) -> Result<Vec<Found>, DemoError> {
        let mut found = self.log.commands(&[id]).await?;
        let entries = found.remove(&id).unwrap_or_default();
        let read = |text: &str| {
            let leaf = leaf_hash(text.as_bytes());
            Ok(Found {
                entry: Entry::parse(text)?,
                leaf,
            })
        };
        entries.iter().map(|entry| read(&entry.text)).collect()
    }

    /// What a command recorded.
    pub(super) async fn subject(&self, id: Ref) -> Result<Option<Ref>, DemoError> {
        let found = self.command(id).await?;
        Ok(found.iter().find_map(|found| recorded(&found.entry.event)))
    }

    /// A stream with the entries before an instant.
    async fn stream(&self, id: &StreamId, before: Instant) -> Result<Stream, DemoError> {
        let mut stream = Stream::empty(id.kind());
        loop {
            let page = self.log.read_stream(id, stream.seq, PAGE).await?;
            if page.is_empty() {
                return Ok(stream);
            }
            for entry in page {
                let entry = Entry::parse(&entry.text)?;
                if before <= entry.place.time {
                    return Ok(stream);
                }
                stream.apply(&entry.event);
            }
        }
    }

    /// Why a command was blocked when it was given: decided again on the log as it stood then, and written nowhere.
    /// `None` when it was not blocked.
    pub(super) async fn why_blocked(
        &self,
        command: &Planned,
    ) -> Result<Option<Blocked>, DemoError> {
        let unread = |why: String| DemoError::Unexpected {
            line: command.line.clone(),
            why,
        };
        let request = Request::read(&command.line).map_err(|e| unread(e.message))?;
        let mut subjects = HashMap::new();
        for id in request.refers_to() {
            subjects.extend(self.subject(id).await?.map(|subject| (id, subject)));
        }
        let read = request
            .command(|id| subjects.get(&id).copied())
            .map_err(|e| unread(e.message))?;
        let zone = jiff::tz::TimeZone::get(self.log.zone().as_str());
        let zone = zone.map_err(|e| unread(e.to_string()))?;
        let today = Day::of(command.at, &zone);
        let cx = Context {
            known_as: None,
            cases: Vec::new(),
            correspondence: None,
            now: command.at,
            today,
            decided_on: request.decidedon.unwrap_or(today),
            effective: request.effective,
            actor: request.actor.clone(),
            minted: Entropy::seeded(0)
                .derived("verdict", command.id)
                .reference(),
            slots: Vec::new(),
            adopted_leaf: None,
            adopted_of: None,
            superseded: Vec::new(),
            findings: qonys_domain::context::Findings::default(),
        };
        let mut streams = Then::default();
        for _ in 0..READS_MAX {
            match decide(&read, &cx, &streams) {
                Ok(_) => return Ok(None),
                Err(Undecided::Blocked(blocked)) => return Ok(Some(*blocked)),
                Err(Undecided::Needs(id)) => {
                    let stream = self.stream(&id, command.at).await?;
                    streams.0.insert(id, stream);
                }
            }
        }
        Err(unread("the verdict keeps asking for streams".into()))
    }
}

/// The command of the last entry; none in an empty log.
pub(super) async fn last_command(log: &Log) -> Result<Option<Ref>, DemoError> {
    let head = log.head().await?.position;
    command_after(log, Position(head.0.saturating_sub(1))).await
}

/// The command of the first entry; none in an empty log.
pub(super) async fn first_command(log: &Log) -> Result<Option<Ref>, DemoError> {
    command_after(log, Position(0)).await
}

async fn command_after(log: &Log, position: Position) -> Result<Option<Ref>, DemoError> {
    let next = log.read_after(position, 1).await?;
    let command = |text: &str| Ok(Entry::parse(text)?.command.commandid);
    next.first().map(|next| command(&next.text)).transpose()
}

/// The name of an event type without its prefix and version.
pub(super) fn short(type_name: &str) -> &str {
    let name = type_name.strip_prefix("kz.qonys.").unwrap_or(type_name);
    name.rsplit_once(".v").map_or(name, |(name, _)| name)
}

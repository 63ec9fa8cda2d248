//! postgres-es 0.5 as its documents use it: its default pool, its framework over its event store, no queries.

use std::{sync::Arc, time::Duration};

use cqrs_es::{Aggregate, AggregateError, DomainEvent, event_sink::EventSink};
use postgres_es::{PostgresCqrs, default_postgress_pool, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::{Executor as _, PgPool};

use crate::{
    bench::{
        Trouble,
        database::Scratch,
        drive::{Did, Run, closed},
    },
    clock::Entropy,
};

/// Its table, with the log's further columns and indexes.
const TABLE: &str = include_str!("../sql/events.sql");
/// More places than can be filled.
const LIMIT: u64 = 1_000_000_000;

/// A line of places, as a newcomer to the framework would write it.
#[derive(Default, Serialize, Deserialize)]
struct Line {
    held: u64,
}

/// Holds a place; the event carries as many bytes as an entry of the log.
struct Hold {
    body: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum LineEvent {
    Held { body: String },
}

#[derive(Debug, thiserror::Error)]
#[error("no place is left")]
struct Full;

impl DomainEvent for LineEvent {
    fn event_type(&self) -> String {
        "held".to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Aggregate for Line {
    const TYPE: &'static str = "line";
    type Command = Hold;
    type Event = LineEvent;
    type Error = Full;
    type Services = ();

    async fn handle(&mut self, command: Hold, (): &(), sink: &EventSink<Self>) -> Result<(), Full> {
        if self.held >= LIMIT {
            return Err(Full);
        }
        sink.write(LineEvent::Held { body: command.body }, self)
            .await;
        Ok(())
    }

    fn apply(&mut self, event: LineEvent) {
        let LineEvent::Held { .. } = event;
        self.held += 1;
    }
}

/// The framework on a database of its own.
pub(in crate::bench) struct PostgresEs {
    framework: Arc<PostgresCqrs<Line>>,
    body: Arc<str>,
}

impl PostgresEs {
    /// Makes its table. Every event holds so many bytes as JSON.
    pub(in crate::bench) async fn create(scratch: &Scratch, bytes: usize) -> Result<Self, Trouble> {
        let pool: PgPool = default_postgress_pool(&scratch.url).await;
        (&pool).execute(TABLE).await?;
        let frame = serde_json::to_string(&LineEvent::Held {
            body: String::new(),
        })
        .map_err(Trouble::new)?;
        Ok(Self {
            framework: Arc::new(postgres_cqrs(pool, Vec::new(), ())),
            body: "x".repeat(bytes.saturating_sub(frame.len())).into(),
        })
    }

    /// Each command goes to an aggregate of its own.
    pub(in crate::bench) async fn distinct(
        &self,
        callers: usize,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        self.run(callers, lasting, None).await
    }

    /// Every command goes to one new aggregate. What ends in a conflict is not counted; nobody tries it again.
    pub(in crate::bench) async fn hot(
        &self,
        callers: usize,
        lasting: Duration,
    ) -> Result<Run, Trouble> {
        self.run(
            callers,
            lasting,
            Some(Entropy::System.reference().to_string()),
        )
        .await
    }

    async fn run(
        &self,
        callers: usize,
        lasting: Duration,
        one: Option<String>,
    ) -> Result<Run, Trouble> {
        let (framework, body) = (self.framework.clone(), self.body.clone());
        closed(callers, lasting, move || {
            let (framework, body) = (framework.clone(), body.to_string());
            let id = one
                .clone()
                .unwrap_or_else(|| Entropy::System.reference().to_string());
            async move {
                match framework.execute(&id, Hold { body }).await {
                    Ok(()) => Ok(Did::Done),
                    Err(AggregateError::AggregateConflict) => Ok(Did::Lost),
                    Err(error) => Err(Trouble::new(error)),
                }
            }
        })
        .await
    }
}

//! The reading works: replay, rebuild, verify.

use std::time::Duration;

use qonys_verify::report::Level;

use super::{Bench, REBUILD, REPLAY, VERIFY};
use crate::bench::{
    Trouble,
    database::Scratch,
    ours::Ours,
    reading::{self, Bundled, Dump},
    report::{Row, Side, Target},
};

impl Bench<'_> {
    /// Brings the log to the length that the reading works read.
    pub(super) async fn fill(&self, ours: &Ours) -> Result<(), Trouble> {
        let (at, wanted) = (ours.position().await?.0, self.options.entries);
        if at < wanted {
            self.watch.begin("filling the log");
            let pairs = (wanted - at).div_ceil(2);
            ours.file(pairs as usize, &|done| self.watch.moved(done, pairs))
                .await?;
        }
        Ok(())
    }

    pub(super) async fn read(&mut self, mine: &Scratch, ours: &Ours) -> Result<(), Trouble> {
        let entries = ours.position().await?.0 as f64;
        let per_second = |took: Duration| entries / took.as_secs_f64();
        let mut figures: [Vec<f64>; 8] = Default::default();
        let [
            replays,
            copies,
            rebuilds,
            copies_in,
            proofs,
            rules,
            views,
            hashes,
        ] = &mut figures;
        for round in 1..=self.options.rounds {
            let step = |what: &str| {
                self.watch
                    .begin(&format!("reading {entries} entries, round {round}: {what}"))
            };
            if self.wants(REPLAY) {
                step("replay");
                replays.push(per_second(reading::replayed(ours).await?.0));
                step("copy out");
                copies.push(per_second(reading::copied_out(mine).await?));
            }
            if self.wants(REBUILD) {
                step("rebuild of all views");
                rebuilds.push(per_second(reading::rebuilt(ours).await?));
                step("copy out and in");
                let dump = Dump::take(mine).await?;
                copies_in.push(per_second(dump.copied_in(mine).await?));
            }
        }
        if self.wants(VERIFY) {
            self.watch.begin("exporting a bundle");
            let bundle = Bundled::make(ours, self.workshop.path()).await?;
            let per_second = |took: Duration| bundle.entries() as f64 / took.as_secs_f64();
            for round in 1..=self.options.rounds {
                self.watch.begin(&format!("verify, round {round}"));
                for (level, rates) in [
                    (Level::Proof, &mut *proofs),
                    (Level::Rules, &mut *rules),
                    (Level::Views, &mut *views),
                ] {
                    let scratch = self.workshop.path().join("verify");
                    std::fs::create_dir_all(&scratch)?;
                    let verified =
                        tokio::task::block_in_place(|| bundle.verified(level, &scratch))?;
                    rates.push(per_second(verified));
                }
                hashes.push(per_second(tokio::task::block_in_place(|| bundle.hashed())?));
            }
        }
        let [
            replays,
            copies,
            rebuilds,
            copies_in,
            proofs,
            rules,
            views,
            hashes,
        ] = figures;
        let rows = &mut self.report.rows;
        if !replays.is_empty() {
            rows.push(Row::compared(
                format!("replay of {entries} entries into a fold, with count and root"),
                "entries per second",
                Side::new("qonys", replays),
                Side::new("COPY OUT, binary", copies),
                Target::AtLeast {
                    least: 0.3,
                    aim: 0.8,
                },
            ));
        }
        if !rebuilds.is_empty() {
            rows.push(Row::compared(
                format!("rebuild of all views, {entries} entries"),
                "entries per second",
                Side::new("qonys", rebuilds),
                Side::new("COPY OUT of the entries and COPY IN of the rows", copies_in),
                Target::AtLeast {
                    least: 0.2,
                    aim: 0.5,
                },
            ));
        }
        if !proofs.is_empty() {
            let hashes = Side::new("SHA-256 of the same bytes", hashes);
            for (what, rates, target) in [
                (
                    "signatures, tiles, root",
                    proofs,
                    Target::AtLeast {
                        least: 0.6,
                        aim: 0.8,
                    },
                ),
                (
                    "with format and rules",
                    rules,
                    Target::AtLeast {
                        least: 0.2,
                        aim: 0.3,
                    },
                ),
                (
                    "with views",
                    views,
                    Target::AtLeast {
                        least: 0.2,
                        aim: 0.3,
                    },
                ),
            ] {
                let work = format!("verify offline: {what}");
                rows.push(Row::compared(
                    work,
                    "entries per second",
                    Side::new("qonys", rates),
                    hashes.clone(),
                    target,
                ));
            }
        }
        Ok(())
    }
}

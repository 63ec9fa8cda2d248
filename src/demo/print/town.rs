//! The chapter of an invented town: its office (point 11), its registers (point 6), its permits for foreign labour (point 5).

use qonys_projections::{
    journal::JournalRow, labour::LabourLedgerRow, offices::AssignmentRow, table::Value as Cell,
};

use super::*;
use crate::demo::story::town::{OFFICE, TOWN};

/// The day on which the officials of the office are counted.
const STAFFED: &str = "2024-03-04";
/// The category of the permit.
const CATEGORY: &str = "category-3";

impl Telling<'_> {
    pub(super) async fn town(&mut self, story: &Story) -> Result<(), DemoError> {
        self.heading("An office, what comes in and goes out, and permits for foreign labour");
        let town = &story.town;
        let text = "A town that does not exist registers its office by an order [synthetic].";
        self.decided(&town.registered, text).await?;
        let of_office = [("office", Cell::text(OFFICE))];
        let staff: Vec<AssignmentRow> = self.ask.rows(Some(date(STAFFED)), &of_office).await?;
        let appointed = self.figure("appointed in the town", staff.len());
        let text = format!(
            "{appointed} officials are appointed: a head with the power to permit, a clerk without."
        );
        self.decided(&town.appointed, text).await?;
        let incoming = self.number("incoming").await?;
        let text = format!("An employer's application comes in under number {incoming}.");
        self.decided(&town.came_in, text).await?;
        self.blocked(&town.without_power, "the clerk permits nothing.")
            .await?;
        let text = "nor does the head: nobody knows the share of the town.";
        self.blocked(&town.without_share, text).await?;
        let text = "An invented act distributes the quota for foreign labour [synthetic].";
        self.decided(&town.distributed, text).await?;
        if let Some(granted) = self
            .decided(&town.granted, "The head permits within the share.")
            .await?
        {
            let order = &granted.entry.command.policy;
            self.more(format_args!("let through by {order} of the office"));
            self.ledger().await?;
        }
        let outgoing = self.number("outgoing").await?;
        let text = format!("The permit goes out under number {outgoing}.");
        self.decided(&town.went_out, text).await?;
        let text = "for Almaty the office of the town permits nothing.";
        self.blocked(&town.elsewhere, text).await?;
        Ok(())
    }

    /// The number of the town's document that came in or went out.
    async fn number(&mut self, direction: &'static str) -> Result<String, DemoError> {
        let of = [
            ("office", Cell::text(OFFICE)),
            ("direction", Cell::text(direction)),
        ];
        let rows: Vec<JournalRow> = self.ask.rows(None, &of).await?;
        let number = rows.first().map(|row| row.number);
        Ok(self.figure(format!("{direction} number in the town"), or_dash(number)))
    }

    async fn ledger(&mut self) -> Result<(), DemoError> {
        let of = [
            ("territory", Cell::text(TOWN)),
            ("category", Cell::text(CATEGORY)),
        ];
        let rows: Vec<LabourLedgerRow> = self.ask.rows(None, &of).await?;
        let Some(row) = rows.first() else {
            return Ok(());
        };
        let share = self.figure("labour share in the town", or_dash(row.share));
        let granted = self.figure("labour granted in the town", row.granted);
        let left = self.figure("labour places_left in the town", or_dash(row.places_left));
        self.more(format_args!(
            "{CATEGORY}: share {share}, granted {granted}, left {left}"
        ));
        Ok(())
    }
}

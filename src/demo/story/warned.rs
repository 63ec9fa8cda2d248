//! A warning on a proposal (point 5): the signatory confirms it with a reason, or does not sign.

use jiff::civil::date;
use qonys_events::{digest::Sha256Hex, entry::Actor, id::Ref};
use serde_json::json;

use crate::demo::agenda::{Agenda, Draft, Hour, Planned, by};

/// A signature that was blocked by a warning, and the one that confirms it.
pub(in crate::demo) struct Warned {
    pub(in crate::demo) unconfirmed: Planned,
    pub(in crate::demo) confirmed: Planned,
}

impl Warned {
    /// Signs a proposal that cites no indicator, first without a word about it.
    pub(super) fn tell(agenda: &mut Agenda, signatory: &Actor, proposal: Ref) -> Self {
        let document = Sha256Hex::of(b"signed: medium term");
        let mut sign = |on, data| {
            let draft = Draft::new("sign-proposal", signatory, data);
            agenda.give(on, Hour::Noon, draft)
        };
        let bare = json!({"proposal": by(proposal), "document": document});
        let mut confirming = bare.clone();
        confirming["confirms"] = json!([{
            "warning": "no-indicator",
            "reason": "the indicators of 2024 are published after the proposal is due (invented)",
        }]);
        Self {
            unconfirmed: sign(date(2024, 3, 12), bare),
            confirmed: sign(date(2024, 3, 13), confirming),
        }
    }
}

//! How the events of the stream make an application (point 6).

use qonys_events::{
    event::Event,
    fact::{Fact, amended::CaseRecord},
    id::{Line, Ref},
    scalar::{Count, Day, StreamSeq},
    term::{ReleaseReason, ReviewInstance, Verdict},
};

use super::{
    Application, Complaint, Counted, DecisionMade, Extension, Finding, Included, Preliminary,
    annuls,
};

impl Application {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        for day in [event.decidedon, event.effectivefrom].into_iter().flatten() {
            self.last_on = Some(self.last_on.map_or(day, |last| last.max(day)));
        }
        match &event.fact {
            Fact::ApplicationFiled(filed) => {
                self.filed = Some(filed.clone());
                self.filed_on = event.effectivefrom;
                self.filed_by = StreamSeq(self.events);
            }
            Fact::StatusAsked(asked) => {
                self.status_asked = Some(asked.clone());
                self.filed_on = event.effectivefrom;
            }
            Fact::ApplicationWithdrawn(_) => self.withdrawn = true,
            Fact::PreliminaryDecisionTold(told) => {
                self.preliminary = event.effectivefrom.map(|told_on| Preliminary {
                    verdict: told.verdict,
                    told_on,
                });
            }
            Fact::ApplicationIncluded(included) => {
                let by = (included.official, included.in_stead_of);
                self.include((&included.line, included.places), by, event);
            }
            Fact::InclusionProved(proved) => {
                let by = (proved.official, proved.in_stead_of);
                self.include((&proved.line, proved.places), by, event);
            }
            Fact::StatusAllowed(allowed) => {
                self.allowed = true;
                self.allowed_until = allowed.until;
                let by = (allowed.official, allowed.in_stead_of);
                self.decided(Verdict::Favourable, Some(by), event);
            }
            Fact::RefusalActAdopted(act) => {
                let by = (act.official, act.in_stead_of);
                self.decided(Verdict::Adverse, Some(by), event);
            }
            // The applicant may complain as against a refusal, and the body may still decide.
            Fact::DeemedRefusalFound(_) => self.decided(Verdict::Adverse, None, event),
            Fact::InclusionEnded(end) => {
                // Who loses the place from its first day on was never settled by it.
                let began = self.included.take().map(|included| included.from);
                if end.reason == ReleaseReason::Annulled && event.effectivefrom <= began {
                    self.settled_on = None;
                }
                // Who annuls an inclusion leaves the application to be decided again.
                self.ended = end.reason != ReleaseReason::Annulled;
            }
            fact => self.apply_after(fact, event),
        }
    }

    /// What happens to a decision, and to an inclusion, afterwards.
    fn apply_after(&mut self, fact: &Fact, event: &Event) {
        match fact {
            Fact::ActNotified(notified) => {
                self.notified(notified.decision, event.effectivefrom);
            }
            Fact::ComplaintFiled(filed) => {
                let complaint = event.effectivefrom.map(|filed_on| Complaint {
                    decision: filed.decision,
                    by_applicant: filed.by == qonys_events::term::Complainant::Applicant,
                    filed_on,
                    forwarded: false,
                    before_since: filed_on,
                    suspends: filed.suspends,
                    decided: false,
                    by_court: false,
                });
                self.complaints
                    .extend(complaint.map(|complaint| (filed.complaint, complaint)));
            }
            Fact::ComplaintForwarded(forwarded) => {
                if let Some(complaint) = self.complaints.get_mut(&forwarded.complaint) {
                    complaint.forwarded = true;
                    complaint.before_since = event.effectivefrom.unwrap_or(complaint.before_since);
                }
            }
            Fact::ReviewDecided(review) => {
                if let Some(complaint) = self.complaints.get_mut(&review.complaint) {
                    complaint.decided = true;
                    complaint.by_court = review.instance == ReviewInstance::Court;
                }
                if let Some(decision) = self.decisions.get_mut(&review.decision.0) {
                    decision.annulled |= annuls(review.outcome);
                    // Whoever is refused again is heard again.
                    if decision.annulled && decision.verdict == Verdict::Adverse {
                        self.preliminary = None;
                    }
                    // A status that was granted and annulled is to be decided again.
                    self.allowed &= !(decision.annulled && decision.verdict == Verdict::Favourable);
                }
            }
            Fact::InclusionRecounted(recounted) => {
                if let (Some(included), Some(from)) = (&mut self.included, event.effectivefrom) {
                    included.counted.push(Counted {
                        line: recounted.line.clone(),
                        places: recounted.places,
                        from,
                    });
                }
            }
            Fact::TermExtended(extended) => {
                let extension = Extension {
                    until: extended.until,
                    working_days: extended.working_days,
                    decided_on: event.decidedon,
                    notified_on: None,
                    notified_by: None,
                };
                self.extensions.insert(self.events, extension);
            }
            Fact::LanguageChosen(chosen) => self.language = Some(chosen.language),
            Fact::CaseTransferred(transferred) => {
                if let Some(filed) = &mut self.filed {
                    filed.territory = transferred.to.clone();
                }
            }
            Fact::SupportPaid(paid) => {
                self.payments.insert(self.events, paid.amount);
            }
            Fact::CaseCorrected(corrected) => {
                let old = corrected.corrects.entry;
                self.superseded.insert(old);
                match &corrected.record {
                    CaseRecord::Filing(filed) => {
                        self.filed = Some(filed.clone());
                        self.filed_on = event.effectivefrom;
                        self.filed_by = StreamSeq(self.events);
                    }
                    CaseRecord::Support(paid) => {
                        self.payments.remove(&old.0);
                        self.payments.insert(self.events, paid.amount);
                    }
                    CaseRecord::Notice(notice) => {
                        self.notified(notice.decision, event.effectivefrom);
                    }
                }
            }
            Fact::RepaymentFound(found) => {
                let finding = Finding {
                    rule: found.rule,
                    amount: found.amount,
                    owed: found.amount,
                    claimed: false,
                    withdrawn: false,
                };
                self.findings.insert(self.events, finding);
            }
            Fact::RepaymentClaimed(claimed) => {
                if let Some(finding) = self.findings.get_mut(&claimed.finding.0) {
                    (finding.claimed, finding.owed) = (true, claimed.amount);
                }
            }
            Fact::RepaymentRecorded(paid) => {
                self.repaid.0 = self.repaid.0.saturating_add(paid.amount.0);
                if let Some(finding) = self.findings.get_mut(&paid.finding.0) {
                    finding.owed = paid.left;
                }
            }
            Fact::RepaymentClaimWithdrawn(withdrawn) => {
                if let Some(finding) = self.findings.get_mut(&withdrawn.finding.0) {
                    finding.withdrawn = true;
                }
            }
            _ => {}
        }
    }

    /// The applicant is included from the effective day, by a decision of an official.
    fn include(&mut self, (line, places): (&Line, Count), by: (Ref, Option<Ref>), event: &Event) {
        self.included = event.effectivefrom.map(|from| Included {
            from,
            counted: vec![Counted {
                line: line.clone(),
                places,
                from,
            }],
        });
        self.settled_on = self.settled_on.or(event.effectivefrom);
        self.decided(Verdict::Favourable, Some(by), event);
    }

    fn notified(&mut self, decision: StreamSeq, on: Option<Day>) {
        let by = StreamSeq(self.events);
        if let Some(decision) = self.decisions.get_mut(&decision.0) {
            (decision.notified_on, decision.notified_by) = (on, Some(by));
        }
        if let Some(extension) = self.extensions.get_mut(&decision.0) {
            (extension.notified_on, extension.notified_by) = (on, Some(by));
        }
    }

    /// A decision of an official, in another's stead or not; of nobody, where a term ran out: that names no appeal.
    fn decided(&mut self, verdict: Verdict, by: Option<(Ref, Option<Ref>)>, event: &Event) {
        let decision = DecisionMade {
            verdict,
            official: by.map(|(official, _)| official),
            in_stead_of: by.and_then(|(_, of)| of),
            decided_on: event.decidedon,
            effective_from: event.effectivefrom,
            names_appeal: by.is_some(),
            notified_on: None,
            notified_by: None,
            annulled: false,
        };
        self.decisions.insert(self.events, decision);
    }
}

//! The life of a proposal (point 5): one table of stages and steps. What is not in it is blocked.

use std::fmt;

use qonys_events::{fact::Fact, term::Answer};
use serde::{Deserialize, Serialize};

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// There is none yet.
    #[default]
    Absent,
    /// Drafted.
    Drafted,
    /// Signed by a named official.
    Signed,
    /// Sent to the authorised body.
    Sent,
    /// Received there.
    Received,
    /// Returned for improvement: it may be signed and sent again.
    Returned,
    /// Answered for good: accepted, accepted in part or rejected.
    Answered,
    /// Withdrawn by the akimat.
    Withdrawn,
}

/// What can be done with a proposal, or become known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The akimat drafts it.
    Draft,
    /// A named official signs it.
    Sign,
    /// The akimat sends it.
    Send,
    /// The authorised body received it.
    Receive,
    /// The authorised body returned it for improvement.
    Return,
    /// The authorised body answered for good.
    Answer,
    /// The akimat withdraws it.
    Withdraw,
    /// An act answers it.
    Link,
}

impl Stage {
    /// Every stage, in the order of a proposal's life.
    pub const ALL: [Self; 8] = [
        Self::Absent,
        Self::Drafted,
        Self::Signed,
        Self::Sent,
        Self::Received,
        Self::Returned,
        Self::Answered,
        Self::Withdrawn,
    ];

    /// The written form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Drafted => "drafted",
            Self::Signed => "signed",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Returned => "returned",
            Self::Answered => "answered",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The stage after a step (point 5). `None` when the step does not lead on from here.
    ///
    /// A returned proposal may be signed and sent again. It is withdrawn before the answer only. An answer may be all that is
    /// known of the receipt, and may be followed by another one: facts of others. An act may answer a proposal from the day
    /// it was sent, whatever the authorised body wrote back.
    pub fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Absent, Step::Draft) => Some(Self::Drafted),
            (Self::Drafted | Self::Returned, Step::Sign) => Some(Self::Signed),
            (Self::Signed, Step::Send) => Some(Self::Sent),
            (Self::Sent, Step::Receive) => Some(Self::Received),
            (Self::Sent | Self::Received, Step::Return) => Some(Self::Returned),
            (Self::Sent | Self::Received | Self::Answered, Step::Answer) => Some(Self::Answered),
            (
                Self::Drafted | Self::Signed | Self::Sent | Self::Received | Self::Returned,
                Step::Withdraw,
            ) => Some(Self::Withdrawn),
            (Self::Sent | Self::Received | Self::Returned | Self::Answered, Step::Link) => {
                Some(self)
            }
            (_, _) => None,
        }
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Sign,
        Self::Send,
        Self::Receive,
        Self::Return,
        Self::Answer,
        Self::Withdraw,
        Self::Link,
    ];

    /// The written form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sign => "sign",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Return => "return",
            Self::Answer => "answer",
            Self::Withdraw => "withdraw",
            Self::Link => "link",
        }
    }

    /// Whether the akimat takes it; the others are facts of the authorised body or of a setter.
    pub const fn is_own(self) -> bool {
        match self {
            Self::Draft | Self::Sign | Self::Send | Self::Withdraw => true,
            Self::Receive | Self::Return | Self::Answer | Self::Link => false,
        }
    }

    /// The step that an answer is.
    pub fn answering(answer: Answer) -> Self {
        match answer {
            Answer::Returned => Self::Return,
            Answer::Accepted | Answer::InPart | Answer::Rejected => Self::Answer,
        }
    }

    /// The step that a fact records. `None` for a fact of another stream.
    pub fn of(fact: &Fact) -> Option<Self> {
        match fact {
            Fact::ProposalDrafted(_) => Some(Self::Draft),
            Fact::ProposalSigned(_) => Some(Self::Sign),
            Fact::ProposalSent(_) => Some(Self::Send),
            Fact::ProposalReceived(_) => Some(Self::Receive),
            Fact::ProposalAnswered(answered) => Some(Self::answering(answered.answer)),
            Fact::ProposalWithdrawn(_) => Some(Self::Withdraw),
            Fact::ProposalLinked(_) => Some(Self::Link),
            _ => None,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

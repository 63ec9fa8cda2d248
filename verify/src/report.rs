//! What a verification found: stable codes, the place of each fault, what is covered and what is not.

use qonys_events::{
    digest::Sha256Hex,
    scalar::{Instant, Position},
};
use serde::Serialize;

/// Faults that a report holds; more are counted.
pub const MAX_FAULTS: usize = 50;

macro_rules! codes {
    ($(#[doc = $says:literal] $name:ident = $text:literal,)+) => {
        /// What is wrong. The text is stable: programs may compare it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum Code {
            $(#[doc = $says] #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it says, in one sentence.
            pub const fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)+ }
            }
        }
    };
}
codes! {
    #[doc = "A file of the bundle is missing, cut, too long or not what it should be."]
    Bundle = "E-BUNDLE",
    #[doc = "A text is not a signed note."]
    Note = "E-NOTE",
    #[doc = "A note is not a checkpoint."]
    Checkpoint = "E-CHECKPOINT",
    #[doc = "A checkpoint has extension lines, which nobody can audit."]
    CheckpointExtended = "E-CHECKPOINT-EXT",
    #[doc = "No known key signed, or a signature in a known key's name is forged."]
    Signature = "E-SIG",
    #[doc = "Too few witnesses of the policy cosigned."]
    Quorum = "E-QUORUM",
    #[doc = "The checkpoint or an entry belongs to another log."]
    Origin = "E-ORIGIN",
    #[doc = "The tree of the entries does not have the signed root."]
    Root = "E-ROOT",
    #[doc = "An entry is not the one whose hash stands in the tree."]
    Leaf = "E-LEAF",
    #[doc = "A hash in a tile is not the one of what stands below it."]
    Tile = "E-TILE",
    #[doc = "Two signed checkpoints contradict each other: the log was rewritten or shown in two versions."]
    Consistency = "E-CONSISTENCY",
    #[doc = "The log is shorter than a checkpoint that was signed before."]
    Tail = "E-TAIL",
    #[doc = "The checkpoint is older than allowed."]
    Stale = "E-STALE",
    #[doc = "The bytes are not an entry of this format."]
    Format = "E-FORMAT",
    #[doc = "The bytes of an entry are not those that the format writes."]
    Canon = "E-CANON",
    #[doc = "An entry says another, lower or equal, position than the one at which it stands."]
    Position = "E-POS",
    #[doc = "Entries are missing before this one, by the position it says."]
    Gap = "E-GAP",
    #[doc = "The time of an entry is not above the one before it."]
    TimeOrder = "E-TIME-ORDER",
    #[doc = "The time of an entry contradicts the time at which a witness saw the log with or without it."]
    TimeWindow = "E-TIME-WINDOW",
    #[doc = "The first entry does not open the log, or does not continue the one before."]
    Opening = "E-OPENING",
    #[doc = "The entries of a command are not whole, or do not stand together."]
    Command = "E-COMMAND",
    #[doc = "A command id stands twice."]
    CommandTwice = "E-DUP-COMMAND",
    #[doc = "An entry id stands twice."]
    EntryTwice = "E-DUP-EVENT",
    #[doc = "A stream does not count 1, 2, 3 without a gap."]
    StreamSequence = "E-STREAM-SEQ",
    #[doc = "A decision does not name act, point, wording and what it read, or names an act of which nothing stands before it."]
    Citation = "E-CITATION",
    #[doc = "A commitment or a destruction adopts something other than the hold or the proposal that stands in the log."]
    Adoption = "E-APPROVAL-HASH",
    #[doc = "The official who adopts is the one who held the places or proposed the destruction."]
    FourEyes = "E-FOUR-EYES",
    #[doc = "Sealed bytes are not those whose hash the entry shows, or belong to another slot."]
    Sealed = "E-SEALED",
    #[doc = "A value that is opened is not the one that the entry commits to."]
    Commitment = "E-COMMIT",
    #[doc = "The published views are not what the log folds to."]
    Views = "E-PROJECTION",
    #[doc = "The log cannot be folded."]
    Fold = "E-FOLD",
    #[doc = "The system refused to read or to keep a scratch file: nothing is said about the log."]
    Io = "E-IO",
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// The first position that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The last position that it can be about, where that is not known more closely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Position>,
    /// The file of the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What was found, in words; never the value of a personal field.
    pub detail: String,
}

impl Fault {
    /// A fault without a place.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            position: None,
            until: None,
            file: None,
            detail: detail.into(),
        }
    }

    /// At a position.
    #[must_use]
    pub fn at(mut self, position: u64) -> Self {
        self.position = Some(Position(position));
        self
    }

    /// Somewhere between two positions.
    #[must_use]
    pub fn between(mut self, first: u64, last: u64) -> Self {
        self.position = Some(Position(first));
        self.until = Some(Position(last)).filter(|_| last > first);
        self
    }

    /// In a file.
    #[must_use]
    pub fn file(mut self, file: impl ToString) -> Self {
        self.file = Some(file.to_string());
        self
    }
}

/// How deep to look. Each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Signatures, tiles, root.
    Proof,
    /// And every entry is one of the format, in its place and time.
    Format,
    /// And streams, commands, citations and adoptions follow the rules.
    Rules,
    /// And the views that were published are what the log folds to.
    Views,
}

impl Level {
    /// Every level with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("proof", Self::Proof),
        ("format", Self::Format),
        ("rules", Self::Rules),
        ("views", Self::Views),
    ];
}

/// A signature that counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The key, as a vkey.
    pub key: String,
    /// When, in seconds since 1970, where it is a witness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<u64>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything that was looked at is good.
    pub verified: bool,
    /// How deep was looked.
    pub level: Level,
    /// The log with its incarnation, as its checkpoint says.
    pub origin: String,
    /// How many entries the checkpoint covers: nothing is said about later ones.
    pub size: u64,
    /// The signed root.
    pub root: Option<Sha256Hex>,
    /// Who signed it.
    pub signed_by: Vec<Signer>,
    /// Whether the policy's quorum of witnesses cosigned; absent where no policy asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<bool>,
    /// Entries of the incarnations before this one that it goes on from.
    pub before: u64,
    /// Entries whose bytes were read, in this incarnation.
    pub entries: u64,
    /// The first and last position of them.
    pub range: Option<(Position, Position)>,
    /// Their time.
    pub first: Option<Instant>,
    /// Their time.
    pub last: Option<Instant>,
    /// Earlier signed checkpoints that this log was found to extend, by size.
    pub extends: Vec<u64>,
    /// Up to which position witnesses bound the recorded times; 0 where none did.
    pub times_bounded_to: u64,
    /// Entries that are only as good as this machine's copy: none, or those of the bundle that no found root covers.
    pub unanchored: Option<(Position, Position)>,
    /// Entries that a signed root was found to cover, by the newest checkpoint whose root is right.
    pub anchored: Option<(Position, Position)>,
    /// Personal values that were opened and are what the entries commit to.
    pub opened: u64,
    /// Commitments adopted by the official who gave the command to hold.
    pub same_hands: u64,
    /// The rows of each view that were found equal to the published digest.
    pub views: Vec<(String, u64)>,
    /// What could not be looked at, in words.
    pub notes: Vec<String>,
    /// What is wrong, the first ones.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more_faults: u64,
}

impl Report {
    /// Nothing found yet.
    pub fn new(level: Level) -> Self {
        Self {
            verified: false,
            level,
            origin: String::new(),
            size: 0,
            root: None,
            signed_by: Vec::new(),
            quorum: None,
            before: 0,
            entries: 0,
            range: None,
            first: None,
            last: None,
            extends: Vec::new(),
            times_bounded_to: 0,
            unanchored: None,
            anchored: None,
            opened: 0,
            same_hands: 0,
            views: Vec::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            more_faults: 0,
        }
    }

    /// Adds a fault.
    pub fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }

    /// Whether a fault of this code was found.
    pub fn has(&self, code: Code) -> bool {
        self.faults.iter().any(|fault| fault.code == code)
    }
}

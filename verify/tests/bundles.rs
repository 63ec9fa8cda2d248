//! A bundle made by hand, entry by entry, and everything that can be wrong with it.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use qonys_events::{
    catalog,
    digest::{Nonce, Sha256Hex},
    entry::Entry,
    scalar::{Count, Instant, Position},
    tree::{Frontier, leaf_hash},
};
use qonys_verify::{
    archive::{Archive, ArchiveWriter, Source, SourceError},
    bundle::{self, Contents},
    check::{Part, Wanted, verify},
    checkpoint::Checkpoint,
    note::{Algorithm, Note, SignatureLine, VerifierKey, cosigned},
    policy::Policy,
    report::{Code, Level, Report},
    tile::{Layer, Tile, bundle as bundle_of, root_of_full},
};

const ORIGIN: &str = "qonys/almaty/example/1";

struct Memory(BTreeMap<String, Vec<u8>>);

impl Source for Memory {
    fn read_into(
        &mut self,
        path: &str,
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, SourceError> {
        bytes.clear();
        match self.0.get(path) {
            Some(found) if found.len() > limit => Err(SourceError::TooLong(path.into())),
            Some(found) => {
                bytes.extend_from_slice(found);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn rest(&mut self) -> Result<Option<String>, SourceError> {
        Ok(None)
    }
}

fn signing(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn key(n: u8, algorithm: Algorithm) -> VerifierKey {
    let name = if algorithm == Algorithm::Ed25519 {
        ORIGIN
    } else {
        "witness/w"
    };
    VerifierKey::new(name, algorithm, signing(n).verifying_key()).expect("a name")
}

fn sign(n: u8, text: &str) -> SignatureLine {
    let key = key(n, Algorithm::Ed25519);
    SignatureLine {
        name: key.name().into(),
        id: key.id(),
        bytes: signing(n).sign(text.as_bytes()).to_bytes().to_vec(),
    }
}

fn cosign(n: u8, time: u64, text: &str) -> SignatureLine {
    let key = key(n, Algorithm::Cosignature);
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend(signing(n).sign(cosigned(time, text).as_bytes()).to_bytes());
    SignatureLine {
        name: key.name().into(),
        id: key.id(),
        bytes,
    }
}

/// A log of `count` persons' entries after an opening one, each a command of its own.
fn log(count: u64) -> Vec<Entry> {
    let examples = catalog::example_entries();
    let person = |entry: &&Entry| entry.event.fact.type_name().contains("person.recorded");
    let opened = examples[0].clone();
    let recorded = examples.iter().find(person).expect("an example").clone();
    let mut entries = vec![opened];
    entries[0].place.streamseq.0 = 1;
    for n in 2..=count {
        let mut entry = recorded.clone();
        let id = |kind: u64| {
            format!("0192f0c0-0000-7000-8{kind:03}-{n:012x}")
                .parse()
                .expect("a UUID")
        };
        entry.place.id = id(1);
        entry.command.commandid = id(2);
        entry.place.position = Position(n);
        entry.place.time = Instant::from_micros(1_724_500_000_000_000 + 1_000 * n as i64);
        entry.place.subject = format!("person/{}", id(3)).parse().expect("a stream");
        entry.place.streamseq.0 = 1;
        entry.command.commandcount = Count(1);
        entry.command.nonce = Nonce(
            Sha256Hex::of(&n.to_be_bytes()).0[..16]
                .try_into()
                .expect("16"),
        );
        if let qonys_events::fact::Fact::PersonRecorded(person) = &mut entry.event.fact {
            person.person = id(3);
            person.slots.clear();
        }
        entries.push(entry);
    }
    entries
}

fn texts(entries: &[Entry]) -> Vec<Vec<u8>> {
    entries
        .iter()
        .map(|entry| entry.write().expect("an entry").into_bytes())
        .collect()
}

fn root(texts: &[Vec<u8>]) -> Sha256Hex {
    let mut tree = Frontier::empty();
    texts.iter().for_each(|text| tree.push(leaf_hash(text)));
    tree.root()
}

fn note_of(texts: &[Vec<u8>]) -> Note {
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: texts.len() as u64,
        root: root(texts),
    };
    let text = checkpoint.text();
    Note {
        signatures: vec![sign(1, &text)],
        text,
    }
}

/// The files of a bundle of these entries, with earlier checkpoints of these sizes.
fn files(texts: &[Vec<u8>], history: &[usize]) -> Memory {
    let size = texts.len() as u64;
    let contents = Contents {
        format: bundle::FORMAT.into(),
        origin: ORIGIN.into(),
        size: Position(size),
        from: Position(1),
        to: Position(size),
        history: history.iter().map(|size| Position(*size as u64)).collect(),
        views: false,
        openings: false,
        kept: None,
    };
    let mut files = BTreeMap::new();
    let json = serde_json::to_vec(&contents).expect("JSON");
    files.insert(bundle::CONTENTS.to_owned(), json);
    files.insert(
        bundle::CHECKPOINT.to_owned(),
        note_of(texts).to_string().into_bytes(),
    );
    for size in history {
        let note = note_of(&texts[..*size]).to_string().into_bytes();
        files.insert(bundle::history(*size as u64), note);
    }
    let mut row: Vec<Sha256Hex> = texts.iter().map(|text| leaf_hash(text)).collect();
    for level in 0..3 {
        for (n, chunk) in row.chunks(256).enumerate() {
            let tile = Tile::of(Layer::Hashes(level), n as u64, size).expect("a tile");
            files.insert(
                tile.to_string(),
                chunk.iter().flat_map(|hash| hash.0).collect(),
            );
        }
        row = row.chunks_exact(256).map(root_of_full).collect();
    }
    for (n, chunk) in texts.chunks(256).enumerate() {
        let tile = Tile::of(Layer::Entries, n as u64, size).expect("a bundle");
        let bytes = bundle_of(chunk.iter().map(Vec::as_slice)).expect("short entries");
        files.insert(tile.to_string(), bytes);
    }
    Memory(files)
}

fn wanted(level: Level) -> Wanted {
    let scratch = std::env::temp_dir().join(format!("qonys-verify-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch directory");
    Wanted {
        level,
        keys: vec![key(1, Algorithm::Ed25519)],
        policy: None,
        older: Vec::new(),
        stamped: Vec::new(),
        fresh: None,
        four_eyes: false,
        scratch,
    }
}

fn check(files: &mut dyn Source, wanted: &Wanted) -> Report {
    verify(
        &mut [Part {
            source: files,
            kept: None,
        }],
        wanted,
        &mut |_, _| {},
    )
}

#[track_caller]
fn found(report: &Report, code: Code, position: u64) {
    let at = report
        .faults
        .iter()
        .any(|fault| fault.code == code && fault.position == Some(Position(position)));
    assert!(
        at && !report.verified,
        "{} at {position}: {:#?}",
        code.as_str(),
        report.faults
    );
}

#[test]
fn a_good_bundle_verifies_at_every_level_as_files_and_as_an_archive() {
    let texts = texts(&log(700));
    for (_, level) in Level::ALL {
        let report = check(&mut files(&texts, &[10, 300]), &wanted(*level));
        assert!(report.verified, "{report:#?}");
        assert_eq!(
            (report.entries, report.extends.clone()),
            (700, vec![10, 300])
        );
    }
    let mut memory = files(&texts, &[10]);
    let contents = Contents::read(&mut memory).expect("contents");
    let mut writer = ArchiveWriter::new(Vec::new());
    let mut order = vec![
        bundle::CONTENTS.to_owned(),
        bundle::CHECKPOINT.into(),
        bundle::history(10),
    ];
    order.extend(contents.tiles().map(|tile| tile.to_string()));
    assert_eq!(order.len(), memory.0.len());
    order
        .iter()
        .for_each(|path| writer.add(path, &memory.0[path]).expect("memory"));
    let archive = writer.finish().expect("memory");
    let report = check(&mut Archive::new(&archive[..]), &wanted(Level::Rules));
    assert!(report.verified, "{report:#?}");
    for cut in (0..archive.len() - 1_024).step_by(40_009) {
        assert!(
            !check(&mut Archive::new(&archive[..cut]), &wanted(Level::Proof)).verified,
            "{cut}"
        );
    }
}

#[test]
fn a_range_is_verified_against_the_root_of_the_whole() {
    let texts = texts(&log(900));
    let mut memory = files(&texts, &[]);
    let mut contents = Contents::read(&mut memory).expect("contents");
    (contents.from, contents.to) = (Position(300), Position(500));
    memory.0.insert(
        bundle::CONTENTS.into(),
        serde_json::to_vec(&contents).expect("JSON"),
    );
    memory
        .0
        .retain(|path, _| !path.contains("entries") || path.contains("001"));
    let report = check(&mut memory, &wanted(Level::Views));
    assert!(report.verified, "{report:#?}");
    assert_eq!(report.range, Some((Position(257), Position(512))));
    memory.0.get_mut("tile/entries/001").expect("a bundle")[3_000] ^= 1;
    assert!(check(&mut memory, &wanted(Level::Proof)).has(Code::Leaf));
}

#[test]
fn a_flipped_byte_anywhere_is_found_in_its_file() {
    let texts = texts(&log(600));
    let good = files(&texts, &[10]);
    let mut seed = 7_u64;
    for path in good.0.keys() {
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut bad = Memory(good.0.clone());
            let bytes = bad.0.get_mut(path).expect("a file");
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] ^= 1 << (seed % 8);
            let report = check(&mut bad, &wanted(Level::Format));
            assert!(!report.verified, "{path} at {at}: {report:#?}");
            let named = report
                .faults
                .iter()
                .any(|fault| fault.file.as_deref() == Some(path) || fault.position.is_some());
            assert!(
                named || path == bundle::CONTENTS,
                "{path} at {at}: {report:#?}"
            );
        }
    }
}

#[test]
fn what_breaks_the_rules_is_found_though_the_tree_is_right() {
    type Change = fn(&mut Vec<Entry>);
    let cases: [(Code, u64, Change); 9] = [
        (Code::Gap, 20, |log| {
            log.remove(19);
        }),
        (Code::Position, 21, |log| log.swap(19, 20)),
        (Code::TimeOrder, 30, |log| {
            log[29].place.time = log[28].place.time
        }),
        (Code::Command, 30, |log| {
            log[28].command.commandcount = Count(2)
        }),
        (Code::CommandTwice, 40, |log| {
            log[39].command.commandid = log[9].command.commandid
        }),
        (Code::EntryTwice, 41, |log| {
            log[40].place.id = log[9].place.id
        }),
        (Code::StreamSequence, 50, |log| {
            log[49].place.streamseq.0 = 2
        }),
        (Code::Opening, 1, |log| {
            log.remove(0);
            for (n, entry) in log.iter_mut().enumerate() {
                entry.place.position = Position(n as u64 + 1);
            }
        }),
        (Code::Origin, 12, |log| {
            log[11].command.source = "qonys/other/1".parse().expect("an origin")
        }),
    ];
    for (code, position, change) in cases {
        let mut log = log(60);
        change(&mut log);
        let report = check(&mut files(&texts(&log), &[]), &wanted(Level::Rules));
        assert!(!report.has(Code::Root), "the tree is right: {report:#?}");
        found(&report, code, position);
        assert_eq!(
            check(&mut files(&texts(&log), &[]), &wanted(Level::Proof)).faults,
            []
        );
    }
    let mut bytes = texts(&log(10));
    let text = String::from_utf8(bytes[4].clone())
        .expect("UTF-8")
        .replacen("\":\"", "\": \"", 1);
    bytes[4] = text.into_bytes();
    found(
        &check(&mut files(&bytes, &[]), &wanted(Level::Format)),
        Code::Canon,
        5,
    );
    bytes[6] = b"nothing".to_vec();
    found(
        &check(&mut files(&bytes, &[]), &wanted(Level::Format)),
        Code::Format,
        7,
    );
}

#[test]
fn a_rewritten_shortened_or_other_log_contradicts_what_was_signed_before() {
    let whole = texts(&log(80));
    let mut other = log(80);
    other[69].place.time = other[69].place.time.plus_micros(1);
    let other = texts(&other);
    let mut wanted = wanted(Level::Rules);
    wanted.older = vec![note_of(&whole[..75]).to_string().into_bytes()];
    assert!(check(&mut files(&whole, &[60]), &wanted).verified);
    // Everything is signed anew with the log's own key.
    found(
        &check(&mut files(&other, &[60]), &wanted),
        Code::Consistency,
        61,
    );
    found(
        &check(&mut files(&whole[..70], &[60]), &wanted),
        Code::Tail,
        71,
    );
    wanted.keys = vec![key(2, Algorithm::Ed25519)];
    assert!(check(&mut files(&whole, &[]), &wanted).has(Code::Signature));
}

#[test]
fn a_new_key_is_trusted_from_the_checkpoint_that_both_signed() {
    let mut log = log(40);
    let examples = catalog::example_entries();
    let announced = examples
        .iter()
        .find(|e| e.event.fact.type_name().contains("key-announced"));
    let mut entry = announced.expect("an example").clone();
    (entry.place.position, entry.place.time) = (Position(20), log[19].place.time);
    entry.place.streamseq.0 = 2;
    if let qonys_events::fact::Fact::LogKeyAnnounced(fact) = &mut entry.event.fact {
        fact.key = key(2, Algorithm::Ed25519)
            .to_string()
            .parse()
            .expect("a text");
    }
    log[19] = entry;
    let texts = texts(&log);
    let mut memory = files(&texts, &[15, 25]);
    let mut note = note_of(&texts);
    note.signatures = vec![sign(2, &note.text)];
    memory
        .0
        .insert(bundle::CHECKPOINT.into(), note.to_string().into_bytes());
    let report = check(&mut memory, &wanted(Level::Rules));
    assert!(report.verified, "{report:#?}");
    // Without the checkpoint between, nobody whom the auditor knows vouches for the new key.
    let mut memory = files(&texts, &[15]);
    memory
        .0
        .insert(bundle::CHECKPOINT.into(), note.to_string().into_bytes());
    assert!(check(&mut memory, &wanted(Level::Rules)).has(Code::Signature));
}

#[test]
fn witnesses_bound_the_recorded_times_and_make_a_quorum() {
    let seconds = 1_724_500_000;
    let mut entries = log(40);
    if let qonys_events::fact::Fact::LogOpened(opened) = &mut entries[0].event.fact {
        opened.clock = qonys_events::term::ClockKind::System;
    }
    let signed = |entries: &[Entry], at_20: u64, at_40: u64| {
        let texts = texts(entries);
        let mut memory = files(&texts, &[20]);
        for (path, size, time) in [
            (bundle::history(20), 20, at_20),
            (bundle::CHECKPOINT.to_owned(), 40, at_40),
        ] {
            let mut note = note_of(&texts[..size]);
            note.signatures.push(cosign(9, time, &note.text));
            memory.0.insert(path, note.to_string().into_bytes());
        }
        memory
    };
    let mut wanted = wanted(Level::Rules);
    let witness = key(9, Algorithm::Cosignature);
    let policy = format!(
        "log {}\nwitness w {witness}\nquorum w\n",
        key(1, Algorithm::Ed25519)
    );
    wanted.policy = Some(policy.parse::<Policy>().expect("a policy"));
    let report = check(&mut signed(&entries, seconds + 1, seconds + 2), &wanted);
    assert!(report.verified, "{report:#?}");
    assert_eq!((report.quorum, report.times_bounded_to), (Some(true), 40));
    // Seen before it says it was recorded; recorded, it says, before a witness saw the log without it.
    found(
        &check(&mut signed(&entries, seconds - 60, seconds + 2), &wanted),
        Code::TimeWindow,
        20,
    );
    found(
        &check(&mut signed(&entries, seconds + 60, seconds + 70), &wanted),
        Code::TimeWindow,
        21,
    );
    assert!(check(&mut files(&texts(&entries), &[]), &wanted).has(Code::Quorum));
    wanted.fresh = Some((seconds + 1_000, 100));
    assert!(check(&mut signed(&entries, seconds + 1, seconds + 2), &wanted).has(Code::Stale));

    // A stamp bounds from above only: it does not say that there was nothing more.
    let mut wanted = self::wanted(Level::Rules);
    let stamp = |at_20: u64| {
        vec![(
            note_of(&texts(&entries)[..20]).to_string().into_bytes(),
            at_20,
        )]
    };
    wanted.stamped = stamp(seconds - 60);
    found(
        &check(&mut files(&texts(&entries), &[]), &wanted),
        Code::TimeWindow,
        20,
    );
    wanted.stamped = stamp(seconds + 60);
    let report = check(&mut files(&texts(&entries), &[]), &wanted);
    assert!(report.verified, "{report:#?}");
    assert_eq!(report.times_bounded_to, 20);
}

//! How fast a bundle is verified, against SHA-256 of the same bytes: `cargo bench -p qonys-verify -- [entries]`.
//!
//! The bundle is an archive on disk, read once before, so that the disk is not measured. Everything runs on one thread; what
//! is compared is the time that the thread was on a core, the best of three rounds. The memory is the most that the process
//! ever held. `-- [entries] [level]` looks at one level only.

use std::{
    fs::File,
    io::{BufWriter, Read as _},
    path::Path,
    time::Duration,
};

use ed25519_dalek::{Signer as _, SigningKey};
use qonys_events::{
    catalog,
    digest::{Nonce, Sha256Hex},
    entry::Entry,
    fact::Fact,
    id::Ref,
    scalar::{Instant, Position},
    tree::{Frontier, leaf_hash},
};
use qonys_verify::{
    archive::{Archive, ArchiveWriter},
    bundle::{self, Contents},
    check::{Part, Wanted, verify},
    checkpoint::Checkpoint,
    note::{Algorithm, Note, SignatureLine, VerifierKey},
    report::Level,
    tile::{Layer, bundle as bundle_of, root_of_full},
};
use sha2::{Digest as _, Sha256};

const ORIGIN: &str = "qonys/almaty/example/1";

fn id(kind: u64, n: u64) -> Ref {
    let text = format!("0192f0c0-0000-7000-8{kind:03x}-{n:012x}");
    text.parse().expect("a UUID")
}

/// An entry of the log: persons, dwellings and applications in turn, each the first of its stream.
fn entry(examples: &[Entry], n: u64) -> Entry {
    let mut entry = examples[if n == 1 { 0 } else { 1 + (n % 3) as usize }].clone();
    let me = id(3, n);
    let place = &mut entry.place;
    (place.id, place.position) = (id(1, n), Position(n));
    place.time = Instant::from_micros(1_724_500_000_000_000 + n as i64);
    place.streamseq.0 = 1;
    entry.command.commandid = id(2, n);
    entry.command.nonce = Nonce(
        Sha256Hex::of(&n.to_be_bytes()).0[..16]
            .try_into()
            .expect("16"),
    );
    let kind = match &mut entry.event.fact {
        Fact::PersonRecorded(fact) => {
            fact.person = me;
            "person"
        }
        Fact::DwellingRecorded(fact) => {
            fact.dwelling = me;
            "dwelling"
        }
        Fact::ApplicationFiled(fact) => {
            fact.application = me;
            "application"
        }
        _ => return entry,
    };
    place.subject = format!("{kind}/{me}").parse().expect("a stream");
    entry
}

/// Writes a bundle of so many entries; its key and the bytes of all entries.
fn write(path: &Path, count: u64) -> (VerifierKey, u64) {
    let all = catalog::example_entries();
    let of = |what: &str| {
        all.iter()
            .find(|e| e.event.fact.type_name().contains(what))
            .expect("a type")
            .clone()
    };
    let examples = [
        of("log.opened"),
        of("person.recorded"),
        of("dwelling.recorded"),
        of("application.filed"),
    ];
    let texts = |from: u64, to: u64| {
        (from..=to)
            .map(|n| entry(&examples, n).write().expect("an entry"))
            .collect::<Vec<_>>()
    };
    let (mut rows, mut tree, mut total) = (vec![Vec::new(); 4], Frontier::empty(), 0);
    for block in 0..count.div_ceil(256) {
        for text in texts(block * 256 + 1, ((block + 1) * 256).min(count)) {
            let leaf = leaf_hash(text.as_bytes());
            rows[0].push(leaf);
            tree.push(leaf);
            total += text.len() as u64;
        }
    }
    for level in 1..4 {
        rows[level] = rows[level - 1]
            .chunks_exact(256)
            .map(root_of_full)
            .collect();
    }
    let contents = Contents {
        format: bundle::FORMAT.into(),
        origin: ORIGIN.into(),
        size: Position(count),
        from: Position(1),
        to: Position(count),
        history: Vec::new(),
        views: false,
        openings: false,
        kept: None,
    };
    let signing = SigningKey::from_bytes(&[1; 32]);
    let key =
        VerifierKey::new(ORIGIN, Algorithm::Ed25519, signing.verifying_key()).expect("a name");
    let text = Checkpoint {
        origin: ORIGIN.into(),
        size: count,
        root: tree.root(),
    }
    .text();
    let bytes = signing.sign(text.as_bytes()).to_bytes().to_vec();
    let signatures = vec![SignatureLine {
        name: ORIGIN.into(),
        id: key.id(),
        bytes,
    }];
    let note = Note { text, signatures };
    let file = File::create(path).expect("a file");
    let mut archive = ArchiveWriter::new(BufWriter::with_capacity(1 << 20, file));
    let json = serde_json::to_vec(&contents).expect("JSON");
    archive.add(bundle::CONTENTS, &json).expect("the disk");
    archive
        .add(bundle::CHECKPOINT, note.to_string().as_bytes())
        .expect("the disk");
    for tile in contents.tiles() {
        let first = tile.index * 256;
        let bytes = match tile.layer {
            Layer::Entries => {
                let texts = texts(first + 1, first + u64::from(tile.width));
                bundle_of(texts.iter().map(String::as_bytes)).expect("short entries")
            }
            Layer::Hashes(level) => {
                let row = &rows[usize::from(level)][first as usize..][..usize::from(tile.width)];
                row.iter().flat_map(|hash| hash.0).collect()
            }
        };
        archive.add(&tile.to_string(), &bytes).expect("the disk");
    }
    archive.finish().expect("the disk");
    (key, total)
}

/// How long this thread has been on a core.
fn on_core() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("a number"))
}

/// SHA-256 of the bytes of a file, in pieces of 64 KiB.
fn digest(path: &Path) -> Duration {
    let begun = on_core();
    let (mut file, mut hash) = (File::open(path).expect("the bundle"), Sha256::new());
    let mut piece = vec![0; 64 * 1_024];
    loop {
        match file.read(&mut piece).expect("the bundle") {
            0 => break,
            read => hash.update(&piece[..read]),
        }
    }
    assert_ne!(hash.finalize()[..], [0; 32]);
    on_core() - begun
}

fn resident_most() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(
        || "unknown".to_owned(),
        |line| line["VmHWM:".len()..].trim().to_owned(),
    )
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn main() {
    let entries = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next();
    let count: u64 = entries.unwrap_or(200_000);
    let scratch = std::env::temp_dir().join(format!("qonys-speed-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch directory");
    let path = scratch.join("bundle.tar");
    let (key, bytes) = write(&path, count);
    println!("{count} entries, {} bytes each", bytes / count);
    let best = |work: &dyn Fn() -> Duration| (0..3).map(|_| work()).min().unwrap_or_default();
    let against = best(&|| digest(&path));
    println!("sha-256      {:>8.3} s", against.as_secs_f64());
    let only =
        std::env::args().find(|argument| Level::ALL.iter().any(|(name, _)| name == argument));
    let levels = Level::ALL
        .iter()
        .filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name));
    for (name, level) in levels {
        let took = best(&|| {
            let wanted = Wanted {
                level: *level,
                keys: vec![key.clone()],
                policy: None,
                older: Vec::new(),
                stamped: Vec::new(),
                fresh: None,
                four_eyes: false,
                scratch: scratch.clone(),
            };
            let mut source = Archive::open(&path).expect("the bundle");
            let begun = on_core();
            let report = verify(
                &mut [Part {
                    source: &mut source,
                    kept: None,
                }],
                &wanted,
                &mut |_, _| (),
            );
            assert!(report.verified, "{report:#?}");
            on_core() - begun
        });
        let ratio = against.as_secs_f64() / took.as_secs_f64();
        println!(
            "{name:<12} {:>8.3} s  {ratio:.2} of SHA-256, at most {}",
            took.as_secs_f64(),
            resident_most()
        );
    }
    drop(std::fs::remove_dir_all(&scratch));
}

//! Bundles that attack their reader (A55): refused, without a crash and without reading more than a file may hold.

use std::os::unix::fs::symlink;

use qonys_verify::{
    archive::{Archive, ArchiveWriter},
    bundle::Contents,
    check::{Part, verify},
    report::Code,
};

use super::stage::{Files, Stage, asked, directory};

#[tokio::test]
async fn links_huge_files_and_strange_archives_are_refused() {
    let mut stage = Stage::embedded().await;
    stage.families(2).await;
    stage.sign().await;
    let files = stage.bundle().await;
    let scratch = tempfile::tempdir().expect("a directory");
    let wanted = asked(&stage.keys(), &scratch);
    let place = tempfile::tempdir().expect("a directory");
    files.write(place.path());
    let check = |source: &mut dyn qonys_verify::archive::Source| {
        verify(&mut [Part { source, kept: None }], &wanted, &mut |_, _| ())
    };
    assert!(check(&mut directory(place.path())).verified);

    // A link out of the bundle is not followed.
    let name = files
        .0
        .keys()
        .find(|name| name.starts_with("tile/entries"))
        .expect("entries");
    let path = place.path().join(name);
    std::fs::remove_file(&path).expect("a file");
    symlink("/dev/zero", &path).expect("a link");
    assert!(check(&mut directory(place.path())).has(Code::Bundle));
    // A file without an end is read no further than a bundle may be long.
    std::fs::remove_file(&path).expect("a link");
    std::fs::File::create(&path)
        .and_then(|file| file.set_len(1 << 40))
        .expect("a sparse file");
    assert!(check(&mut directory(place.path())).has(Code::Bundle));

    // An archive with its files in another order, twice, outside, or with a length that is a lie.
    let contents = Contents::read(&mut files.clone()).expect("contents");
    let mut order: Vec<String> = vec!["bundle.json".into(), "checkpoint".into()];
    order.extend(contents.tiles().map(|tile| tile.to_string()));
    order.push("views.json".into());
    let archive = |order: &[String]| {
        let mut writer = ArchiveWriter::new(Vec::new());
        for name in order {
            let nothing = Vec::new();
            let bytes = files.0.get(name).unwrap_or(&nothing);
            writer.add(name, bytes).expect("memory");
        }
        writer.finish().expect("memory")
    };
    assert!(check(&mut Archive::new(&archive(&order)[..])).verified);
    let mut other = order.clone();
    other.swap(2, 3);
    assert!(check(&mut Archive::new(&archive(&other)[..])).has(Code::Bundle));
    let mut twice = order.clone();
    twice.insert(2, "checkpoint".into());
    assert!(check(&mut Archive::new(&archive(&twice)[..])).has(Code::Bundle));
    let mut outside = order.clone();
    outside.push("../../outside".into());
    assert!(check(&mut Archive::new(&archive(&outside)[..])).has(Code::Bundle));
    let mut lie = archive(&order);
    lie[124..135].copy_from_slice(b"77777777777");
    assert!(check(&mut Archive::new(&lie[..])).has(Code::Bundle));

    // Contents that promise the impossible.
    for (member, value) in [
        ("size", "18446744073709551615"),
        ("from", "0"),
        ("to", "999999"),
    ] {
        let mut bad = Files(files.0.clone());
        let mut json: serde_json::Value =
            serde_json::from_slice(bad.get("bundle.json")).expect("JSON");
        json[member] = value.into();
        *bad.get("bundle.json") = json.to_string().into_bytes();
        assert!(check(&mut bad).has(Code::Bundle), "{member}");
    }
}

//! Command lines are cut out of bytes however these arrive.

use qonys::dispatch::{Invalid, LINE_BYTES_MAX, Lines};

/// Pushes bytes in pieces and gives every line as `number: text` or `number! code`.
fn cut(bytes: &[u8], piece: usize) -> Vec<String> {
    let mut lines = Lines::default();
    let mut found = Vec::new();
    let mut told = |(number, line): (u64, Result<String, Invalid>)| {
        found.push(match line {
            Ok(text) => format!("{number}: {text}"),
            Err(invalid) => format!("{number}! {}", invalid.code),
        });
    };
    for piece in bytes.chunks(piece) {
        lines.push(piece);
        std::iter::from_fn(|| lines.next_line()).for_each(&mut told);
    }
    lines.last().into_iter().for_each(&mut told);
    found
}

#[test]
fn lines_are_cut_wherever_the_pieces_end() {
    let text = "{\"a\":1}\n\n  \nқоныс\n\u{fffd}\nlast".as_bytes();
    let whole = cut(text, text.len());
    assert_eq!(whole, ["1: {\"a\":1}", "4: қоныс", "5: \u{fffd}", "6: last"]);
    for piece in 1..text.len() {
        assert_eq!(cut(text, piece), whole, "in pieces of {piece}");
    }
    assert_eq!(cut(b"a\n\xff\nb\n", 1), ["1: a", "2! not-utf-8", "3: b"]);
    assert_eq!(cut(b"", 1), [""; 0]);
}

#[test]
fn a_line_that_is_too_long_harms_no_other() {
    for (length, told) in [(LINE_BYTES_MAX, "1: xx"), (LINE_BYTES_MAX + 1, "1! line-too-long")] {
        let mut bytes = vec![b'x'; length];
        bytes.extend_from_slice(b"\nnext\n");
        for piece in [1 << 16, 1 << 21] {
            let found = cut(&bytes, piece);
            assert!(found[0].starts_with(told), "{length} in pieces of {piece}");
            assert_eq!(found[1..], ["2: next"], "{length} in pieces of {piece}");
        }
    }
    assert_eq!(cut(&vec![b'x'; LINE_BYTES_MAX + 9], 4_096), ["1! line-too-long"]);
}

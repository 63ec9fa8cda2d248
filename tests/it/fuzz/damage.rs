//! Good inputs, damaged at random: bits, cuts, copies, pieces of another, words that mean something to a parser.

use qonys::clock::Entropy;

/// The longest input, in bytes.
const LONGEST: usize = 256 * 1_024;
/// What stands in places where parsers look.
const WORDS: &[&[u8]] = &[
    b"null",
    b"-1",
    b"0",
    b"1e999",
    b"18446744073709551616",
    b"\"\"",
    b"{}",
    b"[]",
    b"\\u0000",
    b"\\ud800",
    b"\xff\xfe",
    b"\xf0\x9f\x92\xa9",
    b"\"command:\"",
    b"command:",
    b"\n",
    b"\r\n",
    b"\x00",
    b"../",
    b"{\"a\":",
    b"[[[[[[[[[[[[[[[[",
    b"true",
    b"\"id\":",
    b"\"type\":",
    b"2024-02-30",
    b"9999-12-31",
    b"0000-00-00",
    b"\xe2\x80\x94 ",
    b"\"actor\":{}",
];

pub(super) struct Damage {
    chance: Entropy,
    corpus: Vec<Vec<u8>>,
}

impl Damage {
    pub(super) fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        Self {
            chance: Entropy::seeded(seed),
            corpus,
        }
    }

    fn below(&self, end: usize) -> usize {
        (u64::from_be_bytes(self.chance.bytes()) % end.max(1) as u64) as usize
    }

    /// The next input.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let mut input = self.corpus[self.below(self.corpus.len())].clone();
        for _ in 0..=self.below(6) {
            self.once(&mut input);
        }
        input.truncate(LONGEST);
        // Now and then what was damaged is where the next begins.
        if self.below(50) == 0 && self.corpus.len() < 2_000 && input.len() < 16_384 {
            self.corpus.push(input.clone());
        }
        input
    }

    fn once(&self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(64)).min(input.len());
        match self.below(9) {
            0 if !input.is_empty() => input[at.min(end.saturating_sub(1))] ^= 1 << self.below(8),
            1 => drop(input.drain(at..end)),
            2 => input.truncate(at),
            3 => {
                let copied = input[at..end].to_vec();
                drop(input.splice(at..at, copied));
            }
            4 => {
                let word = WORDS[self.below(WORDS.len())];
                drop(input.splice(at..end, word.iter().copied()));
            }
            5 => {
                let other = &self.corpus[self.below(self.corpus.len())];
                let from = self.below(other.len());
                let to = (from + self.below(256)).min(other.len());
                drop(input.splice(at..end, other[from..to].iter().copied()));
            }
            6 => {
                let noise: [u8; 16] = self.chance.bytes();
                drop(input.splice(at..at, noise));
            }
            7 => {
                let many = vec![b'['; self.below(4_096)];
                drop(input.splice(at..at, many));
            }
            _ => {
                let digits = format!("{}", u64::from_be_bytes(self.chance.bytes()));
                drop(input.splice(at..end, digits.into_bytes()));
            }
        }
    }
}

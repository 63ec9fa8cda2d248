//! Command lines out of a stream of bytes: one by one, none longer than allowed, blank ones passed over.

use super::request::Invalid;

/// The longest command line, in bytes.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Cuts bytes into lines as they come. Holds at most one line and what was pushed last.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// Where the line that is next begins.
    start: usize,
    number: u64,
    /// The line that is being read is too long and was told so: the rest of it is dropped.
    skipping: bool,
}

impl Lines {
    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line that is not blank, with its number from 1; `Err` for one that is too long or no text. `None`
    /// until more bytes are pushed.
    pub fn next_line(&mut self) -> Option<(u64, Result<String, Invalid>)> {
        loop {
            let rest = &self.buffer[self.start..];
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                if rest.len() <= LINE_BYTES_MAX {
                    return None;
                }
                self.buffer.truncate(self.start);
                if !std::mem::replace(&mut self.skipping, true) {
                    self.number += 1;
                    return Some((self.number, Err(too_long())));
                }
                return None;
            };
            let line = self.start..self.start + length;
            self.start = line.end + 1;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if let Some(read) = self.read(line) {
                return Some(read);
            }
        }
    }

    /// The last line, when the bytes end without a line break. Call it once, after [`Lines::next_line`] gave `None`.
    pub fn last(&mut self) -> Option<(u64, Result<String, Invalid>)> {
        let line = self.start..self.buffer.len();
        self.start = line.end;
        if line.is_empty() || std::mem::take(&mut self.skipping) {
            return None;
        }
        self.read(line)
    }

    fn read(&mut self, line: std::ops::Range<usize>) -> Option<(u64, Result<String, Invalid>)> {
        self.number += 1;
        let bytes = &self.buffer[line];
        let read = if bytes.len() > LINE_BYTES_MAX {
            Err(too_long())
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => return None,
                Ok(text) => Ok(text.to_owned()),
                Err(_) => Err(Invalid::new("not-utf-8", "", "a line is UTF-8 text")),
            }
        };
        Some((self.number, read))
    }
}

fn too_long() -> Invalid {
    Invalid::new("line-too-long", "", "a line has at most 1,048,576 bytes")
}

//! Where a bundle's files come from: a directory, or one archive (POSIX ustar, as `tar` writes and reads it).
//!
//! An archive is read once, from its beginning to its end: its members stand in the order in which they are asked for,
//! so a bundle of any length is verified in constant memory, from a pipe as well. What is out of order is refused.

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};

/// Bytes of a block of an archive.
const BLOCK: usize = 512;
/// Bytes that are read ahead: enough for headers and small files, so that large ones are read where they are needed.
const BUFFERED: usize = 16 * 1_024;

/// Why a file of a bundle could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The system refused.
    #[error("{0}: {1}")]
    Io(String, io::Error),
    /// The archive is not one, or has a member that a bundle has not.
    #[error("the archive is malformed: {0}")]
    Malformed(String),
    /// A file is longer than anything that may stand there.
    #[error("{0} is too long")]
    TooLong(String),
}

/// The files of a bundle.
pub trait Source {
    /// Reads the file at a path, at most `limit` bytes of it, into a buffer that is used again; `false` where there is none.
    /// Files are asked for in the bundle's order.
    fn read_into(
        &mut self,
        path: &str,
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, SourceError>;

    /// As [`Source::read_into`], in a buffer of its own; `None` where there is no such file.
    fn read(&mut self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let mut bytes = Vec::new();
        let there = self.read_into(path, limit, &mut bytes)?;
        Ok(there.then_some(bytes))
    }

    /// What stands behind the last file that was asked for; `None` at the end.
    fn rest(&mut self) -> Result<Option<String>, SourceError>;
}

/// A bundle as a directory.
pub struct Directory(PathBuf);

impl Directory {
    /// The bundle in a directory.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Source for Directory {
    fn read_into(
        &mut self,
        path: &str,
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, SourceError> {
        bytes.clear();
        let failed = |error| SourceError::Io(path.to_owned(), error);
        // Paths are made here, never read from a bundle: none leads out of the directory. Neither may a link.
        let full = self.0.join(path);
        match full.symlink_metadata() {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Err(SourceError::Malformed(format!("{path} is not a file"))),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(failed(error)),
        }
        let file = File::open(full).map_err(failed)?;
        let mut file = file.take(limit as u64 + 1);
        file.read_to_end(bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(SourceError::TooLong(path.to_owned()));
        }
        Ok(true)
    }

    fn rest(&mut self) -> Result<Option<String>, SourceError> {
        Ok(None)
    }
}

/// A bundle as an archive.
pub struct Archive<R> {
    reader: R,
    next: Option<(String, usize)>,
    ended: bool,
}

impl Archive<BufReader<File>> {
    /// The bundle in a file.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(BufReader::with_capacity(
            BUFFERED,
            File::open(path)?,
        )))
    }
}

impl<R: Read> Archive<R> {
    /// The bundle that a reader gives.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            next: None,
            ended: false,
        }
    }

    fn header(&mut self) -> Result<Option<&(String, usize)>, SourceError> {
        if self.next.is_none() && !self.ended {
            let mut block = [0; BLOCK];
            self.fill(&mut block)?;
            if block == [0; BLOCK] {
                self.ended = true;
            } else {
                self.next = Some(read_header(&block)?);
            }
        }
        Ok(self.next.as_ref())
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SourceError> {
        let filled = self.reader.read_exact(bytes);
        filled.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => SourceError::Malformed("it is cut".to_owned()),
            _ => SourceError::Io("the archive".to_owned(), error),
        })
    }
}

impl<R: Read> Source for Archive<R> {
    fn read_into(
        &mut self,
        path: &str,
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, SourceError> {
        let Some((name, size)) = self.header()? else {
            return Ok(false);
        };
        if name != path {
            return Ok(false);
        }
        let size = *size;
        if size > limit {
            return Err(SourceError::TooLong(path.to_owned()));
        }
        // What stood there before is written over.
        bytes.resize(size.next_multiple_of(BLOCK), 0);
        self.fill(bytes)?;
        bytes.truncate(size);
        self.next = None;
        Ok(true)
    }

    fn rest(&mut self) -> Result<Option<String>, SourceError> {
        Ok(self.header()?.map(|(name, _)| name.clone()))
    }
}

fn read_header(block: &[u8; BLOCK]) -> Result<(String, usize), SourceError> {
    let bad = |why: &str| SourceError::Malformed(why.to_owned());
    if block[257..263] != *b"ustar\0" || block[156] != b'0' {
        return Err(bad("a member is not a plain file"));
    }
    let name = block[..100].split(|b| *b == 0).next().unwrap_or_default();
    let name = std::str::from_utf8(name).map_err(|_| bad("a name is not UTF-8"))?;
    let octal = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok()?;
        usize::from_str_radix(text.trim_end_matches(['\0', ' ']), 8).ok()
    };
    let size = octal(&block[124..136]).ok_or_else(|| bad("a length is not a number"))?;
    if octal(&block[148..156]) != Some(sum(block)) {
        return Err(bad("the sum of a header is wrong"));
    }
    Ok((name.to_owned(), size))
}

/// The sum of a header's bytes, with blanks where the sum itself stands.
fn sum(block: &[u8; BLOCK]) -> usize {
    let bytes = block.iter().enumerate();
    bytes
        .map(|(n, b)| {
            if (148..156).contains(&n) {
                32
            } else {
                usize::from(*b)
            }
        })
        .sum()
}

/// Writes an archive, member by member.
pub struct ArchiveWriter<W>(W);

impl<W: Write> ArchiveWriter<W> {
    /// An archive into a writer.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }

    /// Adds a file. Equal files make equal bytes: owner, rights and time are always the same.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut block = [0; BLOCK];
        let mut put =
            |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
        if path.len() >= 100 {
            return Err(io::Error::other(format!(
                "{path} is too long for an archive"
            )));
        }
        put(0, path);
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(124, &format!("{:011o}", bytes.len()));
        put(136, "00000000000");
        put(156, "0");
        put(257, "ustar\0");
        put(263, "00");
        let sum = format!("{:06o}\0 ", sum(&block));
        block[148..156].copy_from_slice(sum.as_bytes());
        self.0.write_all(&block)?;
        self.0.write_all(bytes)?;
        let padding = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.0.write_all(&[0; BLOCK][..padding])
    }

    /// Ends the archive and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.0.write_all(&[0; 2 * BLOCK])?;
        self.0.flush()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Vec::new());
        for (path, bytes) in [
            ("one", &b"first"[..]),
            ("dir/two", &[7; 600]),
            ("three", b""),
        ] {
            writer.add(path, bytes).expect("memory");
        }
        writer.finish().expect("memory")
    }

    #[test]
    fn members_are_read_in_order_and_absent_ones_are_passed_over() {
        let bytes = archive();
        let mut source = Archive::new(&bytes[..]);
        let mut read = |path| source.read(path, 1_000).expect("an archive");
        assert_eq!(read("one"), Some(b"first".to_vec()));
        assert_eq!(read("one"), None);
        assert_eq!(read("dir/two"), Some(vec![7; 600]));
        assert_eq!(source.rest().expect("an archive"), Some("three".to_owned()));
        assert_eq!(
            source.read("three", 0).expect("an archive"),
            Some(Vec::new())
        );
        assert_eq!(source.rest().expect("an archive"), None);
    }

    #[test]
    fn hostile_archives_are_refused() {
        let good = archive();
        let first = |bytes: &[u8]| Archive::new(bytes).read("one", 4).map(drop);
        assert!(matches!(first(&good), Err(SourceError::TooLong(_))));
        for at in [124, 150, 156, 258] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(
                matches!(first(&bad), Err(SourceError::Malformed(_))),
                "{at}"
            );
        }
        for cut in [0, 100, 512, 600] {
            let mut source = Archive::new(&good[..cut]);
            assert!(source.read("one", 1_000).is_err(), "{cut}");
        }
    }
}

//! Texts as the server copies them out in its binary format: one column, a row after the other, an explicit end. For many
//! long texts that takes half of what rows take.

use futures::TryStreamExt as _;
use sqlx::{PgPool, postgres::PgPoolCopyExt as _};

/// What every copy begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// After it: flags, and the length of an extension that there never was.
const HEADER: usize = SIGNATURE.len() + 8;

/// The bytes of a copy as they come.
struct Copied {
    bytes: Vec<u8>,
    /// What is read of them.
    at: usize,
    texts: Vec<String>,
    begun: bool,
    ended: bool,
}

impl Copied {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let taken = self.bytes.get(self.at..self.at + count)?;
        self.at += count;
        Some(taken)
    }

    /// Reads what is whole. `None` where more must come.
    fn read(&mut self) -> Option<Result<(), &'static str>> {
        if !self.begun {
            let header = self.take(HEADER)?;
            if !header.starts_with(SIGNATURE) || header[SIGNATURE.len()..] != [0; 8] {
                return Some(Err("a copy begins otherwise"));
            }
            self.begun = true;
        }
        while !self.ended {
            let before = self.at;
            let row = self.row();
            match row {
                Some(Ok(())) => {}
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    self.at = before;
                    return None;
                }
            }
        }
        Some(Ok(()))
    }

    /// One row: the number of its columns, and for each its length and bytes; -1 columns are the end.
    fn row(&mut self) -> Option<Result<(), &'static str>> {
        let columns = self.take(2)?;
        if columns == (-1_i16).to_be_bytes() {
            self.ended = true;
            return Some(Ok(()));
        }
        if columns != 1_i16.to_be_bytes() {
            return Some(Err("a copied row has not one column"));
        }
        let length = self.take(4)?.try_into().map(i32::from_be_bytes);
        let length = length.ok().and_then(|length| usize::try_from(length).ok());
        let Some(length) = length else {
            return Some(Err("a copied text is null"));
        };
        let text = self.take(length)?.to_vec();
        Some(match String::from_utf8(text) {
            Ok(text) => {
                self.texts.push(text);
                Ok(())
            }
            Err(_) => Err("a copied text is not UTF-8"),
        })
    }
}

/// The texts that a statement copies out, of which about so many are expected.
pub(super) async fn texts(
    on: &PgPool,
    statement: &str,
    expected: usize,
) -> Result<Vec<String>, sqlx::Error> {
    let mut copied = Copied {
        bytes: Vec::new(),
        at: 0,
        texts: Vec::with_capacity(expected),
        begun: false,
        ended: false,
    };
    let mut wrong = None;
    let mut parts = on.copy_out_raw(statement).await?;
    // To its end, whatever comes: the connection goes back to the others.
    while let Some(part) = parts.try_next().await? {
        if copied.at == copied.bytes.len() {
            copied.bytes.clear();
            copied.at = 0;
        }
        copied.bytes.extend_from_slice(&part);
        if wrong.is_none()
            && let Some(Err(error)) = copied.read()
        {
            wrong = Some(error);
        }
    }
    if let Some(error) = wrong {
        return Err(sqlx::Error::Protocol(error.to_owned()));
    }
    if copied.ended && copied.at == copied.bytes.len() {
        Ok(copied.texts)
    } else {
        Err(sqlx::Error::Protocol(
            "a copy ends in its middle".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Option<Result<(), &'static str>>, Vec<String>, bool) {
        let mut copied = Copied {
            bytes: bytes.to_vec(),
            at: 0,
            texts: Vec::new(),
            begun: false,
            ended: false,
        };
        let read = copied.read();
        (read, copied.texts, copied.ended)
    }

    #[test]
    fn a_copy_is_read_to_its_end_and_one_that_is_cut_has_none() {
        let mut whole = [SIGNATURE, &[0; 8]].concat();
        for text in ["one", "", "тест"] {
            whole.extend(1_i16.to_be_bytes());
            whole.extend((text.len() as i32).to_be_bytes());
            whole.extend(text.as_bytes());
        }
        whole.extend((-1_i16).to_be_bytes());
        let (end, texts, ended) = read(&whole);
        assert_eq!((end, ended), (Some(Ok(())), true));
        assert_eq!(texts, ["one", "", "тест"]);
        for cut in 0..whole.len() {
            let (end, _, ended) = read(&whole[..cut]);
            assert_eq!((end, ended), (None, false), "{cut}");
        }
        for (at, what) in [
            (0, "signature"),
            (HEADER, "columns"),
            (HEADER + 2, "length"),
        ] {
            let mut damaged = whole.clone();
            damaged[at] = 0x80;
            assert!(matches!(read(&damaged).0, Some(Err(_))), "{what}");
        }
    }
}

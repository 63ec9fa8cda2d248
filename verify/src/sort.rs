//! Sorting more records than fit into memory: runs of a fixed size go to a scratch file and are merged.

use std::{
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// Bytes that a sorter holds in memory before it writes a run.
const RUN_BYTES: usize = 16 * 1_024 * 1_024;
/// Bytes that are read ahead of each run when merging.
const AHEAD_BYTES: usize = 64 * 1_024;

/// Sorts records of N bytes by their bytes, in constant memory.
pub(crate) struct Sorter<const N: usize> {
    records: Vec<[u8; N]>,
    limit: usize,
    path: PathBuf,
    file: Option<BufWriter<File>>,
    /// Number of records of each run in the file.
    runs: Vec<u64>,
}

impl<const N: usize> Sorter<N> {
    /// A sorter whose scratch file, if one is needed, is `name` in `directory`. The file goes with the value.
    pub(crate) fn new(directory: &Path, name: &str) -> Self {
        Self::with_limit(directory, name, RUN_BYTES / N)
    }

    fn with_limit(directory: &Path, name: &str, limit: usize) -> Self {
        Self {
            records: Vec::new(),
            limit,
            path: directory.join(name),
            file: None,
            runs: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, record: [u8; N]) -> io::Result<()> {
        if self.records.len() == self.limit {
            self.spill()?;
        }
        self.records.push(record);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.records.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = File::options()
                    .create_new(true)
                    .read(true)
                    .write(true)
                    .open(&self.path)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        file.write_all(self.records.as_flattened())?;
        self.runs.push(self.records.len() as u64);
        self.records.clear();
        Ok(())
    }

    /// Hands every record on, in order.
    pub(crate) fn drain(
        mut self,
        mut each: impl FnMut(&[u8; N]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.records.sort_unstable();
        let Some(file) = self.file.take() else {
            return self.records.iter().try_for_each(each);
        };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        drop(file);
        let mut runs = Vec::new();
        let mut start = 0;
        for count in &self.runs {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(start))?;
            runs.push((BufReader::with_capacity(AHEAD_BYTES, file), *count));
            start += count * N as u64;
        }
        // The smallest record of each run, and of what is still in memory (the last index).
        let mut smallest = BinaryHeap::new();
        let memory = runs.len();
        let mut rest = self.records.iter();
        let mut next = |run: usize| -> io::Result<Option<[u8; N]>> {
            let Some((reader, left)) = runs.get_mut(run) else {
                return Ok(rest.next().copied());
            };
            if *left == 0 {
                return Ok(None);
            }
            *left -= 1;
            let mut record = [0; N];
            reader.read_exact(&mut record)?;
            Ok(Some(record))
        };
        for run in 0..=memory {
            if let Some(record) = next(run)? {
                smallest.push(std::cmp::Reverse((record, run)));
            }
        }
        while let Some(std::cmp::Reverse((record, run))) = smallest.pop() {
            each(&record)?;
            if let Some(record) = next(run)? {
                smallest.push(std::cmp::Reverse((record, run)));
            }
        }
        Ok(())
    }
}

impl<const N: usize> Drop for Sorter<N> {
    fn drop(&mut self) {
        if !self.runs.is_empty() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_is_what_went_in_sorted_whether_or_not_it_fits() {
        let directory = std::env::temp_dir();
        for limit in [3, 100, 1_000] {
            let name = format!("qonys-sort-{}-{limit}", std::process::id());
            let mut sorter = Sorter::<4>::with_limit(&directory, &name, limit);
            let mut expected = Vec::new();
            for n in 0..500_u32 {
                let record = n.wrapping_mul(2_654_435_761).to_be_bytes();
                expected.push(record);
                sorter.push(record).expect("a scratch file");
            }
            expected.sort_unstable();
            let mut sorted = Vec::new();
            let drained = sorter.drain(|record| {
                sorted.push(*record);
                Ok(())
            });
            drained.expect("a scratch file");
            assert_eq!(sorted, expected);
            assert!(!directory.join(&name).exists());
        }
    }
}

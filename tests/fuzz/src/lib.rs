//! Inputs for fuzz targets: texts that are nearly valid. The targets are the tests of this package.
//!
//! Random bytes never get past the first line of a parser. [`Near`] starts from valid texts and edits them with words that the
//! parser knows. The fuzzing engine decides the edits: here at random, for a second (`cargo test`) or for longer
//! (`scripts/fuzz`). The same targets work with coverage-guided engines.

use bolero::generator::ValueGenerator;
use bolero::generator::bolero_generator::Driver;
use std::fmt;
use std::path::Path;

pub use bolero;

/// Maximum number of edits of a text.
const MOST_EDITS: u8 = 24;
/// Maximum length of a text in bytes: duplicated parts would grow without limit.
const LONGEST: usize = 1 << 16;

/// An input for a target.
#[derive(Clone, PartialEq, Eq)]
pub struct Input(Vec<u8>);

impl Input {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Texts that are nearly valid.
pub struct Near {
    /// Valid texts; the first one is empty.
    seeds: Vec<Vec<u8>>,
    words: Vec<String>,
}

impl Near {
    /// Texts that differ slightly from these.
    pub fn texts<S: Into<Vec<u8>>>(seeds: impl IntoIterator<Item = S>) -> Self {
        let seeds = std::iter::once(Vec::new()).chain(seeds.into_iter().map(Into::into)).collect();
        Near { seeds, words: vec![" ".to_owned(), "\n".to_owned()] }
    }

    /// Texts that differ slightly from the files of a folder whose names have this ending.
    ///
    /// # Panics
    /// If there is no such file: a target must not lose its seeds unnoticed.
    pub fn files(folder: impl AsRef<Path>, ending: &str) -> Self {
        let folder = folder.as_ref();
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of the folder").path()).collect();
        paths.retain(|path| path.is_file() && path.to_string_lossy().ends_with(ending));
        paths.sort();
        assert!(!paths.is_empty(), "{} has no file *{ending}", folder.display());
        Near::texts(paths.iter().map(|path| std::fs::read(path).expect("a file that can be read")))
    }

    /// Adds words for edits.
    pub fn words<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// One edit; `None` if the engine gives no more bytes.
    fn edit(&self, driver: &mut impl Driver, text: &mut Vec<u8>) -> Option<()> {
        let kind = driver.produce::<u8>()? % 8;
        let at = place(driver, text.len() + 1)?;
        let end = (at + 1 + usize::from(driver.produce::<u8>()?)).min(text.len());
        match kind {
            0 => insert(text, at, self.word(driver)?.as_bytes()),
            1 => drop(text.drain(at.min(end)..end)),
            2 => drop(text.splice(at.min(end)..end, self.word(driver)?.bytes())),
            3 => {
                let part = text[at.min(end)..end].to_vec();
                insert(text, place(driver, text.len() + 1)?, &part);
            }
            4 => insert(text, at, &[driver.produce::<u8>()?]),
            5 if at < text.len() => text[at] = driver.produce()?,
            6 => {
                let other = &self.seeds[usize::from(driver.produce::<u8>()?) % self.seeds.len()];
                let from = place(driver, other.len() + 1)?;
                let to = (from + usize::from(driver.produce::<u8>()?)).min(other.len());
                insert(text, at, &other[from..to]);
            }
            // Deep nesting, and very long lists.
            _ => {
                let word = self.word(driver)?;
                let times = usize::from(driver.produce::<u8>()?) * usize::from(driver.produce::<u8>()?) / 16;
                insert(text, at, word.repeat(times).as_bytes());
            }
        }
        Some(())
    }

    fn word(&self, driver: &mut impl Driver) -> Option<&str> {
        Some(&self.words[place(driver, self.words.len())?])
    }
}

/// A position before `end`, spread over the whole of a long text.
fn place(driver: &mut impl Driver, end: usize) -> Option<usize> {
    Some((usize::from(driver.produce::<u16>()?) * end) >> 16)
}

fn insert(text: &mut Vec<u8>, at: usize, part: &[u8]) {
    drop(text.splice(at..at, part.iter().copied()));
}

impl ValueGenerator for Near {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let mut text = self.seeds[usize::from(driver.produce::<u8>()?) % self.seeds.len()].clone();
        for _ in 0..driver.produce::<u8>()? % MOST_EDITS {
            if self.edit(driver, &mut text).is_none() || text.len() > LONGEST {
                break;
            }
        }
        text.truncate(LONGEST);
        Some(Input(text))
    }
}

/// Runs a check on inputs for one second, or for `BOLERO_RANDOM_TEST_TIME_MS`.
///
/// It must be called in a test. The name of the test is that of the target.
#[macro_export]
macro_rules! fuzz {
    ($near:expr, $check:expr) => {
        $crate::bolero::check!().with_generator($near).for_each(|input: &$crate::Input| $check(input.bytes()))
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use bolero::generator::bolero_generator::driver::{ByteSliceDriver, Options};

    #[test]
    fn generator_gives_a_seed_with_the_edits_that_the_bytes_select() {
        let near = Near::texts(["abc", "xyz"]).words(["word"]);
        let options = Options::default();
        let of = |bytes: &[u8]| near.generate(&mut ByteSliceDriver::new(bytes, &options)).expect("an input");
        assert_eq!(of(&[2, 0]), Input(b"xyz".to_vec()));
        // One edit: the third word (of three) at the end, which is the fourth of four positions.
        assert_eq!(format!("{:?}", of(&[1, 1, 0, 0xff, 0xff, 0, 0xff, 0xff])), "b\"abcword\"");
    }
}

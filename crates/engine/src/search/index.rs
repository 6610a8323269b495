//! The texts of a layer by their words. Rows with the same texts are one entry; the entries of a word stand from the
//! shortest to the longest, so that the best ones come first.

use std::ops::Range;
use std::sync::Arc;

use model::{Columns, ValueRef};
use rustc_hash::FxHashMap;
use spatial::Snapshot;

use super::words::{Word, of_field};

/// A field that is searched, and whether its texts are former names.
pub(crate) type Searched = (usize, bool);

/// A text of an entry: its field, and its words in [`Index::words`].
#[derive(Debug, Clone)]
pub(crate) struct TextOf {
    /// The place of the field among those searched.
    pub(crate) field: usize,
    pub(crate) text: Arc<str>,
    words: Range<u32>,
}

/// Rows that share all their searched texts.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) texts: Vec<TextOf>,
    pub(crate) rows: Vec<u32>,
    length: u32,
}

/// A spelling: the number of its folded form, and how it is spelt.
#[derive(Debug)]
pub(crate) struct Spelt {
    pub(crate) folded: u32,
    pub(crate) letters: Box<str>,
    pub(crate) tone: u8,
}

/// Highest bit of a word: it only says what kind a thing is.
const OPTIONAL: u32 = 1 << 31;

/// The rows of a part of a layer's snapshot, by words.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Entry>,
    /// Numbers of spellings, text after text.
    words: Vec<u32>,
    spellings: Vec<Spelt>,
    /// Folded words, ascending.
    folded: Vec<Box<str>>,
    /// Entries of folded word n: those from `ends[n − 1]` (or 0) to `ends[n]`.
    postings: Vec<u32>,
    ends: Vec<u32>,
}

impl Index {
    /// Indexes the living ones of these rows of a snapshot by these fields. In the index they are counted from 0.
    pub(crate) fn build(snapshot: &Snapshot, fields: &[Searched], all: Range<usize>) -> Index {
        let first = all.start;
        let mut rows: Vec<usize> = all.filter(|row| snapshot.is_live(*row)).collect();
        // Among equals those that were there first come first.
        rows.sort_unstable_by_key(|row| snapshot.fid(*row));
        let mut index = Index::default();
        let mut known: FxHashMap<Vec<Option<Box<str>>>, usize> = FxHashMap::default();
        let mut spellings: FxHashMap<(String, u8), u32> = FxHashMap::default();
        let mut folded_of: Vec<String> = Vec::new();
        let mut texts: Vec<Option<Box<str>>> = Vec::with_capacity(fields.len());
        for row in rows {
            texts.clear();
            texts.extend(fields.iter().map(|(field, _)| match snapshot.value(row, *field, None) {
                ValueRef::Text(s) => Some(Box::from(s)),
                _ => None,
            }));
            if texts.iter().all(Option::is_none) {
                continue;
            }
            if let Some(&entry) = known.get(&texts) {
                index.entries[entry].rows.push((row - first) as u32);
                continue;
            }
            let mut entry = Entry { texts: Vec::new(), rows: vec![(row - first) as u32], length: 0 };
            for (place, text) in texts.iter().enumerate() {
                let Some(text) = text else { continue };
                let many = fields[place].1;
                for part in text.split(|c| many && matches!(c, ',' | ';')) {
                    let from = index.words.len() as u32;
                    for word in of_field(part) {
                        let number = number_of(&mut spellings, &mut folded_of, &mut index.spellings, &word);
                        index.words.push(number | if word.optional { OPTIONAL } else { 0 });
                    }
                    let words = from..index.words.len() as u32;
                    entry.length += words.end - words.start;
                    entry.texts.push(TextOf { field: place, text: Arc::from(part.trim()), words });
                }
            }
            known.insert(texts.clone(), index.entries.len());
            index.entries.push(entry);
        }
        index.sort_words(&folded_of);
        index.post();
        index
    }

    /// Numbers the folded words in their order.
    fn sort_words(&mut self, folded_of: &[String]) {
        let mut sorted: Vec<&String> = folded_of.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        self.folded = sorted.iter().map(|w| Box::from(w.as_str())).collect();
        for (spelt, folded) in self.spellings.iter_mut().zip(folded_of) {
            spelt.folded = self.folded.partition_point(|w| **w < **folded) as u32;
        }
    }

    fn post(&mut self) {
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); self.folded.len()];
        let mut order: Vec<u32> = (0..self.entries.len() as u32).collect();
        order.sort_by_key(|e| self.entries[*e as usize].length);
        for number in order {
            for text in &self.entries[number as usize].texts {
                for (spelt, _) in self.words_of(text) {
                    let list = &mut lists[spelt.folded as usize];
                    if list.last() != Some(&number) {
                        list.push(number);
                    }
                }
            }
        }
        for list in lists {
            self.postings.extend(list);
            self.ends.push(self.postings.len() as u32);
        }
    }

    /// The words of a text; whether each only says what kind a thing is.
    pub(crate) fn words_of(&self, text: &TextOf) -> impl Iterator<Item = (&Spelt, bool)> + Clone {
        let words = &self.words[text.words.start as usize..text.words.end as usize];
        words.iter().map(|w| (&self.spellings[(w & !OPTIONAL) as usize], w & OPTIONAL != 0))
    }

    /// Numbers of all folded words of an entry.
    pub(crate) fn all_words_of(&self, entry: u32) -> impl Iterator<Item = u32> {
        let texts = &self.entries[entry as usize].texts;
        texts.iter().flat_map(|text| self.words_of(text)).map(|(spelt, _)| spelt.folded)
    }

    /// Numbers of the folded words that begin with `word`: the first is the word itself when it is there.
    pub(crate) fn beginning(&self, word: &str) -> Range<u32> {
        let from = self.folded.partition_point(|w| **w < *word);
        let to = from + self.folded[from..].partition_point(|w| w.starts_with(word));
        from as u32..to as u32
    }

    /// The number of a folded word; an empty range when it is nowhere.
    pub(crate) fn whole(&self, word: &str) -> Range<u32> {
        let range = self.beginning(word);
        match self.folded.get(range.start as usize) {
            Some(first) if **first == *word => range.start..range.start + 1,
            _ => range.start..range.start,
        }
    }

    /// The entries of a folded word, short ones first.
    pub(crate) fn entries_of(&self, word: u32) -> &[u32] {
        let from = word.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.postings[from as usize..self.ends[word as usize] as usize]
    }

    pub(crate) fn entry(&self, number: u32) -> &Entry {
        &self.entries[number as usize]
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn number_of(
    known: &mut FxHashMap<(String, u8), u32>,
    folded_of: &mut Vec<String>,
    spellings: &mut Vec<Spelt>,
    word: &Word,
) -> u32 {
    let key = (word.letters.clone(), word.tone);
    *known.entry(key).or_insert_with(|| {
        folded_of.push(word.folded.clone());
        spellings.push(Spelt { folded: 0, letters: Box::from(word.letters.as_str()), tone: word.tone });
        spellings.len() as u32 - 1
    })
}

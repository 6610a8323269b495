//! How well an entry answers what was typed. Typed diacritics come first, then how much of the text was asked for and in
//! which order; whole words before beginnings, and the beginning of a number never before a number.

use std::ops::Range;

use serde::Serialize;

use super::index::{Entry, Index, Spelt, TextOf};
use super::words::Word;

/// How a result fits what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The whole text, as it is spelt.
    Exact,
    /// Words that begin as typed.
    Prefix,
    /// The words, without regard to diacritics or to the rest of the text.
    Folded,
    /// A name that holds no longer.
    Old,
}

/// A word that was typed, against one index.
pub(crate) struct Asked<'a> {
    word: &'a Word,
    /// Numbers of the folded words it is.
    whole: Range<u32>,
    /// Numbers of the folded words it is or begins; of a word that is not the last, as `whole`.
    begun: Range<u32>,
}

/// An entry's fit: low is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) cost: u32,
    /// The text it is found by, by its place among the entry's texts.
    pub(crate) text: usize,
    pub(crate) kind: Match,
    /// Words of that text beyond those asked for.
    pub(crate) rest: u32,
}

/// Entries of one index that are put in order, and that are looked at for them. Those of a word stand from short to long,
/// so the best ones are among the first.
const MAX_FITTED: usize = 2_000;
const MAX_LOOKED_AT: usize = 50_000;

// Costs: one weighs more than all below it can sum up to, but for the few that are meant to be weighed.
const SPELT_OTHERWISE: u32 = 200;
const KIND_MISSING: u32 = 15;
const OUT_OF_ORDER: u32 = 1;

pub(crate) fn asked<'a>(index: &Index, words: &'a [Word]) -> Vec<Asked<'a>> {
    let last = words.len().saturating_sub(1);
    let one = |(n, word): (usize, &'a Word)| {
        let whole = index.whole(&word.folded);
        let begun = if n == last && !word.optional { index.beginning(&word.folded) } else { whole.clone() };
        Asked { word, whole, begun }
    };
    words.iter().enumerate().map(one).collect()
}

/// Numbers of the entries that may hold all that must be there; whether some were passed over.
pub(crate) fn candidates(index: &Index, asked: &[Asked<'_>]) -> (Vec<u32>, bool) {
    let needed = asked.iter().filter(|a| !a.word.optional);
    let weight = |a: &&Asked<'_>| a.begun.clone().map(|w| index.entries_of(w).len()).sum::<usize>();
    let Some(rarest) = needed.min_by_key(weight) else { return (Vec::new(), false) };
    let others: Vec<&Asked<'_>> =
        asked.iter().filter(|a| !a.word.optional && !std::ptr::eq(*a, rarest)).collect();
    let (mut found, mut looked_at) = (Vec::new(), 0);
    let mut seen = vec![0u64; index.len().div_ceil(64)];
    // The word itself is the first of those it begins.
    for word in rarest.begun.clone() {
        for &entry in index.entries_of(word) {
            let (slot, bit) = (&mut seen[entry as usize / 64], 1 << (entry % 64));
            if *slot & bit == 0 {
                *slot |= bit;
                looked_at += 1;
                if found.len() == MAX_FITTED || looked_at == MAX_LOOKED_AT {
                    return (found, true);
                }
                if others.iter().all(|a| index.all_words_of(entry).any(|w| a.begun.contains(&w))) {
                    found.push(entry);
                }
            }
        }
    }
    (found, false)
}

impl Asked<'_> {
    fn is_whole(&self, spelt: &Spelt) -> bool {
        self.whole.contains(&spelt.folded)
    }

    fn is_begun(&self, spelt: &Spelt) -> bool {
        self.begun.contains(&spelt.folded)
    }

    /// Whether a word that it is or begins is spelt as typed; whatever was typed without diacritics is.
    fn is_spelt(&self, spelt: &Spelt, whole: bool) -> bool {
        let word = self.word;
        if word.letters == word.folded && word.tone == 1 {
            return true;
        }
        let tone = word.tone == spelt.tone || (!whole && word.tone == 1);
        tone && if whole { *spelt.letters == *word.letters } else { spelt.letters.starts_with(&word.letters) }
    }

    fn is_number(&self) -> bool {
        self.word.folded.as_bytes().first().is_some_and(u8::is_ascii_digit)
    }
}

/// Where a typed word stands in a text.
struct Hit {
    at: usize,
    whole: bool,
    spelt: bool,
}

/// The best fit of an entry; `old` tells of a text whether it is a former name.
pub(crate) fn fit(index: &Index, entry: &Entry, asked: &[Asked<'_>]) -> Option<Fit> {
    let texts = entry.texts.iter().enumerate();
    let best = texts.filter_map(|(n, text)| in_one(index, n, text, asked)).min_by_key(|f| (f.cost, f.rest));
    best.or_else(|| across(index, entry, asked))
}

fn find(index: &Index, text: &TextOf, asked: &Asked<'_>, from: usize) -> Option<Hit> {
    let mut best: Option<Hit> = None;
    for (at, (spelt, _)) in index.words_of(text).enumerate() {
        if !asked.is_begun(spelt) {
            continue;
        }
        let whole = asked.is_whole(spelt);
        let hit = Hit { at, whole, spelt: asked.is_spelt(spelt, whole) };
        // As spelt before otherwise, whole before begun, the next word before one further off.
        let rank = |h: &Hit| (!h.spelt, !h.whole, h.at < from, h.at);
        if best.as_ref().is_none_or(|b| rank(&hit) < rank(b)) {
            best = Some(hit);
        }
    }
    best
}

fn in_one(index: &Index, n: usize, text: &TextOf, asked: &[Asked<'_>]) -> Option<Fit> {
    let mut cost = 0;
    let (mut next, mut jumps, mut begun, mut begun_number, mut plain) = (0, 0, false, false, true);
    let mut hit_at: Vec<usize> = Vec::with_capacity(asked.len());
    for one in asked {
        let Some(hit) = find(index, text, one, next) else {
            if one.word.optional {
                cost += KIND_MISSING;
                continue;
            }
            return None;
        };
        if !hit.spelt {
            cost += SPELT_OTHERWISE;
            plain = false;
        }
        if !hit.whole {
            begun = true;
            begun_number |= one.is_number();
        }
        // Words that only name a kind do not count as passed over.
        let passed = index.words_of(text).skip(next).take(hit.at.saturating_sub(next)).any(|(_, kind)| !kind);
        jumps += u32::from(hit.at < next || passed);
        next = hit.at + 1;
        hit_at.push(hit.at);
    }
    let essential = index.words_of(text).enumerate().filter(|(_, (_, kind))| !kind);
    let rest = essential.filter(|(at, _)| !hit_at.contains(at)).count() as u32;
    let tier = match (jumps, begun, rest) {
        (0, false, 0) => 0,
        (0, false, _) => 1,
        (0, true, _) if !begun_number => 2,
        (_, false, _) => 3,
        _ => 4,
    };
    let same = plain && asked.iter().all(|a| a.word.optional || typed_as_stands(index, text, a));
    let kind = match tier {
        0 if same => Match::Exact,
        _ if begun => Match::Prefix,
        _ => Match::Folded,
    };
    Some(Fit { cost: cost + tier * 10 + jumps.min(4) * OUT_OF_ORDER, text: n, kind, rest })
}

/// Whether a typed word stands in the text with just these diacritics.
fn typed_as_stands(index: &Index, text: &TextOf, asked: &Asked<'_>) -> bool {
    let word = asked.word;
    index.words_of(text).any(|(s, _)| *s.letters == *word.letters && s.tone == word.tone)
}

/// Words that stand in several texts of one thing: "tổ 8 chiềng lề" in a name and an address.
fn across(index: &Index, entry: &Entry, asked: &[Asked<'_>]) -> Option<Fit> {
    let mut cost = 50;
    let (mut begun, mut first) = (false, None);
    for one in asked {
        let hits = entry.texts.iter().enumerate().filter_map(|(n, t)| Some((n, find(index, t, one, 0)?)));
        match hits.min_by_key(|(_, h)| (!h.spelt, !h.whole)) {
            Some((n, hit)) => {
                first = first.or((!one.word.optional).then_some(n));
                cost += if hit.spelt { 0 } else { SPELT_OTHERWISE };
                begun |= !hit.whole;
            }
            None if one.word.optional => cost += KIND_MISSING,
            None => return None,
        }
    }
    let kind = if begun { Match::Prefix } else { Match::Folded };
    Some(Fit { cost: cost + if begun { 10 } else { 0 }, text: first?, kind, rest: 0 })
}

// Vietnamese text without its marks, for finding things by what a hurried hand types: `Tổ dân phố` is
// found by `to dan pho`. The server folds the data in the same way; this is for the page's own words.

const MARKS = /\p{M}+/gu;

/** Lower case, no diacritics, đ as d, single spaces. */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(MARKS, '').replaceAll(/[đĐðÐƉɖ]/g, 'd').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** How well `text` answers `query`: 0 starts with it, 1 a word starts with it, 2 contains every word; null not at all. */
export function rank(text: string, query: string): number | null {
  const [haystack, needle] = [fold(text), fold(query)];
  if (haystack.startsWith(needle)) return 0;
  if (haystack.includes(` ${needle}`)) return 1;
  return needle.split(' ').every((word) => haystack.includes(word)) ? 2 : null;
}

// The words of the page. `t` gives a text in the chosen language; components that call it while
// rendering follow the language signal. English plurals are written "one thing|{n} things".
import { ApiError, asApiError } from '../api/problem';
import type { Title } from '../api/types';
import { showNumber, type Words } from '../model/values';
import { lang } from '../state/store';
import { en } from './en';
import { vi, type Key } from './vi';

const TABLES = { vi, en } satisfies Record<string, Record<Key, string>>;

export type { Key };

export type Params = Record<string, string | number>;

/** The text of a key with `{name}` replaced; numbers are shown with the language's separators. */
export function t(key: Key, params: Params = {}): string {
  const current = lang.value;
  const forms = TABLES[current][key].split('|');
  const text = forms.length > 1 && params['n'] !== 1 ? forms[1] : forms[0];
  return (text ?? '').replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const value = params[name];
    return typeof value === 'number' ? showNumber(value, current) : (value ?? '');
  });
}

/** A number in the chosen language. */
export const number = (value: number): string => showNumber(value, lang.value);

/** A title of the data in the chosen language. */
export const title = (of: Title | null | undefined): string => of?.[lang.value] ?? '';

export const words = (): Words => ({ yes: t('value.yes'), no: t('value.no'), none: t('value.none') });

const isKey = (key: string): key is Key => key in vi;

/** What went wrong, in the reader's words: our text for the code, else the server's, else a general one. */
export function errorText(error: unknown): string {
  const problem: ApiError = asApiError(error);
  const key = `error.${problem.code}`;
  if (isKey(key)) return problem.detail && problem.code === 'invalid-value' ? `${t(key)} ${problem.detail}` : t(key);
  if (problem.detail) return problem.detail;
  return t('error.general', { status: String(problem.status) });
}

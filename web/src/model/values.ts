// Turning stored values into text a person reads: `1.204`, `02/09/2023`, `9,5 ha`, code titles.
// Never more digits than the value has; a masked count such as "<5" passes through as it came.
import type { Field, Value } from '../api/types';
import { codeOf } from './layers';
import { isDay, showDay } from './days';

export type Lang = 'vi' | 'en';

const LOCALE: Record<Lang, string> = { vi: 'vi-VN', en: 'en-GB' };
const ZONE = 'Asia/Ho_Chi_Minh';

const UNITS: Record<string, Record<Lang, (value: number, text: string) => string>> = {
  m: { vi: (_v, text) => `${text} m`, en: (_v, text) => `${text} m` },
  m2: { vi: (_v, text) => `${text} m²`, en: (_v, text) => `${text} m²` },
  ha: { vi: (_v, text) => `${text} ha`, en: (_v, text) => `${text} ha` },
  '%': { vi: (_v, text) => `${text} %`, en: (_v, text) => `${text} %` },
  percent: { vi: (_v, text) => `${text} %`, en: (_v, text) => `${text} %` },
  days: { vi: (_v, text) => `${text} ngày`, en: (value, text) => `${text} ${value === 1 ? 'day' : 'days'}` },
  persons: { vi: (_v, text) => `${text} người`, en: (value, text) => `${text} ${value === 1 ? 'person' : 'people'}` },
  households: { vi: (_v, text) => `${text} hộ`, en: (value, text) => `${text} ${value === 1 ? 'household' : 'households'}` },
  floors: { vi: (_v, text) => `${text} tầng`, en: (value, text) => `${text} ${value === 1 ? 'floor' : 'floors'}` },
  VND: { vi: (_v, text) => `${text} đồng`, en: (_v, text) => `${text} VND` },
};

/** A number with the separators of the language: 1.204,5 or 1,204.5. */
export function showNumber(value: number, lang: Lang): string {
  return new Intl.NumberFormat(LOCALE[lang], { maximumFractionDigits: 6 }).format(value);
}

/** An instant as `dd/MM/yyyy HH:mm` in the ward's zone. */
export function showInstant(text: string, lang: Lang): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  const parts = new Intl.DateTimeFormat(LOCALE[lang], { timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).formatToParts(time);
  const part = (type: string): string => parts.find((entry) => entry.type === type)?.value ?? '';
  return `${part('day')}/${part('month')}/${part('year')} ${part('hour')}:${part('minute')}`;
}

export interface Words { yes: string; no: string; none: string }

/** The value of a field as text; `words` are the translated yes, no and "not recorded". */
export function showValue(field: Field | undefined, value: Value | unknown, lang: Lang, words: Words): string {
  if (value === null || value === undefined || value === '') return words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') {
    const text = showNumber(value, lang);
    const unit = field?.unit;
    if (!unit) return text;
    return UNITS[unit]?.[lang](value, text) ?? `${text} ${unit}`;
  }
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (field?.type === 'code') return codeOf(field, text)?.[lang] ?? text;
  if (isDay(text)) return showDay(text);
  if (field?.type === 'datetime') return showInstant(text, lang);
  if (field?.people && field.unit && text.startsWith('<')) return UNITS[field.unit]?.[lang](Number(text.slice(1)), text) ?? text;
  return text;
}

/** Longitude and latitude as people write them, six decimals (about 10 cm). */
export function showLonLat(lon: number, lat: number, lang: Lang): string {
  const degrees = new Intl.NumberFormat(LOCALE[lang], { minimumFractionDigits: 6, maximumFractionDigits: 6 });
  return lang === 'vi' ? `${degrees.format(lat)}° B; ${degrees.format(lon)}° Đ` : `${degrees.format(lat)}° N, ${degrees.format(lon)}° E`;
}

const digits = (value: number, lang: Lang, fraction: number): string => new Intl.NumberFormat(LOCALE[lang], { maximumFractionDigits: fraction }).format(value);

/** Metres as people say them: 12,3 m, 842 m, 1,25 km. */
export function showLength(metres: number, lang: Lang): string {
  if (metres >= 1000) return `${digits(metres / 1000, lang, 2)} km`;
  return `${digits(metres, lang, metres < 100 ? 1 : 0)} m`;
}

/** Square metres as people say them: 84,5 m², 9.120 m², 1,25 ha, 2,91 km². */
export function showArea(metres: number, lang: Lang): string {
  if (metres >= 1e6) return `${digits(metres / 1e6, lang, 2)} km²`;
  if (metres >= 1e4) return `${digits(metres / 1e4, lang, 2)} ha`;
  return `${digits(metres, lang, metres < 100 ? 1 : 0)} m²`;
}

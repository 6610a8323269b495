// The state of a form made from a layer definition: what is in the boxes, judged as it is typed, with the
// server's word beside the box it names until that box is changed.
import { useEffect, useMemo, useState, useLayoutEffect } from 'preact/hooks';
import type { ApiError } from '../../api/problem';
import type { Field, Layer, Properties } from '../../api/types';
import { t } from '../../i18n';
import { formFields, newTexts, orderFaults, parseTexts, textsOf, type Parsed, type Texts, type Wrong } from '../../model/form';
import * as store from '../../state/store';
import { setUnsaved } from '../../state/unsaved';

export interface FormState {
  fields: Field[];
  texts: Texts;
  parsed: Parsed;
  /** The error to show beside a box. */
  errorOf: (name: string) => string | null;
  setText: (name: string, text: string) => void;
  /** A box was left: an empty required one is told now. */
  leave: (name: string) => void;
  /** Show every error; gives their number. */
  judge: () => number;
  refuse: (error: ApiError | null) => void;
  isChanged: boolean;
}

export interface FormStart {
  layer: Layer;
  /** The stored values an edit starts from; null for a new feature. */
  before: Properties | null;
  /** Values a new feature starts with. */
  preset?: Properties | null;
  /** Only these fields, in this order. */
  only?: string[];
  /** Names the form among those that hold unsaved values. */
  name: string;
}

export function useForm({ layer, before, preset, only, name }: FormStart): FormState {
  const fields = useMemo(() => {
    const all = formFields(layer, before);
    return only ? only.flatMap((one) => all.find((field) => field.name === one) ?? []) : all;
  }, [layer, before === null]);
  // Numbers are read in the language they were written in.
  const [lang] = useState(store.lang.value);
  const [old] = useState<Texts | null>(() => (before ? textsOf(fields, before, lang) : null));
  const [first] = useState<Texts>(() => old ?? { ...newTexts(layer, fields, store.asOf.value), ...(preset ? Object.fromEntries(Object.entries(textsOf(fields, preset, lang)).filter(([, text]) => text !== '')) : {}) });
  const [texts, setTexts] = useState<Texts>(first);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [isJudged, setJudged] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [answered, setAnswered] = useState<ReadonlySet<string>>(new Set());

  const parsed = useMemo(() => {
    const result = parseTexts(fields, texts, old, lang);
    const order = orderFaults(layer, fields, result.values, before);
    return { values: result.values, errors: { ...order, ...result.errors } };
  }, [texts, fields]);
  const isChanged = fields.some((field) => (texts[field.name] ?? '') !== (first[field.name] ?? ''));
  useLayoutEffect(() => { setUnsaved(name, isChanged); }, [isChanged]);
  useEffect(() => () => setUnsaved(name, false), []);

  const tell = (wrong: Wrong): string => t(wrong.key, wrong.params);
  return {
    fields, texts, parsed, isChanged,
    errorOf: (field) => {
      const own = parsed.errors[field];
      if (own && (isJudged || (touched.has(field) && own.key !== 'form.required'))) return tell(own);
      return answered.has(field) ? null : (refused?.forField(field) ?? null);
    },
    setText: (field, text) => {
      setTexts((now) => ({ ...now, [field]: text }));
      setTouched((now) => new Set(now).add(field));
      setAnswered((now) => new Set(now).add(field));
    },
    leave: (field) => setTouched((now) => new Set(now).add(field)),
    judge: () => {
      setJudged(true);
      return Object.keys(parsed.errors).length;
    },
    refuse: (error) => {
      setRefused(error);
      setAnswered(new Set());
    },
  };
}

// Counts the server gave and that still hold: a condition taken back, or a legend that another choice leaves as it
// was, asks nothing. A change of a layer's data drops what was known of it; while the live stream is down nothing
// is taken for known, because a change could go by unheard.
import { getCount } from '../api/client';
import type { Count } from '../api/types';
import * as store from './store';

/** Answers kept per layer; the one unused longest goes first. */
const MOST = 60;

interface Known { revision: number; answers: Map<string, Count> }
const known = new Map<string, Known>();

function answersOf(layer: string, revision: number): Map<string, Count> {
  const now = known.get(layer);
  if (now?.revision === revision) return now.answers;
  const answers = new Map<string, Count>();
  known.set(layer, { revision, answers });
  return answers;
}

const revisionOf = (layer: string): number => store.revisions.peek()[layer] ?? 0;

/** What is known of a question; a layer's count under these conditions. */
function knownCount(layer: string, params: URLSearchParams): Count | undefined {
  if (!store.isLive.peek()) return undefined;
  const key = params.toString();
  const answers = answersOf(layer, revisionOf(layer));
  const answer = answers.get(key);
  if (answer) {
    answers.delete(key);
    answers.set(key, answer);
  }
  return answer;
}

/** A layer's count under these conditions: what is known, or what the server says. */
export async function countOf(layer: string, params: URLSearchParams, signal?: AbortSignal): Promise<Count> {
  const old = knownCount(layer, params);
  if (old) return old;
  const revision = revisionOf(layer);
  const answer = await getCount(layer, params, signal);
  // What was asked before a change is not the answer after it.
  if (revision === revisionOf(layer)) {
    const answers = answersOf(layer, revision);
    answers.set(params.toString(), answer);
    const [oldest] = answers.keys();
    if (answers.size > MOST && oldest !== undefined) answers.delete(oldest);
  }
  return answer;
}

// Makes a run of small changes one step of the history: everything between the first change of a drag
// (or of a key held down) and a short rest after the last is undone together.
import { gesture } from './store';

const REST_MS = 700;

let session = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Ends the present run, so that the next change is a step of its own. */
export function endGesture(): void {
  clearTimeout(timer);
  session += 1;
  gesture.value = null;
}

/** Runs a change as part of the gesture of that name; `rest` 0 keeps it open until ended. */
export function asOneStep(name: string, run: () => void, rest = REST_MS): void {
  clearTimeout(timer);
  const running = gesture.peek();
  if (!running?.startsWith(`${name}#`)) {
    session += 1;
    gesture.value = `${name}#${session}`;
  }
  run();
  if (rest > 0) timer = setTimeout(endGesture, rest);
}

// A small random generator with a fixed seed (mulberry32), so that a failing case can be seen again.
export interface Dice {
  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number;
  flip(): boolean;
  one<T>(of: readonly T[]): T;
  /** Some of the list, in its order. */
  some<T>(of: readonly T[]): T[];
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const roll = (sides: number): number => Math.floor(next() * sides);
  return {
    roll,
    flip: () => roll(2) === 1,
    one: (of) => of[roll(of.length)] as (typeof of)[number],
    some: (of) => of.filter(() => roll(2) === 1),
  };
}

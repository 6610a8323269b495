// A direction as people write it: whole degrees and minutes, 087°12′.

/** Degrees from north, clockwise, as degrees and minutes; 359°59.6′ is 000°00′. */
export function showBearing(degrees: number): string {
  const minutes = Math.round(degrees * 60) % (360 * 60);
  return `${String(Math.floor(minutes / 60)).padStart(3, '0')}°${String(minutes % 60).padStart(2, '0')}′`;
}

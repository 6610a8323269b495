// The few colours the map shares with the page, per theme; `tokens.css` holds the same values, and a
// test compares them. Data colours come from the layer definitions.
import type { ShownTheme } from '../state/store';

export interface Tones { paper: string; panel: string; ink: string; accent: string }

export const TONES: Record<ShownTheme, Tones> = {
  light: { paper: '#faf9f6', panel: '#ffffff', ink: '#1f2421', accent: '#0b6e69' },
  dark: { paper: '#14181a', panel: '#1d2326', ink: '#e8ebe7', accent: '#4fc0b5' },
  contrast: { paper: '#ffffff', panel: '#ffffff', ink: '#000000', accent: '#00504c' },
};

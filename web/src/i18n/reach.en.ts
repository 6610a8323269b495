// English of `reach.vi.ts`.
import type { reachVi } from './reach.vi';

export const reachEn = {
  'theme.to_light': 'Light theme', 'theme.to_dark': 'Dark theme', 'theme.to_contrast': 'High contrast', 'theme.to_auto': 'As the system',
} satisfies Record<keyof typeof reachVi, string>;

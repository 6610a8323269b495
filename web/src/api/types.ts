// What the server says: the shapes of its JSON, named as in the HTTP contract (snake_case kept).
// Nothing here is invented by the web app; titles always come as { vi, en }.
import type { Feature as GeoFeature, Geometry } from 'geojson';

/** A text in both languages. */
export interface Title { vi: string; en: string }

/** One value of a code field, with the look that lets it be told apart without colour. */
export interface Code extends Title {
  code: string;
  color?: string | null;
  dark?: string | null;
  hatch?: number | null;
  letter?: string | null;
  icon?: string | null;
  fill?: 'full' | 'half' | 'ring' | 'outline' | 'dots' | null;
  /** Lengths of dashes and gaps, in widths of the line. */
  dash?: number[];
}

export type FieldType = 'text' | 'code' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'ref' | 'photos';

/** A property of a layer. */
export interface Field {
  name: string;
  type: FieldType;
  title: Title;
  required?: boolean;
  tile?: boolean;
  cold?: boolean;
  read_only?: boolean;
  max_length?: number | null;
  min?: number | null;
  max?: number | null;
  unit?: string | null;
  layer?: string | null;
  people?: boolean;
  codes?: Code[] | null;
  /** Codes from best to worst; a code not named stands outside the order. */
  ranks?: string[];
  system?: boolean;
  /** The field this one is held against (built against permitted), how far it may differ and which way. */
  compare?: string;
  tolerance?: number;
  limit?: 'most' | 'least';
}

/** Which value of a code field may follow which. */
export interface Workflow {
  field: string;
  initial?: string[];
  next?: Record<string, string[]> | null;
  ends?: string[];
}

export interface LayerStyle {
  draw?: 'circle' | 'line' | 'fill' | 'outline' | 'any';
  by?: string | null;
  color?: string | null;
  dark?: string | null;
  width?: number | null;
  radius?: number | null;
  min_zoom?: number | null;
  label_zoom?: number | null;
  opacity?: number | null;
  /** Whether a first visit shows the layer. */
  shown?: boolean;
}

/** The headings of the layer list, in their order. */
export const GROUPS = ['areas', 'cases', 'works', 'planning', 'context', 'tables'] as const;
export type Group = (typeof GROUPS)[number];

/** A layer definition as this reader sees it. */
export interface Layer {
  id: string;
  title: Title;
  description?: Title | null;
  geometry: 'none' | 'point' | 'line' | 'polygon' | 'any';
  time: 'none' | 'event' | 'interval' | 'state';
  start?: string | null;
  end?: string | null;
  order?: number;
  /** What the layer is for; `base` is the quiet base map, `views` keeps saved views. */
  purpose?: 'data' | 'base' | 'views';
  /** The heading it is listed under. */
  group?: Group | null;
  /** Days without a newer source after which it is called stale. */
  stale_after_days?: number | null;
  label?: string | null;
  note?: Title | null;
  entity?: string | null;
  /** Fields that tell what a thing was formed from and what it became. */
  lineage?: [string | null, string | null] | null;
  editable: boolean;
  derived: boolean | { geometry_from: string; values_from: string; join: string } | null;
  fields: Field[];
  workflows?: Workflow[];
  style?: LayerStyle | null;
}

/** West, south, east, north in degrees. */
export type Bounds = [number, number, number, number];

export interface Site {
  title: Title;
  demo: boolean;
  today: string;
  as_of: string;
  role: string;
  bounds: Bounds;
  languages?: string[];
  notice?: Title | null;
}

export interface Collection {
  id: string;
  title: string;
  extent?: { spatial?: { bbox?: number[][] }; temporal?: { interval?: (string | null)[][] } } | null;
  layer: Layer;
}

export type Value = string | number | boolean | null | undefined;
export type Properties = Record<string, Value>;

/** A change of a workflow field with the day it took effect. */
export interface Transition { field: string; to: string; on: string }

export interface Feature extends GeoFeature<Geometry | null, Properties> {
  id: string;
  transitions?: Transition[];
}

export interface Page {
  features: Feature[];
  numberMatched: number;
  numberReturned: number;
  links?: { rel: string; href: string }[];
}

export interface Count {
  count: number;
  located?: number;
  waiting?: number;
  by?: Record<string, number>;
}

export interface Bar { from: string; to: string; count: number }

/** Features over time: what began before the asked period and what has no day stand apart. */
export interface Histogram { bars: Bar[]; before?: number; without?: number }

export interface Entry {
  mark: string;
  at: string;
  actor: string;
  op: 'create' | 'update' | 'delete' | 'restore' | 'revert' | 'import' | 'erase';
  reason?: string | null;
  changes: { field: string; before: unknown; after: unknown }[];
}

/** A live event: what changed, and which tiles it touches by zoom. */
export interface Change {
  layer: string;
  id: string;
  fid: number;
  op: string;
  tiles?: Record<string, [number, number, number, number][]>;
}

/** How many entities had one value on the first day and one on the second: `''` without a value, null
 * when the entity did not exist. */
export interface Flow { from: string | null; to: string | null; count: number }

export type MoveChange = 'worse' | 'other' | 'better' | 'appeared' | 'ended' | 'same';

/** One entity on two days; `by` is the row that began what holds on the later day, with its values. */
export interface Move {
  entity: string;
  label: string | null;
  change: MoveChange;
  from: string | null;
  to: string | null;
  before: string | null;
  after: string | null;
  on: string | null;
  by: string | null;
  properties: Properties;
}

export interface Moves { field: string; from: string; to: string; entities: number; flows: Flow[]; moves: Move[] }

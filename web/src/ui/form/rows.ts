// The rows of a coordinate list and the drawing they stand for, kept in step both ways: a drawing that
// changes writes the rows anew, a typed row changes the drawing, and text that already means the drawn
// place is left as it was typed.
import type { Geometry, Position } from 'geojson';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MIN_VERTICES, geometryOf, isMulti, piecesOf, sameGeometry, type Piece, type PieceKind } from '../../geo/pieces';
import { vn2000 } from '../../geo/vn2000';
import { readRow, rowOf, type Crs, type ReadRow, type Row } from '../../model/coordinates';

export interface RowsState {
  rows: Row[];
  read: ReadRow[];
  pieces: Piece[];
  piece: number;
  choose: (piece: number) => void;
  change: (rows: Row[]) => void;
  /** Rows that are neither empty nor a place. */
  hasFault: boolean;
}

export interface RowsOptions {
  kind: PieceKind;
  crs: Crs;
  /** What is drawn, and vertices of a shape still being drawn. */
  geometry: Geometry | null;
  partial: Position[];
  onGeometry: (geometry: Geometry | null, hasFault: boolean) => void;
}

const fresh = (kind: PieceKind): Piece[] => [{ kind, part: 0, ring: 0, vertices: [] }];

export function useRows({ kind, crs, geometry, partial, onGeometry }: RowsOptions): RowsState {
  const projection = vn2000.value;
  const [piece, setPiece] = useState(0);
  const drawn = (geometry && partial.length === 0 ? piecesOf(geometry) : null) ?? fresh(kind);
  const pieces = partial.length > 0 ? [{ ...(fresh(kind)[0] as Piece), vertices: partial }] : drawn;
  const index = Math.min(piece, pieces.length - 1);
  const write = (list: Piece[], at: number): Row[] => (list[at]?.vertices ?? []).map((vertex) => rowOf(vertex, crs, projection));
  const [rows, setRows] = useState<Row[]>(() => write(pieces, index));
  const sent = useRef<Geometry | null | undefined>(undefined);

  const isReady = crs === 'wgs84' || projection !== null;
  const shape = JSON.stringify([pieces.map((one) => one.vertices), index, crs, isReady]);
  useLayoutEffect(() => {
    const isOwn = sent.current !== undefined && sameGeometry(sent.current, geometry) && partial.length === 0;
    sent.current = undefined;
    if (!isOwn) setRows(write(pieces, index));
  }, [shape]);

  const read = rows.map((row) => readRow(row, crs, projection));
  const change = (next: Row[]): void => {
    setRows(next);
    const results = next.map((row) => readRow(row, crs, projection));
    const hasFault = results.some((row) => row.fault === 'number' || row.fault === 'range');
    const vertices = results.flatMap((row) => (row.position ? [row.position as Position] : []));
    const changed = pieces.map((one, at) => (at === index ? { ...one, vertices } : one));
    const result = vertices.length < MIN_VERTICES[kind] ? null : geometryOf(changed, isMulti(geometry));
    sent.current = result;
    onGeometry(result, hasFault);
  };
  return { rows, read, pieces, piece: index, choose: setPiece, change, hasFault: read.some((row) => row.fault === 'number' || row.fault === 'range') };
}

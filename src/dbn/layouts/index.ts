import * as control from './control.ts';
import * as definition from './definition.ts';
import * as market from './market.ts';
import * as reference from './reference.ts';
import { type FieldRow, type FieldType, fieldBytes, headerRows, type LayoutSpec, type RecordOf } from './spec.ts';

/** Every record layout of DBN versions 1 to 3, by name. */
export const layoutSpecs = { ...market, ...reference, ...definition, ...control };

export type LayoutName = keyof typeof layoutSpecs;
/** A record of any known layout, told apart by `layout`. */
export type DbnRecord = { [N in LayoutName]: RecordOf<(typeof layoutSpecs)[N]> }[LayoutName];
export type RecordNamed<N extends LayoutName> = Extract<DbnRecord, { layout: N }>;

/** A field, made from its row of the table. */
export interface Field {
  /** DBN's name camel-cased, without a level number. */
  readonly name: string;
  /** DBN's name, with the level number (`bid_px_00`) in a level. */
  readonly dbnName: string;
  readonly type: FieldType;
  /** Bytes from the record's start. */
  readonly offset: number;
  readonly bytes: number;
  /** Units that one step of the integer stands for: 1e-9 for prices, else 1. */
  readonly scale: number;
  /** Index of the price level that it belongs to; -1 outside. */
  readonly level: number;
}

/** A record layout, with the header's fields in their place. */
export interface Layout {
  readonly name: LayoutName;
  readonly version: 1 | 2 | 3;
  readonly rtypes: readonly number[];
  /** Bytes of a record without `ts_out`. */
  readonly recordBytes: number;
  /** Fields in Databento's printing order: `ts_recv` if there is one, the header's, the rest; without levels. */
  readonly fields: readonly Field[];
  /** Fields of each price level, level by level. */
  readonly levels: readonly (readonly Field[])[];
  /** Offset of the time that orders the stream: `ts_recv`, or `ts_event` where there is none. */
  readonly indexTsOffset: number;
}

function toField([dbnName, type, offset, bytes]: FieldRow, base: number, level: number): Field {
  return {
    name: dbnName.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    dbnName: level < 0 ? dbnName : `${dbnName}_${String(level).padStart(2, '0')}`,
    type,
    offset: base + offset,
    bytes: type === 'cstr' ? bytes! : fieldBytes[type],
    scale: type === 'price' ? 1e-9 : 1,
    level,
  };
}

function toLayout(name: LayoutName, spec: LayoutSpec): Layout {
  const own = spec.rows.map((row) => toField(row, 0, -1));
  const header = headerRows.map((row) => toField(row, 0, -1));
  const recvFirst = own[0]?.dbnName === 'ts_recv';
  const { levels } = spec;
  return {
    name,
    version: spec.version,
    rtypes: spec.rtypes,
    recordBytes: spec.recordBytes,
    fields: recvFirst ? [own[0]!, ...header, ...own.slice(1)] : [...header, ...own],
    levels: levels
      ? Array.from({ length: levels.count }, (_, level) =>
          levels.rows.map((row) => toField(row, levels.offset + level * levels.bytes, level)),
        )
      : [],
    indexTsOffset: recvFirst ? own[0]!.offset : header[0]!.offset,
  };
}

/** The layouts, expanded: the one source of readers, writers, text and documentation. */
export const layouts = Object.fromEntries(
  Object.entries(layoutSpecs).map(([name, spec]) => [name, toLayout(name as LayoutName, spec)]),
) as { readonly [N in LayoutName]: Layout };

/** Layouts of each rtype, longest first. */
const layoutsOfRtype: readonly (readonly Layout[])[] = Array.from({ length: 256 }, (_, rtype) =>
  Object.values(layouts)
    .filter((layout) => layout.rtypes.includes(rtype))
    .sort((a, b) => b.recordBytes - a.recordBytes),
);

/**
 * The layout of a record: the longest one of its rtype that fits in its length (what is behind is `ts_out`, or fields
 * that are not known yet); null for an unknown rtype or a record that is too short for its own.
 */
export function layoutOf(rtype: number, recordBytes: number): Layout | null {
  return layoutsOfRtype[rtype]?.find((layout) => layout.recordBytes <= recordBytes) ?? null;
}

/** The layout that records of an rtype have in a DBN version; null for an unknown rtype. */
export function layoutInVersion(rtype: number, version: 1 | 2 | 3): Layout | null {
  return layoutsOfRtype[rtype]?.find((layout) => layout.version <= version) ?? null;
}

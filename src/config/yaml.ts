import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify } from 'yaml';
import { SpymasterError } from '../errors.ts';
import type { Plain } from './canonical.ts';
import type { Origin, Position } from './origin.ts';

/** A parsed YAML (or JSON) text: plain data and where each part of it stands. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Anchors may be repeated this often before a file counts as an expansion bomb. */
const maxAliasCount = 100;

/**
 * Parses one YAML 1.2 document (JSON is a subset of it) that was read from `file`.
 * Throws CONFIG_PARSE with file, line and column: bad syntax, a key given twice, several documents, alias bombs.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const fail = (what: string, offset: number | null, cause: unknown): never => {
    const position = offset === null ? null : toPosition(lines, offset);
    const where = position === null ? file : `${file}:${position.line}:${position.column}`;
    const fields = position === null ? { path: file } : { path: file, ...position };
    throw new SpymasterError('CONFIG_PARSE', `Cannot parse ${where}: ${what}.`, fields, cause);
  };
  const parsed = attempt(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: true, strict: true }),
  );
  if ('thrown' in parsed) return fail('expected YAML, got something nested too deeply', null, parsed.thrown);
  const document = parsed.result;
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) return fail(sentence(problem.message), problem.pos[0], problem);
  const plain = attempt(() => document.toJS({ maxAliasCount }) as unknown);
  if ('thrown' in plain) return fail('its aliases expand to too much; write the values out', null, plain.thrown);

  const locate = (path: readonly PropertyKey[], atKey = false): Position | null => {
    let node: unknown = document.contents;
    let offset = rangeStart(node);
    for (const [depth, step] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
        if (pair === undefined) break;
        node = pair.value;
        offset = rangeStart(atKey && depth === path.length - 1 ? pair.key : pair.value) ?? offset;
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        offset = rangeStart(node) ?? offset;
      } else break;
    }
    return offset === null ? null : toPosition(lines, offset);
  };
  return { value: plain.result, origin: { file, locate } };
}

/**
 * YAML text of `value` in the key order given: strings quoted (so that no reader takes 09:30 for a number), everything
 * else plain, no anchors, no folding. The same value in the same order gives the same bytes.
 */
export function formatYaml(value: Plain): string {
  return stringify(value, {
    aliasDuplicateObjects: false,
    defaultKeyType: 'PLAIN',
    defaultStringType: 'QUOTE_DOUBLE',
    lineWidth: 0,
  });
}

function attempt<T>(run: () => T): { result: T } | { thrown: unknown } {
  try {
    return { result: run() };
  } catch (thrown) {
    return { thrown };
  }
}

/** The parser's words as the middle of our sentence. */
function sentence(message: string): string {
  const text = message.replace(/\.$/, '');
  return text === 'Map keys must be unique' ? 'a key is given twice' : text.charAt(0).toLowerCase() + text.slice(1);
}

function rangeStart(node: unknown): number | null {
  const range = (node as { range?: [number, number, number] } | null)?.range;
  return range?.[0] ?? null;
}

function toPosition(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

import { Composer, CST, Lexer, LineCounter, Parser, stringify, type YAMLError } from 'yaml';
import { SpymasterError } from '../errors.ts';
import { formatCount } from '../format.ts';
import type { Plain } from './canonical.ts';
import type { Origin, Position } from './origin.ts';
import { findPart, yamlTree } from './yaml_tree.ts';

/** A parsed YAML (or JSON) text: plain data and where each part of it stands. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Limits of a configuration file; typical files hold some hundred keys. */
const maxKeys = 20_000;
const maxParts = 200_000;
const maxDepth = 64;

/**
 * Parses one YAML 1.2 document (JSON is a subset of it) that was read from `file`, with merge keys (`<<`), in time linear in
 * its size. Throws CONFIG_PARSE with file, line and column: bad syntax, a key given twice, several documents, alias bombs,
 * and more keys, parts or levels than a configuration may hold.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const fail = (what: string, offset: number | null, cause?: unknown): never => {
    const position = offset === null ? null : toPosition(lines, offset);
    const where = position === null ? file : `${file}:${position.line}:${position.column}`;
    const fields = position === null ? { path: file } : { path: file, ...position };
    throw new SpymasterError('CONFIG_PARSE', `Cannot parse ${where}: ${what}.`, fields, cause);
  };
  assertCounts(text, fail);
  const root = yamlTree(compose(text, lines, fail), fail);
  const locate = (path: readonly PropertyKey[], atKey = false): Position => {
    const { part, keyStart, found } = findPart(root, path);
    return toPosition(lines, atKey && found ? keyStart : part.start);
  };
  const written = (path: readonly PropertyKey[]): string | null => {
    const { part, found } = findPart(root, path);
    return found ? part.written : null;
  };
  return { value: root.value, origin: { file, locate, written } };
}

/** Counts keys and lexical parts before anything is built of them. */
function assertCounts(text: string, fail: (what: string, offset: null) => never): void {
  let keys = 0;
  let parts = 0;
  let isText = false;
  for (const lexeme of new Lexer().lex(text)) {
    parts++;
    if (lexeme === ':' && !isText) keys++;
    isText = lexeme === CST.SCALAR;
  }
  if (keys > maxKeys) fail(`it holds ${formatCount(keys)} keys; at most ${formatCount(maxKeys)} are read`, null);
  if (parts > maxParts) {
    const limit = formatCount(maxParts);
    fail(`it has ${formatCount(parts)} keys, values, marks, comments and line ends; at most ${limit} are read`, null);
  }
}

/** The root node of the text's one document, sound in syntax and not too deep. */
function compose(
  text: string,
  lines: LineCounter,
  fail: (what: string, at: number, cause?: unknown) => never,
): unknown {
  const tokens: CST.Token[] = [];
  const parser = new Parser(lines.addNewLine);
  const lexer = new Lexer();
  let isOpen = false;
  const add = (token: CST.Token) => {
    if (token.type === 'document') {
      if (isOpen) fail('a second document starts here; keep one, or give each a file of its own', token.offset);
      isOpen = true;
    }
    if (token.type === 'error') fail(unexpected(text, token.offset, token.source?.length ?? 0), token.offset);
    tokens.push(token);
  };
  lines.addNewLine(0);
  for (const lexeme of lexer.lex(text)) {
    for (const token of parser.next(lexeme)) add(token);
    const isDeep = parser.stack.length > maxDepth && parser.stack.filter((token) => 'items' in token).length > maxDepth;
    if (isDeep) fail(`more than ${maxDepth} levels, one in another`, parser.offset - lexeme.length);
  }
  for (const token of parser.end()) add(token);
  // Keys are compared by `yamlTree`: here, each would be compared with all before it.
  const options = { stringKeys: true, uniqueKeys: false, strict: true, resolveKnownTags: false } as const;
  const [document] = [...new Composer(options).compose(tokens, true, text.length)];
  const problem = document?.errors[0] ?? document?.warnings[0];
  if (problem !== undefined) fail(sentence(problem, text), problem.pos[0], problem);
  return document?.contents;
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

/** The parser's words as the middle of our sentence, without the names of its own things. */
function sentence({ code, message, pos: [start, end] }: YAMLError, text: string): string {
  switch (code) {
    case 'NON_STRING_KEY':
      return 'a key must be a text';
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
    case 'ALIAS_PROPS':
      return 'a value takes one anchor and one tag, and an alias takes none';
    case 'UNEXPECTED_TOKEN':
    case 'RESOURCE_EXHAUSTION':
    case 'IMPOSSIBLE':
      return unexpected(text, start, end - start);
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return `the tag ${quoted(text, start, end - start)} does not fit or is not known; leave it out`;
    default:
      return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
  }
}

function unexpected(text: string, start: number, length: number): string {
  return start < text.length ? `unexpected ${quoted(text, start, length)}` : 'the text ends too early';
}

/** A piece of the text of at least one letter, cut when long. */
function quoted(text: string, start: number, length: number): string {
  return JSON.stringify(text.slice(start, start + Math.min(Math.max(length, 1), 40)));
}

function toPosition(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

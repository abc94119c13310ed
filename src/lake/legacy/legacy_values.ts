import type { Block } from './legacy_form.ts';
import { refusal } from './refusal.ts';

/** Whether a value is a block of keys and values. */
export function isBlock(value: unknown): value is Block {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A block; an absent one is empty. Throws CONFIG_INVALID for anything else. */
export function blockOf(file: string, key: string, value: unknown): Block {
  if (value === undefined) return {};
  if (isBlock(value)) return value;
  throw refusal(file, key, `${key} is no block of keys and values`);
}

/** A list of texts; one text alone is a list of it. Throws CONFIG_INVALID for anything else. */
export function textsOf(file: string, key: string, value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === 'string')) return list;
  throw refusal(file, key, `${key} is no list of names`);
}

/** A clock time HH:MM of one with seconds, which must be 0. */
export function clockOf(file: string, key: string, value: unknown): string {
  const time = typeof value === 'string' ? /^(\d{2}:\d{2})(?::00)?$/.exec(value)?.[1] : undefined;
  if (time !== undefined) return time;
  throw refusal(file, key, `${key} is ${JSON.stringify(value)}; captures start and end at whole minutes, HH:MM`);
}

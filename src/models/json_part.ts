import { modelProblem, shown } from './problem.ts';

/** A part of a model's JSON, whose values are read with checks. */
export class JsonPart {
  readonly #file: string;
  readonly #path: string;
  readonly #value: Readonly<Record<string, unknown>>;

  /** `path` of `value` in the file, empty for the whole. @throws MODEL_INVALID where it is no block or list */
  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    if (typeof value !== 'object' || value === null) {
      throw modelProblem(
        file,
        path,
        `expected a block at ${path === '' ? 'its top' : path}, got ${shown(value)}; save the model again`,
      );
    }
    this.#value = value as Readonly<Record<string, unknown>>;
  }

  problem(key: string, text: string) {
    return modelProblem(this.#file, this.#pathOf(key), `${this.#pathOf(key)}: ${text}`);
  }

  #pathOf(key: string | number): string {
    return this.#path === '' ? String(key) : `${this.#path}.${key}`;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key) && this.#value[key] !== null;
  }

  #get(key: string | number): unknown {
    return Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
  }

  part(key: string | number): JsonPart {
    return new JsonPart(this.#file, this.#pathOf(key), this.#get(key));
  }

  list(key: string): readonly unknown[] {
    const value = this.#get(key);
    if (Array.isArray(value)) return value;
    throw this.problem(key, `expected a list, got ${shown(value)}; save the model again`);
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value === 'string') return value;
    throw this.problem(key, `expected a text, got ${shown(value)}; save the model again`);
  }

  /** A whole number in [min, max], which may be written as a text. */
  count(key: string, min: number, max: number): number {
    const value = this.#get(key);
    const count = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof count === 'number' && Number.isInteger(count) && count >= min && count <= max) return count;
    throw this.problem(key, `expected a whole number from ${min} to ${max}, got ${shown(value)}`);
  }

  /** `length` finite numbers; booleans count as 0 and 1. */
  numbers(key: string, length: number): readonly number[] {
    const values = this.list(key);
    if (values.length !== length) {
      throw this.problem(key, `expected ${length} numbers, got ${values.length}; the file is damaged, save it again`);
    }
    return values.map((value) => {
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      throw this.problem(key, `expected finite numbers, got ${shown(value)}; the file is damaged, save it again`);
    });
  }
}

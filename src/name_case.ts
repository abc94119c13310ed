/** A name in camel case as JSON spells it: `tsEvent` → `ts_event`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A copy of an object with its own keys in snake case; nested objects stay as they are. */
export function snakeCaseKeys<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [snakeCase(name), value]));
}
/** `ts_event` → `tsEvent`. */
export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The name in camel case, as `CamelCase` types it. */
export function camelCase<S extends string>(name: S): CamelCase<S>;
export function camelCase(name: string): string {
  return name.replace(/_(.?)/g, (_, letter: string) => letter.toUpperCase());
}

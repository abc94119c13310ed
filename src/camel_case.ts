/** `ts_event` → `tsEvent`. */
export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The name in camel case, as `CamelCase` types it. */
export function camelCase<S extends string>(name: S): CamelCase<S>;
export function camelCase(name: string): string {
  return name.replace(/_(.?)/g, (_, letter: string) => letter.toUpperCase());
}

/** A session of a run or of a published version, as `serving=` names it; nothing needs to be published for it. */
export interface DayStreamName {
  /** A run id or at least its first eight digits, an alias, or the id of a version. */
  readonly of: string;
  /** Trading date, YYYY-MM-DD; not checked to be one. */
  readonly date: string;
  /** A threshold of the run; null: its best. */
  readonly threshold: number | null;
}

/** Longer names are not looked up. */
const maxLength = 200;
const form = /^([A-Za-z0-9][\w.-]*?)\.(\d{4})(\d\d)(\d\d)(?:\.t(\d{1,20}(?:\.\d{1,20})?(?:e-\d{1,3})?))?$/;

/** Reads `RUN.YYYYMMDD`, `RUN.YYYYMMDD.tTHRESHOLD` or `ALIAS.YYYYMMDD`; null for a name of another form. */
export function parseDayStreamName(name: string): DayStreamName | null {
  const parts = name.length > maxLength ? null : form.exec(name);
  if (parts === null) return null;
  const [, of = '', year, month, day, threshold] = parts;
  return { of, date: `${year}-${month}-${day}`, threshold: threshold === undefined ? null : Number(threshold) };
}

/** The name that `parseDayStreamName` reads. */
export function dayStreamName({ of, date, threshold }: DayStreamName): string {
  return `${of}.${date.replaceAll('-', '')}${threshold === null ? '' : `.t${threshold}`}`;
}

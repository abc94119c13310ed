import { type Field, layouts, rtype } from '../../src/dbn/index.ts';

const units: Partial<Record<Field['type'], string>> = { price: 'i64 × 1e-9', timestamp: 'u64 UNIX ns', char: 'ASCII' };

/** docs/dbn-records.md: every record's fields, from the tables that the readers and writers are made of. */
export function recordTables(): string {
  const names = new Map(Object.entries(rtype).map(([name, value]) => [value as number, name]));
  const parts = Object.values(layouts).map(({ name, version, rtypes, recordBytes, fields, levels }) => {
    const all = [...fields, ...(levels[0] ?? [])];
    const rows = all.map(({ name: camel, dbnName, type, offset, bytes, level }) => {
      const kind = type === 'cstr' ? `text in ${bytes} bytes` : (units[type] ?? type);
      return `| ${offset} | ${level < 0 ? camel : `levels[i].${camel}`} | ${dbnName} | ${kind} |`;
    });
    const types = rtypes.map((type) => `${names.get(type)} 0x${type.toString(16).padStart(2, '0')}`).join(', ');
    const repeated = levels.length > 1 ? ` Levels repeat ${levels.length} times, 32 bytes apart.` : '';
    return `## ${name}

${recordBytes} bytes, from version ${version}; rtype ${types}.${repeated}

| byte | field | DBN's name | type |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
  });
  return `# DBN records

Made by \`npm run test:interop -- dbn --write\` from the tables in \`src/dbn/layouts\`, in the order in which Databento prints the fields. Byte 0 of
every record is its length in words of 4 bytes. A record may be longer than its layout: \`ts_out\` (u64 UNIX ns) is its last 8
bytes where the metadata says so.

${parts.join('\n')}`;
}

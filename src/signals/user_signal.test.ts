import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { StateReader, StateWriter } from '../state.ts';
import { resolveParameters, Signal, type SignalColumns } from './signal.ts';
import { checkedUserSignal, type UserSignal, userSignalDefinition } from './user_signal.ts';

const sum: UserSignal = {
  name: 'sum',
  doc: 'the sum of what was added at spot',
  columns: ['v_add'],
  parameters: [{ name: 'scale', about: 'what it is multiplied by', default: 2, min: 0, max: 10 }],
  thresholds: { kind: 'score', values: [1] },
  create({ scale }) {
    let total = 0;
    return {
      update({ v_add }) {
        total += v_add[1] ?? 0;
        return total < 3 ? null : total * Number(scale);
      },
      save: (writer) => writer.number(total),
      restore(reader) {
        total = reader.number();
      },
    };
  },
};
const source = { name: 'sum', folder: '/signals', entry: 'sum.ts', files: {}, hash: '00' };
const context = { radius: 1, binS: 0.1 };
const columns = { v_add: Float64Array.of(0, 1, 0, 0, 2, 0, 0, 4, 0) } as Partial<SignalColumns> as SignalColumns;

function started(signal: UserSignal): Signal {
  const definition = userSignalDefinition(signal, source);
  return new Signal(definition, resolveParameters(definition, {}, context), context);
}

test('series are handed over without values, and stand behind score and readiness', () => {
  const series = ['a', 'b'].map((name) => ({ name, about: name }));
  const drawing: UserSignal = {
    ...sum,
    series,
    create: () => ({
      update(_bin, out) {
        out[1] = 7;
        return Number.isNaN(out[0]) ? 1 : 0;
      },
      save() {},
      restore() {},
    }),
  };
  const signal = started(checkedUserSignal(drawing, 'sum', 'sum.ts'));
  for (let bin = 0; bin < 2; bin++) {
    signal.update(columns, 0);
    deepEqual([signal.score, ...signal.series], [1, Number.NaN, 7]);
  }
  for (const wrong of [
    [...series, ...series],
    [{ name: 'a' }],
    ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, about: name })),
  ]) {
    throws(() => checkedUserSignal({ ...sum, series: wrong }, 'sum', 'sum.ts'), /series/);
  }
});

test('a signal is given its bins one by one, and goes on where it was saved', () => {
  const signal = started(sum);
  deepEqual([signal.update(columns, 0), signal.ready], [0, false]);
  deepEqual([signal.update(columns, 3), signal.ready], [6, true]);
  const writer = new StateWriter();
  signal.save(writer);
  const other = started(sum);
  other.restore(new StateReader(writer.finish()));
  equal(other.update(columns, 6), 14);
});

test('a parameter may be a list of numbers or of pairs, and each is validated', () => {
  const windows = {
    name: 'windows',
    about: 'w',
    default: [10, 25],
    list: [1, 3],
    min: 2,
    max: 100,
    integer: true,
  } as const;
  const bands = {
    name: 'bands',
    about: 'b',
    default: [[1, 3]],
    list: [1, 2],
    pairs: true,
    min: 1,
    max: 50,
    integer: true,
  } as const;
  const listed: UserSignal = { ...sum, parameters: [windows, bands] };
  const definition = userSignalDefinition(checkedUserSignal(listed, 'sum', 'sum.ts'), source);
  const given = {
    windows: [5],
    bands: [
      [1, 3],
      [4, 11],
    ],
  };
  deepEqual(resolveParameters(definition, given, context), given);
  for (const [wrong, message] of [
    [{ windows: 10 }, /windows is 10; allowed: a list of 1 to 3 integers from 2 to 100/],
    [{ windows: [] }, /windows is \[\]/],
    [{ windows: [1.5] }, /windows is \[1\.5\]/],
    [
      { bands: [[3, 1]] },
      /bands is \[\[3,1\]\]; allowed: a list of 1 to 2 pairs \[from, to\] of integers from 1 to 50/,
    ],
    [{ bands: [1, 3] }, /bands is \[1,3\]/],
    [{ band: [[1, 3]] }, /unknown parameter "band"; the nearest known one is "bands"/],
  ] as const) {
    throws(() => resolveParameters(definition, wrong, context), { code: 'CONFIG_INVALID', message });
  }
  for (const [change, message] of [
    [{ default: [] }, /the default of windows is \[\]; allowed: a list of 1 to 3 integers/],
    [{ list: [3, 1] }, /list of the parameter windows is \[3,1\]; expected \[least, most\]/],
    [{ list: 3 }, /expected \[least, most\]/],
  ] as const) {
    const parameters = [{ ...windows, ...change }] as unknown as UserSignal['parameters'];
    throws(() => checkedUserSignal({ ...sum, parameters }, 'sum', 'sum.ts'), { code: 'SIGNAL_FAILED', message });
  }
});

test('what a signal does wrong is told with its file and bin', () => {
  const of = (update: (bin: SignalColumns) => number | null) =>
    started({ ...sum, create: () => ({ update, save() {}, restore() {} }) });
  throws(() => of(() => Number.NaN).update(columns, 0), {
    code: 'SIGNAL_FAILED',
    message: /sum failed at bin 0 in \/signals\/sum\.ts: update gave NaN; expected a finite number/,
  });
  throws(
    () =>
      of(({ v_add }) => {
        v_add.sort();
        return 0;
      }).update(columns, 0),
    /update wrote into its input v_add/,
  );
  throws(
    () =>
      of(() => {
        throw new RangeError('too far');
      }).update(columns, 0),
    /at bin 0 .*: RangeError: too far\./,
  );
});

test('a definition that is none is refused with its key, the nearest known one and what is expected', () => {
  const refused = (change: object, message: RegExp) =>
    throws(() => checkedUserSignal({ ...sum, ...change }, 'sum', 'sum.ts'), { code: 'SIGNAL_FAILED', message });
  equal(checkedUserSignal(sum, 'sum', 'sum.ts'), sum);
  throws(() => checkedUserSignal(undefined, 'sum', 'sum.ts'), /expected a definition as its default export/);
  refused({ name: 'other' }, /expected the name "sum", as the file is called, got "other"/);
  refused({ colums: [] }, /no field "colums"; the nearest is "columns"/);
  refused({ columns: ['v_ad'] }, /no column "v_ad"; the nearest is "v_add"/);
  refused({ doc: '' }, /expected doc/);
  refused({ parameters: [{ name: 'a', about: '', default: 3, min: 4 }] }, /default of a, 3, lies outside/);
  refused({ parameters: [sum.parameters[0], sum.parameters[0]] }, /"scale" is there twice/);
  refused({ parameters: [{ ...sum.parameters[0], maximum: 3 }] }, /no field "maximum"; the nearest is "max"/);
  refused({ thresholds: { kind: 'score', values: [] } }, /expected thresholds/);
  refused({ bound: -1 }, /bound is -1/);
});

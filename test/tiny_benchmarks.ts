import { equal, notEqual, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchNames, loadBench } from '../bench/command/discover.ts';

// Benchmarks run tiny here so that they cannot rot; nothing is timed. Those that wait for sockets and browsers share time, but
// not all at once: a server under one of them is to answer, not to be too busy.
describe('benchmarks', { concurrency: 5 }, () => {
  for (const name of benchNames()) {
    test(`benchmark ${name} and its baseline give the same result`, async () => {
      const bench = await loadBench(name);
      const results = await bench({ tiny: true });
      ok(results.length > 0);
      for (const result of results) {
        ok(Number.isFinite(result.value) && result.value > 0, result.name);
        notEqual(result.resultHash, '', result.name);
        if (result.baselineHash !== null) equal(result.resultHash, result.baselineHash, result.name);
      }
    });
  }
});

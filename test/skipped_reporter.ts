import type { TestEvent } from 'node:test/reporters';

/** Ends a run with one line for each reason why tests were skipped. */
export default async function* skippedReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped = new Map<string, number>();
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { skip } = data;
    if (typeof skip === 'string') skipped.set(skip, (skipped.get(skip) ?? 0) + 1);
  }
  for (const [reason, count] of skipped) yield `${count} ${count === 1 ? 'test' : 'tests'} skipped: ${reason}\n`;
}

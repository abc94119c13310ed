import { workerData } from 'node:worker_threads';
import { Lake } from '../lake/index.ts';
import { ExperimentsAnswers, type ExperimentsRequest } from './experiments_answers.ts';
import { answerRequests } from './thread_answers.ts';

/* The worker thread that compares runs and makes the bodies of /v1/experiments. */

let opening: Promise<ExperimentsAnswers> | null = null;

answerRequests(async (request: ExperimentsRequest, ending) => {
  // Not before a request: until then the thread may be ended at any moment.
  opening ??= ExperimentsAnswers.open(new Lake(workerData as string));
  const answers = await opening;
  ending.throwIfAborted();
  ending.addEventListener('abort', () => answers.interrupt(), { once: true });
  return await answers.answer(request);
});

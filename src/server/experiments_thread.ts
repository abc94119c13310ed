import { workerData } from 'node:worker_threads';
import { Lake } from '../lake/index.ts';
import { ExperimentsAnswers, type ExperimentsRequest } from './experiments_answers.ts';
import { answerRequests } from './thread_answers.ts';

/* The worker thread that compares runs and makes the bodies of /v1/experiments. */

const opening = ExperimentsAnswers.open(new Lake(workerData as string));
// Errors of opening become the answer of each request.
opening.catch(() => {});

answerRequests(async (request: ExperimentsRequest) => (await opening).answer(request));

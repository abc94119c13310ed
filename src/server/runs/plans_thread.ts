import { workerData } from 'node:worker_threads';
import { Lake } from '../../lake/index.ts';
import { answerRequests } from '../thread_answers.ts';
import { checkSpec, type PlanRequest } from './plan_answers.ts';

/* The worker thread that checks specs and lays out what running them takes. */

const lake = new Lake(workerData as string);

answerRequests((request: PlanRequest) => checkSpec(lake, request));

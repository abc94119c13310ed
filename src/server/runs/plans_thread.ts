import { workerData } from 'node:worker_threads';
import { Lake } from '../../lake/index.ts';
import { answerRequests } from '../thread_answers.ts';
import { answerPlans, type PlansRequest } from './plan_answers.ts';

/* The worker thread that checks specs, lays out what running them takes, and publishes runs. */

const lake = new Lake(workerData as string);

answerRequests((request: PlansRequest) => answerPlans(lake, request));

import { join } from 'node:path';
import fc from 'fast-check';

/** Test files run in processes of their own: types are stripped once for all of them, a fifth of the CPU time. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');

/**
 * Property tests draw the same cases in every run, so that a red test stays red until it is mended. FC_SEED=$RANDOM draws
 * others; a failure prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20260206) });

import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a red test stays red until it is mended. FC_SEED=$RANDOM draws
 * others; a failure prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20260206) });

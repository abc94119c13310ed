/** Targets that are made at once: `npm test` reads their corpus. */
export const quickTargets: readonly string[] = ['dbn', 'zstd', 'frames', 'messages', 'engine', 'state', 'config'];

/** Every target; each has its module beside this one. */
export const targetNames: readonly string[] = [...quickTargets];

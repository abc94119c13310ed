import type { Output } from './output.ts';
import type { Progress } from './progress.ts';

/** Progress of work in steps: a step with another label takes the place of the one before. */
export function stepProgress(output: Output) {
  let progress: Progress | null = null;
  let shown = '';
  return {
    show(label: string, unit: string, total: number): Progress {
      if (progress !== null && shown === label) return progress;
      progress?.stop();
      shown = label;
      progress = output.progress({ label, unit, total });
      return progress;
    },
    stop(): void {
      progress?.stop();
    },
  };
}

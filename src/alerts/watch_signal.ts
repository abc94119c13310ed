import { formatFixed } from '../format.ts';
import type { Sighting, WatchOf } from './watch.ts';

const scoreText = (score: number) => formatFixed(score, 2);

/** The score of a signal that is ready crosses a number, or the signal fires by its own rule. */
export const watchSignal: WatchOf<'signal'> = ({ above, below, firing }) => {
  let before = Number.NaN;
  return ({ update }) => {
    const { state_model_score: score, state_model_ready: ready, state_model_firing: fired, bin_seq: seq } = update;
    const last = before;
    before = ready ? score : Number.NaN;
    const seen: Sighting[] = [];
    const see = (what: string, words: string) => {
      const text = `${update.state_model_name} ${words}: ${scoreText(score)}`;
      seen.push({ id: `signal ${what} bin ${seq}`, text, score });
    };
    if (firing && fired > 0) see('fires up', 'fires up');
    if (firing && fired < 0) see('fires down', 'fires down');
    if (ready && above !== undefined && last < above && score >= above) {
      see('above', `crosses ${scoreText(above)} upwards`);
    }
    if (ready && below !== undefined && last > below && score <= below) {
      see('below', `crosses ${scoreText(below)} downwards`);
    }
    return seen;
  };
};

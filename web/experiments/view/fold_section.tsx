import { present } from '../../../src/errors.ts';
import './figures.css';
import type { RunDetail } from '../../../src/wire/index.ts';
import { count, parameter, percent, signed } from '../model/format.ts';

interface FoldSectionProps {
  readonly folds: RunDetail['fold_results'];
  readonly threshold: number;
  readonly breakEven: number | null;
}

const mean = (sum: number, n: number) => (n === 0 ? null : sum / n);

/** What the run did on each walk-forward fold, before and after the cut. */
export function FoldSection({ folds, threshold, breakEven }: FoldSectionProps) {
  const fold = folds.find((one) => one.threshold === threshold);
  return (
    <section>
      <h3>Walk-forward folds at threshold {parameter(threshold)}</h3>
      {fold === undefined ? (
        <p class="quiet">The experiment sets no eval.split, so there are no folds.</p>
      ) : (
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Fold</th>
              <th scope="col">Train n</th>
              <th scope="col">Train net</th>
              <th scope="col">Test n</th>
              <th scope="col">Test TP rate</th>
              <th scope="col">Test net</th>
            </tr>
          </thead>
          <tbody>
            {fold.test_signals.map((n, index) => (
              <tr key={index}>
                <th scope="row">{index + 1}</th>
                <td>{count(present(fold.train_signals[index]))}</td>
                <td>{signed(mean(present(fold.train_net_ticks[index]), present(fold.train_signals[index])), 2)}</td>
                <td>{count(n)}</td>
                <td>{percent(mean(present(fold.test_take_profits[index]), n))}</td>
                <td>{signed(mean(present(fold.test_net_ticks[index]), n), 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {fold !== undefined && (
        <p class="quiet">Net in ticks a signal, with exits at the mid; break-even {percent(breakEven)}.</p>
      )}
    </section>
  );
}

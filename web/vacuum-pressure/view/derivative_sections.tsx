import { Term } from '../../shared/term.tsx';
import { formatFixed, formatScore, formatShare, formatSigned } from '../session/format.ts';
import type { BinField } from '../session/session_store.ts';
import { Bar, Level } from './bars.tsx';

const derivatives = [
  ['1', 's⁻¹'],
  ['2', 's⁻²'],
  ['3', 's⁻³'],
] as const;

/** What the derivative signal's score is made of. */
export function DerivativeSections({ value }: { value: (field: BinField) => number }) {
  return (
    <>
      <section>
        <h2>
          <Term word="d1">Derivatives</Term>{' '}
          <span class="quiet">
            of the <Term word="base">base</Term> {formatScore(value('base'))}
          </span>
        </h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">Value</th>
              <th scope="col">
                <Term word="z-score">z-score</Term>
              </th>
              <th scope="col">
                <span class="visually-hidden">z-score as a bar, full at 4</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {derivatives.map(([order, unit]) => (
              <tr key={order}>
                <th scope="row">
                  <Term word={`d${order}`}>d{order}</Term>
                </th>
                <td>
                  {formatSigned(value(`d${order}`))} <span class="quiet">{unit}</span>
                </td>
                <td>{formatFixed(value(`z${order}`), 2)}</td>
                <td class="bar-cell">
                  <Bar share={value(`z${order}`) / 4} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>
          Intensity <span class="quiet">share of the window</span>
        </h2>
        <table>
          <tbody>
            {(
              [
                ['Bull', 'bull', 'bull'],
                ['Bear', 'bear', 'bear'],
                ['Mixed', 'mixed', 'neutral'],
              ] as const
            ).map(([name, field, tone]) => (
              <tr key={field}>
                <th scope="row">
                  <Term word={field}>{name}</Term>
                </th>
                <td>{formatShare(value(field))}</td>
                <td class="bar-cell wide">
                  <Level share={value(field)} tone={tone} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** The mark of results of a market that was taken as first in, first out though it is not. */
export function notFifoWords(frontShare: number | null): string {
  const share = frontShare === null ? 'its definitions say so' : `${(100 * frontShare).toFixed(2)} % at the front`;
  return `Not first in, first out (${share}): the fills are not to be believed as they stand.`;
}

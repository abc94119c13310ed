import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ChangesResponse } from '../../../src/wire/index.ts';
import { enterWith } from '../../shared/enter.ts';
import { fetchChanges } from '../model/sweeps_api.ts';

export interface Changes {
  /** Null until the server said so. */
  readonly state: ChangesResponse['changes'] | null;
  /** Brings the server's token, and asks again. */
  readonly enter: (token: string) => Promise<void>;
}

/** Whether this page may change something. */
export function useChanges(): Changes {
  const [state, setState] = useState<Changes['state']>(null);
  const look = useCallback(
    () =>
      fetchChanges().then(
        ({ changes }) => setState(changes),
        () => setState(null),
      ),
    [],
  );
  useEffect(() => void look(), [look]);
  const enter = useCallback((token: string) => enterWith(token).then(look), [look]);
  return { state, enter };
}

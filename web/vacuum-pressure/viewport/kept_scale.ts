import type { SessionStore } from '../session/session_store.ts';
import type { ColourScale } from './colour_scale.ts';
import type { Layer } from './layers.ts';
import { differs, resolveScale } from './scale_choice.ts';
import type { LayerScale } from './settings.ts';

/** Automatic cut-offs are taken afresh this often, in bins: ranking what is in view costs as much as drawing it. */
const rescaleBins = 20;

/** A layer's scale from frame to frame: automatic cut-offs stay until they are clearly off. */
export class KeptScale {
  #scale: ColourScale | null = null;
  #choice = '';
  #seq = -1;

  /** Makes the next call take everything afresh. */
  clear(): void {
    this.#scale = null;
  }

  /** The scale for bins [first, end) at `binsPerPx`, and whether it is another one than that of the last call. */
  choose(
    layer: Layer,
    choice: LayerScale,
    store: SessionStore,
    first: number,
    end: number,
    binsPerPx = 1,
  ): { readonly scale: ColourScale; readonly isNew: boolean } {
    const { map, cutoffs, low, high, gamma, contrast } = choice;
    const zoom = Math.round(Math.log2(Math.max(1, binsPerPx)));
    const key = [layer.column, zoom, map, cutoffs, low, high, gamma, contrast].join();
    const kept = key === this.#choice ? this.#scale : null;
    const { head } = store;
    if (kept !== null && Math.abs(head - this.#seq) < rescaleBins) return { scale: kept, isNew: false };
    const wanted = resolveScale(layer, choice, store, first, end, binsPerPx);
    this.#choice = key;
    this.#seq = head;
    if (kept !== null && !differs(kept, wanted)) return { scale: kept, isNew: false };
    this.#scale = wanted;
    return { scale: wanted, isNew: true };
  }
}

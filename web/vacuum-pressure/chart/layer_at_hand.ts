import type { ColumnName } from '../../../src/engine/index.ts';
import type { SessionStore } from '../session/session_store.ts';
import type { Layer } from '../viewport/layers.ts';

/** The layer that is drawn: the one that was chosen as soon as all of its cells are at hand, until then the one before. */
export class LayerAtHand {
  #store: SessionStore | null = null;
  #drawn: Layer | null = null;
  #coming: ColumnName | null = null;

  /** The layer to draw where `wanted` was chosen; `onReady` is called when it is another one from then on, or has more cells. */
  choose(store: SessionStore, wanted: Layer, onReady: () => void): Layer {
    if (store !== this.#store) {
      this.#store = store;
      this.#drawn = null;
      this.#coming = null;
    }
    if (this.#drawn?.column === wanted.column) {
      if (this.#coming !== null) this.#show(store, wanted);
      return wanted;
    }
    if (this.#coming === wanted.column) return this.#drawn ?? wanted;
    const columns = this.#drawn === null ? [wanted.column] : [this.#drawn.column, wanted.column];
    const loading = store.keep(columns);
    if (loading === null) return this.#show(store, wanted);
    this.#coming = wanted.column;
    void loading.then(() => {
      if (this.#store !== store || this.#coming !== wanted.column) return;
      this.#show(store, wanted);
      onReady();
    });
    return this.#drawn ?? wanted;
  }

  #show(store: SessionStore, layer: Layer): Layer {
    this.#drawn = layer;
    this.#coming = null;
    store.keep([layer.column]);
    return layer;
  }
}

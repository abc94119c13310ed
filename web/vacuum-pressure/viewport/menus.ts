import type { Topics } from '../session/topics.ts';

/** The tool bar's menus, of which one is open at most. */
export type MenuName = 'Chart' | 'Colours' | 'Overlays' | 'Panels' | 'Layouts';

/** Which menu is open: by its button or its key. */
export class Menus {
  #open: MenuName | null = null;
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  get open(): MenuName | null {
    return this.#open;
  }

  show(name: MenuName | null): void {
    this.#open = name;
    this.#topics.emit('menus');
  }

  toggle(name: MenuName): void {
    this.show(this.#open === name ? null : name);
  }
}

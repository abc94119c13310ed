import type { Topics } from '../session/topics.ts';

/** The tool bar's menus, the keys and the command palette: one of them is open at most. */
export type MenuName = 'Chart' | 'Colours' | 'Overlays' | 'Panels' | 'Layouts' | 'Alerts' | 'Keys' | 'Commands';

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

  /** A menu was closed; another one that is open stays. */
  closed(name: MenuName): void {
    if (this.#open === name) this.show(null);
  }

  toggle(name: MenuName): void {
    this.show(this.#open === name ? null : name);
  }
}

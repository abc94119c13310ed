import { type Colours, colours, type Theme } from '../../src/colours.ts';

/** Colours of the page by role (`src/colours.ts`); canvases take them from here, style sheets as variables. */
export type Palette = Colours;
export const palettes = colours;

/** Sets the page's colours as CSS variables `--page`, `--text`, … */
export function applyTheme(root: HTMLElement, theme: Theme): void {
  root.dataset.theme = theme;
  root.style.colorScheme = theme;
  for (const [role, colour] of Object.entries(palettes[theme])) {
    root.style.setProperty(`--${role.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, colour);
  }
}

/** sRGB components in [0, 1] of `#rrggbb`. */
export function unitRgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

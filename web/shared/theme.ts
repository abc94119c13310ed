import type { Theme } from './colour/colour_maps.ts';

/**
 * Colours of the pages, by role. Text colours keep a contrast of 4.5 : 1 or more on every ground they appear on, marks
 * 3 : 1 (`theme.test.ts` holds them to it). Blue and orange mean the two sides everywhere: they stay apart for every
 * common colour vision deficiency.
 */
export interface Palette {
  readonly page: string;
  readonly panel: string;
  readonly control: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly up: string;
  readonly down: string;
  readonly neutral: string;
  readonly warning: string;
  readonly error: string;
  readonly shadow: string;
}

export const palettes: Readonly<Record<Theme, Palette>> = {
  dark: {
    page: '#0a0d13',
    panel: '#11161e',
    control: '#1b2330',
    line: '#2c3748',
    text: '#e9edf3',
    quiet: '#a8b3c4',
    accent: '#6fb3ff',
    onAccent: '#06121f',
    up: '#63b0ff',
    down: '#ffa057',
    neutral: '#c3cad6',
    warning: '#f4c95d',
    error: '#ff8a80',
    shadow: 'rgb(0 0 0 / 0.55)',
  },
  light: {
    page: '#e9edf2',
    panel: '#ffffff',
    control: '#eef2f7',
    line: '#c3ccd8',
    text: '#10161e',
    quiet: '#48566a',
    accent: '#0a57b5',
    onAccent: '#ffffff',
    up: '#0a5fc0',
    down: '#a84c05',
    neutral: '#465162',
    warning: '#7a5600',
    error: '#b3261e',
    shadow: 'rgb(20 30 50 / 0.25)',
  },
};

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

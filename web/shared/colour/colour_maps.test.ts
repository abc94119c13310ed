import { deepEqual, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { palettes } from '../theme.ts';
import { colourCount, colourMaps, colourTable, type Theme } from './colour_maps.ts';
import { contrast, luminance, type Rgb } from './oklab.ts';

const themes = ['dark', 'light'] as const satisfies readonly Theme[];
const entry = (table: Uint8Array, index: number) => [...table.subarray(index * 4, index * 4 + 3)] as unknown as Rgb;
const rgb = (hex: string): Rgb => {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

test('lightness runs one way from nothing to strong, on each side of a diverging map', () => {
  for (const theme of themes) {
    const sign = theme === 'dark' ? 1 : -1;
    for (const { id, kind } of colourMaps) {
      if (kind === 'states') continue;
      const table = colourTable(id, theme);
      const middle = kind === 'diverging' ? (colourCount - 1) / 2 : 0;
      for (const direction of kind === 'diverging' ? [1, -1] : [1]) {
        for (let index = middle + 4 * direction; index >= 0 && index < colourCount; index += 4 * direction) {
          const step = luminance(entry(table, index)) - luminance(entry(table, index - 4 * direction));
          ok(step * sign > -1e-3, `${id} ${theme} at ${index}`);
        }
      }
    }
  }
});

test('the ends of diverging maps stay apart for protanopes and deuteranopes', () => {
  // Blue against yellow survives both: compare the difference of blue and the mean of red and green.
  for (const theme of themes) {
    for (const { id } of colourMaps.filter(({ kind }) => kind === 'diverging')) {
      const table = colourTable(id, theme);
      const [low, high] = [entry(table, 40), entry(table, colourCount - 41)];
      const yellowBlue = ([red, green, blue]: Rgb) => (red + green) / 2 - blue;
      ok(Math.abs(yellowBlue(low) - yellowBlue(high)) > 30, `${id} ${theme}: ${low} and ${high}`);
    }
  }
});

test('five states are five colours, strongest at the vacuums', () => {
  for (const theme of themes) {
    const table = colourTable('states', theme);
    const colours = [0, 64, 127, 190, 254].map((index) => entry(table, index).join());
    deepEqual(new Set(colours).size, 5);
  }
});

test('an unknown map is refused', () => {
  throws(() => colourTable('rainbow', 'dark'), /known are/);
});

test('text keeps 4.5 : 1 and marks 3 : 1 on every ground', () => {
  for (const theme of themes) {
    const palette = palettes[theme];
    for (const ground of ['page', 'panel', 'control'] as const) {
      for (const role of ['text', 'quiet', 'warning', 'error', 'accent', 'up', 'down', 'neutral'] as const) {
        const ratio = contrast(rgb(palette[role]), rgb(palette[ground]));
        const least = role === 'neutral' ? 3 : 4.5;
        ok(ratio >= least, `${theme} ${role} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
    ok(contrast(rgb(palette.onAccent), rgb(palette.accent)) >= 4.5);
    ok(contrast(rgb(palette.panel), rgb(palette.neutral)) >= 4.5, 'the tag of spot');
  }
});

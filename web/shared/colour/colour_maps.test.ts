import { deepEqual, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { colourCount, colourMaps, colourTable, type Theme } from './colour_maps.ts';
import { luminance, type Rgb } from './oklab.ts';

const themes = ['dark', 'light'] as const satisfies readonly Theme[];
const entry = (table: Uint8Array, index: number) => [...table.subarray(index * 4, index * 4 + 3)] as unknown as Rgb;

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

test('nothing is black in the dark and white in the light, and both signs are as strong', () => {
  for (const theme of themes) {
    for (const { id } of colourMaps.filter(({ kind }) => kind === 'diverging')) {
      const table = colourTable(id, theme);
      deepEqual(entry(table, 127), theme === 'dark' ? [0, 0, 0] : [255, 255, 255], id);
      for (const size of [30, 60, 90, 120]) {
        const [low, high] = [luminance(entry(table, 127 - size)), luminance(entry(table, 127 + size))];
        ok(Math.abs(Math.cbrt(low) - Math.cbrt(high)) < 0.09, `${id} ${theme} at ${size}: ${low} and ${high}`);
      }
    }
  }
});

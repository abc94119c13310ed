import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { type Colours, colours, curveColours, dataRoles, type Theme } from '../../src/colours.ts';
import { contrast, type Rgb } from '../../web/shared/colour/oklab.ts';
import { cam02Ucs, distance, visions } from './cam02_ucs.ts';

const themes: readonly Theme[] = ['dark', 'light'];
const rgb = (hex: string): Rgb => {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

test('CAM02-UCS has the values of its reference implementation', () => {
  // sRGB red by colorspacious 1.1.2, which follows Luo, Cui and Li 2006.
  const red = cam02Ucs([41.239, 21.264, 1.933]);
  for (const [index, wanted] of [60.0533, 38.6712, 24.3193].entries()) {
    ok(Math.abs(red[index]! - wanted) < 0.03, `${red}`);
  }
});

test('roles of the data stay apart, seen normally and with two kinds of colour blindness', () => {
  for (const theme of themes) {
    const least = theme === 'dark' ? 16 : 15;
    for (const vision of visions) {
      for (const [index, first] of dataRoles.entries()) {
        for (const second of dataRoles.slice(index + 1)) {
          const apart = distance(rgb(colours[theme][first]), rgb(colours[theme][second]), vision);
          ok(apart >= least, `${theme}, ${vision}: ${first} and ${second} are ${apart.toFixed(1)} apart`);
        }
      }
    }
  }
});

test('text keeps 7 : 1 and marks 3 : 1 on every ground', () => {
  const texts = ['text', 'quiet', 'accent', 'live', 'paused', 'trouble'] as const;
  for (const theme of themes) {
    const of = (role: keyof Colours) => rgb(colours[theme][role]);
    for (const ground of ['page', 'panel', 'control'] as const) {
      for (const [roles, least] of [
        [texts, 7],
        [[...dataRoles, 'neutral'] as const, 3],
      ] as const) {
        for (const role of roles) {
          const ratio = contrast(of(role), of(ground));
          ok(ratio >= least, `${theme} ${role} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
      for (const curve of curveColours[theme])
        ok(contrast(rgb(curve), of(ground)) >= 3, `${theme} ${curve} on ${ground}`);
    }
    ok(contrast(of('onAccent'), of('accent')) >= 7);
    ok(contrast(of('panel'), of('neutral')) >= 7, 'the tag of spot');
  }
});

test('no colour stands in code but those of src/colours.ts', () => {
  const root = resolve(import.meta.dirname, '../..');
  const drawn = ['web', 'src/report', 'src/analysis/report', 'src/sweep/experiment_report'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith('web/dist/')),
  );
  ok(drawn.length > 100, String(drawn.length));
  const written = {
    css: /#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|oklch|oklab)\(\s*[\d.]|:\s*(white|black|red|green|blue|orange|yellow|gr[ae]y)\b/gi,
    ts: /['"`:]#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})\b|\b(rgba?|hsla?|oklch|oklab)\(\s*[\d.]+(%|deg)?[\s,]/gi,
  };
  const found = drawn.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(path.endsWith('.css') ? written.css : written.ts)].map(([colour]) => `${path}: ${colour}`);
  });
  deepEqual(found, []);
});

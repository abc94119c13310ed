import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plotKit } from './client.ts';
import { type Html, html, Html as Markup, scriptJson } from './html.ts';
import { style } from './style.ts';

export interface PageParts {
  readonly title: string;
  /** Content of `main`. */
  readonly body: Html;
  /** What the script draws: JSON in the element `series`. */
  readonly data: object;
  /** Runs after uPlot and `plotKit` are there. */
  readonly script: string;
  /** The script may ask the page's own server, for a page that is served and follows something. */
  readonly asksServer?: boolean;
  /** Styles beside those of all reports. */
  readonly extraStyle?: string;
}

/**
 * A report as one HTML page that needs nothing else: its policy forbids the browser every request (but see `asksServer`), and every text of the
 * data is escaped. The same parts give the same bytes.
 */
export async function renderPage(parts: PageParts): Promise<string> {
  const { title, body, data, script, asksServer = false, extraStyle = '' } = parts;
  const folder = dirname(fileURLToPath(import.meta.resolve('uplot')));
  const [uplot, uplotStyle] = await Promise.all([
    readFile(join(folder, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(folder, 'uPlot.min.css'), 'utf8'),
  ]);
  const scripts = [uplot.trim(), plotKit.trim(), script.trim()];
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  const policy = `default-src 'none'; script-src ${hashes.join(' ')}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'${asksServer ? "; connect-src 'self'" : ''}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(uplotStyle + style + extraStyle)}</style>
</head>
<body>
<main>
${body}
</main>
<script type="application/json" id="series">${scriptJson(data)}</script>
${scripts.map((text) => html`<script>${new Markup(text)}</script>\n`)}</body>
</html>
`;
  return page.text;
}

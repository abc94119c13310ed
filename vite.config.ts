import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'web');
const pages = ['index', 'vacuum-pressure', 'experiments'].filter((page) => existsSync(join(root, `${page}.html`)));

export default defineConfig({
  root,
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    port: 5174,
    strictPort: true,
    proxy: { '/v1': { target: 'http://127.0.0.1:8002', ws: true } },
  },
  worker: { format: 'es' },
  // Named, because the scan that would find them does not know whose JSX it reads.
  optimizeDeps: {
    noDiscovery: true,
    include: [
      'preact',
      'preact/hooks',
      'preact/jsx-runtime',
      'preact/jsx-dev-runtime',
      'uplot',
      '@uwdata/flechette',
      'fzstd',
    ],
  },
  build: {
    outDir: join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2024',
    rolldownOptions: {
      input: pages.map((page) => join(root, `${page}.html`)),
      // Importing a room does nothing but define things (ARCHITECTURE.md), so what a page does not use of it can go.
      treeshake: { moduleSideEffects: (id) => !id.startsWith(join(import.meta.dirname, 'src')) },
    },
  },
});

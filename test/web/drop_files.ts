import type { Page } from 'playwright-core';
import { soon } from './browser.ts';

export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Drops files on the heatmap page, as a file manager does, until it takes them: it listens from some frames after its first one on. */
export async function dropFiles(page: Page, files: readonly DroppedFile[]): Promise<void> {
  await soon(async () => {
    await dropOnce(page, files);
    await page.locator('.file-sheet').waitFor({ timeout: 3000 });
  });
}

async function dropOnce(page: Page, files: readonly DroppedFile[]): Promise<void> {
  await page.evaluate(
    (given) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      const target = document.querySelector('main')!;
      for (const type of ['dragenter', 'dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    },
    files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })),
  );
}

import './landing.css';
import { ServingLinks } from '../../shared/serving_links.tsx';
import type { PageRequest } from '../playback/page_address.ts';

/** The page when its address names nothing to show, or an option that it does not have. */
export function Landing({ request, onOpenFile }: { request: PageRequest; onOpenFile: () => void }) {
  if (request.kind === 'refused') {
    return (
      <main class="refusal">
        <h1>This link cannot be opened</h1>
        <p role="alert">{request.message}</p>
        {request.serving !== null && (
          <p>
            <a href={`?serving=${encodeURIComponent(request.serving)}`}>Open “{request.serving}” without it</a>
          </p>
        )}
        {request.serving === null && <ServingLinks />}
      </main>
    );
  }
  return (
    <main class="refusal">
      <h1>What would you like to open?</h1>
      <h2>A serving version of this server</h2>
      <ServingLinks />
      <h2>A file of this computer</h2>
      <p>
        Drop a <code>.dbn</code>, <code>.dbn.zst</code> or <code>.dbz</code> file and an instrument configuration here.
        The engine then runs in this browser, and nothing is uploaded.
      </p>
      <button type="button" onClick={onOpenFile}>
        Open a file…
      </button>
    </main>
  );
}

import './landing.css';
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
      </main>
    );
  }
  return (
    <main class="refusal">
      <h1>What would you like to open?</h1>
      <p>
        Name a serving version in the address: <code>{location.pathname}?serving=ALIAS</code>, with an alias or a
        serving id that the server publishes.
      </p>
      <p>
        Or drop a <code>.dbn</code>, <code>.dbn.zst</code> or <code>.dbz</code> file and an instrument configuration
        here. The engine then runs in this browser, and nothing is uploaded.
      </p>
      <button type="button" onClick={onOpenFile}>
        Open a file…
      </button>
    </main>
  );
}

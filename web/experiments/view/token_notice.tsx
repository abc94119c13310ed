import { useState } from 'preact/hooks';
import type { Changes } from './use_changes.ts';

/** Why nothing can be changed from this page, and what to do about it; nothing where it can. */
export function TokenNotice({ changes }: { changes: Changes }) {
  const [isRefused, setRefused] = useState(false);
  if (changes.state === 'off') {
    return (
      <p class="notice" role="status">
        This server only shows: others reach it, and it was started without <code>--allow-remote-changes</code>.
      </p>
    );
  }
  if (changes.state !== 'needs_token') return null;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    // The whole address may be pasted.
    const token = String(new FormData(form).get('token') ?? '').replace(/^.*#token=/, '');
    void changes.enter(token.trim()).then(() => setRefused(true));
    form.reset();
  };
  return (
    <form class="notice" onSubmit={onSubmit}>
      <label for="token">
        Starting, cancelling and promoting need the token of the server: open the address that{' '}
        <code>spymaster serve</code> printed, or paste it here.
      </label>
      <input id="token" name="token" type="password" autocomplete="off" required />
      <button type="submit">Enter</button>
      {isRefused && (
        <span class="tone-error" role="alert">
          This is not the token of this server; it makes a new one at each start.
        </span>
      )}
    </form>
  );
}

import { useState } from 'react';

/** Token of a link. It is in the URL fragment, which browsers do not send, and is removed once read. */
export function useLinkToken(): string {
  const [token] = useState(() => {
    const read = window.location.hash.slice(1);
    if (read) window.history.replaceState(window.history.state, '', window.location.pathname);
    return read;
  });
  return token;
}

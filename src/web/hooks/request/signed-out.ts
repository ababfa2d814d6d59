type Listener = () => void;
const listeners = new Set<Listener>();

/** Registers a listener for the end of the session. @returns a function that unregisters it */
export function onSignedOut(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let signedInAt = 0;

/** Records the time of sign-in, so that late 401 responses to older requests do not end the new session. */
export function noteSignedIn(): void {
  signedInAt = performance.now();
}

/** Notifies the listeners that the session has ended. @param askedAt when the refused request was sent, `performance.now()` */
export function notifySignedOut(askedAt: number): void {
  if (askedAt < signedInAt) return;
  for (const listener of listeners) listener();
}

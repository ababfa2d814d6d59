import { lazy, Suspense, useEffect, useState } from 'react';
import { onSignedOut } from '../hooks/request/signed-out';

const SignInAgain = lazy(() => import('./SignInAgain').then((again) => ({ default: again.SignInAgain })));

/** Sign-in dialog over the screen, so that unsaved input survives an expired session. */
export function SessionExpired() {
  const [expired, setExpired] = useState(false);
  useEffect(() => onSignedOut(() => setExpired(true)), []);
  return (
    expired && (
      <Suspense fallback={null}>
        <SignInAgain onSignedIn={() => setExpired(false)} />
      </Suspense>
    )
  );
}

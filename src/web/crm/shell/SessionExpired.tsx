import { lazy, Suspense, useEffect, useState } from 'react';
import { onSignedOut } from '../../hooks/database';

const SignInAgain = lazy(() =>
  import('../../sign-in/SignInAgain').then((again) => ({ default: again.SignInAgain })),
);

/** Over the screen, so that what was typed into it is still there after signing in again. */
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

import { type ReactNode, Suspense } from 'react';

/** A part of a screen whose code is loaded when it is shown. The rest stays visible meanwhile. */
export function LoadedLater({ children }: { children: ReactNode }) {
  return <Suspense fallback={null}>{children}</Suspense>;
}

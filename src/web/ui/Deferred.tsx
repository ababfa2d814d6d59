import { type ReactNode, useDeferredValue } from 'react';

/** What takes long to render follows the rest of its screen, in pieces between frames. */
export function Deferred({ children, placeholder = null }: { children: ReactNode; placeholder?: ReactNode }) {
  return useDeferredValue(true, false) ? children : placeholder;
}

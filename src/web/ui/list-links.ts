import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, SyntheticEvent } from 'react';

/** Target of the link that was activated: `<a href=… data-to=…>`. */
function targetOf(event: SyntheticEvent<HTMLElement>): '/' | undefined {
  return (event.target as HTMLElement).closest<HTMLElement>('a[data-to]')?.dataset.to as '/' | undefined;
}

/** The listeners for all links of a list: each router link would subscribe to every change of the URL. */
export function useListLinks() {
  const router = useRouter();
  const preload = (event: SyntheticEvent<HTMLElement>) => {
    const to = targetOf(event);
    if (to) void router.preloadRoute({ to }).catch(() => {});
  };
  return {
    /** @returns whether it was a click on a link */
    follow(event: MouseEvent<HTMLElement>): boolean {
      const to = targetOf(event);
      if (!to || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
      event.preventDefault();
      void router.navigate({ to });
      return true;
    },
    preloading: { onMouseOver: preload, onFocus: preload },
  };
}

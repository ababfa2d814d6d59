import { type RefObject, useEffect, useState } from 'react';

const heard = new WeakMap<Element, () => void>();

/** One for all: a long page has thousands of things to watch. */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) heard.get(target)?.();
  },
  { rootMargin: '800px' },
);

/** Whether something has come near to what is in view; then it stays so. */
export function useNear(element: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (!current || isNear) return;
    heard.set(current, () => setNear(true));
    observer.observe(current);
    return () => observer.unobserve(current);
  }, [element, isNear]);
  return isNear;
}

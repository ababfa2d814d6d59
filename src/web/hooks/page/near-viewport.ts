import { type RefObject, useEffect, useState } from 'react';

const heard = new WeakMap<Element, () => void>();

/** Shared by all elements: a long page observes thousands of them. */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) heard.get(target)?.();
  },
  { rootMargin: '800px' },
);

/** Whether the element has ever been near the viewport. Once true, it stays true. */
export function useNearViewport(element: RefObject<Element | null>): boolean {
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

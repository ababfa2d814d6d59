// When the user last did something in this page. The server does not count what a page sends without its user as use of the
// session, so that live updates do not keep it open.
const IDLE_HEADER = 'x-marquee-idle';
const INPUT = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

let lastInput = performance.now();
for (const kind of INPUT) {
  window.addEventListener(
    kind,
    () => {
      lastInput = performance.now();
    },
    { capture: true, passive: true },
  );
}

/** The request's headers, and how long this page has been without input. */
export function withIdleTime(headers: HeadersInit | undefined): Headers {
  const all = new Headers(headers);
  all.set(IDLE_HEADER, String(Math.floor((performance.now() - lastInput) / 1000)));
  return all;
}

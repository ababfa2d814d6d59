const BEAT_MS = 1_000;

/**
 * Asks every second whether anybody is there, since a network that swallows packets ends no connection.
 * `onSilence` is called once, after an error or when nothing was answered for `patienceMs`.
 *
 * @returns stops asking
 */
export function keepAsking(
  ask: () => Promise<unknown>,
  patienceMs: number,
  onSilence: () => void,
): () => void {
  let unanswered = 0;
  const stop = () => clearInterval(timer);
  const silent = () => {
    stop();
    onSilence();
  };
  const timer = setInterval(() => {
    // Beats and not time: a process that was stopped itself has to look first what has become of its connection.
    if (unanswered * BEAT_MS >= patienceMs) return silent();
    unanswered += 1;
    if (unanswered > 1) return;
    ask().then(() => {
      unanswered = 0;
    }, silent);
  }, BEAT_MS);
  timer.unref();
  return stop;
}

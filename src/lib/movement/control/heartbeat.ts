const BEAT_MS = 1_000;

/**
 * Sends a probe every second, because a network that drops packets closes no connection.
 *
 * @param onSilence called once: after a failed probe, or after `patienceMs` without an answer
 * @returns stops the heartbeat
 */
export function startHeartbeat(
  probe: () => Promise<unknown>,
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
    // Patience is counted in beats, so that after a suspension of this process its probe still has time to be answered.
    if (unanswered * BEAT_MS >= patienceMs) return silent();
    unanswered += 1;
    if (unanswered > 1) return;
    probe().then(() => {
      unanswered = 0;
    }, silent);
  }, BEAT_MS);
  timer.unref();
  return stop;
}

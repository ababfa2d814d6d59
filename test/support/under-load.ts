// Requests that go on while something is changed below them: what failed is counted.

export interface Load {
  done: number;
  failures: unknown[];
}

/**
 * Repeats each request, one after another, until `work` is over.
 *
 * @param requests rejects where it failed
 * @param work gets `more`, which waits until each request was done again from the beginning
 */
export async function underLoad(
  requests: (() => Promise<unknown>)[],
  work: (more: () => Promise<void>) => Promise<void>,
): Promise<Load> {
  const load: Load = { done: 0, failures: [] };
  const begun = requests.map(() => 0);
  const finished = requests.map(() => 0);
  let isOver = false;
  const loops = requests.map(async (request, index) => {
    while (!isOver) {
      begun[index] = (begun[index] ?? 0) + 1;
      await request().catch((error: unknown) => load.failures.push(error));
      finished[index] = (finished[index] ?? 0) + 1;
      load.done += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const more = async () => {
    const until = begun.map((count) => count + 1);
    while (until.some((count, index) => (finished[index] ?? 0) < count))
      await new Promise((resolve) => setTimeout(resolve, 5));
  };
  try {
    await more();
    await work(more);
    await more();
  } finally {
    isOver = true;
    await Promise.all(loops);
  }
  return load;
}

/** How many failed files of tests run once more, in CI (`MARQUEE_TEST_RETRIES`); 0 anywhere else, so that an unstable test is noticed. */
const RETRIES = Number(process.env.MARQUEE_TEST_RETRIES ?? 0);

/**
 * Runs failed files once more, unless there are too many, and reports those that pass then as unstable.
 *
 * @param run runs them one at a time, and gives those that fail
 * @returns those that have failed for good
 */
export async function retryFailed(
  failed: string[],
  run: (files: string[]) => Promise<string[]>,
  nameOf = (file: string) => file,
): Promise<string[]> {
  if (failed.length === 0 || failed.length > RETRIES) return failed;
  const again = await run(failed);
  for (const file of failed) {
    if (!again.includes(file)) console.log(`⚠ Unstable, passed when run again: ${nameOf(file)}`);
  }
  return again;
}

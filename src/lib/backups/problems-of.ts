/** Runs `work` for each, also after a failure. @returns the errors */
export async function problemsOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<unknown[]> {
  const problems: unknown[] = [];
  for (const one of all) await work(one).catch((problem: unknown) => problems.push(problem));
  return problems;
}

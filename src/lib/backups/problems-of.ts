/** Does `work` for each, also after one that it fails for. @returns what it rejected with */
export async function problemsOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<unknown[]> {
  const problems: unknown[] = [];
  for (const one of all) await work(one).catch((problem: unknown) => problems.push(problem));
  return problems;
}

// Plans by the shape of their request: the least recently used go first.

export class PlanCache<T> {
  readonly #plans = new Map<string, T>();

  constructor(private readonly max: number) {}

  get size(): number {
    return this.#plans.size;
  }

  get(shape: string): T | undefined {
    const plan = this.#plans.get(shape);
    if (plan === undefined) return undefined;
    this.#plans.delete(shape);
    this.#plans.set(shape, plan);
    return plan;
  }

  set(shape: string, plan: T): void {
    this.#plans.set(shape, plan);
    if (this.#plans.size <= this.max) return;
    const [oldest] = this.#plans.keys();
    if (oldest !== undefined) this.#plans.delete(oldest);
  }

  clear(): void {
    this.#plans.clear();
  }
}

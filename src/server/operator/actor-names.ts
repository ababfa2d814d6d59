import type { ApplicationDatabase } from '@/lib/application';
import { MarqueeError } from '@/lib/failures';

const KEPT_MS = 60_000;
const ACTOR = /\buser:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;

/** The names of those who act, as the audit log spells them: `user:<id>` is a person's name, others say it themselves. */
export class ActorNames {
  readonly #names = new Map<string, { name: string; at: number }>();

  constructor(private readonly users: ApplicationDatabase['users']) {}

  /** @returns the name of each; of an account that was removed the actor itself */
  async of(actors: Iterable<string>): Promise<(actor: string) => string> {
    const wanted = [...new Set(actors)].filter((actor) => actor.startsWith('user:') && !this.#kept(actor));
    await Promise.all(
      wanted.map(async (actor) => {
        const user = await this.users.find(actor.slice('user:'.length));
        this.#names.set(actor, { name: user?.displayName ?? actor, at: Date.now() });
      }),
    );
    return (actor) => this.#names.get(actor)?.name ?? actor;
  }

  /** An operator's error whose message says who did something, with the person's name. @returns any other as it is */
  async inError(error: unknown): Promise<unknown> {
    const actors = error instanceof MarqueeError ? error.message.match(ACTOR) : null;
    if (!(error instanceof MarqueeError) || !actors) return error;
    const nameOf = await this.of(actors).catch(() => (actor: string) => actor);
    return error.withMessage(error.message.replace(ACTOR, nameOf));
  }

  /** Plain data in which actors stand, such as the titles of alerts. @returns it with people's names in their place */
  async inTexts<Texts>(texts: Texts): Promise<Texts> {
    const json = JSON.stringify(texts);
    const nameOf = await this.of(json.match(ACTOR) ?? []);
    return JSON.parse(json.replace(ACTOR, (actor) => JSON.stringify(nameOf(actor)).slice(1, -1)));
  }

  #kept(actor: string): boolean {
    return (this.#names.get(actor)?.at ?? 0) + KEPT_MS > Date.now();
  }
}

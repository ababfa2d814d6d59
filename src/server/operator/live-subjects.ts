// Notifies the operator's consoles when a subject that they show has changed.
import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { Throttle } from '@/lib/time';

/** `tenants` is announced by the application database, the others by schema/19_console.sql of the operations database. */
export type LiveSubject =
  | 'tenants'
  | 'sources'
  | 'health'
  | 'moves'
  | 'rollouts'
  | 'schema'
  | 'alerts'
  | 'backups'
  | 'support'
  | 'keys'
  | 'tasks'
  | 'requests'
  /** Announced once a second by the demo while it has traffic. */
  | 'demo';

/** While a subject changes without a pause, its watchers are notified at this interval, ms. */
const NOTIFY_EVERY_MS = 700;

/** Called with the subject that changed, or without one where any may have. */
type Notify = (subject?: string) => void;

interface Databases {
  application: Pick<ApplicationDatabase, 'listenToRoutes'>;
  operations: Pick<OperationsDatabase, 'listenToSubjects'>;
}

/** Listens to both databases for all streams of this process, from the first stream on. */
export class LiveSubjects {
  readonly #watchers = new Set<Notify>();
  readonly #throttle = new Throttle<string | undefined>(NOTIFY_EVERY_MS, (subject) => this.#notify(subject));
  #listening: Promise<void> | undefined;

  constructor(private readonly databases: Databases) {}

  /** @returns a function that stops it. @throws if the databases cannot be listened to */
  async watch(notify: Notify): Promise<() => void> {
    this.#listening ??= this.#listen();
    await this.#listening.catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    this.#watchers.add(notify);
    return () => this.#watchers.delete(notify);
  }

  /** To both databases or to none: each stream that is refused would leave a connection open, and browsers try again. */
  async #listen(): Promise<void> {
    const { application, operations } = this.databases;
    const routes = await application.listenToRoutes((tenantId) => this.#changed(tenantId && 'tenants'));
    await operations
      .listenToSubjects((subject) => this.#changed(subject))
      .catch(async (error: unknown) => {
        await routes.close();
        throw error;
      });
  }

  #changed(subject: string | undefined): void {
    if (this.#watchers.size > 0) this.#throttle.call(subject);
  }

  #notify(subject: string | undefined): void {
    for (const notify of this.#watchers) notify(subject);
  }
}

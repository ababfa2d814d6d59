import type { ServerDependencies } from '../dependencies';
import type { LiveChanges } from '../live/live-changes';
import { type Listener, RowFeed } from './row-feed';

/** The feeds of the tenants that channels of this process listen to. */
export class RowFeeds {
  readonly #feeds = new Map<string, RowFeed>();

  constructor(
    private readonly parts: ServerDependencies,
    private readonly live: LiveChanges,
  ) {}

  of(tenantId: string): RowFeed {
    const feed = this.#feeds.get(tenantId) ?? new RowFeed(this.parts, this.live, tenantId);
    this.#feeds.set(tenantId, feed);
    return feed;
  }

  remove(tenantId: string, listener: Listener): void {
    this.#feeds.get(tenantId)?.remove(listener);
  }

  /** Ends feeds without listeners since the last call: clients often rejoin soon after they leave. */
  sweep(): void {
    for (const [tenantId, feed] of this.#feeds) {
      if (feed.isForgotten()) {
        feed.close();
        this.#feeds.delete(tenantId);
      }
    }
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }
}

import type { ServerResponse } from 'node:http';

const MIB = 1024 * 1024;

/** Answers that clients have not read to the end, by tenant: what they have not read is in memory. */
export class UnreadAnswers {
  readonly #byTenant = new Map<string, Set<ServerResponse>>();

  /** @param mostBytes that the clients of one tenant may leave unread */
  constructor(private readonly mostBytes = 256 * MIB) {}

  /** Counts an answer as unread until its client has read it. If too much is unread already, the connections that have waited longest are closed. */
  add(tenantId: string, answer: ServerResponse): void {
    // Its client has left meanwhile: it is not closed again.
    if (answer.destroyed) return;
    const unread = this.#byTenant.get(tenantId) ?? new Set();
    this.#byTenant.set(tenantId, unread);
    let bytes = 0;
    for (const { writableLength } of unread) bytes += writableLength;
    for (const oldest of unread) {
      if (bytes <= this.mostBytes) break;
      const { writableLength } = oldest;
      // Such as a stream of changes, whose client has read all that there was.
      if (writableLength === 0) continue;
      bytes -= writableLength;
      oldest.destroy();
    }
    unread.add(answer);
    answer.once('close', () => {
      unread.delete(answer);
      if (unread.size === 0 && this.#byTenant.get(tenantId) === unread) this.#byTenant.delete(tenantId);
    });
  }
}

import type { MoveContext } from '../control/move-context';
import { verificationFailed } from '../errors';
import type { Replicator } from '../stream/replicator';
import { compareEndpoints } from '../verify/compare';
import { copyRanges, discardCopy, withSnapshot } from './initial-copy';

/** The copy of an offline move, which takes the place of replication. It is drained when all rows have been copied and compared. */
export class OfflineCopy implements Replicator {
  readonly position = 0n;
  readonly failed = new Promise<never>(() => {});

  constructor(private readonly context: MoveContext) {}

  async start(): Promise<void> {}

  async mark(): Promise<void> {}

  async drainTo(): Promise<void> {
    const { context } = this;
    await discardCopy(context);
    await withSnapshot(context, (snapshot) => copyRanges(context, snapshot));
    const { differences } = await compareEndpoints(context.tables.target, context.source, context.target);
    if (differences.length > 0) throw verificationFailed(differences.length);
  }

  holdAfter(): void {}

  resume(): void {}

  lag(): bigint {
    return 0n;
  }

  async stop(): Promise<void> {}
}

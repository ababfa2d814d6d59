import type pg from 'pg';
import { OperationsError } from '../errors';
import { withTransaction } from '../transaction';
import type { RecordChange } from './registry-record';

/** A readable copy of a data source. */
export interface SourceReplica {
  id: string;
  dataSourceId: string;
  /** `host:port`; the logins and the database are those of the source. */
  host: string;
  region: string | null;
}

const COLUMNS = 'id, data_source_id "dataSourceId", host, region';

/** The table `data_source_replicas`. */
export class SourceReplicas {
  constructor(
    private readonly pool: pg.Pool,
    private readonly record: RecordChange = async () => {},
  ) {}

  /** In the order of hosts; without an id, those of all data sources. */
  async list(dataSourceId?: string): Promise<SourceReplica[]> {
    const { rows } = await this.pool.query<SourceReplica>(
      `select ${COLUMNS} from data_source_replicas where $1::uuid is null or data_source_id = $1 order by data_source_id, host`,
      [dataSourceId],
    );
    return rows;
  }

  /** @throws OperationsError `data_source_registered` where the source has it already */
  add(dataSourceId: string, host: string, region: string | null): Promise<SourceReplica> {
    return withTransaction(this.pool, async (client) => {
      const { rows } = await client.query<SourceReplica>(
        `insert into data_source_replicas (data_source_id, host, region) values ($1, $2, $3)
         on conflict do nothing returning ${COLUMNS}`,
        [dataSourceId, host, region],
      );
      const [added] = rows;
      if (!added) {
        throw new OperationsError('data_source_registered', `The replica ${host} is registered already.`, {
          hint: 'List them: marquee source replica list',
        });
      }
      await this.record(changeOf(dataSourceId, {}, { replica: host, replicaRegion: region }));
      return added;
    });
  }

  /** @throws OperationsError `replica_unknown` */
  remove(dataSourceId: string, host: string): Promise<void> {
    return withTransaction(this.pool, async (client) => {
      const { rows } = await client.query<SourceReplica>(
        `delete from data_source_replicas where data_source_id = $1 and host = $2 returning ${COLUMNS}`,
        [dataSourceId, host],
      );
      const [removed] = rows;
      if (!removed) {
        throw new OperationsError('replica_unknown', `The data source has no replica ${host}.`, {
          hint: 'List them: marquee source replica list',
        });
      }
      await this.record(changeOf(dataSourceId, { replica: host, replicaRegion: removed.region }, {}));
    });
  }
}

function changeOf(entityId: string, before: Record<string, unknown>, after: Record<string, unknown>) {
  return { action: 'data_sources.update', entity: 'data_sources', entityId, before, after } as const;
}

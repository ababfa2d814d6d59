// PostgreSQL below and beside the driver: statements that share a flush, limits on what a server sends, LISTEN.

import './sign-in-keys';

export {
  formatPostgresUrl,
  nameOfHost,
  nameOfServer,
  type PostgresHost,
  type PostgresUrl,
  parsePostgresUrl,
  urlAt,
} from './address/postgres-url';
export { withoutPassword } from './address/without-password';
export {
  CA_PARAMETER,
  isLocal,
  NETWORKS_PARAMETER,
  networksOf,
  newClient,
  readCertificates,
  type TlsMode,
  tlsModeIn,
  tlsModeOf,
} from './client';
export { ProtocolError } from './large-row';
export { type Listening, listen } from './listen';
export { formatLsn, parseLsn } from './lsn';
export { toParameter } from './parameters';
export {
  type PipelineControl,
  type PipelineOptions,
  ResultTooLargeError,
  type RunningPipeline,
  runPipeline,
} from './pipeline';
export { Cluster, type SeenTimeline } from './primary/cluster';
export { isPrimaryUnknown, openAtPrimary, openAtStandby } from './primary/open-at';
export { PrimaryClient } from './primary/primary-client';
export { readServerState, type ServerState } from './primary/server-state';
export {
  type Outcome,
  rowsOf,
  type Statement,
  type TextRow,
  type Transaction,
  wasKept,
} from './statement';
export { localSettings, runTransaction } from './transaction';
export { guardWire, limitAnswers, type Traffic, trafficOf, WIDE } from './wire-guard';

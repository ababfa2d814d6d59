// PostgreSQL below and beside the driver: statements that share a flush, limits on what a server sends, LISTEN.
export { type Listening, listen } from './listen';
export {
  localSettings,
  type PipelineControl,
  type PipelineOptions,
  ResultTooLargeError,
  type RunningPipeline,
  runPipeline,
  runTransaction,
} from './pipeline';
export type { Statement, TextRow, Transaction } from './statement';
export { guardWire, limitAnswers, ProtocolError, WIDE } from './wire-guard';

// PostgreSQL's protocol below the driver: statements that share a flush, and limits on what a server sends.
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

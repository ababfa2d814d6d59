// PostgreSQL below and beside the driver: statements that share a flush, limits on what a server sends, LISTEN.
export { type Listening, listen } from './listen';
export {
  type PipelineControl,
  type PipelineOptions,
  ResultTooLargeError,
  type RunningPipeline,
  runPipeline,
} from './pipeline';
export { type Outcome, type Statement, type TextRow, type Transaction, wasKept } from './statement';
export { localSettings, runTransaction } from './transaction';
export { guardWire, limitAnswers, ProtocolError, WIDE } from './wire-guard';

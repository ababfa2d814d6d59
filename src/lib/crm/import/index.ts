export type { DateColumn } from './columns';
export { IMPORT_ENTITIES, type ImportEntityName, type Mapping, suggestMapping } from './entities';
export {
  type ImportObserver,
  type ImportOptions,
  type ImportPreview,
  previewImport,
  runImport,
} from './run';
export { importFile, undoImport } from './runs';
export { SpooledFile } from './spool';
export { type KeptRow, type MadeRows, removeMade, restoreOverwritten } from './undo';
export type { ImportResult, RowError, RowMatch } from './write';

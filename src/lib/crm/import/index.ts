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
export { type MadeRows, removeMade } from './undo';
export type { ImportResult, RowError } from './write';

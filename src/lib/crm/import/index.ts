export type { DateColumn } from './columns';
export { IMPORT_ENTITIES, type ImportEntityName, type Mapping, suggestMapping } from './entities';
export { type ImportObserver, importRows } from './import-rows';
export type { ImportOptions } from './prepare';
export { type ImportPreview, previewImport } from './preview';
export { importFile, undoImport } from './recorded-import';
export { SpooledFile } from './spool';
export { type KeptRow, type MadeRows, removeMade, restoreOverwritten } from './undo';
export type { ImportResult, RowError, RowMatch } from './write';

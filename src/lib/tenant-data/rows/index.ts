// A tenant's rows as a whole: the tables that hold them, transactions that write them unchanged, digests to compare them by.
export { BEGIN_COPYING, clientOf, endQuietly, inTransaction, withBriefLocks } from './connection';
export { deleteGroup, deleteRows } from './delete';
export {
  type ComparedTable,
  compareKeys,
  compareTable,
  digestTable,
  emptyTable,
  type RowDifference,
  type Side,
  type TableDigest,
} from './digest';
export {
  columnList,
  fingerprint,
  occupiedTables,
  quote,
  readCatalogState,
  readTables,
  selectList,
  type TenantColumn,
  type TenantTable,
  writeOrder,
} from './tables';

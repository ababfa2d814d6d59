// Typed access to a tenant's tables, over the tenant's client.
export { RepositoryError, type RepositoryErrorCode, requestFailure } from './errors';
export type { Comparisons, Filter } from './filter';
export { GenericRepository, type ListOptions, type Page } from './generic-repository';
export type { Sort } from './keyset';
export { type SoftDeletable, SoftDeleteRepository } from './soft-delete-repository';
export { tableNamed } from './table-named';
export type { InsertOf, RowOf, TableName, UpdateOf } from './table-types';

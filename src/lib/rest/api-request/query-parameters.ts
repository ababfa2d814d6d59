// Lifted parameters → the request's grammar. Runs once for each shape.
import { queryParameterError } from '../errors';
import { names, orderTerms, selectItems, treePath } from './grammar';
import { filterValue, type NegatableOperation } from './operators';
import { describeFailure, describePosition, type Failure, type Parser, parse } from './parsec';
import type { LiftedParameter, LiftedQuery } from './query-string';
import type { EmbedPath, Field, LogicTree, QueryParameters, SelectItem } from './types';

const EVERYTHING: SelectItem[] = [{ kind: 'field', field: { name: '*', path: [] } }];

/** @throws EngineError PGRST100 what was unexpected where */
export function readQueryParameters(query: LiftedQuery): QueryParameters {
  const parameters = query.parameters;
  const order = texts(parameters, (key) => lastName(key) === 'order').map(({ key, value }) => ({
    path: pathOf(key),
    terms: read(orderTerms, value, `failed to parse order (${value})`),
  }));
  const logic = parameters.flatMap((parameter) => (parameter.kind === 'logic' ? [readLogic(parameter)] : []));
  const columns = readColumns(query);
  const select = first(parameters, 'select');
  const selected =
    select === undefined
      ? EVERYTHING
      : read(selectItems, select, `failed to parse select parameter (${select})`);
  const filters: { path: EmbedPath; filter: { field: Field } & NegatableOperation }[] = [];
  const filterKeys = new Set<string>();
  const callArguments: { name: string; value: { literal: number } }[] = [];
  for (const parameter of parameters) {
    if (parameter.kind === 'logic' || (parameter.kind === 'text' && isReserved(parameter.key))) continue;
    filterKeys.add(parameter.key);
    const { path, field } = readPath(parameter.key);
    if (parameter.kind === 'argument') callArguments.push({ name: field.name, value: parameter.value });
    else filters.push({ path, filter: { field, ...operationOf(parameter) } });
  }
  const onConflict = first(parameters, 'on_conflict');
  return {
    select: selected,
    filters,
    logic,
    order,
    ranges: [...query.ranges.keys()].map((key) => ({
      key,
      path: key === '' ? [] : readPath(`${key}.limit`).path,
    })),
    ...(columns && { columns }),
    ...(onConflict !== undefined && {
      onConflict: read(names, onConflict, `failed to parse on_conflict parameter (${onConflict})`),
    }),
    arguments: callArguments,
    filterKeys,
  };
}

/**
 * The `columns` parameter: the keys of the body that are used.
 *
 * @throws EngineError PGRST100
 */
export function readColumns(query: LiftedQuery): ReadonlySet<string> | undefined {
  const columns = first(query.parameters, 'columns');
  if (columns === undefined) return undefined;
  return new Set(read(names, columns, `failed to parse columns parameter (${columns})`));
}

function isReserved(key: string): boolean {
  return key === 'select' || key === 'columns' || key === 'on_conflict' || lastName(key) === 'order';
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function texts(parameters: readonly LiftedParameter[], wanted: (key: string) => boolean) {
  return parameters.flatMap((parameter) =>
    parameter.kind === 'text' && wanted(parameter.key) ? [parameter] : [],
  );
}

function first(parameters: readonly LiftedParameter[], key: string): string | undefined {
  return texts(parameters, (candidate) => candidate === key)[0]?.value;
}

function readPath(key: string): { path: EmbedPath; field: Field } {
  return read(treePath, key, `failed to parse tree path (${key})`);
}

function pathOf(key: string): EmbedPath {
  return readPath(key).path;
}

function operationOf(
  parameter: Exclude<LiftedParameter, { kind: 'logic' | 'argument' }>,
): NegatableOperation {
  if (parameter.kind === 'filter') return { negated: parameter.negated, operation: parameter.operation };
  // Without a value to lift (`is.null`), or not an operation at all.
  const noValue = () => ({ literal: -1 });
  return read(filterValue(noValue), parameter.value, `failed to parse filter (${parameter.value})`);
}

function readLogic({ key, value, tree }: LiftedParameter & { kind: 'logic' }): {
  path: EmbedPath;
  tree: LogicTree;
} {
  if ('messages' in tree) {
    const negated = key.split('.').includes('not');
    const text = `${negated ? 'not.' : ''}${lastName(key)}${value}`;
    throw failureOf(tree, text, `failed to parse logic tree (${value})`);
  }
  const { path } = read(treePath, key, `failed to parse logic path (${key})`);
  return { path: path.filter((name) => name !== 'not'), tree };
}

function read<T>(parser: Parser<T>, text: string, what: string): T {
  const parsed = parse(parser, text);
  if ('failure' in parsed) throw failureOf(parsed.failure, text, what);
  return parsed.value;
}

function failureOf(failure: Failure, text: string, what: string): Error {
  return queryParameterError(`"${what}" ${describePosition(text, failure.at)}`, describeFailure(failure));
}

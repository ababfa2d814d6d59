// `select` → a tree of levels, each with its filters, order and range.
import type { EmbedPath, QueryParameters, SelectItem } from '../api-request/types';
import { notEmbeddedError } from '../errors';
import type { QualifiedName } from '../schema-cache';
import type { ReadNode } from './types';

/** A level with its part of the request, not yet resolved against the schema cache. */
export interface RequestedLevel {
  node: ReadNode;
  select: readonly (SelectItem & { kind: 'field' })[];
  filters: QueryParameters['filters'][number]['filter'][];
  logic: QueryParameters['logic'][number]['tree'][];
  order: QueryParameters['order'][number]['terms'];
  children: RequestedLevel[];
}

export interface TreeOptions {
  /** Filters and logic of the root belong to the write, not to what is read back. */
  rootFiltered: boolean;
  /** Writes have no limits. */
  ranged: boolean;
  /** Whether an embedded resource may be filtered by its own name where it has an alias. */
  legacyTargetNames: boolean;
}

/** @throws EngineError PGRST108 a filter, order or limit of what is not embedded */
export function requestedTree(
  target: QualifiedName,
  parameters: QueryParameters,
  { rootFiltered, ranged, legacyTargetNames }: TreeOptions,
): RequestedLevel {
  const root = level(target.schema, { name: target.name, select: parameters.select }, 0);
  const at = (path: EmbedPath) => levelAt(root, path, legacyTargetNames);
  for (const { path, filter } of parameters.filters) {
    if (path.length > 0 || rootFiltered) at(path).filters.push(filter);
  }
  for (const { path, terms } of [...parameters.order].reverse()) at(path).order = terms;
  if (ranged) {
    root.node.rangeKey = '';
    for (const { path, key } of parameters.ranges) at(path).node.rangeKey = key;
  }
  for (const { path, tree } of parameters.logic) {
    if (path.length > 0 || rootFiltered) at(path).logic.push(tree);
  }
  return root;
}

interface LevelRequest {
  name: string;
  alias?: string;
  hint?: string;
  join?: 'inner' | 'left';
  kind?: 'relation' | 'spread';
  select: readonly SelectItem[];
}

function level(schema: string, request: LevelRequest, depth: number): RequestedLevel {
  const { name, alias, hint, join, kind, select } = request;
  const children = select.flatMap((item) => (item.kind === 'field' ? [] : [level(schema, item, depth + 1)]));
  return {
    node: {
      from: { schema, name },
      select: [],
      where: [],
      order: [],
      name,
      ...(alias !== undefined && { alias }),
      ...(hint !== undefined && { hint }),
      ...(join && { join }),
      ...(kind === 'spread' && { spread: 'to-one' as const }),
      joinConditions: [],
      fixed: [],
      aggregateAlias: '',
      embedded: [],
      children: children.map((child) => child.node),
      depth,
    },
    select: select.flatMap((item) => (item.kind === 'field' ? [item] : [])),
    filters: [],
    logic: [],
    order: [],
    children,
  };
}

function levelAt(root: RequestedLevel, path: EmbedPath, legacyTargetNames: boolean): RequestedLevel {
  let found = root;
  for (const name of path) {
    const byTarget = (node: ReadNode) =>
      node.name === name && node.alias !== undefined && node.alias !== name;
    const child = found.children.find(
      ({ node }) => (node.alias ?? node.name) === name || (legacyTargetNames && byTarget(node)),
    );
    if (!child) throw notEmbeddedError(name, found.children.find(({ node }) => byTarget(node))?.node.alias);
    if (byTarget(child.node)) child.node.namedByTarget = true;
    found = child;
  }
  return found;
}

/** The warning about a deprecated use of targets' names; undefined where there is none. */
export function targetNameWarning(root: ReadNode): string | undefined {
  const replacements = namedByTarget(root).map(({ name, alias }) => `\`${name}\` to \`${alias}\``);
  if (replacements.length === 0) return undefined;
  return `Embedded resource was referenced by relation name even though it has an alias. This is deprecated and will stop working in a future release. Update ${replacements.join(', ')} in query string filters, orders or limits.`;
}

function namedByTarget(node: ReadNode): ReadNode[] {
  return [...(node.namedByTarget ? [node] : []), ...node.children.flatMap(namedByTarget)];
}

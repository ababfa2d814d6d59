// The size of a request, known before it is sent to PostgreSQL.
import type { RequestLimits } from '../api-request/values';
import { requestTooLargeError } from '../errors';
import { isToOne } from '../schema-cache';
import type { Plan, ReadNode } from './types';

export interface PlanSize {
  embedded: number;
  depth: number;
  selected: number;
  /** The answer's rows are the table's rows with to-one resources: no lists, no column twice. */
  flat: boolean;
}

export function sizeOf({ root }: Plan): PlanSize {
  const size = { embedded: 0, depth: 0, selected: 0, flat: true };
  add(root, size);
  return size;
}

function add(node: ReadNode, size: PlanSize): void {
  const names = node.select.map(({ field }) => field.name);
  size.selected += names.length;
  size.depth = Math.max(size.depth, node.depth);
  if (new Set(names).size < names.length) size.flat = false;
  for (const child of node.children) {
    size.embedded += 1;
    if (!child.relationship || !isToOne(child.relationship)) size.flat = false;
    add(child, size);
  }
}

/** @throws EngineError `request_too_large` */
export function expectWithin(size: PlanSize, limits: RequestLimits): void {
  const refuse = (what: string, most: number, key: string) => {
    throw requestTooLargeError(`The request ${what}, more than ${most}`, key);
  };
  if (size.depth > limits.maxEmbedDepth) {
    refuse(`embeds ${size.depth} levels deep`, limits.maxEmbedDepth, 'maxEmbedDepth');
  }
  if (size.embedded > limits.maxEmbedded) {
    refuse(`embeds ${size.embedded} resources`, limits.maxEmbedded, 'maxEmbedded');
  }
  if (size.selected > limits.maxSelected) {
    refuse(`names ${size.selected} columns`, limits.maxSelected, 'maxSelected');
  }
}

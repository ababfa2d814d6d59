// Slots → the values of one request.
import { toArrayLiteral } from '../api-request/operators';
import type { Payload } from '../api-request/payload';
import { type RowRange, restricted, rowRange } from '../api-request/ranges';
import type { RequestValues } from '../api-request/values';
import type { Slot } from './sql';

export function bindValues(slots: readonly Slot[], request: RequestValues): unknown[] {
  return slots.map((slot) => boundValue(slot, request));
}

function boundValue(slot: Slot, request: RequestValues): unknown {
  switch (slot.kind) {
    case 'literal':
      return request.literals[slot.literal];
    case 'constant':
      return slot.value;
    case 'limit':
      return numeral(rangeOf(slot.level, request).limit);
    case 'offset':
      return numeral(rangeOf(slot.level, request).offset);
    case 'max-bytes':
      return request.limits?.maxResultBytes;
    case 'max-rows':
      return request.limits?.maxResultRows;
    case 'fixed':
      return request.fixed?.value;
    case 'body':
      return bodyOf(request.payload);
    case 'argument':
      return argumentOf(slot, request.arguments);
  }
}

function rangeOf(level: string, { topLevel, ranges, maxRows }: RequestValues): RowRange {
  return restricted(level === '' ? topLevel : rowRange(ranges.get(level)), maxRows);
}

/** Without an exponent, however large. */
function numeral(value: number | null): string | null {
  if (value === null) return null;
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
}

function bodyOf(payload: Payload | undefined): string | Buffer {
  const raw = payload?.raw ?? '';
  return typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
}

/** Of a name given several times, a variadic parameter takes all values, another the last. */
function argumentOf(
  { name, variadic }: Slot & { kind: 'argument' },
  given: RequestValues['arguments'],
): string | null {
  const values = given.filter(([each]) => each === name).map(([, value]) => value);
  if (!variadic) return values.at(-1) ?? null;
  return values.length === 1 && values[0] === '' ? '{""}' : toArrayLiteral(values);
}

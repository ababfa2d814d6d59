// The map of a legacy import: which rows and expressions at the source become which columns here.
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { MovementError } from '../errors';

const legacyTable = z.strictObject({
  /** Table or view at the source, qualified and quoted as in SQL. */
  from: z.string().min(1),
  /** SQL condition that selects the tenant's rows; `:tenant` is its value at the source. */
  where: z.string().min(1),
  /** Column here → SQL expression at the source. */
  columns: z.record(z.string(), z.string().min(1)),
});

const legacyMap = z.strictObject({
  /** Table here → where its rows come from. */
  tables: z.record(z.string(), legacyTable),
});

export type LegacyMap = z.infer<typeof legacyMap>;
export type LegacyTable = z.infer<typeof legacyTable>;

/**
 * Reads a map. Its expressions are SQL that runs at the source with the rights of its login:
 *
 *     tables:
 *       accounts:
 *         from: customers
 *         where: company_id = :tenant
 *         columns:
 *           id: md5('customers/' || id)::uuid
 *           name: company_name
 *           email: lower(mail)
 *
 * @throws MovementError `legacy_map_invalid`
 */
export function readLegacyMap(text: string): LegacyMap {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw mapInvalid(error.message);
  }
  const read = legacyMap.safeParse(document);
  if (!read.success) throw mapInvalid(z.prettifyError(read.error));
  return read.data;
}

export function mapInvalid(why: string, cause?: unknown): MovementError {
  return new MovementError('legacy_map_invalid', `The map cannot be used: ${why}`, {
    hint: 'Correct it and import again; no rows were kept.',
    cause,
  });
}

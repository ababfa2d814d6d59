import { MissingValues } from '@/lib/crm/templates';
import { RequestError } from '../../errors';

/**
 * Refuses a mail whose merge fields have no value.
 *
 * @param missing names of fields, such as `event.location`; with repetitions
 * @throws RequestError `message_incomplete`
 */
export function requireValues(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const cause = new MissingValues([...new Set(missing)]);
  throw new RequestError('message_incomplete', `The email has no value for ${cause.names}.`, {
    hint: `${cause.message} Or change the text.`,
    cause,
  });
}

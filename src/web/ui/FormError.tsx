import { Alert } from '@mantine/core';
import { explain } from './notify';

/** What failed, in words; nothing without an error. `sent`: see `explain`. */
export function FormError({
  error,
  sent,
}: {
  error: unknown;
  sent?: Readonly<Record<string, unknown>> | undefined;
}) {
  if (error === null || error === undefined) return null;
  return <Alert color="red">{explain(error, sent)}</Alert>;
}

import { z } from '@hono/zod-openapi';
import { RequestError } from '../errors';

/** What an operator types before a dangerous step. @param of whose name it is */
export const typedName = (of: 'tenant' | 'data source' | 'target') =>
  z
    .string()
    .max(63)
    .openapi({
      description: `The ${of}’s ${of === 'tenant' ? 'subdomain' : 'name'}, as the person has typed it.`,
    });

/** For a dangerous step: the operator has typed the name that it is about. @throws RequestError `confirmation_differs` */
export function requireConfirmation(typed: string | undefined, name: string): void {
  if (typed?.trim() === name) return;
  throw new RequestError('confirmation_differs', `Nothing was done: “${name}” was not typed.`);
}

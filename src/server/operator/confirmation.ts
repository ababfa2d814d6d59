import { RequestError } from '../errors';

/** For a dangerous step: the operator has typed the name that it is about. @throws RequestError `confirmation_differs` */
export function requireConfirmation(typed: string | undefined, name: string): void {
  if (typed?.trim() === name) return;
  throw new RequestError('confirmation_differs', `Nothing was done: “${name}” was not typed.`);
}

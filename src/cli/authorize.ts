import type { Command } from 'commander';
import type { Author } from '@/lib/application';
import { readConfiguration } from '@/lib/configuration';
import {
  IdentityError,
  type OperatorPermission,
  requireOperatorPermission,
  type Session,
  SignIn,
} from '@/lib/identity';
import { SecretError } from '@/lib/secrets';
import { CommandError } from './errors';
import { type Instance, withInstance } from './instance';
import { actAs, storedToken } from './operator-session';
import { permissionFor } from './permissions';
import { systemActor } from './system-actor';

/** `tenant create`: a command's name below the program's. */
export function nameOf(command: Command): string {
  const above = command.parent;
  return above?.parent ? `${nameOf(above)} ${command.name()}` : command.name();
}

/**
 * Runs before each command: an operator who is signed in does what their role allows, and is named in the audit log. Without
 * a sign-in the system user, who has the keys of the service, acts as an owner; see docs/operators.md.
 *
 * @throws CommandError `operator_sign_in_required`; IdentityError `operator_role_insufficient`, `operator_second_factor_missing`
 */
export async function authorize(command: Command): Promise<void> {
  const name = nameOf(command);
  const permission = permissionFor(name, command);
  if (permission === null) return;
  const token = await storedToken();
  if (token !== undefined)
    return withInstance(async (instance) => actAs(await authorizeIn(instance, token, name, permission)));
  if (readConfiguration().OPERATOR_SIGN_IN === 'required')
    throw signInRequired('No operator is signed in here.');
}

/** As `authorize`, for the operator of a token. @param command as `nameOf` @returns who acts */
export async function authorizeIn(
  instance: Instance,
  token: string,
  command: string,
  permission: OperatorPermission,
): Promise<Author> {
  const session = await operatorOf(instance, token);
  const author = { actor: `user:${session.user.id}`, address: systemActor() };
  await requireOperatorPermission(instance.application, session, permission, {
    to: `marquee ${command}`,
    by: author,
  });
  return author;
}

/** @throws CommandError `operator_sign_in_required` where the sign-in has ended */
export async function operatorOf(instance: Instance, token: string): Promise<Session> {
  try {
    const session = await new SignIn(instance.application, instance.operations, instance.tokens).recognize(
      token,
    );
    if (session.user.role === 'operator' && session.record) return session;
  } catch (error) {
    if (!(error instanceof IdentityError || error instanceof SecretError)) throw error;
  }
  throw signInRequired('The sign-in at this command line has ended.');
}

function signInRequired(message: string): CommandError {
  return new CommandError('operator_sign_in_required', message, {
    hint: 'Sign in: marquee operator sign-in',
  });
}

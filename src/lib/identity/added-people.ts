// Accounts that an operator makes: each begins with a given password, which is changed at the first sign-in.
import type { ApplicationDatabase, Author, NewUser, User } from '@/lib/application';
import { firstPassword, hashPassword } from './passwords';

/** @returns the password, which is stored nowhere @throws ApplicationError `email_taken`, `user_invalid` */
export async function addPerson(
  { users }: Pick<ApplicationDatabase, 'users'>,
  person: Omit<NewUser, 'passwordHash' | 'mustChangePassword'>,
  by?: Author,
): Promise<{ user: User; password: string }> {
  const password = firstPassword();
  const given = { passwordHash: await hashPassword(password), mustChangePassword: true };
  return { user: await users.create({ ...person, ...given }, by), password };
}

/**
 * Gives a person a new first password; their sessions end.
 *
 * @param options.secondFactor removes the second factor too, of a lost phone
 */
export async function resetPerson(
  { users }: Pick<ApplicationDatabase, 'users'>,
  id: string,
  { secondFactor = false }: { secondFactor?: boolean | undefined } = {},
  by?: Author,
): Promise<{ user: User; password: string }> {
  const password = firstPassword();
  if (secondFactor) await users.setTotpSecret(id, null, by);
  return { user: await users.setPassword(id, await hashPassword(password), by, true), password };
}

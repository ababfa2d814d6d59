import type { User } from '@/lib/application';
import {
  hashPassword,
  IdentityError,
  newRecoveryCodes,
  newTotp,
  refuseCommonPassword,
  SHORTEST_PASSWORD,
  SignIn,
  takeDigits,
} from '@/lib/identity';
import { CommandError } from '../errors';
import type { Instance } from '../instance';
import type { Questions } from '../questions';
import { systemActor } from '../system-actor';

/**
 * Authenticates an operator: password, a new one if the current one was given out, and the second factor, which is set up
 * where there is none.
 *
 * @returns the token of a session that has shown the second factor
 * @throws IdentityError `sign_in_refused`, `too_many_attempts`, `password_common`, `code_wrong`
 */
export async function signInOperator(
  instance: Instance,
  email: string | undefined,
  questions: Questions,
): Promise<{ user: User; token: string }> {
  const address = systemActor();
  const signIn = new SignIn(instance.application, instance.operations, instance.tokens);
  const credentials = {
    ...{ tenantId: null, address, email: email ?? (await questions.ask('Email address:')) },
    password: await questions.ask('Password:', { secret: true }),
  };
  let user = await signIn.authentication.authenticate(credentials, { secondFactorLater: true });
  // The second factor first: a person who has only another’s given-out password must not change it.
  if (user.totpConfirmedAt) {
    await signIn.authentication.checkCode(user, await questions.ask('Code of your authenticator:'), address);
  }
  if (user.mustChangePassword) user = await choosePassword(instance, user, questions);
  if (!user.totpConfirmedAt) user = await setUpSecondFactor(instance, user, questions);
  const { token } = await signIn.beginBrowserSession(user, {
    ...{ kind: 'client', secondFactor: true, address, userAgent: 'marquee, the command line' },
  });
  return { user, token };
}

async function choosePassword({ application }: Instance, user: User, questions: Questions): Promise<User> {
  questions.explain('The current password was chosen by another person.');
  const password = await questions.ask('New password:', { secret: true });
  if (password.length < SHORTEST_PASSWORD) {
    throw new CommandError('option_invalid', `A password has at least ${SHORTEST_PASSWORD} characters.`, {
      hint: 'Sign in again, and choose a longer one.',
    });
  }
  await refuseCommonPassword(password, [user.email, user.displayName]);
  return application.users.setPassword(user.id, await hashPassword(password), authorOf(user));
}

async function setUpSecondFactor(
  { application: { users } }: Instance,
  user: User,
  questions: Questions,
): Promise<User> {
  const { secret, uri } = newTotp(user);
  questions.explain(`Operators need a second factor. Add this to your authenticator:\n\n  ${uri}\n`);
  if (!(await takeDigits(users, user, secret, await questions.ask(`Code for the secret ${secret}:`)))) {
    throw new IdentityError('code_wrong', 'The code is not right.', { hint: 'Sign in again.' });
  }
  const { codes, hashes } = await newRecoveryCodes(user);
  await users.setTotpSecret(user.id, secret, authorOf(user));
  const confirmed = await users.confirmTotp(user.id, hashes, authorOf(user));
  questions.explain(`Keep these codes for a lost phone. Each works once:\n\n  ${codes.join('\n  ')}\n`);
  return confirmed;
}

function authorOf({ id }: User) {
  return { actor: `user:${id}`, address: systemActor() };
}

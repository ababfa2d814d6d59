import { text } from '@clack/prompts';
import { CommandError } from './errors';

/**
 * Asks a person at a terminal to type a tenant's name before something that cannot be undone.
 *
 * @param consequence what happens then, one sentence
 * @throws CommandError `confirmation_missing`, also where standard input is not a terminal
 */
export async function confirmByName(
  { subdomain }: { subdomain: string },
  consequence: string,
): Promise<void> {
  const message = `${consequence} Type ${subdomain} to go on:`;
  const typed = process.stdin.isTTY ? await text({ message, output: process.stderr }) : undefined;
  if (typed === subdomain) return;
  throw new CommandError('confirmation_missing', 'Nothing was done: it was not confirmed.', {
    hint: `Type ${subdomain} when asked, or give --yes.`,
  });
}

// Values that are typed as arguments or options.
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { CommandError } from './errors';

/** Reads an option that is a whole number between these. */
export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** @param hint what to do where it is none @throws CommandError `email_invalid` */
export function expectEmail(email: string, hint = 'Give an address such as ann@example.com.'): void {
  if (z.email().max(254).safeParse(email).success) return;
  throw new CommandError('email_invalid', `“${email}” is not an email address.`, { hint });
}

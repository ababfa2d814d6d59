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

/** Reads an option that is a number above zero. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a positive number.');
}

/** Reads an option that is a share, from 0 to 1. */
export function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('Give a number from 0 to 1.');
}

/** Reads an option that lists the percentages after each wave: `10,100`. What they must be together is for the plan to say. */
export function percentages(text: string): number[] {
  return text.split(',').map((part) => {
    const percent = positiveNumber(part);
    if (percent <= 100) return percent;
    throw new InvalidArgumentError('A percentage is at most 100.');
  });
}

/** @param hint what to do if it is not an email address @throws CommandError `email_invalid` */
export function expectEmail(email: string, hint = 'Give an address such as ann@example.com.'): void {
  if (z.email().max(254).safeParse(email).success) return;
  throw new CommandError('email_invalid', `“${email}” is not an email address.`, { hint });
}

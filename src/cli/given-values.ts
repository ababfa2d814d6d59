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

/** Reads an option that is the id of a record of the audit log. */
export function recordId(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  throw new InvalidArgumentError('Give the number of a record.');
}

/** Reads an option that is a point in time; one without an offset is in UTC. */
export function pointInTime(text: string): Date {
  const given = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const time = new Date(given?.[1] && !given[4] ? `${text}Z` : text);
  if (given && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('Give a time such as 2026-08-01 or 2026-08-01T03:00Z.');
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

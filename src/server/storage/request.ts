// What requests of the Storage API have in common.
import type { Context } from 'hono';
import { z } from 'zod';
import { RequestError } from '../errors';
import { readAddress } from './object-path';

/** Names of one request: their rows are removed in one statement. */
const MANY = 200;
export const Names = z.array(z.string()).min(1).max(MANY);
/** An integer, which clients may send as text. */
export const Integer = z.coerce.number().int();

/** What follows a route in the address: bucket and name, percent-encoded. */
export function addressIn(context: Context, base: string): string {
  const { pathname } = new URL(context.req.url);
  return pathname.slice(pathname.indexOf(`/storage/v1${base}`) + `/storage/v1${base}`.length);
}

export function nameIn(context: Context, base: string): string {
  refuseVersion(context.req.query('versionId'));
  return readAddress(addressIn(context, base));
}

export const upserts = (context: Context) => context.req.header('x-upsert') === 'true';

/** `?download` saves a file under its own name, `?download=x` under another. */
export function saveAs(context: Context, name: string): string | undefined {
  const asked = context.req.query('download');
  return asked === undefined ? undefined : asked || name;
}

/** The JSON body without members that are null: clients send them for what is not given. */
export async function bodyOf(context: Context): Promise<unknown> {
  try {
    return JSON.parse(await context.req.text(), function (this: unknown, _name, value: unknown) {
      return value === null && !Array.isArray(this) ? undefined : value;
    });
  } catch (cause) {
    throw new RequestError('request_malformed', 'The body is not JSON.', {
      hint: 'Send application/json.',
      cause,
    });
  }
}

export function refuseVersion(version: string | undefined): void {
  if (version !== undefined) throw notOffered('Versions of files are');
}

export function notOffered(what: string): RequestError {
  return new RequestError('not_offered', `${what} not offered here.`, { hint: 'See /docs/connect.' });
}

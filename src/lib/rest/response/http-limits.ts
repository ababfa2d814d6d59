// Limits on what a database may set of an HTTP response, so that every server can send it.
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** A status that ends a response. Those below 200 are interim; `Response` refuses those from 600 on. */
export function isFinalStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

/** Whether name and value are well-formed; the value may hold UTF-8, but no control characters. */
export function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, Buffer.from(value, 'utf8').toString('latin1'));
    return true;
  } catch {
    return false;
  }
}

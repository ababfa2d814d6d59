// A row that came in one piece. The driver decodes each column by itself; cutting one text into columns takes half the time.
import { ProtocolError } from './large-row';
import type { TextRow } from './statement';

/**
 * In Latin-1 each byte is one character, so a column's place in the text is that in the bytes; and ASCII is the same in UTF-8. Bytes
 * from 0xf8 on stand in lengths only: UTF-8 has none.
 */
const NOT_ASCII = /[\x80-\xf7]/;

/** Longer columns are decoded faster one by one, bytes on average. */
const SHORT_COLUMN = 64;

/**
 * Reads a DataRow message, in the shape of the driver's.
 *
 * @param start of the message's body
 * @param length of the message, as its header says: the four bytes of the length itself included
 * @throws ProtocolError where a column is longer than its row
 */
export function readShortRow(chunk: Buffer, start: number, length: number) {
  const end = start + length - 4;
  if (end < start + 2) throw new ProtocolError();
  const fields: TextRow = new Array(chunk.readUInt16BE(start));
  const text = end - start < fields.length * SHORT_COLUMN ? chunk.toString('latin1', start, end) : undefined;
  const cut = text !== undefined && !NOT_ASCII.test(text) ? text : undefined;
  let at = start + 2;
  for (let column = 0; column < fields.length; column += 1) {
    const from = at + 4;
    const size = from > end ? end : chunk.readInt32BE(at);
    at = from + Math.max(0, size);
    if (at > end) throw new ProtocolError();
    if (size < 0) fields[column] = null;
    else fields[column] = cut?.slice(from - start, at - start) ?? chunk.toString('utf8', from, at);
  }
  return { name: 'dataRow', length, fields };
}

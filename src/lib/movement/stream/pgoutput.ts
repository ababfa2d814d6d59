// PostgreSQL's logical replication messages, protocol version 1, values as text:
// https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html

/** A column's value: its text, null, or undefined if an update did not change a large value and so did not send it. */
export type Value = string | null | undefined;

export interface Relation {
  oid: number;
  columns: string[];
}

export type PgoutputMessage =
  | { kind: 'begin'; commitLsn: bigint }
  | { kind: 'commit'; commitLsn: bigint; endLsn: bigint }
  | { kind: 'relation'; relation: Relation }
  | { kind: 'insert'; oid: number; row: Value[] }
  /** `old` is the whole row if that is the replica identity; otherwise it has the key and nulls. */
  | { kind: 'update'; oid: number; old?: Value[]; oldIsWhole?: boolean; row: Value[] }
  | { kind: 'delete'; oid: number; old: Value[] }
  | { kind: 'truncate'; oids: number[] }
  | { kind: 'message'; transactional: boolean; lsn: bigint; prefix: string; content: string }
  | { kind: 'other' };

/** Decodes one message. Values stay text, since the other PostgreSQL reads what this one has printed. */
export function decode(data: Buffer): PgoutputMessage {
  const reader = new Reader(data);
  switch (reader.char()) {
    case 'B':
      return { kind: 'begin', commitLsn: reader.int64() };
    case 'C':
      reader.skip(1);
      return { kind: 'commit', commitLsn: reader.int64(), endLsn: reader.int64() };
    case 'R':
      return { kind: 'relation', relation: relation(reader) };
    case 'I': {
      const oid = reader.int32();
      reader.skip(1);
      return { kind: 'insert', oid, row: reader.tuple() };
    }
    case 'U': {
      const oid = reader.int32();
      const first = reader.char();
      if (first === 'N') return { kind: 'update', oid, row: reader.tuple() };
      const old = reader.tuple();
      reader.skip(1);
      return { kind: 'update', oid, old, oldIsWhole: first === 'O', row: reader.tuple() };
    }
    case 'D': {
      const oid = reader.int32();
      reader.skip(1);
      return { kind: 'delete', oid, old: reader.tuple() };
    }
    case 'T': {
      const count = reader.int32();
      reader.skip(1);
      return { kind: 'truncate', oids: Array.from({ length: count }, () => reader.int32()) };
    }
    case 'M': {
      const transactional = reader.int8() === 1;
      const lsn = reader.int64();
      const prefix = reader.string();
      return { kind: 'message', transactional, lsn, prefix, content: reader.text(reader.int32()) };
    }
    default:
      return { kind: 'other' };
  }
}

function relation(reader: Reader): Relation {
  const oid = reader.int32();
  reader.string();
  reader.string();
  reader.skip(1);
  const columns = Array.from({ length: reader.int16() }, () => {
    reader.skip(1);
    const name = reader.string();
    reader.skip(8);
    return name;
  });
  return { oid, columns };
}

class Reader {
  #at = 0;
  constructor(private readonly data: Buffer) {}

  skip(bytes: number): void {
    this.#at += bytes;
  }
  char(): string {
    return String.fromCharCode(this.int8());
  }
  int8(): number {
    return this.data.readUInt8(this.#at++);
  }
  int16(): number {
    this.#at += 2;
    return this.data.readUInt16BE(this.#at - 2);
  }
  int32(): number {
    this.#at += 4;
    return this.data.readUInt32BE(this.#at - 4);
  }
  int64(): bigint {
    this.#at += 8;
    return this.data.readBigUInt64BE(this.#at - 8);
  }
  text(length: number): string {
    this.#at += length;
    return this.data.toString('utf8', this.#at - length, this.#at);
  }
  string(): string {
    const end = this.data.indexOf(0, this.#at);
    const text = this.data.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
  tuple(): Value[] {
    const values = new Array<Value>(this.int16());
    for (let column = 0; column < values.length; column += 1) {
      const kind = this.char();
      values[column] = kind === 'n' ? null : kind === 'u' ? undefined : this.text(this.int32());
    }
    return values;
  }
}

// Messages on the wire, as realtime-js and Phoenix write them: https://hexdocs.pm/phoenix, "Writing a Channels Client".

/** 1: objects as JSON; 2: arrays as JSON, and broadcasts in binary frames. */
export type Version = 1 | 2;

export interface Message {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

/** What a client broadcasts: JSON, or bytes that only clients of version 2 can be sent. */
export interface Broadcast {
  event: string;
  /** JSON as text, or bytes. */
  content: string | Buffer;
}

const BROADCAST_PUSH = 3;
const BROADCAST = 4;
const AS_BYTES = 0;
const AS_JSON = 1;

export function versionOf(vsn: string | null): Version | undefined {
  if (vsn === null || vsn === '' || vsn.startsWith('1.')) return 1;
  return vsn.startsWith('2.') ? 2 : undefined;
}

/** @returns undefined if the frame is malformed */
export function decode(data: Buffer, isBinary: boolean, version: Version): Message | undefined {
  if (isBinary) return decodeBroadcast(data);
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    return undefined;
  }
  if (version === 2) {
    if (!Array.isArray(value) || value.length !== 5) return undefined;
    const [joinRef, ref, topic, event, payload] = value;
    return checked({ joinRef, ref, topic, event, payload });
  }
  const { join_ref: joinRef = null, ref = null, topic, event, payload } = Object(value);
  return checked({ joinRef, ref, topic, event, payload });
}

export function encode(version: Version, { joinRef, ref, topic, event, payload }: Message): string {
  return JSON.stringify(
    version === 2 ? [joinRef, ref, topic, event, payload] : { join_ref: joinRef, ref, topic, event, payload },
  );
}

/** A broadcast as a client of this version reads it; undefined for bytes to a client that reads none. */
export function encodeBroadcast(
  version: Version,
  topic: string,
  { event, content }: Broadcast,
): string | Buffer | undefined {
  if (typeof content === 'string') {
    // The content is JSON already.
    const payload = `{"type":"broadcast","event":${JSON.stringify(event)},"payload":${content}}`;
    const name = JSON.stringify(topic);
    return version === 2
      ? `[null,null,${name},"broadcast",${payload}]`
      : `{"join_ref":null,"ref":null,"topic":${name},"event":"broadcast","payload":${payload}}`;
  }
  if (version === 1) return undefined;
  const [topicBytes, eventBytes] = [Buffer.from(topic), Buffer.from(event)];
  const head = Buffer.from([BROADCAST, topicBytes.length, eventBytes.length, 0, AS_BYTES]);
  return Buffer.concat([head, topicBytes, eventBytes, content]);
}

function decodeBroadcast(data: Buffer): Message | undefined {
  if (data.length < 7 || data[0] !== BROADCAST_PUSH) return undefined;
  const encoding = data[6];
  let offset = 7;
  const fields = [...data.subarray(1, 6)].map((length) => {
    offset += length;
    return data.subarray(offset - length, offset);
  });
  if (offset > data.length || (encoding !== AS_BYTES && encoding !== AS_JSON)) return undefined;
  const [joinRef = '', ref = '', topic = '', event = '', metadata = ''] = fields.map(String);
  const bytes = data.subarray(offset);
  try {
    const content = encoding === AS_JSON ? JSON.parse(bytes.toString()) : bytes;
    const payload = {
      ...(metadata ? JSON.parse(metadata) : {}),
      type: 'broadcast',
      event,
      payload: content,
    };
    return { joinRef: joinRef || null, ref: ref || null, topic, event: 'broadcast', payload };
  } catch {
    return undefined;
  }
}

function checked(message: Record<keyof Message, unknown>): Message | undefined {
  const { joinRef, ref, topic, event } = message;
  const isRef = (value: unknown) => value === null || (typeof value === 'string' && value.length <= 64);
  const isName = (value: unknown) => typeof value === 'string' && Buffer.byteLength(value) <= 255;
  return isRef(joinRef) && isRef(ref) && isName(topic) && isName(event) ? (message as Message) : undefined;
}

// MD5 of four texts at once. A row is some hundred bytes, and a call of node:crypto costs as much as digesting them: here the four lanes of a
// vector digest four rows, and no call leaves JavaScript's memory.
//
// The 64 steps of a block (RFC 1321) are written as WebAssembly, since JavaScript has no vectors.

/** Bytes of each lane's text with its padding, at most. */
const LANE_BYTES = 16 << 10;
export const LANES = 4;
const BLOCK_BYTES = 64;
/** Padding and the length. */
const PADDING_BYTES = BLOCK_BYTES + 8;
/** In the memory: first the state, words a to d of four lanes each; then the lanes' texts. */
const TEXTS = BLOCK_BYTES;
const PAGES = Math.ceil((TEXTS + LANES * LANE_BYTES) / (64 << 10));
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
const INITIAL_STATE = Int32Array.from({ length: 4 * LANES }, (_, place) => INITIAL[place >> 2] ?? 0);

/** One buffer for all that digest in this thread: filled and digested without a pause in between. */
export class Md5Lanes {
  /** All lanes; the text of lane n begins at `start(n)`. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #state: Int32Array;
  readonly #block: (at: number) => void;
  /** Blocks of each lane's text. */
  readonly #blocks = new Int32Array(LANES);

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program()));
    const { buffer } = exports.memory as WebAssembly.Memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.#state = new Int32Array(buffer, 0, 4 * LANES);
    this.#block = exports.block as (at: number) => void;
  }

  static fits(bytes: number): boolean {
    return bytes + PADDING_BYTES <= LANE_BYTES;
  }

  start(lane: number): number {
    return TEXTS + lane * LANE_BYTES;
  }

  /** Ends the text of a lane. */
  end(lane: number, length: number): void {
    const start = this.start(lane);
    const blocks = Math.ceil((length + 9) / BLOCK_BYTES);
    const size = start + blocks * BLOCK_BYTES;
    this.bytes[start + length] = 0x80;
    this.bytes.fill(0, start + length + 1, size);
    this.view.setUint32(size - 8, length * 8, true);
    this.#blocks[lane] = blocks;
  }

  /** Digests the texts of the first lanes and combines their digests with `xor`, four words. */
  digest(lanes: number, xor: Int32Array): void {
    const [state, blocks] = [this.#state, this.#blocks];
    state.set(INITIAL_STATE);
    for (let [block, done] = [0, 0]; done < lanes; ) {
      this.#block(block * BLOCK_BYTES);
      block += 1;
      // A lane that is done goes on with bytes that mean nothing.
      for (let lane = 0; lane < lanes; lane++) {
        if (blocks[lane] !== block) continue;
        for (let word = 0; word < 4; word++) (xor[word] as number) ^= state[4 * word + lane] as number;
        done += 1;
      }
    }
  }
}

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
/** Which word of the block each of a round's steps takes. */
const WORDS = [(n: number) => n, (n: number) => 5 * n + 1, (n: number) => 3 * n + 5, (n: number) => 7 * n];

const [I32, V128, FUNCTION] = [0x7f, 0x7b, 0x60];
const vector = (code: number, ...after: number[]) => [0xfd, ...unsigned(code), ...after];
const memory = (code: number, align: number, offset: number) => vector(code, align, ...unsigned(offset));
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
/** For numbers from 0 to 63. */
const number = (value: number) => [0x41, value];
const LOAD = (offset: number) => memory(0x00, 4, offset);
const STORE = (offset: number) => memory(0x0b, 4, offset);
const LOAD_FIRST_LANE = (offset: number) => memory(0x5c, 2, offset);
const LOAD_LANE = (offset: number, lane: number) => [...memory(0x56, 2, offset), lane];
const [NOT, OR, XOR, SELECT] = [0x4d, 0x50, 0x51, 0x52].map((code) => vector(code)) as number[][];
const [SHIFT_LEFT, SHIFT_RIGHT, ADD] = [0xab, 0xad, 0xae].map((code) => vector(code)) as number[][];

/** A module that exports `memory` and `block(at)`, which digests the block at this offset in each lane's text. */
function program(): Uint8Array<ArrayBuffer> {
  const [at, state, words, sum] = [0, [1, 2, 3, 4], Array.from({ length: 16 }, (_, n) => 5 + n), 21];
  const body: number[] = [];
  const emit = (...parts: (readonly number[] | undefined)[]) => {
    for (const part of parts) body.push(...(part ?? []));
  };
  for (const [place, word] of words.entries()) {
    const offset = (lane: number) => TEXTS + lane * LANE_BYTES + 4 * place;
    emit(get(at), get(at), get(at), get(at), LOAD_FIRST_LANE(offset(0)));
    for (let lane = 1; lane < LANES; lane++) emit(LOAD_LANE(offset(lane), lane));
    emit(set(word));
  }
  for (const [place, local] of state.entries()) emit(number(0), LOAD(16 * place), set(local));
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const [a, b, c, d] = state.map((_, place) => state[(place + 64 - step) % 4]) as [
      number,
      number,
      number,
      number,
    ];
    const mixed = [
      [get(c), get(d), get(b), SELECT],
      [get(b), get(c), get(d), SELECT],
      [get(b), get(c), XOR, get(d), XOR],
      [get(c), get(b), get(d), NOT, OR, XOR],
    ][round];
    const shift = SHIFTS[round]?.[step % 4] ?? 0;
    const word = words[(WORDS[round]?.(step) ?? 0) % 16] ?? 0;
    emit(get(a), ...(mixed ?? []), ADD, get(word), ADD, sine(step), ADD, tee(sum), number(shift), SHIFT_LEFT);
    emit(get(sum), number(32 - shift), SHIFT_RIGHT, OR, get(b), ADD, set(a));
  }
  for (const [place, local] of state.entries())
    emit(number(0), number(0), LOAD(16 * place), get(local), ADD, STORE(16 * place));
  const code = [1, ...unsigned(sum), V128, ...body, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 1, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('block'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

/** The step's constant in all lanes. */
function sine(step: number): number[] {
  const value = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32);
  const bytes = [0, 8, 16, 24].map((bits) => (value >>> bits) & 0xff);
  return vector(0x0c, ...bytes, ...bytes, ...bytes, ...bytes);
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

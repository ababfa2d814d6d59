import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CsvError } from './errors';

const PIECE_BYTES = 64 * 1024;
/** A table of 100,000 rows with long notes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A file that was sent, kept outside of memory until it is closed. Once open it has no name: nothing is left of it. */
export class SpooledFile {
  /** How much of it the latest `read` has given so far. */
  bytesRead = 0;

  private constructor(
    private readonly handle: FileHandle,
    readonly bytes: number,
    readonly encoding: string,
  ) {}

  /** @throws CsvError `body_too_large` */
  static async receive(body: AsyncIterable<Uint8Array> | null, most = MOST_BYTES): Promise<SpooledFile> {
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-import-'));
    const handle = await open(path.join(directory, 'file'), 'wx+', 0o600);
    await rm(directory, { recursive: true, force: true });
    try {
      const sniffer = new Sniffer();
      let bytes = 0;
      for await (const chunk of body ?? []) {
        bytes += chunk.byteLength;
        if (bytes > most) {
          throw new CsvError('body_too_large', `The file is larger than ${most / 1024 / 1024} MB.`, {
            hint: 'Import it in parts.',
          });
        }
        sniffer.see(chunk);
        await handle.appendFile(chunk);
      }
      return new SpooledFile(handle, bytes, sniffer.encoding());
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The file's text from the beginning, in pieces. */
  async *read(): AsyncGenerator<string> {
    const decoder = new TextDecoder(this.encoding);
    const buffer = Buffer.alloc(PIECE_BYTES);
    // A position of its own, since a reader that was abandoned may still be reading.
    let position = 0;
    for (;;) {
      const { bytesRead } = await this.handle.read(buffer, 0, PIECE_BYTES, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      this.bytesRead = position;
      yield decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
    }
    yield decoder.decode();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Detects a text's encoding: by its byte order mark, else UTF-8 if it is valid, else Windows-1252, as Excel writes CSV. */
class Sniffer {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;
  #start: number[] = [];

  see(chunk: Uint8Array): void {
    if (this.#start.length < 2) this.#start = [...this.#start, ...chunk.subarray(0, 2)].slice(0, 2);
    this.#check(() => this.#utf8.decode(chunk, { stream: true }));
  }

  encoding(): string {
    this.#check(() => this.#utf8.decode());
    const [first, second] = this.#start;
    if (first === 0xff && second === 0xfe) return 'utf-16le';
    if (first === 0xfe && second === 0xff) return 'utf-16be';
    return this.#isUtf8 ? 'utf-8' : 'windows-1252';
  }

  #check(decode: () => string): void {
    if (!this.#isUtf8) return;
    try {
      decode();
    } catch {
      this.#isUtf8 = false;
    }
  }
}

// An uploaded file: streamed to disk, measured and inspected on the way, never held in memory as a whole.
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileTypeFromFile } from 'file-type';

/** Overlap between chunks, so that a tag split between two is found. */
const OVERLAP = 32;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary from text
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/;
const PAGE = /<\s*(html|script|svg|!doctype)/i;

export class ReceivedFile {
  private constructor(
    private readonly directory: string,
    readonly bytes: number,
    /** Hex. */
    readonly sha256: string,
    /** Whether it is UTF-8 without control characters and does not look like HTML. */
    readonly isText: boolean,
  ) {}

  /** Receives a file. Call `remove` when it is no longer needed. The caller limits its size. */
  static async receive(content: AsyncIterable<Uint8Array>): Promise<ReceivedFile> {
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-upload-'));
    let handle: FileHandle | undefined;
    try {
      handle = await open(path.join(directory, 'file'), 'wx', 0o600);
      const hash = createHash('sha256');
      const text = new TextCheck();
      let bytes = 0;
      for await (const chunk of content) {
        bytes += chunk.byteLength;
        hash.update(chunk);
        text.see(chunk);
        await handle.appendFile(chunk);
      }
      return new ReceivedFile(directory, bytes, hash.digest('hex'), text.end());
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    } finally {
      await handle?.close();
    }
  }

  /** The type by its magic number, if it has one. */
  async type(): Promise<string | undefined> {
    return (await fileTypeFromFile(this.#path))?.mime;
  }

  /** The file's content, read from disk when it is used. */
  content(): Promise<Blob> {
    return openAsBlob(this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  get #path(): string {
    return path.join(this.directory, 'file');
  }
}

class TextCheck {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isText = true;
  #before = '';

  see(chunk?: Uint8Array): void {
    if (!this.#isText) return;
    try {
      const text = this.#before + this.#decoder.decode(chunk, { stream: chunk !== undefined });
      this.#isText = !CONTROL.test(text) && !PAGE.test(text);
      this.#before = text.slice(-OVERLAP);
    } catch {
      this.#isText = false;
    }
  }

  end(): boolean {
    this.see();
    return this.#isText;
  }
}

// Packs blocks in threads, so that a backup does not delay requests.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { type Block, type PackedBlock, packBlock } from './pack';

const PROGRAM = { file: 'pack', name: 'packBlock' };

/** One core is left to requests and to reading rows. */
export const THREADS: number = Math.max(1, availableParallelism() - 1);
const IDLE_MS = 10_000;
/** Packing less takes no longer than handing it over. */
const SMALL_BYTES = 64 << 10;

let threads: Piscina | undefined;

/** @param block its content is handed over with the memory it lies in */
export async function pack(block: Block): Promise<PackedBlock> {
  if (block.content.length < SMALL_BYTES) return packBlock(block);
  threads ??= new Piscina({
    filename: packFile(),
    name: PROGRAM.name,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: IDLE_MS,
  });
  return threads.run(block, { transferList: [block.content.buffer as ArrayBuffer] });
}

/** Beside this file, with its ending: TypeScript while developing, JavaScript once built. */
function packFile(): string {
  const here = fileURLToPath(import.meta.url);
  return path.join(path.dirname(here), `${PROGRAM.file}${path.extname(here)}`);
}

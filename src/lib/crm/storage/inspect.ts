import { StorageError, storageKey } from './file-storage';
import type { ReceivedFile } from './received-file';

export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** Types of attachments. None that a browser would run: no HTML, no SVG. */
export const ALLOWED_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/heic',
  'application/pdf',
  'application/zip',
  'video/mp4',
  'video/quicktime',
  'audio/mpeg',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain',
  'text/csv',
]);

/** The columns of `attachments` that follow from a file's bytes. */
export interface InspectedFile {
  file_name: string;
  mime_type: string;
  size_bytes: number;
  /** Hex. */
  sha256: string;
  storage_key: string;
}

/**
 * Checks an upload before it is stored: size, type by content, hash. Gives it a storage key.
 *
 * @param claimedType the client's claim; used only for text, which has no magic number
 * @throws StorageError `file_too_large`, `file_empty`, `file_type_refused`, `file_type_mismatch`
 */
export async function inspectFile(
  tenantId: string,
  fileName: string,
  file: ReceivedFile,
  claimedType: string,
): Promise<InspectedFile> {
  if (file.bytes === 0) throw new StorageError('file_empty', `“${fileName}” is empty.`);
  if (file.bytes > MAX_FILE_BYTES) {
    throw new StorageError(
      'file_too_large',
      `“${fileName}” is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.`,
    );
  }
  const claimed = claimedType.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = claimed === 'text/csv' ? 'text/csv' : 'text/plain';
  const sniffed = (await file.type()) ?? (file.isText ? text : undefined);
  if (!sniffed || !ALLOWED_TYPES.has(sniffed)) {
    throw new StorageError('file_type_refused', `“${fileName}” is of a type that cannot be attached.`, {
      hint: 'Attach a picture, a PDF, an office document, a text or a video.',
    });
  }
  if (claimed.split('/')[0] === 'image' && claimed !== sniffed && !sniffed.startsWith('image/')) {
    throw new StorageError('file_type_mismatch', `“${fileName}” says it is a picture but is ${sniffed}.`);
  }
  return {
    file_name: cleanName(fileName),
    mime_type: sniffed,
    size_bytes: file.bytes,
    sha256: file.sha256,
    storage_key: storageKey(tenantId, file.sha256),
  };
}

/** The last part of a path, without control characters, at most 200 characters; safe in a header once encoded. */
export function cleanName(name: string): string {
  const last = name.split(/[\\/]/).pop() ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const printable = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return [...printable].slice(0, 200).join('') || 'file';
}

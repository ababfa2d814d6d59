import type { Branding, DocumentModel } from '../documents/model';

/** What a rendering process does. */
export type Task =
  | { kind: 'document'; document: DocumentModel; branding: Branding }
  /** `size`: the longest side, pixels. */
  | { kind: 'thumbnail'; content: Uint8Array; size: number }
  | { kind: 'logo'; content: Uint8Array }
  | { kind: 'placeless'; content: Uint8Array; mimeType: string };

/** What it answers. */
export type Answer = { made: Uint8Array } | { error: unknown };

import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { loadBranding, loadContract, renderDocument } from '../documents';
import { type FileStorage, readStored, sha256Of, storageKey, storageOf } from '../storage';
import { ClosingError } from './errors';

const PDF = 'application/pdf';

/** An attachment's content. */
export interface StoredFile {
  name: string;
  mimeType: string;
  content: Uint8Array;
}

/** PDFs being made, so that concurrent requests share one. */
const underWay = new Map<string, Promise<StoredFile>>();

/**
 * The PDF of a signed contract, made once and stored. If the process ended between signing and storing it, the first
 * request makes it, from the same signed text.
 *
 * @param client of the whole tenant
 * @throws ClosingError `quote_not_signed`; StorageError
 */
export function signedPdf(
  client: TenantClient,
  storage: FileStorage,
  tenantId: string,
  contractId: string,
): Promise<StoredFile> {
  const key = `${tenantId} ${contractId}`;
  const asked = underWay.get(key);
  if (asked) return asked;
  const made = findOrMake(client, storage, tenantId, contractId).finally(() => underWay.delete(key));
  underWay.set(key, made);
  return made;
}

async function findOrMake(
  client: TenantClient,
  storage: FileStorage,
  tenantId: string,
  contractId: string,
): Promise<StoredFile> {
  const contracts = new GenericRepository(client, 'contracts');
  const attachments = new GenericRepository(client, 'attachments');
  const contract = await contracts.get(contractId);
  if (contract.status !== 'signed') {
    throw new ClosingError('quote_not_signed', `Contract ${contract.contract_number} is not signed.`);
  }
  if (contract.signed_pdf_id) {
    const kept = await attachments.get(contract.signed_pdf_id);
    return {
      name: kept.file_name,
      mimeType: kept.mime_type,
      content: await readStored(storageOf(storage, tenantId), kept),
    };
  }
  const [model, branding] = await Promise.all([loadContract(client, contractId), loadBranding(client)]);
  const content = await renderDocument(model, branding, { tenantId });
  const sha256 = sha256Of(content);
  const key = storageKey(tenantId, sha256);
  await storage.put(key, content, PDF);
  const attachment = await attachments.create({
    entity_type: 'contract',
    entity_id: contractId,
    file_name: `${contract.contract_number} signed.pdf`.replace(/[/\\]/g, '-'),
    mime_type: PDF,
    size_bytes: content.byteLength,
    sha256,
    storage_key: key,
    visibility: 'client',
  });
  const { data: kept } = await client
    .from('contracts')
    .update({ signed_pdf_id: attachment.id })
    .eq('id', contractId)
    .is('signed_pdf_id', null)
    .select('id')
    .throwOnError();
  if (kept.length > 0) return { name: attachment.file_name, mimeType: PDF, content };
  // Another process stored its PDF first: use that one.
  await attachments.delete(attachment.id);
  await storage.remove(key);
  return findOrMake(client, storage, tenantId, contractId);
}

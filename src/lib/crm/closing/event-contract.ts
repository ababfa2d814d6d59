// Contracts of an event, beside those that go with a quote: made from a template, sent and signed at a link of their own.
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, RepositoryError, type RowOf } from '@/lib/repositories';
import { ClientLinkError, createClientLink } from '../client-link';
import { sanitizeDocumentHtml } from '../documents';
import { failureOf } from '../refusals';
import { type CompanyLook, loadCompanyLook } from './company-look';
import { consentTo } from './consent';
import {
  type ContractText,
  mergeContract,
  PLAIN_EVENT_AGREEMENT,
  refuseEmpty,
  refuseMissing,
} from './contract-text';
import { ClosingError } from './errors';
import { mergeValues, readEventRows } from './merge-values';
import { isCalledOff, noteView } from './offer';

/** What a contract from this template would say, and which values it lacks. @throws ClosingError `quote_template_unknown` */
export async function previewContract(
  client: TenantClient,
  eventId: string,
  templateId: string | undefined,
): Promise<ContractText & { missing: string[] }> {
  const values = await mergeValues(client, await readEventRows(client, eventId));
  return mergeContract(client, templateId, values, PLAIN_EVENT_AGREEMENT);
}

/**
 * Makes a draft, or returns the unsent one that was made from this template. An event has at most one unsigned contract of
 * its own.
 *
 * @param client of the creator: the database applies their role
 * @throws ClosingError `quote_template_unknown`, `quote_template_incomplete`, `quote_contract_empty`, `quote_contract_open`;
 *   RepositoryError
 */
export async function makeContract(
  client: TenantClient,
  eventId: string,
  templateId: string | undefined,
): Promise<RowOf<'contracts'>> {
  const { event, account, contact } = await readEventRows(client, eventId);
  const { missing, ...text } = await previewContract(client, eventId, templateId);
  refuseMissing(missing);
  refuseEmpty(text.title, text.bodyHtml);
  const contracts = new GenericRepository(client, 'contracts');
  const row = {
    event_id: event.id,
    opportunity_id: event.opportunity_id,
    account_id: event.account_id,
    contact_id: contact?.id ?? null,
    template_id: text.templateId,
    title: text.title,
    body_html: text.bodyHtml,
    signer_email: contact?.email ?? account?.email ?? null,
  };
  return contracts.create(row).catch(async (error: unknown) => {
    if (!(error instanceof RepositoryError) || error.code !== 'record_conflict') throw error;
    const open = await contracts.findOne({
      event_id: event.id,
      quote_id: null,
      status: ['draft', 'sent', 'viewed'],
    });
    if (!open) throw error;
    if (open.status === 'draft' && open.template_id === text.templateId) return open;
    throw new ClosingError(
      'quote_contract_open',
      `Contract ${open.contract_number} of this event waits to be signed.`,
      { hint: 'Send that one, or void it first.' },
    );
  });
}

/**
 * Sends a contract: locks its text and makes the link at which the client signs it. Sending again makes a new link; the
 * previous one stops working.
 *
 * @param request.client of the sender; `service` of the whole tenant, since users may not write hashes of links
 * @throws ClosingError `quote_contract_of_quote`, `quote_not_open`, `quote_contract_empty`; RepositoryError
 */
export async function sendContract(request: {
  tenantId: string;
  contractId: string;
  client: TenantClient;
  service: TenantClient;
}): Promise<{ contract: RowOf<'contracts'>; token: string }> {
  const { tenantId, contractId, client, service } = request;
  const contracts = new GenericRepository(client, 'contracts');
  const contract = await contracts.get(contractId);
  if (contract.quote_id) {
    throw new ClosingError('quote_contract_of_quote', 'This contract is signed together with its quote.', {
      hint: 'Send the quote again: its link opens both.',
    });
  }
  if (!['draft', 'sent', 'viewed'].includes(contract.status)) {
    throw new ClosingError('quote_not_open', `Contract ${contract.contract_number} is ${contract.status}.`, {
      hint: 'Make a new one.',
    });
  }
  if (contract.status === 'draft') refuseEmpty(contract.title, contract.body_html);
  // Updated also when it was sent before: the database checks whether the sender may send it.
  const status = contract.status === 'draft' ? 'sent' : contract.status;
  const fixed = contract.status === 'draft' ? { body_html: sanitizeDocumentHtml(contract.body_html) } : {};
  const sent = await contracts.update(contractId, { status, ...fixed });
  const link = createClientLink(tenantId);
  await new GenericRepository(service, 'contracts').update(contractId, { token_hash: link.hash });
  return { contract: sent, token: link.token };
}

/** What a contract's link shows. */
export interface ContractPage {
  /** Of the contract; `void` also where its event was cancelled before it was signed. */
  status: string;
  company: CompanyLook;
  number: string;
  title: string;
  bodyHtml: string;
  /** Sent back with the signature, to prove that the client signed this text. */
  sha256: string;
  consentText: string;
  signerName: string | null;
}

/** @param client of the whole tenant: the link is the permission @throws ClientLinkError `link_unknown` */
export async function findLinkedContract(client: TenantClient, hash: string): Promise<RowOf<'contracts'>> {
  const contract = await new GenericRepository(client, 'contracts').findOne({ token_hash: hash });
  if (contract) return contract;
  throw new ClientLinkError('link_unknown', 'This link no longer opens anything.', {
    hint: 'Open the newest mail, or ask for a new link.',
  });
}

/** Records the first view. @throws as `findLinkedContract` */
export async function readLinkedContract(client: TenantClient, hash: string): Promise<ContractPage> {
  const contract = await findLinkedContract(client, hash);
  const isOpen = ['sent', 'viewed'].includes(contract.status);
  const [company, consentText, event] = await Promise.all([
    loadCompanyLook(client),
    consentTo('contract', client, contract.account_id),
    contract.event_id ? new GenericRepository(client, 'events').find(contract.event_id) : undefined,
    contract.status === 'sent' ? noteView(client, { contract_id: contract.id }) : undefined,
  ]);
  return {
    status: isOpen && isCalledOff(event) ? 'void' : contract.status === 'sent' ? 'viewed' : contract.status,
    company,
    number: contract.contract_number,
    title: contract.title,
    bodyHtml: sanitizeDocumentHtml(contract.body_html),
    sha256: contract.body_sha256 ?? '',
    consentText,
    signerName: contract.signer_name,
  };
}

/**
 * Signs a contract for the client. Repeating a signature changes nothing.
 *
 * @param client of the whole tenant
 * @throws ClientLinkError `link_unknown`; ClosingError `quote_changed`; RepositoryError `rule_violated`: signed by another,
 *   void, expired
 */
export async function signLinkedContract(
  client: TenantClient,
  hash: string,
  signature: {
    name: string;
    email?: string;
    sha256: string;
    drawn: string;
    address: string;
    userAgent: string;
  },
): Promise<RowOf<'contracts'>> {
  const contract = await findLinkedContract(client, hash);
  if (contract.status === 'signed' && contract.signer_name === signature.name.trim()) return contract;
  if (contract.body_sha256 !== signature.sha256) {
    throw new ClosingError('quote_changed', 'The contract is no longer the one you were shown.', {
      hint: 'Load the page again and read it once more.',
    });
  }
  const { data, error, status } = await client.rpc('sign_contract', {
    contract_id: contract.id,
    signer_name: signature.name,
    signature: signature.drawn,
    consent_text: await consentTo('contract', client, contract.account_id),
    signed_user_agent: signature.userAgent.slice(0, 500),
    ...(signature.email ? { signer_email: signature.email } : {}),
    ...(signature.address ? { signed_ip: signature.address } : {}),
  });
  if (error) throw failureOf(error, status);
  return data;
}

import { failureOf } from '../refusals';
import { retryWhileUnavailable } from './retry';
import { type Visitor, websiteClient } from './website-client';

/** What a visitor entered, checked. */
export interface Inquiry {
  /** Id of the form as it was shown: each form is received once. */
  id: string;
  first_name: string;
  last_name?: string;
  email?: string;
  phone?: string;
  event_type_id?: string;
  /** ISO. */
  event_date?: string;
  event_place?: string;
  guest_count?: number;
  message?: string;
  /** The text that was agreed to. */
  consent_text?: string;
  /** All of it in words, for the lead's timeline. */
  summary: string;
}

export interface ReceivedInquiry {
  leadId: string;
  /** False: it was joined to an open lead of the same person. */
  isNew: boolean;
  /** Whether the same form was sent before. */
  isRepeated: boolean;
}

/**
 * Stores an inquiry as a lead. The id makes sure that it is stored once, so that it may be tried again where the answer is lost.
 *
 * @throws DataSourceError where the tenant's database cannot be reached for 20 s
 * @throws RepositoryError `rule_violated`: the form was sent before with other entries
 */
export function receiveInquiry(visitor: Visitor, inquiry: Inquiry): Promise<ReceivedInquiry> {
  return retryWhileUnavailable(async () => {
    const client = await websiteClient(visitor);
    const { data, error, status } = await client.rpc('receive_inquiry', { inquiry: { ...inquiry } });
    if (error) throw failureOf(error, status);
    const { lead_id, is_new, is_repeated } = data as Record<string, unknown>;
    return { leadId: String(lead_id), isNew: is_new === true, isRepeated: is_repeated === true };
  });
}

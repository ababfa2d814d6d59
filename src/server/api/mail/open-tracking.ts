import { type Context, Hono } from 'hono';
import { ReturnPaths } from '@/lib/crm/delivery/mail';
import type { Environment } from '../../context';
import { limitByAddress } from '../rate-limit';
import type { ApiDependencies } from '../services';

/** Requests a minute from one address: mail programs of a company fetch pictures through few addresses. */
const REQUESTS = 600;
/** A transparent GIF of one pixel. */
const PICTURE = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** `/mail-opened/<name of a mail>.gif`: records that a mail was opened, where the company counts that (setting `mail_opens`). */
export function mailOpenedPictures(parts: ApiDependencies): Hono<Environment> {
  const pictures = new Hono<Environment>();
  const { openedSecret, otherOpenedSecrets } = parts.services;
  const names = openedSecret ? new ReturnPaths(openedSecret, otherOpenedSecrets) : undefined;
  pictures.get('/:file{[0-9a-z]+\\.gif}', limitByAddress(REQUESTS), async (context) => {
    const mail = names?.find(context.req.param('file'));
    if (mail) await note(context, parts, mail);
    return context.body(PICTURE, 200, { 'content-type': 'image/gif', 'cache-control': 'no-store' });
  });
  return pictures;
}

/** The picture is sent in any case. */
async function note(
  context: Context<Environment>,
  parts: ApiDependencies,
  { tenantId, communicationId }: { tenantId: string; communicationId: string },
): Promise<void> {
  try {
    const client = await parts.manager.getClientForTenant(tenantId, true);
    await client.rpc('note_opened', { communication_id: communicationId }).throwOnError();
  } catch (err) {
    parts.logger.warn({ err, tenantId, requestId: context.get('requestId') }, 'an opened mail is not noted');
  }
}

// Two companies whose mails about accounts are caught, for clients of /auth/v1.
import { hash } from '@node-rs/argon2';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { UserRole } from '@/lib/application';
import { AccountMail, type AccountMessage, MailCodes } from '@/lib/identity';
import { type Company, startCompany } from '../../api/start-company';
import { apiKeyOf } from '../../api-key';

export const PASSWORD = 'correct horse battery';
/** An application of the company's own: the operator allows links to lead there. */
export const APPLICATION = 'https://app.example/welcome';
export const PLAIN = { auth: { persistSession: false, autoRefreshToken: false } };

export interface AuthCompany extends Company {
  url: string;
  sent: AccountMessage[];
  mail: AccountMail;
  /** The last mail to an address. */
  mailTo(email: string): { message: AccountMessage; code: string; link: string };
  addUser(email: string, options?: { tenant?: 'a' | 'b' | null; role?: UserRole }): Promise<string>;
  /** The real client with the tenant's anon key, signed in when an address is given. */
  client(tenant: 'a' | 'b', email?: string): Promise<SupabaseClient>;
  serviceClient(tenant: 'a' | 'b'): Promise<SupabaseClient>;
  /** As if a user of company a had proved 20 minutes ago who they are. */
  letTimePass(userId: string): Promise<void>;
}

export async function startAuthCompany(): Promise<AuthCompany> {
  const sent: AccountMessage[] = [];
  let mail: AccountMail | undefined;
  const company = await startCompany(
    {
      // What the queue does a second later, at once.
      accountMail: {
        queue: async (purpose, user, base, more) =>
          mail?.deliver({ purpose, userId: user.id, base, ...more }),
      },
    },
    { allowedRedirects: [APPLICATION] },
  );
  const { application, operations, tokens, tenantIds } = company;
  mail = new AccountMail({
    ...{ application, tokens, jobs: operations.jobs, codes: new MailCodes(operations.pool) },
    languageOf: async (tenantId) => (tenantId === tenantIds.b ? 'de-DE' : 'en-US'),
    async send(message) {
      sent.push(message);
    },
  });
  const passwordHash = await hash(PASSWORD);
  const url = `http://127.0.0.1:${company.port}`;
  const clientOf = async (tenant: 'a' | 'b', kind: 'anon' | 'service') =>
    createClient(url, await apiKeyOf(operations, tenantIds[tenant], kind), PLAIN);
  return {
    ...company,
    url,
    sent,
    mail,
    mailTo(email) {
      const message = sent.findLast(({ to }) => to === email);
      if (!message) throw new Error(`There is no mail to ${email}.`);
      const code = /\b\d{6}\b/.exec(message.bodyHtml)?.[0] ?? '';
      return { message, code, link: message.action?.url ?? '' };
    },
    async addUser(email, { tenant = 'a', role = 'sales' } = {}) {
      const tenantId = tenant && tenantIds[tenant];
      return (await application.users.create({ tenantId, email, displayName: email, role, passwordHash })).id;
    },
    async client(tenant, email) {
      const client = await clientOf(tenant, 'anon');
      if (!email) return client;
      const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
      if (error) throw error;
      return client;
    },
    serviceClient: (tenant) => clientOf(tenant, 'service'),
    async letTimePass(userId) {
      const change = "update sessions set proved_at = now() - interval '20 minutes' where user_id = $1";
      await operations.pool.query(change, [userId]);
      await application.announceUser(userId);
    },
  };
}

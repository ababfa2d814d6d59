import type { SecretBox } from '@/lib/secrets';
import type { Author, Database } from './database';
import { statements } from './statements';
import { isId, unknownTenant } from './tenant';
import type { UserRole } from './user';

/** Roles that an identity provider may give: who owns the company's account is decided by its owners only. */
export const MAPPED_ROLES = ['admin', 'manager', 'sales', 'staff', 'viewer'] as const;
export type MappedRole = Extract<UserRole, (typeof MAPPED_ROLES)[number]>;

/** A company's OpenID provider, without its secret. */
export interface SingleSignOn {
  /** The issuer's address; its `/.well-known/openid-configuration` describes it. */
  issuer: string;
  clientId: string;
  /** What the button on the sign-in page calls it. */
  label: string;
  /** The claim that lists a user's groups. Empty where roles are not mapped. */
  roleClaim: string;
  /** The first that the user has decides. */
  roles: { value: string; role: MappedRole }[];
  /** Role of users who have none of `roles`; null if they may not sign in. */
  defaultRole: MappedRole | null;
  /** Whether people without an account get one at their first sign-in. */
  createsUsers: boolean;
  /** Whether all but owners have to use it. */
  required: boolean;
}

const COLUMN = 'single_sign_on_secret';

export const SINGLE_SIGN_ONS = statements('single_sign_on', {
  find: 'select single_sign_on settings from tenants where id = $1::uuid',
  secret: `select ${COLUMN} envelope from tenants where id = $1::uuid`,
  set: `update tenants set single_sign_on = $2::jsonb, ${COLUMN} = case when $3::boolean then ${COLUMN} else $4::text end
    where id = $1::uuid returning id`,
});

/** The columns `single_sign_on` and `single_sign_on_secret` of `tenants`. */
export class SingleSignOns {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async find(tenantId: string): Promise<SingleSignOn | undefined> {
    if (!isId(tenantId)) return undefined;
    const [row] = await this.database.read<{ settings: SingleSignOn | null }>(SINGLE_SIGN_ONS.find, [
      tenantId,
    ]);
    return row?.settings ?? undefined;
  }

  /** The client's secret, decrypted; undefined for a client without one. */
  async secret(tenantId: string): Promise<string | undefined> {
    const [row] = await this.database.read<{ envelope: string | null }>(SINGLE_SIGN_ONS.secret, [tenantId]);
    return row?.envelope ? this.box.decrypt(row.envelope, { owner: tenantId, column: COLUMN }) : undefined;
  }

  /**
   * @param settings null removes them, and the secret
   * @param secret left out: the present one stays; null: the client has none
   * @throws ApplicationError `tenant_unknown`
   */
  async set(
    tenantId: string,
    settings: SingleSignOn | null,
    secret: string | null | undefined,
    by?: Author,
  ): Promise<void> {
    if (!isId(tenantId)) throw unknownTenant(tenantId);
    const keeps = settings !== null && secret === undefined;
    const envelope =
      settings && secret ? await this.box.encrypt(secret, { owner: tenantId, column: COLUMN }) : null;
    const changed = await this.database.change(by, SINGLE_SIGN_ONS.set, [
      tenantId,
      settings && JSON.stringify(settings),
      keeps,
      envelope,
    ]);
    if (changed.length !== 1) throw unknownTenant(tenantId);
  }
}

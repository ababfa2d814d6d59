import { statements } from './statements';

const COLUMNS = `id, tenant_id "tenantId", email, display_name "displayName", role, operator_role "operatorRole", status,
  token_version "tokenVersion", totp_confirmed_at "totpConfirmedAt", cardinality(recovery_code_hashes) "recoveryCodes", must_change_password "mustChangePassword",
  last_sign_in_at "lastSignInAt", locale, time_zone "timeZone", created_at "createdAt", updated_at "updatedAt"`;

/** An update of one user, who is its first parameter. */
const set = (assignments: string, condition = 'true') =>
  `update users set ${assignments} where id = $1::uuid and ${condition} returning ${COLUMNS}`;

/** What `Users` asks of the table `users`. */
export const USERS = statements('user', {
  find: `select ${COLUMNS} from users where id = $1::uuid`,
  findByEmail: `select ${COLUMNS}, password_hash "passwordHash" from users
    where tenant_id is not distinct from $1::uuid and email = $2::text`,
  findBySingleSignOn: `select ${COLUMNS} from users
    where tenant_id = $1::uuid and single_sign_on_issuer = $2::text and single_sign_on_subject = $3::text`,
  isLinked: 'select id from users where id = $1::uuid and single_sign_on_issuer = $2::text',
  linkSingleSignOn: set(
    `single_sign_on_issuer = $2::text, single_sign_on_subject = $3::text,
     status = case status when 'invited' then 'active' else status end`,
    'single_sign_on_issuer is distinct from $2::text',
  ),
  list: `select ${COLUMNS} from users where tenant_id is not distinct from $1::uuid order by lower(display_name), id`,
  create: `insert into users (id, tenant_id, email, display_name, role, password_hash, status, locale, time_zone, must_change_password,
      operator_role)
    values (coalesce($1::uuid, gen_random_uuid()), $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text,
      $10::boolean, coalesce($11::text, case when $5::text = 'operator' then 'owner' end)) returning ${COLUMNS}`,
  // Columns that are not given keep their values.
  update: set(
    `(email, display_name, role, operator_role, status, locale, time_zone) = (
       select given.email, given.display_name, given.role, given.operator_role, given.status, given.locale, given.time_zone
       from jsonb_populate_record(users, $2::jsonb) given),
     token_version = token_version + case when $2::jsonb ?| array['email', 'role', 'operator_role', 'status'] then 1 else 0 end`,
  ),
  setPassword: set(
    `password_hash = $2::text, must_change_password = $3::boolean, token_version = token_version + 1,
     status = case status when 'invited' then 'active' else status end`,
    '($4::int is null or token_version = $4::int)',
  ),
  bumpTokenVersion: set('token_version = token_version + 1'),
  recordSignIn: set('last_sign_in_at = now()'),
  beginTotp: set('totp_secret = $2::text', 'totp_confirmed_at is null'),
  // Codes of a factor that is gone say nothing about those of the next.
  setTotpSecret: set(
    `totp_secret = $2::text, totp_confirmed_at = null, recovery_code_hashes = '{}', token_version = token_version + 1,
     totp_last_step = case when $2::text is not null then totp_last_step end`,
  ),
  confirmTotp: set(
    'totp_confirmed_at = now(), recovery_code_hashes = $2::text[], token_version = token_version + 1',
  ),
  setRecoveryCodes: set('recovery_code_hashes = $2::text[]'),
  totpSecret: 'select totp_secret secret from users where id = $1::uuid',
  takeTotpStep: set('totp_last_step = $2::bigint', 'coalesce(totp_last_step, -1) < $2::bigint'),
  takeRecoveryCode: set(
    'recovery_code_hashes = array_remove(recovery_code_hashes, $2::text)',
    '$2::text = any (recovery_code_hashes)',
  ),
  remove: `delete from users where id = $1::uuid returning ${COLUMNS}`,
});

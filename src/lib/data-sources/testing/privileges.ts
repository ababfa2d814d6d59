// What each of the logins must be able to do, and must not.
import { type ConnectionCheck, failed, type Purpose, passed, warning } from './check';
import type { Facts } from './facts';
import { type CheckHint, type CheckWord, type Given, sayPart } from './words';

interface OfAdministrator {
  /** A DBA has made the logins, for an administrator that may make no roles. */
  isPrepared: boolean;
  /** The database is a customer's. */
  isCustomers: boolean;
}

export function privilegesCheck(
  purpose: Purpose,
  facts: Facts,
  administration: OfAdministrator,
): ConnectionCheck {
  switch (purpose) {
    case 'router':
      return router(facts);
    case 'mover':
      return mover(facts);
    case 'administrator':
      return administrator(facts, administration);
  }
}

const missing = (word: CheckWord & CheckHint, given: Given = {}) =>
  failed('privileges', 'data_source_privileges_missing', word, word, given);

function router(facts: Facts): ConnectionCheck {
  if (facts.rolsuper || facts.rolbypassrls) return missing('sees_every_tenant');
  if (!facts.member) return missing('no_roles');
  return passed('privileges', 'acts_for_tenants');
}

function mover({ mover: isMover }: Facts): ConnectionCheck {
  return isMover ? passed('privileges', 'moves_tenants') : missing('no_mover');
}

function administrator(facts: Facts, { isPrepared, isCustomers }: OfAdministrator): ConnectionCheck {
  const mayMakeRoles = facts.rolsuper || (facts.rolcreaterole && facts.not_grantable.length === 0);
  const lacks = [
    ...(mayMakeRoles || isPrepared
      ? []
      : facts.rolcreaterole
        ? [sayPart('admin_option', { roles: facts.not_grantable.join(', ') })]
        : [sayPart('createrole')]),
    ...(facts.may_create ? [] : [sayPart('create_on_database')]),
    ...(facts.may_create_tables ? [] : [sayPart('create_on_public')]),
  ];
  if (lacks.length > 0) return missing('lacks', { rights: lacks });
  if (isCustomers && (facts.rolsuper || facts.rolbypassrls)) {
    const word = facts.rolsuper ? 'superuser' : 'bypasses';
    return warning('privileges', 'privileges_excessive', word, 'needs_less');
  }
  return passed('privileges', isPrepared && !mayMakeRoles ? 'prepared' : 'creates');
}

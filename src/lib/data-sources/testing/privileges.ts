// What each of the logins must be able to do, and must not.
import { type ConnectionCheck, failed, type Purpose, passed, warning } from './check';
import type { Facts } from './facts';

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

const missing = (message: string, hint: string) =>
  failed('privileges', 'data_source_privileges_missing', message, hint);

function router(facts: Facts): ConnectionCheck {
  if (facts.rolsuper || facts.rolbypassrls) {
    return missing(
      'The login can see the rows of every tenant.',
      'Use a login without SUPERUSER and BYPASSRLS.',
    );
  }
  if (!facts.member) {
    return missing(
      'The login is not a member of every role of tenants.',
      'Grant it tenant_service, tenant_manager, tenant_sales, tenant_staff, tenant_viewer and authenticated, or let Marquee make its login: marquee source add.',
    );
  }
  return passed('privileges', 'The login can act for tenants only.');
}

function mover({ mover: isMover }: Facts): ConnectionCheck {
  if (isMover) return passed('privileges', 'The login can move tenants.');
  return missing(
    'The login is not a member of the role tenant_mover.',
    'Grant it the role, or let Marquee make its login: marquee source add.',
  );
}

function administrator(facts: Facts, { isPrepared, isCustomers }: OfAdministrator): ConnectionCheck {
  const mayMakeRoles = facts.rolsuper || (facts.rolcreaterole && facts.not_grantable.length === 0);
  const lacks = [
    ...(mayMakeRoles || isPrepared
      ? []
      : facts.rolcreaterole
        ? [`ADMIN OPTION on ${facts.not_grantable.join(', ')}`]
        : ['CREATEROLE']),
    ...(facts.may_create ? [] : ['CREATE on the database']),
    ...(facts.may_create_tables ? [] : ['CREATE on the schema public']),
  ];
  if (lacks.length === 0 && isCustomers && (facts.rolsuper || facts.rolbypassrls)) {
    return warning(
      'privileges',
      'privileges_excessive',
      `The login ${facts.rolsuper ? 'is a superuser' : 'bypasses row-level security'}: it can read all of the customer’s tables.`,
      'Marquee needs less: have the DBA run the script, and use the login that it makes (on the command line: marquee source add --script).',
    );
  }
  if (lacks.length === 0) {
    return passed(
      'privileges',
      isPrepared && !mayMakeRoles
        ? 'A DBA has prepared the logins; this one can create schemas and tables.'
        : 'The login can create roles, schemas and tables.',
    );
  }
  return missing(
    `The login lacks ${lacks.join(' and ')}.`,
    'Grant it, or have a DBA run the script and use the login that it makes (on the command line: marquee source add --script).',
  );
}

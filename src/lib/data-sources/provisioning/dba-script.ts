// The DBA of a customer's database runs a short script instead of giving Marquee a login that may create roles.
import pg from 'pg';
import { DataSourceError } from '../errors';
import { readUrl } from '../pool/connect';
import {
  MOVER_ATTRIBUTES,
  moverExtras,
  moverSettings,
  preparedLogins,
  ROUTER_ATTRIBUTES,
  routerSettings,
  SHORTEST_OWNER_PASSWORD,
  verifierOf,
} from './logins';

/** Roles without a login that act for tenants; see `00_roles.sql` of the tenant schema. */
const ENTERED = [
  'tenant_service',
  'tenant_manager',
  'tenant_sales',
  'tenant_staff',
  'tenant_viewer',
  'authenticated',
];
const GROUPS = [...ENTERED, 'tenant_user', 'tenant_search', 'tenant_mover'];
const USERS = ENTERED.slice(1);

/**
 * The script that prepares a database for Marquee, for a DBA to read and run. It creates three logins with the fewest rights they need, and the
 * roles that they act as. It contains password verifiers, not passwords. A second run only sets the passwords again.
 *
 * @param ownerUrl URL of the login that Marquee will have there, with a newly generated password. `provisionDataSource` then adds the
 *   database by the same URL
 * @throws DataSourceError `data_source_url_malformed`, even if only the password is too short
 */
export function planDataSource(ownerUrl: string): string {
  const owner = readUrl(ownerUrl, 'the data source');
  if (owner.user === '' || owner.password.length < SHORTEST_OWNER_PASSWORD) {
    throw new DataSourceError(
      'data_source_url_malformed',
      `The URL names no login with a password of at least ${SHORTEST_OWNER_PASSWORD} characters.`,
      {
        hint: 'Choose a name for Marquee’s login and make a password up for it, e.g. postgresql://marquee:<openssl rand -hex 24>@db.example.com/crm; the script makes that login.',
      },
    );
  }
  const { router, mover } = preparedLogins(owner);
  const name = pg.escapeIdentifier;
  const [ownerName, routerName, moverName] = [owner.user, router.name, mover.name].map(name) as [
    string,
    string,
    string,
  ];
  const database = name(owner.database);
  const parts: [comment: string, statements: string[]][] = [
    [
      'Roles without a login: what tenants of Marquee may do. They belong to the server; those that are there stay.',
      [...GROUPS.map((role) => createRole(role, 'nologin')), grant('tenant_user', USERS.join(', '))],
    ],
    [
      `${shown(owner.user)} owns Marquee’s tables in this database, and nothing else. It may make no roles. It makes tenant_search the owner of two functions.`,
      [
        ...login(
          owner.user,
          'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
          verifierOf(owner),
        ),
        grant('tenant_search', ownerName),
      ],
    ],
    [
      `${shown(router.name)} serves tenants. By itself it may do nothing: for each statement it becomes one of the roles above.`,
      [...login(router.name, ROUTER_ATTRIBUTES, verifierOf(router)), grant(ENTERED.join(', '), routerName)],
    ],
    [
      `${shown(mover.name)} copies tenants to another database and backs them up.`,
      [...login(mover.name, MOVER_ATTRIBUTES, verifierOf(mover)), grant('tenant_mover', moverName)],
    ],
    [
      'Settings of the two logins: behind a pooler their sessions are shared.',
      [...routerSettings(router), ...moverSettings(mover)],
    ],
    [
      'In this database: connect; make the schemas tenancy and extensions, and tables in public. Tables of others stay unreadable.',
      [
        `grant connect, temporary on database ${database} to ${ownerName}, ${moverName}`,
        `grant create on database ${database} to ${ownerName}`,
        `grant connect on database ${database} to ${routerName}`,
        `grant usage, create on schema public to ${ownerName}`,
      ],
    ],
    [
      'Optional, and skipped where you may not grant it: moves without it are slower, not worse.',
      moverExtras(mover),
    ],
  ];
  const sections = parts.map(([comment, statements]) => `-- ${comment}\n${statements.join(';\n')};`);
  return `${header(owner.database)}\n\nbegin;\n\n${expectDatabase(owner.database)}\n\n${sections.join('\n\n')}\n\ncommit;\n`;
}

function header(database: string): string {
  return `-- Prepares the database ${shown(database)} for Marquee. Run it in this database as its owner with CREATEROLE, or as the provider's
-- administrator; no superuser is needed:   psql -v ON_ERROR_STOP=1 -f this-file
-- Afterwards  marquee source test --url-file <file>  says whether everything is there, and  marquee source add  adds the database.`;
}

function expectDatabase(database: string): string {
  return `do $do$ begin
  if current_database() <> ${pg.escapeLiteral(database)} then
    raise exception 'This is the database %. Connect to the one that Marquee is to use.', current_database();
  end if;
end $do$;`;
}

/** A name for use inside a comment, which a line break would end. */
function shown(name: string): string {
  return name.replace(/[\r\n]+/g, ' ');
}

function createRole(role: string, attributes: string): string {
  return `do $do$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = ${pg.escapeLiteral(role)}) then
    create role ${pg.escapeIdentifier(role)} ${attributes};
  end if;
end $do$`;
}

function login(role: string, attributes: string, verifier: string): string[] {
  const password = `alter role ${pg.escapeIdentifier(role)} password ${verifier}`;
  return [createRole(role, attributes), password];
}

function grant(roles: string, to: string): string {
  return `grant ${roles} to ${to}`;
}

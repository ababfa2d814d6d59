// In German what the connection test found, by the server's codes. Loaded with the pages that show it.
import type { CheckHint, CheckPart, CheckWord } from '@/lib/data-sources';

const checks: Record<CheckWord, string> = {
  no_address: 'Der Name {{host}} hat keine Adresse.',
  address_refused: '{{host}} ist {{address}}, und das liegt nicht im Internet.',
  not_on_internet: '{{host}} führt zu keinem Server im Internet.',
  addresses: '{{host}} ist {{addresses}}.',
  private_addresses: '{{host}} ist {{addresses}} (ein privates Netz).',
  socket: '{{host}} ist ein Socket dieser Maschine.',
  takes_connections: '{{host}} nimmt nach {{ms}} ms Verbindungen an.',
  no_connections: '{{host}} nimmt keine Verbindungen an.',
  no_connections_in_time: '{{host}} nimmt binnen {{ms}} ms keine Verbindungen an.',
  signed_in: 'Angemeldet.',
  round_trip: 'Eine Anfrage mit Antwort dauert {{ms}} ms.',
  round_trips: 'Eine Anfrage mit Antwort dauert {{ms}} ms, die langsamste von hundert {{most}} ms.',
  clocks_agree: 'Die Uhren stimmen überein.',
  clock_behind: 'Die Uhr des Servers geht {{seconds}} s nach.',
  clock_ahead: 'Die Uhr des Servers geht {{seconds}} s vor.',
  pooler: 'Die URL führt zu einem Pooler, nicht zum Server selbst.',
  version: 'PostgreSQL {{version}}.',
  version_old: 'PostgreSQL {{version}} ist zu alt.',
  encoding: 'Die Zeichenkodierung der Datenbank ist UTF8.',
  encoding_other:
    'Die Zeichenkodierung der Datenbank ist {{encoding}}: Texte in anderen Schriften würden abgewiesen oder verfälscht.',
  time_zone: 'Die Zeitzone des Servers ist {{zone}}; Sitzungen von Marquee verwenden UTC.',
  writable: 'Nimmt Schreibzugriffe an.',
  standby: 'Der Server ist ein Standby.',
  default_read_only:
    'Die Datenbank ist auf Nur-Lesen voreingestellt (default_transaction_read_only). Marquee setzt sich darüber hinweg.',
  corruptible: 'Ausgeschaltet: {{settings}}. Ein Absturz des Servers zerstört die Datenbank.',
  commits_lost:
    'Ausgeschaltet: {{settings}}. Bei einem Absturz des Servers gehen bestätigte Änderungen verloren.',
  collation_changed:
    'Die Sortierung von Texten hat sich mit dem Betriebssystem geändert, seit die Datenbank angelegt wurde: Indizes übergehen vielleicht Zeilen.',
  durable: 'Bestätigte Änderungen überstehen einen Absturz.',
  unlogged: 'Ein Absturz des Servers leert {{tables}}.',
  triggers_disabled:
    'Trigger sind ausgeschaltet auf {{tables}}: Fremdschlüssel oder Regeln gelten dort vielleicht nicht.',
  wal_level:
    'wal_level ist {{level}}; Umzüge halten Änderungen deshalb mit Triggern fest, was Schreibzugriffe solange verlangsamt.',
  slots_short:
    '{{slots}} Replikationsslots und {{senders}} WAL-Sender sind frei; ein Umzug braucht je {{needed}}.',
  no_replication:
    'Das Login darf nicht replizieren; Umzüge halten Änderungen deshalb mit Triggern fest, was Schreibzugriffe solange verlangsamt.',
  replication: 'wal_level ist logical; {{slots}} Replikationsslots sind frei.',
  connections: '{{free}} Verbindungen sind frei.',
  connections_short: '{{free}} Verbindungen sind frei; Marquee öffnet bis zu {{budget}} zu diesem Server.',
  extensions_unavailable: 'Auf dem Server fehlt {{names}}.',
  extensions_refused: 'Das Login darf {{names}} nicht einrichten.',
  extensions: 'Die Erweiterungen sind da.',
  extensions_to_come: 'Die Erweiterungen sind da; Marquee richtet {{names}} ein.',
  schema_unsupported:
    'Das Mandantenschema stammt von einem Marquee vor der ersten Veröffentlichung und lässt sich nicht auf den heutigen Stand bringen.',
  schema_version: 'Das Mandantenschema hat die Version {{version}}.',
  schema: 'Das Mandantenschema ist eingerichtet.',
  no_schema: 'Das Mandantenschema ist nicht eingerichtet.',
  this_machine: 'Der Server läuft auf dieser Maschine.',
  not_encrypted:
    'Die Verbindung ist nicht verschlüsselt: Passwörter und Daten lassen sich unterwegs lesen und ändern.',
  not_verified:
    'Die Verbindung verwendet {{protocol}}, doch der Server wird nicht geprüft: Ein anderer könnte sich für ihn ausgeben.',
  verified: 'Die Verbindung verwendet {{protocol}} mit einem geprüften Zertifikat, das bis {{day}} gilt.',
  certificate_expires:
    'Die Verbindung verwendet {{protocol}} mit einem geprüften Zertifikat, das bis {{day}} gilt: noch {{days}} Tage.',
  sees_every_tenant: 'Das Login sieht die Zeilen jedes Mandanten.',
  no_roles: 'Das Login ist nicht Mitglied in jeder Rolle der Mandanten.',
  acts_for_tenants: 'Das Login kann nur für Mandanten handeln.',
  moves_tenants: 'Das Login kann Mandanten umziehen.',
  no_mover: 'Das Login ist nicht Mitglied der Rolle tenant_mover.',
  superuser: 'Das Login ist ein Superuser: Es kann alle Tabellen des Kunden lesen.',
  bypasses:
    'Das Login umgeht die Sicherheit auf Zeilenebene (BYPASSRLS): Es kann alle Tabellen des Kunden lesen.',
  prepared: 'Ein DBA hat die Logins vorbereitet; dieses kann Schemas und Tabellen anlegen.',
  creates: 'Das Login kann Rollen, Schemas und Tabellen anlegen.',
  lacks: 'Dem Login fehlt: {{rights}}.',
  isolated: 'Eine Zeile eines anderen Mandanten ist weder zu sehen noch zu ändern noch einzuschleusen.',
  not_isolated: 'Mandanten sind nicht voneinander getrennt: {{found}}.',
  no_function_reaches: 'Mandanten können keine Funktion aufrufen, die über die Datenbank hinausreicht.',
  functions_over_api: 'Benutzer eines Mandanten können über die API aufrufen: {{functions}}.',
  functions_by_sql: 'SQL, das Entwickler für einen Mandanten ausführen, kann aufrufen: {{functions}}.',
  nothing_shared:
    'SQL eines Mandanten kann weder Advisory Locks anderer nehmen noch Benachrichtigungen anderer senden.',
  functions_shared:
    'SQL, das Entwickler für einen Mandanten ausführen, kann {{functions}} aufrufen: Es kann Advisory Locks anderer Mandanten halten, bis die Anweisung ihre Frist erreicht.',
  functions_shared_and_more:
    'SQL, das Entwickler für einen Mandanten ausführen, kann {{functions}} und {{count}} weitere aufrufen: Es kann Advisory Locks anderer Mandanten halten, bis die Anweisung ihre Frist erreicht.',
  project: 'Das Projekt antwortet.',
  project_verified: 'Die Verbindung zu {{host}} verwendet geprüftes TLS.',
  project_not_encrypted:
    'Die Verbindung zu {{host}} ist nicht verschlüsselt: Schlüssel und Daten lassen sich unterwegs lesen.',
  project_not_verified:
    'Die Verbindung zu {{host}} ist nicht geprüft: Schlüssel und Daten lassen sich unterwegs lesen.',
  project_schema: 'Das Projekt bedient das Mandantenschema nicht (HTTP {{status}}).',
  fence: 'Anfragen mit einer alten Route werden abgewiesen.',
  no_fence:
    'Das Projekt prüft die Sperre nicht vor jeder Anfrage: Während eines Umzugs könnten Schreibzugriffe dort verloren gehen.',
  anon_sees_none: 'Der anon-Schlüssel sieht keine Zeilen.',
  anon_sees: 'Der anon-Schlüssel, den jeder kennen darf, sieht Zeilen von Mandanten.',
  no_anon_key: 'Der anon-Schlüssel des Projekts ist nicht bekannt; deshalb kann sich dort niemand anmelden.',
  project_signs_in: 'Der Anmeldedienst des Projekts antwortet.',
  project_no_sign_in:
    'Der Anmeldedienst des Projekts antwortete mit {{status}}; deshalb kann sich dort niemand anmelden.',
};

const checkHints: Record<CheckHint, string> = {
  no_address: 'Prüfen Sie den Namen des Hosts und den Nameserver dieser Maschine.',
  address_refused:
    'Ist das gewollt, für eine private Leitung zum Kunden, erlauben Sie das Netz {{network}} (auf der Kommandozeile: --allow-network {{network}}).',
  not_on_internet:
    'Prüfen Sie den Namen des Hosts. Für eine private Verbindung bitten Sie den Betreiber, Ihr Netz zu erlauben.',
  no_connections:
    'Prüfen Sie den Port, ob der Server an dieser Adresse lauscht (listen_addresses), und Firewalls dazwischen.',
  round_trip:
    'Stellen Sie die Datenbank näher zu Marquee: Jede Anfrage braucht mindestens einen Hin- und Rückweg.',
  clock:
    'Gleichen Sie beide Uhren ab (NTP): Zeiten von Änderungen und ablaufende Token werden über sie verglichen.',
  pooler:
    'Anfragen gehen hindurch, ohne vorbereitete Anweisungen. Umzüge und Sicherungen brauchen die Adresse des Servers: marquee source set-direct-url',
  version_old: 'Verwenden Sie PostgreSQL {{oldest}} oder neuer.',
  encoding_other: "Legen Sie eine Datenbank an mit: create database … encoding 'UTF8' template template0",
  standby: 'Verwenden Sie die Adresse des Primärservers.',
  default_read_only:
    'Sollen Schreibzugriffe aufhören, etwa wegen eines vollen Datenträgers oder einer Wartung, sperren Sie ihre Mandanten.',
  corruptible: 'Schalten Sie es in postgresql.conf ein und starten Sie neu.',
  commits_lost: 'Schalten Sie es ein: für den Server, die Datenbank und das Login.',
  collation_changed: 'Als Eigentümer: reindex database …; alter database … refresh collation version',
  unlogged: 'Für jede Tabelle: alter table … set logged',
  triggers_disabled: 'Für jede Tabelle: alter table … enable trigger all',
  wal_level:
    'Für schnelle Umzüge: wal_level = logical, danach neu starten (bei RDS: rds.logical_replication = 1).',
  slots_short:
    'Erhöhen Sie max_replication_slots und max_wal_senders, oder entfernen Sie Slots, die niemand liest.',
  no_replication: 'Als Superuser: alter role … replication (bei RDS: grant rds_replication to …).',
  connections_short:
    'Erhöhen Sie max_connections oder das CONNECTION LIMIT der Datenbank und des Logins; oder senken Sie das Verbindungsbudget der Datenquelle.',
  extensions_unavailable:
    'Installieren Sie das contrib-Paket von PostgreSQL auf dem Server (postgresql-contrib).',
  extensions_refused: 'Als Superuser, in dieser Datenbank: {{statements}}',
  schema_unsupported: 'Verwenden Sie eine leere Datenbank.',
  no_schema: 'Fügen Sie die Datenquelle hinzu mit: marquee source add',
  not_encrypted:
    'Schalten Sie TLS am Server ein, geben Sie mit --ca-file die Stelle an, die sein Zertifikat unterschrieben hat, und lassen Sie --tls disable weg.',
  not_verified:
    'Geben Sie mit --ca-file die Stelle an, die sein Zertifikat unterschrieben hat, und lassen Sie --tls no-verify weg.',
  certificate_expires: 'Erneuern Sie das Zertifikat des Servers; danach ist keine Verbindung mehr möglich.',
  sees_every_tenant: 'Verwenden Sie ein Login ohne SUPERUSER und BYPASSRLS.',
  no_roles:
    'Geben Sie ihm tenant_service, tenant_manager, tenant_sales, tenant_staff, tenant_viewer und authenticated, oder lassen Sie Marquee sein Login anlegen: marquee source add.',
  no_mover: 'Geben Sie ihm die Rolle, oder lassen Sie Marquee sein Login anlegen: marquee source add.',
  needs_less:
    'Marquee braucht weniger: Lassen Sie den DBA das Skript ausführen und verwenden Sie das Login, das es anlegt (auf der Kommandozeile: marquee source add --script).',
  lacks:
    'Geben Sie ihm das, oder lassen Sie einen DBA das Skript ausführen und verwenden Sie das Login, das es anlegt (auf der Kommandozeile: marquee source add --script).',
  not_isolated:
    'Für jede Tabelle: alter table … enable row level security; alter table … force row level security. Entfernen Sie Policies, die nicht von Marquee sind.',
  functions:
    'Entziehen Sie das Recht: revoke execute on function … from public (bei einer Erweiterung: alter extension … set schema zu einem, das nur ihre Benutzer verwenden dürfen).',
  functions_shared:
    'Nur ein Superuser kann diese Funktionen entziehen, und nur PUBLIC. Legen Sie Mandanten, deren Entwickler SQL ausführen, auf eine Datenbank, die Marquee gehört, oder auf je eine eigene.',
  project_tls: 'Verwenden Sie die https-Adresse des Projekts und lassen Sie --tls weg.',
  project_schema: 'Führen Sie zuerst die Migrationen über die PostgreSQL-URL des Projekts aus.',
  no_fence:
    'Geben Sie beim Hinzufügen die URL der Datenbank des Projekts an, oder setzen Sie tenancy.admit_request als db-pre-request.',
  anon_sees:
    'Im SQL-Editor: alter table … force row level security. Entfernen Sie Policies, die nicht von Marquee sind.',
  no_anon_key: 'Kopieren Sie den anon-Schlüssel aus den API-Einstellungen des Projekts.',
  project_no_sign_in: 'Prüfen Sie, ob Auth eingeschaltet ist, und den anon-Schlüssel.',
};

const checkParts: Record<CheckPart, string> = {
  admin_option: 'ADMIN OPTION für {{roles}}',
  createrole: 'CREATEROLE',
  create_on_database: 'CREATE auf der Datenbank',
  create_on_public: 'CREATE auf dem Schema public',
  own_rows_hidden: 'ein Mandant sieht seine eigenen Zeilen nicht',
  sees_rows: '{{role}} sieht Zeilen anderer',
  changes_rows: '{{role}} ändert Zeilen anderer',
  deletes_rows: '{{role}} löscht Zeilen anderer',
  plants_rows: '{{role}} schleust Zeilen bei anderen ein',
  not_in_force: 'Sicherheit auf Zeilenebene gilt nicht für {{tables}}',
  no_tenant_asked: 'Policies fragen nicht nach dem Mandanten: {{policies}}',
  opens_connections: '{{function}} baut Verbindungen auf ({{of}})',
  reads_files: '{{function}} liest oder schreibt Dateien des Servers',
  untrusted_language: '{{function}} ist in {{of}} geschrieben',
  rights_of_all: '{{function}} läuft mit den Rechten einer Rolle, die jeden Mandanten sieht',
  more: '{{count}} weitere',
};

export const connectionTest = { checks, checkHints, checkParts };

// In German what the server says in English. Each record is typed by the server's codes: one that is missing does not compile.
import type { ConditionCode, EndingCode } from '@/lib/alerts';
import type { AuditAction } from '@/lib/application';
import type { CauseName, EvidenceCode, ThresholdName } from '@/lib/fleet/health';
import type { DetailCode, StateCode } from '@/lib/fleet/overview';
import type { RolloutWaitCode } from '@/lib/fleet/schema-rollout';
import type { GateWord, MoveWaitCode, Refusal } from '@/lib/movement';
import { connectionTest } from '../../i18n/de/connection-test';
import { failures } from './failures.de';
import { preflight, preflightParts } from './preflight.de';

const evidence: Record<EvidenceCode, string> = {
  round_trip: 'Eine Abfrage mit Antwort dauerte {{ms}} ms.',
  connecting: 'Der Verbindungsaufbau dauerte {{ms}} ms.',
  rest_request: 'Eine Anfrage dauerte {{ms}} ms.',
  clock_behind: 'Sie geht {{time}} nach.',
  clock_ahead: 'Sie geht {{time}} vor.',
  in_recovery: 'Der Server ist in der Wiederherstellung: Er ist ein Standby.',
  reads_only: 'default_transaction_read_only ist für dieses Login oder diese Datenbank eingeschaltet.',
  fixes_ended: 'PostgreSQL {{version}}; Korrekturen für {{major}} endeten am {{day}}.',
  fixes_ended_long_ago: 'PostgreSQL {{version}}; Korrekturen für {{major}} endeten vor langer Zeit.',
  connections_of_server: 'Noch {{free}} von {{most}} sind frei.',
  connections_of_login:
    'Noch {{free}} von denen, die für dieses Login oder diese Datenbank erlaubt sind, sind frei.',
  transaction: 'Prozess {{pid}} von {{user}} {{state}}: seit {{time}} offen.',
  hidden_transaction: 'Prozess {{pid}} von {{user}}: seit mindestens {{time}} offen.',
  prepared: '„{{id}}“ von {{user}}: seit {{time}} vorbereitet.',
  blocked: '{{count}} warten, am längsten seit {{time}}, auf Prozess {{blockers}}.',
  slot_lost: 'Der Slot {{slot}}.',
  slot_read: 'Der Slot {{slot}} hält {{size}} WAL zurück; er wird gelesen.',
  slot_unread: 'Der Slot {{slot}} hält {{size}} WAL zurück; niemand liest ihn.',
  not_replayed: '{{size}} WAL sind dort noch nicht nachgespielt.',
  disk_used: '{{percent}} % sind belegt.',
  dead_rows: '{{table}}: {{dead}} von {{rows}} Zeilen ({{percent}} %), nach Schätzung des Servers.',
  transaction_ids: 'Die Datenbank {{database}}: {{millions}} von 2.000 Millionen.',
  archiving: '{{count}} Versuche schlugen fehl, der letzte mit {{wal}}.',
  certificate: 'Es gilt bis {{time}} UTC.',
  http: 'HTTP {{status}}.',
  http_code: 'HTTP {{status}} ({{code}}).',
  connecting_late: 'Verbindungsaufbau: keine Antwort in der Frist.',
  connecting_failed: 'Verbindungsaufbau: {{fault}}',
  probe_late: 'Die Messung „{{probe}}“: keine Antwort in der Frist.',
  probe_failed: 'Die Messung „{{probe}}“: {{fault}}',
  rest_late: 'Die REST-API: keine Antwort in der Frist.',
  rest_failed: 'Die REST-API: {{fault}}',
  hosts: '{{hosts}}.',
  circuits: '{{circuits}}.',
  secret: '{{fault}}',
};

const states: Record<StateCode, string> = {
  reachable: 'erreichbar',
  unreachable: 'nicht erreichbar',
  not_running: 'läuft nicht',
  healthy: 'gesund',
  degraded: 'beeinträchtigt',
  unhealthy: 'gestört',
  unknown: 'unbekannt',
  provisioning: 'wird eingerichtet',
  active: 'aktiv',
  draining: 'wird geleert',
  offline: 'offline',
  affected: 'betroffen',
  wants_export: 'wünscht einen Export',
  wants_database: 'wünscht eine eigene Datenbank',
  budget_used: '{{percent}} % des Budgets',
  counts_missing: 'Zahlen fehlen',
  drill_failed: 'Probe fehlgeschlagen',
  no_backup: 'keine aktuelle Sicherung',
  not_proven: 'nicht erprobt',
  proven: 'erprobt',
  failed: 'fehlgeschlagen',
  in_order: 'in Ordnung',
  drifted: 'weicht ab',
  not_readable: 'nicht lesbar',
  critical: 'kritisch',
  warning: 'Warnung',
  notice: 'Hinweis',
  step: '{{step}}',
};

const details: Record<DetailCode, string> = {
  text: '{{text}}',
  no_process: 'Kein Prozess von Marquee ist zu sehen.',
  behind: 'Schemaversion {{version}}, die neueste ist {{newest}}.',
  full: '{{tenants}} von {{capacity}} Mandanten.',
  half_way: 'Seit {{since}} nicht fertig eingerichtet.',
  spent: '{{spent}} von {{amount}} {{currency}} im Monat {{month}}.',
  uncounted: '{{count}} Prozesse wurden beendet oder erreichen die Betriebsdatenbank nicht.',
  backup: 'Sicherung {{backup}}, erprobt {{proven}}.',
  backup_unproven: 'Sicherung {{backup}}, nie erprobt.',
  never_backed_up: 'Nie gesichert.',
  job_failed: 'Der letzte Lauf schlug um {{at}} fehl.',
  copied: '{{percent}} % kopiert.',
  wave: 'Welle {{wave}} von {{of}}.',
  schema_wave: '{{phase}}, Welle {{wave}} von {{of}}.',
};

const causes: Record<CauseName, { title: string; nextStep: string }> = {
  credentials_unreadable: {
    title: 'Die gespeicherten Zugangsdaten lassen sich nicht entschlüsseln',
    nextStep: 'Prüfen Sie den Schlüsseldienst und ENCRYPTION_KEY mit: marquee secrets status',
  },
  sign_in_refused: {
    title: 'Der Server lehnt das Login ab',
    nextStep:
      'Setzen Sie das Passwort des Logins zurück oder ersetzen Sie das Login mit: marquee source rotate-password. Offene Sitzungen laufen weiter, neue scheitern.',
  },
  database_missing: {
    title: 'Die Datenbank gibt es auf dem Server nicht',
    nextStep:
      'Prüfen Sie, ob sie gelöscht oder umbenannt wurde; stellen Sie sie dann aus einer Sicherung wieder her.',
  },
  connections_exhausted: {
    title: 'Der Server hat keine Verbindung mehr frei',
    nextStep:
      'Sehen Sie nach, wer sie hält: select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3. Beenden Sie ungenutzte oder erhöhen Sie max_connections.',
  },
  no_primary: {
    title: 'Kein Host des Clusters nimmt Schreibzugriffe an',
    nextStep:
      'Sehen Sie in der Clusterverwaltung nach (Patroni: patronictl list). Lesezugriffe beantwortet solange ein Standby; siehe docs/failover.md.',
  },
  address_refused: {
    title: 'Zu dieser Adresse darf keine Verbindung aufgebaut werden',
    nextStep:
      'Der Hostname führt in ein Netz, das für diese Quelle nicht erlaubt ist. Prüfen Sie den DNS-Eintrag.',
  },
  tls_refused: {
    title: 'Das Zertifikat des Servers wird nicht anerkannt',
    nextStep: 'Erneuern Sie das Zertifikat oder geben Sie Marquee die Stelle, die es unterschrieben hat.',
  },
  server_starting: {
    title: 'Der Server startet oder fährt herunter',
    nextStep:
      'Warten Sie. Dauert es an, lesen Sie das Protokoll des Servers: Er stellt sich vielleicht nach einem Absturz wieder her.',
  },
  server_unreachable: {
    title: 'Der Server ist nicht erreichbar',
    nextStep: 'Prüfen Sie, ob der Server läuft, seine Adresse und seinen Port, und Firewalls dazwischen.',
  },
  server_not_answering: {
    title: 'Der Server nimmt Verbindungen an, antwortet aber nicht',
    nextStep:
      'Die Maschine ist vielleicht überlastet, angehalten oder ohne freien Speicher. Sehen Sie dort nach; starten Sie den Server neu, wenn es so bleibt.',
  },
  project_paused: {
    title: 'Das Supabase-Projekt ist pausiert',
    nextStep: 'Setzen Sie es im Dashboard des Projekts fort.',
  },
  project_failing: {
    title: 'Die REST-API des Supabase-Projekts schlägt fehl',
    nextStep: 'Sehen Sie Status und Protokolle im Dashboard des Projekts an.',
  },
  query_refused: {
    title: 'Der Server lehnt eine einfache Abfrage ab',
    nextStep: 'Führen Sie den Verbindungstest aus: marquee source test. Lesen Sie das Protokoll des Servers.',
  },
  query_not_answering: {
    title: 'Eine einfache Abfrage wird nicht rechtzeitig beantwortet',
    nextStep:
      'Der Server ist überlastet, oder sein Datenträger hängt. Prüfen Sie Last, Datenträger und Speicher.',
  },
  read_only: {
    title: 'Die Datenbank nimmt keine Schreibzugriffe an',
    nextStep:
      'Sie ist ein Standby, oder default_transaction_read_only ist eingeschaltet (Supabase tut das, wenn der Datenträger voll ist). Geben Sie die Adresse des Primärservers an oder schaffen Sie Platz.',
  },
  disk_full: {
    title: 'Der Datenträger ist fast voll',
    nextStep:
      'Vergrößern Sie das Volume. Auch von einem Slot zurückgehaltenes WAL und tote Zeilen brauchen Platz; siehe die anderen Befunde.',
  },
  slot_retains_wal: {
    title: 'Ein Replikationsslot hält WAL zurück',
    nextStep:
      'Starten Sie, was den Slot liest, oder entfernen Sie ihn: select pg_drop_replication_slot(…). Bis dahin füllt sich der Datenträger.',
  },
  slot_lost: {
    title: 'Ein Replikationsslot wurde ungültig',
    nextStep: 'Was ihn las, muss mit einer neuen Kopie beginnen. Entfernen Sie den Slot.',
  },
  wraparound: {
    title: 'Transaktionsnummern wurden lange nicht eingefroren',
    nextStep:
      'Finden Sie, was VACUUM aufhält (alte Transaktionen, vorbereitete Transaktionen, Slots), und führen Sie dann VACUUM (FREEZE) in der genannten Datenbank aus.',
  },
  prepared_transaction_old: {
    title: 'Eine vorbereitete Transaktion blieb offen',
    nextStep:
      'Schließen Sie sie ab oder rollen Sie sie zurück: rollback prepared ‘…’. Sie hält Sperren und hindert VACUUM, Zeilen zu entfernen.',
  },
  transaction_old: {
    title: 'Eine Transaktion ist schon lange offen',
    nextStep:
      'Beenden Sie sie, wenn sie nicht gebraucht wird: select pg_terminate_backend(pid). Sie hindert VACUUM, tote Zeilen zu entfernen, und hält vielleicht Sperren.',
  },
  locks_blocked: {
    title: 'Anweisungen warten auf eine Sperre',
    nextStep: 'Beenden Sie die Sitzung, die sie hält: select pg_terminate_backend(pid).',
  },
  connections_short: {
    title: 'Nur wenige Verbindungen sind frei',
    nextStep:
      'Erhöhen Sie max_connections, beenden Sie ungenutzte Sitzungen oder senken Sie das Verbindungsbudget der Quelle.',
  },
  standby_unreachable: {
    title: 'Ein Host des Clusters fehlt',
    nextStep: 'Die Quelle wird bedient, doch ein Failover hat weniger Ziele. Setzen Sie den Host instand.',
  },
  standby_behind: {
    title: 'Ein Standby liegt weit zurück',
    nextStep:
      'Prüfen Sie Datenträger, Netz und lange Abfragen dort. Lesezugriffe sind dort alt; ein Failover würde Zeit verlieren.',
  },
  archiving_fails: {
    title: 'WAL wird nicht archiviert',
    nextStep:
      'Suchen Sie im Protokoll des Servers nach archive_command. WAL sammelt sich an, und Sicherungen erreichen keinen aktuellen Stand.',
  },
  circuit_open: {
    title: 'Server von Marquee weisen Anfragen an diese Quelle ab',
    nextStep:
      'Ihre Versuche schlugen wiederholt fehl; sie versuchen es von selbst wieder. Ist die Quelle hier gesund, prüfen Sie das Netz der genannten Prozesse.',
  },
  slow: {
    title: 'Der Server antwortet langsam',
    nextStep: 'Prüfen Sie seine Last und das Netz zwischen Marquee und dem Server.',
  },
  probe_incomplete: {
    title: 'Eine Messung wurde nicht rechtzeitig beantwortet',
    nextStep: 'Einfache Abfragen beantwortet der Server. Bleibt es so, prüfen Sie seine Last.',
  },
  rate_limited: {
    title: 'Das Supabase-Projekt begrenzt Anfragen',
    nextStep: 'Sehen Sie seine Nutzung an; ein größerer Tarif hat höhere Grenzen.',
  },
  schema_missing: {
    title: 'Das Mandantenschema wird nicht bedient',
    nextStep:
      'Führen Sie aus: marquee migrate. Lesen Sie dann das Schema des Projekts neu mit: marquee source reload',
  },
  dead_rows: {
    title: 'Tabellen enthalten viele tote Zeilen',
    nextStep:
      'Autovacuum kommt nicht nach. Senken Sie autovacuum_vacuum_scale_factor oder führen Sie VACUUM auf der genannten Tabelle aus.',
  },
  clock_skewed: {
    title: 'Die Uhr des Servers weicht von der Uhr von Marquee ab',
    nextStep:
      'Gleichen Sie beide Uhren ab (NTP): Zeiten von Änderungen und ablaufende Token werden über sie verglichen.',
  },
  certificate_expires: {
    title: 'Das Zertifikat des Servers läuft bald ab',
    nextStep: 'Erneuern Sie es vor diesem Tag: Danach ist keine geprüfte Verbindung möglich.',
  },
  version_old: {
    title: 'Für die Version des Servers gibt es keine Korrekturen mehr',
    nextStep: 'Aktualisieren Sie PostgreSQL oder ziehen Sie die Mandanten um: marquee rollout start',
  },
};

const actions: Record<AuditAction, string> = {
  'tenants.insert': 'ein Mandant wurde angelegt',
  'tenants.update':
    'Name, Status, Ort, Grenzen, Single Sign-on oder Richtlinien eines Mandanten wurden geändert',
  'tenants.delete': 'ein Mandant wurde entfernt',
  'tenants.imported': 'ein Mandant wurde aus den Daten eines anderen Systems angelegt',
  'tenants.move_started': 'ein Umzug eines Mandanten zu einer anderen Datenquelle begann',
  'tenants.move_commanded':
    'eine Person wies einen Umzug an: umstellen, anhalten, fortsetzen, abbrechen, zurückrollen oder abschließen',
  'tenants.moved': 'ein Mandant wurde umgezogen; die signierte Bescheinigung',
  'tenants.move_completed': 'nach einem Umzug wurden die Zeilen der Quelle entfernt',
  'tenants.move_aborted': 'ein Umzug endete vor der Umstellung',
  'tenants.move_rolled_back': 'ein Umzug endete wieder an der Quelle',
  'tenants.move_target_forgotten': 'ein Umzug wurde ohne sein verlorenes Ziel beendet',
  'tenants.move_source_forgotten': 'ein Umzug wurde ohne seine verlorene Quelle beendet',
  'rollouts.start': 'ein Rollout von Umzügen begann',
  'rollouts.command': 'ein Rollout wurde angehalten, fortgesetzt, gestoppt oder zurückgerollt',
  'users.insert': 'ein Konto wurde angelegt, für einen Benutzer eines Mandanten oder des Betreibers',
  'users.update': 'Rolle, Status, Passwort, zweiter Faktor oder ein anderes Feld eines Kontos wurde geändert',
  'users.delete': 'ein Konto wurde entfernt',
  'session.sign_in': 'eine Anmeldung, mit ihrer Methode',
  'session.sign_in_refused': 'eine abgewiesene Anmeldung, mit dem Grund',
  'session.proof_refused':
    'ein angemeldeter Benutzer gab bei der erneuten Abfrage ein falsches Passwort oder einen falschen Code ein',
  'session.end':
    'eine oder mehrere Sitzungen endeten: abgemeldet, widerrufen, oder ein Erneuerungstoken wurde zweimal benutzt',
  'operators.refused':
    'die Rolle eines Betreibers oder der fehlende zweite Faktor erlaubte einen Befehl oder eine Route nicht',
  'support_access.ask': 'der Betreiber bat eine Firma um Zugriff',
  'support_access.allow': 'die Firma erlaubte ihn',
  'support_access.refuse': 'die Firma lehnte ihn ab',
  'support_access.use': 'eine Support-Sitzung begann',
  'support_access.end': 'die Firma oder der Betreiber beendete einen Zugriff',
  'support_access.expire': 'ein Zugriff endete von selbst',
  'api_keys.create': 'ein API-Schlüssel wurde angelegt',
  'api_keys.revoke': 'ein API-Schlüssel wurde widerrufen',
  'api_keys.refused':
    'Schlüssel von einer Adresse wurden abgewiesen, zum 10. Mal in einer Stunde, zum 100., zum 1000.',
  'api_keys.new_network': 'ein Dienstschlüssel wurde zum ersten Mal seit 90 Tagen aus einem Netz benutzt',
  'data_sources.insert': 'eine Datenquelle wurde eingetragen',
  'data_sources.update': 'eine Datenquelle wurde geändert',
  'data_sources.delete': 'eine Datenquelle wurde entfernt',
  'data_sources.rotate_logins': 'die Logins einer Datenquelle wurden ersetzt',
  'token_keys.create': 'ein Schlüssel, der Token signiert, wurde angelegt',
  'token_keys.revoke': 'ein Schlüssel, der Token signiert, wurde widerrufen',
  'signing_keys.create': 'ein Schlüssel, der Bescheinigungen oder Prüfpunkte signiert, wurde angelegt',
  'customer_requests.create': 'ein Inhaber bat um eine eigene Datenbank oder um einen Export',
  'customer_requests.withdraw': 'ein Inhaber zog eine solche Anfrage zurück',
  'customer_requests.answer': 'der Betreiber beantwortete eine solche Anfrage',
  'secrets.rotate': 'gespeicherte Geheimnisse wurden unter einen anderen Schlüssel gebracht',
  'secrets.migrate': 'gespeicherte Geheimnisse wurden zu einem anderen Schlüsseldienst gebracht',
  'secrets.retire': 'ein Schlüssel wurde außer Dienst gestellt',
  'credentials.decrypted': 'ein Befehl entschlüsselte gespeicherte Zugangsdaten, mit ihrer Anzahl',
  'alerts.acknowledge': 'ein Alarm wurde bestätigt',
  'health_thresholds.update': 'ein Schwellenwert der Gesundheitsprüfung wurde geändert',
  'usage.bill_added': 'eine Rechnung eines Anbieters wurde eingetragen',
  'usage.bill_corrected': 'eine Rechnung eines Anbieters wurde korrigiert',
  'usage.budget_set': 'das Budget eines Mandanten wurde festgelegt oder entfernt',
  'usage.settings_changed': 'die Aufteilung von Rechnungen wurde geändert',
  'alert_rules.insert': 'eine Alarmregel wurde hinzugefügt',
  'alert_rules.update': 'eine Alarmregel wurde geändert',
  'alert_rules.delete': 'eine Alarmregel wurde entfernt',
  'backups.created': 'ein Mandant wurde gesichert',
  'backups.failed': 'eine Sicherung schlug fehl',
  'backups.drill_passed': 'eine Sicherung wurde probeweise wiederhergestellt und ist, was gesichert wurde',
  'backups.drill_failed': 'eine Sicherung ließ sich bei einer Probe nicht wiederherstellen',
  'backups.restored': 'eine Sicherung wurde in einen Mandanten zurückgespielt',
  'backups.removed': 'eine Sicherung wurde nach ihrer Aufbewahrungsfrist entfernt',
  'backups.exported': 'die Daten eines Mandanten wurden exportiert',
  'backups.export_downloaded': 'ein Export der Daten eines Mandanten wurde heruntergeladen',
  'backups.erased': 'die Daten eines Mandanten wurden überall gelöscht',
  'backups.hold_placed': 'eine Aufbewahrungspflicht erhält die Sicherungen eines Mandanten',
  'backups.hold_released': 'eine Aufbewahrungspflicht wurde aufgehoben',
  'jobs.cancel': 'ein Auftrag wurde abgebrochen',
  'jobs.retry': 'ein fehlgeschlagener Auftrag wurde noch einmal versucht',
  'schema_rollouts.start': 'der Rollout einer Schemaversion begann',
  'schema_rollouts.command': 'ein Schema-Rollout wurde angehalten, fortgesetzt oder abgebrochen',
  'schema_drift.accept': 'eine Abweichung des Schemas einer Datenquelle wurde angenommen',
  'exports.create': 'Zeilen wurden als CSV ausgegeben',
  'signed_urls.create':
    'Adressen von Dateien wurden signiert, die sie länger als eine Stunde öffnen, oder in einer Support-Sitzung',
  'settings.update': 'eine Einstellung einer Firma wurde geändert',
  'integrations.update': 'eine Verbindung zu einem anderen Dienst wurde geändert',
  'integrations.connect': 'eine Verbindung zu einem anderen Dienst wurde hergestellt',
  'webhooks.update': 'ein Webhook einer Firma wurde geändert',
  'calendar_feeds.update': 'ein Kalender-Feed einer Firma wurde geändert',
  'audit.checkpoint': 'ein signierter Prüfpunkt dieses Protokolls',
  'audit.archive': 'Einträge dieses Protokolls wurden in eine Datei verschoben',
};

/** By the first of its variables. */
const services: Record<string, { name: string; without: string }> = {
  SMTP_URL: {
    name: 'E-Mail',
    without:
      'E-Mails werden als Dateien in den Ausgang geschrieben und erreichen niemanden; Inhaber lesen „bei diesem Dienst noch nicht verfügbar“',
  },
  PUBLIC_URL: {
    name: 'Öffentliche Adresse',
    without: 'Links beginnen mit der Adresse der Anfrage; E-Mails aus Aufträgen enthalten keine Links',
  },
  MAIL_REPORT_SECRET: {
    name: 'Meldungen über unzustellbare E-Mails',
    without: 'E-Mails, die später zurückkommen, gelten weiter als gesendet',
  },
  BACKUP_URL: {
    name: 'Sicherungen',
    without:
      'Mandanten werden nicht gesichert; nur was der Betreiber der Datenbanken selbst sichert, lässt sich wiederherstellen',
  },
  GOOGLE_CLIENT_ID: {
    name: 'Google Kalender',
    without: 'Niemand kann einen Kalender verbinden; Kalender-Feeds funktionieren',
  },
  QUICKBOOKS_CLIENT_ID: {
    name: 'QuickBooks Online',
    without: 'Firmen können ihre Buchhaltung nicht verbinden',
  },
};

/** Titles of rules as they are by default, by the rule's name. */
const rules: Record<string, string> = {
  'audit-chain-broken': 'Das Audit-Protokoll ist nicht das, was geschrieben wurde',
  'alert-rules-changed': '{{actor}} hat die Alarmregel {{entityId}} geändert',
  'source-place-changed':
    'Host, Datenbank, Region oder Benutzer einer Datenquelle wurde von {{actor}} geändert',
  'tenant-place-changed': 'Der Ort des Mandanten {{entityId}} wurde von {{actor}} ohne Umzug geändert',
  'changed-past-marquee':
    'Die Anwendungsdatenbank wurde von {{actor}} an Marquee vorbei geändert: {{action}}',
  'outside-hours': '{{actor}} hat außerhalb der Arbeitszeit etwas geändert: {{action}}',
  'new-operator': '{{actor}} hat zum ersten Mal seit 90 Tagen so etwas geändert: {{action}}',
  'several-in-a-row': '{{actor}} hat in zehn Minuten viele Datenquellen oder Mandanten geändert',
  'many-decryptions': '{{actor}} hat in zehn Minuten viele gespeicherte Zugangsdaten entschlüsselt',
  'service-key-new-network':
    'Ein Dienstschlüssel wurde aus dem Netz {{details_network}} benutzt, zum ersten Mal seit 90 Tagen',
  'sign-ins-refused-at-account': 'Anmeldungen an einem Konto wurden wiederholt abgewiesen: {{details_email}}',
  'sign-ins-refused-from-address': 'Anmeldungen von {{address}} wurden wiederholt abgewiesen',
  'keys-refused': 'API-Schlüssel von {{address}} wurden wiederholt abgewiesen',
  'operator-added': '{{actor}} hat einen Betreiber hinzugefügt',
  'second-factor-removed': 'Der zweite Faktor eines Kontos wurde von {{actor}} entfernt',
  'tls-not-verified': '{{actor}} erlaubt die Verbindung zu einer Datenquelle ohne geprüftes Zertifikat',
  'source-unhealthy': 'Eine Datenquelle ist gestört',
  'source-degraded': 'Eine Datenquelle ist beeinträchtigt',
  'rollout-halted': 'Ein Rollout wurde angehalten',
  'rollout-stuck': 'Ein Rollout geht nicht weiter',
  'move-failed': 'Ein Umzug braucht den Betreiber',
  'tenant-over-budget': 'Ein Mandant kostet mehr als sein Budget dieses Monats',
  'tenant-near-budget': 'Ein Mandant hat 80 % seines Budgets dieses Monats verbraucht',
  'backups-failed': 'Die Sicherungen eines Mandanten schlagen fehl',
  'backup-drill-failed': 'Eine Sicherung ließ sich bei einer Probe nicht wiederherstellen',
};

const conditions: Record<ConditionCode, string> = {
  source_degraded: '{{source}} ist beeinträchtigt: $t(serverMessages.causes.{{cause}}.title)',
  source_unhealthy: '{{source}} ist gestört: $t(serverMessages.causes.{{cause}}.title)',
  source_degraded_alone: '{{source}} ist beeinträchtigt',
  source_unhealthy_alone: '{{source}} ist gestört',
  schema_rollout_halted: 'Der Schema-Rollout zu Version {{version}} wurde angehalten',
  schema_rollout_stuck: 'Der Schema-Rollout zu Version {{version}} geht nicht weiter',
  rollout_halted: 'Der Rollout von Umzügen zu {{source}} wurde angehalten',
  rollout_stuck: 'Der Rollout von Umzügen zu {{source}} geht nicht weiter',
  move_failed: 'Ein Umzug von {{from}} zu {{to}} braucht den Betreiber',
  budget_used: '{{tenant}} hat {{percent}} % des Budgets für {{month}} verbraucht',
};

/** Why an alert has ended by itself. */
const endings: Record<EndingCode, string> = {
  source_healthy: 'Die Datenquelle ist gesund.',
  source_degraded: 'Die Datenquelle ist beeinträchtigt.',
  source_unhealthy: 'Die Datenquelle ist gestört.',
  source_unknown: 'Der Zustand der Datenquelle ist unbekannt.',
  work_gone_on: 'Es ging weiter oder ist zu Ende.',
  budget_share: '{{tenant}} ist bei {{percent}} % des Budgets.',
  budget_removed: 'Der Mandant hat kein Budget mehr.',
  tenant_removed: 'Der Mandant wurde entfernt.',
};

/** What a move waits for, after „Wartet auf“, and what it yields to. */
const waits: Record<MoveWaitCode, string> = {
  transactions: 'laufende Transaktionen auf dem Server von {{source}}',
  transaction:
    'eine Transaktion auf dem Server von {{source}}, die seit {{seconds}} s läuft (Prozess {{pid}}, Datenbank {{database}})',
  lock: 'eine Sperre auf {{table}} in {{source}}',
  statements: '{{source}}: {{count}} laufende Anweisungen anderer',
  probe: '{{source}}: eine Messung dauert {{ratio}}-mal so lange',
  standby: '{{source}}: ein Standby liegt {{size}} MiB weiter zurück',
};

/** Why a move is not begun. */
const refusals: Record<Refusal, string> = {
  under_way: 'Der Mandant wird schon umgezogen.',
  under_way_by: 'Der Mandant wird schon umgezogen: {{by}} hat damit begonnen.',
  id_reserved: 'Die Kennung des Mandanten hat ein anderer Umzug reserviert.',
  id_of_tenant: 'Die Kennung des Mandanten gehört am Ziel dem Mandanten {{tenant}}.',
  id_of_other: 'Die Kennung des Mandanten gehört in {{source}} einem anderen Mandanten.',
  here: 'Der Mandant liegt schon in dieser Datenquelle.',
  pooler: 'Die Datenquelle {{source}} wird über einen Pooler erreicht.',
  one_database: '{{source}} und {{target}} sind eine Datenbank.',
  no_login: 'Die Datenquelle {{source}} hat kein Login für Umzüge.',
  gone: 'Diesen Mandanten gibt es nicht mehr.',
  rows_taken: 'Der Mandant wird gerade wiederhergestellt oder gelöscht.',
  migrating: 'Das Schema von {{source}} wird gerade migriert.',
};

/** Why a gate of a rollout of moves fails. */
const gates: Record<GateWord, string> = {
  operator: 'Der Betreiber hat den Rollout angehalten.',
  ended: 'Der Umzug wurde außerhalb des Rollouts beendet.',
  pause: 'Anweisungen warteten {{waited}} ms; erlaubt sind höchstens {{longest}} ms.',
  errors: '{{after}} der Anweisungen schlagen am Ziel fehl, an der Quelle waren es {{before}}.',
  latency: 'Das 95. Perzentil ist am Ziel {{is}} ms und war an der Quelle {{was}} ms.',
  silent: 'Das Ziel antwortet nicht.',
  connections: '{{percent}} % der Verbindungen des Ziels sind in Gebrauch.',
  lag: 'Die Rückreplikation oder ein Standby liegt {{size}} MiB hinter dem Ziel zurück.',
  rows: '{{count}} Zeilen unterscheiden sich zwischen Quelle und Ziel ({{tables}}).',
};

/** What a schema rollout waits for, after „Wartet auf“. */
const rolloutWaits: Record<RolloutWaitCode, string> = {
  observed: 'das Ende der Beobachtung der Welle „{{wave}}“',
  moves: 'Umzüge, die {{sources}} verwenden',
  moves_of_more: 'Umzüge, die {{sources}} und {{more}} weitere verwenden',
  process: 'das Ende eines Prozesses einer älteren Version',
  processes: 'das Ende von {{count}} Prozessen einer älteren Version',
  grace: 'das Ende der Frist nach dem letzten Prozess einer älteren Version',
};

const thresholds: Record<ThresholdName, string> = {
  round_every_ms: 'Pause zwischen zwei Runden von Messungen; länger bei mehr als 300 Datenquellen',
  confirm_after_ms: 'Pause nach einer Runde, die schlechter ist als der Zustand',
  rounds_to_leave: 'Runden in Folge, die schlechter sein müssen, bevor der Zustand es ist',
  rounds_to_return: 'Runden in Folge, die besser sein müssen, bevor der Zustand es ist',
  connect_deadline_ms: 'Adresse, TCP, TLS und Anmeldung zusammen',
  query_deadline_ms: 'jede Messung einer Runde',
  slow_query_deadline_ms: 'jede der selteneren Messungen',
  connect_slow_ms: 'beeinträchtigt, wenn der Verbindungsaufbau länger dauert',
  round_trip_slow_ms: 'beeinträchtigt, wenn eine Abfrage mit Antwort länger dauert',
  clock_skew_ms: 'beeinträchtigt, wenn die Uhren weiter voneinander abweichen',
  connections_left: 'beeinträchtigt, wenn weniger frei sind',
  transaction_degraded_s: 'beeinträchtigt, wenn eine Transaktion älter ist',
  transaction_unhealthy_s: 'gestört, wenn eine Transaktion älter ist',
  lock_wait_degraded_s: 'beeinträchtigt, wenn eine Anweisung länger auf eine Sperre wartet',
  lock_wait_unhealthy_s: 'gestört, wenn eine Anweisung länger auf eine Sperre wartet',
  slot_degraded_bytes: 'beeinträchtigt, wenn ein Slot mehr WAL zurückhält',
  slot_unhealthy_bytes: 'gestört, wenn ein Slot mehr WAL zurückhält',
  standby_lag_bytes: 'beeinträchtigt, wenn ein Standby mehr WAL nicht nachgespielt hat',
  disk_bytes: 'Größe des Volumes, wo Marquee sie nicht sieht; 0, wo sie nicht bekannt ist',
  disk_degraded_share: 'beeinträchtigt, wenn mehr vom Datenträger belegt ist',
  disk_unhealthy_share: 'gestört, wenn mehr vom Datenträger belegt ist',
  dead_rows_share: 'beeinträchtigt, wenn mehr Zeilen einer Tabelle tot sind (ab 100.000)',
  wraparound_degraded_age: 'beeinträchtigt, wenn die älteste nicht eingefrorene Transaktionsnummer älter ist',
  wraparound_unhealthy_age: 'gestört, wenn sie älter ist; bei 2.000 Millionen hält der Server an',
  certificate_degraded_days: 'beeinträchtigt, wenn das Zertifikat früher abläuft',
  certificate_unhealthy_days: 'gestört, wenn das Zertifikat früher abläuft',
};

export const serverMessages = {
  ...{
    evidence,
    states,
    details,
    causes,
    actions,
    services,
    failures,
    endings,
    waits,
    gates,
    rolloutWaits,
    thresholds,
    refusals,
    preflight,
    preflightParts,
  },
  ...connectionTest,
  alerts: { ...rules, ...conditions },
};

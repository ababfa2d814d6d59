// In German what the preflight of a move found, by the server's codes.
import type { PreflightPart, PreflightWord } from '@/lib/movement';

export const preflight: Record<PreflightWord, string> = {
  two_databases: 'Quelle und Ziel sind zwei Datenbanken.',
  one_database: '{{source}} und {{target}} sind eine Datenbank.',
  here_already: 'Der Mandant liegt schon in dieser Datenquelle.',
  region: 'Die Region ist erlaubt.',
  version: 'Beide Server haben PostgreSQL 15 oder neuer.',
  version_old: 'Beide Server müssen PostgreSQL 15 oder neuer haben.',
  schema: 'Beide Datenbanken haben die Schemaversion {{version}}.',
  schema_functions:
    'Quelle und Ziel haben dieselbe Schemaversion, aber andere Funktionen: Migrieren Sie sie (marquee migrate).',
  schema_versions:
    'Quelle und Ziel haben die Schemaversionen {{source}} und {{target}}: Migrieren Sie sie (marquee migrate).',
  mover: 'Die Logins für Umzüge sind Mitglieder von tenant_mover.',
  no_mover:
    'Ein Login für Umzüge ist nicht Mitglied von tenant_mover: COPY sähe ohne Fehlermeldung keine Zeilen.',
  primaries: 'Beide Server sind Primärserver.',
  standby: 'Ein Server ist ein Standby: Geben Sie die URL seines Primärservers an.',
  load_seen: 'Das Login für Umzüge sieht, wie beschäftigt die Server sind.',
  load_unseen:
    'Das Login für Umzüge ist nicht in pg_read_all_stats: Die Kopie bremst nur bei langsamen Antworten, nicht nach der Zahl laufender Anweisungen.',
  extensions: 'Das Ziel hat alle Erweiterungen der Quelle.',
  no_extensions: '{{target}} fehlen die Erweiterungen {{extensions}}.',
  encoding: 'Das Ziel kann jedes Zeichen speichern.',
  encodings:
    '{{target}} speichert Texte als {{ofTarget}}, {{source}} als {{ofSource}}: Manche Zeichen lassen sich dort nicht speichern.',
  tables_alike: 'Die {{count}} Tabellen sind gleich.',
  tables_differ: 'Die Tabellen unterscheiden sich: {{differences}}.',
  visible: 'Das Login für Umzüge sieht jede Zeile und darf sie ändern.',
  invisible:
    'Das Login für Umzüge sieht nicht jede Zeile oder darf sie nicht ändern: {{tables}}. Jede Tabelle braucht diese Rechte und, wo Sicherheit auf Zeilenebene gilt, eine Policy für tenant_mover using (true) with check (true).',
  movable: 'Jede Tabelle lässt sich umziehen.',
  unmovable: 'Diese Tabellen lassen sich nicht umziehen: {{tables}}.',
  no_triggers: 'Kein Trigger ändert Zeilen, während sie kopiert werden.',
  triggers:
    'Trigger werden auch für kopierte Zeilen ausgelöst: {{triggers}}. Ergänzen Sie: when (not tenancy.copying()).',
  none_behind: 'Keine Zeile des Mandanten bleibt zurück.',
  behind: 'Zeilen des Mandanten blieben zurück: {{rows}}.',
  views: 'Das Ziel hat alle Views der Quelle.',
  views_lacking: '{{target}} fehlen die Views {{views}}.',
  views_stale: 'Aktualisieren Sie nach dem Umzug am Ziel {{stale}}.',
  views_lacking_and_stale:
    '{{target}} fehlen die Views {{views}}. Aktualisieren Sie nach dem Umzug am Ziel {{stale}}.',
  constraints: 'Die Constraints des Ziels nehmen jede Zeile des Mandanten an.',
  constraints_refuse: '{{target}} würde Zeilen des Mandanten abweisen: {{rows}}.',
  identities: 'Jede Tabelle lässt sich replizieren.',
  no_identity: 'Ohne Replica Identity: {{tables}}.',
  order: 'Die Fremdschlüssel erlauben eine Reihenfolge, in der sich die Tabellen füllen lassen.',
  circular: 'Tabellen verweisen mit Fremdschlüsseln aufeinander, die nicht aufschiebbar sind: {{tables}}.',
  target_empty: 'Das Ziel enthält keine Zeilen des Mandanten.',
  target_holds: '{{target}} enthält schon {{rows}} Zeilen des Mandanten.',
  rows: 'Der Mandant hat {{rows}} Zeilen.',
  no_rows: 'Der Mandant hat an der Quelle keine Zeilen.',
  logical: 'Beide Datenbanken erlauben Logical Decoding.',
  change_log: 'Trigger halten Änderungen fest (change_log), was Schreibzugriffe verlangsamt: {{reasons}}.',
  space:
    'Das Ziel braucht {{size}} für Zeilen und Indizes und ebenso viel für WAL; seine Datenbank belegt jetzt {{held}}.',
  slots: 'Replikationsslots und WAL-Sender sind frei.',
  no_slots: 'Kein Replikationsslot oder kein WAL-Sender ist frei.',
  slot_limit: 'Wie viel WAL ein Slot zurückhalten darf, ist begrenzt.',
  no_slot_limit:
    'max_slot_wal_keep_size ist -1: Ist der Umzug angehalten, halten seine Slots WAL zurück, bis der Datenträger voll ist.',
  slot_room: 'Ein Slot darf mehr WAL zurückhalten, als die Kopie schreibt.',
  slot_short:
    'max_slot_wal_keep_size ({{size}}) ist weniger als die Kopie: Deren WAL kann der Rückreplikation in {{target}} ihren Slot nehmen.',
  room: '{{target}} nimmt noch einen Mandanten auf.',
  target_status: '{{target}} nimmt keine Mandanten auf: Der Status ist {{status}}.',
  target_full: '{{target}} ist voll: Höchstens {{capacity}} Mandanten sind erlaubt.',
  id_free: 'Die Kennung des Mandanten ist in {{target}} frei.',
  id_taken:
    'Die Kennung des Mandanten ist in {{target}} vergeben: {{why}}. Geben Sie ihm eine andere: --to-tenant-id',
  elsewhere: 'Der Mandant liegt nicht in der Datenquelle, von der der Umzug ausgeht.',
};

export const preflightParts: Record<PreflightPart, string> = {
  not_logical: 'wal_level ist in {{database}} {{level}} und muss logical sein',
  no_replication: 'dem Login für Umzüge fehlt in {{database}} REPLICATION',
  no_publications: 'dem Eigentümer der Tabellen fehlt in {{database}} CREATE auf seiner Datenbank',
  table_missing: '{{table}} fehlt in {{database}}',
  column: '{{column}} ist {{one}} in {{source}}, {{other}} in {{target}}',
  column_of_source: '{{column}} ist {{one}} in {{source}} und fehlt in {{target}}',
  column_of_target: '{{column}} fehlt in {{source}} und ist {{other}} in {{target}}',
  other_key: '{{table}} hat in {{database}} einen anderen Primärschlüssel',
  grant: '{{database}}: {{table}} (grant {{rights}} on {{table}} to tenant_mover)',
  hidden: '{{database}}: {{table}} (Sicherheit auf Zeilenebene verbirgt Zeilen)',
  trigger: '{{database}}: {{trigger}} auf {{table}}',
  tenant_no_uuid: '{{database}}: {{table}} (tenant_id ist keine uuid)',
  key_tenant_alone: '{{database}}: {{table}} (der Primärschlüssel ist nur tenant_id)',
  key_deferrable: '{{database}}: {{table}} (der Primärschlüssel ist aufschiebbar)',
  key_generated: '{{database}}: {{table}} (der Primärschlüssel hat eine berechnete Spalte)',
  key_composite:
    '{{database}}: {{table}} (der Primärschlüssel hat ein Array, einen zusammengesetzten Typ oder JSON)',
  key_overlaps: '{{database}}: {{table}} (der Primärschlüssel ist without overlaps)',
  unlogged: '{{database}}: {{table}} (sie ist unlogged)',
  rules: '{{database}}: {{table}} (sie hat Rules: verwenden Sie Trigger)',
  inherits: '{{database}}: {{table}} (sie erbt, oder von ihr wird geerbt)',
  other_owner:
    '{{database}}: {{table}} (sie gehört {{owner}}, nicht dem Eigentümer des Schemas tenancy: alter table … owner to {{wanted}})',
  sequence_owner:
    '{{database}}: {{table}} (die Spalte {{column}} nimmt Nummern aus {{sequence}}, und die gehört {{owner}}: alter sequence … owner to {{wanted}})',
  large_objects: '{{column}} (benennt Large Objects: speichern Sie sie als bytea)',
  closed:
    '{{table}} lässt sich nicht einsehen (geben Sie tenant_mover usage auf dem Schema und select auf der Tabelle, mit einer Policy, wo Sicherheit auf Zeilenebene gilt)',
  foreign_closed:
    'die Fremdtabelle {{table}} lässt sich nicht einsehen (geben Sie tenant_mover usage auf dem Schema und select auf der Tabelle, mit einer Policy, wo Sicherheit auf Zeilenebene gilt)',
  foreign: 'die Fremdtabelle {{table}}',
  other_first_key: '{{table}} (der Primärschlüssel beginnt nicht mit tenant_id)',
  outside_public: '{{table}} (außerhalb des Schemas public)',
  violates:
    '{{table}} hat Zeilen, die {{what}} verletzen, was kein gültiger Constraint der Quelle verbietet (berichtigen Sie sie)',
  violates_not_valid:
    '{{table}} hat Zeilen, die {{what}} verletzen, was kein gültiger Constraint der Quelle verbietet (berichtigen Sie sie, dann an der Quelle: alter table {{table}} validate constraint {{constraint}})',
  reference_closed:
    '{{on}} verweist auf {{references}}, was nicht umzieht und sich nicht einsehen lässt (geben Sie tenant_mover usage auf dem Schema und select auf der Tabelle)',
  references_many:
    '{{on}} verweist auf mehr als {{most}} Zeilen von {{references}}, was nicht umzieht (geben Sie der Tabelle die Spalte tenant_id, oder entfernen Sie den Fremdschlüssel)',
  references_missing:
    '{{on}} verweist auf Zeilen von {{references}}, die dem Ziel fehlen, etwa {{keys}} (die Tabelle zieht nicht um: kopieren Sie sie zuerst dorthin)',
  id_of_tenant: 'der Mandant {{tenant}} hat sie',
  id_reserved: 'ein Umzug hat sie reserviert',
  id_fenced: 'dort liegt eine Sperre unter ihr',
};

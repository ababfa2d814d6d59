import type { Translation } from '../../i18n/translation';
import type { tasks as english } from './words.en';

export const tasks: Translation<typeof english> = {
  title: 'Letzte Arbeiten',
  empty: 'Noch keine Arbeiten',
  interrupted: 'Der Prozess wurde beendet, bevor er damit fertig war. Starten Sie es noch einmal.',
  howFar: '{{done}} von {{of}}',
  lookedAt_one: '{{count, number}} Geheimnis geprüft',
  lookedAt_other: '{{count, number}} Geheimnisse geprüft',
  state: { running: 'Läuft', done: 'Fertig', failed: 'Fehlgeschlagen', interrupted: 'Unterbrochen' },
  kind: {
    backups_create: 'Sicherung von {{title}}',
    backups_verify: 'Prüfung einer Sicherung von {{title}}',
    backups_drill: 'Probe-Wiederherstellung von {{title}}',
    backups_restore: 'Wiederherstellung: {{title}}',
    backups_prune: 'Alte Sicherungen von {{title}}',
    audit_verify: 'Prüfung des Audit-Protokolls',
    audit_prove: 'Nachweis: {{title}}',
    secrets_rotate: 'Geheimnisse unter {{title}}',
    seal_rotate: 'Neue Siegelschlüssel: {{title}}',
    tenants_export: 'Export von {{title}}',
    tenants_erase: 'Löschung von {{title}}',
    sources_rotate: 'Neue Logins für {{title}}',
    requests_export: 'Angefragter Export von {{title}}',
    requests_own_database: 'Datenbank von {{title}}',
    schema_rollouts_advance: 'Schema-Rollout: {{title}}',
  },
};

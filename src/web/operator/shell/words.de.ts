import type { Translation } from '../../i18n/translation';
import type { console as english } from './words.en';

/** German texts of the console's frame and of what its screens share. */
export const console: Translation<typeof english> = {
  title: 'Betreiberkonsole',
  groups: { fleet: 'Flotte', changes: 'Änderungen', service: 'Dienst', security: 'Sicherheit' },
  nav: {
    attention: 'Zu beachten',
    requests: 'Kundenanfragen',
    tenants: 'Mandanten',
    sources: 'Datenquellen',
    map: 'Karte',
    moves: 'Umzüge',
    cost: 'Kosten',
    health: 'Gesundheit',
    alerts: 'Alarme',
    schema: 'Schema-Rollouts',
    backups: 'Sicherungen und Proben',
    jobs: 'Aufträge',
    support: 'Support-Zugang',
    audit: 'Audit-Protokoll',
    keys: 'Schlüssel',
    operators: 'Betreiber',
    settings: 'Einstellungen',
  },
  roles: { owner: 'Inhaber', engineer: 'Technik', support: 'Support', auditor: 'Prüfung' },
  signIn: { title: 'Betreiberkonsole', text: 'Melden Sie sich mit Ihrem Betreiberkonto an.' },
  factor: {
    title: 'Zweiten Faktor einrichten',
    text: 'Betreiber melden sich mit Passwort und einem Code aus einer Authenticator-App an.',
    again:
      'Diese Sitzung hat Ihren zweiten Faktor noch nicht gezeigt. Melden Sie sich ab und mit Ihrem Code wieder an.',
    begin: 'Einrichten',
    continue: 'Ich habe die Codes gesichert',
  },
  notForCompanies:
    'Die Konsole ist für Betreiber des Dienstes. Sie sind als Benutzer einer Firma angemeldet.',
  lost: 'Verbindung verloren: Sie sehen den Stand von {{time}}. Sie wird wiederhergestellt …',
  support: 'Sie haben bis {{until}} Zugriff auf die Daten von {{tenant}}.',
  command: 'Auf der Kommandozeile:',
  copy: '„{{what}}“ kopieren',
  outdated: 'Das konnte nicht noch einmal gelesen werden',
  asOf: 'Stand der Anzeige:',
  newer: 'Neuere',
  older: 'Ältere',
  typeName: 'Geben Sie zur Bestätigung diesen Namen ein',
  select: 'Auswählen',
};

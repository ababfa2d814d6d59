import type { Translation } from '../../i18n/translation';
import type { attention as english } from './words.en';

/** German texts of what needs attention. */
export const attention: Translation<typeof english> = {
  title: 'Zu beachten',
  none: 'Nichts zu beachten',
  noneText: 'Alle Teile der Flotte wurden gelesen und sind in Ordnung.',
  noneOfPart: 'Das gilt nur für den gewählten Teil.',
  bad: 'Jetzt handeln',
  warning: 'Einen Blick wert',
  asOf: 'Gelesen',
  unread: '{{part}} konnten nicht gelesen werden: {{why}}',
  step: 'Vorgeschlagener Schritt',
  open: 'Öffnen',
  filter: 'Alle Teile',
  parts: {
    service: 'Dienst',
    sources: 'Datenquellen',
    tenants: 'Mandanten',
    moves: 'Umzüge',
    rollouts: 'Rollouts',
    drift: 'Schemaabweichung',
    backups: 'Sicherungen',
    jobs: 'Aufträge',
    alerts: 'Alarme',
    requests: 'Kundenanfragen',
    cost: 'Kosten',
  },
};

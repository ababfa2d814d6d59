import type { Translation } from '../../i18n/translation';
import type { configuration as english } from './words.en';

export const configuration: Translation<typeof english> = {
  title: 'Einstellungen',
  subtitle: 'Einstellungen sind Umgebungsvariablen. Jeder Prozess liest sie beim Start.',
  services: 'Dienste',
  service: 'Dienst',
  state: 'Zustand',
  states: { ready: 'Bereit', incomplete: 'Unvollständig', not_set_up: 'Nicht eingerichtet' },
  without: 'Ohne ihn',
  set: 'Zu setzen',
  variables: 'Variablen',
  variable: 'Variable',
  search: 'Variablen suchen',
  value: 'Wert',
  hidden: 'Gesetzt; wird nicht gezeigt',
  from: 'Gesetzt in',
  sources: {
    environment: 'Umgebung',
    command_line: 'Befehlszeile',
    start: 'Von npm start behalten',
    default: 'Standard',
    unset: 'Nicht gesetzt',
  },
};

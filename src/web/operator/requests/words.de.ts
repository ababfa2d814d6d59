import type { Translation } from '../../i18n/translation';
import type { requests as english } from './words.en';

/** German texts of what tenants' owners ask the operator for. */
export const requests: Translation<typeof english> = {
  title: 'Kundenanfragen',
  text: 'Worum Inhaber in ihren Einstellungen unter „Ihre Daten“ gebeten haben.',
  open: 'Nicht beantwortet',
  all: 'Alle',
  show: 'Welche Anfragen',
  none: 'Keine Anfragen',
  tenant: 'Mandant',
  kind: 'Wunsch',
  kinds: { own_database: 'Eine eigene Datenbank', export: 'Ein Export' },
  state: 'Stand',
  states: { open: 'Offen', done: 'Erledigt', declined: 'Abgelehnt', withdrawn: 'Zurückgezogen' },
  note: 'Nachricht',
  asked: 'Gestellt',
  answer: 'Antwort',
  actions: 'Beantworten',
  accept: 'Annehmen',
  refuse: 'Ablehnen',
  acceptTitle: 'Anfrage von {{name}} annehmen?',
  exportStep:
    'Jetzt wird ein Export aller Zeilen und Anhänge erstellt. Inhaber des Betreibers laden ihn auf der Seite des Mandanten herunter und übergeben ihn.',
  exportDone: 'Ist er erstellt, gilt die Anfrage als beantwortet.',
  databaseStep:
    'Die Datenbank wird geprüft, ihre Logins und Tabellen werden angelegt, und sie wird als Datenquelle hinzugefügt.',
  databaseData: 'Die Daten bleiben, wo sie sind. Ziehen Sie den Mandanten danach um.',
  databaseUrl: 'Die URL des Inhabers bleibt verborgen und wird mit der Antwort gelöscht.',
  stays: 'Misslingt es, bleibt die Anfrage offen.',
  name: 'Name der Datenquelle',
  words: 'Nachricht an die Firma',
  wordsHint: 'Die Inhaber lesen sie in ihren Einstellungen. Kann leer bleiben.',
  refuseTitle: 'Anfrage von {{name}} ablehnen?',
  reason: 'Grund',
  reasonHint: 'Die Inhaber lesen ihn in ihren Einstellungen.',
  added: '{{source}} wurde hinzugefügt.',
  move: '{{tenant}} dorthin umziehen',
  exported: '{{count, number}} Zeilen exportiert.',
  toPage: 'Zur Seite des Mandanten',
};

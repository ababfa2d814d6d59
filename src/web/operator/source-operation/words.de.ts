import type { Translation } from '../../i18n/translation';
import type { sourceOperation as english } from './words.en';

/** German texts of a data source’s operation. */
export const sourceOperation: Translation<typeof english> = {
  title: 'Verbindungen und Failover',
  pool: 'Pool des antwortenden Servers',
  notUsed: 'Noch nicht benutzt',
  poolText: '{{inUse}} in Benutzung, {{idle}} frei',
  waiting: 'Wartende Anweisungen',
  processes: 'Verbindungen je Prozess',
  noProcesses: 'Kein Prozess läuft',
  failover: 'Timeline des Clusters',
  failoverSeen: '{{timeline}}, zuerst gesehen {{when}}',
  noFailover: 'Kein Failover beobachtet',
  interruptions: 'Zeiten ohne Primärserver',
  replica: {
    follows: 'Folgt',
    promoted: 'Ist jetzt Primärserver',
    unreachable: 'Nicht erreichbar',
  },
  lag: 'Rückstand zum Primärserver',
  drift: 'Schemaabweichung',
  driftText:
    'Vergleicht alle Tabellen, Richtlinien und Funktionen dieser Datenbank mit dem, woraus ihre Version besteht.',
  compare: 'Jetzt vergleichen',
  rotate: 'Logins ersetzen',
  rotation: {
    title: 'Logins von {{name}} ersetzen?',
    made: 'Neue Logins mit neuen Passwörtern entstehen neben den alten. Alle Mandanten werden in einer Transaktion umgestellt.',
    goesOn: 'Laufende Anweisungen werden beendet; neue Verbindungen benutzen die neuen Logins.',
    dropped:
      'Die alten Logins werden entfernt, sobald keine Sitzung sie mehr benutzt. Hat eines nach einer Minute noch Sitzungen, sind mit ihm keine neuen möglich, und die nächste Erneuerung entfernt es.',
    pooler: 'Ein Pooler vor dem Server muss die neuen Logins annehmen.',
    which: 'Welches Login',
    logins: {
      both: 'Beide',
      router: 'Das für Anfragen von Mandanten',
      mover: 'Das für Umzüge und Sicherungen',
    },
    owner: 'PostgreSQL-URL des Eigentümers',
    ownerHint: 'Nur, wenn Marquee keine hat. Wird einmal benutzt und nicht gespeichert.',
    done: 'Angelegt: {{created}}; entfernt: {{dropped}}; {{count, number}} Mandanten umgestellt.',
    none: 'keine',
    remaining: 'Noch mit Sitzungen: {{logins}}. Ersetzen Sie die Logins noch einmal, um sie zu entfernen.',
  },
};

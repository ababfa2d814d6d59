import type { Translation } from '../../i18n/translation';
import type { offboarding as english } from './words.en';

/** German texts of exports and of erasing a tenant. */
export const offboarding: Translation<typeof english> = {
  title: 'Export und Löschung',
  text: 'Die Daten des Kunden exportieren oder den Mandanten endgültig löschen.',
  export: 'Exportieren',
  erase: 'Löschen',
  exports: 'Exporte zum Herunterladen',
  noExports: 'Keine Exporte zum Herunterladen',
  held: 'Für diesen Mandanten gilt eine Aufbewahrungspflicht. Heben Sie sie auf, bevor Sie ihn löschen.',
  made: '{{rows}} Zeilen aus {{tables}} Tabellen, {{files}} Dateien, {{size}}',
  by: 'Von {{name}}; wird {{when}} entfernt.',
  download: 'Herunterladen',
  format: 'Format der Dateien',
  formats: {
    csv: 'CSV, für Tabellenkalkulationen',
    json: 'JSON, ein Objekt je Zeile, für Programme',
  },
  exportTitle: 'Daten von {{name}} exportieren?',
  exportAll:
    'Alle Zeilen und Anhänge von {{name}} werden in ein Archiv geschrieben: eine Datei je Tabelle, dazu ein Verzeichnis der Spalten und eine Liste aller Dateien.',
  exportSnapshot: 'Sie zeigen den Stand eines Zeitpunkts. Der Mandant arbeitet währenddessen weiter.',
  exportKept:
    'Das Archiv wird verschlüsselt gespeichert; Inhaber des Betreibers können es 7 Tage lang herunterladen.',
  exportAudit: 'Ihr Name, der Export und jedes Herunterladen stehen im Auditprotokoll.',
  eraseTitle: '{{name}} löschen?',
  eraseAll:
    'Alle Zeilen, Dateien, Sicherungen und Exporte von {{name}} werden endgültig entfernt. Niemand kann sie zurückholen.',
  eraseUsers: 'Die Benutzer werden abgemeldet und entfernt; die Adresse ist nicht mehr erreichbar.',
  eraseCertificate: 'Ist nichts mehr übrig, wird eine signierte Bescheinigung ausgestellt. Sie bleibt hier.',
  eraseAudit: 'Ihr Name steht im Auditprotokoll.',
  steps: {
    backups: 'Sicherungen werden entfernt',
    files: 'Dateien werden entfernt',
    rows: 'Zeilen werden entfernt',
    checking: 'Es wird gezählt, was übrig ist',
  },
  exported: '{{count, number}} Zeilen und {{files}} Dateien exportiert.',
  erased: '{{rows}} Zeilen, {{files}} Dateien und {{backups}} Sicherungen wurden entfernt; nichts ist übrig.',
  erasedReached: '{{rows}} Zeilen, {{files}} Dateien und {{backups}} Sicherungen wurden entfernt.',
  mayRemain: 'Nicht erreicht, vielleicht noch da: {{what}}',
  leaveUnreachable:
    'Löschen, obwohl Kopien in aufgegebenen Datenbanken nicht erreichbar sind. Die Bescheinigung nennt sie.',
  removedTenants: 'Entfernte Mandanten mit Sicherungen',
  removedText:
    'Sie wurden entfernt, oder ihre Löschung ist nicht abgeschlossen: Etwas von ihnen ist noch da.',
  formerName: 'Mandant',
  removedAt: 'Entfernt',
  backups: 'Sicherungen',
  erasures: 'Gelöschte Mandanten',
  erasuresText: 'Jeder mit der Bescheinigung darüber, was entfernt wurde und was nicht erreichbar war.',
  noErasures: 'Noch wurde kein Mandant gelöscht',
  tenant: 'Id des Mandanten',
  when: 'Gelöscht',
  who: 'Von',
  source: 'Datenquelle',
  removed: 'Entfernt',
  left: 'Übrig',
  counts: '{{rows}} Zeilen, {{files}} Dateien, {{backups}} Sicherungen',
  nothing: 'Nichts',
  certificate: 'Bescheinigung',
};
